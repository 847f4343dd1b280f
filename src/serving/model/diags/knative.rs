//! The words for remarks on Knative mode.

use crate::controllers::knative::{CLUSTER_LOCAL, VISIBILITY_LABEL};
use crate::controllers::kserve::{
    KnativeRemark, NETWORK_VISIBILITY, STOP_ANNOTATION, VirtualServiceRemark,
};
use crate::finding::{Code, Finding};
use krm_package::text::excerpt::{Excerpt, shortened};

impl From<&KnativeRemark> for Finding {
    fn from(remark: &KnativeRemark) -> Self {
        match remark {
            KnativeRemark::ServiceName { name, room } => Finding::error(
                Code::KserveNameTooLong,
                format!(
                    "the Knative Service {} has {} characters or no DNS label's form, and Knative refuses it; of 63 characters the name may have {room}",
                    Excerpt::new(name),
                    name.len()
                ),
            )
            .field("metadata.name"),
            KnativeRemark::ComponentStopped(component) => Finding::warning(
                Code::KserveStopped,
                format!(
                    "the annotation {STOP_ANNOTATION} stops the {} alone, and the service has no route without it; write it under metadata.annotations, or remove it",
                    component.as_str()
                ),
            )
            .field(format!("spec.{}.annotations[{STOP_ANNOTATION}]", component.as_str())),
            KnativeRemark::AnnotationRefused(key) => Finding::error(
                Code::KnativeAnnotationRefused,
                format!(
                    "Knative refuses the annotation {} of a revision; write it as a label, or remove it",
                    Excerpt::new(key)
                ),
            )
            .field(format!("metadata.annotations[{}]", shortened(key))),
            KnativeRemark::CanaryPercent { component, percent } => Finding::error(
                Code::KserveCanaryPercent,
                format!("canaryTrafficPercent is {percent}, which Knative refuses; write 0 to 100"),
            )
            .field(format!("spec.{}.canaryTrafficPercent", component.as_str())),
            KnativeRemark::NoHost { component, error } => Finding::error(
                Code::KnativeHostInvalid,
                format!("Knative gives the {} no host: {error}", component.as_str()),
            ),
            KnativeRemark::PathTemplate(error) => Finding::error(
                Code::KservePathTemplateNoRoute,
                format!(
                    "{error}; until then there is no VirtualService and no URL, and no error either"
                ),
            ),
            KnativeRemark::ComponentNotReady => Finding::error(
                Code::KserveComponentNotReady,
                "a component has no host, so that there is no VirtualService; the URL may be set all the same",
            ),
            KnativeRemark::PathWithoutRoute => Finding::error(
                Code::KservePathTemplateNoRoute,
                "pathTemplate sets the URL and disableIstioVirtualHost takes away its only route; remove one of them",
            ),
            KnativeRemark::UrlScheme(scheme) => Finding::error(
                Code::KserveUrlInvalid,
                format!("urlScheme {} makes no URL; write http or https", Excerpt::new(scheme)),
            ),
            KnativeRemark::UrlDomain { domain, problem } => Finding::error(
                Code::KserveUrlInvalid,
                format!(
                    "ingressDomain {} makes no URL, since it {problem}; write a domain",
                    Excerpt::new(domain)
                ),
            ),
            KnativeRemark::IngressDomainIgnored(domain) => Finding::info(
                Code::KserveSettingIgnored,
                format!(
                    "ingressDomain {} counts for nothing in Knative mode, whose domains are those of config-domain",
                    shortened(domain)
                ),
            ),
        }
    }
}

impl From<&VirtualServiceRemark> for Finding {
    fn from(remark: &VirtualServiceRemark) -> Self {
        match remark {
            VirtualServiceRemark::BareDomain(domain) => Finding::info(
                Code::KservePathTemplateDomain,
                format!(
                    "pathTemplate puts the bare host {domain} into the VirtualService, as that of every other service"
                ),
            ),
            VirtualServiceRemark::PathInsideOnly => Finding::warning(
                Code::KservePathTemplateNoRoute,
                "the URL is path-based, and the service inside of the cluster has no public gateway for it",
            ),
            VirtualServiceRemark::PublicGatewayLeak { gateway, host } => Finding::error(
                Code::KservePublicGatewayLeak,
                format!(
                    "the service is meant for the cluster only, but its VirtualService takes the public gateway {gateway} with the host {host}; set the label {VISIBILITY_LABEL}: {CLUSTER_LOCAL} on the InferenceService"
                ),
            ),
            VirtualServiceRemark::PredictorNameInHost { host, right } => Finding::warning(
                Code::KservePredictorNameInHost,
                format!(
                    "the predictor's name is part of the host {host}, and not of the address inside of the cluster; without predictor.name the host is {right}"
                ),
            ),
            VirtualServiceRemark::HostNotStripped { host, right, entry } => Finding::warning(
                Code::KserveHostNotStripped,
                format!(
                    "the controller makes {host} of the component's host, where {right} is meant; avoid -default and -{} in names, namespaces and domains",
                    entry.as_str()
                ),
            ),
            VirtualServiceRemark::VisibilityOfStandardMode => Finding::error(
                Code::KserveVisibilityIgnored,
                format!(
                    "the label {NETWORK_VISIBILITY} counts in Standard mode only, and the service is public; write {VISIBILITY_LABEL}: {CLUSTER_LOCAL}"
                ),
            )
            .field(format!("metadata.labels[{NETWORK_VISIBILITY}]")),
            VirtualServiceRemark::VisibilityValue(value) => {
                super::standard::visibility_value(VISIBILITY_LABEL, value)
            }
            VirtualServiceRemark::GatewayWithoutNamespace(gateway) => Finding::warning(
                Code::KserveGatewayWithoutNamespace,
                format!(
                    "ingressGateway {} names a Gateway in the namespace of each service; write namespace/name",
                    Excerpt::new(gateway)
                ),
            ),
        }
    }
}
