//! Ingresses: of the load balancer, of other classes, of removed versions, and those that `KServe`
//! creates.

use serde_json::{Value, json};
use test_support::Dice;

use super::{Facts, SYSTEM, TOKEN, alb, ingress, met_host};

const AUTH_IDP: &str = r#"{"userPoolARN":"arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_aaaaaaaaa","userPoolClientID":"client","userPoolDomain":"domain"}"#;

fn annotate(object: &mut Value, key: &str, value: impl Into<Value>) {
    object["metadata"]["annotations"][format!("alb.ingress.kubernetes.io/{key}")] = value.into();
}

/// A condition on a header, as an annotation holds it.
fn header_is(header: &str, values: &[&str]) -> String {
    let condition = json!([{ "field": "http-header", "httpHeaderConfig": { "httpHeaderName": header, "values": values } }]);
    condition.to_string()
}

/// Adds an `IngressClass` once.
fn class(facts: &mut Facts, name: &str, controller: &str, is_default: bool) {
    let is_known = |one: &Value| one["kind"] == "IngressClass" && one["metadata"]["name"] == name;
    if facts.objects.iter().any(is_known) {
        return;
    }
    let mut class = json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": { "name": name },
        "spec": { "controller": controller },
    });
    if is_default {
        class["metadata"]["annotations"] =
            json!({ "ingressclass.kubernetes.io/is-default-class": "true" });
    }
    facts.add(class);
}

pub(super) fn load_balancer_ingress(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("sibling");
    let to = facts.service;
    let mut own = alb(ingress(&name, Some(SYSTEM), met_host(dice), to), dice);
    let conditions = format!("conditions.{to}");
    match dice.below(11) {
        0 => {
            annotate(&mut own, &conditions, header_is("x-api-key", &[TOKEN]));
            facts.add(own);
        }
        1 if !facts.hosts.is_empty() => {
            let other = ingress(&name, Some(SYSTEM), Some("*.other.example.org"), to);
            let other = alb(other, dice);
            // Model servers answer whatever host a client names; a gateway has other applications.
            if facts.is_gateway { facts.add(other) } else { facts.add_open(other) }
        }
        2 => {
            annotate(&mut own, &conditions, header_is("x-canary", &["true"]));
            facts.add_open(own);
        }
        // What is demanded of one backend guards no other.
        3 => {
            annotate(&mut own, "conditions.grafana", header_is("x-api-key", &[TOKEN]));
            facts.add_open(own);
        }
        // A pattern that any text matches.
        4 => {
            annotate(&mut own, &conditions, header_is("x-api-key", &[TOKEN, "*"]));
            facts.add_open(own);
        }
        // A default backend alone; of two in a group the controller makes nothing.
        5 => {
            own["spec"] = json!({
                "ingressClassName": "alb",
                "defaultBackend": { "service": { "name": to, "port": { "number": 80 } } },
            });
            own["metadata"]["annotations"] = json!({});
            annotate(&mut own, "target-type", "ip");
            facts.add_open(own);
        }
        // Two paths, of which one is open.
        6 => {
            annotate(&mut own, &conditions, header_is("x-api-key", &[TOKEN]));
            let alias = facts.name("alias");
            facts.add(super::service(&alias, SYSTEM, "ClusterIP", facts.labels()));
            let path = json!({
                "path": format!("/{name}/open/*"), "pathType": "ImplementationSpecific",
                "backend": { "service": { "name": alias, "port": { "number": 80 } } },
            });
            own["spec"]["rules"][0]["http"]["paths"].as_array_mut().unwrap().insert(0, path);
            facts.add_open(own);
        }
        // An action of an annotation: one that forwards, and one that redirects.
        7 | 8 => {
            let backend =
                json!({ "service": { "name": "act", "port": { "name": "use-annotation" } } });
            own["spec"]["rules"][0]["http"]["paths"][0]["backend"] = backend;
            if dice.hits(2) {
                let action = json!({ "type": "forward", "forwardConfig": { "targetGroups": [{ "serviceName": to, "servicePort": "80" }] } });
                annotate(&mut own, "actions.act", action.to_string());
                facts.add_open(own);
            } else {
                let action = json!({ "type": "redirect", "redirectConfig": { "host": "example.com", "statusCode": "HTTP_302" } });
                annotate(&mut own, "actions.act", action.to_string());
                facts.add(own);
            }
        }
        // A login that lets everybody pass.
        9 => {
            own["metadata"]["annotations"]
                .as_object_mut()
                .unwrap()
                .remove("alb.ingress.kubernetes.io/group.name");
            annotate(&mut own, "listen-ports", r#"[{"HTTPS":443}]"#);
            let arn = "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012";
            annotate(&mut own, "certificate-arn", arn);
            annotate(&mut own, "auth-type", "cognito");
            annotate(&mut own, "auth-idp-cognito", AUTH_IDP);
            annotate(&mut own, "auth-on-unauthenticated-request", "allow");
            facts.add_open(own);
        }
        _ => facts.add_open(own),
    }
}

pub(super) fn other_ingress(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("other");
    let mut other = ingress(&name, Some(SYSTEM), met_host(dice), facts.service);
    match dice.below(7) {
        0 => other["spec"]["ingressClassName"] = "public-alb".into(),
        1 => other["metadata"]["annotations"]["kubernetes.io/ingress.class"] = "nginx".into(),
        2 => {
            other["spec"]["ingressClassName"] = "nginx".into();
            class(facts, "nginx", "k8s.io/ingress-nginx", false);
        }
        // Whatever another controller's annotations ask for.
        3 => {
            other["spec"]["ingressClassName"] = "traefik".into();
            other["metadata"]["annotations"]["nginx.ingress.kubernetes.io/auth-url"] =
                "https://login.example.com".into();
        }
        // The class that is the default: another controller's, or the load balancer's own.
        4 => class(facts, "default", "k8s.io/ingress-nginx", true),
        5 => {
            other["spec"]["ingressClassName"] = "edge".into();
            // Of a Service without node ports the controller makes nothing else.
            annotate(&mut other, "target-type", "ip");
            class(facts, "edge", "ingress.k8s.aws/alb", false);
        }
        // Of no class.
        _ => {}
    }
    if dice.hits(5) {
        let class = other["spec"]["ingressClassName"].clone();
        other["spec"] = json!({ "defaultBackend": { "service": { "name": facts.service, "port": { "number": 80 } } } });
        if !class.is_null() {
            other["spec"]["ingressClassName"] = class;
        }
    }
    facts.add_open(other);
}

pub(super) fn removed_ingress(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("removed");
    let version = *dice.pick(&["extensions/v1beta1", "networking.k8s.io/v1beta1"]);
    let backend = json!({ "serviceName": facts.service, "servicePort": 80 });
    let spec = if dice.hits(2) {
        json!({ "backend": backend })
    } else {
        json!({ "rules": [{ "http": { "paths": [{ "path": "/", "backend": backend }] } }] })
    };
    facts.add_open(json!({
        "apiVersion": version, "kind": "Ingress", "metadata": { "name": name, "namespace": SYSTEM }, "spec": spec,
    }));
}

/// A model whose Ingress `KServe` creates. It is behind the gateway's Service only where that one
/// leads to `KServe`, as Istio's ingress gateway does; then the gateway's policies guard it not.
pub(super) fn kserve(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("model");
    let has_config =
        facts.objects.iter().any(|one| one["metadata"]["name"] == "inferenceservice-config");
    if !has_config {
        facts.add(json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "inferenceservice-config", "namespace": "kserve" },
            "data": {
                "deploy": r#"{"defaultDeploymentMode": "RawDeployment"}"#,
                "ingress": r#"{"ingressGateway": "knative-serving/knative-ingress-gateway", "ingressDomain": "platform.example.com", "ingressClassName": "alb"}"#,
            },
        }));
    }
    let mut service = json!({
        "apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService",
        "metadata": { "name": name, "namespace": "staging", "annotations": { "alb.ingress.kubernetes.io/target-type": "ip" } },
        "spec": { "predictor": { "model": { "modelFormat": { "name": "sklearn" }, "storageUri": "s3://models/a" } } },
    });
    let is_local = dice.hits(3);
    if is_local {
        service["metadata"]["labels"] =
            json!({ "networking.kserve.io/visibility": "cluster-local" });
    } else if dice.hits(3) {
        service["metadata"]["annotations"]["kubernetes.io/ingress.class"] = "nginx".into();
    }
    let is_on_the_node = dice.hits(5);
    if is_on_the_node {
        service["spec"]["predictor"]["hostNetwork"] = true.into();
    }
    if facts.is_gateway && (!is_local || is_on_the_node) {
        facts.note(&service);
    }
    if dice.hits(4) {
        let format = format!("{name}-format");
        service["spec"]["predictor"]["model"]["modelFormat"]["name"] = format.as_str().into();
        let runtime = runtime(&name, &format, dice.hits(2));
        if facts.is_gateway && runtime["spec"]["containers"][1]["ports"][0]["hostPort"].is_u64() {
            facts.note(&runtime);
        }
        facts.add(runtime);
    }
    facts.add(service);
}

/// A runtime of one format, whose second container may take a port of the node.
fn runtime(name: &str, format: &str, takes_port: bool) -> Value {
    let mut port = json!({ "containerPort": 9090 });
    if takes_port {
        port["hostPort"] = 9090.into();
    }
    json!({
        "apiVersion": "serving.kserve.io/v1alpha1", "kind": "ClusterServingRuntime", "metadata": { "name": name },
        "spec": {
            "supportedModelFormats": [{ "name": format, "autoSelect": true }],
            "containers": [{ "name": "kserve-container" }, { "name": "metrics", "ports": [port] }],
        },
    })
}

/// A second front with a token of its own: it must not be for the hosts of the first.
pub(super) fn stage(facts: &mut Facts, dice: &mut Dice) {
    if facts.stage.is_some() || facts.hosts.is_empty() {
        return;
    }
    let host = *dice.pick(&[
        "*.other.example.org",
        "models.example.org",
        "*.platform.example.com",
        "a.platform.example.com",
    ]);
    let mut object = ingress("stage", Some(SYSTEM), Some(host), facts.service);
    object["spec"]["ingressClassName"] = "alb".into();
    annotate(&mut object, "target-type", "ip");
    let conditions = header_is("x-api-key", &[super::OTHER_TOKEN]);
    annotate(&mut object, &format!("conditions.{}", facts.service), conditions);
    if host.ends_with("platform.example.com") {
        facts.note(&object);
    }
    facts.stage = Some(vec![host.to_owned()]);
    facts.add(object);
}
