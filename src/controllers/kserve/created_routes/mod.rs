//! The routes that `KServe` creates, with their rules, as the gateways read them.

mod http_route;
mod ingress;
#[cfg(test)]
mod tests;
mod virtual_service;

use super::endpoint::{ComponentEndpoint, Endpoint};
use super::hosts::templated_path;
use super::inference_service::Component;
use super::ingress_settings::IngressSettings;
use crate::values::release::Release;

/// From here on requests have the headers that name their service.
const SERVICE_HEADERS: Release = Release::new(0, 14, 0);

/// The headers that name an `InferenceService` (`IsvcNameHeader` in `pkg/constants/constants.go`).
fn service_headers(name: &str, namespace: &str) -> [(&'static str, String); 2] {
    [("KServe-Isvc-Name", name.to_owned()), ("KServe-Isvc-Namespace", namespace.to_owned())]
}

/// `ExplainPrefix` and `PathBasedExplainPrefix` in `pkg/constants/constants.go`.
const EXPLAIN: &str = r"^/v1/models/[\w-]+:explain$";
const EXPLAIN_BELOW: &str = r"(/v1/models/[\w-]+:explain)$";

/// What all routes of a model are created with.
struct CreatedWith<'a> {
    settings: &'a IngressSettings,
    kserve: Release,
}

impl CreatedWith<'_> {
    /// The path of the URL, without a slash at its end; `None` where the URL has none.
    fn path(&self, endpoint: &Endpoint) -> Option<String> {
        if self.settings.path_template.is_empty() {
            return None;
        }
        let path = templated_path(&endpoint.name, &endpoint.namespace, self.settings).ok()?;
        Some(path.strip_suffix('/').map_or(path.clone(), str::to_owned))
    }
}

/// The component of an endpoint that explains.
fn explainer(endpoint: &Endpoint) -> Option<&ComponentEndpoint> {
    endpoint.components.iter().find(|one| one.component == Component::Explainer)
}
