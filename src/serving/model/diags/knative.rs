//! The words for remarks on Knative mode.

use super::annotation_place::of_runtime;
use super::stopped::component_stopped;
use crate::controllers::knative::{CLUSTER_LOCAL, VISIBILITY_LABEL};
use crate::controllers::kserve::{
    KnativeRemark, NETWORK_VISIBILITY, RefusedPorts, VirtualServiceRemark,
};
use crate::finding::{Code, Finding};
use krm_package::text::excerpt::{Excerpt, shortened};

impl From<&KnativeRemark> for Finding {
    fn from(remark: &KnativeRemark) -> Self {
        match remark {
            KnativeRemark::ServiceName { name, room } => Finding::error(
                Code::KserveNameTooLong,
                format!(
                    "invalid Knative Service name {} ({} characters): must be at most 63 lowercase letters, digits or \"-\"; the InferenceService's name may have at most {room} characters",
                    Excerpt::new(name),
                    name.len()
                ),
            )
            .field("metadata.name"),
            KnativeRemark::ComponentStopped(component) => component_stopped(*component),
            KnativeRemark::AnnotationRefused { refused, place } => {
                let (key, of_runtime) = (Excerpt::new(&refused.key), of_runtime(place));
                let message = match &refused.value {
                    None => format!(
                        "Knative refuses the annotation {key}{of_runtime} on a revision; move it to the labels, or remove it"
                    ),
                    Some((value, wanted)) => format!(
                        "Knative refuses the annotation {key}: {}{of_runtime} on a revision: must be {wanted}",
                        Excerpt::new(value)
                    ),
                };
                Finding::error(Code::KnativeAnnotationRefused, message)
                    .field(place.field(&shortened(&refused.key)))
            }
            KnativeRemark::PortsRefused { component, refused } => {
                let component = component.as_str();
                let (found, wanted) = match refused {
                    RefusedPorts::Several => (
                        "the containers have several ports together".to_owned(),
                        "keep one port in all of them",
                    ),
                    RefusedPorts::Missing => (
                        "several containers, and none has a port".to_owned(),
                        "set the port that takes requests on one of them",
                    ),
                    RefusedPorts::Name(name) => (
                        format!("the port's name is {}", Excerpt::new(name)),
                        "name it http1 or h2c, or leave the name out",
                    ),
                };
                Finding::error(
                    Code::KnativePortsRefused,
                    format!("Knative refuses the ports of the {component}: {found}; {wanted}"),
                )
                .field(format!("spec.{component}"))
            }
            KnativeRemark::CanaryPercent { component, percent } => Finding::error(
                Code::KserveCanaryPercent,
                format!("invalid canaryTrafficPercent {percent}: must be from 0 to 100"),
            )
            .field(format!("spec.{}.canaryTrafficPercent", component.as_str())),
            KnativeRemark::NoHost { component, error } => Finding::error(
                Code::KnativeHostInvalid,
                format!("the {} gets no host from Knative: {error}", component.as_str()),
            ),
            KnativeRemark::PathTemplate(error) => Finding::error(
                Code::KservePathTemplateNoRoute,
                format!(
                    "{error}; until then no VirtualService and no URL are created, and no error is reported"
                ),
            ),
            KnativeRemark::ComponentNotReady => Finding::error(
                Code::KserveComponentNotReady,
                "a component has no host, so no VirtualService is created, and the URL may still be set; correct what the other finding names",
            ),
            KnativeRemark::PathWithoutRoute => Finding::error(
                Code::KservePathTemplateNoRoute,
                "pathTemplate sets the URL and disableIstioVirtualHost removes its only route; remove one of them",
            ),
            KnativeRemark::UrlScheme(scheme) => Finding::error(
                Code::KserveUrlInvalid,
                format!("invalid urlScheme {}: must be http or https", Excerpt::new(scheme)),
            ),
            KnativeRemark::UrlDomain { domain, problem } => Finding::error(
                Code::KserveUrlInvalid,
                format!(
                    "invalid ingressDomain {}: it {problem}; set it to a domain",
                    Excerpt::new(domain)
                ),
            ),
            KnativeRemark::IngressDomainIgnored(domain) => Finding::info(
                Code::KserveIngressDomainUnused,
                format!(
                    "ingressDomain {} has no effect in Knative mode, whose domains come from config-domain",
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
                    "pathTemplate adds the bare host {domain} to the VirtualService, as for every other service"
                ),
            ),
            VirtualServiceRemark::PathInsideOnly => Finding::warning(
                Code::KservePathTemplateClusterLocal,
                "the URL is path-based, and a cluster-local service has no public gateway for it; use its address inside the cluster",
            ),
            VirtualServiceRemark::PublicGatewayLeak { gateway, host } => Finding::error(
                Code::KservePublicGatewayLeak,
                format!(
                    "the service is cluster-local, but its VirtualService is on the public gateway {gateway} with the host {host}; set the label {VISIBILITY_LABEL}: {CLUSTER_LOCAL} on the InferenceService"
                ),
            ),
            VirtualServiceRemark::PredictorNameInHost { host, right } => Finding::warning(
                Code::KservePredictorNameInHost,
                format!(
                    "the predictor's name is part of the host {host}, but not of the cluster-local address; without predictor.name the host is {right}"
                ),
            ),
            VirtualServiceRemark::HostNotStripped { host, right, entry } => Finding::warning(
                Code::KserveHostNotStripped,
                format!(
                    "the controller derives the host {host} instead of {right} from the component's host; avoid -default and -{} in names, namespaces and domains",
                    entry.as_str()
                ),
            ),
            VirtualServiceRemark::VisibilityOfStandardMode => Finding::error(
                Code::KserveVisibilityIgnored,
                format!(
                    "the label {NETWORK_VISIBILITY} only takes effect in Standard mode, so the service is public; set {VISIBILITY_LABEL}: {CLUSTER_LOCAL}"
                ),
            )
            .field(format!("metadata.labels[{NETWORK_VISIBILITY}]"))
            .fix(super::standard::other_label(NETWORK_VISIBILITY, VISIBILITY_LABEL)),
            VirtualServiceRemark::VisibilityValue(value) => {
                super::standard::visibility_value(VISIBILITY_LABEL, value)
            }
            VirtualServiceRemark::GatewayWithoutNamespace(gateway) => Finding::warning(
                Code::KserveGatewayWithoutNamespace,
                format!(
                    "ingressGateway {} without a namespace names a Gateway in each service's own namespace; set it to namespace/name",
                    Excerpt::new(gateway)
                ),
            ),
        }
    }
}
