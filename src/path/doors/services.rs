//! Services with an address outside of the cluster.
//!
//! `LoadBalancer`: the cloud provider or the AWS Load Balancer Controller creates a load balancer
//! whose listeners forward everything (`pkg/service/model_build_listener.go`: one listener a port,
//! without rules); its scheme and source ranges narrow it and guard nothing. `externalIPs` and node
//! ports: kube-proxy takes the traffic of every node (`pkg/proxy/iptables/proxier.go`).

use super::door::{Door, Verdict};
use super::kinds::DoorKind;
use super::scene::Scene;
use crate::controllers::alb::objects::{Service, ServicePort};
use crate::values::k8s::ResourceRef;

pub(crate) fn read(scene: &Scene<'_, '_>, doors: &mut Vec<Door>) {
    for kept in &scene.cluster.objects.services {
        let resource = &kept.resource;
        let Some(hit) = scene.reach.hit(&resource.namespace, &resource.name) else { continue };
        let spec = &kept.object.spec;
        let mut push = |kind: DoorKind, field: String, verdict: Verdict| {
            if scene.readers.has(kind) {
                doors.push(Door {
                    kind,
                    resource: resource.clone(),
                    created: None,
                    field,
                    to: scene.name_of(hit),
                    verdict,
                });
            }
        };
        let port = front_port(&kept.object);
        match spec.kind.as_str() {
            "LoadBalancer" => {
                let address = address(resource, "service");
                let why = "a Service of type LoadBalancer forwards every request to its pods, without any rule; set spec.type: ClusterIP".to_owned();
                let verdict = scene.judged(hit, why, curl(&address, port, ""));
                push(DoorKind::LoadBalancerService, "spec.type".to_owned(), verdict);
            }
            "NodePort" => {
                let number =
                    spec.ports.iter().find(|one| one.port == port).map(|one| one.node_port);
                let number = number.filter(|number| *number > 0).map_or_else(
                    || "the node port that Kubernetes picks".to_owned(),
                    |number| format!("port {number}"),
                );
                let verdict = if scene.platform.node_ports_public {
                    let why = format!(
                        "{number} of every node leads to its pods, and the nodes' ports are public; set spec.type: ClusterIP"
                    );
                    scene.judged(hit, why, String::new())
                } else {
                    Verdict::Noted {
                        why: format!(
                            "{number} of every node leads to its pods; the nodes' security group must let in the load balancer alone"
                        ),
                    }
                };
                push(DoorKind::NodePort, "spec.type".to_owned(), verdict);
            }
            _ => {}
        }
        if let Some(first) = spec.external_ips.first() {
            let why = "every node takes the traffic for externalIPs to its pods, without any rule; remove spec.externalIPs".to_owned();
            let verdict = scene.judged(hit, why, curl(first, port, ""));
            push(DoorKind::ExternalIps, "spec.externalIPs".to_owned(), verdict);
        }
    }
}

/// The port that a request is sent to: the one for HTTP, else the first.
pub(crate) fn front_port(service: &Service) -> i32 {
    let ports = &service.spec.ports;
    let is_web =
        |port: &&ServicePort| port.name.starts_with("http") || matches!(port.port, 80 | 443);
    ports.iter().find(is_web).or_else(|| ports.first()).map_or(80, |port| port.port)
}

/// The shell's words for the address of an object's load balancer.
pub(crate) fn address(resource: &ResourceRef, kind: &str) -> String {
    let namespace = resource.namespace.as_deref().map(|own| format!(" -n {own}"));
    format!(
        "$(kubectl get {kind} {}{} -o jsonpath='{{.status.loadBalancer.ingress[0].hostname}}')",
        resource.name,
        namespace.unwrap_or_default()
    )
}

/// A request without credentials.
pub(crate) fn curl(address: &str, port: i32, host: &str) -> String {
    let scheme = if matches!(port, 443 | 8443) { "https" } else { "http" };
    let insecure = if scheme == "https" { "k" } else { "" };
    let address = if address.contains(':') && !address.contains('$') {
        format!("[{address}]")
    } else {
        address.to_owned()
    };
    let host = if host.is_empty() { String::new() } else { format!(" -H 'Host: {host}'") };
    format!("curl -s{insecure}{host} {scheme}://{address}:{port}/")
}
