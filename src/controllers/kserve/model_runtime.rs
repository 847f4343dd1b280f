//! Which runtime serves the model of a service, and of its canaries.

use super::endpoint::Endpoint;
use super::inference_service::{DefaultedModel, InferenceService};
use super::naming::NAMED_PREDICTOR;
use super::reconciler::Reconciler;
use super::remark::Remark;
use super::runtimes::{RuntimeRefusal, Runtimes, Selection, ServingRuntime};
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
                let refusal = match model.runtime {
                    Some(name) => RuntimeRefusal::NamedAbsent { runtime: name.to_owned() },
                    None => RuntimeRefusal::NoneForFormat { format: model.format.to_owned() },
                };
                endpoint.remarks.push(Remark::RuntimeRefused(refusal));
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

    /// Why a canary gets no pods. It inherits the predictor's runtime, named or picked, which may not take its
    /// model (`buildCanaryPredictor` in `components/predictor.go`).
    pub(super) fn refused_canary(
        &self,
        service: &InferenceService,
        namespace: &str,
        runtime: Option<&ServingRuntime>,
    ) -> Option<RuntimeRefusal> {
        let named = service.spec.predictor.defaulted_model().and_then(|model| model.runtime);
        let inherited = named.or(runtime.map(|one| one.metadata.name.as_str()));
        let canaries = service.spec.canary.iter().filter(|_| self.kserve >= NAMED_PREDICTOR);
        let mut models = canaries.filter_map(|canary| canary.predictor.defaulted_model());
        models.find_map(|model| {
            let model = DefaultedModel { runtime: model.runtime.or(inherited), ..model };
            match self.items.runtimes.select(&model, namespace, false) {
                Selection::Refused(refusal) => Some(refusal),
                Selection::Runtime(_) | Selection::Elsewhere => None,
            }
        })
    }
}
