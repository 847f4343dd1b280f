//! `LLMInferenceService`s with their gateways.

use serde_json::{Value, json};

use test_support::Dice;

use super::questions::one;

/// One with the gateway of the stock configuration, which is there or not.
pub(crate) fn llm_inference_service(dice: &mut Dice, namespace: &str) -> Vec<Value> {
    let mut objects = vec![json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "GatewayClass",
        "metadata": { "name": "istio" },
        "spec": { "controllerName": "istio.io/gateway-controller" },
    })];
    if !dice.hits(6) {
        objects.push(gateway(dice, "kserve", "kserve-ingress-gateway"));
    }
    let name = if dice.hits(8) {
        "a".repeat(30 + dice.below(34))
    } else {
        one(dice, &["llama", "qwen-3", "Llama"]).to_owned()
    };
    let mut spec = json!({ "model": { "uri": one(dice, &["hf://org/llama", "s3://models/llama", "pvc://claim/llama"]), "name": "org/llama" } });
    if dice.hits(6) {
        spec["model"]["name"] = "".into();
    }
    match dice.below(6) {
        0 => {}
        1 => spec["router"] = json!({ "route": {} }),
        2 => spec["router"] = json!({ "route": {}, "gateway": {} }),
        3 => {
            objects.push(gateway(dice, "edge", "public"));
            spec["router"] = json!({ "route": {}, "gateway": { "refs": [{ "name": "public", "namespace": "edge" }] } });
        }
        _ => spec["router"] = json!({ "route": {}, "gateway": {}, "scheduler": {} }),
    }
    if dice.hits(5) {
        spec["replicas"] = 2.into();
    }
    if dice.hits(6) {
        spec["prefill"] = json!({ "replicas": 1 });
    }
    if dice.hits(8) {
        spec["parallelism"] = json!({ "data": 2, "dataLocal": 1, "tensor": 1 });
        spec["worker"] =
            json!({ "containers": [{ "name": "main", "image": "example.com/vllm:1" }] });
    }
    if dice.hits(6) {
        objects.push(json!({
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": { "name": "models", "namespace": namespace },
        }));
        spec["template"] = json!({ "serviceAccountName": "models", "containers": [{ "name": "main", "image": "example.com/vllm:1" }] });
    }
    let mut annotations = json!({});
    if dice.hits(8) {
        annotations["serving.kserve.io/stop"] = "true".into();
    }
    objects.push(json!({
        "apiVersion": "serving.kserve.io/v1alpha2",
        "kind": "LLMInferenceService",
        "metadata": { "name": name, "namespace": namespace, "annotations": annotations },
        "spec": spec,
    }));
    objects
}

pub(super) fn gateway(dice: &mut Dice, namespace: &str, name: &str) -> Value {
    let mut listeners = vec![
        json!({ "name": "http", "port": 80, "protocol": "HTTP", "allowedRoutes": { "namespaces": { "from": "All" } } }),
    ];
    if dice.hits(3) {
        listeners[0]["hostname"] =
            one(dice, &["models.example.com", "*.models.example.com"]).into();
    }
    if dice.hits(4) {
        listeners.push(json!({ "name": "https", "port": 443, "protocol": "HTTPS", "hostname": "secure.example.com", "tls": { "certificateRefs": [{ "name": "cert" }] }, "allowedRoutes": { "namespaces": { "from": "All" } } }));
    }
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": { "name": name, "namespace": namespace },
        "spec": { "gatewayClassName": "istio", "listeners": listeners },
        "status": { "addresses": [{ "type": "Hostname", "value": "k8s-gw.elb.amazonaws.com" }], "conditions": [
            { "type": "Accepted", "status": "True", "reason": "Accepted", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z" },
            { "type": "Programmed", "status": "True", "reason": "Programmed", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z" }] },
    })
}
