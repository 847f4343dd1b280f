//! Services with an address outside the cluster.
//!
//! `LoadBalancer`: the cloud provider or the AWS Load Balancer Controller creates a load balancer
//! whose listeners forward everything (`pkg/service/model_build_listener.go`: one listener a port,
//! without rules); its scheme and source ranges narrow it and guard nothing. The controller creates
//! one for a Service of any other type, too, where its annotations ask for that
//! (`IsServiceSupported` in `pkg/service/service_utils.go`), and forwards to other Services that an
//! `actions` annotation names (`buildActionConfigViaAnnotation`). `externalIPs` and node ports:
//! kube-proxy forwards what any node receives for them (`syncProxyRules` in
//! `pkg/proxy/iptables/proxier.go` of Kubernetes 1.34), whatever `loadBalancerSourceRanges` says, which
//! narrows the load balancer's addresses alone; `healthCheckNodePort` leads to kube-proxy itself. It skips
//! Services without an address, and those of type `ExternalName` (`ShouldSkipService` in
//! `pkg/proxy/util/utils.go`).

use serde_json::Value;

use super::context::DoorContext;
use super::door::{Door, Verdict, each_opening};
use super::kinds::DoorKind;
use crate::cluster::Kept;
use crate::controllers::alb::annotated_services::{LOAD_BALANCER_TYPE, is_annotated};
use crate::controllers::alb::objects::{Service, ServicePort};
use crate::values::k8s::ResourceRef;

const ANNOTATIONS: &str = "service.beta.kubernetes.io/";

/// Annotations by which other controllers lead to a Service of any type, the word in them that does so,
/// and what is missing to judge it: Tailscale's operator (`hasExposeAnnotation` in
/// `cmd/k8s-operator/svc.go` of tailscale/tailscale 1.86), and Emissary, whose mappings an annotation holds
/// (`ParseAnnotations` in `pkg/snapshot/v1/annotations.go` of emissary-ingress/emissary 3.9), and kube-router
/// (`svcAdvertiseClusterAnnotation` in `pkg/controllers/routing` of cloudnativelabs/kube-router 2).
const EXPOSED_BY: [(&str, &str, &str); 3] = [
    (
        "tailscale.com/expose",
        "true",
        "who reaches the tailnet in which Tailscale's operator exposes the Service",
    ),
    (
        "getambassador.io/config",
        "Mapping",
        "what the mappings of this annotation require of a request, which is not supported",
    ),
    (
        "kube-router.io/service.advertise.clusterip",
        "true",
        "the BGP peers of the nodes, which get a route to the Service's cluster IP",
    ),
];

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    for kept in &context.cluster.objects.services {
        let resource = &kept.resource;
        forwarded(context, kept, doors);
        let Some(hit) = context.reach.hit(&resource.namespace, &resource.name) else { continue };
        let spec = &kept.object.spec;
        let mut push = |kind: DoorKind, field: String, verdict: Verdict| {
            if context.readers.has(kind) {
                doors.push(Door {
                    kind,
                    resource: resource.clone(),
                    created: None,
                    field,
                    to: context.name_of(hit),
                    verdict,
                });
            }
        };
        let port = front_port(&kept.object);
        match spec.kind.as_str() {
            kind if kind != "LoadBalancer" && is_annotated(&kept.object) => {
                let address = address(resource, "service");
                let why = format!(
                    "the AWS Load Balancer Controller creates a load balancer that forwards every request to its pods, whatever spec.type is; remove the annotation {LOAD_BALANCER_TYPE}"
                );
                let verdict = context.judged(hit, why, curl(&address, port, ""));
                let field = format!("metadata.annotations[{LOAD_BALANCER_TYPE}]");
                push(DoorKind::LoadBalancerService, field, verdict);
            }
            "LoadBalancer" => {
                let address = address(resource, "service");
                let why = "a Service of type LoadBalancer forwards every request to its pods, without any rule; set spec.type: ClusterIP".to_owned();
                let verdict = context.judged(hit, why, curl(&address, port, ""));
                push(DoorKind::LoadBalancerService, "spec.type".to_owned(), verdict);
            }
            "NodePort" => {
                let number =
                    spec.ports.iter().find(|one| one.port == port).map(|one| one.node_port);
                let number = number.filter(|number| *number > 0).map_or_else(
                    || "the node port that Kubernetes picks".to_owned(),
                    |number| format!("port {number}"),
                );
                let verdict = if context.platform.node_ports_public {
                    let why = format!(
                        "{number} of every node leads to its pods, and the nodes' ports are public; set spec.type: ClusterIP"
                    );
                    context.judged(hit, why, String::new())
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
        for (key, word, missing) in EXPOSED_BY {
            let text = kept.object.metadata.annotations.get(key);
            if text.is_some_and(|text| text.contains(word)) {
                let verdict = context.not_judged(hit.set, missing.to_owned());
                push(DoorKind::OtherKind, format!("metadata.annotations[{key}]"), verdict);
            }
        }
        let is_proxied = !spec.is_headless() && spec.kind != "ExternalName";
        for (place, address) in spec.external_ips.iter().enumerate().filter(|_| is_proxied) {
            let why = "every node takes the traffic for externalIPs to its pods, without any rule; remove spec.externalIPs".to_owned();
            let verdict = context.judged(hit, why, curl(address, port, ""));
            push(DoorKind::ExternalIps, format!("spec.externalIPs[{place}]"), verdict);
        }
    }
}

/// Other Services that the load balancer of a Service forwards to, by `actions.PROTOCOL-PORT`.
fn forwarded(context: &DoorContext<'_, '_>, kept: &Kept<Service>, doors: &mut Vec<Door>) {
    let has_balancer = kept.object.spec.kind == "LoadBalancer" || is_annotated(&kept.object);
    if !has_balancer || !context.readers.has(DoorKind::LoadBalancerService) {
        return;
    }
    for (key, text) in &kept.object.metadata.annotations {
        let Some(name) = key.strip_prefix(ANNOTATIONS) else { continue };
        if !name.starts_with("actions.") {
            continue;
        }
        let action: Value = serde_json::from_str(text).unwrap_or_default();
        let mut names = Vec::new();
        service_names(&action, &mut names);
        let namespace = &kept.resource.namespace;
        let port = name.rsplit('-').next().and_then(|port| port.parse().ok());
        let port = port.unwrap_or_else(|| front_port(&kept.object));
        let why = "its load balancer forwards every request to the Services of this annotation, without any rule; remove the Service from it".to_owned();
        let address = address(&kept.resource, "service");
        let hits = names.iter().filter_map(|name| context.reach.hit(namespace, name));
        let found = hits.map(|hit| Door {
            kind: DoorKind::LoadBalancerService,
            resource: kept.resource.clone(),
            created: None,
            field: format!("metadata.annotations[{key}]"),
            to: context.name_of(hit),
            verdict: context.judged(hit, why.clone(), curl(&address, port, "")),
        });
        doors.extend(each_opening(found));
    }
}

/// The Services that an action names: `forwardConfig.targetGroups[].serviceName`, in any case, as
/// Go's reader takes keys.
fn service_names<'v>(value: &'v Value, names: &mut Vec<&'v str>) {
    match value {
        Value::Array(list) => list.iter().for_each(|one| service_names(one, names)),
        Value::Object(fields) => {
            for (key, field) in fields {
                match field.as_str() {
                    Some(text) if key.eq_ignore_ascii_case("serviceName") => names.push(text),
                    _ => service_names(field, names),
                }
            }
        }
        _ => {}
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
