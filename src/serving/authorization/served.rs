//! The paths of each protocol.

use std::borrow::Cow;
use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::controllers::kserve::Protocol;

/// What a model server speaks: a protocol of `KServe`, or a server's own paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
pub(crate) enum NamedProtocol {
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
    /// vLLM's own server.
    #[serde(rename = "vLLM")]
    Vllm,
    /// Hugging Face's Text Generation Inference.
    #[serde(rename = "TGI")]
    Tgi,
    /// Ollama.
    #[serde(rename = "ollama")]
    Ollama,
    /// NVIDIA Triton, over HTTP and gRPC.
    #[serde(rename = "triton")]
    Triton,
    /// Hugging Face's servers: `KServe`'s runtime, and Text Embeddings Inference.
    #[serde(rename = "huggingFace")]
    HuggingFace,
}

impl From<Protocol> for NamedProtocol {
    fn from(protocol: Protocol) -> Self {
        match protocol {
            Protocol::V1 => Self::V1,
            Protocol::V2 => Self::V2,
            Protocol::OpenAi => Self::OpenAi,
            Protocol::Grpc => Self::Grpc,
        }
    }
}

/// What must not be cut off: metrics, and the probes of Knative's queue-proxy. The guide has the
/// same four.
pub const PROBES: [&str; 4] = ["/metrics", "/healthz", "/ready", "/wait-for-drain"];

/// The paths that are served, as AuthorizationPolicies write them: a star at the end stands for
/// anything that is not empty.
///
/// OpenAI's are with `KServe`'s prefix and without: the variable `KSERVE_OPENAI_ROUTE_PREFIX` may take it
/// away, and vLLM's own server has none.
///
/// Loading and unloading of models (`/v2/repository`) is for whoever runs the server and is not
/// among them. Source: `python/kserve/kserve/protocol/rest` and `protocol/grpc` of `KServe`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ServedPaths {
    /// Paths that are read.
    pub get: Vec<Cow<'static, str>>,
    /// Paths of predictions.
    pub post: Vec<Cow<'static, str>>,
}

impl ServedPaths {
    /// The paths of some protocols.
    #[must_use]
    pub(crate) fn of(protocols: &BTreeSet<NamedProtocol>) -> Self {
        let mut served = Self::default();
        for (get, post) in protocols.iter().flat_map(|protocol| paths(*protocol)) {
            for (all, of_one) in [(&mut served.get, *get), (&mut served.post, *post)] {
                for path in of_one {
                    if !all.iter().any(|one| one == path) {
                        all.push(Cow::Borrowed(*path));
                    }
                }
            }
        }
        served
    }

    /// Adds paths that are both read and requested.
    pub(crate) fn add(&mut self, paths: &[String]) {
        for all in [&mut self.get, &mut self.post] {
            for path in paths {
                if !all.iter().any(|one| one == path) {
                    all.push(Cow::Owned(path.clone()));
                }
            }
        }
    }

    /// Each path once, in order.
    #[must_use]
    pub(crate) fn all(&self) -> Vec<Cow<'static, str>> {
        let mut all = self.get.clone();
        all.extend(self.post.iter().filter(|path| !self.get.contains(path)).cloned());
        all
    }

    /// A request for each path: method and target.
    pub(crate) fn requests(&self) -> impl Iterator<Item = (&'static str, String)> {
        let get = self.get.iter().map(|path| ("GET", path));
        let post = self.post.iter().map(|path| ("POST", path));
        get.chain(post).map(|(method, path)| (method, path.replace('*', "example")))
    }
}

/// Paths that are read, and paths that are requested.
type Paths = (&'static [&'static str], &'static [&'static str]);

const V1: Paths = (&["/v1/models", "/v1/models/*"], &["/v1/models/*"]);
const V2: Paths = (&["/v2", "/v2/health/*", "/v2/models", "/v2/models/*"], &["/v2/models/*"]);
/// With `KServe`'s prefix.
const PREFIXED_OPENAI: Paths = (
    &["/openai/v1/models", "/openai/v1/models/*"],
    &[
        "/openai/v1/completions",
        "/openai/v1/chat/completions",
        "/openai/v1/embeddings",
        "/openai/v1/rerank",
    ],
);
/// Without a prefix.
const OPENAI: Paths = (
    &["/v1/models", "/v1/models/*"],
    &["/v1/completions", "/v1/chat/completions", "/v1/embeddings", "/v1/rerank"],
);
const GRPC: Paths = (
    &[],
    &[
        "/inference.GRPCInferenceService/ServerLive",
        "/inference.GRPCInferenceService/ServerReady",
        "/inference.GRPCInferenceService/ServerMetadata",
        "/inference.GRPCInferenceService/ModelReady",
        "/inference.GRPCInferenceService/ModelMetadata",
        "/inference.GRPCInferenceService/ModelInfer",
        "/inference.GRPCInferenceService/ModelStreamInfer",
        "/tensorflow.serving.PredictionService/*",
        "/org.pytorch.serve.grpc.inference.InferenceAPIsService/*",
        "/grpc.health.v1.Health/*",
    ],
);
/// Beside OpenAI's: its page "Online Serving" (vLLM 0.32). LoRA adapters, sleep and caches, which
/// change the server, are not among them.
const VLLM: Paths = (
    &["/health", "/ping", "/version", "/v1/responses/*"],
    &[
        "/ping",
        "/invocations",
        "/v1/responses",
        "/v1/responses/*",
        "/v1/chat/completions/batch",
        "/v1/audio/transcriptions",
        "/v1/audio/translations",
        "/v1/messages",
        "/v1/messages/count_tokens",
        "/v2/embed",
        "/tokenize",
        "/detokenize",
        "/pooling",
        "/classify",
        "/score",
        "/v1/score",
        "/rerank",
        "/v2/rerank",
    ],
);
/// The routes of its `router/src/server.rs` (3.3), with OpenAI's.
const TGI: Paths = (
    &["/health", "/ping", "/info", "/v1/models"],
    &[
        "/",
        "/generate",
        "/generate_stream",
        "/chat_tokenize",
        "/tokenize",
        "/invocations",
        "/v1/completions",
        "/v1/chat/completions",
    ],
);
/// Its API reference; pulling, pushing, creating, copying and deleting models are not among them.
const OLLAMA: Paths = (
    &["/", "/api/tags", "/api/ps", "/api/version", "/v1/models", "/v1/models/*"],
    &[
        "/api/generate",
        "/api/chat",
        "/api/embed",
        "/api/embeddings",
        "/api/show",
        "/v1/completions",
        "/v1/chat/completions",
        "/v1/embeddings",
        "/v1/responses",
    ],
);
/// Beside v2's and gRPC's: the extension of model configuration and statistics over gRPC. Over HTTP,
/// both and `generate` are below `/v2/models`. Repository, shared memory and logging are not among them.
const TRITON: Paths = (
    &[],
    &[
        "/inference.GRPCInferenceService/ModelConfig",
        "/inference.GRPCInferenceService/ModelStatistics",
    ],
);
/// The routes of `router/src/http/server.rs` of Text Embeddings Inference (1.8).
const TEXT_EMBEDDINGS: Paths = (
    &["/health", "/ping", "/info"],
    &[
        "/embed",
        "/embed_all",
        "/embed_sparse",
        "/predict",
        "/rerank",
        "/similarity",
        "/tokenize",
        "/decode",
        "/embeddings",
        "/v1/embeddings",
        "/invocations",
    ],
);

fn paths(protocol: NamedProtocol) -> &'static [&'static Paths] {
    match protocol {
        NamedProtocol::V1 => &[&V1],
        NamedProtocol::V2 => &[&V2],
        NamedProtocol::OpenAi => &[&PREFIXED_OPENAI, &OPENAI],
        NamedProtocol::Grpc => &[&GRPC],
        NamedProtocol::Vllm => &[&OPENAI, &VLLM],
        NamedProtocol::Tgi => &[&TGI],
        NamedProtocol::Ollama => &[&OLLAMA],
        NamedProtocol::Triton => &[&V2, &GRPC, &TRITON],
        NamedProtocol::HuggingFace => &[&V1, &V2, &PREFIXED_OPENAI, &TEXT_EMBEDDINGS],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_read_and_asked_is_written_once() {
        let served = ServedPaths::of(&BTreeSet::from([NamedProtocol::V1]));
        assert_eq!(served.all(), ["/v1/models", "/v1/models/*"]);
        let requests: Vec<_> = served.requests().collect();
        assert_eq!(requests.last(), Some(&("POST", "/v1/models/example".to_owned())));
    }

    #[test]
    fn no_protocol_opens_what_changes_the_server() {
        use NamedProtocol::{Grpc, HuggingFace, Ollama, OpenAi, Tgi, Triton, V1, V2, Vllm};
        let all = BTreeSet::from([V1, V2, OpenAi, Grpc, Vllm, Tgi, Ollama, Triton, HuggingFace]);
        for path in ServedPaths::of(&all).all() {
            for closed in [
                "/v2/repository/models/x/load",
                "/inference.GRPCInferenceService/RepositoryModelLoad",
                "/v1/load_lora_adapter",
                "/sleep",
                "/reset_prefix_cache",
                "/api/pull",
                "/api/delete",
                "/api/blobs/sha256:0",
                "/v2/systemsharedmemory/region/x/register",
                "/v2/logging",
            ] {
                let opens = match path.strip_suffix('*') {
                    Some(prefix) => closed.starts_with(prefix),
                    None => closed == path,
                };
                assert!(!opens, "{path} opens {closed}");
            }
        }
    }
}
