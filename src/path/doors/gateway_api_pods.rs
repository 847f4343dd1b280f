//! The Service that Istio creates for the pods of a Gateway of the Gateway API.
//!
//! Source: `pilot/pkg/config/kube/gatewaycommon/deploymentcontroller.go` of istio/istio: it is called `NAME-CLASS`, and
//! is of type `LoadBalancer` unless an annotation names another one; a Gateway with an address of a Service
//! gets none (`IsManaged` in `gateway_utils.go`), and a Service of that name that others wrote stays as it is
//! (`canManage`). What an Ingress in front of it demands is not demanded there.

use super::context::DoorContext;
use super::door::{Door, Verdict};
use super::gateways::SERVICE_TYPE;
use super::kinds::DoorKind;
use super::services::curl;

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    if !context.readers.has(DoorKind::LoadBalancerService) {
        return;
    }
    for kept in &context.cluster.objects.gateways {
        let (resource, gateway) = (&kept.resource, &kept.object);
        let kind = gateway.metadata.annotations.get(SERVICE_TYPE).map_or("LoadBalancer", |own| own);
        let Some(service) = context.gateways.service_of_istio(gateway) else { continue };
        if kind == "ClusterIP" {
            continue;
        }
        if context.gateways.has_service(&resource.namespace, &service) {
            continue;
        }
        let Some(hit) = context.reach.hit(&resource.namespace, &service) else { continue };
        let verdict = if let Some(parameters) = gateway.spec.parameters() {
            Verdict::NotJudged {
                missing: format!("what {parameters} makes of its Service {service}").into(),
            }
        } else if kind == "NodePort" && !context.platform.node_ports_public {
            let why = format!(
                "a port of every node leads to its Service {service}; the nodes' security group must let in the load balancer alone"
            );
            Verdict::Noted { why }
        } else {
            let why = format!(
                "Istio creates the Service {service} of type {kind}, which takes every request; set the annotation {SERVICE_TYPE}: ClusterIP"
            );
            let namespace = resource.namespace.as_deref().unwrap_or("default");
            let address = format!(
                "$(kubectl get service {service} -n {namespace} -o jsonpath='{{.status.loadBalancer.ingress[0].hostname}}')"
            );
            let port = gateway.spec.listeners.first().map_or(80, |one| one.port);
            context.judged(hit, why, curl(&address, port, ""))
        };
        doors.push(Door {
            kind: DoorKind::LoadBalancerService,
            resource: resource.clone(),
            created: None,
            field: format!("metadata.annotations[{SERVICE_TYPE}]"),
            to: context.name_of(hit),
            verdict,
        });
    }
}
