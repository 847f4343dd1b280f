//! The words for remarks on Standard mode, and on the domains beside the first.

use crate::controllers::knative::{CLUSTER_LOCAL, VISIBILITY_LABEL};
use crate::controllers::kserve::{
    AdditionalDomainRemark, NETWORK_VISIBILITY, StandardRemark, TemplatedError,
};
use crate::finding::{Code, Finding};
use krm_package::text::excerpt::{Excerpt, shortened};

impl From<&StandardRemark> for Finding {
    fn from(remark: &StandardRemark) -> Self {
        match remark {
            StandardRemark::ServiceName { name, room } => Finding::error(
                Code::KserveNameTooLong,
                format!(
                    "the Service {} and its label app need a DNS label of at most 58 characters, and Kubernetes refuses it; the name may have {room}",
                    Excerpt::new(name)
                ),
            )
            .field("metadata.name"),
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
                    "Kubernetes refuses the host {} in an Ingress or HTTPRoute for its final dot; write ingressDomain without it",
                    Excerpt::new(host)
                ),
            ),
            StandardRemark::CanaryPercentIgnored(component) => Finding::warning(
                Code::KserveCanaryIgnored,
                format!(
                    "canaryTrafficPercent of the {} counts in Knative mode only",
                    component.as_str()
                ),
            ),
            StandardRemark::CanaryUnknown(kserve) => Finding::warning(
                Code::KserveCanaryIgnored,
                format!("spec.canary is an unknown field to KServe {kserve}"),
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
                    "the HTTPRoute of {name} sends the canary's part of the traffic straight to the canary, past the transformer and the explainer; use a canary with a predictor alone"
                ),
            )
            .field("spec.canary"),
            StandardRemark::VisibilityTooEarly(kserve) => Finding::error(
                Code::KserveVisibilityIgnored,
                format!(
                    "the label {NETWORK_VISIBILITY} counts from KServe 0.11 on, and the service is public under {kserve}"
                ),
            ),
            StandardRemark::VisibilityOfKnativeMode => Finding::error(
                Code::KserveVisibilityIgnored,
                format!(
                    "the label {VISIBILITY_LABEL} counts in Knative mode only, and the service is public; write {NETWORK_VISIBILITY}: {CLUSTER_LOCAL}"
                ),
            )
            .field(format!("metadata.labels[{VISIBILITY_LABEL}]")),
            StandardRemark::VisibilityValue(value) => visibility_value(NETWORK_VISIBILITY, value),
            StandardRemark::UrlWithoutRoute(url) => Finding::info(
                Code::KserveUrlWithoutRoute,
                format!(
                    "the status has the URL {url}, and no route answers to it; inside of the cluster use the address"
                ),
            ),
            StandardRemark::TransformerBackend(name) => Finding::warning(
                Code::KserveTransformerBackend,
                format!(
                    "the Ingress sends the transformer's own host to the predictor; call the transformer by the host of {name}"
                ),
            ),
            StandardRemark::ExplainerWithoutHost => Finding::warning(
                Code::KserveExplainerWithoutHost,
                "the Ingress gives the explainer the transformer's host and none of its own",
            ),
            StandardRemark::SettingIgnored(setting) => Finding::warning(
                Code::KserveSettingIgnored,
                format!("{setting} counts for nothing in an Ingress of Standard mode"),
            ),
            StandardRemark::BareDomain(domain) => Finding::warning(
                Code::KservePathTemplateDomain,
                format!(
                    "pathTemplate puts the bare host {domain} into the HTTPRoute, whose last rule takes every path and rewrites none, so that one service of all gets the requests of {domain}; leave pathTemplate out, or use Knative mode"
                ),
            ),
        }
    }
}

/// A visibility label with another value than the one that is read.
pub(super) fn visibility_value(label: &str, value: &str) -> Finding {
    Finding::warning(
        Code::KserveVisibilityIgnored,
        format!(
            "the label {label} is {}, which counts for nothing; write {CLUSTER_LOCAL} or remove it",
            Excerpt::new(value)
        ),
    )
    .field(format!("metadata.labels[{label}]"))
}

impl From<&AdditionalDomainRemark> for Finding {
    fn from(remark: &AdditionalDomainRemark) -> Self {
        match remark {
            AdditionalDomainRemark::NoHost { host } => Finding::warning(
                Code::KserveAdditionalDomainIgnored,
                format!(
                    "additionalIngressDomains add no host: {host} is no name under one of the domains that they replace"
                ),
            ),
            AdditionalDomainRemark::Random { host, domains } => {
                let cut: Vec<_> = domains.iter().map(|domain| shortened(domain)).collect();
                Finding::warning(
                    Code::KserveAdditionalHostsRandom,
                    format!(
                        "each of {} ends {host}, and the controller picks one at random, so that the additional hosts change from run to run; remove the nested domain from config-domain",
                        cut.join(", ")
                    ),
                )
            }
            AdditionalDomainRemark::Invalid(domain) => Finding::warning(
                Code::KserveAdditionalDomainInvalid,
                format!(
                    "additionalIngressDomains: {} makes no DNS name and is silently left out; write lower case labels",
                    Excerpt::new(domain)
                ),
            ),
        }
    }
}
