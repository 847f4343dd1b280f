//! Charts and folders that another controller applies: a `HelmRelease`, an `Application`.
//!
//! What they hold is not in the package. One whose objects come into the namespace of the protected pods may open a
//! door there, as every chart with a Service or an Ingress can: that is not judged. Those for other namespaces are
//! named; where the protected pods have none, it may be that of any. Of Istio's own charts it is known what they create: `gateway` is read as its Service, the others let no
//! request in.

use super::context::DoorContext;
use super::door::{Door, Missing, Verdict};
use super::kinds::DoorKind;
use super::reach::{Hit, PodSet, Reach, Why};
use super::selection::Selection;
use crate::cluster::{Release, releases_of};

/// Charts of Istio without a way in (`manifests/charts` of istio/istio), and the one that is read.
const OF_ISTIO: [&str; 5] = ["base", "istiod", "cni", "ztunnel", "gateway"];

/// Where objects are that name no namespace.
const DEFAULT: &str = "default";

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    if !context.readers.has(DoorKind::Release) {
        return;
    }
    for kept in &context.cluster.objects.others {
        let holder = &kept.resource;
        if !Release::is_kind(holder) {
            continue;
        }
        let Ok(value) = kept.object.value() else { continue };
        for release in releases_of(holder, &value) {
            if OF_ISTIO.contains(&release.chart_name()) && !release.is_patched {
                continue;
            }
            let objects = format!("the objects of {}", shown(&release));
            let (to, verdict) = match set_of(&context.reach, &release) {
                Some((set, is_known)) => {
                    let missing = if is_known { objects.into() } else { Missing::Namespace };
                    let verdict = context.not_judged(set, missing);
                    (context.name_of(Hit::of(set, Selection::Undecided)), verdict)
                }
                None => ("the protected pods".to_owned(), Verdict::Unseen { objects }),
            };
            doors.push(Door {
                kind: DoorKind::Release,
                resource: holder.clone(),
                created: None,
                field: release.field,
                to,
                verdict,
            });
        }
    }
}

/// The protected pods that a release's objects come beside, and whether their namespace is known. Those of a release
/// that leaves its namespace open may come beside any.
fn set_of(reach: &Reach, release: &Release) -> Option<(usize, bool)> {
    let own = Some(release.namespace.clone().unwrap_or_else(|| DEFAULT.to_owned()));
    let near = |is_near: &dyn Fn(&PodSet) -> bool| {
        let mut sets = reach.sets.iter();
        sets.position(|set| set.why != Why::OtherGateway && is_near(set))
    };
    near(&|set| release.is_anywhere() || set.namespace == own)
        .map(|set| (set, true))
        .or_else(|| Some((near(&|set| reach.may_be_one(&set.namespace, &own))?, false)))
}

fn shown(release: &Release) -> String {
    let namespace = release.namespace.as_deref();
    let place = namespace.map(|own| format!(" in {own}")).unwrap_or_default();
    match release.chart.as_str() {
        "" => format!("{}{place}", release.name),
        chart => format!("{chart}{place}"),
    }
}
