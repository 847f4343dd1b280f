//! Clusters that nobody wrote down: an `InferenceService`, or what else KServe reconciles, with its
//! configuration, its runtimes and Knative's.

use serde_json::{Map, Value, json};

use super::{config, llm, runtimes};
use test_support::Dice;

/// The first number of those whose services mostly come to be.
pub(super) const SERVED: u64 = 1_000_000;

pub(crate) const NAMES: &[&str] = &[
    "iris",
    "iris",
    "iris",
    "flowers",
    "m",
    "a1",
    "iris-v2",
    "a-predictor-b",
    "iris-predictor",
    "x-default",
    "iris-transformer",
    "predictor",
    "Iris",
    "1st",
    "a.b",
    "iris-",
    "under_score",
    "123",
];
pub(crate) const NAMESPACES: &[&str] = &[
    "team-a",
    "team-a",
    "team-a",
    "default",
    "staging",
    "team-predictor-x",
    "ns-default",
    "my-default-ns",
    "explainer-transformer",
    "a-namespace-of-fifty-characters-which-is-not-so-rare",
];
const MODES: &[&str] = &[
    "Standard",
    "Standard",
    "Standard",
    "Standard",
    "RawDeployment",
    "RawDeployment",
    "RawDeployment",
    "Knative",
    "Serverless",
    "Serverless",
    "ModelMesh",
    "rawdeployment",
    "standard",
    "Raw",
    "",
];
const FORMATS: &[&str] = &[
    "sklearn",
    "sklearn",
    "sklearn",
    "xgboost",
    "onnx",
    "triton",
    "huggingface",
    "pytorch",
    "vLLM",
    "nobodys",
];
const FRAMEWORKS: &[&str] = &[
    "sklearn",
    "xgboost",
    "pytorch",
    "tensorflow",
    "triton",
    "onnx",
    "lightgbm",
    "pmml",
    "paddle",
    "huggingface",
];
const PROTOCOLS: &[&str] = &["v1", "v2", "v2", "grpc-v1", "grpc-v2", "v3"];
const RUNTIMES: &[&str] =
    &["kserve-mlserver", "kserve-sklearnserver", "kserve-tritonserver", "team-runtime", "nobodys"];
const LABELS: &[(&str, &[&str])] = &[
    (
        "networking.knative.dev/visibility",
        &["cluster-local", "cluster-local", "cluster-local", "public", "Cluster-Local", ""],
    ),
    ("networking.kserve.io/visibility", &["cluster-local", "cluster-local", "exposed", ""]),
    ("env", &["prod", "dev"]),
    ("team", &["blue"]),
    ("app", &["x"]),
];
const ANNOTATIONS: &[(&str, &[&str])] = &[
    ("networking.knative.dev/visibility", &["cluster-local"]),
    ("networking.kserve.io/visibility", &["cluster-local"]),
    ("serving.kserve.io/enable-tag-routing", &["true", "true", "false", "True"]),
    ("serving.kserve.io/stop", &["true", "True", "false"]),
    ("serving.kserve.io/autoscalerClass", &["hpa", "external", "keda", "none", "kpa"]),
    ("sidecar.istio.io/inject", &["false", "true"]),
    ("serving.knative.dev/rollout-duration", &["60s"]),
    ("networking.knative.dev/ingress-class", &["kourier.ingress.networking.knative.dev"]),
    ("networking.knative.dev/http-option", &["redirected"]),
    ("alb.ingress.kubernetes.io/scheme", &["internet-facing"]),
    ("sub", &["models"]),
];

pub(super) fn one<'a>(dice: &mut Dice, list: &[&'a str]) -> &'a str {
    dice.pick::<&'a str>(list)
}

/// The `number`th question.
pub(crate) fn question(number: u64) -> Value {
    let dice = &mut Dice::new(number);
    let mut objects = Vec::new();
    objects.extend(config::config_maps(dice));
    let namespace = one(dice, NAMESPACES);
    objects.extend(runtimes::runtimes(dice, namespace));
    match dice.below(12) {
        0 => objects.extend(llm::llm_inference_service(dice, namespace)),
        1 => objects.extend(graph(dice, namespace)),
        _ => objects.push(inference_service(dice, namespace)),
    }
    json!({ "number": number, "objects": objects, "runs": 1 })
}

/// A name, now and then one at the limits that its parts' names have.
fn name(dice: &mut Dice) -> String {
    if dice.hits(8) { "a".repeat(40 + dice.below(25)) } else { one(dice, NAMES).to_owned() }
}

fn some_of(dice: &mut Dice, list: &[(&str, &[&str])], rarely: usize) -> Map<String, Value> {
    let mut found = Map::new();
    for (key, values) in list {
        if dice.hits(rarely) {
            found.insert((*key).to_owned(), one(dice, values).into());
        }
    }
    found
}

fn inference_service(dice: &mut Dice, namespace: &str) -> Value {
    let mut annotations = some_of(dice, ANNOTATIONS, 14);
    if !dice.hits(3) {
        annotations.insert("serving.kserve.io/deploymentMode".to_owned(), one(dice, MODES).into());
    }
    let mut metadata = json!({ "name": name(dice), "namespace": namespace });
    if !annotations.is_empty() {
        metadata["annotations"] = annotations.into();
    }
    let labels = some_of(dice, LABELS, 8);
    if !labels.is_empty() {
        metadata["labels"] = labels.into();
    }
    let mut service = json!({
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": metadata,
        "spec": { "predictor": predictor(dice) },
    });
    if dice.hits(4) {
        service["spec"]["transformer"] = custom(dice, "example.com/transformer:1");
    }
    if dice.hits(7) {
        service["spec"]["explainer"] = if dice.hits(2) {
            json!({ "art": { "type": "SquareAttack", "storageUri": "s3://models/art" } })
        } else {
            custom(dice, "example.com/explainer:1")
        };
    }
    if dice.hits(10) {
        service["spec"]["canary"] = canaries(dice);
    }
    service
}

/// What every component may have.
fn extend(dice: &mut Dice, component: &mut Value) {
    let labels = some_of(dice, LABELS, 20);
    if !labels.is_empty() {
        component["labels"] = labels.into();
    }
    let annotations = some_of(dice, ANNOTATIONS, 40);
    if !annotations.is_empty() {
        component["annotations"] = annotations.into();
    }
    if dice.hits(12) {
        component["canaryTrafficPercent"] = [0, 10, 100, 150][dice.below(4)].into();
    }
    if dice.hits(14) {
        component["timeout"] = 30.into();
    }
    if dice.hits(14) {
        component["serviceAccountName"] = "models".into();
    }
    if dice.hits(20) {
        component["minReplicas"] = 0.into();
    }
}

fn ports(dice: &mut Dice) -> Value {
    match dice.below(4) {
        0 => json!([{ "name": "h2c", "containerPort": 9000 }]),
        1 => json!([{ "name": "http1", "containerPort": 9080 }]),
        2 => {
            json!([{ "name": "http1", "containerPort": 8080 }, { "name": "grpc", "containerPort": 9000 }])
        }
        _ => json!([{ "containerPort": 5000, "protocol": "TCP" }]),
    }
}

fn custom(dice: &mut Dice, image: &str) -> Value {
    let mut container = json!({ "name": "kserve-container", "image": image });
    if dice.hits(4) {
        container["ports"] = ports(dice);
    }
    let mut component = json!({ "containers": [container] });
    if dice.hits(16) {
        component = json!({});
    }
    extend(dice, &mut component);
    component
}

fn predictor(dice: &mut Dice) -> Value {
    let mut predictor = match dice.below(12) {
        0 => {
            let mut framework = json!({ "storageUri": "s3://models/iris" });
            if dice.hits(2) {
                framework["protocolVersion"] = one(dice, PROTOCOLS).into();
            }
            let mut both = json!({ one(dice, FRAMEWORKS): framework });
            if dice.hits(6) {
                both["model"] = model(dice);
            }
            both
        }
        1 | 2 => return custom(dice, "example.com/model:1"),
        _ => json!({ "model": model(dice) }),
    };
    if dice.hits(12) {
        predictor["name"] = one(dice, &["v2", "canary", "Upper", "iris-predictor", "x.y"]).into();
    }
    if dice.hits(20) {
        predictor["containers"] = json!([{ "name": one(dice, &["kserve-container", "sidecar", "transformer-container"]), "image": "example.com/sidecar:1" }]);
    }
    if dice.hits(20) {
        predictor["workerSpec"] = json!({});
        if dice.hits(2) {
            predictor["workerSpec"] = json!({ "pipelineParallelSize": 2, "tensorParallelSize": 1 });
        }
    }
    extend(dice, &mut predictor);
    predictor
}

fn model(dice: &mut Dice) -> Value {
    let mut model = json!({ "modelFormat": { "name": one(dice, FORMATS) } });
    if !dice.hits(10) {
        model["storageUri"] = one(
            dice,
            &[
                "s3://models/iris",
                "s3://models/iris",
                "pvc://claim/iris",
                "hf://org/model",
                "models/iris",
            ],
        )
        .into();
    }
    if dice.hits(3) {
        model["protocolVersion"] = one(dice, PROTOCOLS).into();
    }
    if dice.hits(5) {
        model["runtime"] = one(dice, RUNTIMES).into();
    }
    if dice.hits(8) {
        model["ports"] = ports(dice);
    }
    model
}

fn canaries(dice: &mut Dice) -> Value {
    let mut canaries = Vec::new();
    for at in 0..=dice.below(2) {
        let mut predictor = json!({ "model": model(dice) });
        if !dice.hits(6) {
            predictor["model"]["name"] = "".into();
        }
        if !dice.hits(6) {
            predictor["name"] =
                if dice.hits(4) { "v2".to_owned() } else { format!("c{at}") }.into();
        }
        let percent = [0, 10, 50, 60, 101][dice.below(5)];
        canaries.push(json!({ "trafficPercent": percent, "predictor": predictor }));
    }
    canaries.into()
}

/// A graph before a service or two, which are there or not.
fn graph(dice: &mut Dice, namespace: &str) -> Vec<Value> {
    let mut service = inference_service(dice, namespace);
    let mut steps = vec![json!({ "serviceName": service["metadata"]["name"] })];
    if dice.hits(8) {
        steps.push(json!({ "serviceName": "nobodys" }));
    }
    if dice.hits(4) {
        steps.push(json!({ "serviceUrl": "http://elsewhere.example.com/v1/models/m:predict" }));
    }
    let mut annotations = some_of(dice, ANNOTATIONS, 14);
    if !dice.hits(3) {
        annotations.insert("serving.kserve.io/deploymentMode".to_owned(), one(dice, MODES).into());
    }
    if dice.hits(2) {
        // Mostly both work.
        service = json!({
            "apiVersion": "serving.kserve.io/v1beta1",
            "kind": "InferenceService",
            "metadata": { "name": "iris", "namespace": namespace },
            "spec": { "predictor": { "containers": [{ "name": "kserve-container", "image": "example.com/model:1" }] } },
        });
        steps[0]["serviceName"] = "iris".into();
    }
    let router = one(dice, &["Sequence", "Sequence", "Ensemble", "Switch", "Splitter"]);
    if router == "Splitter" && !dice.hits(4) {
        let count = steps.len();
        for (place, step) in steps.iter_mut().enumerate() {
            let weight = if place == 0 { 100 - 10 * (count - 1) } else { 10 };
            step["weight"] = weight.into();
        }
    }
    if dice.hits(12) {
        steps.push(json!({ "serviceName": "iris", "nodeName": "root" }));
    }
    let mut nodes = json!({ "root": { "routerType": router, "steps": steps } });
    if dice.hits(8) {
        nodes = json!({ "other": { "routerType": "Sequence", "steps": [] } });
    }
    let graph = json!({
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "InferenceGraph",
        "metadata": { "name": if dice.hits(6) { name(dice) } else { "chain".to_owned() }, "namespace": namespace, "annotations": annotations, "labels": some_of(dice, LABELS, 6) },
        "spec": { "nodes": nodes },
    });
    vec![service, graph]
}
