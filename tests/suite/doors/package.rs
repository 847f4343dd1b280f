//! A generator of packages with doors, and what it knows of them.

use serde_json::{Value, json};
use test_support::Dice;

/// The token that is asked for.
pub(crate) const TOKEN: &str = "0f5b1c2e9d8a4736a1b2c3d4e5f60718";
const SYSTEM: &str = "istio-system";
const GATEWAY: &str = "istio-ingressgateway";
const HEADER_CONDITION: &str = r#"[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"x-api-key","values":["0f5b1c2e9d8a4736a1b2c3d4e5f60718"]}}]"#;

/// An object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named {
    pub(crate) kind: String,
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
}

/// A package and what is known of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub(crate) objects: Vec<Value>,
    /// The objects whose door must be refused.
    pub(crate) open: Vec<Named>,
    pub(crate) hosts: Vec<String>,
    pub(crate) node_ports_public: bool,
    /// Whether the package has the gateway's own Service, and pods for it.
    has_service: bool,
    /// Whether the gateway's own policies refuse everybody without the token.
    has_policy: bool,
    next: usize,
}

impl Facts {
    pub(crate) fn text(&self) -> String {
        self.objects.iter().map(|object| format!("{object}\n---\n")).collect()
    }

    fn name(&mut self, word: &str) -> String {
        self.next += 1;
        format!("{word}-{}", self.next)
    }

    fn add(&mut self, object: Value) {
        self.objects.push(object);
    }

    /// Adds an object that is a door to the gateway's pods: open unless their policies guard it.
    fn add_open(&mut self, object: Value) {
        if !self.has_policy {
            self.note(&object);
        }
        self.add(object);
    }

    fn note(&mut self, object: &Value) {
        let text = |place: &str| object.pointer(place).and_then(Value::as_str).map(str::to_owned);
        self.open.push(Named {
            kind: text("/kind").unwrap(),
            namespace: text("/metadata/namespace"),
            name: text("/metadata/name").unwrap(),
        });
    }
}

fn labels() -> Value {
    json!({ "app": GATEWAY, "istio": "ingressgateway" })
}

fn service(name: &str, namespace: &str, kind: &str, selector: Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": { "name": name, "namespace": namespace },
        "spec": { "type": kind, "selector": selector, "ports": [{ "name": "http2", "port": 80, "targetPort": 8080 }] },
    })
}

fn ingress(name: &str, namespace: Option<&str>, host: Option<&str>, to: &str) -> Value {
    // A path of its own, so that no rule of a group takes the requests of another.
    let path = if name == "front" { "/*".to_owned() } else { format!("/{name}/*") };
    let mut rule = json!({ "http": { "paths": [{
        "path": path, "pathType": "ImplementationSpecific",
        "backend": { "service": { "name": to, "port": { "number": 80 } } },
    }] } });
    if let Some(host) = host {
        rule["host"] = host.into();
    }
    let mut ingress = json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": { "name": name, "annotations": {} },
        "spec": { "rules": [rule] },
    });
    if let Some(namespace) = namespace {
        ingress["metadata"]["namespace"] = namespace.into();
    }
    ingress
}

/// An Ingress of the load balancer's controller.
fn alb(mut ingress: Value, dice: &mut Dice) -> Value {
    if dice.hits(2) {
        ingress["spec"]["ingressClassName"] = "alb".into();
    } else {
        ingress["metadata"]["annotations"]["kubernetes.io/ingress.class"] = "alb".into();
    }
    ingress["metadata"]["annotations"]["alb.ingress.kubernetes.io/target-type"] = "ip".into();
    if dice.hits(3) {
        ingress["metadata"]["annotations"]["alb.ingress.kubernetes.io/group.name"] =
            "shared".into();
    }
    ingress
}

/// Which planter plants what.
type Planter = fn(&mut Facts, &mut Dice);

const PLANTERS: [Planter; 19] = [
    load_balancer_ingress,
    other_ingress,
    removed_ingress,
    kserve,
    gateway_route,
    istio_gateway,
    load_balancer_service,
    external_ips,
    node_port,
    host_network,
    host_port,
    target_group_binding,
    given_twice,
    other_kind,
    second_service,
    external_name,
    addresses,
    without_namespace,
    other_application,
];

/// A package with up to three things planted.
pub(crate) fn generated(dice: &mut Dice) -> Facts {
    let mut facts = base(dice);
    for _ in 0..dice.below(4) {
        dice.pick(&PLANTERS)(&mut facts, dice);
    }
    facts
}

/// One front and so many open Ingresses to the same Service, in one group or each by itself.
pub(crate) fn many(count: usize, group: bool) -> Facts {
    let mut dice = Dice::new(0);
    let mut facts = Facts::default();
    facts.add(service(GATEWAY, SYSTEM, "ClusterIP", labels()));
    facts.add(front(&[], &mut dice));
    for place in 0..count {
        let mut open = ingress(&format!("open-{place}"), Some(SYSTEM), None, GATEWAY);
        open["spec"]["ingressClassName"] = "alb".into();
        open["metadata"]["annotations"]["alb.ingress.kubernetes.io/target-type"] = "ip".into();
        if group {
            open["metadata"]["annotations"]["alb.ingress.kubernetes.io/group.name"] =
                "shared".into();
        }
        facts.add_open(open);
    }
    facts
}

fn front(hosts: &[String], dice: &mut Dice) -> Value {
    let mut front =
        alb(ingress("front", Some(SYSTEM), hosts.first().map(String::as_str), GATEWAY), dice);
    let annotations = &mut front["metadata"]["annotations"];
    annotations["alb.ingress.kubernetes.io/conditions.istio-ingressgateway"] =
        HEADER_CONDITION.into();
    front
}

fn base(dice: &mut Dice) -> Facts {
    let mut facts =
        Facts { has_service: !dice.hits(5), node_ports_public: dice.hits(2), ..Facts::default() };
    if dice.hits(2) {
        facts.hosts = vec!["*.platform.example.com".to_owned()];
    }
    let front = front(&facts.hosts, dice);
    facts.add(front);
    if facts.has_service {
        facts.add(service(GATEWAY, SYSTEM, "ClusterIP", labels()));
        if dice.hits(2) {
            facts.add(pods("Deployment", GATEWAY, json!({ "containers": [{ "name": "istio-proxy", "ports": [{ "containerPort": 8080 }] }] })));
        }
        facts.has_policy = dice.hits(8);
        if facts.has_policy {
            facts.add(policy(dice));
        }
    }
    facts
}

/// A policy that refuses everybody without the token, in one of two ways.
fn policy(dice: &mut Dice) -> Value {
    let spec = if dice.hits(2) {
        json!({ "action": "DENY", "rules": [{ "when": [{ "key": "request.headers[x-api-key]", "notValues": [TOKEN] }] }] })
    } else {
        json!({ "action": "ALLOW", "rules": [{ "when": [{ "key": "request.headers[X-Api-Key]", "values": [TOKEN] }], "to": [{ "operation": { "paths": ["/v1/*"] } }] }] })
    };
    let mut policy = json!({
        "apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
        "metadata": { "name": "token", "namespace": SYSTEM }, "spec": spec,
    });
    policy["spec"]["selector"] = json!({ "matchLabels": { "app": GATEWAY } });
    policy
}

fn pods(kind: &str, name: &str, spec: Value) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": kind, "metadata": { "name": name, "namespace": SYSTEM },
        "spec": { "selector": { "matchLabels": labels() }, "template": { "metadata": { "labels": labels() }, "spec": spec } },
    })
}

/// A host that the front takes, too; none stands for any.
fn met_host(dice: &mut Dice) -> Option<&'static str> {
    *dice.pick(&[
        None,
        Some("a.platform.example.com"),
        Some("*.example.com"),
        Some("*.platform.example.com"),
    ])
}

fn load_balancer_ingress(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("sibling");
    match dice.below(5) {
        0 => {
            let mut guarded = alb(ingress(&name, Some(SYSTEM), met_host(dice), GATEWAY), dice);
            guarded["metadata"]["annotations"]["alb.ingress.kubernetes.io/conditions.istio-ingressgateway"] =
                HEADER_CONDITION.into();
            facts.add(guarded);
        }
        1 if !facts.hosts.is_empty() => {
            let other = ingress(&name, Some(SYSTEM), Some("*.other.example.org"), GATEWAY);
            facts.add(alb(other, dice));
        }
        2 => {
            let mut canary = alb(ingress(&name, Some(SYSTEM), met_host(dice), GATEWAY), dice);
            canary["metadata"]["annotations"]["alb.ingress.kubernetes.io/conditions.istio-ingressgateway"] =
                HEADER_CONDITION.replace("x-api-key", "x-canary").replace(TOKEN, "true").into();
            facts.add_open(canary);
        }
        _ => {
            let open = alb(ingress(&name, Some(SYSTEM), met_host(dice), GATEWAY), dice);
            facts.add_open(open);
        }
    }
}

fn other_ingress(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("other");
    let mut other = ingress(&name, Some(SYSTEM), met_host(dice), GATEWAY);
    match dice.below(4) {
        0 => other["spec"]["ingressClassName"] = "public-alb".into(),
        1 => other["metadata"]["annotations"]["kubernetes.io/ingress.class"] = "nginx".into(),
        2 => {
            other["spec"]["ingressClassName"] = "nginx".into();
            facts.add(json!({
                "apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": { "name": "nginx" },
                "spec": { "controller": "k8s.io/ingress-nginx" },
            }));
        }
        // Of no class.
        _ => {}
    }
    facts.add_open(other);
}

fn removed_ingress(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("removed");
    let version = *dice.pick(&["extensions/v1beta1", "networking.k8s.io/v1beta1"]);
    let backend = json!({ "serviceName": GATEWAY, "servicePort": 80 });
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
/// leads to `KServe`, as Istio's ingress gateway does.
fn kserve(facts: &mut Facts, dice: &mut Dice) {
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
    match dice.below(3) {
        0 => {
            service["metadata"]["labels"] =
                json!({ "networking.kserve.io/visibility": "cluster-local" });
            facts.add(service);
        }
        1 => {
            service["metadata"]["annotations"]["kubernetes.io/ingress.class"] = "nginx".into();
            facts.note(&service);
            facts.add(service);
        }
        _ => {
            facts.note(&service);
            facts.add(service);
        }
    }
}

fn gateway_route(facts: &mut Facts, dice: &mut Dice) {
    let (route, gateway, class) = (facts.name("route"), facts.name("gateway"), facts.name("class"));
    let kind =
        *dice.pick(&["HTTPRoute", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"]);
    let controller = *dice.pick(&[
        "gateway.k8s.aws/alb",
        "istio.io/gateway-controller",
        "example.com/other",
        "",
    ]);
    if !controller.is_empty() {
        facts.add(json!({
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass", "metadata": { "name": class },
            "spec": { "controllerName": controller },
        }));
    }
    let has_gateway = !dice.hits(4);
    if has_gateway {
        facts.add(json!({
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": { "name": gateway, "namespace": SYSTEM },
            "spec": { "gatewayClassName": class, "listeners": [{ "name": "http", "port": 80, "protocol": "HTTP" }] },
        }));
    }
    let backend = json!([{ "name": GATEWAY, "port": 80 }]);
    let mut object = json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": kind, "metadata": { "name": route, "namespace": SYSTEM },
        "spec": { "parentRefs": [{ "name": gateway }], "rules": [{ "backendRefs": backend }] },
    });
    let is_http = matches!(kind, "HTTPRoute" | "GRPCRoute");
    let is_known =
        has_gateway && controller.contains(['k', 'i']) && controller != "example.com/other";
    match dice.below(4) {
        0 => {
            object["spec"]["parentRefs"] =
                json!([{ "group": "", "kind": "Service", "name": "other" }]);
            facts.add(object);
        }
        1 if is_http && is_known => {
            object["spec"]["rules"][0]["matches"] =
                json!([{ "headers": [{ "name": "X-Api-Key", "value": TOKEN }] }]);
            facts.add(object);
        }
        2 if is_http => {
            // One of two matches asks for it.
            object["spec"]["rules"][0]["matches"] = json!([
                { "headers": [{ "name": "x-api-key", "value": TOKEN }] },
                { "path": { "type": "PathPrefix", "value": "/v1" } },
            ]);
            facts.add_open(object);
        }
        _ => facts.add_open(object),
    }
}

/// A Gateway on other pods for the same `VirtualService`.
fn istio_gateway(facts: &mut Facts, dice: &mut Dice) {
    let (own, other, route) = (facts.name("own"), facts.name("public"), facts.name("virtual"));
    let gateway = |name: &str, label: &str| {
        json!({
            "apiVersion": "networking.istio.io/v1", "kind": "Gateway", "metadata": { "name": name, "namespace": SYSTEM },
            "spec": { "selector": { "istio": label }, "servers": [{ "port": { "number": 80, "name": "http", "protocol": "HTTP" }, "hosts": ["*"] }] },
        })
    };
    facts.add(gateway(&own, "ingressgateway"));
    facts.add(json!({
        "apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": { "name": route, "namespace": "staging" },
        "spec": {
            "hosts": ["*"], "gateways": [format!("{SYSTEM}/{own}"), format!("{SYSTEM}/{other}")],
            "http": [{ "route": [{ "destination": { "host": "model" } }] }],
        },
    }));
    let object = gateway(&other, &other);
    match dice.below(3) {
        0 => {
            facts.note(&object);
            facts.add(object);
        }
        1 => {
            facts.add(object);
            facts.add(service(&other, SYSTEM, "ClusterIP", json!({ "istio": other })));
        }
        _ => {
            facts.add(object);
            let public = service(&other, SYSTEM, "LoadBalancer", json!({ "istio": other }));
            facts.note(&public);
            facts.add(public);
        }
    }
}

/// A selector of the gateway's pods.
fn selector(dice: &mut Dice) -> Value {
    match dice.below(3) {
        0 => json!({ "app": GATEWAY }),
        1 => json!({ "istio": "ingressgateway" }),
        _ => labels(),
    }
}

fn load_balancer_service(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("balancer");
    let open = service(&name, SYSTEM, "LoadBalancer", selector(dice));
    facts.add_open(open);
}

fn external_ips(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("external");
    let mut open = service(&name, SYSTEM, "ClusterIP", selector(dice));
    open["spec"]["externalIPs"] = json!(["203.0.113.7"]);
    facts.add_open(open);
}

fn node_port(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("node");
    let object = service(&name, SYSTEM, "NodePort", selector(dice));
    if facts.node_ports_public {
        facts.add_open(object);
    } else {
        facts.add(object);
    }
}

fn host_network(facts: &mut Facts, _: &mut Dice) {
    let name = facts.name("host");
    let containers = json!([{ "name": "proxy", "ports": [{ "containerPort": 8080 }] }]);
    facts.add_open(pods(
        "DaemonSet",
        &name,
        json!({ "hostNetwork": true, "containers": containers }),
    ));
}

fn host_port(facts: &mut Facts, _: &mut Dice) {
    let name = facts.name("port");
    let containers = json!([{ "name": "a" }, { "name": "proxy", "ports": [{ "containerPort": 8080, "hostPort": 80 }] }]);
    facts.add_open(pods("DaemonSet", &name, json!({ "containers": containers })));
}

fn target_group_binding(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("binding");
    let group = *dice.pick(&["elbv2.k8s.aws/v1beta1", "eks.amazonaws.com/v1"]);
    let mut object = json!({
        "apiVersion": group, "kind": "TargetGroupBinding", "metadata": { "name": name, "namespace": SYSTEM },
        "spec": { "serviceRef": { "name": GATEWAY, "port": 80 }, "targetGroupARN": "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/t/1" },
    });
    if dice.hits(3) {
        // The controller's own.
        object["metadata"]["labels"] = json!({ "ingress.k8s.aws/stack": "shared" });
        facts.add(object);
    } else {
        facts.add_open(object);
    }
}

fn given_twice(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("twice");
    let mut object = service(&name, SYSTEM, "ClusterIP", selector(dice));
    facts.note(&object);
    facts.add(object.clone());
    object["metadata"]["annotations"] = json!({ "alb.ingress.kubernetes.io/auth-type": "none" });
    facts.add(object);
}

fn other_kind(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("kind");
    let dns = format!("http://{GATEWAY}.{SYSTEM}.svc.cluster.local:80");
    let (version, kind, spec) = match dice.below(5) {
        0 => (
            "traefik.io/v1alpha1",
            "IngressRoute",
            json!({ "routes": [{ "match": "PathPrefix(`/`)", "services": [{ "name": GATEWAY, "port": 80 }] }] }),
        ),
        1 => (
            "projectcontour.io/v1",
            "HTTPProxy",
            json!({ "routes": [{ "services": [{ "name": GATEWAY, "port": 80 }] }] }),
        ),
        2 => ("example.com/v1", "Tunnel", json!({ "ingress": [{ "target": dns }] })),
        3 => (
            "configuration.konghq.com/v1",
            "TCPIngress",
            json!({ "rules": [{ "backend": { "serviceName": GATEWAY, "servicePort": 80 } }] }),
        ),
        _ => (
            "networking.istio.io/v1",
            "DestinationRule",
            json!({ "host": format!("{GATEWAY}.{SYSTEM}.svc.cluster.local") }),
        ),
    };
    let object = json!({
        "apiVersion": version, "kind": kind, "metadata": { "name": name, "namespace": SYSTEM }, "spec": spec,
    });
    if kind == "DestinationRule" { facts.add(object) } else { facts.add_open(object) }
}

/// An open Ingress of another class to a Service.
fn door_to(facts: &mut Facts, namespace: &str, to: &str) {
    let name = facts.name("door");
    let mut door = ingress(&name, Some(namespace), None, to);
    door["spec"]["ingressClassName"] = "nginx".into();
    facts.add_open(door);
}

fn second_service(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("second");
    facts.add(service(&name, SYSTEM, "ClusterIP", selector(dice)));
    door_to(facts, SYSTEM, &name);
}

fn external_name(facts: &mut Facts, dice: &mut Dice) {
    let (name, chained) = (facts.name("alias"), facts.name("alias"));
    let alias = |name: &str, to: String| {
        json!({
            "apiVersion": "v1", "kind": "Service", "metadata": { "name": name, "namespace": "edge" },
            "spec": { "type": "ExternalName", "externalName": to },
        })
    };
    let suffix = *dice.pick(&["svc", "svc.cluster.local", "svc.cluster.local."]);
    facts.add(alias(&name, format!("{GATEWAY}.{SYSTEM}.{suffix}")));
    if dice.hits(2) {
        facts.add(alias(&chained, format!("{name}.edge.{suffix}")));
        door_to(facts, "edge", &chained);
    } else {
        door_to(facts, "edge", &name);
    }
}

fn addresses(facts: &mut Facts, dice: &mut Dice) {
    let (name, pod) = (facts.name("manual"), facts.name("pod"));
    facts.add(json!({
        "apiVersion": "v1", "kind": "Service", "metadata": { "name": name, "namespace": SYSTEM }, "spec": { "ports": [{ "port": 80 }] },
    }));
    facts.add(json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": pod, "namespace": SYSTEM, "labels": labels() },
        "spec": { "containers": [{ "name": "proxy" }] },
    }));
    let target = json!({ "kind": "Pod", "name": pod, "namespace": SYSTEM });
    if dice.hits(2) {
        facts.add(json!({
            "apiVersion": "v1", "kind": "Endpoints", "metadata": { "name": name, "namespace": SYSTEM },
            "subsets": [{ "addresses": [{ "ip": "10.0.0.7", "targetRef": target }] }],
        }));
    } else {
        facts.add(json!({
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": { "name": format!("{name}-1"), "namespace": SYSTEM, "labels": { "kubernetes.io/service-name": name } },
            "endpoints": [{ "addresses": ["10.0.0.7"], "targetRef": target }],
        }));
    }
    door_to(facts, SYSTEM, &name);
}

fn without_namespace(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("anywhere");
    let open = alb(ingress(&name, None, met_host(dice), GATEWAY), dice);
    facts.add_open(open);
}

/// What leads to other pods is nobody's business.
fn other_application(facts: &mut Facts, dice: &mut Dice) {
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
