//! The requests to a service, each with what its way requires.

use crate::controllers::kserve::{Component, Endpoint, Protocol};
use crate::path::simulator::{Cause, SentRequest, Simulator};

/// The host that its URL has.
pub(crate) fn host_of(endpoint: &Endpoint) -> Option<&str> {
    let (_, rest) = endpoint.url.as_deref()?.split_once("://")?;
    rest.split('/').next()
}

/// The host that pods request: that of its address, else the name of its Service.
pub(crate) fn host_inside(endpoint: &Endpoint) -> String {
    let address = endpoint.address.as_deref().and_then(|url| url.split_once("://"));
    let host = address.and_then(|(_, rest)| rest.split('/').next());
    host.map_or_else(
        || format!("{}.{}.svc.cluster.local", endpoint.name, endpoint.namespace),
        str::to_owned,
    )
}

/// A request for each protocol that its entry speaks, but gRPC: the protocol and the path.
pub(crate) fn requests(endpoint: &Endpoint) -> Vec<(Protocol, String)> {
    let entry =
        endpoint.components.iter().max_by_key(|one| one.component == Component::Transformer);
    let base = endpoint.url.as_deref().and_then(|url| url.split_once("://")?.1.split_once('/'));
    let base = base.map(|(_, path)| format!("/{}", path.trim_end_matches('/'))).unwrap_or_default();
    let name = &endpoint.name;
    let protocols = entry.map(|one| one.pods.protocols.clone()).unwrap_or_default();
    let paths = protocols.into_iter().filter_map(|protocol| match protocol {
        Protocol::V1 => Some((protocol, format!("{base}/v1/models/{name}:predict"))),
        Protocol::V2 => Some((protocol, format!("{base}/v2/models/{name}/infer"))),
        Protocol::OpenAi => Some((protocol, format!("{base}/openai/v1/chat/completions"))),
        Protocol::Grpc => None,
    });
    paths.collect()
}

/// The first of them.
pub(crate) fn request_of(endpoint: &Endpoint) -> Option<(&'static str, String)> {
    requests(endpoint).into_iter().next().map(|(_, path)| ("POST", path))
}

/// The request with what its way requires; `None` where no rule of the package leads to the host and
/// no record names it.
pub(crate) fn right(
    simulator: &Simulator<'_, '_>,
    host: &str,
    method: &str,
    path: &str,
) -> Option<SentRequest> {
    let mut request = match simulator.with_credentials(host, method, path) {
        Some(request) => request,
        None if simulator.has_load_balancer() => {
            let mut request = SentRequest::for_url(&format!("https://{host}{path}")).ok()?;
            method.clone_into(&mut request.method);
            request
        }
        None => return None,
    };
    let first = simulator.trace(&request);
    let wants_login = first.outcome.ways().iter().any(|way| way.cause == Cause::GatewayLogin);
    request.logged_in |= wants_login;
    Some(request)
}
