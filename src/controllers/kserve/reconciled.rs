//! What both modes reconcile a service to, and what they read for it.

use std::sync::Arc;

use super::config::KserveConfig;
use super::endpoint::{Canary, ComponentEndpoint, Endpoint, Exposure, GatewayApi, ServingRoute};
use super::inference_service::Component;
use super::ingress_settings::IngressSettings;
use super::remark::Remark;
use super::runtimes::ServingRuntime;
use crate::controllers::knative::{ConfigDomain, ConfigNetwork};
use crate::values::release::Release;

/// What a mode reconciles a service to.
#[derive(Debug, Default)]
pub(super) struct Reconciled {
    pub(super) url: Option<String>,
    pub(super) address: Option<String>,
    pub(super) components: Vec<ComponentEndpoint>,
    pub(super) canaries: Vec<Canary>,
    pub(super) routes: Vec<ServingRoute>,
    /// Whether a Service of the service's own name leads to the local gateway.
    pub(super) has_local_service: bool,
    /// The component at which the controller fails.
    pub(super) failed: Option<Component>,
    /// Whether it fails at a canary.
    pub(super) is_canary_failed: bool,
    /// How far it comes with routes of the Gateway API.
    pub(super) gateway_api: GatewayApi,
    pub(super) remarks: Vec<Remark>,
    pub(super) assumed: Vec<Arc<str>>,
}

impl Reconciled {
    /// Adds a remark.
    pub(super) fn remark(&mut self, remark: impl Into<Remark>) {
        self.remarks.push(remark.into());
    }
}

/// What Knative mode reads besides the service.
pub(super) struct Knative<'a> {
    pub(super) domain: Result<&'a ConfigDomain, ()>,
    pub(super) network: Result<&'a ConfigNetwork, ()>,
    /// `None` where the controller refuses `ingress`: components are created, and nothing more.
    pub(super) settings: Option<&'a IngressSettings>,
    pub(super) config: &'a KserveConfig,
    pub(super) kserve: Release,
    /// The release of Knative Serving.
    pub(super) release: Release,
    /// The runtime among the objects that takes the model.
    pub(super) runtime: Option<&'a ServingRuntime>,
}

/// A URL goes through the status as text, which writes the scheme in lowercase.
pub(super) fn lower_scheme(url: &str) -> String {
    match url.split_once(':') {
        Some((scheme, rest)) => format!("{}:{rest}", scheme.to_ascii_lowercase()),
        None => url.to_owned(),
    }
}

impl Endpoint {
    /// Takes what a mode reconciles it to.
    pub(super) fn take(&mut self, reconciled: Reconciled) {
        let Reconciled {
            url,
            address,
            components,
            canaries,
            routes,
            has_local_service,
            failed,
            is_canary_failed,
            gateway_api,
            remarks,
            assumed,
        } = reconciled;
        self.progress.failed = failed;
        self.progress.is_canary_failed = is_canary_failed;
        self.progress.gateway_api = gateway_api;
        self.progress.has_canaries = !canaries.is_empty();
        self.canaries = canaries;
        self.has_local_service = has_local_service;
        self.url = url;
        self.address = address;
        self.components = components;
        self.routes = routes;
        // A package has thousands of services, most of them with one component and two routes.
        self.components.shrink_to_fit();
        self.routes.shrink_to_fit();
        self.remarks.extend(remarks);
        self.assumed.extend(assumed);
    }
}

impl Endpoint {
    /// Lets go of what it is reconciled to; what it is called, its mode and its address stay, which others ask for.
    pub(crate) fn forget_reconciled(&mut self) {
        self.url = None;
        (self.components, self.canaries, self.routes) = (Vec::new(), Vec::new(), Vec::new());
        (self.remarks, self.assumed) = (Vec::new(), Vec::new());
    }
}

/// Who can reach an endpoint.
pub(super) fn exposure(endpoint: &Endpoint) -> Exposure {
    if endpoint.routes.iter().any(|route| route.public) {
        Exposure::Public
    } else if !endpoint.routes.is_empty() || endpoint.address.is_some() {
        Exposure::ClusterLocal
    } else {
        Exposure::None
    }
}
