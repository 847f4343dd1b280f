//! What is left to other runs: load balancers of which nothing comes, so that nothing is open.

use std::collections::BTreeSet;

use crate::controllers::alb::annotations::key;
use crate::controllers::alb::group::group;
use crate::controllers::alb::{Objects, Options};
use crate::finding::{Code, Finding};
use crate::serving::ingress::diags::left_to_others;
use crate::serving::ingress::proof::requirements;
use crate::values::k8s::ResourceRef;

/// What the overlays have for `listen-ports` until a run sets it: the controller cannot read it.
const GUARD: &str = "set-ingress-params-has-not-run";

/// Makes warnings of what keeps a load balancer from coming to be that no Ingress of this run is
/// part of, and that another run sets: a certificate that is missing, or the guard of the overlays.
/// `set` are the Ingresses of this run. Where annotations require something behind the guard, the
/// rules are not known, what else leads to their pods was not looked at, and the error stays.
pub(crate) fn leave_to_others(
    findings: &mut [Finding],
    objects: &Objects,
    set: &BTreeSet<ResourceRef>,
    options: &Options,
) {
    let mut others: BTreeSet<ResourceRef> = BTreeSet::new();
    let mut silent: BTreeSet<ResourceRef> = BTreeSet::new();
    for members in group(objects, options).groups.into_values().flatten() {
        let is_guarded = members.iter().any(|member| {
            let ports = member.ingress.metadata.annotations.get(&key("listen-ports"));
            ports.is_some_and(|text| text == GUARD)
        });
        let requires_nothing =
            members.iter().all(|member| requirements::of_ingress(member.ingress).is_empty());
        let members = members.iter().map(|member| member.ingress.reference());
        let members: Vec<ResourceRef> = members.collect();
        if members.iter().any(|member| set.contains(member)) {
            continue;
        }
        if is_guarded && requires_nothing {
            silent.extend(members.iter().cloned());
        }
        others.extend(members);
    }
    for finding in findings {
        let Some(resource) = finding.resource.as_ref().filter(|_| finding.is_error()) else {
            continue;
        };
        let nothing_comes = match finding.code {
            Code::CertificateMissing => others.contains(resource),
            Code::AlbNotBuilt => silent.contains(resource),
            _ => false,
        };
        if nothing_comes {
            left_to_others(finding);
        }
    }
}
