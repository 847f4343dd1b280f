//! The runtimes of a question: a few like the shipped ones, and a team's own.

use serde_json::{Value, json};

use test_support::Dice;

/// A format's name, whether it is picked by itself, and its priority.
type Format = (&'static str, bool, Option<u32>);

/// Name, format, whether it is picked by itself, its priority, and its protocols.
const SHIPPED: &[(&str, &[Format], &[&str])] = &[
    ("kserve-sklearnserver", &[("sklearn", true, Some(1))], &["v1", "v2"]),
    (
        "kserve-mlserver",
        &[("sklearn", true, Some(2)), ("xgboost", true, Some(2)), ("lightgbm", true, Some(2))],
        &["v2"],
    ),
    ("kserve-xgbserver", &[("xgboost", true, Some(1))], &["v1", "v2"]),
    (
        "kserve-tritonserver",
        &[("triton", true, Some(1)), ("onnx", true, Some(1)), ("pytorch", false, Some(1))],
        &["v2", "grpc-v2"],
    ),
    ("kserve-torchserve", &[("pytorch", true, Some(2))], &["v1", "v2", "grpc-v2"]),
    ("kserve-huggingfaceserver", &[("huggingface", true, Some(1))], &["v1", "v2"]),
    ("kserve-vllmserver", &[("vLLM", true, None)], &[]),
];

pub(crate) fn runtimes(dice: &mut Dice, namespace: &str) -> Vec<Value> {
    let mut found: Vec<_> = SHIPPED
        .iter()
        .map(|(name, formats, protocols)| shipped(name, formats, protocols))
        .collect();
    if dice.hits(10) {
        let at = dice.below(found.len());
        found[at]["spec"]["disabled"] = true.into();
    }
    if dice.hits(8) {
        let mut team = shipped(
            "team-runtime",
            &[("sklearn", true, Some(1)), ("nobodys", true, None)],
            &["v2", "grpc-v2"],
        );
        team["kind"] = "ServingRuntime".into();
        team["metadata"]["namespace"] = if dice.hits(4) { "elsewhere" } else { namespace }.into();
        if dice.hits(3) {
            team["spec"]["containers"][0]["ports"] =
                json!([{ "name": "h2c", "containerPort": 9000 }]);
        }
        if dice.hits(3) {
            team["spec"]["multiModel"] = true.into();
        }
        found.push(team);
    }
    if dice.hits(8) {
        let mut several = shipped(
            "kserve-huggingfaceserver-multinode",
            &[("huggingface", true, None), ("sklearn", true, None)],
            &["v2", "v1"],
        );
        several["spec"]["workerSpec"] = json!({
            "pipelineParallelSize": 2, "tensorParallelSize": 1,
            "containers": [{ "name": "worker-container", "image": "example.com/worker:1", "resources": { "limits": { "nvidia.com/gpu": "1" } } }],
        });
        found.push(several);
    }
    found
}

fn shipped(name: &str, formats: &[Format], protocols: &[&str]) -> Value {
    let formats: Vec<_> = formats
        .iter()
        .map(|(name, by_itself, priority)| {
            let mut format = json!({ "name": name, "autoSelect": by_itself });
            if let Some(priority) = priority {
                format["priority"] = (*priority).into();
            }
            format
        })
        .collect();
    let mut runtime = json!({
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "ClusterServingRuntime",
        "metadata": { "name": name },
        "spec": {
            "supportedModelFormats": formats,
            "containers": [{ "name": "kserve-container", "image": "example.com/server:1", "args": ["--model_name={{.Name}}"] }],
        },
    });
    if !protocols.is_empty() {
        runtime["spec"]["protocolVersions"] = json!(protocols);
    }
    runtime
}
