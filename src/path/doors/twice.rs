//! Objects that are given twice.
//!
//! `kubectl apply` applies both, one after the other in the order of the input, and leaves the last
//! (`applyOneObject` in `pkg/cmd/apply/apply.go` of kubernetes/kubectl 0.34); kustomize refuses them.
//! One without a namespace is applied into the namespace of the command, where it may be the other.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::context::DoorContext;
use super::door::{Door, Verdict};
use super::kinds::DoorKind;
use crate::values::k8s::ResourceRef;

/// Kinds that decide how requests to others are served.
const DECIDING: [(&str, &str); 9] = [
    ("networking.k8s.io", "IngressClass"),
    ("elbv2.k8s.aws", "IngressClassParams"),
    ("eks.amazonaws.com", "IngressClassParams"),
    ("gateway.networking.k8s.io", "GatewayClass"),
    ("gateway.networking.k8s.io", "Gateway"),
    ("networking.istio.io", "Gateway"),
    ("networking.istio.io", "EnvoyFilter"),
    ("security.istio.io", "AuthorizationPolicy"),
    ("security.istio.io", "RequestAuthentication"),
];

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    if !context.readers.has(DoorKind::GivenTwice) {
        return;
    }
    for reads in context.cluster.duplicates() {
        let same: Vec<&ResourceRef> = reads.iter().map(|read| &*read.resource).collect();
        let Some(last) = same.last() else { continue };
        let to = same.iter().find_map(|one| leads_to(context, one));
        // Of what decides how others are served, the one that stays may let through what the other
        // refuses.
        let decides = || {
            let is_of_kind = DECIDING.contains(&(last.group(), last.kind.as_str()))
                || (last.kind == "ConfigMap" && last.name == "inferenceservice-config");
            is_of_kind && reads.windows(2).any(|pair| pair[0].content() != pair[1].content())
        };
        let to = to.or_else(|| decides().then(|| "the protected pods".to_owned()));
        let Some(to) = to else { continue };
        let names: BTreeSet<String> = same.iter().map(ToString::to_string).collect();
        let names = names.into_iter().collect::<Vec<_>>().join(" and ");
        let is_same = same.windows(2).all(|pair| pair[0].namespace == pair[1].namespace);
        let why = if is_same {
            format!(
                "{names} is given {} times, and the last one applied wins; remove the others",
                same.len()
            )
        } else {
            format!(
                "{names} may be the same object, of which the last one applied wins; set metadata.namespace on each"
            )
        };
        doors.push(Door {
            kind: DoorKind::GivenTwice,
            resource: Rc::new((*last).clone()),
            created: None,
            field: "metadata.name".to_owned(),
            to,
            verdict: Verdict::Open { why, request: String::new() },
        });
    }
}

/// What an object that is given twice leads to, where that is protected.
fn leads_to(context: &DoorContext<'_, '_>, resource: &ResourceRef) -> Option<String> {
    let core = resource.group().is_empty();
    if core && resource.kind == "Service" {
        let hit = context.reach.hit(&resource.namespace, &resource.name)?;
        return Some(context.name_of(hit));
    }
    if resource.kind != "Ingress" {
        return None;
    }
    let of_name =
        |one: &&std::rc::Rc<crate::cluster::Kept<crate::controllers::alb::objects::Ingress>>| {
            one.resource.name == resource.name && one.resource.namespace == resource.namespace
        };
    let ingresses = context.cluster.objects.ingresses.iter().filter(of_name);
    ingresses
        .flat_map(|one| super::ingresses::backends(&one.object))
        .find_map(|(_, name)| context.reach.hit(&resource.namespace, name))
        .map(|hit| context.name_of(hit))
}
