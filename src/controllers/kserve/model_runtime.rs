//! Which runtime serves the model of a service.

use super::endpoint::Endpoint;
use super::inference_service::InferenceService;
use super::reconciler::Reconciler;
use super::remark::Remark;
use super::runtimes::{Runtimes, Selection, ServingRuntime, absent};
use super::stock_runtimes;

impl<'a> Reconciler<'a> {
    /// The runtime in the input that takes the service's model.
    pub(super) fn runtime(
        &self,
        service: &InferenceService,
        namespace: &str,
    ) -> Option<&'a ServingRuntime> {
        let predictor = &service.spec.predictor;
        let model = predictor.defaulted_model()?;
        let runtimes: &'a Runtimes = &self.items.runtimes;
        match runtimes.select(&model, namespace, predictor.worker_spec.is_some()) {
            Selection::Runtime(runtime) => Some(runtime),
            Selection::Elsewhere | Selection::Refused(_) => None,
        }
    }

    /// Whether a runtime takes the service's model, as far as the objects tell.
    pub(super) fn has_runtime(&self, service: &InferenceService, endpoint: &mut Endpoint) -> bool {
        let predictor = &service.spec.predictor;
        let Some(model) = predictor.defaulted_model() else { return true };
        let multi_node = predictor.worker_spec.is_some();
        match self.items.runtimes.select(&model, &endpoint.namespace, multi_node) {
            Selection::Runtime(_) => true,
            Selection::Elsewhere if self.whole_cluster => {
                endpoint.remarks.push(Remark::RuntimeRefused(absent(&model)));
                false
            }
            Selection::Elsewhere => {
                let unserved = stock_runtimes::check(service, self.kserve);
                endpoint.remarks.extend(unserved.map(Remark::from));
                true
            }
            Selection::Refused(refusal) => {
                endpoint.remarks.push(Remark::RuntimeRefused(refusal));
                false
            }
        }
    }
}
