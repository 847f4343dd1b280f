//! What other objects hold, install or fetch, and kinds that select pods as a Service does.

use serde_json::{Value, json};
use test_support::Dice;

use super::{Facts, GATEWAY, SYSTEM, ingress, service};

/// Something that opens a door to the pods, or to others.
fn opening(facts: &mut Facts, dice: &mut Dice, is_other: bool) -> Value {
    let name = facts.name("held");
    let (labels, to) = if is_other {
        (json!({ "app": "grafana" }), "grafana")
    } else {
        (facts.labels(), facts.service)
    };
    if dice.hits(2) {
        // Without its Service nobody knows which labels the pods have.
        let kind = if facts.has_service { "LoadBalancer" } else { "ClusterIP" };
        if kind == "LoadBalancer" {
            return service(&name, SYSTEM, kind, labels);
        }
    }
    let mut held = ingress(&name, Some(SYSTEM), None, to);
    held["spec"]["ingressClassName"] = (*dice.pick(&["nginx", "alb"])).into();
    held["metadata"]["annotations"]["alb.ingress.kubernetes.io/target-type"] = "ip".into();
    held
}

/// An object with others inside.
fn holder(name: &str, held: &Value, dice: &mut Dice) -> Value {
    let text = match dice.below(3) {
        0 => held.to_string(),
        1 => json!({ "apiVersion": "v1", "kind": "List", "items": [held] }).to_string(),
        _ => format!(
            "# a comment\n---\n{{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {{\"name\": \"a\"}}}}\n---\n{held}\n"
        ),
    };
    let metadata = json!({ "name": name, "namespace": "edge" });
    match dice.below(7) {
        0 => {
            json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": { "a.yaml": text } })
        }
        1 => {
            json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": { "a.yaml": text } })
        }
        2 => json!({
            "apiVersion": "kubernetes.crossplane.io/v1alpha2", "kind": "Object", "metadata": metadata,
            "spec": { "forProvider": { "manifest": held } },
        }),
        3 => json!({
            "apiVersion": "template.openshift.io/v1", "kind": "Template", "metadata": metadata, "objects": [held],
        }),
        4 => json!({
            "apiVersion": "work.open-cluster-management.io/v1", "kind": "ManifestWork", "metadata": metadata,
            "spec": { "workload": { "manifests": [held] } },
        }),
        5 => json!({
            "apiVersion": "kro.run/v1alpha1", "kind": "ResourceGraphDefinition", "metadata": metadata,
            "spec": { "resources": [{ "id": "a", "template": held }] },
        }),
        _ => json!({
            "apiVersion": "argoproj.io/v1alpha1", "kind": "WorkflowTemplate", "metadata": metadata,
            "spec": { "templates": [{ "resource": { "action": "create", "manifest": text } }] },
        }),
    }
}

pub(super) fn embedded(facts: &mut Facts, dice: &mut Dice) {
    if facts.is_gateway && dice.hits(4) {
        // Behind the gateway, and on its node's network: no policy of a proxy guards that.
        let model = facts.name("model");
        let held = json!({
            "apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService",
            "metadata": { "name": model, "namespace": "staging" },
            "spec": { "predictor": {
                "hostNetwork": true,
                "model": { "modelFormat": { "name": "sklearn" }, "storageUri": "s3://models/a" },
            } },
        });
        let name = facts.name("holder");
        let object = holder(&name, &held, dice);
        facts.note(&object);
        facts.add(object);
        return;
    }
    let is_other = dice.hits(3);
    let held = opening(facts, dice, is_other);
    let name = facts.name("holder");
    let object = holder(&name, &held, dice);
    if is_other { facts.add(object) } else { facts.add_open(object) }
}

/// Istio's gateway by `istioctl`, or by its chart.
pub(super) fn installed_gateway(facts: &mut Facts, dice: &mut Dice) {
    if !facts.is_gateway || !facts.has_service {
        return;
    }
    let name = facts.name("installed");
    let kind = *dice.pick(&["LoadBalancer", "ClusterIP"]);
    let metadata = json!({ "name": name, "namespace": SYSTEM });
    let labels = json!({ "app": GATEWAY, "istio": "ingressgateway" });
    let values = json!({ "labels": labels, "service": { "type": kind } });
    let mut is_open = kind == "LoadBalancer";
    let object = match dice.below(5) {
        0 => {
            let profile = *dice.pick(&["default", "demo", "minimal", "ambient", "empty"]);
            is_open = matches!(profile, "default" | "demo");
            json!({
                "apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator", "metadata": metadata,
                "spec": { "profile": profile },
            })
        }
        1 => json!({
            "apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator", "metadata": metadata,
            "spec": { "components": { "ingressGateways": [{ "name": name, "k8s": { "service": { "type": kind } } }] } },
        }),
        2 => json!({
            "apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator", "metadata": metadata,
            "spec": {
                "values": { "gateways": { "istio-ingressgateway": { "type": kind } } },
                "components": { "ingressGateways": [{ "name": name, "enabled": true }] },
            },
        }),
        3 => json!({
            "apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": metadata,
            "spec": { "releaseName": name, "chart": { "spec": { "chart": "gateway" } }, "values": values },
        }),
        _ => json!({
            "apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": { "name": name, "namespace": "argocd" },
            "spec": {
                "destination": { "namespace": SYSTEM },
                "source": { "chart": "gateway", "helm": { "values": values.to_string() } },
            },
        }),
    };
    // Two of one name are one object, of which the last stays.
    if is_open { facts.add_open(object) } else { facts.add(object) }
}

/// A chart whose objects nobody sees.
pub(super) fn release(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("release");
    let (namespace, chart) =
        (*dice.pick(&[SYSTEM, "monitoring"]), *dice.pick(&["kiali-server", "istiod"]));
    let object = match dice.below(3) {
        0 => json!({
            "apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": { "name": name, "namespace": "flux-system" },
            "spec": { "targetNamespace": namespace, "chart": { "spec": { "chart": chart } } },
        }),
        1 if dice.hits(3) => json!({
            "apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": { "name": name, "namespace": "argocd" },
            "spec": {
                "destination": { "namespace": "other" },
                "sources": [{ "chart": chart, "helm": { "namespace": namespace } }],
            },
        }),
        1 => json!({
            "apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": { "name": name, "namespace": "argocd" },
            "spec": { "destination": { "namespace": namespace }, "sources": [{ "chart": chart }] },
        }),
        _ => json!({
            "apiVersion": "helm.cattle.io/v1", "kind": "HelmChart", "metadata": { "name": name, "namespace": "kube-system" },
            "spec": { "targetNamespace": namespace, "chart": format!("oci://registry.example.com/charts/{chart}") },
        }),
    };
    if namespace == SYSTEM && chart == "kiali-server" {
        facts.add_open(object)
    } else {
        if chart == "kiali-server" {
            facts.other_releases.push(object.clone());
        }
        facts.add(object)
    }
}

/// A kind that selects pods by their labels.
pub(super) fn selecting_kind(facts: &mut Facts, dice: &mut Dice) {
    if !facts.has_service {
        return;
    }
    let name = facts.name("selects");
    let is_other = dice.hits(3);
    let labels =
        if is_other { json!({ "app": "grafana" }) } else { json!({ "app": facts.service }) };
    let (kind, spec) = match dice.below(4) {
        0 => ("Exposure", json!({ "selector": labels })),
        1 => ("Exposure", json!({ "ports": [{ "podSelector": { "matchLabels": labels } }] })),
        2 => ("EdgeBalancer", json!({ "endpointSelector": { "matchLabels": labels } })),
        // What limits leads nothing in.
        _ => ("EdgePolicy", json!({ "selector": labels })),
    };
    let object = json!({
        "apiVersion": "example.com/v1", "kind": kind, "metadata": { "name": name, "namespace": SYSTEM }, "spec": spec,
    });
    if is_other || kind == "EdgePolicy" { facts.add(object) } else { facts.add_open(object) }
}
