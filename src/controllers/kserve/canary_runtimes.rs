//! Which runtime serves the model of a canary.
//!
//! Source: `reconcileCanaryDeployments` and `canaryReplicaCount` in `components/predictor.go` of 0.20.0.

use super::admission::ALL_TRAFFIC;
use super::canaries::{CanaryOf, over};
use super::inference_service::InferenceService;
use super::naming::NAMED_PREDICTOR;
use super::reconciler::Reconciler;
use super::runtimes::{RuntimeRefusal, Selection, ServingRuntime, absent};

impl<'a> Reconciler<'a> {
    /// The canaries of a service, up to the first whose model no runtime takes. They inherit the predictor's runtime,
    /// named or picked.
    pub(super) fn canaries(
        &self,
        service: &'a InferenceService,
        namespace: &str,
        runtime: Option<&'a ServingRuntime>,
    ) -> (Vec<CanaryOf<'a>>, Option<RuntimeRefusal>) {
        let stable = &service.spec.predictor;
        let named = stable.defaulted_model().and_then(|model| model.runtime.map(str::to_owned));
        let inherited = named.or(runtime.map(|one| one.metadata.name.clone()));
        let mut found = Vec::new();
        for canary in service.spec.canary.iter().filter(|_| self.kserve >= NAMED_PREDICTOR) {
            let mut spec = over(stable, &canary.predictor);
            if let Some(model) = &mut spec.model {
                model.runtime = model.runtime.take().or_else(|| inherited.clone());
            }
            let model = spec.defaulted_model();
            let selected = model.map(|model| self.items.runtimes.select(&model, namespace, false));
            let runtime = match selected {
                Some(Selection::Refused(refusal)) => return (found, Some(refusal)),
                Some(Selection::Runtime(runtime)) => Some(runtime),
                Some(Selection::Elsewhere) if self.whole_cluster => {
                    return (found, model.map(|model| absent(&model)));
                }
                Some(Selection::Elsewhere) | None => None,
            };
            let stable_replicas = stable.min_replicas.unwrap_or(1);
            let share = stable_replicas.saturating_mul(canary.traffic_percent);
            let share = share.saturating_add(ALL_TRAFFIC - 1).div_euclid(ALL_TRAFFIC);
            let replicas = canary.predictor.min_replicas.unwrap_or(share);
            found.push(CanaryOf { canary, spec, runtime, replicas });
        }
        (found, None)
    }
}
