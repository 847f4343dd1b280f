use serde_json::{Value, json};

use crate::controllers::kserve::{
    ConditionStatus, RouteKind, ServingItems, ServingModel, ServingOptions,
};
use crate::values::release::Release;

fn model(ingress: Value, objects: &[Value], kserve: Release, knative: Release) -> ServingModel {
    let mut items = ServingItems::default();
    let config = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "inferenceservice-config", "namespace": "kserve"},
        "data": {"ingress": ingress.to_string(), "deploy": r#"{"defaultDeploymentMode": "RawDeployment"}"#},
    });
    let domain = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "config-domain", "namespace": "knative-serving"},
        "data": {"models.example.com": ""},
    });
    for object in [config, domain].into_iter().chain(objects.iter().cloned()) {
        let text = |key: &str| object[key].as_str().unwrap().to_owned();
        items.add(&text("apiVersion"), &text("kind"), object.clone()).unwrap();
    }
    let options = ServingOptions {
        kserve: Some(kserve),
        knative: Some(knative),
        ..ServingOptions::default()
    };
    ServingModel::build(&items, &options)
}

fn service(mode: &str, annotations: Value) -> Value {
    let mut annotations = annotations;
    annotations["serving.kserve.io/deploymentMode"] = mode.into();
    let ports = json!([
        {"name": "http1", "containerPort": 8080}, {"name": "grpc-port", "containerPort": 9000},
    ]);
    let ports = if matches!(mode, "Knative" | "Serverless") { json!([]) } else { ports };
    json!({
        "apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService",
        "metadata": {"name": "iris", "namespace": "team", "annotations": annotations},
        "spec": {
            "predictor": {"containers": [{"name": "kserve-container", "image": "example.com/m:1", "ports": ports}]},
            "explainer": {"containers": [{"name": "kserve-container", "image": "example.com/e:1"}]},
        },
    })
}

fn ingress(more: &Value) -> Value {
    let mut all = json!({
        "ingressGateway": "istio-system/public",
        "ingressService": "public.istio-system.svc.cluster.local",
        "localGateway": "knative-serving/knative-local-gateway",
        "localGatewayService": "local.istio-system.svc.cluster.local",
        "knativeLocalGatewayService": "knative-local.istio-system.svc.cluster.local",
        "ingressDomain": "models.example.com",
    });
    for (key, value) in more.as_object().unwrap() {
        all[key] = value.clone();
    }
    all
}

const NEWEST: (Release, Release) = (Release::new(0, 20, 0), Release::new(1, 21, 0));

#[test]
fn a_virtual_service_has_a_rule_for_each_path() {
    let with_path = ingress(&json!({"pathTemplate": "/serving/{{ .Namespace }}/{{ .Name }}"}));
    let rules_of = |kserve| {
        let mode = service(
            if kserve < Release::new(0, 16, 0) { "Serverless" } else { "Knative" },
            json!({}),
        );
        let model = model(with_path.clone(), &[mode], kserve, NEWEST.1);
        let endpoint = &model.endpoints[0];
        let route =
            endpoint.routes.iter().find(|one| one.kind == RouteKind::VirtualService).unwrap();
        model.virtual_service(endpoint, route).unwrap().spec.http
    };
    let http = rules_of(NEWEST.0);
    assert_eq!(http.len(), 4, "{http:?}");
    let gateways: Vec<_> = http[1].matches.iter().map(|one| one.gateways.join(" ")).collect();
    assert_eq!(gateways, ["knative-serving/knative-local-gateway mesh", "istio-system/public"]);
    let explain = Some(r"^/v1/models/[\w-]+:explain$");
    let uris: Vec<_> = http[0].matches.iter().map(|one| one.uri.clone().unwrap()).collect();
    assert_eq!(uris.iter().map(|uri| uri.regex.as_deref()).collect::<Vec<_>>(), [explain, explain]);
    assert_eq!(http[1].matches[0].uri, None);
    let below = http[2].matches[0].uri.clone().unwrap().regex.unwrap();
    assert_eq!(below, r"/serving/team/iris(/v1/models/[\w-]+:explain)$");
    let rewrite = http[2].rewrite.as_ref().unwrap().uri_regex_rewrite.as_ref().unwrap();
    assert_eq!(rewrite.pattern, r"/serving/team/iris(/v1/models/[\w-]+:explain)$");
    assert_eq!(http[3].rewrite.as_ref().unwrap().uri, "/");
    for (place, host) in [(0, "explainer"), (1, "predictor"), (2, "explainer"), (3, "predictor")] {
        let set = &http[place].headers.as_ref().unwrap().request.set;
        assert_eq!(set["Host"], format!("iris-{host}.team.svc.cluster.local"));
        assert_eq!(set["KServe-Isvc-Name"], "iris");
        let to = &http[place].route[0].destination.host;
        assert_eq!(to, "knative-local.istio-system.svc.cluster.local");
    }
    // Explanations have no path of their own before 0.14, and short names of the Service match.
    let http = rules_of(Release::new(0, 13, 1));
    assert_eq!(http.len(), 3, "{http:?}");
    assert_eq!(http[1].route[0].destination.host, "local.istio-system.svc.cluster.local");
    let local = http[1].matches[0].authority.as_ref().unwrap().regex.as_deref();
    assert_eq!(local, Some(r"^iris\.team(?:\.svc(?:\.cluster\.local)?)?(?::\d{1,5})?$"));
}

#[test]
fn an_http_route_has_a_rule_for_each_protocol() {
    let gateway_api =
        ingress(&json!({"enableGatewayApi": true, "kserveIngressGateway": "kserve/public"}));
    let rules_of = |kserve, name: &str| {
        let mode = if kserve < Release::new(0, 16, 0) { "RawDeployment" } else { "Standard" };
        let model = model(gateway_api.clone(), &[service(mode, json!({}))], kserve, NEWEST.1);
        let endpoint = &model.endpoints[0];
        let route = endpoint.routes.iter().find(|one| one.name == name).unwrap();
        model.http_route(endpoint, route).unwrap().rules
    };
    let rules = rules_of(NEWEST.0, "iris");
    let paths: Vec<_> =
        rules.iter().map(|rule| rule.matches[0].path.clone().unwrap().value.unwrap()).collect();
    let grpc = r"^/inference\.GRPCInferenceService/.*$";
    assert_eq!(paths, [r"^/v1/models/[\w-]+:explain$", grpc, "^/.*$"]);
    let ports: Vec<_> = rules.iter().map(|rule| rule.backend_refs[0].port).collect();
    assert_eq!(ports, [Some(80), Some(9000), Some(80)]);
    assert_eq!(rules[1].matches[0].headers[0].name, "content-type");
    let set = &rules[0].filters[0].request_header_modifier.as_ref().unwrap().set;
    assert_eq!((set[1].name.as_str(), set[1].value.as_str()), ("KServe-Isvc-Namespace", "team"));
    assert_eq!(rules_of(NEWEST.0, "iris-explainer").len(), 1);
    assert_eq!(rules_of(Release::new(0, 17, 0), "iris-predictor").len(), 1);
}

#[test]
fn an_llm_inference_service_is_routed_by_path_and_by_header() {
    let gateway_api = ingress(&json!({"kserveIngressGateway": "kserve/public"}));
    let llm = json!({
        "apiVersion": "serving.kserve.io/v1alpha1", "kind": "LLMInferenceService",
        "metadata": {"name": "chat", "namespace": "team"},
        "spec": {
            "model": {"uri": "hf://org/chat", "name": "org/chat", "lora": {"adapters": [{"name": "law"}]}},
            "router": {"route": {}, "scheduler": {}},
        },
    });
    let count = |ingress: &Value, kserve, of: &dyn Fn(&Value) -> bool| {
        let model = model(ingress.clone(), std::slice::from_ref(&llm), kserve, NEWEST.1);
        let endpoint = &model.endpoints[0];
        let spec = model.http_route(endpoint, &endpoint.routes[0]).unwrap();
        let rules = serde_json::to_value(spec.rules).unwrap();
        rules.as_array().unwrap().iter().filter(|rule| of(rule)).count()
    };
    let all = |_: &Value| true;
    let by_header = |rule: &Value| rule.to_string().contains("X-Gateway-Model-Name");
    for (kserve, rules, headers) in [
        (Release::new(0, 16, 0), 1, 0),
        (Release::new(0, 17, 0), 3, 0),
        (Release::new(0, 19, 0), 8, 4),
        (Release::new(0, 20, 0), 12, 2),
    ] {
        assert_eq!(count(&gateway_api, kserve, &all), rules, "{kserve}");
        assert_eq!(count(&gateway_api, kserve, &by_header), headers, "{kserve}");
    }
    let mut disabled = gateway_api.clone();
    disabled["modelBasedRoutingMode"] = "disabled".into();
    assert_eq!(count(&disabled, NEWEST.0, &by_header), 0);
    let of_adapter = |rule: &Value| rule.to_string().contains("publishers/team/models/law");
    assert_eq!(count(&gateway_api, NEWEST.0, &of_adapter), 2);
    let to_pool = |rule: &Value| rule.to_string().contains("chat-inference-pool");
    assert_eq!(count(&gateway_api, NEWEST.0, &to_pool), 9);
}

#[test]
fn knative_refuses_annotations_of_its_network_from_1_21_on() {
    let local = json!({"networking.knative.dev/visibility": "cluster-local"});
    let of = |knative| {
        let objects = [service("Knative", local.clone())];
        let model = model(ingress(&json!({})), &objects, NEWEST.0, knative);
        let conditions = model.conditions(&model.endpoints[0]);
        (model.endpoints[0].url.is_some(), conditions["PredictorReady"], conditions["Ready"])
    };
    assert_eq!(of(Release::new(1, 20, 0)), (true, ConditionStatus::True, ConditionStatus::True));
    assert_eq!(of(NEWEST.1), (false, ConditionStatus::False, ConditionStatus::False));
}
