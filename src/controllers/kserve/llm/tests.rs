use serde_json::{Value, json};

use crate::controllers::kserve::{
    Endpoint, RefusalReason, Remark, ServingItems, ServingModel, ServingOptions,
};

/// What becomes of a service with this spec, behind a Gateway with these listeners.
fn endpoint(name: &str, spec: &Value, listeners: &Value) -> Endpoint {
    let service = json!({
        "metadata": { "name": name, "namespace": "team-a" },
        "spec": spec,
    });
    let gateway = json!({
        "metadata": { "name": "kserve-ingress-gateway", "namespace": "kserve" },
        "spec": { "gatewayClassName": "istio", "listeners": listeners },
        "status": { "addresses": [{ "value": "10.0.0.1" }, { "value": "lb.example.net" }] },
    });
    let mut items = ServingItems::default();
    items.add("serving.kserve.io/v1alpha2", "LLMInferenceService", service).unwrap();
    items.add("gateway.networking.k8s.io/v1", "Gateway", gateway).unwrap();
    ServingModel::build(&items, &ServingOptions::default()).endpoints.remove(0)
}

fn url(router: &Value, listeners: &Value) -> Option<String> {
    endpoint("chat", &json!({ "router": router }), listeners).url
}

#[test]
fn the_url_has_the_host_of_the_route_or_a_listener_or_the_load_balancer() {
    let http = |host: &str| json!([{ "port": 80, "protocol": "HTTP", "hostname": host }]);
    let plain = json!({ "route": {} });
    let of = |router: &Value, listeners: &Value| url(router, listeners).unwrap();
    assert_eq!(of(&plain, &http("m.example.com")), "http://m.example.com/team-a/chat");
    assert_eq!(of(&plain, &http("*.example.com")), "http://inference.example.com/team-a/chat");
    // An address of the cluster's own network comes after every other.
    assert_eq!(of(&plain, &http("")), "http://lb.example.net/team-a/chat");
    let tls = json!([{ "port": 8443, "protocol": "HTTPS", "hostname": "m.example.com" }]);
    assert_eq!(of(&plain, &tls), "https://m.example.com:8443/team-a/chat");
    let written = json!({ "route": { "http": { "spec": { "hostnames": ["own.example.com"] } } } });
    assert_eq!(of(&written, &http("*.example.com")), "http://own.example.com/");
    let rules = json!({ "route": { "http": { "spec": { "rules": [
        { "matches": [{ "path": { "value": "/chat/v1" } }, { "path": { "value": "/chat" } }] },
    ] } } } });
    assert_eq!(of(&rules, &http("m.example.com")), "http://m.example.com/chat");
    let tcp = json!([{ "port": 5432, "protocol": "TCP" }]);
    assert_eq!(url(&plain, &tcp), None);
    assert_eq!(url(&json!({}), &http("m.example.com")), None);
}

/// A service over configurations, each of a namespace.
fn over(configs: &[(&str, &str, Value)], spec: &Value) -> Endpoint {
    let mut items = ServingItems::default();
    for (namespace, name, spec) in configs {
        let metadata = json!({ "name": name, "namespace": namespace });
        let config = json!({ "metadata": metadata, "spec": spec });
        items.add("serving.kserve.io/v1alpha2", "LLMInferenceServiceConfig", config).unwrap();
    }
    let service = json!({ "metadata": { "name": "chat", "namespace": "team-a" }, "spec": spec });
    items.add("serving.kserve.io/v1alpha2", "LLMInferenceService", service).unwrap();
    ServingModel::build(&items, &ServingOptions::default()).endpoints.remove(0)
}

#[test]
fn configurations_are_under_the_service_the_later_over_the_earlier() {
    let route = |host: &str| {
        let rules = json!([{ "backendRefs": [{ "name": "own", "port": 80 }] }]);
        json!({ "router": { "route": { "http": { "spec": { "hostnames": [host], "rules": rules } } } } })
    };
    let bases = |names: &[&str]| -> Value {
        let named: Vec<_> = names.iter().map(|name| json!({ "name": name })).collect();
        json!({ "baseRefs": named })
    };
    let configs = [
        ("team-a", "a", route("a.example.com")),
        ("kserve", "a", route("of-kserve.example.com")),
        ("kserve", "b", route("b.example.com")),
        ("team-b", "c", route("c.example.com")),
        ("kserve", "prefill", json!({ "prefill": {}, "worker": {}, "labels": { "x": "y" } })),
    ];
    let hosts = |spec: &Value| over(&configs, spec).public_hosts().join(" ");
    assert_eq!(hosts(&bases(&["a"])), "a.example.com");
    assert_eq!(hosts(&bases(&["a", "b"])), "b.example.com");
    assert_eq!(hosts(&bases(&["b", "a"])), "a.example.com");
    // That of another namespace is none of the service's.
    assert_eq!(hosts(&bases(&["c"])), "");
    let mut own = route("own.example.com");
    own["baseRefs"] = bases(&["b"])["baseRefs"].clone();
    assert_eq!(hosts(&own), "own.example.com");
    own["baseRefs"] = bases(&["c"])["baseRefs"].clone();
    assert_eq!(over(&configs, &own).llm.unwrap().written[0].field, "spec.baseRefs[0]");
    let mut spread = bases(&["prefill", "b"]);
    spread["parallelism"] = json!({ "data": 2 });
    let llm = over(&configs, &spread).llm.unwrap();
    assert_eq!(llm.deployments, ["chat-kserve-prefill"]);
    assert_eq!(llm.pods.len(), 2);
    assert_eq!(llm.pods[0].labels["x"], "y");
}

#[test]
fn a_route_without_rules_has_no_backend() {
    let route = json!({ "router": { "route": { "http": { "spec": { "hostnames": ["a.example.com"] } } } } });
    let endpoint = endpoint("chat", &route, &json!([]));
    assert_eq!(endpoint.services_of(&endpoint.routes[0]), Vec::<String>::new());
    assert_eq!(endpoint.remarks, [Remark::RouteWithoutBackend]);
}

#[test]
fn workloads_have_the_names_that_the_controller_gives() {
    let spec = json!({ "router": { "route": {}, "scheduler": {} }, "prefill": {} });
    let llm = endpoint("chat", &spec, &json!([])).llm.unwrap();
    assert_eq!(llm.service, "chat-kserve-workload-svc");
    assert_eq!(llm.deployments, ["chat-kserve", "chat-kserve-prefill"]);
    assert_eq!(llm.scheduler.as_deref(), Some("chat-kserve-router-scheduler"));
    let spec = json!({ "worker": {}, "parallelism": { "pipeline": 2 } });
    let llm = endpoint("chat", &spec, &json!([])).llm.unwrap();
    assert!(llm.deployments.is_empty());
    assert_eq!(llm.scheduler, None);
}

#[test]
fn what_the_webhook_refuses_has_no_route() {
    let reasons = |name: &str, spec: &Value| -> Vec<RefusalReason> {
        let endpoint = endpoint(name, spec, &json!([]));
        assert!(endpoint.routes.is_empty());
        let refused = endpoint.remarks.into_iter().filter_map(|remark| match remark {
            Remark::Refused(refusal) => Some(refusal.reason),
            _ => None,
        });
        refused.collect()
    };
    let name = RefusalReason::LlmName("Chat".to_owned());
    assert_eq!(reasons("Chat", &json!({ "router": { "route": {} } })), [name]);
    let twice =
        json!({ "router": { "route": { "http": { "spec": {}, "refs": [{ "name": "own" }] } } } });
    assert_eq!(reasons("chat", &twice), [RefusalReason::LlmRouteTwice]);
    let managed = json!({ "router": { "gateway": {}, "route": { "http": { "refs": [{ "name": "own" }] } } } });
    assert_eq!(reasons("chat", &managed), [RefusalReason::LlmRouteWithoutGateway]);
    assert_eq!(reasons("chat", &json!({ "worker": {} })), [RefusalReason::LlmWorkerAlone]);
    let alone = json!({ "prefill": { "worker": {}, "parallelism": { "data": 0 } } });
    assert_eq!(reasons("chat", &alone), [RefusalReason::LlmWorkerAlone]);
}
