//! The words for remarks on Standard mode, and on the domains beside the first.

use super::annotation_place::of_runtime;
use super::stopped::component_stopped;
use crate::controllers::knative::{CLUSTER_LOCAL, VISIBILITY_LABEL};
use crate::controllers::kserve::{
    AUTOSCALER_ANNOTATION, AdditionalDomainRemark, NETWORK_VISIBILITY, StandardRemark,
    TemplatedError,
};
use crate::finding::{Code, FieldPath, Finding, Fix};
use crate::values::words::one_of;
use krm_package::text::excerpt::{Excerpt, shortened};
use krm_package::text::suggest::is_within;

impl From<&StandardRemark> for Finding {
    fn from(remark: &StandardRemark) -> Self {
        match remark {
            StandardRemark::ServiceName { name, room } => Finding::error(
                Code::KserveNameTooLong,
                format!(
                    "invalid Service name {}: it and its label app must be a DNS label of at most 58 characters; the InferenceService's name may have at most {room}",
                    Excerpt::new(name)
                ),
            )
            .field("metadata.name"),
            StandardRemark::ComponentStopped(component) => component_stopped(*component),
            StandardRemark::Autoscaler { unknown, place } => Finding::error(
                Code::KserveAutoscalerUnknown,
                format!(
                    "KServe {} fails in Standard mode for the autoscaler {}{}; set it to {}",
                    unknown.kserve,
                    Excerpt::new(&unknown.class),
                    of_runtime(place),
                    one_of(&unknown.known)
                ),
            )
            .field(place.field(AUTOSCALER_ANNOTATION)),
            StandardRemark::Templated(error) => Finding::error(
                match error {
                    TemplatedError::Domain(_) => Code::KserveDomainTemplate,
                    TemplatedError::Host(_) => Code::KserveHostInvalid,
                    TemplatedError::Path(_) | TemplatedError::NoPath(..) => {
                        Code::KservePathTemplateNoRoute
                    }
                },
                format!("{error}; until then the service has no URL"),
            ),
            StandardRemark::FinalDot(host) => Finding::error(
                Code::KserveHostInvalid,
                format!(
                    "Kubernetes refuses the host {} in an Ingress or HTTPRoute because it ends with a dot; remove the dot from ingressDomain",
                    Excerpt::new(host)
                ),
            ),
            StandardRemark::CanaryPercentIgnored(component) => Finding::warning(
                Code::KserveCanaryIgnored,
                format!(
                    "canaryTrafficPercent of the {} only takes effect in Knative mode; remove it",
                    component.as_str()
                ),
            ),
            StandardRemark::CanaryUnknown(kserve) => Finding::warning(
                Code::KserveCanaryIgnored,
                format!("spec.canary is unknown to KServe {kserve}; remove it, or use a release that knows it"),
            )
            .field("spec.canary"),
            StandardRemark::CanaryNotRouted(kserve) => Finding::warning(
                Code::KserveCanaryIgnored,
                format!("KServe {kserve} starts the pods of spec.canary and sends them no traffic; remove it, or use canaryTrafficPercent in Knative mode"),
            )
            .field("spec.canary"),
            StandardRemark::CanaryWithoutGatewayApi => Finding::warning(
                Code::KserveCanaryIgnored,
                "spec.canary gets no traffic from an Ingress; set enableGatewayApi",
            )
            .field("spec.canary"),
            StandardRemark::CanaryPastComponents(name) => Finding::warning(
                Code::KserveCanaryBackend,
                format!(
                    "the HTTPRoute of {name} sends the canary's share of the traffic directly to the canary, bypassing the transformer and the explainer; use a canary only without them"
                ),
            )
            .field("spec.canary"),
            StandardRemark::WorkersDeleted(kserve) => Finding::warning(
                Code::KserveWorkersDeleted,
                format!("KServe {kserve} deletes the workers of several nodes and the Services of head and workers as soon as it has created them, so the predictor is never ready and gets no route; use another release"),
            )
            .field("spec.predictor.workerSpec"),
            StandardRemark::VisibilityTooEarly(kserve) => Finding::error(
                Code::KserveVisibilityIgnored,
                format!(
                    "the label {NETWORK_VISIBILITY} only takes effect from KServe 0.11 on, so the service is public under {kserve}; use a later release"
                ),
            ),
            StandardRemark::VisibilityOfKnativeMode => Finding::error(
                Code::KserveVisibilityIgnored,
                format!(
                    "the label {VISIBILITY_LABEL} only takes effect in Knative mode, so the service is public; set {NETWORK_VISIBILITY}: {CLUSTER_LOCAL}"
                ),
            )
            .field(format!("metadata.labels[{VISIBILITY_LABEL}]"))
            .fix(other_label(VISIBILITY_LABEL, NETWORK_VISIBILITY)),
            StandardRemark::VisibilityValue(value) => visibility_value(NETWORK_VISIBILITY, value),
            StandardRemark::UrlScheme(scheme) => Finding::error(
                Code::KserveUrlInvalid,
                format!(
                    "urlScheme {} makes the URL invalid, and the controller cannot write the status; set http or https",
                    Excerpt::new(scheme)
                ),
            ),
            StandardRemark::UrlWithoutRoute(url) => Finding::info(
                Code::KserveUrlWithoutRoute,
                format!(
                    "the status has the URL {url}, and no route serves it; inside the cluster, use the address"
                ),
            ),
            StandardRemark::TransformerBackend(name) => Finding::warning(
                Code::KserveTransformerBackend,
                format!(
                    "the Ingress sends the transformer's own host to the predictor; use the host of {name} to call the transformer"
                ),
            ),
            StandardRemark::ExplainerWithoutHost => Finding::warning(
                Code::KserveExplainerWithoutHost,
                "the Ingress serves the explainer on the transformer's host, not on its own; request the path :explain there",
            ),
            StandardRemark::SettingIgnored(setting) => Finding::warning(
                Code::KserveSettingIgnored,
                format!("{setting} has no effect on an Ingress in Standard mode; remove it, or set enableGatewayApi"),
            ),
            StandardRemark::BareDomain(domain) => Finding::warning(Code::KservePathTemplateCatchAll,
                format!(
                    "pathTemplate adds the bare host {domain} to the HTTPRoute, whose last rule takes every path without a rewrite, so one of the services gets all requests for {domain}; remove pathTemplate, or use Knative mode"
                ),
            ),
        }
    }
}

/// The label of the other mode, which says the same.
pub(super) fn other_label(label: &str, other: &str) -> Fix {
    Fix::rename(FieldPath::from("metadata.labels").key(label), other)
}

/// A visibility label with another value than the one that is read.
pub(super) fn visibility_value(label: &str, value: &str) -> Finding {
    Finding::warning(
        Code::KserveVisibilityValue,
        format!(
            "the label {label} is {}, which has no effect; set it to {CLUSTER_LOCAL} or remove it",
            Excerpt::new(value)
        ),
    )
    .field(format!("metadata.labels[{label}]"))
    .fix(cluster_local(label, value))
}

/// The value that is read: safe where the one that is there is the same but for case and hyphens.
fn cluster_local(label: &str, value: &str) -> Fix {
    let fix = Fix::replace(FieldPath::from("metadata.labels").key(label), CLUSTER_LOCAL);
    if is_within(value, CLUSTER_LOCAL, 0) { fix } else { fix.if_intended() }
}

impl From<&AdditionalDomainRemark> for Finding {
    fn from(remark: &AdditionalDomainRemark) -> Self {
        match remark {
            AdditionalDomainRemark::NoHost { host } => Finding::warning(
                Code::KserveAdditionalDomainIgnored,
                format!(
                    "additionalIngressDomains has no effect: {host} is not under one of the domains to replace"
                ),
            ),
            AdditionalDomainRemark::Random { host, domains } => {
                let cut: Vec<_> = domains.iter().map(|domain| shortened(domain)).collect();
                Finding::warning(
                    Code::KserveAdditionalHostsRandom,
                    format!(
                        "{host} ends with each of {}, and the controller picks one at random, so the additional hosts change from run to run; remove the nested domain from config-domain",
                        cut.join(", ")
                    ),
                )
            }
            AdditionalDomainRemark::Invalid(domain) => Finding::warning(
                Code::KserveAdditionalDomainInvalid,
                format!(
                    "additionalIngressDomains: {} is not a valid DNS name and is silently ignored; use lowercase labels",
                    Excerpt::new(domain)
                ),
            ),
        }
    }
}
