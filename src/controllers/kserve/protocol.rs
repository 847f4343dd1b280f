//! Which protocols a component speaks, and with which identity its pods call others.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::inference_service::{Component, ComponentSpec, InferenceService, ModelSpec};
use super::predict_path::speaks_v2;

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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServingPods {
    /// The protocols that they speak.
    pub protocols: BTreeSet<Protocol>,
    /// What was assumed of the protocols; `None` where the manifests say them.
    pub assumed: Option<&'static str>,
    /// The name of their service account.
    pub service_account: String,
    /// Whether an annotation or label keeps Istio's sidecar out.
    pub without_sidecar: bool,
}

/// `protocolVersions` of the runtimes among the items, by name.
pub(super) type Runtimes = BTreeMap<String, BTreeSet<String>>;

const INJECT: &str = "sidecar.istio.io/inject";

impl ServingPods {
    pub(super) fn of(
        service: &InferenceService,
        component: Component,
        spec: &ComponentSpec,
        runtimes: &Runtimes,
    ) -> Self {
        let (protocols, assumed) = match component {
            Component::Predictor => spoken(service, runtimes),
            // It takes what clients send, and asks the predictor in a protocol of its own choice.
            Component::Transformer => {
                let mut protocols = spoken(service, runtimes).0;
                protocols.remove(&Protocol::Grpc);
                protocols.insert(Protocol::V1);
                if has_grpc_port(spec.containers.iter().flat_map(|one| &one.ports)) {
                    protocols.insert(Protocol::Grpc);
                }
                (protocols, None)
            }
            // `:explain` is a path of the first protocol only.
            Component::Explainer => (BTreeSet::from([Protocol::V1]), None),
        };
        let account = Some(spec.service_account_name.as_str()).filter(|name| !name.is_empty());
        let maps = [
            &spec.labels,
            &spec.annotations,
            &service.metadata.labels,
            &service.metadata.annotations,
        ];
        let inject = maps.into_iter().find_map(|map| map.get(INJECT));
        Self {
            protocols,
            assumed,
            service_account: account.unwrap_or("default").to_owned(),
            without_sidecar: inject.is_some_and(|value| value == "false"),
        }
    }
}

/// The predictor's protocols: `protocolVersion`, then what the named runtime lists, then the
/// framework's default.
fn spoken(
    service: &InferenceService,
    runtimes: &Runtimes,
) -> (BTreeSet<Protocol>, Option<&'static str>) {
    let predictor = &service.spec.predictor;
    let ports = predictor.containers.iter().flat_map(|one| &one.ports);
    let Some(model) = predictor.served_model() else {
        let variable = predictor
            .containers
            .first()
            .and_then(|one| one.env.iter().find(|variable| variable.name == "PROTOCOL"));
        let (mut protocols, assumed) = match variable.map(|one| of_version(&one.value)) {
            Some(protocols) if !protocols.is_empty() => (protocols, None),
            _ if has_grpc_port(ports.clone()) => (BTreeSet::from([Protocol::Grpc]), None),
            _ => (BTreeSet::from([Protocol::V1]), Some("a custom container speaks v1 by default")),
        };
        if has_grpc_port(ports) {
            protocols.insert(Protocol::Grpc);
        }
        return (protocols, assumed);
    };
    let listed = model.runtime.as_ref().and_then(|runtime| runtimes.get(runtime));
    let (mut protocols, assumed) = match (&model.protocol_version, listed) {
        (Some(version), _) if !of_version(version).is_empty() => (of_version(version), None),
        (_, Some(versions)) if versions.iter().any(|one| !of_version(one).is_empty()) => {
            (versions.iter().flat_map(|version| of_version(version)).collect(), None)
        }
        _ if speaks_v2(service, model) => (BTreeSet::from([Protocol::V2]), None),
        _ if is_vllm(model) => (BTreeSet::new(), None),
        _ => {
            let why = "a model without protocolVersion and known runtime speaks v1 by default";
            (BTreeSet::from([Protocol::V1]), Some(why))
        }
    };
    if speaks_open_ai(service, model) {
        protocols.insert(Protocol::OpenAi);
    }
    if has_grpc_port(ports.chain(&model.ports)) {
        protocols.insert(Protocol::Grpc);
    }
    (protocols, assumed)
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
fn has_grpc_port<'a>(
    mut ports: impl Iterator<Item = &'a super::inference_service::ContainerPort>,
) -> bool {
    ports.any(|port| {
        let name = port.name.to_ascii_lowercase();
        name.contains("grpc") || name.contains("h2c")
    })
}
