use std::collections::BTreeSet;

use super::NamedProtocol::{self, HuggingFace, Ollama, Tgi, Triton, V1, V2, Vllm};
use super::*;
use crate::controllers::istio::{AuthorizationPolicy, Membership, Verdict};
use crate::controllers::kserve::{Component, ProtocolSource};
use crate::serving::authorization::proof::request;
use crate::serving::authorization::{
    ApiVersion, Callers, Mode, Platform, Policies, Principal, ServingWorkload, Settings,
    WorkloadLabels,
};

/// Every route of a server's source, a line each: the method, the path, and whether it is open.
struct Server {
    protocol: NamedProtocol,
    routes: &'static str,
}

const SERVERS: [Server; 7] = [
    // KServe 0.20: python/kserve/kserve/protocol/rest/v1_endpoints.py and server.py.
    Server {
        protocol: V1,
        routes: "
            GET /v1/models open
            GET /v1/models/iris open
            POST /v1/models/iris:predict open
            POST /v1/models/iris:explain open",
    },
    // KServe 0.20: python/kserve/kserve/protocol/rest/v2_endpoints.py.
    Server {
        protocol: V2,
        routes: "
            GET /v2 open
            GET /v2/health/live open
            GET /v2/health/ready open
            GET /v2/models open
            GET /v2/models/iris open
            GET /v2/models/iris/versions/1 open
            GET /v2/models/iris/ready open
            GET /v2/models/iris/versions/1/ready open
            POST /v2/models/iris/infer open
            POST /v2/models/iris/versions/1/infer open
            POST /v2/repository/models/iris/load closed
            POST /v2/repository/models/iris/unload closed",
    },
    // vLLM 0.33.0: the routers of vllm/entrypoints.
    Server {
        protocol: Vllm,
        routes: "
            POST /v1/messages open
            POST /v1/messages/count_tokens open
            POST /cohere/v2/chat open
            POST /cohere/v2/chat/render closed
            POST /generative_scoring open
            POST /v1/systemone open
            POST /v1/chat/completions open
            POST /v1/chat/completions/batch open
            POST /v1/completions open
            POST /v1/decisions open
            GET /v1/models open
            POST /v1/responses open
            GET /v1/responses/r1 open
            POST /v1/responses/r1/cancel open
            POST /classify open
            POST /v1/embeddings open
            POST /v2/embed open
            POST /pooling open
            POST /score open
            POST /v1/score open
            POST /rerank open
            POST /v1/rerank open
            POST /v2/rerank open
            POST /pause closed
            POST /resume closed
            POST /abort_requests closed
            GET /is_paused closed
            POST /init_weight_transfer_engine closed
            POST /shutdown_weight_transfer_engine closed
            POST /start_weight_update closed
            POST /start_draft_weight_update closed
            POST /update_weights closed
            POST /finish_weight_update closed
            POST /update_weight_version closed
            GET /weight_info closed
            POST /weight_checker closed
            GET /get_world_size closed
            POST /v1/chat/completions/derender closed
            POST /v1/completions/derender closed
            POST /v1/chat/completions/render closed
            POST /v1/messages/render closed
            POST /v1/completions/render closed
            POST /inference/v1/generate closed
            POST /inference/v1/abort_requests closed
            POST /reset_prefix_cache closed
            POST /reset_mm_cache closed
            POST /reset_encoder_cache closed
            POST /collective_rpc closed
            GET /server_info closed
            POST /sleep closed
            POST /release_kv_cache_memory closed
            POST /wake_up closed
            GET /is_sleeping closed
            POST /scale_elastic_ep closed
            POST /is_scaling_elastic_ep closed
            POST /fault_tolerance/apply closed
            GET /fault_tolerance/status closed
            GET /load open
            GET /version open
            GET /kv_event_sources closed
            GET /health open
            POST /v1/load_lora_adapter closed
            POST /v1/unload_lora_adapter closed
            POST /start_profile closed
            POST /stop_profile closed
            GET /ping open
            POST /ping open
            POST /invocations open
            POST /tokenize open
            POST /detokenize open
            GET /tokenizer_info closed
            GET /v1/realtime open
            POST /v1/audio/transcriptions open
            POST /v1/audio/translations open",
    },
    // Text Generation Inference 3.3.7: router/src/server.rs.
    Server {
        protocol: Tgi,
        routes: "
            POST / open
            POST /generate open
            POST /generate_stream open
            POST /v1/chat/completions open
            POST /v1/completions open
            POST /vertex open
            POST /invocations open
            POST /tokenize open
            GET / open
            POST /chat_tokenize open
            GET /info open
            GET /health open
            GET /ping open
            GET /v1/models open
            GET /docs closed",
    },
    // Ollama 0.33.0: server/routes.go.
    Server {
        protocol: Ollama,
        routes: "
            HEAD / open
            GET / open
            HEAD /api/version open
            GET /api/version open
            GET /api/status open
            POST /api/pull closed
            POST /api/push closed
            HEAD /api/tags open
            GET /api/tags open
            POST /api/show open
            DELETE /api/delete closed
            POST /api/me closed
            POST /api/signout closed
            DELETE /api/user/keys/k closed
            POST /api/create closed
            POST /api/blobs/sha256:0 closed
            HEAD /api/blobs/sha256:0 closed
            POST /api/copy closed
            POST /api/experimental/web_search closed
            POST /api/experimental/web_fetch closed
            GET /api/experimental/model-recommendations closed
            GET /api/ps open
            POST /api/generate open
            POST /api/chat open
            POST /api/embed open
            POST /api/embeddings open
            POST /v1/chat/completions open
            POST /v1/completions open
            POST /v1/embeddings open
            GET /v1/models open
            GET /v1/models/llama3 open
            POST /v1/responses open
            POST /v1/audio/transcriptions open
            POST /v1/messages open",
    },
    // Triton 2.73: src/http_server.cc and src/grpc/grpc_server.cc.
    Server {
        protocol: Triton,
        routes: "
            GET /v2 open
            GET /v2/health/live open
            GET /v2/health/ready open
            GET /v2/models/iris open
            GET /v2/models/iris/versions/1 open
            POST /v2/models/iris/infer open
            POST /v2/models/iris/versions/1/infer open
            POST /v2/models/iris/generate open
            POST /v2/models/iris/generate_stream open
            GET /v2/models/iris/ready open
            GET /v2/models/iris/config open
            GET /v2/models/iris/stats open
            GET /v2/models/stats open
            GET /v2/models/iris/trace/setting closed
            POST /v2/models/iris/trace/setting closed
            POST /v2/trace/setting closed
            POST /v2/logging closed
            POST /v2/repository/index closed
            POST /v2/repository/r/models/iris/load closed
            POST /v2/repository/models/iris/unload closed
            POST /v2/systemsharedmemory/region/x/register closed
            POST /v2/systemsharedmemory/unregister closed
            GET /v2/cudasharedmemory/status closed
            POST /v2/cudasharedmemory/region/x/register closed
            POST /inference.GRPCInferenceService/ServerLive open
            POST /inference.GRPCInferenceService/ServerReady open
            POST /inference.GRPCInferenceService/ServerMetadata open
            POST /inference.GRPCInferenceService/ModelReady open
            POST /inference.GRPCInferenceService/ModelMetadata open
            POST /inference.GRPCInferenceService/ModelInfer open
            POST /inference.GRPCInferenceService/ModelStreamInfer open
            POST /inference.GRPCInferenceService/ModelConfig open
            POST /inference.GRPCInferenceService/ModelStatistics open
            POST /inference.GRPCInferenceService/TraceSetting closed
            POST /inference.GRPCInferenceService/LogSettings closed
            POST /inference.GRPCInferenceService/RepositoryIndex closed
            POST /inference.GRPCInferenceService/RepositoryModelLoad closed
            POST /inference.GRPCInferenceService/SystemSharedMemoryRegister closed
            POST /inference.GRPCInferenceService/CudaSharedMemoryRegister closed
            POST /grpc.health.v1.Health/Check open",
    },
    // KServe 0.20: python/kserve/kserve/protocol/rest/{openai,timeseries}/endpoints.py; Text Embeddings
    // Inference 1.9.3: router/src/http/server.rs.
    Server {
        protocol: HuggingFace,
        routes: "
            GET /v1/models open
            GET /v1/models/bert open
            POST /v1/models/bert:predict open
            GET /v2 open
            GET /v2/health/ready open
            GET /v2/models/bert open
            POST /v2/models/bert/infer open
            POST /openai/v1/completions open
            POST /openai/v1/chat/completions open
            POST /openai/v1/embeddings open
            POST /openai/v1/rerank open
            GET /openai/v1/models open
            GET /openai/v1/models/bert open
            POST /v1/timeseries/forecast open
            GET /v1/timeseries/models open
            POST /v2/repository/models/bert/load closed
            GET /info open
            POST /embed open
            POST /embed_all open
            POST /embed_sparse open
            POST /predict open
            POST /rerank open
            POST /similarity open
            POST /tokenize open
            POST /decode open
            POST /embeddings open
            POST /v1/embeddings open
            POST /vertex open
            GET /health open
            GET / open
            GET /ping open
            POST / open
            POST /invocations open",
    },
];

fn gateway() -> Principal {
    "cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account".parse().unwrap()
}

fn workload(protocol: NamedProtocol) -> ServingWorkload {
    ServingWorkload {
        namespace: "team-a".to_owned(),
        service: "chat".to_owned(),
        component: Component::Predictor,
        name: "chat-predictor".to_owned(),
        pod_labels: WorkloadLabels::OfComponent(Default::default()),
        protocols: BTreeSet::from([protocol]),
        paths: Vec::new(),
        protocol_source: ProtocolSource::Stated,
        knative: false,
        ports: vec![8080],
        membership: Membership::Sidecar,
        service_account: "default".to_owned(),
        multi_node: false,
        entry: true,
        called_by: BTreeSet::new(),
        called_from: BTreeSet::new(),
    }
}

/// What the function's own policy says of a request of the gateway.
fn is_let_through(mode: Mode, workload: &ServingWorkload, method: &str, path: &str) -> bool {
    let policies = Policies {
        mode,
        api_version: ApiVersion::default(),
        root_namespace: "istio-system".to_owned(),
        callers: Callers::new(
            "cluster.local".parse().unwrap(),
            vec![gateway()],
            "1.16.0".parse().unwrap(),
        ),
        settings: Settings::default(),
    };
    let generated: Vec<AuthorizationPolicy> = policies
        .of(std::slice::from_ref(workload))
        .map(|value| serde_json::from_value(value).unwrap())
        .collect();
    let request = request(workload, gateway().identity(), method, path);
    let verdict = Platform::default().in_force(workload, &generated).evaluate(&request).verdict;
    assert!(!matches!(verdict, Verdict::Undecided { .. }), "{method} {path}");
    verdict == Verdict::Allowed
}

/// The routes of a server: method, path, and whether it is open.
fn routes(server: &Server) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    server.routes.split('\n').filter(|line| !line.trim().is_empty()).map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [method, path, state @ ("open" | "closed")] = words[..] else { panic!("{line}") };
        (method, path, state == "open")
    })
}

#[test]
fn a_server_s_routes_are_open_as_listed() {
    for server in &SERVERS {
        let workload = workload(server.protocol);
        let opened: BTreeSet<&str> =
            routes(server).filter(|(.., open)| *open).map(|(_, path, _)| path).collect();
        for (method, path, open) in routes(server) {
            let protocol = server.protocol;
            assert_eq!(
                is_let_through(Mode::Strict, &workload, method, path),
                open,
                "{protocol:?} {method} {path}"
            );
            assert!(!open || workload.served().has(method, path), "{method} {path}");
            // That mode does not tell methods apart.
            assert_eq!(
                is_let_through(Mode::Namespace, &workload, method, path),
                opened.contains(path),
                "{protocol:?} {path}"
            );
        }
    }
}

#[test]
fn no_path_is_open_that_no_source_has() {
    for server in &SERVERS {
        let known: Vec<(&str, &str)> = routes(server)
            .filter(|(.., open)| *open)
            .map(|(method, path, _)| (method, path))
            .collect();
        let served = ServedPaths::of(&BTreeSet::from([server.protocol]));
        let listed = [("GET", &served.get), ("HEAD", &served.head), ("POST", &served.post)];
        for (method, paths) in listed {
            for path in paths {
                let is_known = known.iter().any(|(of, route)| {
                    *of == method
                        && match path.strip_suffix('*') {
                            Some(prefix) => route.starts_with(prefix),
                            None => route == path,
                        }
                });
                // Other servers that speak gRPC, and OpenAI's list of one model, which a proxy before vLLM has.
                let is_of_others = path.starts_with("/tensorflow.serving")
                    || path.starts_with("/org.pytorch")
                    || *path == "/v1/models/*"
                    || *path == "/v2/models";
                assert!(is_known || is_of_others, "{:?} {method} {path}", server.protocol);
            }
        }
    }
}

#[test]
fn a_path_that_is_read_and_requested_is_written_once() {
    let served = ServedPaths::of(&BTreeSet::from([V1]));
    assert_eq!(served.all(), ["/v1/models", "/v1/models/*"]);
    let requests: Vec<_> = served.requests().collect();
    assert_eq!(requests.last(), Some(&("POST", "/v1/models/example".to_owned())));
}

#[test]
fn a_path_that_is_named_is_no_exception() {
    let mut workload = workload(Triton);
    let path = "/v2/models/iris/trace/setting";
    assert!(!is_let_through(Mode::Strict, &workload, "POST", path));
    workload.paths = vec![path.to_owned()];
    assert!(is_let_through(Mode::Strict, &workload, "POST", path));
}
