//! What the servers of models have, each from its own source.
//!
//! What changes a server is for whoever runs it, and in no list: loading and unloading of models and adapters,
//! pulling and deleting, weights, caches, profiles, shared memory, logging and tracing. `tests.rs` has every route
//! of these sources, and which of them are open.

/// The paths of a server or of a protocol, by method.
#[derive(Default)]
pub(super) struct Paths {
    pub(super) get: &'static [&'static str],
    pub(super) head: &'static [&'static str],
    pub(super) post: &'static [&'static str],
    /// Ends of paths below those with a star, which change the server.
    pub(super) except: &'static [&'static str],
}

const NONE: Paths = Paths { get: &[], head: &[], post: &[], except: &[] };

/// `KServe` 0.20, `python/kserve/kserve/protocol/rest/v1_endpoints.py`.
pub(super) const V1: Paths =
    Paths { get: &["/v1/models", "/v1/models/*"], post: &["/v1/models/*"], ..NONE };
/// `KServe` 0.20, `python/kserve/kserve/protocol/rest/v2_endpoints.py`: without `/v2/repository`. Triton has the
/// settings of its traces below `/v2/models` (`model_regex_` in its `src/http_server.cc`), and they stay closed.
pub(super) const V2: Paths = Paths {
    get: &["/v2", "/v2/health/*", "/v2/models", "/v2/models/*"],
    post: &["/v2/models/*"],
    except: &["*/trace/setting"],
    ..NONE
};
/// `KServe` 0.20, `python/kserve/kserve/protocol/rest/openai/endpoints.py`, with its prefix, which the variable
/// `KSERVE_OPENAI_ROUTE_PREFIX` may take away.
pub(super) const PREFIXED_OPENAI: Paths = Paths {
    get: &["/openai/v1/models", "/openai/v1/models/*"],
    post: &[
        "/openai/v1/completions",
        "/openai/v1/chat/completions",
        "/openai/v1/embeddings",
        "/openai/v1/rerank",
    ],
    ..NONE
};
/// The same without a prefix, as vLLM's own server has it.
pub(super) const OPENAI: Paths = Paths {
    get: &["/v1/models", "/v1/models/*"],
    post: &["/v1/completions", "/v1/chat/completions", "/v1/embeddings", "/v1/rerank"],
    ..NONE
};
/// `KServe` 0.20, `python/kserve/kserve/protocol/rest/timeseries/endpoints.py`: what its server of Hugging Face's
/// models has for forecasts.
pub(super) const TIME_SERIES: Paths =
    Paths { get: &["/v1/timeseries/models"], post: &["/v1/timeseries/forecast"], ..NONE };
/// `KServe` 0.20, `python/kserve/kserve/protocol/grpc`, without `RepositoryModelLoad` and `RepositoryModelUnload`;
/// TensorFlow Serving's and `TorchServe`'s services of predictions, and gRPC's health.
pub(super) const GRPC: Paths = Paths {
    post: &[
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
    ..NONE
};
/// Beside OpenAI's, vLLM 0.33.0: the routers that `vllm/entrypoints/launchers/api_server/routers.py` registers.
/// Closed are those of `VLLM_SERVER_DEV_MODE` and of reinforcement learning, adapters, profiles, elastic experts,
/// fault tolerance, and what servers that share one model's work say to each other (`scale_out`).
pub(super) const VLLM: Paths = Paths {
    get: &["/health", "/ping", "/version", "/load", "/v1/responses/*", "/v1/realtime"],
    post: &[
        "/ping",
        "/invocations",
        "/v1/responses",
        "/v1/responses/*",
        "/v1/chat/completions/batch",
        "/v1/audio/transcriptions",
        "/v1/audio/translations",
        "/v1/messages",
        "/v1/messages/count_tokens",
        "/v1/decisions",
        "/v1/systemone",
        "/v2/embed",
        "/cohere/v2/chat",
        "/tokenize",
        "/detokenize",
        "/pooling",
        "/classify",
        "/generative_scoring",
        "/score",
        "/v1/score",
        "/rerank",
        "/v2/rerank",
    ],
    ..NONE
};
/// Text Generation Inference 3.3.7, `router/src/server.rs`; without the feature `kserve`, which its image is not
/// built with.
pub(super) const TGI: Paths = Paths {
    get: &["/", "/health", "/ping", "/info", "/v1/models"],
    post: &[
        "/",
        "/generate",
        "/generate_stream",
        "/chat_tokenize",
        "/tokenize",
        "/invocations",
        "/vertex",
        "/v1/completions",
        "/v1/chat/completions",
    ],
    ..NONE
};
/// Ollama 0.33.0, `server/routes.go` (`GenerateRoutes`): its own client asks for `/` with HEAD first (`Heartbeat` in
/// `api/client.go`). Pulling, pushing, creating, copying and deleting models, the account and its searches are closed.
pub(super) const OLLAMA: Paths = Paths {
    get: &[
        "/",
        "/api/tags",
        "/api/ps",
        "/api/version",
        "/api/status",
        "/v1/models",
        "/v1/models/*",
    ],
    head: &["/", "/api/tags", "/api/version"],
    post: &[
        "/api/generate",
        "/api/chat",
        "/api/embed",
        "/api/embeddings",
        "/api/show",
        "/v1/completions",
        "/v1/chat/completions",
        "/v1/embeddings",
        "/v1/responses",
        "/v1/audio/transcriptions",
        "/v1/messages",
    ],
    ..NONE
};
/// Beside v2's and gRPC's, Triton 2.73: the configuration and statistics of a model over gRPC
/// (`src/grpc/grpc_server.cc`). Over HTTP (`src/http_server.cc`) both and `generate` are below `/v2/models`.
pub(super) const TRITON: Paths = Paths {
    post: &[
        "/inference.GRPCInferenceService/ModelConfig",
        "/inference.GRPCInferenceService/ModelStatistics",
    ],
    ..NONE
};
/// Text Embeddings Inference 1.9.3, `router/src/http/server.rs`.
pub(super) const TEXT_EMBEDDINGS: Paths = Paths {
    get: &["/", "/health", "/ping", "/info"],
    post: &[
        "/",
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
        "/vertex",
    ],
    ..NONE
};
