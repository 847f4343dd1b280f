//! The routes of a gateway: which one takes the request, and what it makes of it.

use std::rc::Rc;

use super::proxied::{istio_request, normalize_target};
use super::rewrite;
use super::target::TargetService;
use crate::controllers::alb::objects::IntOrString;
use crate::controllers::istio::{
    Gateway, GatewayRoutes, HttpRoute, Jwt, Peer, RouteName, Routing, VirtualService,
};
use crate::path::simulator::mesh::{ServicePods, gateway_workload};
use crate::path::simulator::outcome::{Cause, Place};
use crate::path::simulator::walk::{Step, Walk};
use crate::values::k8s::ResourceRef;

/// The port of the servers that take what comes to the pods: the pod's own, else the Service's.
pub(super) fn server_port(walk: &Walk<'_, '_, '_>, pods: &ServicePods<'_>, port: u32) -> u32 {
    let own = u32::from(pods.port);
    let has_own = walk
        .simulator
        .mesh
        .gateways_of(pods.labels)
        .any(|gateway| gateway.spec.servers.iter().any(|server| server.port.number == own));
    if has_own { own } else { port }
}

/// The routes of the pods' servers.
pub(super) fn routes(
    walk: &Walk<'_, '_, '_>,
    pods: &ServicePods<'_>,
    port: u32,
) -> Rc<GatewayRoutes> {
    let mesh = &walk.simulator.mesh;
    let port = server_port(walk, pods, port);
    let key = (pods.namespace.clone(), pods.labels.clone(), port);
    let known = walk.simulator.routes.borrow().get(&key).cloned();
    known.unwrap_or_else(|| {
        let written = Rc::new(GatewayRoutes::on_port(
            &mesh.mesh,
            &gateway_workload(pods),
            &mesh.gateways,
            &mesh.virtual_services,
            port,
        ));
        walk.simulator.routes.borrow_mut().insert(key, Rc::clone(&written));
        written
    })
}

/// The Service that the route leads to.
pub(super) fn follow(
    walk: &mut Walk<'_, '_, '_>,
    pods: &ServicePods<'_>,
    port: u32,
    routes: &GatewayRoutes,
) -> Step<TargetService> {
    let request = istio_request(&walk.request, Peer::Plaintext, pods.port, Jwt::Absent);
    let name = match routes.route(&request) {
        Routing::Route(name) => name,
        Routing::NoServer => {
            let text = format!("no Gateway of these pods has an HTTP server for port {port}");
            let gateway = walk.simulator.mesh.gateways_of(pods.labels).next().map(reference);
            let field = gateway.as_ref().map(|_| "spec.servers".to_owned());
            let status = walk.status_without_server();
            let cause = Cause::GatewayNoServer;
            return Err(walk.ends(Place::Route, gateway, field, text, status, cause));
        }
        Routing::Malformed => {
            let text = "the gateway does not take the request's path";
            return Err(walk.ends(Place::Route, None, None, text, 400, Cause::GatewayBadRequest));
        }
        Routing::NotFound { host } => {
            let (by, field, text) = unrouted(walk, pods, host);
            let cause = Cause::GatewayNoRoute;
            return Err(walk.ends(Place::Route, by, field, text, 404, cause));
        }
        Routing::HttpsRedirect => {
            let text = "a server of the host has httpsRedirect";
            return Err(walk.ends(
                Place::Route,
                None,
                None,
                text,
                301,
                Cause::GatewayHttpsRedirect,
            ));
        }
        Routing::Undecided { why } => {
            let why: Vec<String> = why.iter().map(ToString::to_string).collect();
            let text = format!("the route is not decided: {}", why.join(", "));
            walk.doubts(Place::Route, None, text.clone(), 200, Cause::OtherServiceAnswers);
            return Err(walk.ends(Place::Route, None, None, text, 404, Cause::GatewayNoRoute));
        }
    };
    normalize_target(walk, Place::Route);
    to_route(walk, &name)
}

/// Takes a route.
pub(super) fn to_route(walk: &mut Walk<'_, '_, '_>, name: &RouteName) -> Step<TargetService> {
    let mesh = &walk.simulator.mesh;
    let service = mesh.virtual_service(&name.namespace, &name.virtual_service);
    let route = service.and_then(|service| Some((service, service.spec.http.get(name.index)?)));
    match route {
        Some((service, route)) => taken(walk, service, route, name),
        None => Err(walk.ends(
            Place::Route,
            None,
            None,
            "the route is gone",
            None,
            Cause::GatewayNoRoute,
        )),
    }
}

/// Why no route takes a request: the object to change and its field, where one has the host.
fn unrouted(
    walk: &Walk<'_, '_, '_>,
    pods: &ServicePods<'_>,
    found: Option<String>,
) -> (Option<ResourceRef>, Option<String>, String) {
    let mesh = &walk.simulator.mesh;
    let host = walk.request.host.to_ascii_lowercase();
    let mut services = mesh.virtual_services.iter();
    let Some(service) = services.find(|one| one.spec.hosts.contains(&host)) else {
        let text = match found {
            Some(host) => format!("no route of the host {host} takes it: 404"),
            None => format!("no VirtualService has the host {host}: 404"),
        };
        return (None, None, text);
    };
    let shown = format!("{}/{}", service.namespace(), service.metadata.name);
    if found.is_some() {
        let text = format!("no route of VirtualService {shown} takes it: 404");
        return (Some(of_service(service)), Some("spec.http".to_owned()), text);
    }
    let named = |gateway: &&Gateway| {
        let full = gateway.full_name();
        service.spec.gateways.iter().any(|name| {
            *name == full
                || *name == gateway.metadata.name && gateway.namespace() == service.namespace()
        })
    };
    match mesh.gateways_of(pods.labels).find(named) {
        Some(gateway) => {
            let text = format!(
                "the Gateway {} has no server for the host {host}, which VirtualService {shown} has: 404",
                gateway.full_name()
            );
            (Some(reference(gateway)), Some("spec.servers".to_owned()), text)
        }
        None => {
            let text = format!(
                "VirtualService {shown} has the host {host} for the Gateways {}, none of which selects these pods: 404",
                service.spec.gateways.join(", ")
            );
            (Some(of_service(service)), Some("spec.gateways".to_owned()), text)
        }
    }
}

pub(super) fn reference(gateway: &Gateway) -> ResourceRef {
    ResourceRef {
        api_version: "networking.istio.io/v1beta1".to_owned(),
        kind: "Gateway".to_owned(),
        namespace: Some(gateway.namespace().to_owned()),
        name: gateway.metadata.name.clone(),
    }
}

fn of_service(service: &VirtualService) -> ResourceRef {
    ResourceRef {
        api_version: "networking.istio.io/v1beta1".to_owned(),
        kind: "VirtualService".to_owned(),
        namespace: Some(service.namespace().to_owned()),
        name: service.metadata.name.clone(),
    }
}

fn taken(
    walk: &mut Walk<'_, '_, '_>,
    service: &VirtualService,
    route: &HttpRoute,
    name: &RouteName,
) -> Step<TargetService> {
    let by = Some(of_service(service));
    let field = Some(format!("spec.http[{}]", name.index));
    if let Some(redirect) = &route.redirect {
        let code = redirect.get("redirectCode").and_then(serde_json::Value::as_u64).unwrap_or(301);
        let status = u16::try_from(code).ok();
        return Err(walk.ends(
            Place::Route,
            by,
            field,
            "the route redirects it",
            status,
            Cause::RouteRedirect,
        ));
    }
    if let Some(response) = route.direct_response {
        let status = u16::try_from(response.status).ok();
        return Err(walk.ends(
            Place::Route,
            by,
            field,
            "the route answers it",
            status,
            Cause::RouteDirectResponse,
        ));
    }
    let weighted = route.route.iter().filter(|to| to.weight > 0);
    let picked = walk.pick(weighted, |to| {
        format!("VirtualService {name} sends a share to {}", to.destination.host)
    });
    let Some(to) = picked.or_else(|| route.route.first()) else {
        return Err(walk.ends(
            Place::Route,
            by,
            field,
            "the route has no destination",
            503,
            Cause::GatewayNoRoute,
        ));
    };
    rewrite::follow(walk, route, to, name);
    let host = to.destination.host.as_str();
    let mut labels = host.split('.');
    let own = labels.next().unwrap_or_default().to_owned();
    let namespace = labels.next().unwrap_or_else(|| service.namespace()).to_owned();
    walk.is_dashboard = service.metadata.name == "centraldashboard" || is_catch_all(service, route);
    let text = format!("VirtualService {name} takes it to {namespace}/{own}");
    walk.passes(Place::Route, by, field, text);
    let port = to.destination.port.map_or(80, |port| port.number);
    let target = TargetService {
        namespace,
        name: own,
        port: IntOrString::Int(i32::try_from(port).unwrap_or(80)),
        health_check: None,
        over_tls: None,
    };
    Ok(resolve_alias(walk, target))
}

/// What `KServe` and Knative route has a Service of type ExternalName, which stands for the gateway inside of
/// the cluster.
pub(super) fn resolve_alias(walk: &Walk<'_, '_, '_>, target: TargetService) -> TargetService {
    let key = (target.namespace.clone(), target.name.clone());
    if !walk.simulator.mesh.knative_services.contains(&key) {
        return target;
    }
    TargetService {
        namespace: "istio-system".to_owned(),
        name: "knative-local-gateway".to_owned(),
        ..target
    }
}

/// Whether a route takes every path of every host.
fn is_catch_all(service: &VirtualService, route: &HttpRoute) -> bool {
    let every_path = route.matches.is_empty()
        || route.matches.iter().any(|one| {
            one.headers.is_empty()
                && one.authority.is_none()
                && one.uri.as_ref().is_none_or(|uri| uri.prefix.as_deref() == Some("/"))
        });
    every_path && service.spec.hosts.iter().any(|host| host == "*")
}
