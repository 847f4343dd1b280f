//! The routes that are attached to a Gateway of the Gateway API: those of the package, and those that
//! `KServe` creates.

use std::collections::BTreeSet;

use crate::cluster::{GatewayServices, Kept};
use crate::controllers::gateway_api::{Gateway, ParentReference, RouteSpec};
use crate::controllers::gateway_listeners::{Attaching, Attachment, Detached, attach};
pub(super) use crate::controllers::gateway_of_istio::ISTIO;
use crate::controllers::gateway_of_istio::built_in_controller;
use crate::controllers::gateway_routes::{Candidate, Reader, host_rank};
use crate::controllers::kserve::{Endpoint, RouteKind, ServingRoute};
use crate::path::World;
use crate::values::k8s::ResourceRef;

/// The AWS Load Balancer Controller, and that of EKS Auto Mode.
pub(super) const ALB: [&str; 2] = ["gateway.k8s.aws/alb", "eks.amazonaws.com/gateway-alb"];

/// A route and the object that it is.
pub(in crate::path::simulator) struct Route {
    /// With the hosts that the listeners leave of its own.
    pub(in crate::path::simulator) candidate: Candidate,
    pub(super) by: ResourceRef,
    /// Whether it is attached only if its namespace has the labels that a listener demands.
    pub(super) by_unknown_labels: bool,
}

impl Route {
    pub(super) fn shown(&self) -> String {
        shown(&self.by)
    }
}

fn shown(by: &ResourceRef) -> String {
    format!("{} {}/{}", by.kind, by.namespace.as_deref().unwrap_or("default"), by.name)
}

/// A route of a Gateway that none of its listeners takes.
pub(in crate::path::simulator) struct LeftRoute {
    by: ResourceRef,
    hostnames: Vec<String>,
    /// The listener that comes nearest, by its place, and why it does not take the route.
    listener: usize,
    why: Detached,
}

impl LeftRoute {
    /// Whether it is for a host.
    pub(super) fn has(&self, host: &str) -> bool {
        host_rank(&self.hostnames, host).is_some()
    }

    /// The object and the field to change, and why.
    pub(super) fn blame(&self, gateway: &Kept<Gateway>) -> (ResourceRef, String, String) {
        let text = format!(
            "{} is not attached to the Gateway {}: {}",
            shown(&self.by),
            full_name(gateway),
            self.why
        );
        match self.why.listener_field() {
            Some(field) => {
                let field = format!("spec.listeners[{}].{field}", self.listener);
                ((*gateway.resource).clone(), field, text)
            }
            None => (self.by.clone(), "spec.parentRefs".to_owned(), text),
        }
    }
}

/// Who reads the routes of a Gateway, by its class; `None` where that is not known.
pub(in crate::path::simulator) fn reader_of(class: Option<&str>) -> Option<Reader> {
    match class {
        Some(ISTIO) => Some(Reader::Istio),
        Some(controller) if ALB.contains(&controller) => Some(Reader::Alb),
        _ => None,
    }
}

/// The routes of a Gateway.
#[derive(Default)]
pub(in crate::path::simulator) struct Routes {
    pub(in crate::path::simulator) attached: Vec<Route>,
    pub(super) left: Vec<LeftRoute>,
}

/// `NAMESPACE/NAME`.
pub(super) fn full_name(gateway: &Kept<Gateway>) -> String {
    let namespace = gateway.resource.namespace.as_deref().unwrap_or("default");
    format!("{namespace}/{}", gateway.resource.name)
}

/// The controller of a Gateway's class, where it is known.
pub(in crate::path::simulator) fn class_of<'w>(
    world: &'w World<'_>,
    gateway: &Kept<Gateway>,
) -> Option<&'w str> {
    let name = &gateway.object.spec.gateway_class_name;
    let mut classes = world.cluster.objects.gateway_classes.iter();
    let found = classes.find(|one| one.resource.name == *name);
    let given = found.map(|class| class.object.spec.controller_name.as_str());
    given.or_else(|| built_in_controller(name))
}

/// The routes that the listeners of a port of a Gateway take, and those that none of them does.
pub(in crate::path::simulator) fn candidates(
    world: &World<'_>,
    gateway: &Kept<Gateway>,
    port: i32,
) -> Routes {
    let name = full_name(gateway);
    let mut routes = Routes::default();
    let mut known: Vec<ResourceRef> = Vec::new();
    let of_package = world.cluster.objects.routes.iter();
    let of_package =
        of_package.filter(|kept| matches!(kept.resource.kind.as_str(), "HTTPRoute" | "GRPCRoute"));
    for kept in of_package {
        let own = kept.resource.namespace.as_deref().unwrap_or("default");
        let parents = kept.object.spec.parent_refs.iter().filter(|parent| {
            let namespace = parent.namespace.as_deref().unwrap_or(own);
            parent.is_gateway() && format!("{namespace}/{}", parent.name) == name
        });
        let parents: Vec<&ParentReference> = parents.collect();
        let candidate = Candidate {
            kind: kept.resource.kind.clone(),
            hostnames: kept.object.spec.hostnames.clone(),
            rules: kept.object.spec.rules.clone(),
        };
        add(world, gateway, port, &parents, candidate, &kept.resource, &mut routes);
        known.push((*kept.resource).clone());
    }
    routes.attached.sort_by(|one, other| one.by.cmp(&other.by));
    let parent = ParentReference::default();
    for endpoint in world.model.endpoints.iter().filter(|one| one.kind.is_kserve()) {
        for route in &endpoint.routes {
            if route.kind == RouteKind::HttpRoute && route.gateways.contains(&name) {
                let created = of_kserve(world, endpoint, route);
                if let Some((candidate, by)) = created.filter(|(_, by)| !known.contains(by)) {
                    add(world, gateway, port, &[&parent], candidate, &by, &mut routes);
                }
            }
        }
    }
    routes
}

/// Adds a route with some of a Gateway's listeners as its parents.
fn add(
    world: &World<'_>,
    gateway: &Kept<Gateway>,
    port: i32,
    parents: &[&ParentReference],
    candidate: Candidate,
    by: &ResourceRef,
    routes: &mut Routes,
) {
    let namespace = by.namespace.as_deref().unwrap_or("default");
    let mut namespaces = world.cluster.objects.namespaces.iter();
    let labels = namespaces.find(|one| one.resource.name == namespace);
    let attaching = Attaching {
        kind: &candidate.kind,
        namespace,
        labels: labels.map(|one| &one.object.metadata.labels),
        hostnames: &candidate.hostnames,
        by_aws: class_of(world, gateway).is_some_and(|class| ALB.contains(&class)),
    };
    let own = gateway.resource.namespace.as_deref().unwrap_or("default");
    let mut taken: Option<(Vec<String>, bool)> = None;
    let mut left: Option<(Detached, usize)> = None;
    let listeners = gateway.object.spec.listeners.iter().enumerate();
    for (place, listener) in listeners.filter(|(_, one)| one.port == port) {
        for parent in parents {
            match attach(listener, own, parent, &attaching) {
                Attachment::Attached { hostnames, by_unknown_labels } => {
                    taken = Some(match taken {
                        None => (hostnames, by_unknown_labels),
                        // Without a host it is for every host.
                        Some((known, is_unknown)) if known.is_empty() || hostnames.is_empty() => {
                            (Vec::new(), is_unknown && by_unknown_labels)
                        }
                        Some((known, is_unknown)) => (
                            known.into_iter().chain(hostnames).collect(),
                            is_unknown && by_unknown_labels,
                        ),
                    });
                }
                Attachment::Refused(why) => left = left.or(Some((why, place))),
            }
        }
    }
    match (taken, left) {
        (Some((hostnames, by_unknown_labels)), _) => routes.attached.push(Route {
            candidate: Candidate { hostnames, ..candidate },
            by: by.clone(),
            by_unknown_labels,
        }),
        (None, Some((why, listener))) => routes.left.push(LeftRoute {
            by: by.clone(),
            hostnames: candidate.hostnames,
            listener,
            why,
        }),
        (None, None) => {}
    }
}

/// A route that `KServe` creates. Behind a pool are the pods of the Service that serves without one.
fn of_kserve(
    world: &World<'_>,
    endpoint: &Endpoint,
    route: &ServingRoute,
) -> Option<(Candidate, ResourceRef)> {
    let by = ResourceRef {
        api_version: "gateway.networking.k8s.io/v1".to_owned(),
        kind: "HTTPRoute".to_owned(),
        namespace: Some(endpoint.namespace.clone()),
        name: route.name.clone(),
    };
    let mut spec = world.model.http_route(endpoint, route)?;
    let backends = spec.rules.iter_mut().flat_map(|rule| &mut rule.backend_refs);
    if let Some(llm) = &endpoint.llm {
        for backend in backends.filter(|one| one.is_inference_pool()) {
            (backend.group, backend.kind) = (None, None);
            backend.name.clone_from(&llm.service);
        }
    }
    let RouteSpec { hostnames, rules, .. } = spec;
    Some((Candidate { kind: "HTTPRoute".to_owned(), hostnames, rules }, by))
}

/// The Gateway whose routes and listeners have a host, the most specific one first; else one that a route
/// of the host wants to be attached to, and is not.
pub(in crate::path::simulator) fn for_host(
    world: &World<'_>,
    services: &GatewayServices,
    host: &str,
) -> Option<usize> {
    let gateways = world.cluster.objects.gateways.iter().enumerate();
    let ranked = gateways.filter_map(|(place, kept)| {
        if is_inside(world, services, kept) {
            return None;
        }
        let ports: BTreeSet<i32> = kept.object.spec.listeners.iter().map(|one| one.port).collect();
        let of_ports = ports.into_iter().map(|port| candidates(world, kept, port));
        let rank = |routes: Routes| {
            let attached = routes.attached.iter();
            let best = attached.filter_map(|one| host_rank(&one.candidate.hostnames, host)).max();
            best.map(Some).or_else(|| routes.left.iter().any(|one| one.has(host)).then_some(None))
        };
        Some((of_ports.filter_map(rank).max()?, std::cmp::Reverse(place)))
    });
    ranked.max().map(|(_, std::cmp::Reverse(place))| place)
}

/// Whether clients outside the cluster come to a Gateway by another load balancer alone.
fn is_inside(world: &World<'_>, services: &GatewayServices, gateway: &Kept<Gateway>) -> bool {
    services.is_inside(gateway)
        && !class_of(world, gateway).is_some_and(|class| ALB.contains(&class))
}

/// Whether a Gateway of a known class takes requests from outside by itself.
pub(in crate::path::simulator) fn has_public(
    world: &World<'_>,
    services: &GatewayServices,
) -> bool {
    let mut gateways = world.cluster.objects.gateways.iter();
    gateways.any(|one| class_of(world, one).is_some() && !is_inside(world, services, one))
}
