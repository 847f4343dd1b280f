//! What the API server and the webhook refuse of an `LLMInferenceService`.
//!
//! Source: `pkg/apis/serving/v1alpha2/llm_inference_service_validation.go` of 0.20.0.

use super::spec::{LlmInferenceService, Parallelism, WorkloadSpec};
use crate::controllers::kserve::admission::{Refusal, RefusalReason};
use crate::values::route_host::is_subdomain;

impl LlmInferenceService {
    /// What is refused.
    pub(in crate::controllers::kserve) fn refusals(&self) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        let mut refuse = |field: &str, reason: RefusalReason| {
            refusals.push(Refusal { field: field.to_owned(), reason })
        };
        if !is_subdomain(&self.metadata.name) {
            refuse("metadata.name", RefusalReason::LlmName(self.metadata.name.clone()));
        }
        if let Some(router) = &self.spec.router
            && let Some(route) = &router.route
            && !route.http.refs.is_empty()
        {
            if route.http.spec.is_some() {
                refuse("spec.router.route.http", RefusalReason::LlmRouteTwice);
            }
            if router.gateway.as_ref().is_some_and(|gateway| gateway.refs.is_empty()) {
                refuse("spec.router.route.http.refs", RefusalReason::LlmRouteWithoutGateway);
            }
        }
        if is_not_spread(&self.spec.workload) {
            refuse("spec.worker", RefusalReason::LlmWorkerAlone);
        }
        if self.spec.prefill.as_ref().is_some_and(is_not_spread) {
            refuse("spec.prefill.worker", RefusalReason::LlmWorkerAlone);
        }
        refusals
    }
}

/// Whether there are several nodes and nothing is spread over them.
fn is_not_spread(workload: &WorkloadSpec) -> bool {
    let is_spread = |parallelism: &Parallelism| {
        [parallelism.pipeline, parallelism.data, parallelism.data_local]
            .into_iter()
            .flatten()
            .any(|count| count > 0)
    };
    workload.worker.is_some() && !workload.parallelism.as_ref().is_some_and(is_spread)
}
