//! The words for what the API server and the webhook refuse.

use crate::controllers::kserve::{ALL_TRAFFIC, MODE_ANNOTATION, Refusal, RefusalReason};
use crate::finding::{Code, Finding};
use krm_package::text::excerpt::Excerpt;

impl From<&Refusal> for Finding {
    fn from(refusal: &Refusal) -> Self {
        Finding::error(Code::KserveNotAdmitted, message(refusal)).field(&refusal.field)
    }
}

fn message(Refusal { field, reason }: &Refusal) -> String {
    match reason {
        RefusalReason::PredictorName(name) => format!(
            "the API server refuses the predictor's name {}; write lower case letters, digits and inner hyphens, a letter first",
            Excerpt::new(name)
        ),
        RefusalReason::PredictorEmpty => format!(
            "the webhook refuses a predictor without a model and without a container; write {field}.model"
        ),
        RefusalReason::PredictorSeveral(several) => format!(
            "the webhook refuses a predictor with {several} of models and serving containers; keep one of them"
        ),
        RefusalReason::TransformerEmpty => "the webhook refuses a transformer without a container; write spec.transformer.containers, or leave the transformer out".to_owned(),
        RefusalReason::ExplainerEmpty(kserve) => format!(
            "the webhook of KServe {kserve} refuses an explainer that is neither art nor a container; write spec.explainer.containers, or leave the explainer out"
        ),
        RefusalReason::Autoscaler { class, kserve, known } => format!(
            "the webhook of KServe {kserve} refuses the autoscaler {}; write {}",
            Excerpt::new(class),
            known.join(", ")
        ),
        RefusalReason::CanaryMode(standard) => format!(
            "the webhook takes spec.canary in Standard mode only; write the annotation {MODE_ANNOTATION}: {standard}, or canaryTrafficPercent instead"
        ),
        RefusalReason::CanaryName(name) => format!(
            "a canary must have a name, and the API server refuses {}; write lower case letters, digits and inner hyphens, a letter first",
            Excerpt::new(name)
        ),
        RefusalReason::CanaryNameTaken(name) => format!(
            "the webhook refuses the canary's name {name:?}, which another predictor has; write one of its own"
        ),
        RefusalReason::CanaryModelName => "the API server wants a name in the model of a canary, and the webhook takes none but the empty one in that of the predictor; write name: \"\"".to_owned(),
        RefusalReason::CanaryPercent(percent) => {
            format!("trafficPercent is {percent}; write 0 to {ALL_TRAFFIC}")
        }
        RefusalReason::CanarySum(sum) => format!(
            "the canaries take {sum} percent of the traffic, and the webhook refuses more than {ALL_TRAFFIC}; write smaller trafficPercents"
        ),
    }
}
