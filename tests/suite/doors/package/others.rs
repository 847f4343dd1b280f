//! What names the Service: bindings of target groups, objects given twice and of other kinds. And
//! what leads to other pods.

use serde_json::{Value, json};
use test_support::Dice;

use super::{Facts, SYSTEM, alb, ingress, service};

pub(super) fn target_group_binding(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("binding");
    let group =
        *dice.pick(&["elbv2.k8s.aws/v1beta1", "elbv2.k8s.aws/v1alpha1", "eks.amazonaws.com/v1"]);
    let mut object = json!({
        "apiVersion": group, "kind": "TargetGroupBinding", "metadata": { "name": name, "namespace": SYSTEM },
        "spec": { "serviceRef": { "name": facts.service, "port": 80 } },
    });
    if dice.hits(2) {
        object["spec"]["targetGroupName"] = "edge".into();
    } else {
        object["spec"]["targetGroupARN"] =
            "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/t/1".into();
    }
    if dice.hits(3) {
        // The controller's own.
        object["metadata"]["labels"] = json!({ "ingress.k8s.aws/stack": "shared" });
        facts.add(object);
    } else {
        facts.add_open(object);
    }
}

pub(super) fn given_twice(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("twice");
    let mut object = if dice.hits(2) {
        service(&name, SYSTEM, "ClusterIP", facts.labels())
    } else {
        // Each by itself is guarded by its class, whatever the other one says.
        let mut object = ingress(&name, Some(SYSTEM), None, facts.service);
        object["spec"]["ingressClassName"] = "nginx".into();
        object
    };
    facts.note(&object);
    facts.add(object.clone());
    object["metadata"]["annotations"] = json!({ "alb.ingress.kubernetes.io/auth-type": "none" });
    facts.add(object);
}

/// `apiVersion`, kind and `spec` of an object that leads a request to a Service.
fn kind_to(to: &str, dice: &mut Dice) -> (&'static str, &'static str, Value) {
    let dns = format!("{to}.{SYSTEM}.svc.cluster.local");
    match dice.below(14) {
        0 => (
            "traefik.io/v1alpha1",
            "IngressRoute",
            json!({ "routes": [{ "match": "PathPrefix(`/`)", "services": [{ "name": to, "port": 80 }] }] }),
        ),
        1 => (
            "projectcontour.io/v1",
            "HTTPProxy",
            json!({ "routes": [{ "services": [{ "name": to, "port": 80 }] }] }),
        ),
        2 => (
            "example.com/v1",
            "Tunnel",
            json!({ "ingress": [{ "target": format!("http://{dns}:80") }] }),
        ),
        3 => (
            "configuration.konghq.com/v1",
            "TCPIngress",
            json!({ "rules": [{ "backend": { "serviceName": to, "servicePort": 80 } }] }),
        ),
        4 => (
            "getambassador.io/v3alpha1",
            "Mapping",
            json!({ "service": format!("{to}.{SYSTEM}:80") }),
        ),
        5 => (
            "getambassador.io/v3alpha1",
            "Mapping",
            json!({ "service": format!("http://{to}:80") }),
        ),
        6 => (
            "k8s.nginx.org/v1",
            "VirtualServer",
            json!({ "upstreams": [{ "name": "edge", "service": to, "port": 80 }] }),
        ),
        7 => (
            "ngrok.k8s.ngrok.com/v1alpha1",
            "AgentEndpoint",
            json!({ "upstream": { "url": format!("http://{to}.{SYSTEM}:80") } }),
        ),
        8 => (
            "gateway.solo.io/v1",
            "VirtualService",
            json!({ "virtualHost": { "routes": [{ "routeAction": { "single": { "kube": { "ref": { "name": to, "namespace": SYSTEM }, "port": 80 } } } }] } }),
        ),
        9 => ("route.openshift.io/v1", "Route", json!({ "to": { "kind": "Service", "name": to } })),
        10 => (
            "zalando.org/v1",
            "RouteGroup",
            json!({ "backends": [{ "name": "a", "type": "service", "serviceName": to, "servicePort": 80 }] }),
        ),
        11 => (
            "apisix.apache.org/v2",
            "ApisixRoute",
            json!({ "http": [{ "backends": [{ "serviceName": to, "servicePort": 80 }] }] }),
        ),
        12 => (
            "gateway.envoyproxy.io/v1alpha1",
            "Backend",
            json!({ "endpoints": [{ "fqdn": { "hostname": dns, "port": 80 } }] }),
        ),
        _ => (
            "networking.cfargotunnel.com/v1alpha1",
            "TunnelBinding",
            json!({ "subjects": [{ "kind": "Service", "name": to }] }),
        ),
    }
}

pub(super) fn other_kind(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("kind");
    if dice.hits(6) {
        facts.add(json!({
            "apiVersion": "networking.istio.io/v1", "kind": "DestinationRule",
            "metadata": { "name": name, "namespace": SYSTEM },
            "spec": { "host": format!("{}.{SYSTEM}.svc.cluster.local", facts.service) },
        }));
        return;
    }
    if dice.hits(10) {
        // It exports the Service of its own name to other clusters.
        facts.add_open(json!({
            "apiVersion": "multicluster.x-k8s.io/v1alpha1", "kind": "ServiceExport",
            "metadata": { "name": facts.service, "namespace": SYSTEM },
        }));
        return;
    }
    if dice.hits(5) {
        return tunnel(facts, dice);
    }
    let is_other = dice.hits(6);
    let to = if is_other { "grafana" } else { facts.service };
    let (version, kind, spec) = kind_to(to, dice);
    let object = json!({
        "apiVersion": version, "kind": kind, "metadata": { "name": name, "namespace": SYSTEM }, "spec": spec,
    });
    if is_other { facts.add(object) } else { facts.add_open(object) }
}

/// An object of an unknown kind with an address in the place of a name.
pub(super) fn named_address(facts: &mut Facts, dice: &mut Dice) {
    let (name, next) = (facts.name("address"), facts.next);
    let ip = format!("10.1.0.{next}");
    let is_other = dice.hits(4);
    let known = match dice.below(3) {
        // The address of a pod.
        0 if facts.has_service && (is_other || !facts.has_unknown_labels) => {
            let labels = if is_other { json!({ "app": "grafana" }) } else { facts.labels() };
            facts.has_pods |= !is_other;
            json!({
                "apiVersion": "v1", "kind": "Pod",
                "metadata": { "name": format!("pod-of-{name}"), "namespace": SYSTEM, "labels": labels },
                "spec": { "containers": [{ "name": "proxy" }] },
                "status": { "podIP": ip, "podIPs": [{ "ip": ip }] },
            })
        }
        // One that a Service has.
        1 => {
            let labels = if is_other { json!({ "app": "grafana" }) } else { facts.labels() };
            let mut own = service(&format!("service-of-{name}"), SYSTEM, "ClusterIP", labels);
            own["spec"]["clusterIP"] = ip.as_str().into();
            if !is_other && !facts.has_service {
                // Without its Service nobody knows which labels the pods have.
                return;
            }
            own
        }
        // One of the Service's endpoints.
        _ => {
            // Of a Service with such an address nobody knows which pods it has: nothing else leads to it.
            let of = if is_other { format!("others-of-{name}") } else { facts.service.to_owned() };
            json!({
                "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                "metadata": { "name": format!("slice-of-{name}"), "namespace": SYSTEM, "labels": { "kubernetes.io/service-name": of } },
                "endpoints": [{ "addresses": [ip] }],
            })
        }
    };
    facts.add(known);
    let spec = match dice.below(4) {
        0 => json!({ "targetIPAddress": ip }),
        1 => json!({ "upstreams": [format!("http://{ip}:8080/")] }),
        2 => json!({ "members": { &ip: { "weight": 1 } } }),
        _ => json!({ "pool": [{ "address": format!("::ffff:{ip}"), "port": 8080 }] }),
    };
    let object = json!({
        "apiVersion": "example.com/v1", "kind": "Exposure", "metadata": { "name": name, "namespace": "edge" }, "spec": spec,
    });
    if is_other { facts.add(object) } else { facts.add_open(object) }
}

/// A proxy whose configuration is a text, in another namespace.
fn tunnel(facts: &mut Facts, dice: &mut Dice) {
    let is_other = dice.hits(6);
    let to = if is_other { "grafana" } else { facts.service };
    let name = facts.name("tunnel");
    let host = *dice.pick(&["", ".svc", ".svc.cluster.local"]);
    let url = format!("http://{to}.{SYSTEM}{host}:80");
    let metadata = json!({ "name": name, "namespace": "edge" });
    let object = match dice.below(5) {
        0 => {
            let container = json!({ "name": "a", "image": "cloudflare/cloudflared", "args": ["tunnel", "--url", url] });
            json!({
                "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
                "spec": { "template": { "metadata": { "labels": { "app": name } }, "spec": { "containers": [container] } } },
            })
        }
        1 => json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": { "9000": format!("{SYSTEM}/{to}:80") },
        }),
        2 => json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata,
            "data": { "default.conf": format!("server {{\n location / {{ proxy_pass {url}; }}\n}}\n") },
        }),
        3 => json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata,
            "data": { "config.json": json!({ "ingress": [{ "service": url }] }).to_string() },
        }),
        _ => json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata,
            "data": { "config.yaml": format!("tunnel: a\ningress:\n- hostname: a.example.com\n  service: {url}\n- service: http_status:404\n") },
        }),
    };
    if is_other { facts.add(object) } else { facts.add_open(object) }
}

/// What leads to other pods is nobody's business.
pub(super) fn other_application(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("grafana");
    let kind = *dice.pick(&["ClusterIP", "LoadBalancer", "NodePort"]);
    facts.add(service(&name, SYSTEM, kind, json!({ "app": name })));
    let other = ingress(&name, Some(SYSTEM), None, &name);
    facts.add(alb(other, dice));
    facts.add(json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": name, "namespace": SYSTEM },
        "spec": { "template": { "metadata": { "labels": { "app": name } }, "spec": { "hostNetwork": true, "containers": [{ "name": "a" }] } } },
    }));
    facts.add(json!({
        "apiVersion": "elbv2.k8s.aws/v1beta1", "kind": "TargetGroupBinding", "metadata": { "name": name, "namespace": SYSTEM },
        "spec": { "serviceRef": { "name": name, "port": 80 }, "targetGroupARN": "arn" },
    }));
}
