//! The single functions in a pipeline, in every order, beside `serving-endpoint`, whose order is its own.

use std::collections::BTreeMap;

use krm_package::Package;
use serde_json::Value;

use crate::cases::command::{Answer, Memory};

const INPUT: &str = include_str!("../../fixtures/serving-endpoint/input.yaml");
const ARN: &str =
    "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012";

const ENDPOINT: &str = "domain: platform.example.com, authProvider: dex, certificate: {arn: ARN, names: ['*.staging.platform.example.com', '*.prod.platform.example.com']}, ingress: {tokens: [0f5b1c2e9d8a4736a1b2c3d4e5f60718]}, dns: {mode: external-dns, ingress: {name: istio-ingress-staging}}";

/// The same as a configuration for each function; what reads the domain finds it in Knative's own.
const STEPS: [(&str, &str, &str); 5] = [
    ("set-knative-domain", "KnativeDomain", "domain: platform.example.com, createIfMissing: true"),
    (
        "plan-certificate",
        "ServingCertificate",
        "certificate: {arn: ARN, domains: ['*.staging.platform.example.com', '*.prod.platform.example.com']}",
    ),
    (
        "set-ingress-params",
        "IngressParams",
        "certArn: ARN, httpHeaderValues: [0f5b1c2e9d8a4736a1b2c3d4e5f60718]",
    ),
    ("generate-authorization-policies", "ServingAuthorization", ""),
    (
        "generate-dns-records",
        "ServingDNS",
        "mode: external-dns, ingress: {name: istio-ingress-staging}",
    ),
];

fn config(kind: &str, spec: &str) -> String {
    let spec = spec.replace("ARN", ARN);
    format!(
        "apiVersion: fn.kserve-aws.dev/v1alpha1\nkind: {kind}\nmetadata:\n  name: endpoint\n  annotations: {{config.kubernetes.io/local-config: 'true'}}\nspec: {{{spec}}}\n"
    )
}

/// A package of kpt with these functions in its pipeline, in this order.
fn package(steps: &[(&str, &str, &str)]) -> Memory {
    let mut memory = Memory::default().with_file("a/input.yaml", INPUT);
    let mut kptfile =
        "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: a}\npipeline:\n  mutators:\n"
            .to_owned();
    for (name, kind, spec) in steps {
        let image = format!("ghcr.io/kserve-aws/{name}:v1");
        kptfile.push_str(&format!("  - image: {image}\n    configPath: {name}.yaml\n"));
        memory = memory.with_file(&format!("a/{name}.yaml"), config(kind, spec));
    }
    memory.with_file("a/Kptfile", kptfile)
}

/// The objects of a rendering by their names, without what only describes it.
fn objects(answer: &Answer) -> BTreeMap<String, Value> {
    let package = Package::stream(&answer.stdout).unwrap();
    let values = package.items().map(|(_, node)| node.value().unwrap());
    values
        .filter(|one| one["kind"] != "Kptfile" && one["apiVersion"] != "fn.kserve-aws.dev/v1alpha1")
        .map(|one| {
            let metadata = &one["metadata"];
            (format!("{} {}/{}", one["kind"], metadata["namespace"], metadata["name"]), one)
        })
        .collect()
}

/// Every order of some things.
fn orders<T: Copy>(of: &[T]) -> Vec<Vec<T>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for place in 0..of.len() {
        let mut rest = of.to_vec();
        let first = rest.remove(place);
        all.extend(orders(&rest).into_iter().map(|order| [vec![first], order].concat()));
    }
    all
}

#[test]
fn every_order_gives_the_same_or_an_error_that_names_it() {
    let whole = package(&[("serving-endpoint", "ServingEndpoint", ENDPOINT)]).run(&["render", "a"]);
    assert_eq!(whole.code, 0, "{}", whole.stderr);
    let expected = objects(&whole);
    assert!(expected.len() > 9, "{expected:#?}");
    let (mut same, mut refused) = (0, 0);
    let orders = orders(&STEPS);
    assert_eq!(orders.len(), 120);
    for order in orders {
        let names: Vec<&str> = order.iter().map(|(name, ..)| *name).collect();
        let answer = package(&order).run(&["render", "a"]);
        if answer.code == 0 && objects(&answer) == expected {
            same += 1;
            continue;
        }
        // The function that reads, and the one that it must run after.
        let names_the_order = |stderr: &str| {
            stderr.contains("configuration-order") && stderr.contains("set-knative-domain")
        };
        assert_eq!(answer.code, 1, "{names:?}: {}", answer.stderr);
        assert!(names_the_order(&answer.stderr), "{names:?}: {}", answer.stderr);
        refused += 1;
    }
    // Those that have the domain before both of its readers are the third part.
    assert_eq!((same, refused), (40, 80));
}
