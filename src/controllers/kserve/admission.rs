//! What the API server and `KServe`'s webhook refuse of an `InferenceService`, as far as it is about
//! who serves: without it there is no service, and no other finding says why.
//!
//! Source: `validateInferenceService` in `pkg/apis/serving/v1beta1/inference_service_validation.go`,
//! and the CustomResourceDefinition of 0.20.0.

use std::collections::{BTreeMap, BTreeSet};

use super::inference_service::{ComponentSpec, InferenceService};
use super::mode::{DeploymentMode, MODE_ANNOTATION};
use super::naming::{NAMED_PREDICTOR, is_admitted};
use crate::finding::{Code, Finding};
use crate::values::release::Release;
use crate::values::route_host::excerpt;

const AUTOSCALER_ANNOTATION: &str = "serving.kserve.io/autoscalerClass";
/// The values of the annotation, with the release that takes each first.
const AUTOSCALERS: [(&str, Release); 4] = [
    ("hpa", Release::new(0, 0, 0)),
    ("external", Release::new(0, 12, 0)),
    ("keda", Release::new(0, 15, 0)),
    ("none", Release::new(0, 15, 1)),
];
/// From here on containers of another name may stand beside a predictor's model.
const SIDECARS: Release = Release::new(0, 15, 0);
/// From here on these explainers are unknown fields.
const WITHOUT_ALIBI: Release = Release::new(0, 13, 0);
const WITHOUT_AIX: Release = Release::new(0, 11, 0);
const SERVING_CONTAINER: &str = "kserve-container";
/// All of the traffic.
const ALL: i64 = 100;

/// The refusals of a service whose name is admitted; `annotations` are those after defaulting.
pub(super) fn refusals(
    service: &InferenceService,
    annotations: &BTreeMap<String, String>,
    kserve: Release,
) -> Vec<Finding> {
    let mut refusals = Refusals(Vec::new());
    let spec = &service.spec;
    let predictor = &spec.predictor;
    if kserve >= NAMED_PREDICTOR && !predictor.name.is_empty() && !is_admitted(&predictor.name) {
        refusals.push("spec.predictor.name", format!("the API server refuses the predictor's name {:?}; write lower case letters, digits and inner hyphens, a letter first", excerpt(&predictor.name)));
    }
    refusals.predictor("spec.predictor", predictor, kserve);
    if spec.transformer.as_ref().is_some_and(|one| one.containers.is_empty()) {
        refusals.push("spec.transformer", "the webhook refuses a transformer without a container; write spec.transformer.containers, or leave the transformer out".to_owned());
    }
    let explains = |one: &ComponentSpec| {
        !one.containers.is_empty()
            || one.art.is_some()
            || (one.alibi.is_some() && kserve < WITHOUT_ALIBI)
            || (one.aix.is_some() && kserve < WITHOUT_AIX)
    };
    if spec.explainer.as_ref().is_some_and(|one| !explains(one)) {
        refusals.push("spec.explainer", format!("the webhook of KServe {kserve} refuses an explainer that is neither art nor a container; write spec.explainer.containers, or leave the explainer out"));
    }
    if let Some(class) = annotations.get(AUTOSCALER_ANNOTATION) {
        let taken = AUTOSCALERS.iter().filter(|(_, since)| kserve >= *since).map(|(name, _)| *name);
        let taken: Vec<_> = taken.collect();
        if !taken.contains(&class.as_str()) {
            refusals.push(
                &format!("metadata.annotations[{AUTOSCALER_ANNOTATION}]"),
                format!(
                    "the webhook of KServe {kserve} refuses the autoscaler {:?}; write {}",
                    excerpt(class),
                    taken.join(", ")
                ),
            );
        }
    }
    if kserve >= NAMED_PREDICTOR && !spec.canary.is_empty() {
        refusals.canary(service, annotations, kserve);
    }
    refusals.0
}

struct Refusals(Vec<Finding>);

impl Refusals {
    fn push(&mut self, field: &str, message: String) {
        self.0.push(Finding::error(Code::KserveNotAdmitted, message).field(field));
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
            0 => self.push(field, format!("the webhook refuses a predictor without a model and without a container; write {field}.model")),
            1 => {}
            several => self.push(field, format!("the webhook refuses a predictor with {several} of models and serving containers; keep one of them")),
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
            self.push("spec.canary", format!("the webhook takes spec.canary in Standard mode only; write the annotation {MODE_ANNOTATION}: {standard}, or canaryTrafficPercent instead"));
        }
        let mut names = BTreeSet::from([service.spec.predictor.name.as_str()]);
        let mut sum = 0_i64;
        for (at, canary) in service.spec.canary.iter().enumerate() {
            let field = format!("spec.canary[{at}].predictor");
            let name = canary.predictor.name.as_str();
            if !is_admitted(name) {
                self.push(&format!("{field}.name"), format!("a canary must have a name, and the API server refuses {:?}; write lower case letters, digits and inner hyphens, a letter first", excerpt(name)));
            } else if !names.insert(name) {
                self.push(&format!("{field}.name"), format!("the webhook refuses the canary's name {name:?}, which another predictor has; write one of its own"));
            }
            self.predictor(&field, &canary.predictor, kserve);
            // The schema forgot that the controller names this container itself.
            if canary.predictor.served_model().is_some_and(|model| model.name.is_none()) {
                self.push(&format!("{field}.model.name"), "the API server wants a name in the model of a canary, and the webhook takes none but the empty one in that of the predictor; write name: \"\"".to_owned());
            }
            sum = sum.saturating_add(canary.traffic_percent);
            if !(0..=ALL).contains(&canary.traffic_percent) {
                self.push(
                    &format!("spec.canary[{at}].trafficPercent"),
                    format!("trafficPercent is {}; write 0 to {ALL}", canary.traffic_percent),
                );
            }
        }
        if sum > ALL {
            self.push("spec.canary", format!("the canaries take {sum} percent of the traffic, and the webhook refuses more than {ALL}; write smaller trafficPercents"));
        }
    }
}
