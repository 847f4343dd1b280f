//! `plan-certificate` and `generate-dns-records` under the hosts: `awsconfigs/common/serving-certificate`
//! and `awsconfigs/common/serving-dns` beside an InferenceService and an Ingress, with what they make,
//! change and refuse.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::documents;
use crate::host::{Function, kpt_removes, refused_by_every_host, under_every_host};
use crate::package::Folder;

const CERTIFICATE: Function = Function { name: "plan-certificate", config: "serving-certificate" };
const DNS: Function = Function { name: "generate-dns-records", config: "serving-dns" };

/// A field of the configuration: as YAML, and as kpt's `configMap` has it.
type Setting = (&'static str, &'static str, &'static str);

const ACK: Setting = ("emit: ack", "emit", "ack");
const ENDPOINT: Setting = ("mode: endpoint", "mode", "endpoint");
const PER_HOST: Setting = ("perHost: true", "perHost", "true");
const TARGET: Setting = (
    "target: k8s-istio-0123456789.us-west-2.elb.amazonaws.com",
    "target",
    "k8s-istio-0123456789.us-west-2.elb.amazonaws.com",
);
const ANOTHER_CERTIFICATE: Setting = (
    "certificate: {domains: [\"*.platform.example.com\"]}",
    "certificate.domains",
    "[\"*.platform.example.com\"]",
);

const CONFIG_DOMAIN: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: config-domain
  namespace: knative-serving
data:
  platform.example.com: \"\"
";
const SERVICE: &str = "apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: sklearn-iris
  namespace: staging
spec:
  predictor:
    model:
      modelFormat:
        name: sklearn
";
const INGRESS: &str = "apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: istio-ingress
  namespace: istio-system
  annotations:
    kubernetes.io/ingress.class: alb
spec:
  rules:
  - http:
      paths:
      - path: /*
        pathType: ImplementationSpecific
        backend:
          service:
            name: istio-ingressgateway
            port:
              number: 80
";
const MANIFESTS: [(&str, &str); 3] =
    [("config-domain.yaml", CONFIG_DOMAIN), ("service.yaml", SERVICE), ("ingress.yaml", INGRESS)];

/// With settings, which stand at the end of configuration and Kptfile.
fn folder(function: &Function, settings: &[Setting]) -> Folder {
    let folder = function.folder(&MANIFESTS);
    let append = |file: &str, lines: String| {
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text + &lines).unwrap();
    };
    for (line, key, value) in settings {
        let config = format!("{}/{}", function.place(), function.config_file());
        append(&config, format!("  {line}\n"));
        append("models/Kptfile", format!("      {key}: '{value}'\n"));
    }
    folder
}

#[track_caller]
fn made(function: &Function, settings: &[Setting], told: &[&str]) -> BTreeMap<String, Value> {
    under_every_host(function, "models", told, || folder(function, settings))
}

#[test]
fn a_plan_is_told_and_changes_nothing() {
    let objects =
        made(&CERTIFICATE, &[], &["the certificate needs 1 name: *.staging.platform.example.com"]);
    let given = MANIFESTS.iter().flat_map(|(_, text)| documents::of(text)).collect();
    assert_eq!(objects, documents::meaning(given));
}

#[test]
fn a_certificate_of_ack_is_made() {
    let objects = made(&CERTIFICATE, &[ACK], &[]);
    assert_eq!(objects.len(), 4);
    let certificate = &objects["Certificate istio-system/kserve-serving"];
    let name = "*.staging.platform.example.com";
    assert_eq!(
        certificate["spec"],
        json!({ "domainName": name, "subjectAlternativeNames": [name] })
    );
}

#[test]
fn an_ingress_is_annotated() {
    let told = ["the hosts need 1 record: *.staging.platform.example.com"];
    let objects = made(&DNS, &[], &told);
    assert_eq!(objects.len(), 3);
    let annotations = &objects["Ingress istio-system/istio-ingress"]["metadata"]["annotations"];
    assert_eq!(
        *annotations,
        json!({
            "kubernetes.io/ingress.class": "alb",
            "external-dns.alpha.kubernetes.io/hostname": "*.staging.platform.example.com",
            "external-dns.kubernetes.io/hostname": "*.staging.platform.example.com",
            "fn.kserve-aws.dev/dns-names": [["*.staging.platform.example.com"]],
        })
    );
}

#[test]
fn a_dns_endpoint_is_made() {
    let objects = made(&DNS, &[ENDPOINT, TARGET, PER_HOST], &[]);
    assert_eq!(objects.len(), 4);
    let endpoints = &objects["DNSEndpoint istio-system/kserve-serving"]["spec"]["endpoints"];
    let names: Vec<&str> = endpoints
        .as_array()
        .unwrap()
        .iter()
        .map(|endpoint| endpoint["dnsName"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "sklearn-iris.staging.platform.example.com",
            "sklearn-iris-predictor.staging.platform.example.com"
        ]
    );
}

/// What is no longer requested is removed, with its file.
#[test]
fn kpt_removes_what_is_no_longer_wanted() {
    for (function, settings, file) in [
        (&CERTIFICATE, &[ACK][..], "certificate_kserve-serving.yaml"),
        (&DNS, &[ENDPOINT, TARGET][..], "dnsendpoint_kserve-serving.yaml"),
    ] {
        let without_settings = |folder: &Folder| {
            for (_, key, value) in settings {
                folder.replace("Kptfile", &format!("      {key}: '{value}'\n"), "");
            }
        };
        kpt_removes(
            function,
            || folder(function, settings),
            without_settings,
            &format!("istio-system/{file}"),
            &[],
        );
    }
}

#[test]
fn a_refusal_is_readable_and_changes_nothing() {
    for (function, setting, words) in [
        (&CERTIFICATE, ANOTHER_CERTIFICATE, "add the name *.staging.platform.example.com to one"),
        (&DNS, ENDPOINT, "mode requires the load balancer's DNS name"),
    ] {
        refused_by_every_host(function, "models", &[words], || folder(function, &[setting]));
    }
}
