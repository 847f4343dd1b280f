//! Pods on the network of their node.

use serde_json::{Value, json};
use test_support::Dice;

use super::{Facts, SYSTEM};

/// What creates pods with a template, or is one.
pub(super) fn workload(facts: &Facts, kind: &str, name: &str, spec: Value) -> Value {
    let labels = facts.labels();
    let template = json!({ "metadata": { "labels": labels }, "spec": spec });
    let metadata = json!({ "name": name, "namespace": SYSTEM });
    match kind {
        "Pod" => json!({
            "apiVersion": "v1", "kind": kind,
            "metadata": { "name": name, "namespace": SYSTEM, "labels": labels }, "spec": spec,
        }),
        "CronJob" => json!({
            "apiVersion": "batch/v1", "kind": kind, "metadata": metadata,
            "spec": { "schedule": "@daily", "jobTemplate": { "spec": { "template": template } } },
        }),
        "Job" => json!({
            "apiVersion": "batch/v1", "kind": kind, "metadata": metadata, "spec": { "template": template },
        }),
        "ReplicationController" => json!({
            "apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": { "selector": labels, "template": template },
        }),
        // What the API server does not know itself.
        "Rollout" => json!({
            "apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": metadata,
            "spec": { "selector": { "matchLabels": labels }, "template": template },
        }),
        _ => json!({
            "apiVersion": "apps/v1", "kind": kind, "metadata": metadata,
            "spec": { "selector": { "matchLabels": labels }, "template": template },
        }),
    }
}

const KINDS: [&str; 8] = [
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "Pod",
    "CronJob",
    "ReplicationController",
    "Rollout",
];

pub(super) fn host_network(facts: &mut Facts, dice: &mut Dice) {
    if facts.has_unknown_labels {
        return;
    }
    facts.has_pods |= facts.has_service;
    let name = facts.name("host");
    let containers = json!([{ "name": "proxy", "ports": [{ "containerPort": 8080 }] }]);
    let spec = json!({ "hostNetwork": true, "containers": containers });
    let open = workload(facts, dice.word(&KINDS), &name, spec);
    if !facts.is_gateway {
        // Istio injects no sidecar into pods on their node's network.
        facts.lose_policy();
    }
    facts.add_open(open);
}

pub(super) fn host_port(facts: &mut Facts, dice: &mut Dice) {
    if facts.has_unknown_labels {
        return;
    }
    facts.has_pods |= facts.has_service;
    let name = facts.name("port");
    let port = json!({ "name": "proxy", "ports": [{ "containerPort": 8080, "hostPort": 80 }] });
    let spec = match dice.below(3) {
        // A sidecar that Kubernetes starts before the others.
        0 => json!({ "containers": [{ "name": "a" }], "initContainers": [port] }),
        1 => json!({ "containers": [port] }),
        _ => json!({ "containers": [{ "name": "a", "ports": [{ "containerPort": 1 }] }, port] }),
    };
    let open = workload(facts, dice.word(&KINDS), &name, spec);
    facts.add_open(open);
}
