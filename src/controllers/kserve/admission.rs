//! What the API server and `KServe`'s webhook refuse of an `InferenceService`, as far as it is about
//! who serves: without it no service exists, and no other finding says why.
//!
//! Source: `validateInferenceService` in `pkg/apis/serving/v1beta1/inference_service_validation.go`,
//! and the CustomResourceDefinition of 0.20.0.

use std::collections::{BTreeMap, BTreeSet};

use super::inference_service::{ComponentSpec, InferenceService};
use super::mode::{DeploymentMode, MODE_ANNOTATION};
use super::naming::{NAMED_PREDICTOR, is_admitted};
use crate::values::release::Release;

pub(crate) const AUTOSCALER_ANNOTATION: &str = "serving.kserve.io/autoscalerClass";
/// The values of the annotation, with the release that takes each first.
const AUTOSCALERS: [(&str, Release); 4] = [
    ("hpa", Release::new(0, 0, 0)),
    ("external", Release::new(0, 12, 0)),
    ("keda", Release::new(0, 15, 0)),
    ("none", Release::new(0, 15, 1)),
];
/// From here on containers of another name may be beside a predictor's model.
const SIDECARS: Release = Release::new(0, 15, 0);
/// From here on these explainers are unknown fields.
const WITHOUT_ALIBI: Release = Release::new(0, 13, 0);
const WITHOUT_AIX: Release = Release::new(0, 11, 0);
const SERVING_CONTAINER: &str = "kserve-container";
/// All of the traffic, in percent.
pub(crate) const ALL_TRAFFIC: i64 = 100;

/// What the API server or the webhook refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The field that it is refused for.
    pub field: String,
    /// Why.
    pub(crate) reason: RefusalReason,
}

/// An autoscaler that a release does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownAutoscaler {
    /// What is written.
    pub(crate) class: String,
    /// The release.
    pub(crate) kserve: Release,
    /// The autoscalers that it knows.
    pub(crate) known: Vec<&'static str>,
}

/// Whether a release does not know an autoscaler: the webhook refuses it on a service, and Standard mode fails for it
/// on a component (`createAutoscaler` in `reconcilers/autoscaler/autoscaler_reconciler.go`).
pub(super) fn unknown_autoscaler(class: &str, kserve: Release) -> Option<UnknownAutoscaler> {
    let known = AUTOSCALERS.iter().filter(|(_, since)| kserve >= *since).map(|(name, _)| *name);
    let known: Vec<_> = known.collect();
    (!known.contains(&class)).then(|| UnknownAutoscaler { class: class.to_owned(), kserve, known })
}

/// Why the API server or the webhook refuses an `InferenceService`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RefusalReason {
    /// The predictor's name has another form.
    PredictorName(String),
    /// A predictor without a model and without a container; the field of the predictor.
    PredictorEmpty,
    /// More than one model or serving container in a predictor.
    PredictorSeveral(usize),
    /// A transformer without a container.
    TransformerEmpty,
    /// An explainer that is neither of `KServe`'s own nor a container.
    ExplainerEmpty(Release),
    /// An autoscaler that the release does not know.
    Autoscaler(UnknownAutoscaler),
    /// `spec.canary` outside Standard mode, whose word the release has.
    CanaryMode(&'static str),
    /// A canary's name has another form, or there is none.
    CanaryName(String),
    /// Another predictor has the canary's name.
    CanaryNameTaken(String),
    /// The schema requires a name in a canary's model.
    CanaryModelName,
    /// A canary's part of the traffic is not a percentage.
    CanaryPercent(i64),
    /// The canaries' parts of the traffic are more than all of it.
    CanarySum(i64),
    /// A canary beside a predictor without a model.
    CanaryWithoutModel,
    /// A predictor of several nodes whose model lies elsewhere than in a volume or an image; the
    /// scheme.
    MultiNodeStorage(Option<String>),
    /// A predictor of several nodes without the autoscaler `none`; what is written.
    MultiNodeAutoscaler(Option<String>),
    /// A graph's name has another form.
    GraphName(String),
    /// A graph without the node `root`.
    GraphWithoutRoot,
    /// A graph's step has another number of targets than one.
    GraphStepTargets(usize),
    /// Two steps of a graph's node have one name.
    GraphStepName(String),
    /// The weights of a splitter's steps are not all of the requests; `None` where one is missing.
    GraphWeights(Option<i64>),
    /// The name of an `LLMInferenceService` has another form.
    LlmName(String),
    /// A route by reference beside one that is written out.
    LlmRouteTwice,
    /// A route by reference with a Gateway that the controller chooses.
    LlmRouteWithoutGateway,
    /// Workers without anything that is spread over them.
    LlmWorkerAlone,
}

/// The refusals of a service whose name is admitted; `annotations` are those after defaulting.
pub(super) fn refusals(
    service: &InferenceService,
    annotations: &BTreeMap<String, String>,
    kserve: Release,
) -> Vec<Refusal> {
    let mut refusals = Refusals(Vec::new());
    let spec = &service.spec;
    let predictor = &spec.predictor;
    if kserve >= NAMED_PREDICTOR && !predictor.name.is_empty() && !is_admitted(&predictor.name) {
        let reason = RefusalReason::PredictorName(predictor.name.clone());
        refusals.push("spec.predictor.name", reason);
    }
    refusals.predictor("spec.predictor", predictor, kserve);
    if spec.transformer.as_ref().is_some_and(|one| one.containers.is_empty()) {
        refusals.push("spec.transformer", RefusalReason::TransformerEmpty);
    }
    if spec.explainer.as_ref().is_some_and(|one| !explains(one, kserve)) {
        refusals.push("spec.explainer", RefusalReason::ExplainerEmpty(kserve));
    }
    if let Some(class) = annotations.get(AUTOSCALER_ANNOTATION) {
        refusals.autoscaler(class, kserve);
    }
    if kserve >= SIDECARS && predictor.worker_spec.is_some() {
        refusals.multi_node(predictor, annotations);
    }
    if kserve >= NAMED_PREDICTOR && !spec.canary.is_empty() {
        refusals.canary(service, annotations, kserve);
    }
    refusals.0
}

fn explains(explainer: &ComponentSpec, kserve: Release) -> bool {
    !explainer.containers.is_empty()
        || explainer.art.is_some()
        || (explainer.alibi.is_some() && kserve < WITHOUT_ALIBI)
        || (explainer.aix.is_some() && kserve < WITHOUT_AIX)
}

struct Refusals(Vec<Refusal>);

impl Refusals {
    fn push(&mut self, field: &str, reason: RefusalReason) {
        self.0.push(Refusal { field: field.to_owned(), reason });
    }

    fn autoscaler(&mut self, class: &str, kserve: Release) {
        if let Some(unknown) = unknown_autoscaler(class, kserve) {
            let field = format!("metadata.annotations[{AUTOSCALER_ANNOTATION}]");
            self.push(&field, RefusalReason::Autoscaler(unknown));
        }
    }

    /// Exactly one thing must serve: a framework, which defaulting turns into the model, or a
    /// container.
    fn predictor(&mut self, field: &str, spec: &ComponentSpec, kserve: Release) {
        let models = spec.frameworks().max(usize::from(spec.model.is_some()));
        let named = spec.containers.iter().filter(|one| one.name == SERVING_CONTAINER).count();
        let containers = if kserve < SIDECARS || models + named == 0 {
            usize::from(!spec.containers.is_empty())
        } else {
            named
        };
        match models + containers {
            0 => self.push(field, RefusalReason::PredictorEmpty),
            1 => {}
            several => self.push(field, RefusalReason::PredictorSeveral(several)),
        }
    }

    /// Source: `validateMultiNodeVariables`.
    fn multi_node(&mut self, spec: &ComponentSpec, annotations: &BTreeMap<String, String>) {
        let Some(model) = spec.served_model() else { return };
        let storage = model.storage_uri.as_deref();
        let scheme = storage.map(|uri| uri.split("://").next().unwrap_or(uri).to_owned());
        if !scheme.as_deref().is_some_and(|scheme| matches!(scheme, "pvc" | "oci")) {
            let field = "spec.predictor.model.storageUri";
            return self.push(field, RefusalReason::MultiNodeStorage(scheme));
        }
        let class = annotations.get(AUTOSCALER_ANNOTATION);
        if class.is_none_or(|class| class != "none") {
            let field = format!("metadata.annotations[{AUTOSCALER_ANNOTATION}]");
            self.push(&field, RefusalReason::MultiNodeAutoscaler(class.cloned()));
        }
    }

    /// `spec.canary`, which Standard mode alone takes.
    fn canary(
        &mut self,
        service: &InferenceService,
        annotations: &BTreeMap<String, String>,
        kserve: Release,
    ) {
        let standard = DeploymentMode::Standard.as_str(kserve);
        if annotations.get(MODE_ANNOTATION).is_none_or(|mode| mode != standard) {
            self.push("spec.canary", RefusalReason::CanaryMode(standard));
        }
        if service.spec.predictor.served_model().is_none() {
            self.push("spec.predictor", RefusalReason::CanaryWithoutModel);
        }
        let mut names = BTreeSet::from([service.spec.predictor.name.as_str()]);
        let mut sum = 0_i64;
        for (index, canary) in service.spec.canary.iter().enumerate() {
            let field = format!("spec.canary[{index}].predictor");
            let name = canary.predictor.name.as_str();
            if !is_admitted(name) {
                self.push(&format!("{field}.name"), RefusalReason::CanaryName(name.to_owned()));
            } else if !names.insert(name) {
                let reason = RefusalReason::CanaryNameTaken(name.to_owned());
                self.push(&format!("{field}.name"), reason);
            }
            self.predictor(&field, &canary.predictor, kserve);
            // The schema forgot that the controller names this container itself.
            if canary.predictor.served_model().is_some_and(|model| model.name.is_none()) {
                self.push(&format!("{field}.model.name"), RefusalReason::CanaryModelName);
            }
            let percent = canary.traffic_percent;
            sum = sum.saturating_add(percent);
            if !(0..=ALL_TRAFFIC).contains(&percent) {
                let field = format!("spec.canary[{index}].trafficPercent");
                self.push(&field, RefusalReason::CanaryPercent(percent));
            }
        }
        if sum > ALL_TRAFFIC {
            self.push("spec.canary", RefusalReason::CanarySum(sum));
        }
    }
}
