//! A request of a pod: it finds a Service of the cluster by the host that it requests.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::proxied::{istio_request, normalize_target};
use super::route::{resolve_alias, to_route};
use super::target::TargetService;
use crate::controllers::alb::objects::IntOrString;
use crate::controllers::istio::{GatewayRoutes, Jwt, Peer, Routing, Workload};
use crate::path::simulator::Client;
use crate::path::simulator::outcome::{Cause, Place};
use crate::path::simulator::walk::{Step, Walk};

/// The Service that the host names: of what `KServe` and Knative route, the gateway inside the
/// cluster, to which their Services of type ExternalName lead. The sidecar of a pod takes the routes of
/// VirtualServices first.
pub(in crate::path::simulator) fn follow(walk: &mut Walk<'_, '_, '_>) -> Step<TargetService> {
    let host = walk.request.host.to_ascii_lowercase();
    let mut labels = host.split('.');
    let (Some(name), Some(namespace)) = (labels.next(), labels.next()) else {
        let text = format!("{host} is not the name of a Service");
        return Err(walk.ends(Place::Dns, None, None, text, None, Cause::DnsNoRecord));
    };
    if !matches!(labels.next(), None | Some("svc")) {
        let text = format!("{host} is not a name of the cluster");
        return Err(walk.ends(Place::Dns, None, None, text, None, Cause::DnsNoRecord));
    }
    let target = TargetService {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        port: IntOrString::Int(80),
        health_check: None,
        over_tls: None,
    };
    if let Client::Pod { namespace, in_mesh: true, .. } = walk.request.client.clone()
        && let Some(target) = by_sidecar(walk, &namespace, &target)?
    {
        return Ok(target);
    }
    let target = resolve_alias(walk, target);
    let text = format!("{host} leads to the Service {}/{}", target.namespace, target.name);
    walk.passes(Place::Dns, None, None, text);
    Ok(target)
}

/// The Service that a VirtualService for sidecars leads to; `None` where none has the Service's name.
fn by_sidecar(
    walk: &mut Walk<'_, '_, '_>,
    namespace: &str,
    called: &TargetService,
) -> Step<Option<TargetService>> {
    let routes = routes(walk, namespace);
    let request = istio_request(&walk.request, Peer::Plaintext, 80, Jwt::Absent);
    let full = format!("{}.{}.svc.cluster.local", called.name, called.namespace);
    let name = match routes.route_to(&request, &full) {
        Routing::Route(name) => name,
        Routing::NotFound { host: None } | Routing::NoServer | Routing::HttpsRedirect => {
            return Ok(None);
        }
        Routing::Malformed => {
            let text = "the sidecar of the pod does not take the request's path";
            return Err(walk.ends(Place::Route, None, None, text, 400, Cause::GatewayBadRequest));
        }
        Routing::NotFound { host: Some(host) } => {
            let text = format!("no route of the host {host} takes it at the pod's sidecar: 404");
            return Err(walk.ends(Place::Route, None, None, text, 404, Cause::GatewayNoRoute));
        }
        Routing::Undecided { why } => {
            let why: Vec<String> = why.iter().map(ToString::to_string).collect();
            let text = format!("the route is not decided: {}", why.join(", "));
            walk.doubts(Place::Route, None, text.clone(), 200, Cause::OtherServiceAnswers);
            return Err(walk.ends(Place::Route, None, None, text, 404, Cause::GatewayNoRoute));
        }
    };
    normalize_target(walk, Place::Route);
    to_route(walk, &name).map(Some)
}

/// The routes of sidecars in a namespace, written once.
fn routes(walk: &Walk<'_, '_, '_>, namespace: &str) -> Rc<GatewayRoutes> {
    let simulator = walk.simulator;
    let mesh = &simulator.mesh;
    let namespace = if mesh.routes_are_by_namespace { namespace } else { "" };
    let key = (namespace.to_owned(), BTreeMap::new(), 0);
    let known = simulator.routes.borrow().get(&key).cloned();
    known.unwrap_or_else(|| {
        let workload = Workload::sidecar(namespace, BTreeMap::new());
        let all = &mesh.virtual_services;
        let written = Rc::new(GatewayRoutes::of_sidecar(&mesh.mesh, &workload, all, 80));
        simulator.routes.borrow_mut().insert(key, Rc::clone(&written));
        written
    })
}
