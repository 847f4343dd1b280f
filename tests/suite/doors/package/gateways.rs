//! Gateways and routes: of the Gateway API, of any class, and Istio's on other pods.

use serde_json::{Value, json};
use test_support::Dice;

use super::{Facts, SYSTEM, TOKEN, service};

/// A listener, and whether it takes a route of a kind and a namespace, or may take it.
fn listener(
    (kind, controller): (&str, &str),
    (of_gateway, of_route): (&str, &str),
    dice: &mut Dice,
) -> (Value, bool) {
    let own = match kind {
        "TCPRoute" => "TCP",
        "TLSRoute" => "TLS",
        "UDPRoute" => "UDP",
        _ => "HTTP",
    };
    let protocol = if dice.hits(6) { *dice.pick(&["HTTPS", "TCP", "UDP"]) } else { own };
    let mut takes_kind = match protocol {
        // The load balancer's controller has gRPC behind HTTPS alone, unless the listener names the kind.
        "HTTP" if controller == "gateway.k8s.aws/alb" => kind == "HTTPRoute",
        "HTTP" | "HTTPS" => matches!(kind, "HTTPRoute" | "GRPCRoute"),
        "TLS" => matches!(kind, "TLSRoute" | "TCPRoute"),
        other => own == other,
    };
    let (namespaces, takes_namespace) = match dice.below(6) {
        0 => (json!({ "from": "All" }), true),
        1 => {
            let name = *dice.pick(&[of_route, "other"]);
            let labels = json!({ "kubernetes.io/metadata.name": name });
            (json!({ "from": "Selector", "selector": { "matchLabels": labels } }), name == of_route)
        }
        // Nobody knows which labels the namespace has.
        2 if of_route != SYSTEM => {
            let labels = json!({ "models": "public" });
            (json!({ "from": "Selector", "selector": { "matchLabels": labels } }), true)
        }
        3 => (json!({ "from": "None" }), false),
        4 => (json!({ "from": "Same" }), of_gateway == of_route),
        _ => (Value::Null, of_gateway == of_route),
    };
    let mut listener = json!({ "name": "http", "port": 80, "protocol": protocol });
    if !namespaces.is_null() {
        listener["allowedRoutes"]["namespaces"] = namespaces;
    }
    if dice.hits(6) {
        let named = *dice.pick(&[kind, "OtherRoute"]);
        listener["allowedRoutes"]["kinds"] = json!([{ "kind": named }]);
        takes_kind = named == kind;
    }
    (listener, takes_kind && takes_namespace)
}

pub(super) fn gateway_route(facts: &mut Facts, dice: &mut Dice) {
    let (route, gateway) = (facts.name("route"), facts.name("gateway"));
    // istiod itself creates this one.
    let is_built_in = dice.hits(6);
    let class = if is_built_in { "istio".to_owned() } else { facts.name("class") };
    let kind =
        *dice.pick(&["HTTPRoute", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"]);
    let controller = *dice.pick(&[
        "gateway.k8s.aws/alb",
        "gateway.k8s.aws/nlb",
        "istio.io/gateway-controller",
        "example.com/other",
        "",
    ]);
    let controller = if is_built_in { "istio.io/gateway-controller" } else { controller };
    if !controller.is_empty() && !is_built_in {
        facts.add(json!({
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass", "metadata": { "name": class },
            "spec": { "controllerName": controller },
        }));
    }
    let has_gateway = !dice.hits(4);
    // The Gateway may be of another namespace, and the route, too.
    let (of_gateway, of_route) = (*dice.pick(&[SYSTEM, "edge"]), *dice.pick(&[SYSTEM, "edge"]));
    let is_inside = has_gateway && controller.starts_with("istio") && dice.hits(6);
    let (listener, is_admitted) = listener((kind, controller), (of_gateway, of_route), dice);
    if has_gateway {
        let mut gateway = json!({
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": { "name": gateway, "namespace": of_gateway },
            "spec": { "gatewayClassName": class, "listeners": [listener] },
        });
        if is_inside {
            gateway["metadata"]["annotations"] =
                json!({ "networking.istio.io/service-type": "ClusterIP" });
        } else if controller.starts_with("istio") {
            facts.of_istio.push(gateway.clone());
        }
        facts.add(gateway);
    }
    let mut backend = json!({ "name": facts.service, "port": 80 });
    if of_route != SYSTEM || dice.hits(2) {
        backend["namespace"] = SYSTEM.into();
    }
    let mut parent = json!({ "name": gateway });
    if of_gateway != of_route || dice.hits(2) {
        parent["namespace"] = of_gateway.into();
    }
    let version = *dice.pick(&["v1", "v1beta1", "v1alpha2"]);
    let mut object = json!({
        "apiVersion": format!("gateway.networking.k8s.io/{version}"), "kind": kind,
        "metadata": { "name": route, "namespace": of_route },
        "spec": { "parentRefs": [parent], "rules": [{ "backendRefs": [backend] }] },
    });
    let is_http = matches!(kind, "HTTPRoute" | "GRPCRoute");
    // Each controller takes some kinds of routes, and leaves the others alone.
    let is_taken = match controller {
        "gateway.k8s.aws/alb" => is_http,
        "gateway.k8s.aws/nlb" => !is_http,
        "istio.io/gateway-controller" => kind != "UDPRoute",
        _ => true,
    };
    let is_known = has_gateway && !controller.is_empty() && controller != "example.com/other";
    let is_admitted = is_admitted || !is_known;
    let is_inside = is_inside || (has_gateway && !is_taken) || !is_admitted;
    let by_token = json!({ "headers": [{ "name": "X-Api-Key", "value": TOKEN }] });
    let rule = &mut object["spec"]["rules"][0];
    let is_open = match dice.below(12) {
        // A route of the mesh.
        0 => {
            object["spec"]["parentRefs"] =
                json!([{ "group": "", "kind": "Service", "name": "other" }]);
            false
        }
        // One of both.
        1 => {
            let parents = object["spec"]["parentRefs"].as_array_mut().unwrap();
            parents.insert(0, json!({ "group": "", "kind": "Service", "name": "other" }));
            !is_inside
        }
        2 | 3 if is_http && is_known => {
            rule["matches"] = json!([by_token]);
            false
        }
        // One of two matches asks for it.
        4 if is_http => {
            rule["matches"] =
                json!([by_token, { "path": { "type": "PathPrefix", "value": "/v1" } }]);
            !is_inside
        }
        // One of two rules asks for it.
        5 if is_http => {
            let mut guarded = rule.clone();
            guarded["matches"] = json!([by_token]);
            let at = dice.below(2);
            object["spec"]["rules"].as_array_mut().unwrap().insert(at, guarded);
            !is_inside
        }
        // An expression is no token, nor is another header.
        6 if is_http => {
            rule["matches"] = json!([{ "headers": [{ "type": "RegularExpression", "name": "x-api-key", "value": TOKEN }] }]);
            !is_inside
        }
        7 if is_http => {
            rule["matches"] = json!([{ "headers": [{ "name": "x-stage", "value": TOKEN }] }]);
            !is_inside
        }
        // A copy of each request.
        8 if is_http => {
            let copied = json!([{ "type": "RequestMirror", "requestMirror": { "backendRef": rule["backendRefs"][0].clone() } }]);
            rule["filters"] = copied;
            rule["backendRefs"] = json!([{ "name": "grafana", "port": 80 }]);
            !is_inside
        }
        // No share of the requests, and a share beside another's.
        9 => {
            rule["backendRefs"][0]["weight"] = 0.into();
            false
        }
        10 => {
            let other = json!({ "name": "grafana", "port": 80, "weight": 99 });
            rule["backendRefs"].as_array_mut().unwrap().insert(0, other);
            !is_inside
        }
        // Attached to an object that is not known.
        11 => {
            object["spec"]["parentRefs"][0]["kind"] = "ListenerSet".into();
            true
        }
        _ => !is_inside,
    };
    if is_open { facts.add_open(object) } else { facts.add(object) }
}

fn istio(name: &str, label: &str) -> Value {
    json!({
        "apiVersion": "networking.istio.io/v1", "kind": "Gateway", "metadata": { "name": name, "namespace": SYSTEM },
        "spec": { "selector": { "istio": label }, "servers": [{ "port": { "number": 80, "name": "http", "protocol": "HTTP" }, "hosts": ["*"] }] },
    })
}

/// `spec` of a `VirtualService` to a host, and what else leads there.
fn routes(facts: &mut Facts, dice: &mut Dice, namespace: &str, host: &str) -> Value {
    let to = json!([{ "destination": { "host": host } }]);
    let grafana = json!([{ "destination": { "host": "grafana" } }]);
    match dice.below(6) {
        0 => json!({ "tcp": [{ "route": to }] }),
        1 => json!({ "tls": [{ "match": [{ "sniHosts": ["a.example.com"] }], "route": to }] }),
        2 => json!({ "http": [{ "route": grafana, "mirror": { "host": host } }] }),
        3 => {
            json!({ "http": [{ "route": grafana, "mirrors": [{ "destination": { "host": host } }] }] })
        }
        4 => {
            let name = facts.name("delegate");
            facts.add(json!({
                "apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
                "metadata": { "name": name, "namespace": namespace }, "spec": { "http": [{ "route": to }] },
            }));
            json!({ "http": [{ "delegate": { "name": name, "namespace": namespace } }] })
        }
        _ => {
            json!({ "http": [{ "match": [{ "uri": { "prefix": "/a" } }], "route": grafana }, { "route": to }] })
        }
    }
}

fn virtual_service(name: &str, namespace: &str, gateways: &[String], spec: &Value) -> Value {
    let mut object = json!({
        "apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
        "metadata": { "name": name, "namespace": namespace }, "spec": spec,
    });
    object["spec"]["hosts"] = json!(["*"]);
    object["spec"]["gateways"] = json!(gateways);
    object
}

/// Another name of the pods in the mesh, at times.
fn service_entry(facts: &mut Facts, dice: &mut Dice) -> Option<String> {
    if !facts.has_service || !dice.hits(3) {
        return None;
    }
    let name = facts.name("entry");
    let host = format!("{name}.internal");
    let mut object = json!({
        "apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry",
        "metadata": { "name": name, "namespace": SYSTEM },
        "spec": { "hosts": [host], "ports": [{ "number": 80, "name": "http", "protocol": "HTTP" }] },
    });
    if dice.hits(2) {
        object["spec"]["workloadSelector"] = json!({ "labels": { "app": facts.service } });
    } else {
        let address = format!("{}.{SYSTEM}.svc.cluster.local", facts.service);
        object["spec"]["endpoints"] = json!([{ "address": address }]);
    }
    facts.add(object);
    Some(host)
}

/// A Gateway on other pods for the same Services: those behind the gateway that is set, or the one
/// that is set itself.
pub(super) fn istio_gateway(facts: &mut Facts, dice: &mut Dice) {
    let (own, other, route) = (facts.name("own"), facts.name("public"), facts.name("virtual"));
    let (own_gateway, other_gateway) = (format!("{SYSTEM}/{own}"), format!("{SYSTEM}/{other}"));
    if facts.is_gateway {
        facts.add(istio(&own, "ingressgateway"));
        let host = *dice.pick(&["model", "model.staging.svc.cluster.local"]);
        let spec = routes(facts, dice, "staging", host);
        if dice.hits(2) {
            let both = [own_gateway, other_gateway];
            facts.add(virtual_service(&route, "staging", &both, &spec));
        } else {
            let second = facts.name("virtual");
            facts.add(virtual_service(&route, "staging", &[own_gateway], &spec));
            let spec = routes(facts, dice, "staging", "model.staging.svc.cluster.local");
            facts.add(virtual_service(&second, "staging", &[other_gateway], &spec));
        }
    } else {
        let (namespace, host) = *dice.pick(&[
            (SYSTEM, facts.service),
            (SYSTEM, "iris.istio-system.svc.cluster.local"),
            ("edge", "iris.istio-system.svc.cluster.local"),
        ]);
        let entry = service_entry(facts, dice);
        let host = entry.as_deref().unwrap_or(host);
        let spec = routes(facts, dice, namespace, host);
        if dice.hits(5) && entry.is_none() {
            // The Gateway is not in the package.
            let object = virtual_service(&route, namespace, &[other_gateway], &spec);
            facts.note(&object);
            facts.add(object);
            return;
        }
        facts.add(virtual_service(&route, namespace, &[other_gateway], &spec));
    }
    let object = istio(&other, &other);
    match dice.below(3) {
        0 => facts.add_open_gateway(object),
        1 => {
            facts.add(object);
            facts.add(service(&other, SYSTEM, "ClusterIP", json!({ "istio": other })));
            facts.has_gateway_inside = true;
        }
        _ => {
            facts.add(object);
            let public = service(&other, SYSTEM, "LoadBalancer", json!({ "istio": other }));
            facts.add_open_gateway(public);
        }
    }
}

/// Other pods that serve the Gateway of the front, too: they have the label that it selects, or it selects none.
pub(super) fn shared_gateway(facts: &mut Facts, dice: &mut Dice) {
    if !facts.is_gateway {
        return;
    }
    let (gateway, edge, route) = (facts.name("own"), facts.name("edge"), facts.name("virtual"));
    let mut object = istio(&gateway, "ingressgateway");
    let is_by_label = dice.hits(2);
    if !is_by_label {
        object["spec"].as_object_mut().unwrap().remove("selector");
        facts.has_gateway_of_all = true;
    }
    facts.add(object);
    let spec = routes(facts, dice, "staging", "model.staging.svc.cluster.local");
    facts.add(virtual_service(&route, "staging", &[format!("{SYSTEM}/{gateway}")], &spec));
    let label = if is_by_label { "ingressgateway".to_owned() } else { format!("{edge}-gateway") };
    let labels = json!({ "app": edge, "istio": label });
    let has_pods = dice.hits(2);
    if has_pods {
        let mut template = json!({
            "metadata": { "labels": labels }, "spec": { "containers": [{ "name": "istio-proxy" }] },
        });
        if !is_by_label {
            template["metadata"]["labels"]["istio"] = edge.as_str().into();
            if dice.hits(2) {
                template["metadata"]["annotations"] =
                    json!({ "inject.istio.io/templates": "gateway" });
            } else {
                template["spec"]["containers"][0]["args"] = json!(["proxy", "router"]);
            }
        }
        let selector = json!({ "matchLabels": { "app": edge } });
        facts.add(json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": { "name": edge, "namespace": "edge" },
            "spec": { "selector": selector, "template": template },
        }));
    }
    let selector = if has_pods { json!({ "app": edge }) } else { labels };
    let kind = *dice.pick(&["LoadBalancer", "ClusterIP"]);
    let object = service(&edge, "edge", kind, selector);
    facts.has_gateway_inside |= kind == "ClusterIP";
    if kind == "LoadBalancer" { facts.add_open_gateway(object) } else { facts.add(object) }
}

/// A Gateway that selects no pods is served by those that Istio creates for Gateways of the Gateway API, too.
/// What advertises the addresses of all Services leads to such gateways inside the cluster, too.
/// A chart for another namespace may come beside a model without one.
pub(super) fn settle(facts: &mut Facts) {
    let is_anywhere = |object: &Value| {
        object["kind"] == "InferenceService" && object["metadata"]["namespace"].is_null()
    };
    if facts.objects.iter().any(is_anywhere) {
        for release in std::mem::take(&mut facts.other_releases) {
            facts.note(&release);
        }
    }
    if facts.has_mesh_policy {
        return;
    }
    let of_istio = std::mem::take(&mut facts.of_istio);
    let of_every_service = std::mem::take(&mut facts.of_every_service);
    let created = of_istio.iter().filter(|_| facts.has_gateway_of_all);
    let advertising = of_every_service.iter().filter(|_| facts.has_gateway_inside);
    let all: Vec<&Value> = created.chain(advertising).collect();
    for object in all {
        let is_known = facts
            .open
            .iter()
            .any(|open| open.kind == object["kind"] && open.name == object["metadata"]["name"]);
        if !is_known {
            facts.note(object);
        }
    }
}
