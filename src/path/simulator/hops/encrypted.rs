//! The connection of a load balancer to a gateway, which may be over TLS.
//!
//! A load balancer checks no certificate of its targets ("HTTPS" in `load-balancer-target-groups.html` of its
//! guide). Whether it sends a server name is documented nowhere; users observe that it sends none
//! (istio/istio#31421 and #35420), so that a server that is for certain hosts is not chosen.

use std::rc::Rc;

use super::route::{reference, server_port};
use crate::controllers::istio::GatewayRoutes;
use crate::path::simulator::mesh::{ServicePods, gateway_workload};
use crate::path::simulator::outcome::{Cause, Place};
use crate::path::simulator::walk::{Step, Walk};

/// The routes behind the server that takes the connection; `None` where it is in plaintext.
pub(super) fn connect(
    walk: &mut Walk<'_, '_, '_>,
    pods: &ServicePods<'_>,
    port: u32,
    over_tls: bool,
) -> Step<Option<Rc<GatewayRoutes>>> {
    let mesh = &walk.simulator.mesh;
    let number = server_port(walk, pods, port);
    let servers = || {
        let all = mesh.gateways_of(pods.labels).flat_map(|gateway| {
            gateway.spec.servers.iter().enumerate().map(move |(place, one)| (gateway, place, one))
        });
        all.filter(|(_, _, server)| server.port.number == number)
    };
    let plain = servers().find(|(_, _, server)| server.is_plain_http());
    let encrypted = servers().find(|(_, _, server)| server.is_encrypted());
    let (wrong, text) = match (over_tls, plain, encrypted) {
        (false, None, Some(wrong)) => (
            wrong,
            "the load balancer sends plain HTTP to a server that takes TLS; set alb.ingress.kubernetes.io/backend-protocol: HTTPS",
        ),
        (true, Some(wrong), None) => (
            wrong,
            "the load balancer sends TLS to a server that takes plain HTTP; remove alb.ingress.kubernetes.io/backend-protocol",
        ),
        (true, _, Some(_)) => return over(walk, pods, number).map(Some),
        _ => return Ok(None),
    };
    let (gateway, place, _) = wrong;
    let (by, field) = (Some(reference(gateway)), Some(format!("spec.servers[{place}].port")));
    Err(walk.ends(Place::Route, by, field, text, 502, Cause::WrongProtocol))
}

/// The routes of the server that is chosen by the server name: the request's host, or none.
fn over(
    walk: &mut Walk<'_, '_, '_>,
    pods: &ServicePods<'_>,
    number: u32,
) -> Step<Rc<GatewayRoutes>> {
    let mesh = &walk.simulator.mesh;
    let servers = mesh.gateways_of(pods.labels).flat_map(|gateway| {
        gateway.spec.servers.iter().enumerate().map(move |(place, one)| (gateway, place, one))
    });
    let servers: Vec<_> = servers
        .filter(|(_, _, server)| server.port.number == number && server.is_encrypted())
        .collect();
    let host = walk.request.host.to_ascii_lowercase();
    // The most specific one, as Envoy's filter chains are matched.
    let named = |name: Option<&str>| {
        let takes = servers.iter().filter(|(_, _, server)| server.takes_name(name));
        takes.copied().min_by_key(|(_, _, server)| server.takes_name(None))
    };
    let mut ways = vec![(None, named(None)), (Some(host.as_str()), named(Some(&host)))];
    ways.dedup_by_key(|(_, server)| server.map(|(gateway, place, _)| (gateway.full_name(), place)));
    let picked = walk.pick(&ways, |(name, _)| match name {
        None => "the load balancer sends no server name to the gateway".to_owned(),
        Some(name) => format!("the load balancer sends the server name {name} to the gateway"),
    });
    let Some((gateway, place, server)) = picked.and_then(|(_, server)| *server) else {
        let (gateway, place, _) = servers[0];
        let text = format!(
            "the Gateway {} takes TLS on port {number} for the hosts of its servers alone, which are chosen by a server name that a load balancer does not send; add a server for *",
            gateway.full_name()
        );
        let (by, field) = (Some(reference(gateway)), Some(format!("spec.servers[{place}].hosts")));
        return Err(walk.ends(Place::Route, by, field, text, 502, Cause::GatewayNoServer));
    };
    if !server.ends_tls() {
        let text = format!(
            "the Gateway {} passes TLS on, or demands a certificate of its clients, which is not supported",
            gateway.full_name()
        );
        let by = Some(reference(gateway));
        walk.doubts(Place::Route, by, text, 502, Cause::WrongProtocol);
    }
    walk.assumes(format!(
        "TLS: the certificate of the Gateway {} is in the cluster",
        gateway.full_name()
    ));
    let text = format!("the Gateway {} ends TLS", gateway.full_name());
    let field = Some(format!("spec.servers[{place}]"));
    walk.passes(Place::Tls, Some(reference(gateway)), field, text);
    Ok(Rc::new(GatewayRoutes::of_tls_server(
        &mesh.mesh,
        &gateway_workload(pods),
        (gateway, server),
        &mesh.virtual_services,
    )))
}
