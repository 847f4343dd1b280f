//! The requests to a service, each with what its way requires.

use crate::controllers::kserve::{Component, Endpoint, EndpointKind, Protocol, ServingRoute};
use crate::path::simulator::{Cause, SentRequest, Simulator};

/// The host that its URL has, without the port of the Gateway that it is taken from.
pub(crate) fn host_of(endpoint: &Endpoint) -> Option<&str> {
    let (_, rest) = endpoint.url.as_deref()?.split_once("://")?;
    rest.split(['/', ':']).next()
}

/// The hosts for clients outside of the cluster that the route of its URL has beside it. A URL with a path has
/// hosts of its own for each way.
pub(crate) fn further_hosts<'e>(endpoint: &'e Endpoint, host: &str) -> Vec<&'e str> {
    if !base_path(endpoint).is_empty() {
        return Vec::new();
    }
    let is_own =
        |route: &&ServingRoute| route.public && route.rules.iter().any(|rule| rule.host == host);
    let rules = endpoint.routes.iter().filter(is_own).flat_map(|route| &route.rules);
    let mut hosts: Vec<&str> = rules.map(|rule| rule.host.as_str()).collect();
    hosts.retain(|one| *one != host && !one.ends_with(".svc.cluster.local"));
    hosts.sort_unstable();
    hosts.dedup();
    hosts
}

/// The host that pods request: that of its address, else the name of its Service.
pub(crate) fn host_inside(endpoint: &Endpoint) -> String {
    if let Some(llm) = &endpoint.llm {
        return format!("{}.{}.svc.cluster.local", llm.service, endpoint.namespace);
    }
    let address = endpoint.address.as_deref().and_then(|url| url.split_once("://"));
    let host = address.and_then(|(_, rest)| rest.split('/').next());
    host.map_or_else(
        || format!("{}.{}.svc.cluster.local", endpoint.name, endpoint.namespace),
        str::to_owned,
    )
}

/// What is before the paths of its server in its URL.
pub(crate) fn base_path(endpoint: &Endpoint) -> String {
    let base = endpoint.url.as_deref().and_then(|url| url.split_once("://")?.1.split_once('/'));
    base.map(|(_, path)| format!("/{}", path.trim_end_matches('/')))
        .filter(|path| path != "/")
        .unwrap_or_default()
}

/// A path of its server for each protocol that its entry speaks, but gRPC. The router of a graph takes
/// every path (`cmd/router/main.go` of kserve/kserve).
pub(crate) fn served_paths(endpoint: &Endpoint) -> Vec<(Protocol, String)> {
    match endpoint.kind {
        EndpointKind::InferenceGraph => return vec![(Protocol::V1, "/".to_owned())],
        EndpointKind::LlmInferenceService => {
            return vec![(Protocol::OpenAi, "/v1/chat/completions".to_owned())];
        }
        _ => {}
    }
    let entry =
        endpoint.components.iter().max_by_key(|one| one.component == Component::Transformer);
    let name = &endpoint.name;
    let protocols = entry.map(|one| one.pods.protocols.clone()).unwrap_or_default();
    let paths = protocols.into_iter().filter_map(|protocol| match protocol {
        Protocol::V1 => Some((protocol, format!("/v1/models/{name}:predict"))),
        Protocol::V2 => Some((protocol, format!("/v2/models/{name}/infer"))),
        Protocol::OpenAi => Some((protocol, "/openai/v1/chat/completions".to_owned())),
        Protocol::Grpc => None,
    });
    paths.collect()
}

/// The same below its URL, as clients outside the cluster request them.
pub(crate) fn requests(endpoint: &Endpoint) -> Vec<(Protocol, String)> {
    let base = base_path(endpoint);
    let paths = served_paths(endpoint).into_iter();
    paths.map(|(protocol, path)| (protocol, format!("{base}{path}"))).collect()
}

/// The first path of its server.
pub(crate) fn first_path(endpoint: &Endpoint) -> Option<String> {
    served_paths(endpoint).into_iter().next().map(|(_, path)| path)
}

/// The request with what its way requires; `None` where no rule of the package leads to the host and
/// nothing of it takes requests from outside.
pub(crate) fn right(
    simulator: &Simulator<'_, '_>,
    host: &str,
    method: &str,
    path: &str,
) -> Option<SentRequest> {
    let mut request = match simulator.with_credentials(host, method, path) {
        Some(request) => request,
        None if simulator.has_entry() => {
            let mut request = SentRequest::for_url(&format!("https://{host}{path}")).ok()?;
            method.clone_into(&mut request.method);
            request
        }
        None => return None,
    };
    let first = simulator.trace(&request);
    let ends_with = |cause: Cause| first.outcome.ways().iter().any(|way| way.cause == cause);
    request.logged_in |= ends_with(Cause::GatewayLogin);
    let refusals = [Cause::GatewayRefused, Cause::WorkloadRefused];
    if refusals.into_iter().any(ends_with) {
        request = simulator.with_what_policies_demand(&request).unwrap_or(request);
    }
    Some(request)
}
