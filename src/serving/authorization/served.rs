//! The paths of each protocol.

use std::collections::BTreeSet;

use crate::controllers::kserve::Protocol;

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
pub struct ServedPaths {
    /// Paths that are read.
    pub get: Vec<&'static str>,
    /// Paths that are asked for predictions.
    pub post: Vec<&'static str>,
}

impl ServedPaths {
    /// The paths of some protocols.
    #[must_use]
    pub(crate) fn of(protocols: &BTreeSet<Protocol>) -> Self {
        let mut served = Self::default();
        for protocol in protocols {
            let (get, post) = paths(*protocol);
            for (all, of_one) in [(&mut served.get, get), (&mut served.post, post)] {
                for path in of_one {
                    if !all.contains(path) {
                        all.push(path);
                    }
                }
            }
        }
        served
    }

    /// Each path once, in order.
    #[must_use]
    pub(crate) fn all(&self) -> Vec<&'static str> {
        let mut all = self.get.clone();
        all.extend(self.post.iter().filter(|path| !self.get.contains(path)));
        all
    }

    /// A request for each path: method and target.
    pub(crate) fn requests(&self) -> impl Iterator<Item = (&'static str, String)> {
        let get = self.get.iter().map(|path| ("GET", *path));
        let post = self.post.iter().map(|path| ("POST", *path));
        get.chain(post).map(|(method, path)| (method, path.replace('*', "example")))
    }
}

fn paths(protocol: Protocol) -> (&'static [&'static str], &'static [&'static str]) {
    match protocol {
        Protocol::V1 => (&["/v1/models", "/v1/models/*"], &["/v1/models/*"]),
        Protocol::V2 => (&["/v2", "/v2/health/*", "/v2/models", "/v2/models/*"], &["/v2/models/*"]),
        Protocol::OpenAi => (
            &["/openai/v1/models", "/openai/v1/models/*", "/v1/models", "/v1/models/*"],
            &[
                "/openai/v1/completions",
                "/openai/v1/chat/completions",
                "/openai/v1/embeddings",
                "/openai/v1/rerank",
                "/v1/completions",
                "/v1/chat/completions",
                "/v1/embeddings",
                "/v1/rerank",
            ],
        ),
        Protocol::Grpc => (
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
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_read_and_asked_is_written_once() {
        let served = ServedPaths::of(&BTreeSet::from([Protocol::V1]));
        assert_eq!(served.all(), ["/v1/models", "/v1/models/*"]);
        let requests: Vec<_> = served.requests().collect();
        assert_eq!(requests.last(), Some(&("POST", "/v1/models/example".to_owned())));
    }

    #[test]
    fn no_protocol_opens_the_loading_of_models() {
        use Protocol::{Grpc, OpenAi, V1, V2};
        for path in ServedPaths::of(&BTreeSet::from([V1, V2, OpenAi, Grpc])).all() {
            let prefix = path.trim_end_matches('*');
            assert!(
                !"/v2/repository/models/x/load".starts_with(prefix) || prefix == path,
                "{path}"
            );
            assert!(!"/inference.GRPCInferenceService/RepositoryModelLoad".starts_with(prefix));
        }
    }
}
