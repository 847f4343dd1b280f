//! What the controllers reconcile one `InferenceService` to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::annotations::add_component_labels;
use super::container_ports::{MODEL_SERVER, QUEUE_PROXY, ServicePort};
use super::inference_service::Component;
use super::llm::LlmWorkloads;
use super::mode::DeploymentMode;
use super::protocol::ServingPods;
use super::remark::Remark;
use crate::values::k8s::ResourceRef;
use crate::values::route_host::RouteHost;

/// Who can reach an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exposure {
    /// A public gateway or an Ingress has a route to it.
    Public,
    /// Only the cluster reaches it.
    ClusterLocal,
    /// Nothing reaches it: it is stopped, refused or in `ModelMesh`.
    None,
}

impl Exposure {
    /// `public`, `cluster-local` or `none`.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::ClusterLocal => "cluster-local",
            Self::None => "none",
        }
    }
}

/// What a route is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RouteKind {
    /// A Knative Route with its ingress.
    Knative,
    /// An Istio VirtualService.
    VirtualService,
    /// A Kubernetes Ingress.
    Ingress,
    /// A Gateway API `HTTPRoute`.
    HttpRoute,
}

/// A host of a route and the Service behind it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostRule {
    /// The host.
    pub host: String,
    /// The Service that requests go to, mostly that of the other hosts of its route.
    pub backend: Arc<str>,
}

/// A route of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServingRoute {
    /// What it is.
    pub kind: RouteKind,
    /// The object's name.
    pub name: String,
    /// Whether it is reached from outside the cluster.
    pub public: bool,
    /// The gateways of a VirtualService or the parent of an `HTTPRoute`.
    pub gateways: Vec<String>,
    /// Its hosts, in the order of the object; an Ingress may have one twice.
    pub rules: Vec<HostRule>,
}

/// A component of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComponentEndpoint {
    /// Which component.
    pub component: Component,
    /// The name of its Service.
    pub name: String,
    /// Its own host, where it has one.
    pub host: Option<RouteHost>,
    /// Its own URL, as the status has it.
    pub url: Option<String>,
    /// Whether its own annotation stops it, so that it has no pods.
    #[serde(skip)]
    pub stopped: bool,
    /// The labels that the manifests give its Service and its pods; [`Endpoint::labels_of`] has all.
    #[serde(skip)]
    pub(crate) given_labels: BTreeMap<String, String>,
    /// The ports of its Service in Standard mode; Knative keeps its own Services.
    #[serde(skip)]
    pub ports: Vec<ServicePort>,
    /// What its pods are to a mesh.
    #[serde(skip)]
    pub pods: ServingPods,
}

/// A predictor that takes a part of the traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canary {
    /// What it is reconciled to, without a host of its own.
    pub part: ComponentEndpoint,
    /// Its part of the traffic, in percent.
    pub percent: i32,
    /// Whether its pods come to be.
    pub(crate) is_ready: bool,
    /// Whether the routes give it its part.
    pub(crate) is_routed: bool,
}

/// The services that a graph calls, and with which identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphCalls {
    /// The service account of the router's pods.
    pub service_account: String,
    /// The `InferenceService`s of the graph's namespace that its steps name.
    pub services: BTreeSet<String>,
    /// The namespaces and names of Services that its steps call by their address.
    pub addressed: BTreeSet<(String, String)>,
    /// The labels of the router's pods in every mode.
    pub labels: BTreeMap<String, String>,
}

/// The kind of an endpoint's object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EndpointKind {
    /// An `InferenceService`.
    InferenceService,
    /// An `InferenceGraph`.
    InferenceGraph,
    /// An `LLMInferenceService`.
    LlmInferenceService,
    /// A Service of Knative's that no `InferenceService` owns.
    KnativeService,
    /// A Route of Knative's that no Service owns.
    KnativeRoute,
    /// A further host of a Knative Service.
    DomainMapping,
    /// A VirtualService that is written by hand.
    VirtualService,
    /// An `HTTPRoute` that is written by hand.
    HttpRoute,
    /// An Ingress that is written by hand.
    Ingress,
}

impl EndpointKind {
    /// Whether `KServe` reconciles it.
    #[must_use]
    pub(crate) fn is_kserve(self) -> bool {
        matches!(self, Self::InferenceService | Self::InferenceGraph | Self::LlmInferenceService)
    }

    /// The kind, as the object has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InferenceService => "InferenceService",
            Self::InferenceGraph => "InferenceGraph",
            Self::LlmInferenceService => "LLMInferenceService",
            Self::KnativeService => "Service",
            Self::KnativeRoute => "Route",
            Self::DomainMapping => "DomainMapping",
            Self::VirtualService => "VirtualService",
            Self::HttpRoute => "HTTPRoute",
            Self::Ingress => "Ingress",
        }
    }

    /// The version of an object that names none.
    fn api_version(self) -> &'static str {
        match self {
            Self::InferenceService => "serving.kserve.io/v1beta1",
            Self::InferenceGraph | Self::LlmInferenceService => "serving.kserve.io/v1alpha1",
            Self::KnativeService | Self::KnativeRoute => "serving.knative.dev/v1",
            Self::DomainMapping => "serving.knative.dev/v1beta1",
            Self::VirtualService => "networking.istio.io/v1",
            Self::HttpRoute => "gateway.networking.k8s.io/v1",
            Self::Ingress => "networking.k8s.io/v1",
        }
    }
}

/// How far the controller comes with routes of the Gateway API.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum GatewayApi {
    /// It does not use them, or fails before or at them.
    #[default]
    Unused,
    /// It creates none, as the service stays inside or routes are switched off.
    Inside,
    /// It creates them, as far as components are not stopped.
    Routed,
}

/// How far the controller comes with an object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// The component at which it fails in every round.
    pub(super) failed: Option<Component>,
    /// Whether it fails at a canary, behind the predictor itself.
    pub(super) is_canary_failed: bool,
    /// Whether there is a transformer.
    pub(super) has_transformer: bool,
    /// Whether there is an explainer.
    pub(super) has_explainer: bool,
    /// How far it comes with routes of the Gateway API.
    pub(super) gateway_api: GatewayApi,
    /// Whether it comes to canaries.
    pub(super) has_canaries: bool,
    /// Whether a Gateway of its route is nowhere.
    pub(super) is_without_gateway: bool,
}

/// What the controllers reconcile one service or graph to.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// What it is.
    pub kind: EndpointKind,
    /// The `apiVersion` that it is written with, where that is not the usual one of its kind.
    pub(super) other_version: Option<Box<str>>,
    /// The services that a graph calls.
    pub calls: Option<Box<GraphCalls>>,
    /// What runs an `LLMInferenceService`.
    pub llm: Option<Box<LlmWorkloads>>,
    /// The namespace, given or assumed.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The mode; `None` where the configuration is refused before there is one.
    pub mode: Option<DeploymentMode>,
    /// The mode in the release's own word; for what `KServe` does not reconcile, its kind.
    pub mode_word: Option<&'static str>,
    /// `status.url`; `None` where the service never gets one.
    pub url: Option<String>,
    /// `status.address.url`; `None` where the service never gets one.
    pub address: Option<String>,
    /// The components.
    pub components: Vec<ComponentEndpoint>,
    /// The predictors that take a part of the traffic.
    pub canaries: Vec<Canary>,
    /// The routes.
    pub routes: Vec<ServingRoute>,
    /// Whether a Service of its own name leads to Knative's local gateway.
    pub(super) has_local_service: bool,
    /// How far the controller comes with it.
    pub(super) progress: Progress,
    /// Who can reach it.
    pub exposure: Exposure,
    /// What was not in the manifests.
    pub assumed: Vec<Arc<str>>,
    /// What the controller does wrong or silently, and what is wrong with the manifests.
    pub remarks: Vec<Remark>,
}

impl Endpoint {
    /// The labels of the Service and the pods of a component: those of the manifests and the controller's.
    pub(crate) fn labels_of(&self, component: &ComponentEndpoint) -> BTreeMap<String, String> {
        let mut labels = component.given_labels.clone();
        add_component_labels(&mut labels, &self.name, component.component);
        labels
    }

    /// The ports at which requests come to the pods of a component, the one of the Service's first port first.
    pub(crate) fn ports_of(&self, component: &ComponentEndpoint) -> Vec<u16> {
        if self.mode == Some(DeploymentMode::Knative) {
            return vec![QUEUE_PROXY];
        }
        let targets = component.ports.iter().filter_map(|port| port.target.try_into().ok());
        let mut ports: Vec<u16> = targets.collect();
        if ports.is_empty() {
            ports.push(MODEL_SERVER);
        }
        ports
    }

    /// The labels of the pods of a graph's router; of no other endpoint.
    ///
    /// Source: `createRawDefaultDeployment` in `deployment_reconciler.go`, and Knative's own label.
    pub(crate) fn router_labels(&self) -> Option<BTreeMap<String, String>> {
        let mut labels = self.calls.as_ref()?.labels.clone();
        let (key, value) = match self.mode {
            Some(DeploymentMode::Knative) => ("serving.knative.dev/service", self.name.clone()),
            _ => ("app", format!("isvc.{}", self.name)),
        };
        labels.insert(key.to_owned(), value);
        Some(labels)
    }

    /// Every host that a route answers to, sorted, each once.
    #[must_use]
    pub fn hosts(&self) -> Vec<&str> {
        let mut hosts: Vec<_> = self
            .routes
            .iter()
            .flat_map(|route| &route.rules)
            .map(|rule| rule.host.as_str())
            .chain(self.listener_hosts())
            .collect();
        hosts.sort_unstable();
        hosts.dedup();
        hosts
    }

    /// The hosts that are reached from outside the cluster, sorted, each once.
    #[must_use]
    pub fn public_hosts(&self) -> Vec<&str> {
        let suffix = format!(".{}", crate::controllers::knative::CLUSTER_LOCAL_DOMAIN);
        let public = self.routes.iter().filter(|route| route.public).flat_map(|route| &route.rules);
        let public = public.map(|rule| rule.host.as_str()).chain(self.listener_hosts());
        let mut hosts: Vec<_> = public.filter(|host| !host.ends_with(&suffix)).collect();
        hosts.sort_unstable();
        hosts.dedup();
        hosts
    }

    fn listener_hosts(&self) -> impl Iterator<Item = &str> {
        self.llm.iter().flat_map(|llm| &llm.listener_hosts).map(String::as_str)
    }

    /// The Services that a route of it forwards to, each once.
    #[must_use]
    pub(crate) fn services_of(&self, route: &ServingRoute) -> Vec<String> {
        let backends = route.rules.iter().map(|rule| rule.backend.to_string());
        let backends = backends.chain(self.canaries_of(route).map(|one| one.part.name.clone()));
        // That of an LLMInferenceService serves without a host of its own, too.
        let llm = self.llm.iter().filter(|llm| llm.is_forwarded_to());
        let mut services: Vec<_> = backends.chain(llm.map(|llm| llm.service.clone())).collect();
        services.retain(|service| !service.is_empty());
        services.sort_unstable();
        services.dedup();
        services
    }

    /// The canaries to which a route of it gives their parts of the traffic.
    pub(crate) fn canaries_of(&self, route: &ServingRoute) -> impl Iterator<Item = &Canary> {
        let predictor = self.components.iter().find(|one| one.component == Component::Predictor);
        // That of a transformer or an explainer goes to it alone; that of the service does not (`applyCanaryWeights`).
        let is_split = route.kind == RouteKind::HttpRoute
            && (route.name == self.name
                || predictor
                    .is_some_and(|one| route.rules.iter().any(|rule| *rule.backend == *one.name)));
        self.canaries.iter().filter(move |one| is_split && one.is_routed)
    }

    /// With the `apiVersion` that it is written with.
    #[must_use]
    pub(super) fn of_version(mut self, written: &str) -> Self {
        let is_other = !written.is_empty() && written != self.kind.api_version();
        self.other_version = is_other.then(|| written.into());
        self
    }

    /// What the service is called in findings.
    #[must_use]
    pub fn resource(&self) -> ResourceRef {
        ResourceRef {
            api_version: self
                .other_version
                .as_deref()
                .unwrap_or_else(|| self.kind.api_version())
                .to_owned(),
            kind: self.kind.as_str().to_owned(),
            namespace: Some(self.namespace.clone()),
            name: self.name.clone(),
        }
    }
}
