//! The objects that run an `LLMInferenceService`.
//!
//! Source: `GetWorkloadLabelSelector` in `workload.go`, `workload_single_node.go` and `scheduler.go` of
//! 0.20.0.

use std::collections::BTreeMap;

use super::LlmSpec;
use crate::controllers::knative::child_name;

/// What runs an `LLMInferenceService`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LlmWorkloads {
    /// The Service before the pods that answer, port 8000.
    pub service: String,
    /// What it selects pods by.
    pub labels: BTreeMap<String, String>,
    /// The Deployments of pods with a model; those of several nodes are a `LeaderWorkerSet`'s.
    pub deployments: Vec<String>,
    /// The Deployment that picks a pod for each request.
    pub scheduler: Option<String>,
}

pub(super) fn of(name: &str, spec: &LlmSpec) -> LlmWorkloads {
    let has_scheduler = spec
        .router
        .as_ref()
        .and_then(|router| router.scheduler.as_ref())
        .is_some_and(|scheduler| scheduler.pool.reference.name.is_empty());
    let is_of_one_node = spec.workload.worker.is_none();
    let has_prefill = spec.prefill.as_ref().is_some_and(|prefill| prefill.worker.is_none());
    let deployments = [(is_of_one_node, "-kserve"), (has_prefill, "-kserve-prefill")];
    let labels = [
        ("app.kubernetes.io/part-of", "llminferenceservice"),
        ("app.kubernetes.io/name", name),
        ("kserve.io/component", "workload"),
    ];
    LlmWorkloads {
        service: child_name(name, "-kserve-workload-svc"),
        labels: labels.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        deployments: deployments
            .into_iter()
            .filter(|(is_there, _)| *is_there)
            .map(|(_, suffix)| child_name(name, suffix))
            .collect(),
        scheduler: has_scheduler.then(|| child_name(name, "-kserve-router-scheduler")),
    }
}
