//! The words for what the serving model remarks, one finding a remark.

mod annotation_place;
mod knative;
mod listed;
mod mode;
mod objects;
mod refusal;
mod shadowed;
mod standard;
mod stopped;

pub(crate) use listed::{LeftOutNamespaces, MisspeltHost, MisspeltNamespace, OtherDomain};
pub(crate) use shadowed::Shadowed;

use crate::controllers::kserve::{
    ConfigError, Endpoint, MetadataMap, NoShippedRuntime, Remark, RuntimeRefusal, ServingModel,
};
use crate::finding::{Code, FieldPath, Finding, Fix, Severity};
use crate::values::words::one_of;
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
                    "metadata.namespace is not set and there are {profiles} Profiles; set it"
                ),
            )
            .field("metadata.namespace"),
            Remark::NameInvalid(name) => Finding::error(
                Code::KserveNameInvalid,
                format!(
                    "invalid name {}: the webhook requires lowercase letters, digits or \"-\", starting with a letter and ending with a letter or digit",
                    Excerpt::new(name)
                ),
            )
            .field("metadata.name"),
            Remark::Misspelt { map, key, meant } => misspelt(*map, key, meant),
            Remark::Misplaced { key, read_in } => Finding::warning(
                Code::KserveAnnotationMisspelt,
                format!(
                    "{key} only takes effect as {}; move it to metadata.{0}s",
                    singular(*read_in)
                ),
            ),
            Remark::NothingReconciled(error) => {
                let message = format!("the controller reconciles no service: {error}");
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
                "the service has no host of its own in ModelMesh mode",
            ),
            Remark::RuntimeRefused(refusal) => runtime_refused(refusal),
            Remark::NoShippedRuntime(unserved) => no_shipped_runtime(unserved),
            Remark::KnativeConfigRefused => Finding::error(
                Code::KnativeHostInvalid,
                "Knative refuses its own configuration, so no host is known; correct what the finding on the configuration names",
            ),
            Remark::GraphWithoutHost(error) => Finding::error(
                Code::KnativeHostInvalid,
                format!("the graph gets no host from Knative: {error}"),
            ),
            Remark::RouteWithoutHost(error) => Finding::error(
                Code::KnativeHostInvalid,
                format!("Knative gives this Route no host: {error}"),
            ),
            Remark::StatusUrl { found, given } => Finding::warning(
                Code::KserveStatusUrl,
                format!(
                    "the status of this export has the URL {}, and the manifests give {}; add the cluster's own config-domain, config-network and inferenceservice-config to the input, or remove status",
                    Excerpt::new(found),
                    Excerpt::new(given)
                ),
            )
            .field("status.url"),
            Remark::GraphUrlWithoutRoute(url) => Finding::info(
                Code::KserveUrlWithoutRoute,
                format!(
                    "in Standard mode a graph is a Deployment and a Service: its status has the URL {url}, and no route serves it; inside the cluster, use the address"
                ),
            ),
            Remark::GraphWaits { service, is_absent } => Finding::error(
                Code::KserveGraphWaits,
                if *is_absent {
                    format!(
                        "the controller creates nothing of the graph before the InferenceService {} is there; add it, or correct serviceName",
                        Excerpt::new(service)
                    )
                } else {
                    format!(
                        "the controller creates nothing of the graph before the InferenceService {} has an address, which it never gets; correct that service",
                        Excerpt::new(service)
                    )
                },
            )
            .field("spec.nodes"),
            Remark::RouteWithoutBackend => Finding::info(
                Code::KserveUrlWithoutRoute,
                "no rule of its route has a backend, so the Gateway answers every request with an error; add rules with backendRefs to spec.router.route.http.spec",
            )
            .field("spec.router.route.http.spec.rules"),
            Remark::HostOfGateway(path) => Finding::info(
                Code::KserveHostOfGateway,
                format!(
                    "its route serves {path} on every host of its Gateway; set hostnames and rules in spec.router.route.http.spec for hosts of its own"
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
                    "the host {host} is also that of InferenceService {namespace}/{name}, and only one of them is served; use {{{{ .Name }}}} and {{{{ .Namespace }}}} in the domain's template, or choose other names"
                ),
            ),
        }
    }
}

/// An error of one service, for a function that plans for the others as well.
pub(crate) struct NotServed(pub Finding);

impl From<NotServed> for Finding {
    fn from(NotServed(finding): NotServed) -> Self {
        let message = format!("{}; see kserve-aws explain {}", finding.message, finding.code);
        Self { code: Code::ServiceNotServed, severity: Severity::Warning, message, ..finding }
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
    let message =
        format!("unknown {word} {}, which has no effect; did you mean {meant}?", Excerpt::new(key));
    let path = FieldPath::from("metadata").key(format!("{word}s")).key(key);
    Finding::warning(Code::KserveAnnotationMisspelt, message)
        .field(format!("metadata.{word}s[{}]", shortened(key)))
        .proposed(meant)
        .fix(Fix::respell(path, key, meant, meant))
}

fn no_shipped_runtime(unserved: &NoShippedRuntime) -> Finding {
    let (field, advice) = match unserved.shipped {
        Some(protocols) => ("protocolVersion", format!("set it to {}", one_of(protocols))),
        None => ("modelFormat.name", "set its runtime".to_owned()),
    };
    let message = format!(
        "no runtime of KServe takes the format {} with protocol {}, and without a runtime of your own the service gets no URL; {advice}",
        Excerpt::new(&unserved.format),
        Excerpt::new(&unserved.protocol)
    );
    Finding::warning(Code::KserveNoRuntime, message).field(format!("spec.predictor.model.{field}"))
}

fn runtime_refused(refusal: &RuntimeRefusal) -> Finding {
    let wanted = |listed: &[String]| match listed {
        [] => "enable it".to_owned(),
        listed => format!("set protocolVersion to {}", one_of(listed)),
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
            format!("the runtime {runtime} does not support the format {}", Excerpt::new(format)),
            "set another one".to_owned(),
            "runtime",
        ),
        RuntimeRefusal::NamedAbsent { runtime } => (
            format!("found no runtime {}", Excerpt::new(runtime)),
            "add it, or name another one".to_owned(),
            "runtime",
        ),
        RuntimeRefusal::NoneForFormat { format } => (
            format!("no runtime takes the format {}", Excerpt::new(format)),
            "add one that does".to_owned(),
            "modelFormat.name",
        ),
        RuntimeRefusal::NoneForProtocol { format, protocol, listed } => (
            format!(
                "no runtime that supports the format {} speaks {}",
                Excerpt::new(format),
                Excerpt::new(protocol)
            ),
            wanted(listed),
            "protocolVersion",
        ),
    };
    let message = format!("{found}, so nothing is created and the service gets no URL; {wanted}");
    Finding::error(Code::KserveRuntimeRefused, message)
        .field(format!("spec.predictor.model.{field}"))
}

/// The code of a refused `inferenceservice-config`.
fn config_code(error: &ConfigError) -> Code {
    match error {
        ConfigError::Null { .. } => Code::KserveConfigNull,
        ConfigError::Absent => Code::KserveDeployConfig,
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
