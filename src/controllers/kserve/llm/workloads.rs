//! The objects that run an `LLMInferenceService`.
//!
//! Source: `GetWorkloadLabelSelector` in `workload.go`, `workload_single_node.go` and `scheduler.go` of
//! 0.20.0.

use std::collections::BTreeMap;

use super::spec::LlmSpec;
use crate::controllers::istio::{Membership, membership};
use crate::controllers::knative::child_name;
use crate::controllers::kserve::inference_service::ComponentSpec;

/// What runs an `LLMInferenceService`.
#[derive(Debug, Clone, PartialEq)]
pub struct LlmWorkloads {
    /// The Service before the pods that answer, port 8000.
    pub service: String,
    /// What it selects pods by.
    pub labels: BTreeMap<String, String>,
    /// The Deployments of pods with a model; those of several nodes are a `LeaderWorkerSet`'s.
    pub deployments: Vec<String>,
    /// The Deployment that picks a pod for each request.
    pub scheduler: Option<String>,
    /// The spec of the pods.
    pub(crate) pods: ComponentSpec,
    /// What enforces the policies of the pods.
    pub(crate) membership: Membership,
}

pub(super) fn of(
    name: &str,
    spec: &LlmSpec,
    namespace: Option<&BTreeMap<String, String>>,
) -> LlmWorkloads {
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
        pods: spec.workload.template.clone(),
        membership: membership(namespace, &spec.workload.labels, &spec.workload.annotations),
        scheduler: has_scheduler.then(|| child_name(name, "-kserve-router-scheduler")),
    }
}
