//! The paths of each protocol.

mod routes;
mod servers;

use std::borrow::Cow;
use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use self::servers::{
    GRPC, OLLAMA, OPENAI, PREFIXED_OPENAI, Paths, TEXT_EMBEDDINGS, TGI, TIME_SERIES, TRITON, V1,
    V2, VLLM,
};
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ServedPaths {
    /// Paths that are read.
    pub get: Vec<Cow<'static, str>>,
    /// Paths that are requested without their content.
    pub head: Vec<Cow<'static, str>>,
    /// Paths of predictions.
    pub post: Vec<Cow<'static, str>>,
    /// Ends of paths that are among those and change the server, with a star before them.
    pub except: Vec<&'static str>,
}

impl ServedPaths {
    /// The paths of some protocols.
    #[must_use]
    pub(crate) fn of(protocols: &BTreeSet<NamedProtocol>) -> Self {
        let mut served = Self::default();
        for of_server in protocols.iter().flat_map(|protocol| paths(*protocol)) {
            let methods = [
                (&mut served.get, of_server.get),
                (&mut served.head, of_server.head),
                (&mut served.post, of_server.post),
            ];
            for (all, of_one) in methods {
                for path in of_one {
                    if !all.iter().any(|one| one == path) {
                        all.push(Cow::Borrowed(*path));
                    }
                }
            }
            for end in of_server.except {
                if !served.except.contains(end) {
                    served.except.push(end);
                }
            }
        }
        served
    }

    /// Adds paths that are both read and requested; what they name is not excepted.
    pub(crate) fn add(&mut self, paths: &[String]) {
        for all in [&mut self.get, &mut self.post] {
            for path in paths {
                if !all.iter().any(|one| one == path) {
                    all.push(Cow::Owned(path.clone()));
                }
            }
        }
        self.except.retain(|end| {
            let end = end.trim_start_matches('*');
            !paths.iter().any(|path| path.ends_with(end))
        });
    }

    /// Whether servers have what a request's target names, and not only a policy's star.
    #[must_use]
    pub(crate) fn has(&self, method: &str, target: &str) -> bool {
        let path = routes::path_of(target);
        let has = |method: &str, listed: &[Cow<'static, str>]| {
            listed.iter().any(|one| routes::has(method, one, &path))
        };
        match method {
            "GET" => has("GET", &self.get),
            "HEAD" => has("GET", &self.get) || has("HEAD", &self.head),
            "POST" => has("POST", &self.post),
            _ => false,
        }
    }

    /// A path that servers have, of a model of this name, where a policy's lets it through.
    #[must_use]
    pub(crate) fn example(method: &str, listed: &str, name: &str) -> String {
        routes::example(method, listed, name)
    }

    /// Each path once, in order.
    #[must_use]
    pub(crate) fn all(&self) -> Vec<Cow<'static, str>> {
        let mut all = self.get.clone();
        for path in self.head.iter().chain(&self.post) {
            if !all.contains(path) {
                all.push(path.clone());
            }
        }
        all
    }

    /// The exceptions of some of the paths: below one with a star there may be another end.
    #[must_use]
    pub(crate) fn except_below(&self, paths: &[Cow<'static, str>]) -> &[&'static str] {
        if paths.iter().any(|path| path.ends_with("/v2/models/*")) { &self.except } else { &[] }
    }

    /// A request for each path: method and target.
    pub(crate) fn requests(&self) -> impl Iterator<Item = (&'static str, String)> {
        let of = |method: &'static str, paths: &[Cow<'static, str>]| {
            let targets: Vec<String> =
                paths.iter().map(|path| path.replace('*', "example")).collect();
            targets.into_iter().map(move |target| (method, target))
        };
        of("GET", &self.get).chain(of("HEAD", &self.head)).chain(of("POST", &self.post))
    }
}

/// The paths of a protocol.
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
        NamedProtocol::HuggingFace => &[&V1, &V2, &PREFIXED_OPENAI, &TIME_SERIES, &TEXT_EMBEDDINGS],
    }
}

#[cfg(test)]
mod tests;
