//! The Service that Istio creates for the pods of a Gateway of the Gateway API.
//!
//! Source: `pilot/pkg/config/kube/gatewaycommon/deploymentcontroller.go` of istio/istio: it is called `NAME-CLASS`, and
//! is of type `LoadBalancer` unless an annotation names another one; a Gateway with an address of a Service
//! gets none (`IsManaged` in `gateway_utils.go`), and a Service of that name that others wrote stays as it is
//! (`canManage`). What an Ingress in front of it demands is not demanded there.

use serde_json::Value;

use super::context::DoorContext;
use super::door::{Door, Verdict};
use super::gateways::SERVICE_TYPE;
use super::kinds::DoorKind;
use super::services::{LOAD_BALANCER_TYPE, curl, is_annotated};
use crate::cluster::plain::ConfigMap;
use crate::cluster::{Kept, parsed};
use crate::controllers::alb::objects::Service;
use crate::controllers::gateway_api::Gateway;

/// The label of a ConfigMap that changes what Istio creates for the Gateways of a class.
const DEFAULTS_FOR_CLASS: &str = "gateway.istio.io/defaults-for-class";

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    if !context.readers.has(DoorKind::LoadBalancerService) {
        return;
    }
    for kept in &context.cluster.objects.gateways {
        let (resource, gateway) = (&kept.resource, &kept.object);
        let Some(service) = context.gateways.service_of_istio(gateway) else { continue };
        let created = created(context, kept);
        let created = created.map(|created| (created.spec.kind.clone(), is_annotated(&created)));
        if created.as_ref().is_ok_and(|(kind, is_annotated)| kind == "ClusterIP" && !is_annotated) {
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
        let is_annotated = matches!(&created, Ok((kind, true)) if kind != "LoadBalancer");
        let of_infrastructure = &gateway.spec.infrastructure.annotations;
        let field = match (is_annotated, of_infrastructure.contains_key(LOAD_BALANCER_TYPE)) {
            (true, true) => format!("spec.infrastructure.annotations[{LOAD_BALANCER_TYPE}]"),
            (true, false) => format!("metadata.annotations[{LOAD_BALANCER_TYPE}]"),
            (false, _) => format!("metadata.annotations[{SERVICE_TYPE}]"),
        };
        let verdict = match created {
            Err(parameters) => match &context.policies[hit.set] {
                Some(by) => Verdict::Guarded { by: by.to_string(), is_by_pods: true },
                None => Verdict::NotJudged {
                    missing: format!("what {parameters} makes of its Service {service}").into(),
                },
            },
            Ok(_) if is_annotated => {
                let why = format!(
                    "Istio creates the Service {service} with the annotations of the Gateway, by which the AWS Load Balancer Controller creates a load balancer that forwards every request to it; remove the annotation {LOAD_BALANCER_TYPE}"
                );
                context.judged(hit, why, request)
            }
            Ok((kind, _)) if kind == "NodePort" && !context.platform.node_ports_public => {
                let why = format!(
                    "a port of every node leads to its Service {service}; the nodes' security group must let in the load balancer alone"
                );
                Verdict::Noted { why }
            }
            Ok((kind, _)) => {
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

/// The Service that Istio creates, as far as it opens something: the type that the annotation says, unless a
/// ConfigMap of the class or of the Gateway says another one (`render` in `deploymentcontroller.go`: the latter's
/// last), with the Gateway's annotations. Otherwise what is not known of it.
fn created(context: &DoorContext<'_, '_>, kept: &Kept<Gateway>) -> Result<Service, String> {
    let gateway = &kept.object;
    let mut service = Service::default();
    service.metadata.annotations.clone_from(&gateway.metadata.annotations);
    service.metadata.annotations.extend(gateway.spec.infrastructure.annotations.clone());
    let kind = gateway.metadata.annotations.get(SERVICE_TYPE);
    service.spec.kind = kind.map_or("LoadBalancer", |own| own).to_owned();
    let own = gateway.spec.infrastructure.parameters_ref.as_ref();
    let mut is_found = own.is_none();
    let mut overlays = Vec::new();
    for map in &context.cluster.objects.config_maps {
        let Ok(object) = map.object.read::<ConfigMap>() else { continue };
        let class = object.metadata.labels.get(DEFAULTS_FOR_CLASS);
        let is_own = own.is_some_and(|own| {
            own.kind == "ConfigMap"
                && own.name == map.resource.name
                && context.reach.may_be_one(&map.resource.namespace, &kept.resource.namespace)
        });
        is_found |= is_own;
        if is_own || class == Some(&gateway.spec.gateway_class_name) {
            overlays.extend(object.texts().remove("service").map(|text| (is_own, map, text)));
        }
    }
    if !is_found {
        return Err(gateway.spec.parameters().unwrap_or_default());
    }
    overlays.sort_by_key(|(is_own, ..)| *is_own);
    for (_, map, text) in overlays {
        let overlay = parsed(&text).unwrap_or_default();
        let fields = |value: &Value| value.as_object().map(|all| all.keys().cloned().collect());
        let of_spec: Vec<String> = fields(&overlay["spec"]).unwrap_or_default();
        let is_known = overlay.is_object()
            && overlay["metadata"]["annotations"].is_null()
            && of_spec.iter().all(|field| field != "externalIPs" && field != "externalName");
        if !is_known {
            return Err(map.resource.to_string());
        }
        if let Some(kind) = overlay["spec"]["type"].as_str() {
            kind.clone_into(&mut service.spec.kind);
        }
    }
    Ok(service)
}
