//! The routes of a gateway: which one takes the request, and what it makes of it.

use std::rc::Rc;

use super::proxied::istio_request;
use super::target::TargetService;
use crate::controllers::alb::objects::IntOrString;
use crate::controllers::istio::{
    Gateway, GatewayRoutes, Headers, HttpRoute, Jwt, Peer, RouteName, Routing, VirtualService,
};
use crate::path::simulator::mesh::{PodsBehind, gateway_workload};
use crate::path::simulator::outcome::{Cause, Place};
use crate::path::simulator::walk::{Step, Walk};
use crate::values::k8s::ResourceRef;

/// The port of the servers that take what comes to the pods: the pod's own, else the Service's.
fn server_port(walk: &Walk<'_, '_, '_>, pods: &PodsBehind<'_>, port: u32) -> u32 {
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
    pods: &PodsBehind<'_>,
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
    pods: &PodsBehind<'_>,
    port: u32,
) -> Step<TargetService> {
    let request = istio_request(&walk.request, Peer::Plaintext, pods.port, Jwt::Absent);
    let name = match routes(walk, pods, port).route(&request) {
        Routing::Route(name) => name,
        Routing::NoServer => {
            let text = format!("no Gateway of these pods has an HTTP server for port {port}");
            let gateway = walk.simulator.mesh.gateways_of(pods.labels).next().map(reference);
            doubt_encrypted(walk, pods, server_port(walk, pods, port));
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
    let mesh = &walk.simulator.mesh;
    let service = mesh.virtual_service(&name.namespace, &name.virtual_service);
    let route = service.and_then(|service| Some((service, service.spec.http.get(name.index)?)));
    match route {
        Some((service, route)) => taken(walk, service, route, &name),
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

/// Notes a server of the port that takes TLS. Which of them a load balancer is given, and with what
/// certificate, depends on the server name that it sends, of which AWS documents nothing.
fn doubt_encrypted(walk: &mut Walk<'_, '_, '_>, pods: &PodsBehind<'_>, port: u32) {
    let mesh = &walk.simulator.mesh;
    let found = mesh.gateways_of(pods.labels).find_map(|gateway| {
        let mut servers = gateway.spec.servers.iter();
        let server = servers.find(|one| one.port.number == port && one.is_encrypted())?;
        Some((gateway, server))
    });
    if let Some((gateway, server)) = found {
        let text = format!(
            "the Gateway {} takes {} on port {port}, and requests over TLS are not followed through a gateway",
            gateway.full_name(),
            server.port.protocol
        );
        let by = Some(reference(gateway));
        walk.doubts(Place::Route, by, text, 200, Cause::OtherServiceAnswers);
    }
}

/// Why no route takes a request: the object to change and its field, where one has the host.
fn unrouted(
    walk: &Walk<'_, '_, '_>,
    pods: &PodsBehind<'_>,
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

fn reference(gateway: &Gateway) -> ResourceRef {
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
    rewrite(walk, route, name);
    for headers in [&route.headers, &to.headers].into_iter().flatten() {
        set_headers(walk, headers);
    }
    let host = to.destination.host.as_str();
    let mut labels = host.split('.');
    let own = labels.next().unwrap_or_default().to_owned();
    let namespace = labels.next().unwrap_or_else(|| service.namespace()).to_owned();
    walk.is_dashboard = service.metadata.name == "centraldashboard" || is_catch_all(service, route);
    let text = format!("VirtualService {name} takes it to {namespace}/{own}");
    walk.passes(Place::Route, by, field, text);
    let port = to.destination.port.map_or(80, |port| port.number);
    Ok(TargetService {
        namespace,
        name: own,
        port: IntOrString::Int(i32::try_from(port).unwrap_or(80)),
        health_check: None,
    })
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

/// A prefix that matched is replaced, any other path as a whole.
fn rewrite(walk: &mut Walk<'_, '_, '_>, route: &HttpRoute, name: &RouteName) {
    let Some(rewrite) = &route.rewrite else { return };
    if !rewrite.authority.is_empty() {
        walk.request.host.clone_from(&rewrite.authority);
    }
    if rewrite.uri.is_empty() {
        return;
    }
    let of_match = name.match_index.and_then(|index| route.matches.get(index));
    let prefix = of_match.and_then(|one| one.uri.as_ref()?.prefix.as_deref());
    let (path, query) = match walk.request.target.split_once('?') {
        Some((path, query)) => (path.to_owned(), format!("?{query}")),
        None => (walk.request.target.clone(), String::new()),
    };
    let path = match prefix.and_then(|prefix| path.strip_prefix(prefix)) {
        Some(rest) => format!("{}{rest}", rewrite.uri),
        None => rewrite.uri.clone(),
    };
    walk.request.target = format!("{path}{query}");
}

fn set_headers(walk: &mut Walk<'_, '_, '_>, headers: &Headers) {
    let operations = &headers.request;
    for (name, value) in &operations.set {
        if name.eq_ignore_ascii_case("host") || name == ":authority" {
            walk.request.host.clone_from(value);
        } else {
            walk.request.headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
            walk.request.headers.push((name.clone(), value.clone()));
        }
    }
    walk.request
        .headers
        .retain(|(own, _)| !operations.remove.iter().any(|name| own.eq_ignore_ascii_case(name)));
    walk.request
        .headers
        .extend(operations.add.iter().map(|(name, value)| (name.clone(), value.clone())));
}
