//! `generate-authorization-policies` under the hosts: `awsconfigs/common/serving-authorization` as a
//! component beside InferenceServices, in every mode, and a refusal on the terminal.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::documents;
use crate::host::{
    Function, Host, KUSTOMIZATION, kpt_removes, refused_by_every_host, under_every_host,
};
use crate::package::Folder;

const AUTHORIZATION: Function =
    Function { name: "generate-authorization-policies", config: "serving-authorization" };
const MODES: [&str; 3] = ["guide", "namespace", "strict"];

const IRIS: &str = "apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: iris
  namespace: team-a
spec:
  predictor:
    model:
      modelFormat:
        name: sklearn
      protocolVersion: v2
";

const FACES: &str = "apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: faces
  namespace: team-b
spec:
  predictor:
    model:
      modelFormat:
        name: pytorch
      protocolVersion: v1
  transformer:
    serviceAccountName: image-reader
    containers:
    - name: kserve-container
      image: registry.example.com/image-transformer:v1
";

const CONFIG_NETWORK: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: config-network
  namespace: knative-serving
data:
  ingress-class: istio.ingress.networking.knative.dev
";

fn folder(mode: &str) -> Folder {
    let folder = AUTHORIZATION.folder(&[
        ("iris.yaml", IRIS),
        ("faces.yaml", FACES),
        ("config-network.yaml", CONFIG_NETWORK),
    ]);
    for file in ["serving-authorization.yaml", "Kptfile"] {
        folder.replace(file, "mode: namespace", &format!("mode: {mode}"));
    }
    folder
}

/// The policies of a mode by place, and what Knative is told.
#[track_caller]
fn is_of_mode(mode: &str, objects: &BTreeMap<String, Value>) {
    let policies: Vec<&str> =
        objects.keys().filter_map(|place| place.strip_prefix("AuthorizationPolicy ")).collect();
    let told = &objects["ConfigMap knative-serving/config-network"]["data"];
    if mode == "guide" {
        assert_eq!(policies, ["istio-system/allow-predictor", "istio-system/allow-transformer"]);
    } else {
        let by_component = [
            "team-a/allow-iris-predictor",
            "team-b/allow-faces-predictor",
            "team-b/allow-faces-transformer",
        ];
        assert_eq!(policies, by_component, "{mode}");
        let policy = &objects["AuthorizationPolicy team-b/allow-faces-predictor"];
        let rule = policy["spec"]["rules"].as_array().unwrap().last().unwrap();
        let principals = rule.pointer("/from/0/source/principals").map(ToString::to_string);
        let called_by = r#"["cluster.local/ns/knative-serving/sa/activator","cluster.local/ns/team-b/sa/image-reader"]"#;
        assert_eq!(principals.as_deref(), Some(called_by).filter(|_| mode == "strict"));
    }
    let enabled = (mode == "strict").then_some("enabled");
    assert_eq!(told["mesh-compatibility-mode"].as_str(), enabled, "{mode}");
    assert_eq!(told["ingress-class"], "istio.ingress.networking.knative.dev");
    assert_eq!(objects.len(), policies.len() + 3, "{objects:#?}");
}

#[test]
fn every_mode_is_the_same_under_every_host() {
    for mode in MODES {
        let objects = under_every_host(&AUTHORIZATION, "models", &[], || folder(mode));
        is_of_mode(mode, &objects);
    }
}

/// The overlays with named callers: a policy and a RequestAuthentication for the component, and with Kubeflow
/// those that its gateway requires.
#[test]
fn named_callers_are_the_same_under_every_host() {
    let at_component = [
        "AuthorizationPolicy team-a/allow-iris-predictor",
        "RequestAuthentication team-a/allow-iris-predictor",
    ];
    let at_gateway = [
        "AuthorizationPolicy istio-system/serving-authorization-istio-ingressgateway",
        "RequestAuthentication istio-system/serving-authorization-istio-ingressgateway",
    ];
    for (config, at_gateway) in [
        ("serving-authorization/callers", &[][..]),
        ("serving-authorization/kubeflow", &at_gateway[..]),
    ] {
        let function = Function { name: AUTHORIZATION.name, config };
        let manifests = [("iris.yaml", IRIS), ("config-network.yaml", CONFIG_NETWORK)];
        let objects = under_every_host(&function, "models", &[], || function.folder(&manifests));
        let mut generated: Vec<&str> = objects.keys().map(String::as_str).collect();
        generated.retain(|place| !place.starts_with("ConfigMap") && !place.starts_with("Inf"));
        let mut expected = [&at_component[..], at_gateway].concat();
        expected.sort_unstable();
        assert_eq!(generated, expected, "{config}");
        let issuers = &objects[at_component[1]]["spec"]["jwtRules"];
        let count = if at_gateway.is_empty() { 2 } else { 3 };
        assert_eq!(issuers.as_array().unwrap().len(), count, "{config}");
        let rules = &objects[at_component[0]]["spec"]["rules"];
        assert!(
            rules.to_string().contains("sa/runner")
                || rules.to_string().contains("pipelines:runner"),
            "{rules}"
        );
    }
}

/// A caller of whom every token of the issuer would be one.
#[test]
fn an_issuer_without_a_client_is_refused_by_every_host() {
    for config in ["serving-authorization/callers", "serving-authorization/kubeflow"] {
        let function = Function { name: AUTHORIZATION.name, config };
        let words = ["authorization-any-token", "spec.callers["];
        refused_by_every_host(&function, "models", &words, || {
            let folder = function.folder(&[("iris.yaml", IRIS)]);
            let named = "      clientIds:\n      - 1example23456789\n      scopes:\n      - models/predict\n";
            folder.replace("serving-authorization.yaml", named, "");
            folder
        });
    }
}

/// A component that goes takes its policy's file with it.
#[test]
fn kpt_removes_what_is_no_longer_wanted() {
    let without_transformer = |folder: &Folder| {
        let (predictor, _) = FACES.split_once("  transformer:\n").unwrap();
        fs::write(folder.path().join("models/faces.yaml"), predictor).unwrap();
    };
    kpt_removes(
        &AUTHORIZATION,
        || folder("namespace"),
        without_transformer,
        "team-b/authorizationpolicy_allow-faces-transformer.yaml",
        &[
            "team-b/authorizationpolicy_allow-faces-predictor.yaml",
            "team-a/authorizationpolicy_allow-iris-predictor.yaml",
        ],
    );
}

/// Strict without Knative's configuration.
#[test]
fn a_refusal_is_readable_and_changes_nothing() {
    let words = ["mesh-compatibility-mode: enabled", "or set mode to"];
    refused_by_every_host(&AUTHORIZATION, "models", &words, || {
        let folder = folder("strict");
        folder.replace("config-network.yaml", "name: config-network", "name: config-features");
        folder
    });
}

/// A prefix renames services after the function has run: the README says to list the component above.
#[test]
fn policies_follow_a_prefix_from_above() {
    let hosts = [Host::KustomizeExec, Host::KubectlPlugin];
    for host in hosts.into_iter().filter(|host| AUTHORIZATION.runs_under(*host)) {
        let folder = folder("namespace");
        host.configure(&AUTHORIZATION, &folder);
        let component = format!("components:\n- ../{}\n", AUTHORIZATION.place());
        folder.replace("kustomization.yaml", &component, "namePrefix: dev-\n");
        let above = folder.path().join("above");
        fs::create_dir_all(&above).unwrap();
        let kustomization = format!("{KUSTOMIZATION}resources:\n- ../models\n{component}");
        fs::write(above.join("kustomization.yaml"), kustomization).unwrap();
        let outcome = host.run(&AUTHORIZATION, &folder, "above").expect_success(&host.to_string());
        let objects = documents::meaning(documents::of(&outcome.stdout));
        let policy = &objects["AuthorizationPolicy team-a/allow-dev-iris-predictor"];
        let labels = &policy["spec"]["selector"]["matchLabels"];
        assert_eq!(labels["serving.kserve.io/inferenceservice"], "dev-iris", "{host}");
        assert!(objects.contains_key("InferenceService team-a/dev-iris"), "{host}");
    }
}
