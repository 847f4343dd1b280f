//! The words for what the serving model remarks, one finding a remark.

mod knative;
mod mode;
mod objects;
mod refusal;
mod standard;

use crate::controllers::kserve::{
    ConfigError, Endpoint, MetadataMap, NoShippedRuntime, Remark, RuntimeRefusal, ServingModel,
};
use crate::finding::{Code, Finding};
use krm_package::text::excerpt::{Excerpt, shortened};

/// What there is to say, as findings.
pub trait Findings {
    /// The findings, each with its object.
    fn findings(&self) -> Vec<Finding>;
}

impl Findings for Endpoint {
    fn findings(&self) -> Vec<Finding> {
        let resource = self.resource();
        self.remarks.iter().map(|remark| Finding::from(remark).on(&resource)).collect()
    }
}

impl Findings for ServingModel {
    /// What is not about one service: other kinds, unreadable objects, refused configuration.
    fn findings(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.remarks.iter().map(Finding::from).collect();
        findings.sort_by_cached_key(|finding| {
            (finding.resource.clone(), finding.code, finding.message.clone())
        });
        findings
    }
}

impl From<&Remark> for Finding {
    fn from(remark: &Remark) -> Self {
        match remark {
            Remark::NamespaceAmbiguous { profiles } => Finding::warning(
                Code::KserveNamespaceAmbiguous,
                format!(
                    "no namespace is given and there are {profiles} Profiles; write metadata.namespace"
                ),
            )
            .field("metadata.namespace"),
            Remark::NameInvalid(name) => Finding::error(
                Code::KserveNameInvalid,
                format!(
                    "the webhook refuses the name {}; write lower case letters, digits and inner hyphens, a letter first",
                    Excerpt::new(name)
                ),
            )
            .field("metadata.name"),
            Remark::Misspelt { map, key, meant } => misspelt(*map, key, meant),
            Remark::Misplaced { key, read_in } => Finding::warning(
                Code::KserveAnnotationMisspelt,
                format!(
                    "{key} counts as {} only; write it under metadata.{0}s",
                    singular(*read_in)
                ),
            ),
            Remark::NothingReconciled(error) => {
                let message = format!("the controller reconciles no service at all: {error}");
                Finding::error(config_code(error), message)
            }
            Remark::NoUrl(error) => {
                Finding::error(config_code(error), format!("the status never gets a URL: {error}"))
            }
            Remark::Refused(refusal) => refusal.into(),
            Remark::Mode(mode) => mode.into(),
            Remark::Stopped => {
                Finding::info(Code::KserveStopped, "the service is stopped by its annotation")
            }
            Remark::ModelMesh => Finding::info(
                Code::KserveModelMesh,
                "ModelMesh gives the service no host of its own",
            ),
            Remark::RuntimeRefused(refusal) => runtime_refused(refusal),
            Remark::NoShippedRuntime(unserved) => no_shipped_runtime(unserved),
            Remark::KnativeConfigRefused => Finding::error(
                Code::KnativeHostInvalid,
                "Knative refuses its own configuration, so that no host is known",
            ),
            Remark::GraphWithoutHost(error) => Finding::error(
                Code::KnativeHostInvalid,
                format!("Knative gives the graph no host: {error}"),
            ),
            Remark::GraphUrlWithoutRoute(url) => Finding::info(
                Code::KserveUrlWithoutRoute,
                format!(
                    "in Standard mode a graph is a Deployment and a Service: its status has the URL {url}, and no route answers to it; inside of the cluster use the address"
                ),
            ),
            Remark::HostOfGateway(path) => Finding::info(
                Code::KserveHostOfGateway,
                format!(
                    "its route takes {path} on every host of its Gateway; set spec.router.route.http.spec.hostnames for hosts of its own"
                ),
            ),
            Remark::Knative(knative) => knative.into(),
            Remark::VirtualService(route) => route.into(),
            Remark::Standard(standard) => standard.into(),
            Remark::AdditionalDomain(domain) => domain.into(),
            Remark::NameTaken { name, other } => Finding::error(
                Code::KserveNameTaken,
                format!(
                    "the Service {name} is that of a component of InferenceService {other}, and each controller overwrites the other's; choose another name"
                ),
            )
            .field("metadata.name"),
            Remark::HostTaken { host, namespace, name } => Finding::error(
                Code::KserveHostTaken,
                format!(
                    "the host {host} is also that of InferenceService {namespace}/{name}, and one of them answers for both; write {{{{ .Name }}}} and {{{{ .Namespace }}}} into the template of the domain, or choose other names"
                ),
            ),
        }
    }
}

fn singular(map: MetadataMap) -> &'static str {
    match map {
        MetadataMap::Labels => "label",
        MetadataMap::Annotations => "annotation",
    }
}

fn misspelt(map: MetadataMap, key: &str, meant: &'static str) -> Finding {
    let word = singular(map);
    let message = format!("the {word} {} counts for nothing; {meant} is meant", Excerpt::new(key));
    Finding::warning(Code::KserveAnnotationMisspelt, message)
        .field(format!("metadata.{word}s[{}]", shortened(key)))
        .proposed(meant)
}

fn no_shipped_runtime(unserved: &NoShippedRuntime) -> Finding {
    let (field, advice) = match unserved.shipped {
        Some(protocols) => ("protocolVersion", format!("write {}", protocols.join(" or "))),
        None => ("modelFormat.name", "name its runtime".to_owned()),
    };
    let message = format!(
        "no runtime that KServe ships takes the format {} with protocol {}, and without one of the cluster's own the service gets no URL; {advice}",
        Excerpt::new(&unserved.format),
        Excerpt::new(&unserved.protocol)
    );
    Finding::warning(Code::KserveNoRuntime, message).field(format!("spec.predictor.model.{field}"))
}

fn runtime_refused(refusal: &RuntimeRefusal) -> Finding {
    let wanted = |listed: &[String]| match listed {
        [] => "enable it".to_owned(),
        listed => format!("set protocolVersion to {}", listed.join(" or ")),
    };
    let (found, wanted, field) = match refusal {
        RuntimeRefusal::Disabled { runtime } => {
            (format!("the runtime {runtime} is disabled"), "enable it".to_owned(), "runtime")
        }
        RuntimeRefusal::NamedProtocol { runtime, protocol, listed } => (
            format!("the runtime {runtime} does not speak {}", Excerpt::new(protocol)),
            wanted(listed),
            "protocolVersion",
        ),
        RuntimeRefusal::NamedFormat { runtime, format } => (
            format!("the runtime {runtime} does not take the format {}", Excerpt::new(format)),
            "name another one".to_owned(),
            "runtime",
        ),
        RuntimeRefusal::NoneForProtocol { format, protocol, listed } => (
            format!(
                "no runtime that takes the format {} speaks {}",
                Excerpt::new(format),
                Excerpt::new(protocol)
            ),
            wanted(listed),
            "protocolVersion",
        ),
    };
    let message = format!("{found}, so nothing is created and there is no URL; {wanted}");
    Finding::error(Code::KserveRuntimeRefused, message)
        .field(format!("spec.predictor.model.{field}"))
}

/// The code of a refused `inferenceservice-config`.
fn config_code(error: &ConfigError) -> Code {
    match error {
        ConfigError::Null { .. } => Code::KserveConfigNull,
        ConfigError::Mode { .. }
        | ConfigError::Json { key: "deploy", .. }
        | ConfigError::Needed { key: "deploy", .. } => Code::KserveDeployConfig,
        ConfigError::Json { key: "inferenceService" | "explainers" | "service", .. } => {
            Code::KserveServiceConfig
        }
        _ => Code::KserveIngressConfig,
    }
}

/// A public host that no certificate or record can have.
pub(super) struct InvalidHost<E>(pub(super) E);

impl<E: std::fmt::Display> From<InvalidHost<E>> for Finding {
    fn from(InvalidHost(error): InvalidHost<E>) -> Self {
        Finding::error(Code::KserveHostInvalid, error.to_string())
    }
}
