//! The listener of the port, and its certificate by the server's name.

use crate::controllers::alb::model::Protocol;
use crate::path::simulator::outcome::{Cause, Place};
use crate::path::simulator::walk::{Step, Walk};
use crate::values::dns_name::WildcardName;

const LISTEN_PORTS: &str = "metadata.annotations[alb.ingress.kubernetes.io/listen-ports]";

pub(in crate::path::simulator) fn follow(walk: &mut Walk<'_, '_, '_>, balancer: usize) -> Step<()> {
    let simulator = walk.simulator;
    let balancer = &simulator.balancers[balancer];
    let first = balancer.members.first().map(|member| member.ingress.reference());
    let Ok(model) = &balancer.model else {
        let text = "the controller cannot build the load balancer";
        return Err(walk.ends(Place::Tls, first, None, text, None, Cause::NoLoadBalancer));
    };
    let port = walk.request.listener_port();
    let Some(listener) = model.listeners.iter().find(|one| one.port == i32::from(port)) else {
        let text = format!("the load balancer {} has no listener on port {port}", balancer.id);
        let field = Some(LISTEN_PORTS.to_owned());
        return Err(walk.ends(Place::Tls, first, field, text, None, Cause::NoListener));
    };
    let is_https = walk.request.scheme == "https";
    if is_https != (listener.protocol == Protocol::Https) {
        let text =
            format!("the listener {listener} speaks another protocol than {}", walk.request.scheme);
        let field = Some(LISTEN_PORTS.to_owned());
        return Err(walk.ends(Place::Tls, first, field, text, None, Cause::WrongProtocol));
    }
    if !is_https {
        walk.passes(Place::Tls, first, None, format!("the listener {listener} takes plain HTTP"));
        return Ok(());
    }
    let host = walk.request.host.to_ascii_lowercase();
    let known =
        simulator.facts.certificate_names.as_ref().or(simulator.world.certificate_names.as_ref());
    match (known, host.parse::<WildcardName>()) {
        (Some(names), Ok(name)) if !names.cover(&name) => {
            let near =
                names.near_miss(&name).map(|near| format!("; {near} covers one label alone"));
            let text = format!("no certificate has a name for {host}{}", near.unwrap_or_default());
            let key = "metadata.annotations[alb.ingress.kubernetes.io/certificate-arn]";
            let field = Some(key.to_owned());
            return Err(walk.ends(Place::Tls, first, field, text, None, Cause::TlsNameUncovered));
        }
        (Some(_), _) => {
            walk.passes(
                Place::Tls,
                first,
                None,
                format!("a certificate of {listener} covers {host}"),
            );
        }
        (None, _) => {
            let text = format!("the certificate of {listener} is taken to cover {host}");
            walk.assumes(format!("TLS: {text}"));
            walk.passes(Place::Tls, first, None, text);
        }
    }
    Ok(())
}
