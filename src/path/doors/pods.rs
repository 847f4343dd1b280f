//! Pods that listen on the network of their node.
//!
//! `hostNetwork`: the pods' ports are the node's (`PodSpec` in `k8s.io/api/core/v1/types.go`);
//! `hostPort`: the container runtime maps a port of the node to the pod's (the portmap plugin of
//! containernetworking/plugins). The pods of an `InferenceService` are what its component says: it is
//! a `PodSpec` (`pkg/apis/serving/v1beta1/podspec.go` of kserve/kserve), and the containers of the runtime that
//! takes its model.

use std::rc::Rc;

use super::context::DoorContext;
use super::door::Door;
use super::kinds::DoorKind;
use super::reach::{Hit, Why};
use super::selection::{PodLabels, Selection, is_named_after, is_within};
use crate::cluster::PodsOf;
use crate::values::k8s::ResourceRef;

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    for pods in context.cluster.pod_templates() {
        let ports = || pods.spec.containers.iter().chain(&pods.spec.init_containers).enumerate();
        let host_ports: Vec<(usize, usize, i32)> = ports()
            .flat_map(|(container, of)| {
                let all = of.ports.iter().map(|port| port.host_port).enumerate();
                all.map(move |(port, number)| (container, port, number))
            })
            .filter(|(.., number)| *number > 0)
            .collect();
        if !pods.spec.host_network && host_ports.is_empty() {
            continue;
        }
        let Some(hit) = hit(context, &pods) else { continue };
        let door = |kind, field, why, port: Option<i32>| {
            let request = port.map(|port| super::services::curl("NODE_ADDRESS", port, ""));
            Door {
                kind,
                resource: pods.resource.clone(),
                created: None,
                field,
                to: context.name_of(hit),
                verdict: context.judged(hit, why, request.unwrap_or_default()),
            }
        };
        if pods.spec.host_network && context.readers.has(DoorKind::HostNetwork) {
            let why = "the pods use their node's network, so each of their ports is one of the node's; remove hostNetwork".to_owned();
            let port = ports().find_map(|(_, of)| of.ports.first()).map(|port| port.container_port);
            doors.push(door(
                DoorKind::HostNetwork,
                format!("{}.hostNetwork", pods.field),
                why,
                port,
            ));
        }
        for (container, port, number) in
            host_ports.into_iter().filter(|_| context.readers.has(DoorKind::HostPort))
        {
            let why = format!("port {number} of the node leads to the pods; remove hostPort");
            let containers = pods.spec.containers.len();
            let place = if container < containers {
                format!("containers[{container}]")
            } else {
                format!("initContainers[{}]", container - containers)
            };
            let field = format!("{}.{place}.ports[{port}].hostPort", pods.field);
            doors.push(door(DoorKind::HostPort, field, why, Some(number)));
        }
    }
    of_kserve(context, doors);
}

/// The pods of `InferenceServices`.
fn of_kserve(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    for pods in &context.kserve.pods {
        let Some(hit) = context.reach.hit(&pods.namespace, &pods.service) else { continue };
        let mut push =
            |kind, resource: &Rc<ResourceRef>, field: String, why: String, port: Option<u32>| {
                if context.readers.has(kind) {
                    let port = port.and_then(|port| i32::try_from(port).ok());
                    let request = port.map(|port| super::services::curl("NODE_ADDRESS", port, ""));
                    doors.push(Door {
                        kind,
                        resource: resource.clone(),
                        created: None,
                        field,
                        to: context.name_of(hit),
                        verdict: context.judged(hit, why, request.unwrap_or_default()),
                    });
                }
            };
        if pods.host_network {
            let why = "the pods use their node's network, so each of their ports is one of the node's; remove hostNetwork".to_owned();
            let field = format!("{}.hostNetwork", pods.field);
            push(DoorKind::HostNetwork, &pods.owner, field, why, None);
        }
        if let Some(number) = pods.host_port {
            let why = format!("port {number} of the node leads to the pods; remove hostPort");
            push(DoorKind::HostPort, &pods.owner, pods.field.to_string(), why, Some(number));
        }
        if let Some(port) = &pods.runtime_port {
            let number = port.number;
            let why = format!(
                "port {number} of the node leads to the pods of each service that uses this runtime; remove hostPort"
            );
            let runtime = Rc::new(port.runtime.clone());
            push(DoorKind::HostPort, &runtime, port.field.clone(), why, Some(number));
        }
    }
}

/// The set that pods belong to.
fn hit(context: &DoorContext<'_, '_>, pods: &PodsOf<'_>) -> Option<Hit> {
    let sets = context.reach.sets.iter().enumerate();
    let selection = |labels: &PodLabels| match labels {
        PodLabels::Known(all) => {
            all.iter().any(|one| **one == *pods.labels).then_some(Selection::Same)
        }
        PodLabels::Selected(selector) => {
            is_within(selector, pods.labels).then_some(Selection::Same)
        }
        PodLabels::OfService(name) => {
            is_named_after(pods.labels, name).then_some(Selection::Undecided)
        }
    };
    let mut own = sets.filter_map(|(index, set)| Some((index, set, selection(&set.labels)?)));
    own.find(|(_, set, _)| {
        // Another gateway may be of any namespace: Istio's selectors look everywhere.
        set.why == Why::OtherGateway
            || context.reach.may_be_one(&set.namespace, &pods.resource.namespace)
    })
    .map(|(index, set, selection)| Hit {
        same_namespace: set.why == Why::OtherGateway || set.namespace == pods.resource.namespace,
        ..Hit::of(index, selection)
    })
}
