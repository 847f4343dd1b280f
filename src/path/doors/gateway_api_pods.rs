//! The Service that Istio creates for the pods of a Gateway of the Gateway API.
//!
//! Source: `pilot/pkg/config/kube/gatewaycommon/deploymentcontroller.go` of istio/istio: it is called `NAME-CLASS`, and
//! is of type `LoadBalancer` unless an annotation names another one; a Gateway with an address of a Service
//! gets none (`IsManaged` in `gateway_utils.go`), and a Service of that name that others wrote stays as it is
//! (`canManage`). What an Ingress in front of it demands is not demanded there.

use super::context::DoorContext;
use super::door::{Door, Verdict};
use super::kinds::DoorKind;
use super::services::curl;
use crate::cluster::GatewayService;
use crate::controllers::alb::annotated_services::LOAD_BALANCER_TYPE;
use crate::controllers::gateway_of_istio::SERVICE_TYPE;

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    if !context.readers.has(DoorKind::LoadBalancerService) {
        return;
    }
    for kept in &context.cluster.objects.gateways {
        let (resource, gateway) = (&kept.resource, &kept.object);
        let Some(service) = context.gateways.service_of_istio(gateway) else { continue };
        let Some(created) = context.created.get(kept) else { continue };
        if context.created.is_inside(kept) {
            continue;
        }
        if context.gateways.has_service(&resource.namespace, &service) {
            continue;
        }
        let Some(hit) = context.reach.hit(&resource.namespace, &service) else { continue };
        let namespace = resource.namespace.as_deref().unwrap_or("default");
        let address = format!(
            "$(kubectl get service {service} -n {namespace} -o jsonpath='{{.status.loadBalancer.ingress[0].hostname}}')"
        );
        let port = gateway.spec.listeners.first().map_or(80, |one| one.port);
        let request = curl(&address, port, "");
        let is_annotated =
            matches!(created, Ok(one) if one.is_annotated && one.kind != "LoadBalancer");
        let of_infrastructure = &gateway.spec.infrastructure.annotations;
        let field = match (is_annotated, of_infrastructure.contains_key(LOAD_BALANCER_TYPE)) {
            (true, true) => format!("spec.infrastructure.annotations[{LOAD_BALANCER_TYPE}]"),
            (true, false) => format!("metadata.annotations[{LOAD_BALANCER_TYPE}]"),
            (false, _) => format!("metadata.annotations[{SERVICE_TYPE}]"),
        };
        let verdict = match created {
            Err(parameters) => context
                .not_judged(hit.set, format!("what {parameters} makes of its Service {service}")),
            Ok(_) if is_annotated => {
                let why = format!(
                    "Istio creates the Service {service} with the annotations of the Gateway, by which the AWS Load Balancer Controller creates a load balancer that forwards every request to it; remove the annotation {LOAD_BALANCER_TYPE}"
                );
                context.judged(hit, why, request)
            }
            Ok(GatewayService { kind, .. })
                if kind == "NodePort" && !context.platform.node_ports_public =>
            {
                let why = format!(
                    "a port of every node leads to its Service {service}; the nodes' security group must let in the load balancer alone"
                );
                Verdict::Noted { why }
            }
            Ok(GatewayService { kind, .. }) => {
                let why = format!(
                    "Istio creates the Service {service} of type {kind}, which takes every request; set the annotation {SERVICE_TYPE}: ClusterIP"
                );
                context.judged(hit, why, request)
            }
        };
        doors.push(Door {
            kind: DoorKind::LoadBalancerService,
            resource: resource.clone(),
            created: None,
            field,
            to: context.name_of(hit),
            verdict,
        });
    }
}
