//! The whole guide as one folder: the objects with one function, and with a function for each step.

use std::path::{Path, PathBuf};

use crate::hosts::written;

const OBJECTS: &str = include_str!("../../fixtures/serving-endpoint/input.yaml");
const ARN: &str =
    "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012";
const DOMAINS: &str = "['*.staging.platform.example.com', '*.prod.platform.example.com']";
const TOKEN: &str = "0f5b1c2e9d8a4736a1b2c3d4e5f60718";

/// A function's name, its kind and its spec.
pub(crate) type Step = (&'static str, &'static str, String);

/// The one function.
pub(crate) fn one() -> Vec<Step> {
    let spec = format!(
        "domain: platform.example.com, authProvider: dex, certificate: {{arn: '{ARN}', names: {DOMAINS}}}, ingress: {{tokens: [{TOKEN}]}}, dns: {{mode: external-dns, ingress: {{name: istio-ingress-staging}}}}"
    );
    vec![("serving-endpoint", "ServingEndpoint", spec)]
}

/// The same as six, the last of which checks the path.
pub(crate) fn six() -> Vec<Step> {
    vec![
        (
            "set-knative-domain",
            "KnativeDomain",
            "domain: platform.example.com, createIfMissing: true".to_owned(),
        ),
        (
            "plan-certificate",
            "ServingCertificate",
            format!("certificate: {{arn: '{ARN}', domains: {DOMAINS}}}"),
        ),
        (
            "set-ingress-params",
            "IngressParams",
            format!("certArn: '{ARN}', httpHeaderValues: [{TOKEN}]"),
        ),
        ("generate-authorization-policies", "ServingAuthorization", String::new()),
        (
            "generate-dns-records",
            "ServingDNS",
            "mode: external-dns, ingress: {name: istio-ingress-staging}".to_owned(),
        ),
        ("validate-serving-path", "ServingPathCheck", String::new()),
    ]
}

fn config((name, kind, spec): &Step) -> String {
    format!(
        "apiVersion: fn.kserve-aws.dev/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\n  annotations:\n    config.kubernetes.io/local-config: 'true'\n    config.kubernetes.io/function: |\n      container:\n        image: {}\nspec: {{{spec}}}\n",
        image(name)
    )
}

/// The image of a function.
pub(crate) fn image(name: &str) -> String {
    format!("ghcr.io/kserve-aws/{name}:v0.1.0")
}

/// The folder as a kustomization.
pub(crate) fn kustomization(folder: &Path, steps: &[Step]) -> PathBuf {
    let mut text = String::from(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- objects.yaml\ntransformers:\n",
    );
    for step in steps {
        text.push_str(&format!("- {}.yaml\n", step.0));
        written(folder, &[(&format!("{}.yaml", step.0), &config(step))]);
    }
    written(folder, &[("objects.yaml", OBJECTS), ("kustomization.yaml", &text)])
}

/// The folder as a package of kpt.
pub(crate) fn kpt_package(folder: &Path, steps: &[Step]) -> PathBuf {
    let mut text = String::from(
        "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: bench\n  annotations:\n    config.kubernetes.io/local-config: \"true\"\npipeline:\n  mutators:\n",
    );
    for step in steps {
        text.push_str(&format!("  - image: {}\n    configPath: {}.yaml\n", image(step.0), step.0));
        written(folder, &[(&format!("{}.yaml", step.0), &config(step))]);
    }
    written(folder, &[("objects.yaml", OBJECTS), ("Kptfile", &text)])
}
