//! The health check of the Ingresses that are set, where the pods behind them are a gateway of the package.

use std::collections::{BTreeMap, HashMap};

use json_patch::Patch;
use serde_json::Value;

use super::classes::Classes;
use super::diags::FailingHealthCheck;
use super::job::Run;
use super::targets::Target;
use crate::cluster::Cluster;
use crate::controllers::alb::annotations::{Annotations, key};
use crate::controllers::alb::objects::{IntOrString, Service};
use crate::finding::Finding;
use crate::path::World;
use crate::path::simulator::{Facts, HealthCheck, Simulator, Unhealthy};
use krm_package::operation::add;
use krm_package::{Edit, ItemId};

/// What decides a health check.
const SUFFIXES: [&str; 3] = ["healthcheck-port", "healthcheck-path", "success-codes"];

/// The readiness of Istio's gateways (`/healthz/ready` of pilot-agent).
const READY_PATH: &str = "/healthz/ready";
/// What Istio's own chart calls the port of the gateway's Service that leads to it.
const READY_PORT_NAME: &str = "status-port";

/// Sets the gateway's readiness as health check on each Ingress whose check the gateway would not answer with
/// what is taken; where the Ingress or its Service says another one itself, it is reported.
pub(super) fn settle(
    run: &mut Run<'_, '_>,
    cluster: &Cluster<'_>,
    classes: &Classes,
    findings: &mut Vec<Finding>,
) {
    let names_port = |target: &Target<'_, '_>| {
        target
            .value
            .pointer("/metadata/annotations")
            .is_some_and(|own| own.get(key(SUFFIXES[0])).is_some())
    };
    if cluster.objects.istio_gateways.is_empty() && !run.targets.iter().any(names_port) {
        return;
    }
    let world = World::of_mesh(cluster);
    let simulator = Simulator::of(&world, Facts::default());
    let services = cluster.objects.services.iter().map(|kept| {
        let namespace = kept.resource.namespace.as_deref().unwrap_or("default");
        ((namespace, kept.resource.name.as_str()), &kept.object)
    });
    let services: HashMap<(&str, &str), &Service> = services.collect();
    let patched = run.edits.iter().enumerate().filter_map(|(place, edit)| match edit {
        Edit::Patch { item, .. } => Some((*item, place)),
        _ => None,
    });
    let patched: HashMap<ItemId, usize> = patched.collect();
    for target in &run.targets {
        let Some((failing, service)) = failing(target, &simulator, &services) else { continue };
        let own = annotations(&target.value);
        let empty = BTreeMap::new();
        let of_service = service.map_or(&empty, |service| &service.metadata.annotations);
        let all = Annotations::of_service_over_ingress(of_service, &own);
        let is_by_itself = SUFFIXES.iter().any(|suffix| all.text(suffix).is_some());
        let port = if is_ip(target, classes, all) {
            Some(failing.ready_port.to_string())
        } else {
            node_port(service, failing.ready_port)
        };
        let Some(port) = port.filter(|_| !is_by_itself) else {
            let ingress = &target.item.resource;
            let is_of_service = SUFFIXES.iter().any(|suffix| of_service.contains_key(&key(suffix)));
            findings.push(match service.filter(|_| is_of_service) {
                Some(service) => FailingHealthCheck::Of(&service.reference(), &failing).into(),
                None if is_by_itself => FailingHealthCheck::Of(ingress, &failing).into(),
                None => FailingHealthCheck::NoNodePort(ingress, failing.ready_port).into(),
            });
            continue;
        };
        let mut operations = vec![
            set("healthcheck-port", &port),
            set("healthcheck-path", READY_PATH),
            set("success-codes", "200"),
        ];
        let is_encrypted = all.text("backend-protocol") == Some("HTTPS");
        if is_encrypted && all.text("healthcheck-protocol").is_none() {
            operations.push(set("healthcheck-protocol", "HTTP"));
        }
        match patched.get(&target.item.id).map(|place| &mut run.edits[*place]) {
            Some(Edit::Patch { operations: known, .. }) => known.0.extend(operations),
            _ => {
                let operations = Patch(operations);
                run.edits.push(Edit::Patch { item: target.item.id, operations });
            }
        }
    }
}

fn set(suffix: &str, value: &str) -> json_patch::PatchOperation {
    add(&["metadata", "annotations", &key(suffix)], value)
}

/// Why the health check of one of an Ingress's Services fails, with the Service where it is in the input.
fn failing<'s>(
    target: &Target<'_, '_>,
    simulator: &Simulator<'_, '_>,
    services: &HashMap<(&str, &str), &'s Service>,
) -> Option<(Unhealthy, Option<&'s Service>)> {
    let namespace = target.item.resource.namespace.as_deref().unwrap_or("default");
    let own = annotations(&target.value);
    let mut backends = backends(&target.value);
    backends.dedup();
    backends.into_iter().find_map(|(name, port)| {
        let service = services.get(&(namespace, name)).copied();
        let check = match service {
            Some(service) => HealthCheck::of(Annotations::of_service_over_ingress(
                &service.metadata.annotations,
                &own,
            )),
            None => HealthCheck::of(Annotations::of(&own)),
        };
        Some((simulator.probe(namespace, name, &port, &check)?, service))
    })
}

fn annotations(ingress: &Value) -> BTreeMap<String, String> {
    let all = ingress.pointer("/metadata/annotations").and_then(Value::as_object);
    let texts = all.into_iter().flatten();
    texts.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// The Services that an Ingress sends requests to, each with its port.
fn backends(ingress: &Value) -> Vec<(&str, IntOrString)> {
    let rules = ingress.pointer("/spec/rules").and_then(Value::as_array).into_iter().flatten();
    let paths = rules.filter_map(|rule| rule.pointer("/http/paths")?.as_array()).flatten();
    let of_paths = paths.filter_map(|path| path.pointer("/backend/service"));
    let all = of_paths.chain(ingress.pointer("/spec/defaultBackend/service"));
    all.filter_map(|service| {
        let port = service.get("port")?;
        let number = port.get("number").and_then(Value::as_i64);
        let port = match number.and_then(|number| i32::try_from(number).ok()) {
            Some(number) => IntOrString::Int(number),
            None => IntOrString::Text(port.get("name")?.as_str()?.to_owned()),
        };
        Some((service.get("name")?.as_str()?, port))
    })
    .collect()
}

/// Whether the load balancer sends requests to the pods' addresses, not to the nodes'.
fn is_ip(target: &Target<'_, '_>, classes: &Classes, all: Annotations<'_>) -> bool {
    let member = classes.member(target.item.id);
    let of_class = member.and_then(|member| member.params).map(|params| &params.spec.target_type);
    let is_auto_mode = member.is_some_and(|member| member.auto_mode.is_some());
    match of_class.filter(|kind| !kind.is_empty()).map(String::as_str) {
        Some(kind) => kind == "ip",
        None => {
            all.text("target-type").unwrap_or(if is_auto_mode { "ip" } else { "instance" }) == "ip"
        }
    }
}

/// The name of the Service's port whose node port leads to the gateway's readiness: the controller reads a
/// number as the node's own port (`pkg/ingress/model_build_target_group.go`,
/// `buildTargetGroupHealthCheckPort`, v3.5).
fn node_port(service: Option<&Service>, ready_port: u16) -> Option<String> {
    let Some(service) = service else { return Some(READY_PORT_NAME.to_owned()) };
    let ready = service.spec.ports.iter().find(|port| match &port.target_port {
        Some(IntOrString::Int(number)) => *number == i32::from(ready_port),
        Some(IntOrString::Text(_)) => false,
        None => port.port == i32::from(ready_port),
    });
    ready.map(|port| port.name.clone()).filter(|name| !name.is_empty())
}
