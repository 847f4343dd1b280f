//! Charts and folders that another controller applies: a `HelmRelease`, an `Application`.
//!
//! What they hold is not in the package. One whose objects come into the namespace of the protected pods may open a
//! door there, as every chart with a Service or an Ingress can: that is not judged. Those for other namespaces are
//! named. Of Istio's own charts it is known what they create: `gateway` is read as its Service, the others let no
//! request in.

use std::collections::HashSet;

use super::context::DoorContext;
use super::door::{Door, Verdict};
use super::kinds::DoorKind;
use super::reach::{Hit, Why};
use super::selection::Selection;
use crate::cluster::{Release, releases_of};

/// Charts of Istio without a way in (`manifests/charts` of istio/istio), and the one that is read.
const OF_ISTIO: [&str; 5] = ["base", "istiod", "cni", "ztunnel", "gateway"];

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    if !context.readers.has(DoorKind::Release) {
        return;
    }
    let sets = context.reach.sets.iter();
    let near = sets.filter(|set| set.why != Why::OtherGateway);
    let namespaces: HashSet<&str> = near.filter_map(|set| set.namespace.as_deref()).collect();
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
            let namespace = release.namespace.as_deref().filter(|own| namespaces.contains(own));
            let is_near = |set: &super::reach::PodSet| set.why != Why::OtherGateway;
            let anywhere = || {
                let near = context.reach.sets.iter().position(is_near);
                near.filter(|_| release.is_anywhere())
            };
            let set = namespace.and_then(|own| {
                let of_namespace = |set: &super::reach::PodSet| {
                    set.namespace.as_deref() == Some(own) && set.why != Why::OtherGateway
                };
                context.reach.sets.iter().position(of_namespace)
            });
            let set = set.or_else(anywhere);
            let (to, verdict) = match set {
                Some(set) => match &context.policies[set] {
                    Some(by) => (
                        context.name_of(Hit::of(set, Selection::Undecided)),
                        Verdict::Guarded { by: by.to_string(), is_by_pods: true },
                    ),
                    None => (
                        context.name_of(Hit::of(set, Selection::Undecided)),
                        Verdict::NotJudged { missing: objects.into() },
                    ),
                },
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

fn shown(release: &Release) -> String {
    let namespace = release.namespace.as_deref();
    let place = namespace.map(|own| format!(" in {own}")).unwrap_or_default();
    match release.chart.as_str() {
        "" => format!("{}{place}", release.name),
        chart => format!("{chart}{place}"),
    }
}
