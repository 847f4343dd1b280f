//! A generator of packages with doors, and what it knows of them.

mod gateways;
mod held;
mod ingresses;
mod others;
mod pods;
mod policies;
mod services;
mod serving;

use serde_json::{Value, json};
use test_support::Dice;

/// The token of a second front.
pub(crate) const OTHER_TOKEN: &str = "5c6b7a8990817263544536271809fafb";
/// The token that is asked for.
pub(crate) const TOKEN: &str = "0f5b1c2e9d8a4736a1b2c3d4e5f60718";
pub(crate) const SYSTEM: &str = "istio-system";
const GATEWAY: &str = "istio-ingressgateway";
const MODEL: &str = "iris";
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
    /// The Service that is protected, in `istio-system`.
    pub(crate) service: &'static str,
    /// Whether its pods are Istio's ingress gateway; else they serve a model.
    is_gateway: bool,
    /// Whether the package has that Service.
    pub(crate) has_service: bool,
    /// Whether the labels of its pods are known.
    has_pods: bool,
    /// Whether something stands on labels that the pods may have: then no pods are added.
    has_unknown_labels: bool,
    /// Whether the pods' own policies refuse everybody without the token.
    has_policy: bool,
    /// The objects whose door only they guard.
    guarded: Vec<Value>,
    /// The services of Kourier's class, whose door is its Service once there is one.
    of_kourier: Vec<Value>,
    /// The hosts of a second front with another token, an Ingress named `stage`.
    pub(crate) stage: Option<Vec<String>>,
    /// Whether that one is for every proxy of the mesh.
    has_mesh_policy: bool,
    /// The Gateways of the Gateway API for which Istio creates pods with an address outside the cluster.
    of_istio: Vec<Value>,
    /// Whether a Gateway of Istio's own API has no selector.
    has_gateway_of_all: bool,
    /// Charts for other namespaces.
    other_releases: Vec<Value>,
    /// What advertises the addresses of all Services.
    of_every_service: Vec<Value>,
    /// Whether other pods that serve a Gateway have a Service inside the cluster.
    has_gateway_inside: bool,
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

    /// The labels of the pods.
    fn labels(&self) -> Value {
        if self.is_gateway {
            json!({ "app": GATEWAY, "istio": "ingressgateway" })
        } else {
            json!({ "app": MODEL, "serving": MODEL })
        }
    }

    /// Adds an object that is a door to the pods: open unless their policies guard it.
    fn add_open(&mut self, object: Value) {
        if self.has_policy {
            self.guarded.push(object.clone());
        } else {
            self.note(&object);
        }
        self.add(object);
    }

    /// Takes the policies away: some of the pods have no proxy.
    fn lose_policy(&mut self) {
        self.has_policy = false;
        for object in std::mem::take(&mut self.guarded) {
            self.note(&object);
        }
    }

    /// Adds an object that is a door through other gateway pods.
    fn add_open_gateway(&mut self, object: Value) {
        if !self.has_mesh_policy {
            self.note(&object);
        }
        self.add(object);
    }

    /// Takes back that the services of Kourier's class are doors themselves.
    fn kourier_decides(&mut self) {
        for object in std::mem::take(&mut self.of_kourier) {
            self.open.retain(|open| open.name != object["metadata"]["name"]);
        }
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

fn service(name: &str, namespace: &str, kind: &str, selector: Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": { "name": name, "namespace": namespace },
        "spec": { "type": kind, "selector": selector, "ports": [{ "name": "http2", "port": 80, "targetPort": 8080 }] },
    })
}

fn ingress(name: &str, namespace: Option<&str>, host: Option<&str>, to: &str) -> Value {
    // A path of its own, so that no rule of a group takes the requests of another.
    let path =
        if matches!(name, "front" | "stage") { "/*".to_owned() } else { format!("/{name}/*") };
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

const PLANTERS: [Planter; 28] = [
    ingresses::load_balancer_ingress,
    ingresses::other_ingress,
    ingresses::removed_ingress,
    ingresses::kserve,
    gateways::gateway_route,
    gateways::istio_gateway,
    gateways::shared_gateway,
    services::load_balancer_service,
    services::external_ips,
    services::node_port,
    services::second_service,
    services::external_name,
    services::addresses,
    services::advertised,
    pods::host_network,
    pods::host_port,
    others::target_group_binding,
    others::given_twice,
    others::other_kind,
    others::named_address,
    others::other_application,
    serving::ingress_class,
    serving::language_model,
    held::embedded,
    held::installed_gateway,
    held::release,
    held::selecting_kind,
    ingresses::stage,
];

/// A package with up to three things planted.
pub(crate) fn generated(dice: &mut Dice) -> Facts {
    let mut facts = base(dice);
    for _ in 0..dice.below(4) {
        let before = facts.open.len();
        dice.pick(&PLANTERS)(&mut facts, dice);
        if facts.open.len() > before && dice.hits(6) {
            lose_namespace(&mut facts);
        }
    }
    gateways::settle(&mut facts);
    facts
}

/// Takes its namespace from the last open door: it may be applied to any.
fn lose_namespace(facts: &mut Facts) {
    let Some(door) = facts.open.last().cloned() else { return };
    let is_door = |object: &&mut Value| {
        object["kind"] == door.kind
            && object["metadata"]["name"] == door.name
            && object["metadata"]["namespace"].as_str() == door.namespace.as_deref()
    };
    let mut own: Vec<&mut Value> = facts.objects.iter_mut().filter(is_door).collect();
    // Of one that is given twice another finding is due.
    if let [object] = &mut own[..] {
        object["metadata"].as_object_mut().unwrap().remove("namespace");
        facts.open.last_mut().unwrap().namespace = None;
    }
}

/// One front and so many open Ingresses to the same Service, in one group or each by itself.
pub(crate) fn many(count: usize, group: bool) -> Facts {
    let mut dice = Dice::new(0);
    let mut facts = Facts { service: GATEWAY, is_gateway: true, ..Facts::default() };
    facts.add(service(GATEWAY, SYSTEM, "ClusterIP", facts.labels()));
    let front = front(&facts, &mut dice);
    facts.add(front);
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

fn front(facts: &Facts, dice: &mut Dice) -> Value {
    let host = facts.hosts.first().map(String::as_str);
    let mut front = alb(ingress("front", Some(SYSTEM), host, facts.service), dice);
    let conditions = format!("alb.ingress.kubernetes.io/conditions.{}", facts.service);
    front["metadata"]["annotations"][conditions] = HEADER_CONDITION.into();
    front
}

fn base(dice: &mut Dice) -> Facts {
    let is_gateway = !dice.hits(4);
    let mut facts = Facts {
        service: if is_gateway { GATEWAY } else { MODEL },
        is_gateway,
        has_service: !dice.hits(5),
        node_ports_public: dice.hits(2),
        ..Facts::default()
    };
    if dice.hits(2) {
        facts.hosts = vec!["*.platform.example.com".to_owned()];
    }
    let front = front(&facts, dice);
    facts.add(front);
    if facts.has_service {
        facts.add(service(facts.service, SYSTEM, "ClusterIP", facts.labels()));
        facts.has_pods = dice.hits(2);
        if facts.has_pods {
            let spec = json!({ "containers": [{ "name": "proxy", "ports": [{ "containerPort": 8080 }] }] });
            facts.add(pods::workload(&facts, "Deployment", facts.service, spec));
        }
        policies::plant(&mut facts, dice);
    }
    facts
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
