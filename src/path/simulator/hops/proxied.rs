//! The request as a proxy of the mesh gets it.

use crate::controllers::istio::{HttpRequest, Jwt, Peer, Request};

/// The request as the proxy gets it.
pub(super) fn istio_request(
    sent: &crate::path::simulator::SentRequest,
    peer: Peer,
    port: u16,
    jwt: Jwt,
) -> Request {
    Request {
        peer,
        source_address: None,
        destination_address: None,
        destination_port: port,
        sni: None,
        http: Some(HttpRequest {
            host: sent.host.clone(),
            method: sent.method.clone(),
            path: sent.target.clone(),
            headers: sent.headers.clone(),
            jwt,
        }),
    }
}
