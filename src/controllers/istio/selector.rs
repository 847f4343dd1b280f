//! Which workloads a policy is for: a label selector, or references to Gateway API objects.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::nulls;
use super::workload::Workload;
use crate::values::k8s::empty_if_null;

/// `spec.selector` of a policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WorkloadSelector {
    /// The labels that a workload must carry; any workload where empty.
    #[serde(deserialize_with = "nulls::labels")]
    pub match_labels: BTreeMap<String, String>,
}

impl WorkloadSelector {
    /// Whether a workload with these labels is selected.
    #[must_use]
    pub(crate) fn selects(&self, labels: &BTreeMap<String, String>) -> bool {
        self.match_labels.iter().all(|(key, value)| labels.get(key) == Some(value))
    }

    /// istiod's errors for a selector (`validateWorkloadSelector`, `pkg/config/validation`).
    pub(super) fn errors(&self) -> impl Iterator<Item = String> {
        self.match_labels.iter().flat_map(|(key, value)| {
            let label = format!("{key}={value}");
            let empty = key
                .is_empty()
                .then(|| format!("empty key is not supported in selector: {label:?}"));
            let wildcard = (key.contains('*') || value.contains('*'))
                .then(|| format!("wildcard is not supported in selector: {label:?}"));
            empty.into_iter().chain(wildcard)
        })
    }

    /// istiod's warning for a selector without labels.
    pub(super) fn warning(&self) -> Option<String> {
        self.match_labels
            .is_empty()
            .then(|| "workload selector specified without labels".to_owned())
    }
}

/// `spec.targetRefs[]` of a policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TargetReference {
    /// The API group; empty or `core` for a Service.
    #[serde(deserialize_with = "empty_if_null")]
    pub group: String,
    /// The kind.
    #[serde(deserialize_with = "empty_if_null")]
    pub kind: String,
    /// The object's name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// The object's namespace; istiod wants it empty.
    #[serde(deserialize_with = "empty_if_null")]
    pub namespace: String,
}

const TARGETS: [(&str, &str); 4] = [
    ("core", "Service"),
    ("networking.istio.io", "ServiceEntry"),
    ("gateway.networking.k8s.io", "Gateway"),
    ("gateway.networking.k8s.io", "GatewayClass"),
];

impl TargetReference {
    fn canonical_group(&self) -> &str {
        if self.group.is_empty() { "core" } else { &self.group }
    }

    fn is_gateway(&self, name: &str) -> bool {
        self.canonical_group() == "gateway.networking.k8s.io"
            && self.kind == "Gateway"
            && self.name == name
    }

    /// istiod's errors for a reference (`validatePolicyTargetReference`, `pkg/config/validation`).
    pub(super) fn errors(&self) -> impl Iterator<Item = String> {
        let name = self.name.is_empty().then(|| "targetRef name must be set".to_owned());
        let namespace = (!self.namespace.is_empty()).then(|| {
            "targetRef namespace must not be set; cross namespace referencing is not supported"
                .to_owned()
        });
        let target = (!TARGETS.contains(&(self.canonical_group(), &self.kind))).then(|| {
            format!(
                "targetRef must be to one of [core/v1/Service networking.istio.io/v1/ServiceEntry \
                 gateway.networking.k8s.io/v1/Gateway gateway.networking.k8s.io/v1/GatewayClass] \
                 but was {}/{}",
                self.group, self.kind
            )
        });
        name.into_iter().chain(namespace).chain(target)
    }
}

/// Whether a policy of `namespace` attaches to the workload.
///
/// The namespace is the root namespace or the workload's own: the caller has looked in no other.
/// A sidecar and a classic gateway take the selector and ignore a policy with references; the pods
/// of a Gateway API object take references of their own namespace and, without any, the selector
/// (`ShouldAttachPolicy`, `pilot/pkg/model/policyattachment.go`; waypoints are not covered).
pub(super) fn attaches(
    namespace: &str,
    selector: Option<&WorkloadSelector>,
    references: &[TargetReference],
    workload: &Workload,
) -> bool {
    let selected = || selector.is_none_or(|selector| selector.selects(&workload.labels));
    match (workload.gateway_api_name(), references) {
        (_, []) => selected(),
        (None, _) => false,
        (Some(gateway), references) => {
            namespace == workload.namespace
                && references.iter().any(|reference| {
                    reference.is_gateway(gateway)
                        && (reference.namespace.is_empty()
                            || reference.namespace == workload.namespace)
                })
        }
    }
}
