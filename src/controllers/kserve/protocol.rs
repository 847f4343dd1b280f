//! Which protocols a component speaks, and with which identity its pods call others.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::inference_service::{
    Component, ComponentSpec, Container, ContainerPort, InferenceService, ModelSpec,
};
use super::predict_path::speaks_v2;
use super::runtimes::{RuntimePort, ServingRuntime};
use crate::controllers::istio::{Membership, membership};

/// A protocol of prediction.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum Protocol {
    /// The first protocol, `/v1/models/NAME:predict`.
    #[serde(rename = "v1")]
    V1,
    /// The Open Inference Protocol, `/v2/models/NAME/infer`.
    #[serde(rename = "v2")]
    V2,
    /// OpenAI's, `/openai/v1/chat/completions`, or vLLM's own `/v1/chat/completions`.
    #[serde(rename = "openAI")]
    OpenAi,
    /// Either of the first two over gRPC.
    #[serde(rename = "gRPC")]
    Grpc,
}

/// What a component's pods are to a mesh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServingPods {
    /// The protocols that they speak.
    pub protocols: BTreeSet<Protocol>,
    /// Where that is taken from.
    pub source: ProtocolSource,
    /// The name of their service account.
    pub service_account: String,
    /// What enforces their policies.
    pub membership: Membership,
    /// Whether the component runs on several nodes, whose pods talk to each other.
    pub multi_node: bool,
    /// The port of the node that the runtime of their model takes.
    pub(crate) runtime_port: Option<RuntimePort>,
}

impl Default for ServingPods {
    fn default() -> Self {
        Self {
            protocols: BTreeSet::new(),
            source: ProtocolSource::Stated,
            service_account: String::new(),
            membership: Membership::Unknown,
            multi_node: false,
            runtime_port: None,
        }
    }
}

/// Where the protocols of a component are taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProtocolSource {
    /// The manifests state them.
    Stated,
    /// `KServe` itself takes them where the manifests state none.
    Default,
    /// The component's kind or its framework determines them.
    Determined,
    /// They are a guess: where it is wrong, paths that are served are not let through.
    Guess(Guess),
}

/// Why protocols are a guess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guess {
    /// A custom container without the variable `PROTOCOL`.
    Container,
    /// A custom container that runs vLLM, without the variable `PROTOCOL`.
    VllmContainer,
    /// A runtime that lists no protocol.
    Runtime(String),
    /// A runtime that lists no protocol, and runs vLLM.
    VllmRuntime(String),
    /// A named runtime that is not among the objects, and none that `KServe` ships.
    UnknownRuntime(String),
}

/// A component whose pods are looked up.
pub(super) struct PodsOf<'a> {
    pub(super) service: &'a InferenceService,
    pub(super) component: Component,
    pub(super) spec: &'a ComponentSpec,
    /// The runtime among the objects that takes the model.
    pub(super) runtime: Option<&'a ServingRuntime>,
    /// The labels of the namespace, where they are known.
    pub(super) namespace: Option<&'a BTreeMap<String, String>>,
}

impl PodsOf<'_> {
    pub(super) fn pods(&self) -> ServingPods {
        let (protocols, source) = match self.component {
            Component::Predictor => self.spoken(),
            Component::Transformer => self.spoken_by_transformer(),
            // `:explain` is a path of the first protocol only.
            Component::Explainer => (BTreeSet::from([Protocol::V1]), ProtocolSource::Determined),
        };
        let runtime = self.runtime.filter(|_| self.component == Component::Predictor);
        let account = Some(self.spec.service_account_name.as_str()).filter(|name| !name.is_empty());
        ServingPods {
            protocols,
            source,
            service_account: account.unwrap_or("default").to_owned(),
            membership: self.membership(),
            multi_node: self.component == Component::Predictor && self.spec.worker_spec.is_some(),
            runtime_port: runtime.and_then(ServingRuntime::host_port),
        }
    }

    /// The component's own labels and annotations outrank the service's, and those the runtime's
    /// (`buildObjectMeta` in `components/predictor.go`).
    fn membership(&self) -> Membership {
        let runtime = self.runtime.filter(|_| self.component == Component::Predictor);
        let merged = |runtime: Option<&BTreeMap<String, String>>,
                      service: &BTreeMap<String, String>,
                      own: &BTreeMap<String, String>| {
            let mut merged = runtime.cloned().unwrap_or_default();
            merged.extend(service.clone());
            merged.extend(own.clone());
            merged
        };
        let metadata = &self.service.metadata;
        let labels =
            merged(runtime.map(|one| &one.spec.labels), &metadata.labels, &self.spec.labels);
        let annotations = merged(
            runtime.map(|one| &one.spec.annotations),
            &metadata.annotations,
            &self.spec.annotations,
        );
        membership(self.namespace, &labels, &annotations)
    }

    /// It takes what clients send, and calls the predictor in a protocol of its own choice, which its
    /// first container's `PROTOCOL` names (`GetProtocol` in `transformer_custom.go`).
    fn spoken_by_transformer(&self) -> (BTreeSet<Protocol>, ProtocolSource) {
        let (mut protocols, _) = self.spoken();
        protocols.remove(&Protocol::Grpc);
        protocols.insert(Protocol::V1);
        let stated = self.spec.containers.first().and_then(stated_protocol);
        let source =
            if stated.is_some() { ProtocolSource::Stated } else { ProtocolSource::Determined };
        protocols.extend(stated.into_iter().flatten());
        if has_grpc_port(self.spec.containers.iter().flat_map(|one| &one.ports)) {
            protocols.insert(Protocol::Grpc);
        }
        (protocols, source)
    }

    /// The predictor's protocols: `protocolVersion`, then what the runtime lists, then the
    /// framework's default.
    fn spoken(&self) -> (BTreeSet<Protocol>, ProtocolSource) {
        let predictor = &self.service.spec.predictor;
        let ports = predictor.containers.iter().flat_map(|one| &one.ports);
        let (mut protocols, source) = match predictor.served_model() {
            Some(model) => self.spoken_by_model(model),
            None => spoken_by_containers(&predictor.containers),
        };
        let of_model = predictor.served_model().into_iter().flat_map(|model| &model.ports);
        if has_grpc_port(ports.chain(of_model)) {
            protocols.insert(Protocol::Grpc);
        }
        (protocols, source)
    }

    fn spoken_by_model(&self, model: &ModelSpec) -> (BTreeSet<Protocol>, ProtocolSource) {
        let service = self.service;
        let stated = model.protocol_version.as_deref().map(of_version).unwrap_or_default();
        let listed = self.runtime.map(|one| one.spec.protocol_versions.as_slice());
        let listed: BTreeSet<Protocol> =
            listed.unwrap_or_default().iter().flat_map(|version| of_version(version)).collect();
        let (mut protocols, source) = if !stated.is_empty() {
            (stated, ProtocolSource::Stated)
        } else if !listed.is_empty() {
            (listed, ProtocolSource::Stated)
        } else if let Some(runtime) = self.runtime {
            let name = runtime.metadata.name.clone();
            if runtime.spec.containers.iter().any(runs_vllm) || is_vllm(model) {
                (
                    BTreeSet::from([Protocol::OpenAi]),
                    ProtocolSource::Guess(Guess::VllmRuntime(name)),
                )
            } else {
                let v1 = BTreeSet::from([Protocol::V1]);
                (v1, ProtocolSource::Guess(Guess::Runtime(name)))
            }
        } else if service.spec.predictor.huggingface.is_some() || speaks_v2(service, model) {
            (BTreeSet::from([Protocol::V2]), ProtocolSource::Determined)
        } else if is_vllm(model) {
            (BTreeSet::new(), ProtocolSource::Determined)
        } else {
            let unknown = model.runtime.as_deref().filter(|name| !name.starts_with("kserve-"));
            let source = match unknown {
                Some(name) => ProtocolSource::Guess(Guess::UnknownRuntime(name.to_owned())),
                None => ProtocolSource::Default,
            };
            (BTreeSet::from([Protocol::V1]), source)
        };
        if speaks_open_ai(service, model) {
            protocols.insert(Protocol::OpenAi);
        }
        (protocols, source)
    }
}

/// The protocols of a custom predictor: those of its container, or of the transformer that stands
/// beside it in the pod (`GetProtocol` in `predictor_custom.go`).
fn spoken_by_containers(containers: &[Container]) -> (BTreeSet<Protocol>, ProtocolSource) {
    let in_front = containers.iter().find(|one| one.name == "transformer-container");
    let container = in_front.or(containers.first());
    if let Some(stated) = container.and_then(stated_protocol) {
        return (stated, ProtocolSource::Stated);
    }
    if has_grpc_port(containers.iter().flat_map(|one| &one.ports)) {
        return (BTreeSet::from([Protocol::Grpc]), ProtocolSource::Stated);
    }
    if container.is_some_and(runs_vllm) {
        let open_ai = BTreeSet::from([Protocol::OpenAi]);
        return (open_ai, ProtocolSource::Guess(Guess::VllmContainer));
    }
    (BTreeSet::from([Protocol::V1]), ProtocolSource::Guess(Guess::Container))
}

/// What a container's variable `PROTOCOL` says.
fn stated_protocol(container: &Container) -> Option<BTreeSet<Protocol>> {
    let variable = container.env.iter().find(|variable| variable.name == "PROTOCOL")?;
    Some(of_version(&variable.value)).filter(|protocols| !protocols.is_empty())
}

/// Whether a container runs vLLM's server, by its image or its command.
fn runs_vllm(container: &Container) -> bool {
    let image = container.image.rsplit('/').next().unwrap_or_default();
    let mut words = container.command.iter().chain(&container.args);
    image.contains("vllm") || words.any(|word| word.contains("vllm"))
}

/// `protocolVersion`, of an InferenceService or a runtime.
fn of_version(version: &str) -> BTreeSet<Protocol> {
    let protocol = match version.to_ascii_lowercase().as_str() {
        "v1" => Protocol::V1,
        "v2" => Protocol::V2,
        "openai" => Protocol::OpenAi,
        "grpc-v1" | "grpc-v2" => Protocol::Grpc,
        _ => return BTreeSet::new(),
    };
    BTreeSet::from([protocol])
}

/// vLLM's own server, which speaks nothing else (`kserve-vllmserver` lists no protocol).
fn is_vllm(model: &ModelSpec) -> bool {
    let runtime = model.runtime.as_deref().unwrap_or_default();
    model.model_format.name.eq_ignore_ascii_case("vllm") || runtime.contains("vllm")
}

/// The server of Hugging Face's models answers OpenAI's paths beside its own.
fn speaks_open_ai(service: &InferenceService, model: &ModelSpec) -> bool {
    let runtime = model.runtime.as_deref().unwrap_or_default();
    service.spec.predictor.huggingface.is_some()
        || model.model_format.name == "huggingface"
        || runtime.contains("huggingface")
        || is_vllm(model)
}

/// Knative takes a port for HTTP/2 by its name.
fn has_grpc_port<'a>(mut ports: impl Iterator<Item = &'a ContainerPort>) -> bool {
    ports.any(|port| {
        let name = port.name.to_ascii_lowercase();
        name.contains("grpc") || name.contains("h2c")
    })
}
