//! Clusters whose services mostly come to be: components with annotations of their own, runtimes with labels and
//! annotations, canaries, several nodes, and the routes of the Gateway API.

use serde_json::{Map, Value, json};
use test_support::Dice;

use super::config;
use super::questions::{self, one};

/// Annotations that KServe or Knative read of a component, with values that they take and others.
const ANNOTATIONS: &[(&str, &[&str])] = &[
    (
        "serving.kserve.io/autoscalerClass",
        &["hpa", "external", "keda", "none", "none", "kpa", "HPA", ""],
    ),
    ("serving.kserve.io/stop", &["false", "true", "TRUE", "no"]),
    ("serving.kserve.io/enable-tag-routing", &["true", "True"]),
    ("sub", &["models", "a_b"]),
    (
        "autoscaling.knative.dev/class",
        &[
            "kpa.autoscaling.knative.dev",
            "hpa.autoscaling.knative.dev",
            "keda.example.com",
            "x.knative.dev",
        ],
    ),
    ("autoscaling.knative.dev/metric", &["concurrency", "rps", "cpu", ""]),
    ("autoscaling.knative.dev/target", &["10", "0.5", "0", "ten"]),
    ("autoscaling.knative.dev/target-burst-capacity", &["-1", "0", "-2"]),
    ("autoscaling.knative.dev/targetUtilizationPercentage", &["70", "0.5", "101"]),
    ("autoscaling.knative.dev/window", &["60s", "1m30s", "5s", "6.5s", "60"]),
    ("autoscaling.knative.dev/scale-down-delay", &["15m", "0", "2h", "1500ms"]),
    ("autoscaling.knative.dev/scale-to-zero-pod-retention-period", &["1.5s", "-1s"]),
    ("autoscaling.knative.dev/initial-scale", &["2", "x", "-1"]),
    ("autoscaling.knative.dev/min-scale", &["1", "x"]),
    ("autoscaling.knative.dev/maxScale", &["3", "three", "-1"]),
    ("autoscaling.knative.dev/activation-scale", &["2", "1"]),
    ("autoscaling.knative.dev/metric-aggregation-algorithm", &["linear", "mean"]),
    ("autoscaling.knative.dev/panic-window-percentage", &["10", "0"]),
    ("autoscaling.knative.dev/panic-threshold-percentage", &["200", "100"]),
    ("serving.knative.dev/rollout-duration", &["60s", "0.5s", "1 minute", ""]),
    ("serving.knative.dev/progress-deadline", &["600s", "-1s", "600"]),
    ("queue.sidecar.serving.knative.dev/cpu-resource-request", &["100m", "1e3", "100x", "Gi"]),
    ("networking.knative.dev/http-protocol", &["enabled"]),
    ("networking.knative.dev/visibility", &["cluster-local"]),
];
const LABELS: &[(&str, &[&str])] = &[
    ("networking.knative.dev/visibility", &["cluster-local", "public"]),
    ("networking.kserve.io/visibility", &["cluster-local"]),
    ("env", &["prod", "dev"]),
];
/// The places of annotations and labels.
const RARELY: usize = 60;

fn some(dice: &mut Dice, list: &[(&str, &[&str])], rarely: usize) -> Map<String, Value> {
    let mut found = Map::new();
    for (key, values) in list {
        if dice.hits(rarely) {
            found.insert((*key).to_owned(), one(dice, values).into());
        }
    }
    found
}

/// The `number`th question.
pub(crate) fn question(number: u64) -> Value {
    let dice = &mut Dice::new(questions::SERVED + number);
    let is_standard = !dice.hits(3);
    let mut objects = config_maps(dice);
    objects.extend(runtimes(dice));
    let mut service = service(dice, is_standard);
    match dice.below(6) {
        0 | 1 if is_standard => canaries(dice, &mut service),
        2 if is_standard => several_nodes(dice, &mut service),
        _ => {}
    }
    objects.push(service);
    json!({ "number": questions::SERVED + number, "objects": objects, "runs": 1 })
}

fn config_map(namespace: &str, name: &str, data: Value) -> Value {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name, "namespace": namespace }, "data": data })
}

fn config_maps(dice: &mut Dice) -> Vec<Value> {
    let mut ingress = json!({
        "ingressGateway": "knative-serving/knative-ingress-gateway",
        "localGateway": "knative-serving/knative-local-gateway",
        "localGatewayService": "knative-local-gateway.istio-system.svc.cluster.local",
        "ingressDomain": "models.example.org",
        "ingressClassName": "istio",
        "kserveIngressGateway": "kserve/kserve-ingress-gateway",
        "enableGatewayApi": !dice.hits(4),
        "urlScheme": "http",
    });
    if dice.hits(4) {
        let templates = [
            "{{ .Name }}-{{ .Labels.env }}.{{ .IngressDomain }}",
            "{{ .Name }}.{{ index .Annotations \"sub\" }}.{{ .IngressDomain }}",
        ];
        ingress["domainTemplate"] = one(dice, &templates).into();
    }
    if dice.hits(6) {
        ingress["pathTemplate"] = "/serving/{{ .Namespace }}/{{ .Name }}".into();
    }
    if dice.hits(10) {
        ingress["disableIstioVirtualHost"] = true.into();
    }
    let mut kserve = config::shipped(ingress.to_string(), "Knative");
    if dice.hits(8) {
        let disallowed = ["serving.kserve.io/autoscalerClass", "serving.kserve.io/stop"];
        let list = json!({ "serviceAnnotationDisallowedList": [one(dice, &disallowed)] });
        kserve["inferenceService"] = list.to_string().into();
    }
    if dice.hits(8) {
        kserve["service"] = json!({ "serviceClusterIPNone": true }).to_string().into();
    }
    vec![
        config_map("knative-serving", "config-domain", json!({ "example.com": "" })),
        config_map("knative-serving", "config-network", json!({})),
        config_map("kserve", "inferenceservice-config", kserve),
    ]
}

fn runtimes(dice: &mut Dice) -> Vec<Value> {
    let mut server = json!({
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "ClusterServingRuntime",
        "metadata": { "name": "kserve-sklearnserver" },
        "spec": {
            "supportedModelFormats": [{ "name": "sklearn", "autoSelect": true, "priority": 1 }],
            "protocolVersions": ["v1", "v2"],
            "containers": [{ "name": "kserve-container", "image": "example.com/server:1" }],
        },
    });
    let annotations = some(dice, ANNOTATIONS, RARELY);
    if !annotations.is_empty() {
        server["spec"]["annotations"] = annotations.into();
    }
    let labels = some(dice, LABELS, 10);
    if !labels.is_empty() {
        server["spec"]["labels"] = labels.into();
    }
    let grpc = json!({
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "ServingRuntime",
        "metadata": { "name": "grpc", "namespace": "team-a" },
        "spec": {
            "supportedModelFormats": [{ "name": "sklearn" }, { "name": "onnx", "autoSelect": true }],
            "containers": [{
                "name": "kserve-container",
                "image": "example.com/server:2",
                "ports": [{ "name": "http1", "containerPort": 8080 }, { "name": "grpc", "containerPort": 9000 }],
            }],
        },
    });
    let several = json!({
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "ClusterServingRuntime",
        "metadata": { "name": "kserve-huggingfaceserver-multinode" },
        "spec": {
            "supportedModelFormats": [{ "name": "huggingface", "autoSelect": true }],
            "protocolVersions": ["v2", "v1"],
            "containers": [{ "name": "kserve-container", "image": "example.com/head:1" }],
            "workerSpec": {
                "pipelineParallelSize": 2,
                "tensorParallelSize": 1,
                "containers": [{ "name": "worker-container", "image": "example.com/worker:1" }],
            },
        },
    });
    vec![server, grpc, several]
}

fn service(dice: &mut Dice, is_standard: bool) -> Value {
    let mut annotations = some(dice, ANNOTATIONS, RARELY);
    annotations.remove("serving.kserve.io/autoscalerClass");
    if is_standard {
        annotations.insert("serving.kserve.io/deploymentMode".to_owned(), "Standard".into());
        if dice.hits(6) {
            let class = one(dice, &["hpa", "none", "external", "keda"]);
            annotations.insert("serving.kserve.io/autoscalerClass".to_owned(), class.into());
        }
    }
    let mut predictor = json!({ "model": {
        "modelFormat": { "name": one(dice, &["sklearn", "sklearn", "onnx"]) },
        "storageUri": "s3://models/iris",
    } });
    component(dice, &mut predictor);
    if dice.hits(6) {
        predictor["name"] = "v2".into();
    }
    if dice.hits(8) {
        predictor["minReplicas"] = [0, 3][dice.below(2)].into();
    }
    let mut service = json!({
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {
            "name": one(dice, &["iris", "iris", "flowers", "a-predictor-b"]),
            "namespace": "team-a",
            "annotations": annotations,
            "labels": some(dice, LABELS, 10),
        },
        "spec": { "predictor": predictor },
    });
    for (name, image) in
        [("transformer", "example.com/transformer:1"), ("explainer", "example.com/explainer:1")]
    {
        if dice.hits(4) {
            let mut one = json!({ "containers": [{ "name": "kserve-container", "image": image }] });
            component(dice, &mut one);
            service["spec"][name] = one;
        }
    }
    service
}

/// What a component sets itself.
fn component(dice: &mut Dice, component: &mut Value) {
    let annotations = some(dice, ANNOTATIONS, RARELY / 2);
    if !annotations.is_empty() {
        component["annotations"] = annotations.into();
    }
    let labels = some(dice, LABELS, 12);
    if !labels.is_empty() {
        component["labels"] = labels.into();
    }
}

fn canaries(dice: &mut Dice, service: &mut Value) {
    let percents: &[i64] = [&[20][..], &[0], &[100], &[10, 30]][dice.below(4)];
    let canaries = percents.iter().enumerate().map(|(place, percent)| {
        let mut predictor = json!({
            "name": format!("c{place}"),
            "model": { "name": "", "storageUri": "s3://models/next", "modelFormat": { "name": "" } },
        });
        if dice.hits(3) {
            predictor["model"]["modelFormat"]["name"] = one(dice, &["sklearn", "onnx", "xgboost"]).into();
        }
        if dice.hits(3) {
            predictor["model"]["runtime"] = one(dice, &["grpc", "kserve-sklearnserver", "nobodys"]).into();
        }
        if dice.hits(4) {
            predictor["model"]["ports"] = json!([{ "name": "http1", "containerPort": 5000 }]);
        }
        if dice.hits(5) {
            predictor["minReplicas"] = 0.into();
        }
        let annotations = some(dice, &ANNOTATIONS[..3], 8);
        if !annotations.is_empty() {
            predictor["annotations"] = annotations.into();
        }
        let labels = some(dice, LABELS, 8);
        if !labels.is_empty() {
            predictor["labels"] = labels.into();
        }
        json!({ "trafficPercent": percent, "predictor": predictor })
    });
    service["spec"]["canary"] = canaries.collect();
}

fn several_nodes(dice: &mut Dice, service: &mut Value) {
    let predictor = &mut service["spec"]["predictor"];
    predictor["model"]["modelFormat"]["name"] = "huggingface".into();
    predictor["model"]["storageUri"] =
        one(dice, &["pvc://models/llm", "oci://example.com/llm", "s3://models/llm"]).into();
    predictor["workerSpec"] = match dice.below(3) {
        0 => json!({}),
        1 => json!({ "pipelineParallelSize": 3, "tensorParallelSize": 1 }),
        _ => {
            json!({ "containers": [{ "name": "worker-container", "image": "example.com/worker:2" }] })
        }
    };
    if !dice.hits(6) {
        service["metadata"]["annotations"]["serving.kserve.io/autoscalerClass"] = "none".into();
    }
}
