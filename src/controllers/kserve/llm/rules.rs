//! The rules of the `HTTPRoute` that is created for an `LLMInferenceService`.
//!
//! Source: `config/llmisvcconfig/config-llm-router-route.yaml` of 0.16.0, 0.17.0, 0.19.0 and 0.20.0;
//! `isModelBasedRoutingEnabled`, `stripModelBasedRoutingRules`, `expandLoRAAdapterMatches` and what follows
//! `isDefaultBackendRef` in `pkg/controller/v1alpha2/llmisvc/config_merge.go` of 0.20.0.

use serde_json::json;

use super::spec::{LlmInferenceService, Router};
use super::surroundings::Surroundings;
use crate::controllers::gateway_api::{
    Gateway, HeaderMatch, PathMatch, RouteBackend, RouteFilter, RouteMatch, RouteRule,
};
use crate::controllers::knative::child_name;
use crate::controllers::kserve::container_ports::LLM_PORT;
use crate::controllers::kserve::ingress_settings::ModelRouting;
use crate::values::release::Release;

/// From here on there is a rule for each API, and one for the rest that leads past the scheduler.
const BY_API: Release = Release::new(0, 17, 0);
/// From here on requests may name the model in a header.
const BY_HEADER: Release = Release::new(0, 19, 0);
/// From here on the header's rule is one for all APIs, and the name of the model is a path, too.
const BY_PUBLISHER: Release = Release::new(0, 20, 0);
/// The annotation of a Gateway without routes by header.
const ROUTING: &str = "serving.kserve.io/model-based-routing-enabled";

const APIS: [&str; 4] =
    ["/v1/completions", "/v1/chat/completions", "/v1/responses", "/v1/messages"];

/// Where the requests of an API go, and all others.
struct Backends {
    of_apis: RouteBackend,
    of_others: RouteBackend,
}

/// The rules, in the order of the template.
pub(super) fn of<'g>(
    service: &LlmInferenceService,
    namespace: &str,
    router: &Router,
    around: &Surroundings<'_>,
    mut gateways: impl Iterator<Item = &'g Gateway>,
) -> Vec<RouteRule> {
    let name = &service.metadata.name;
    let kserve = around.kserve;
    let settings = around.settings;
    let backends = backends(name, router);
    let own = format!("/{namespace}/{name}");
    if kserve < BY_API {
        return vec![below(&own, "/", backends.of_apis)];
    }
    let is_by_header = kserve >= BY_HEADER
        && match settings.model_routing {
            ModelRouting::Disabled => false,
            ModelRouting::Forced => true,
            ModelRouting::Enabled => !gateways.any(|gateway| {
                gateway.metadata.annotations.get(ROUTING).is_some_and(|value| value == "false")
            }),
        };
    // The webhook writes the name of the service where there is none.
    let model = service.spec.model.name.as_deref().filter(|own| !own.is_empty()).unwrap_or(name);
    let publisher = format!("publishers/{namespace}/models/{model}");
    let header = |path: Option<String>| RouteMatch {
        path: path.map(|path| path_match("Exact", path)),
        headers: vec![HeaderMatch {
            kind: Some("Exact".to_owned()),
            name: settings.model_header.clone(),
            value: publisher.clone(),
        }],
        ..RouteMatch::default()
    };
    let of_api = |api: &str| [api.to_owned(), format!("{api}/")].map(|path| header(Some(path)));
    let apis: &[&str] = match kserve {
        _ if kserve >= BY_PUBLISHER => &APIS,
        _ if kserve >= BY_HEADER => &APIS[..3],
        _ => &APIS[..2],
    };
    let adapters = adapters(service, namespace);
    let by_header = |matches: Vec<RouteMatch>, backend: &RouteBackend| {
        let more = matches.iter().flat_map(|one| adapters.iter().map(|value| with(one, value)));
        let matches = matches.iter().cloned().chain(more).collect();
        let backend_refs = vec![backend.clone()];
        RouteRule { matches, backend_refs, ..RouteRule::default() }
    };
    let mut rules = Vec::new();
    for api in apis {
        rules.push(below(&format!("{own}{api}"), api, backends.of_apis.clone()));
        if is_by_header && kserve < BY_PUBLISHER {
            rules.push(by_header(of_api(api).into(), &backends.of_apis));
        }
    }
    if kserve >= BY_PUBLISHER {
        if is_by_header {
            rules.push(by_header(
                apis.iter().flat_map(|api| of_api(api)).collect(),
                &backends.of_apis,
            ));
        }
        for api in apis {
            rules.push(below(&format!("/{publisher}{api}"), api, backends.of_apis.clone()));
        }
        rules.push(below(&format!("/{publisher}"), "/", backends.of_others.clone()));
    }
    rules.push(below(&own, "/", backends.of_others.clone()));
    if is_by_header {
        rules.push(by_header(vec![header(None)], &backends.of_others));
    }
    rules
}

fn backends(name: &str, router: &Router) -> Backends {
    let service = |kind: Option<&str>| RouteBackend {
        kind: kind.map(str::to_owned),
        name: child_name(name, "-kserve-workload-svc"),
        port: Some(LLM_PORT.into()),
        weight: Some(1),
        ..RouteBackend::default()
    };
    let of_apis = match &router.scheduler {
        None => service(Some("Service")),
        Some(scheduler) => {
            let written = scheduler.pool.reference.name.as_str();
            RouteBackend {
                group: Some("inference.networking.k8s.io".to_owned()),
                kind: Some("InferencePool".to_owned()),
                name: match written {
                    "" => child_name(name, "-inference-pool"),
                    written => written.to_owned(),
                },
                ..service(None)
            }
        }
    };
    Backends { of_apis, of_others: service(Some("Service")) }
}

/// The names by which the adapters of a model are requested.
fn adapters(service: &LlmInferenceService, namespace: &str) -> Vec<String> {
    let all = service.spec.model.lora.iter().flat_map(|lora| &lora.adapters);
    let mut names: Vec<&str> = all.filter_map(|one| one.name.as_deref()).collect();
    names.sort_unstable();
    names.iter().map(|name| format!("publishers/{namespace}/models/{name}")).collect()
}

/// The same match for another model.
fn with(one: &RouteMatch, value: &str) -> RouteMatch {
    let mut other = one.clone();
    for header in &mut other.headers {
        value.clone_into(&mut header.value);
    }
    other
}

/// What is below a path, with another path in its place.
fn below(path: &str, new: &str, backend: RouteBackend) -> RouteRule {
    let rewrite = json!({ "path": { "type": "ReplacePrefixMatch", "replacePrefixMatch": new } });
    RouteRule {
        matches: vec![RouteMatch {
            path: Some(path_match("PathPrefix", path.to_owned())),
            ..RouteMatch::default()
        }],
        filters: vec![RouteFilter {
            kind: "URLRewrite".to_owned(),
            url_rewrite: Some(rewrite),
            ..RouteFilter::default()
        }],
        backend_refs: vec![backend],
    }
}

fn path_match(kind: &str, path: String) -> PathMatch {
    PathMatch { kind: Some(kind.to_owned()), value: Some(path) }
}
