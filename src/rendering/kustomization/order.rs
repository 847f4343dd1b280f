//! The order in which kustomize prints objects (`api/internal/builtins/SortOrderTransformer.go`).

use super::super::document::Document;
use super::super::id::{Gvk, Id};

const FIRST: [&str; 22] = [
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];
const LAST: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// `legacy`, which is what kustomize does where a kustomization does not say.
pub(super) fn legacy(documents: &mut [Document]) {
    documents.sort_by_cached_key(|document| sort_key(&document.id));
}

/// A kind's place among the kinds, then the texts that kustomize compares.
fn sort_key(id: &Id) -> (usize, String, String) {
    let kind = id.gvk.kind.as_str();
    let first = FIRST.iter().position(|first| *first == kind);
    let last = || LAST.iter().position(|last| *last == kind).map(|place| FIRST.len() + 1 + place);
    let rank = first.or_else(last).unwrap_or(FIRST.len());
    let namespace = if id.namespace.is_empty() { "~X" } else { &id.namespace };
    let name = if id.name.is_empty() { "~N" } else { &id.name };
    (rank, gvk_text(&id.gvk), format!("{namespace}|{name}"))
}

fn gvk_text(gvk: &Gvk) -> String {
    let Gvk { group, version, kind } = gvk;
    // Kubernetes' own Namespace comes before those of other groups.
    let group = match (group.as_str(), kind.as_str()) {
        ("", "Namespace") => "\0",
        ("", _) => "~G",
        (group, _) => group,
    };
    format!("{group}_{version}_{kind}")
}
