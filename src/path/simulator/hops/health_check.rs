//! The health check of a target group, at the pods of a gateway.

use super::gateway::{at_annotation, demands_login, in_force};
use super::proxied::istio_request;
use super::target::HealthCheck;
use crate::controllers::istio::{Jwt, Peer, Routing, Verdict};
use crate::path::simulator::mesh::{ServicePods, gateway_workload};
use crate::path::simulator::outcome::{Cause, Place};
use crate::path::simulator::walk::Walk;

/// Whether the load balancer's health check passes on the gateway's pods. Its own readiness answers on
/// a port of its own; on the port of its traffic the check meets the gateway's policies and routes.
pub(in crate::path::simulator) fn at_gateway(
    walk: &mut Walk<'_, '_, '_>,
    pods: &ServicePods<'_>,
    port: u32,
    check: &HealthCheck,
) {
    let HealthCheck { port: health_port, path, success_codes } = check;
    let advice = format!(
        "set healthcheck-port: \"{}\" and healthcheck-path: /healthz/ready",
        pods.readiness.port
    );
    if pods.readiness.answers(check) {
        if !check.takes(200) {
            let text = format!(
                "the gateway is ready with 200, and the health check takes {success_codes}, so no target is healthy; set success-codes: \"200\""
            );
            walk.doubts(Place::LoadBalancer, None, text, 503, Cause::AlbUnhealthy);
            at_annotation(walk, "success-codes");
        }
        return;
    }
    let is_traffic = matches!(health_port.as_str(), "traffic-port" | "")
        || *health_port == pods.port.to_string();
    let is_known = pods.readiness.is_at(health_port);
    if !is_traffic && !is_known && !pods.ports.iter().any(|port| port == health_port) {
        let text = format!(
            "the health check requests port {health_port}, which the gateway's pods do not have, so no target is healthy; {advice}"
        );
        walk.doubts(Place::LoadBalancer, None, text, 503, Cause::AlbUnhealthy);
        at_annotation(walk, "healthcheck-port");
        return;
    }
    if !is_traffic {
        walk.assumes(format!("the health check of {path} on port {health_port} passes"));
        return;
    }
    let mut request = walk.request.without_credentials();
    request.method = "GET".to_owned();
    request.target.clone_from(path);
    request.host = "10.0.0.10".to_owned();
    let request = istio_request(&request, Peer::Plaintext, pods.port, Jwt::Absent);
    let in_force = in_force(walk, &gateway_workload(pods));
    let answer = match in_force.evaluate(&request).verdict {
        // A check has no session.
        _ if demands_login(walk, pods) => Some(302),
        Verdict::Denied { .. } => Some(403),
        _ => match super::route::routes(walk, pods, port).route(&request) {
            Routing::NotFound { .. } => Some(404),
            Routing::HttpsRedirect => Some(301),
            Routing::NoServer => None,
            _ => {
                walk.assumes(format!("the health check GET {path} of the gateway's pods gets 200"));
                return;
            }
        },
    };
    if answer.is_some_and(|status| check.takes(status)) {
        return;
    }
    let answer = answer.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let text = format!(
        "the health check GET {path} gets {answer} from the gateway, so no target is healthy; {advice}"
    );
    walk.doubts(Place::LoadBalancer, None, text, 503, Cause::AlbUnhealthy);
    at_annotation(walk, "healthcheck-path");
}
