//! The Gateways of the Gateway API: which controller each has, and which routes its listeners take.
//!
//! Modelled are the AWS Load Balancer Controller's classes (`gateway.k8s.aws/alb` and `…/nlb`,
//! `pkg/gateway/constants/controller_constants.go`) and Istio's (`istio.io/gateway-controller`,
//! `pilot/pkg/config/kube/gateway/conversion.go`). Each takes some kinds of routes; one of another
//! kind is not attached.

use super::context::DoorContext;
use super::reach::{Why, service_of_dns_name};
use crate::cluster::Kept;
use crate::controllers::gateway_api::{Gateway, ParentReference};
use crate::controllers::gateway_listeners::{Attaching, Attachment, Detached, attach};
use crate::controllers::gateway_of_istio::ISTIO;

/// The AWS Load Balancer Controller's classes, each with the routes that it takes (`L7RouteFilter` and
/// `L4RouteFilter` in `pkg/gateway/routeutils/loader.go`).
const AWS: [(&str, &[&str]); 2] = [
    ("gateway.k8s.aws/alb", &["HTTPRoute", "GRPCRoute"]),
    ("gateway.k8s.aws/nlb", &["TCPRoute", "TLSRoute", "UDPRoute"]),
];
/// `pilot/pkg/config/kube/gateway/route_collections.go`, which has no collection of `UDPRoutes`.
const OF_ISTIO: [&str; 4] = ["HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"];

/// A route, written or created, as a listener looks at it.
pub(super) struct AttachingRoute<'r> {
    pub(super) kind: &'r str,
    pub(super) namespace: &'r Option<String>,
    /// Its hosts; every host where empty.
    pub(super) hostnames: &'r [String],
}

/// What the Gateway of a name is to a route.
pub(super) enum Found<'w> {
    /// A listener takes the route.
    Modelled(Taken<'w>),
    /// It is served by the pods in front of which the Ingress is.
    Target,
    /// Its controller takes no such routes.
    Unattached,
    /// This is missing to know what it is.
    Missing(String),
    /// It does not lead the route's requests in from outside, for this reason.
    Closed(String),
}

/// A Gateway with a listener that takes a route.
pub(super) struct Taken<'w> {
    pub(super) gateway: &'w Kept<Gateway>,
    /// Whether its controller is AWS's.
    pub(super) is_aws: bool,
    /// The port of the first listener that does.
    pub(super) port: i32,
    /// The hosts that the listeners leave of the route's; every host where empty.
    pub(super) hostnames: Vec<String>,
    /// The labels that are missing to know whether one does.
    pub(super) unknown_labels: Option<String>,
}

/// The Gateway that a parent of a route names; of several that it may be, the one that lets most through.
pub(super) fn gateway<'w>(
    context: &DoorContext<'w, '_>,
    parent: &ParentReference,
    route: &AttachingRoute<'_>,
) -> Found<'w> {
    let namespace = parent.namespace.as_ref().or(route.namespace.as_ref()).cloned();
    let shown = match &namespace {
        Some(namespace) => format!("{namespace}/{}", parent.name),
        None => parent.name.clone(),
    };
    let of_name = context.gateways.named(&context.reach, &namespace, &parent.name);
    let found = of_name.map(|one| found(context, one, &shown, parent, route));
    let most = found.max_by_key(|found| match found {
        Found::Target | Found::Unattached => 0,
        Found::Closed(_) => 1,
        Found::Missing(_) => 2,
        Found::Modelled(taken) => 4 - u8::from(taken.unknown_labels.is_some()),
    });
    most.unwrap_or_else(|| Found::Missing(format!("the Gateway {shown}")))
}

/// What a Gateway is.
fn found<'w>(
    context: &DoorContext<'w, '_>,
    found: &'w Kept<Gateway>,
    shown: &str,
    parent: &ParentReference,
    route: &AttachingRoute<'_>,
) -> Found<'w> {
    let class = &found.object.spec.gateway_class_name;
    match context.gateways.controller(&found.object) {
        None => Found::Missing(format!("the GatewayClass {class} of the Gateway {shown}")),
        Some(ISTIO) if !OF_ISTIO.contains(&route.kind) => Found::Unattached,
        Some(ISTIO) => {
            // Its pods' own Service, or the one that an address names.
            let own = found.object.service_of_istio();
            let namespace = &found.resource.namespace;
            let target = |namespace: &Option<String>, name: &str| {
                let mut hits = context.reach.hits(namespace, name);
                hits.any(|hit| context.reach.sets[hit.set].why == Why::Target)
            };
            let by_address = found.object.spec.addresses.iter().any(|address| {
                match service_of_dns_name(&address.value) {
                    Some((name, of)) => target(&Some(of.to_owned()), name),
                    None => target(namespace, &address.value),
                }
            });
            if target(namespace, &own) || by_address {
                Found::Target
            } else if context.created.is_inside(found) {
                Found::Closed(format!("the Gateway {shown} has a Service of type ClusterIP"))
            } else {
                taken(context, found, (shown, false), parent, route)
            }
        }
        Some(controller) => match AWS.iter().find(|(name, _)| *name == controller) {
            Some((_, kinds)) if kinds.contains(&route.kind) => {
                taken(context, found, (shown, true), parent, route)
            }
            Some(_) => Found::Unattached,
            None => Found::Missing(format!(
                "what the controller {controller} of the Gateway {shown} requires of a request, which is not supported"
            )),
        },
    }
}

/// Whether a listener takes a route. Where a namespace is not given, it may be that of the other object.
fn taken<'w>(
    context: &DoorContext<'w, '_>,
    gateway: &'w Kept<Gateway>,
    (shown, is_aws): (&str, bool),
    parent: &ParentReference,
    route: &AttachingRoute<'_>,
) -> Found<'w> {
    let listeners = &gateway.object.spec.listeners;
    context.reach.count(listeners.len());
    let own = gateway.resource.namespace.as_ref();
    let of_gateway = own.or(route.namespace.as_ref()).map_or("default", String::as_str);
    let of_route = route.namespace.as_ref().or(own).map_or("default", String::as_str);
    let labels = route.namespace.as_ref().and_then(|own| context.gateways.labels.get(own.as_str()));
    let attaching = Attaching {
        kind: route.kind,
        namespace: of_route,
        labels: labels.copied(),
        hostnames: route.hostnames,
        by_aws: is_aws,
    };
    let mut taken: Option<Taken<'_>> = None;
    let mut left: Option<Detached> = None;
    for listener in listeners {
        let mut attachment = attach(listener, of_gateway, parent, &attaching);
        let is_by_labels = listener.allowed_routes.namespaces.selector.is_some();
        if attachment == Attachment::Refused(Detached::Namespace)
            && is_by_labels
            && route.namespace.is_none()
        {
            let hostnames = route.hostnames.to_vec();
            attachment = Attachment::Attached { hostnames, by_unknown_labels: true };
        }
        match attachment {
            Attachment::Refused(why) => left = left.or(Some(why)),
            Attachment::Attached { hostnames, by_unknown_labels } => {
                let unknown_labels = by_unknown_labels.then(|| {
                    format!(
                        "the labels of the Namespace {of_route}, which decide whether the listener {} of the Gateway {shown} takes the route",
                        listener.name
                    )
                });
                match &mut taken {
                    None => {
                        taken = Some(Taken {
                            gateway,
                            is_aws,
                            port: listener.port,
                            hostnames,
                            unknown_labels,
                        });
                    }
                    Some(taken) => {
                        if unknown_labels.is_none() {
                            taken.unknown_labels = None;
                        }
                        if taken.hostnames.is_empty() || hostnames.is_empty() {
                            taken.hostnames.clear();
                        } else {
                            taken.hostnames.extend(hostnames);
                        }
                    }
                }
            }
        }
    }
    match (taken, left) {
        (Some(taken), _) => Found::Modelled(taken),
        (None, Some(why)) => Found::Closed(format!(
            "no listener of the Gateway {shown} takes the route: {}",
            why.reason()
        )),
        // Without a listener it is not valid; what it will have is not known.
        (None, None) => Found::Modelled(Taken {
            gateway,
            is_aws,
            port: 80,
            hostnames: route.hostnames.to_vec(),
            unknown_labels: None,
        }),
    }
}
