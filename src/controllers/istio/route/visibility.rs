//! Which VirtualServices, and which of their matches, are for a proxy.

use super::virtual_service::{RouteMatch, VirtualService};
use crate::controllers::istio::workload::Workload;

/// The name of the sidecars among the gateways of a VirtualService.
pub(super) const MESH: &str = "mesh";

/// The VirtualServices for the gateway that the workload's namespace sees: those for it alone, those
/// that name it, then those for all (`VirtualServicesForGateway`, `pilot/pkg/model/push_context.go`).
pub(super) fn visible<'a>(
    virtual_services: &[&'a VirtualService],
    is_for: impl Fn(&VirtualService) -> bool,
    workload: &Workload,
) -> Vec<(usize, &'a VirtualService)> {
    let namespace = workload.namespace.as_str();
    let class = |service: &VirtualService| {
        let to = |name: &str| service.spec.export_to.iter().any(|target| target == name);
        if service.spec.export_to.is_empty() || to("*") {
            Some(2)
        } else if to("~") {
            None
        } else if service.namespace() == namespace {
            (to(".") || to(namespace)).then_some(0)
        } else {
            to(namespace).then_some(1)
        }
    };
    let mut visible: Vec<(i32, usize, &VirtualService)> = virtual_services
        .iter()
        .enumerate()
        .filter(|(_, service)| is_for(service))
        .filter_map(|(place, service)| Some((class(service)?, place, *service)))
        .collect();
    visible.sort_by_key(|(class, place, _)| (*class, *place));
    visible.into_iter().map(|(_, place, service)| (place, service)).collect()
}

/// Whether a match is for requests of this gateway (`sourceMatchHTTP`, `core/route/route.go`).
pub(super) fn is_from_here(
    service: &VirtualService,
    one: &RouteMatch,
    gateway: &str,
    workload: &Workload,
) -> bool {
    if !one.gateways.is_empty() {
        let full = |name: &str| {
            if name == MESH { MESH.to_owned() } else { service.gateway_name(name) }
        };
        return one.gateways.iter().any(|name| full(name) == gateway);
    }
    one.source_labels.iter().all(|(key, value)| workload.labels.get(key) == Some(value))
        && (one.source_namespace.is_empty() || one.source_namespace == workload.namespace)
}
