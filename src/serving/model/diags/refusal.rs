//! The words for what the API server and the webhook refuse.

use crate::controllers::kserve::{ALL_TRAFFIC, MODE_ANNOTATION, Refusal, RefusalReason};
use crate::finding::{Code, Finding};
use crate::values::words::one_of;
use krm_package::text::excerpt::Excerpt;

impl From<&Refusal> for Finding {
    fn from(refusal: &Refusal) -> Self {
        Finding::error(Code::KserveNotAdmitted, message(refusal)).field(&refusal.field)
    }
}

fn message(Refusal { field, reason }: &Refusal) -> String {
    match reason {
        RefusalReason::PredictorName(name) => format!(
            "invalid predictor name {}: the API server requires lowercase letters, digits or \"-\", starting with a letter and ending with a letter or digit",
            Excerpt::new(name)
        ),
        RefusalReason::PredictorEmpty => format!(
            "the webhook refuses a predictor without a model and without a container; set {field}.model"
        ),
        RefusalReason::PredictorSeveral(several) => format!(
            "the webhook refuses a predictor with {several} of models and serving containers; remove all but one"
        ),
        RefusalReason::TransformerEmpty => "the webhook refuses a transformer without a container; set spec.transformer.containers, or remove the transformer".to_owned(),
        RefusalReason::ExplainerEmpty(kserve) => format!(
            "the webhook of KServe {kserve} refuses an explainer that is neither art nor a container; set spec.explainer.containers, or remove the explainer"
        ),
        RefusalReason::Autoscaler(unknown) => format!(
            "the webhook of KServe {} refuses the autoscaler {}; set it to {}",
            unknown.kserve,
            Excerpt::new(&unknown.class),
            one_of(&unknown.known)
        ),
        RefusalReason::CanaryMode(standard) => format!(
            "the webhook allows spec.canary in Standard mode only; set the annotation {MODE_ANNOTATION}: {standard}, or use canaryTrafficPercent instead"
        ),
        RefusalReason::CanaryName(name) => format!(
            "invalid canary name {}: the API server requires lowercase letters, digits or \"-\", starting with a letter and ending with a letter or digit",
            Excerpt::new(name)
        ),
        RefusalReason::CanaryNameTaken(name) => format!(
            "the webhook refuses the canary's name {name:?}, which another predictor has; use another name"
        ),
        RefusalReason::CanaryModelName => "the API server requires a name in the model of a canary, and the webhook only allows an empty one in the predictor's; set name: \"\"".to_owned(),
        RefusalReason::CanaryPercent(percent) => {
            format!("invalid trafficPercent {percent}: must be from 0 to {ALL_TRAFFIC}")
        }
        RefusalReason::CanaryWithoutModel => {
            "the webhook refuses a canary beside a predictor without a model; set spec.predictor.model, or remove spec.canary".to_owned()
        }
        RefusalReason::MultiNodeStorage(scheme) => format!(
            "the webhook refuses a predictor of several nodes whose model is not in a volume or an image ({}); set a storageUri of pvc:// or oci://",
            scheme.as_deref().map_or("storageUri is missing".to_owned(), |scheme| Excerpt::new(scheme).to_string())
        ),
        RefusalReason::MultiNodeAutoscaler(class) => format!(
            "the webhook refuses a predictor of several nodes with the autoscaler {}; set none",
            class.as_deref().map_or("of the default".to_owned(), |class| Excerpt::new(class).to_string())
        ),
        RefusalReason::GraphName(name) => format!(
            "the webhook refuses the graph's name {}: must be lowercase letters, digits or \"-\", starting with a letter and ending with a letter or digit",
            Excerpt::new(name)
        ),
        RefusalReason::GraphWithoutRoot => {
            "the webhook refuses a graph without the node root; name the first node root".to_owned()
        }
        RefusalReason::GraphStepTargets(count) => format!(
            "the webhook refuses a step with {count} targets; set one of serviceName, nodeName and serviceUrl"
        ),
        RefusalReason::GraphStepName(name) => format!(
            "the webhook refuses the step name {}, which another step of the node has; use a unique name",
            Excerpt::new(name)
        ),
        RefusalReason::GraphWeights(None) => {
            format!("the webhook refuses a step of a Splitter without a weight; set weights with the sum {ALL_TRAFFIC}")
        }
        RefusalReason::GraphWeights(Some(sum)) => format!(
            "the webhook refuses a Splitter whose weights have the sum {sum}; set weights with the sum {ALL_TRAFFIC}"
        ),
        RefusalReason::LlmName(name) => format!(
            "the API server refuses the name {}: must be lowercase letters, digits, \"-\" or \".\", starting and ending with a letter or digit",
            Excerpt::new(name)
        ),
        RefusalReason::LlmRouteTwice => {
            "the webhook refuses refs beside spec; remove one of them".to_owned()
        }
        RefusalReason::LlmRouteWithoutGateway => {
            "the webhook refuses routes by reference with an empty gateway; set spec.router.gateway.refs, or remove spec.router.gateway".to_owned()
        }
        RefusalReason::LlmWorkerAlone => {
            "the webhook refuses a worker without parallelism; set parallelism.pipeline, or parallelism.data and dataLocal".to_owned()
        }
        RefusalReason::CanarySum(sum) => format!(
            "the canaries take {sum} percent of the traffic, and the webhook refuses more than {ALL_TRAFFIC}; set smaller trafficPercents"
        ),
    }
}
