//! Services that are doors, and Services that lead to the same pods.

use serde_json::{Value, json};
use test_support::Dice;

use super::{Facts, SYSTEM, ingress, service};

/// A selector of the pods, or of some of them where the pods are not known.
fn selector(facts: &mut Facts, dice: &mut Dice) -> Value {
    let mut all = facts.labels();
    match dice.below(if facts.has_pods { 3 } else { 4 }) {
        0 => json!({ "app": facts.service }),
        1 => {
            all.as_object_mut().unwrap().remove("app");
            all
        }
        2 => all,
        _ => {
            facts.has_unknown_labels = true;
            all["version"] = "2".into();
            all
        }
    }
}

/// A selector that selects none of the pods.
fn selector_of_others(facts: &Facts, dice: &mut Dice) -> Value {
    let mut all = facts.labels();
    if facts.has_pods && dice.hits(2) {
        all["version"] = "2".into();
    } else {
        // A label in common would be enough for a Gateway that selects it.
        for key in ["app", "istio"] {
            all[key] = "grafana".into();
        }
    }
    all
}

pub(super) fn load_balancer_service(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("balancer");
    if dice.hits(4) {
        let others = selector_of_others(facts, dice);
        if facts.has_service {
            facts.add(service(&name, SYSTEM, "LoadBalancer", others));
        }
        return;
    }
    let mut open = service(&name, SYSTEM, "LoadBalancer", selector(facts, dice));
    match dice.below(6) {
        0 => open["spec"]["loadBalancerClass"] = "service.k8s.aws/nlb".into(),
        1 => open["spec"]["loadBalancerSourceRanges"] = json!(["203.0.113.0/24"]),
        2 => {
            open["metadata"]["annotations"] =
                json!({ "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal" });
        }
        // The load balancer's controller takes other types, too, by their annotations.
        3 => {
            let (kind, annotations) = match dice.below(2) {
                0 => (
                    "ClusterIP",
                    json!({ "service.beta.kubernetes.io/aws-load-balancer-type": "nlb-ip" }),
                ),
                _ => (
                    "NodePort",
                    json!({
                        "service.beta.kubernetes.io/aws-load-balancer-type": "external",
                        "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type": "instance",
                    }),
                ),
            };
            open["spec"]["type"] = kind.into();
            open["metadata"]["annotations"] = annotations;
        }
        // Of other pods, and forwards to these.
        4 => {
            open["spec"]["selector"] = json!({ "app": "grafana" });
            let action = json!({ "type": "forward", "forwardConfig": {
                "baseServiceWeight": 1, "targetGroups": [{ "serviceName": facts.service, "servicePort": 80, "weight": 1 }],
            } });
            open["metadata"]["annotations"] =
                json!({ "service.beta.kubernetes.io/actions.TCP-80": action.to_string() });
        }
        _ => {}
    }
    facts.add_open(open);
}

pub(super) fn external_ips(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("external");
    let mut open = service(&name, SYSTEM, "ClusterIP", selector(facts, dice));
    open["spec"]["externalIPs"] = json!(["203.0.113.7"]);
    facts.add_open(open);
}

pub(super) fn node_port(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("node");
    let object = service(&name, SYSTEM, "NodePort", selector(facts, dice));
    if facts.node_ports_public {
        facts.add_open(object);
    } else {
        facts.add(object);
    }
}

/// An open Ingress of another class to a Service.
fn door_to(facts: &mut Facts, namespace: &str, to: &str) {
    let name = facts.name("door");
    let mut door = ingress(&name, Some(namespace), None, to);
    door["spec"]["ingressClassName"] = "nginx".into();
    facts.add_open(door);
}

pub(super) fn second_service(facts: &mut Facts, dice: &mut Dice) {
    let name = facts.name("second");
    if facts.has_service && !facts.has_pods && dice.hits(4) {
        // Whether that selects the same pods nobody knows.
        facts.has_unknown_labels = true;
        facts.add(service(&name, SYSTEM, "ClusterIP", json!({ "version": "2" })));
    } else {
        let selector = selector(facts, dice);
        facts.add(service(&name, SYSTEM, "ClusterIP", selector));
    }
    door_to(facts, SYSTEM, &name);
}

pub(super) fn external_name(facts: &mut Facts, dice: &mut Dice) {
    let (name, chained) = (facts.name("alias"), facts.name("alias"));
    let alias = |name: &str, to: String| {
        json!({
            "apiVersion": "v1", "kind": "Service", "metadata": { "name": name, "namespace": "edge" },
            "spec": { "type": "ExternalName", "externalName": to },
        })
    };
    let suffix = *dice.pick(&["svc", "svc.cluster.local", "svc.cluster.local."]);
    facts.add(alias(&name, format!("{}.{SYSTEM}.{suffix}", facts.service)));
    if dice.hits(2) {
        facts.add(alias(&chained, format!("{name}.edge.{suffix}")));
        door_to(facts, "edge", &chained);
    } else {
        door_to(facts, "edge", &name);
    }
}

pub(super) fn addresses(facts: &mut Facts, dice: &mut Dice) {
    let (name, pod) = (facts.name("manual"), facts.name("pod"));
    // Another address of the package is another pod's.
    let ip = format!("10.0.0.{}", facts.next);
    // An address is a pod's wherever the pod is.
    let own = *dice.pick(&[SYSTEM, "edge"]);
    facts.add(json!({
        "apiVersion": "v1", "kind": "Service", "metadata": { "name": name, "namespace": own }, "spec": { "ports": [{ "port": 80 }] },
    }));
    let mut address = json!({ "ip": ip });
    let mut endpoint = json!({ "addresses": [ip] });
    let target = json!({ "kind": "Pod", "name": pod, "namespace": SYSTEM });
    // Without the pod, or its name and address, an address may be any pod's.
    let is_known = !dice.hits(3);
    let is_by_status = is_known && dice.hits(3);
    let is_other = is_known && facts.has_service && dice.hits(4);
    if is_known && !is_by_status {
        address["targetRef"] = target.clone();
        endpoint["targetRef"] = target;
    }
    if is_known && (is_other || (!facts.has_unknown_labels && !dice.hits(3))) {
        let labels = if is_other { json!({ "app": "grafana" }) } else { facts.labels() };
        facts.has_pods |= facts.has_service && !is_other;
        let mut pod = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": { "name": pod, "namespace": SYSTEM, "labels": labels },
            "spec": { "containers": [{ "name": "proxy" }] },
        });
        if is_by_status {
            pod["status"] = json!({ "podIP": ip, "podIPs": [{ "ip": ip }] });
        }
        facts.add(pod);
    }
    if dice.hits(2) {
        facts.add(json!({
            "apiVersion": "v1", "kind": "Endpoints", "metadata": { "name": name, "namespace": own },
            "subsets": [{ "addresses": [address] }],
        }));
    } else {
        facts.add(json!({
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": { "name": format!("{name}-1"), "namespace": own, "labels": { "kubernetes.io/service-name": name } },
            "endpoints": [endpoint],
        }));
    }
    if is_other {
        let door = facts.name("door");
        facts.add(ingress(&door, Some(own), None, &name));
    } else {
        door_to(facts, own, &name);
    }
}

/// The Service's cluster IP, as the nodes advertise it to their BGP peers.
pub(super) fn advertised(facts: &mut Facts, dice: &mut Dice) {
    if !facts.has_service {
        return;
    }
    let name = facts.name("advertised");
    let of_service = json!({ "matchLabels": { "io.kubernetes.service.name": facts.service } });
    let of_others = json!({ "matchLabels": { "io.kubernetes.service.name": "grafana" } });
    let every =
        json!({ "matchExpressions": [{ "key": "bgp", "operator": "NotIn", "values": ["no"] }] });
    let mut is_open = true;
    let mut object = match dice.below(3) {
        // The other ones have a Service that is a door itself.
        0 => {
            is_open = dice.hits(2);
            let key = if is_open { "serviceClusterIPs" } else { "serviceExternalIPs" };
            json!({
                "apiVersion": "projectcalico.org/v3", "kind": "BGPConfiguration",
                "metadata": { "name": "default" }, "spec": { key: [{ "cidr": "10.96.0.0/12" }] },
            })
        }
        kind => {
            let selector = match dice.below(4) {
                0 => of_service,
                1 => every,
                2 => {
                    is_open = false;
                    of_others
                }
                _ => {
                    is_open = false;
                    Value::Null
                }
            };
            if kind == 1 {
                json!({
                    "apiVersion": "cilium.io/v2", "kind": "CiliumBGPAdvertisement",
                    "metadata": { "name": name },
                    "spec": { "advertisements": [
                        { "advertisementType": "PodCIDR" },
                        { "advertisementType": "Service", "service": { "addresses": ["ExternalIP", "ClusterIP"] }, "selector": selector },
                    ] },
                })
            } else {
                json!({
                    "apiVersion": "cilium.io/v2alpha1", "kind": "CiliumBGPPeeringPolicy",
                    "metadata": { "name": name },
                    "spec": { "virtualRouters": [{ "serviceAdvertisements": ["ClusterIP"], "serviceSelector": selector }] },
                })
            }
        }
    };
    if dice.hits(6) && object["kind"] != "BGPConfiguration" {
        // Other addresses.
        is_open = false;
        let spec = object["spec"].to_string().replace("ClusterIP", "LoadBalancerIP");
        object["spec"] = serde_json::from_str(&spec).unwrap();
    }
    if is_open && object.to_string().contains("NotIn") || object["kind"] == "BGPConfiguration" {
        facts.of_every_service.extend(is_open.then(|| object.clone()));
    }
    if is_open { facts.add_open(object) } else { facts.add(object) }
}
