//! Models behind the gateway: those of another ingress class of Knative's, and `LLMInferenceServices`.

use serde_json::{Value, json};
use test_support::Dice;

use super::{Facts, service};

const KOURIER: &str = "kourier.ingress.networking.knative.dev";

/// A model in Knative mode whose Routes another controller serves.
pub(super) fn ingress_class(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("class");
    let class = *dice.pick(&[
        KOURIER,
        "contour.ingress.networking.knative.dev",
        "edge.example.com",
        "istio.ingress.networking.knative.dev",
    ]);
    let key = *dice.pick(&["ingress-class", "ingress.class"]);
    let key = format!("networking.knative.dev/{key}");
    let is_knatives_own = dice.hits(3);
    let mut object = if is_knatives_own {
        json!({
            "apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": { "name": name, "namespace": "staging" },
            "spec": { "template": { "spec": { "containers": [{ "image": "a" }] } } },
        })
    } else {
        json!({
            "apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService",
            "metadata": { "name": name, "namespace": "staging" },
            "spec": { "predictor": { "model": { "modelFormat": { "name": "sklearn" }, "storageUri": "s3://models/a" } } },
        })
    };
    // Whatever mode is the default.
    object["metadata"]["annotations"] = json!({ "serving.kserve.io/deploymentMode": "Serverless" });
    if !is_knatives_own && dice.hits(3) {
        object["spec"]["predictor"]["annotations"] = json!({ key: class });
    } else {
        object["metadata"]["annotations"][key] = class.into();
    }
    let is_local = dice.hits(4);
    if is_local {
        object["metadata"]["labels"] =
            json!({ "networking.knative.dev/visibility": "cluster-local" });
    }
    // KServe keeps the annotations of an InferenceService from the Knative Service.
    let is_istio = class.starts_with("istio") || !is_knatives_own;
    let has_kourier = facts.objects.iter().any(|one| one["metadata"]["name"] == "kourier");
    let is_other = facts.is_gateway && !is_local && !is_istio;
    if class == KOURIER && is_other && !has_kourier && dice.hits(2) {
        // Its Service decides.
        let kind = *dice.pick(&["ClusterIP", "LoadBalancer"]);
        let kourier =
            service("kourier", "kourier-system", kind, json!({ "app": "3scale-kourier-gateway" }));
        if kind == "LoadBalancer" {
            facts.note(&kourier);
        }
        facts.add(kourier);
    } else if is_other && !(class == KOURIER && has_kourier) {
        facts.note(&object);
    }
    // A Service that Kourier has by now is also that of the services before.
    if facts.objects.iter().any(|one| one["metadata"]["name"] == "kourier") {
        facts.kourier_decides();
    }
    if class == KOURIER && is_other {
        facts.of_kourier.push(object.clone());
    }
    facts.add(object);
}

/// A language model: its pods on their node's network, and a route that somebody else writes.
pub(super) fn language_model(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("llm");
    let pod = || json!({ "containers": [{ "name": "main", "image": "vllm" }] });
    let mut spec = json!({ "model": { "uri": "hf://a/b", "name": "b" }, "template": pod() });
    if dice.hits(2) {
        spec["worker"] = pod();
        spec["parallelism"] = json!({ "data": 2, "dataLocal": 1 });
    }
    if dice.hits(2) {
        spec["prefill"] = json!({ "template": pod() });
    }
    let mut is_open = false;
    if dice.hits(2) {
        let mut places = vec!["/template", "/worker", "/prefill/template"];
        places.retain(|place| spec.pointer(place).is_some());
        let pod = spec.pointer_mut(dice.word(&places)).unwrap();
        if dice.hits(2) {
            pod["hostNetwork"] = true.into();
        } else {
            pod["containers"][0]["ports"] = json!([{ "containerPort": 8000, "hostPort": 8000 }]);
        }
        is_open = true;
    }
    match dice.below(4) {
        0 => {
            spec["router"] = json!({ "ingress": { "refs": [{ "name": format!("{name}-edge"), "namespace": "staging" }] } });
            is_open = true;
        }
        1 => {
            spec["router"] =
                json!({ "route": { "http": { "refs": [{ "name": format!("{name}-edge") }] } } });
            is_open = true;
        }
        // Of which no controller makes anything.
        2 => spec["router"] = json!({ "ingress": {} }),
        _ => {}
    }
    let object: Value = json!({
        "apiVersion": "serving.kserve.io/v1alpha2", "kind": "LLMInferenceService",
        "metadata": { "name": name, "namespace": "staging" }, "spec": spec,
    });
    if facts.is_gateway && is_open {
        facts.note(&object);
    }
    facts.add(object);
    if dice.hits(3) {
        let labels = json!({ "app.kubernetes.io/part-of": "llminferenceservice", "app.kubernetes.io/name": name });
        let edge = facts.name("edge");
        let edge = service(&edge, "staging", "LoadBalancer", labels);
        if facts.is_gateway {
            facts.note(&edge);
        }
        facts.add(edge);
    }
}
