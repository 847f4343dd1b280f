//! The request as a proxy of the mesh gets it.

use crate::controllers::istio::{HttpRequest, Jwt, OLDER_ENVOY, Peer, Request, normal_targets};
use crate::path::simulator::outcome::{Cause, Place};
use crate::path::simulator::walk::Walk;

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

/// The request as a proxy sends it on: of several releases, as the newest does, and noted what an older one's server
/// does not know.
pub(super) fn normalize_target(walk: &mut Walk<'_, '_, '_>, place: Place) {
    let mesh = &walk.simulator.mesh.mesh;
    let Some((newest, older)) = normal_targets(&walk.request.target, mesh) else { return };
    if let Some(older) = older {
        let text =
            format!("{OLDER_ENVOY} sends {older} on, and newer ones {newest} (CVE-2026-73551)");
        walk.doubts(place, None, text, 404, Cause::ModelPathUnknown);
    }
    walk.request.target = newest;
}
