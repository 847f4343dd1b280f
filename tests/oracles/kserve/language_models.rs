//! `LLMInferenceService`s over configurations: what the later of them, the earlier and the service set together.

use serde_json::{Value, json};
use test_support::Dice;

use super::llm::gateway;
use super::questions::one;
use super::{config, llm};

const NAMESPACE: &str = "assistants";
const BASES: [&str; 2] = ["shared-router", "two-nodes"];

/// The `number`th question.
pub(crate) fn question(number: u64) -> Value {
    let dice = &mut Dice::new(number);
    let mut objects = config::config_maps(dice);
    objects.extend(llm::llm_inference_service(dice, NAMESPACE));
    // That of the stock configuration is there for all of them.
    objects.retain(|one| one["metadata"]["name"] != "kserve-ingress-gateway");
    objects.push(gateway(dice, "kserve", "kserve-ingress-gateway"));
    if !objects.iter().any(|one| one["metadata"]["name"] == "public") {
        objects.push(gateway(dice, "edge", "public"));
    }
    let mut configs = Vec::new();
    let mut references = Vec::new();
    for name in BASES {
        for namespace in ["kserve", NAMESPACE] {
            if dice.hits(2) {
                configs.push(json!({
                    "apiVersion": "serving.kserve.io/v1alpha2",
                    "kind": "LLMInferenceServiceConfig",
                    "metadata": { "name": name, "namespace": namespace },
                    "spec": base(dice),
                }));
                references.push(name);
            }
        }
    }
    references.dedup();
    if dice.hits(2) {
        references.reverse();
    }
    let service = objects.iter_mut().find(|one| one["kind"] == "LLMInferenceService").unwrap();
    let spec = &mut service["spec"];
    spec["baseRefs"] = references.iter().map(|name| json!({ "name": name })).collect();
    if dice.hits(4) {
        spec.as_object_mut().unwrap().remove("router");
    }
    if dice.hits(4) {
        spec["model"].as_object_mut().unwrap().remove("name");
    }
    if dice.hits(3) {
        spec["router"]["route"]["http"]["spec"] = route(dice);
    }
    if configs.iter().any(|one| one["spec"]["worker"].is_object()) {
        // Their templates read the service's own.
        spec["parallelism"] = json!({ "data": 2, "dataLocal": 1 });
    }
    objects.extend(configs);
    json!({ "number": number, "objects": objects, "runs": 1 })
}

/// What a configuration sets.
fn base(dice: &mut Dice) -> Value {
    let mut spec = json!({ "model": { "uri": "hf://org/base" } });
    if dice.hits(3) {
        spec["model"]["name"] = one(dice, &["org/base", "org/other"]).into();
    }
    if !dice.hits(3) {
        spec["router"] = json!({ "route": {} });
        match dice.below(4) {
            0 => spec["router"]["gateway"] = json!({}),
            1 => {
                spec["router"]["gateway"] =
                    json!({ "refs": [{ "name": "public", "namespace": "edge" }] });
            }
            _ => {}
        }
        if dice.hits(3) {
            spec["router"]["scheduler"] = json!({});
        }
        if dice.hits(2) {
            spec["router"]["route"]["http"] = json!({ "spec": route(dice) });
        }
    }
    if dice.hits(4) {
        spec["prefill"] = json!({ "replicas": 1 });
    }
    if dice.hits(5) {
        spec["worker"] =
            json!({ "containers": [{ "name": "main", "image": "example.com/vllm:1" }] });
        spec["parallelism"] = json!({ "data": 2, "dataLocal": 1 });
    }
    if dice.hits(4) {
        spec["labels"] = json!({ "sidecar.istio.io/inject": one(dice, &["true", "false"]) });
    }
    spec
}

/// A route's own settings.
fn route(dice: &mut Dice) -> Value {
    let mut spec = json!({});
    if !dice.hits(3) {
        spec["hostnames"] = json!([one(dice, &["chat.example.com", "*.llm.example.com"])]);
    }
    if dice.hits(3) {
        spec["parentRefs"] = json!([{ "name": "public", "namespace": "edge" }]);
    }
    if dice.hits(2) {
        spec["rules"] = json!([{
            "matches": [{ "path": { "type": "PathPrefix", "value": one(dice, &["/chat", "/v1"]) } }],
            "backendRefs": [{ "kind": "Service", "name": "llama-kserve-workload-svc", "port": 8000, "weight": 1 }],
        }]);
    }
    spec
}
