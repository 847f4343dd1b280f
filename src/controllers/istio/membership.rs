//! Whether a pod is part of the mesh, and what enforces its policies.
//!
//! Source: the webhook's selectors in
//! `manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml`,
//! `injectRequired` in `pkg/kube/inject/inject.go`, and `convertAuthorizationPolicy` in
//! `pilot/pkg/serviceregistry/ambient/authorization.go` of istio/istio.

use std::collections::BTreeMap;

/// The label, and the annotation, that injects a sidecar into a pod or keeps it out.
pub(crate) const INJECT: &str = "sidecar.istio.io/inject";
const NAMESPACE_INJECTION: &str = "istio-injection";
const REVISION: &str = "istio.io/rev";
const DATAPLANE_MODE: &str = "istio.io/dataplane-mode";
const AMBIENT: &str = "ambient";
/// The label with the name of a waypoint, or `none` (`getUseWaypoint` in
/// `pilot/pkg/serviceregistry/ambient/waypoints.go`).
const WAYPOINT: &str = "istio.io/use-waypoint";

/// What enforces the policies of a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Membership {
    /// Its sidecar.
    Sidecar,
    /// Nobody says so: its namespace is not in the input.
    Unknown,
    /// The node's ztunnel, which reads no rule about HTTP: an ALLOW with such rules alone allows
    /// nothing.
    Ambient {
        /// Whether a waypoint is before the pod, with policies of its own.
        waypoint: bool,
    },
    /// Nothing: its own label or annotation keeps the sidecar out.
    OptedOut,
    /// Nothing in some releases: its label or annotation has a value other than `true` and `false`,
    /// which older releases take for `false` and newer ones pass over.
    Doubtful(String),
    /// Nothing: its namespace turns injection off.
    NamespaceOff,
    /// Nothing, unless the mesh injects by default: neither the pod nor its namespace requests it.
    NamespaceSilent,
}

type Labels = BTreeMap<String, String>;

/// The membership of a pod with these labels and annotations; `namespace` are the labels of its
/// namespace where they are known. The label outranks the annotation.
#[must_use]
pub(crate) fn membership(
    namespace: Option<&Labels>,
    labels: &Labels,
    annotations: &Labels,
) -> Membership {
    let of = |map: &Labels, key: &str| map.get(key).cloned();
    let own = of(labels, INJECT).or_else(|| of(annotations, INJECT)).unwrap_or_default();
    let ambient = |map: Option<&Labels>| Some(map?.get(DATAPLANE_MODE)?.as_str() == AMBIENT);
    let waypoint = labels.get(WAYPOINT).or_else(|| namespace?.get(WAYPOINT));
    let is_ambient = Membership::Ambient { waypoint: waypoint.is_some_and(|name| name != "none") };
    let without_sidecar = |reason: Membership| {
        // The pod's own word first.
        match ambient(Some(labels)).or_else(|| ambient(namespace)) {
            Some(true) => is_ambient.clone(),
            _ => reason,
        }
    };
    match own.as_str() {
        "false" => return without_sidecar(Membership::OptedOut),
        "" | "true" => {}
        other => return Membership::Doubtful(other.to_owned()),
    }
    let Some(namespace_labels) = namespace else {
        return without_sidecar(Membership::Unknown);
    };
    let injected = match namespace_labels.get(NAMESPACE_INJECTION).map(String::as_str) {
        Some("enabled") => true,
        Some(_) => return without_sidecar(Membership::NamespaceOff),
        None if namespace_labels.contains_key(REVISION) => true,
        // The webhook looks at the pod's labels here, and not at its annotations.
        None => {
            let is_requested = labels.get(INJECT).is_some_and(|value| value == "true");
            is_requested || labels.contains_key(REVISION)
        }
    };
    if injected { Membership::Sidecar } else { without_sidecar(Membership::NamespaceSilent) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_namespace_and_the_pod_decide_together() {
        let enabled: &[(&str, &str)] = &[("istio-injection", "enabled")];
        let revision: &[(&str, &str)] = &[("istio.io/rev", "canary")];
        let off: &[(&str, &str)] = &[("istio-injection", "disabled")];
        let ambient: &[(&str, &str)] = &[("istio.io/dataplane-mode", "ambient")];
        let waypoint: &[(&str, &str)] =
            &[("istio.io/dataplane-mode", "ambient"), (WAYPOINT, "waypoint")];
        let both: &[(&str, &str)] =
            &[("istio.io/dataplane-mode", "ambient"), ("istio-injection", "enabled")];
        let no: &[(&str, &str)] = &[(INJECT, "false")];
        let yes: &[(&str, &str)] = &[(INJECT, "true")];
        for (namespace, labels, annotations, expected) in [
            (enabled, &[][..], &[][..], Membership::Sidecar),
            (revision, &[], &[], Membership::Sidecar),
            (off, &[], &[], Membership::NamespaceOff),
            (off, yes, &[], Membership::NamespaceOff),
            (&[], &[], &[], Membership::NamespaceSilent),
            (&[], yes, &[], Membership::Sidecar),
            (&[], &[], yes, Membership::NamespaceSilent),
            (enabled, no, &[], Membership::OptedOut),
            (enabled, &[], no, Membership::OptedOut),
            (enabled, yes, no, Membership::Sidecar),
            (enabled, &[], &[(INJECT, "False")], Membership::Doubtful("False".to_owned())),
            (ambient, &[], &[], Membership::Ambient { waypoint: false }),
            (waypoint, &[], &[], Membership::Ambient { waypoint: true }),
            (waypoint, &[(WAYPOINT, "none")], &[], Membership::Ambient { waypoint: false }),
            (ambient, &[(WAYPOINT, "models")], &[], Membership::Ambient { waypoint: true }),
            (ambient, &[("istio.io/dataplane-mode", "none")], &[], Membership::NamespaceSilent),
            (both, &[], &[], Membership::Sidecar),
            (both, no, &[], Membership::Ambient { waypoint: false }),
        ] {
            let found = membership(Some(&map(namespace)), &map(labels), &map(annotations));
            assert_eq!(found, expected, "{namespace:?} {labels:?} {annotations:?}");
        }
        assert_eq!(membership(None, &map(&[]), &map(&[])), Membership::Unknown);
        assert_eq!(membership(None, &map(no), &map(&[])), Membership::OptedOut);
    }
}
