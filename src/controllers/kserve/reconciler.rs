//! What each object is reconciled to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::admission::refusals;
use super::annotations::{is_stopped, misspelt};
use super::config::KserveConfig;
use super::config_error::ConfigError;
use super::endpoint::{Endpoint, EndpointKind, Exposure, Progress};
use super::inference_graph::InferenceGraph;
use super::inference_service::{Component, InferenceService, Status};
use super::items::ServingItems;
use super::knative_mode;
use super::llm::{LlmInferenceService, Surroundings};
use super::mode::{self, DeploymentMode};
use super::namespace;
use super::naming::is_admitted;
use super::protocol::PodsOf;
use super::reconciled::{Knative, exposure};
use super::remark::Remark;
use super::standard_mode::{self, Standard};
use super::written::Written;
use crate::controllers::knative::{CLUSTER_LOCAL_DOMAIN, ConfigDomain, ConfigNetwork};
use crate::values::release::Release;

/// What every service is reconciled with.
pub(super) struct Reconciler<'a> {
    pub(super) domain: Result<&'a ConfigDomain, ()>,
    pub(super) network: Result<&'a ConfigNetwork, ()>,
    pub(super) config: &'a KserveConfig,
    pub(super) items: &'a ServingItems,
    pub(super) kserve: Release,
    pub(super) routes_canaries: bool,
    pub(super) knative: Release,
    pub(super) whole_cluster: bool,
    pub(super) assumed: Vec<Arc<str>>,
    pub(super) knative_assumed: Vec<Arc<str>>,
}

impl<'a> Reconciler<'a> {
    pub(super) fn endpoint(
        &self,
        service: &'a InferenceService,
        place: namespace::Resolved,
    ) -> Endpoint {
        let kind = EndpointKind::InferenceService;
        let mut endpoint = self.empty(kind, &service.metadata.name, place);
        endpoint.remarks.extend(misspelt(service));
        endpoint.progress.has_transformer = service.spec.transformer.is_some();
        endpoint.progress.has_explainer = service.spec.explainer.is_some();
        match self.admit(service, &mut endpoint) {
            Some(admitted) if admitted.is_stopped => {
                // What fails does so before the controller comes to stop it.
                let mut running = endpoint.clone();
                self.reconcile(service, &admitted, &mut running);
                endpoint.progress = Progress {
                    is_canary_failed: endpoint.progress.is_canary_failed,
                    ..running.progress
                };
            }
            Some(admitted) => self.reconcile(service, &admitted, &mut endpoint),
            None => {}
        }
        beside(endpoint, &service.status)
    }

    fn empty(&self, kind: EndpointKind, name: &str, place: namespace::Resolved) -> Endpoint {
        Endpoint {
            kind,
            other_version: None,
            calls: None,
            llm: None,
            namespace: place.namespace,
            name: name.to_owned(),
            mode: None,
            mode_word: None,
            url: None,
            address: None,
            components: Vec::new(),
            canaries: Vec::new(),
            routes: Vec::new(),
            has_local_service: false,
            progress: Progress::default(),
            exposure: Exposure::None,
            assumed: place
                .assumed
                .map(Arc::from)
                .into_iter()
                .chain(self.assumed.iter().cloned())
                .collect(),
            remarks: place.remark.into_iter().collect(),
        }
    }

    /// What a graph is reconciled to.
    pub(super) fn graph(
        &self,
        graph: &InferenceGraph,
        place: namespace::Resolved,
        addresses: &Addresses,
    ) -> Endpoint {
        let mut endpoint = self.empty(EndpointKind::InferenceGraph, &graph.metadata.name, place);
        let refusals = graph.refusals();
        if !refusals.is_empty() {
            endpoint.remarks.extend(refusals.into_iter().map(Remark::from));
            return endpoint;
        }
        let default = match &self.config.default_mode {
            Ok(default) => *default,
            Err(error) => {
                endpoint.remarks.push(Remark::NothingReconciled(error.clone()));
                return endpoint;
            }
        };
        let mode = graph.mode(default, self.kserve);
        endpoint.mode = Some(mode);
        endpoint.mode_word = Some(mode.as_str(self.kserve));
        if is_stopped(&graph.metadata.annotations, self.kserve) {
            endpoint.remarks.push(Remark::Stopped);
            return endpoint;
        }
        let calls = graph.calls(&endpoint.namespace);
        let waits = calls.services.iter().find_map(|service| {
            let is_absent = match addresses.get(&endpoint.namespace, service) {
                Some(true) => return None,
                Some(false) => false,
                None if self.whole_cluster => true,
                None => return None,
            };
            Some(Remark::GraphWaits { service: service.clone(), is_absent })
        });
        endpoint.calls = Some(Box::new(calls));
        if let Some(waits) = waits {
            endpoint.remarks.push(waits);
            return endpoint;
        }
        let reconciled = if mode == DeploymentMode::Standard {
            graph.of_standard(&endpoint.namespace, self.config, CLUSTER_LOCAL_DOMAIN)
        } else {
            endpoint.assumed.extend(self.knative_assumed.iter().cloned());
            graph.of_knative(&endpoint.namespace, &self.knative())
        };
        endpoint.take(reconciled);
        beside(endpoint, &graph.status)
    }

    /// What an `LLMInferenceService` is reconciled to.
    pub(super) fn llm(
        &self,
        service: &LlmInferenceService,
        place: namespace::Resolved,
    ) -> Endpoint {
        let kind = EndpointKind::LlmInferenceService;
        let endpoint = self.empty(kind, &service.metadata.name, place);
        let mut endpoint = endpoint.of_version(&service.api_version);
        let refusals = service.refusals();
        if !refusals.is_empty() {
            endpoint.remarks.extend(refusals.into_iter().map(Remark::from));
            return endpoint;
        }
        if let Err(error @ ConfigError::Absent) = &self.config.default_mode {
            endpoint.remarks.push(Remark::NothingReconciled(error.clone()));
            return endpoint;
        }
        let is_stopped = is_stopped(&service.metadata.annotations, self.kserve);
        if is_stopped {
            endpoint.remarks.push(Remark::Stopped);
        }
        let settings = match &self.config.ingress {
            Err(_) if is_stopped => return endpoint,
            Ok(settings) => settings,
            Err(error) => {
                endpoint.remarks.push(Remark::NoUrl(error.clone()));
                return endpoint;
            }
        };
        let around = Surroundings {
            settings,
            gateways: &self.items.gateways,
            kserve: self.kserve,
            whole_cluster: self.whole_cluster,
            namespace: self.namespace_labels(&endpoint.namespace),
        };
        let (service, absent) = service.combined(&endpoint.namespace, &self.items.llm_configs);
        let named = absent.iter().map(|one| {
            let name = &one.name;
            format!("LLMInferenceServiceConfig {name}: empty, because it is not in the input")
                .into()
        });
        endpoint.assumed.extend(named);
        let refusals = service.refusals();
        if !refusals.is_empty() {
            endpoint.remarks.extend(refusals.into_iter().map(Remark::from));
            return endpoint;
        }
        let (mut workloads, reconciled) = service.reconcile(&endpoint.namespace, &around);
        workloads.written.extend(absent);
        endpoint.progress.is_without_gateway = workloads.is_without_gateway;
        if is_stopped {
            return endpoint;
        }
        endpoint.llm = Some(Box::new(workloads));
        endpoint.take(reconciled);
        beside(endpoint, &service.status)
    }

    /// What leads to the hosts of an object that `KServe` does not reconcile.
    pub(super) fn written(
        &self,
        kind: EndpointKind,
        one: &Written,
        place: namespace::Resolved,
    ) -> Endpoint {
        let endpoint = self.empty(kind, &one.metadata.name, place);
        let mut endpoint = endpoint.of_version(&one.api_version);
        endpoint.assumed.clear();
        endpoint.mode_word = Some(kind.as_str());
        let (knative, gateways) = (self.knative(), &self.items.gateways);
        endpoint.take(one.reconcile(kind, &endpoint.namespace, &knative, gateways));
        beside(endpoint, &one.status)
    }

    fn knative(&self) -> Knative<'_> {
        Knative {
            domain: self.domain,
            network: self.network,
            settings: self.config.ingress.as_ref().ok(),
            config: self.config,
            kserve: self.kserve,
            release: self.knative,
            runtime: None,
        }
    }

    /// What the controller takes up, if it takes up the service at all.
    fn admit(&self, service: &InferenceService, endpoint: &mut Endpoint) -> Option<Admitted> {
        let name = &service.metadata.name;
        if !is_admitted(name) {
            endpoint.remarks.push(Remark::NameInvalid(name.clone()));
            return None;
        }
        let default = match &self.config.default_mode {
            Ok(default) => *default,
            Err(error) => {
                endpoint.remarks.push(Remark::NothingReconciled(error.clone()));
                return None;
            }
        };
        let annotations = self.config.defaulted(&service.metadata.annotations, self.kserve);
        let passed_on = self.config.passed_on(&annotations);
        let refusals = refusals(service, &annotations, self.kserve);
        endpoint.remarks.extend(refusals.into_iter().map(Remark::from));
        let resolved = mode::resolve(service, &passed_on, default, self.kserve);
        endpoint.mode = Some(resolved.mode);
        let is_named = resolved.stated || !self.config.names_no_mode;
        endpoint.mode_word = is_named.then(|| resolved.mode.as_str(self.kserve));
        endpoint.remarks.extend(resolved.remarks.into_iter().map(Remark::from));
        if resolved.mode == DeploymentMode::Knative {
            endpoint.assumed.extend(self.knative_assumed.iter().cloned());
        }
        let is_stopped = is_stopped(&annotations, self.kserve);
        if is_stopped {
            endpoint.remarks.push(Remark::Stopped);
        } else if resolved.mode == DeploymentMode::ModelMesh {
            endpoint.remarks.push(Remark::ModelMesh);
            return None;
        }
        if !self.has_runtime(service, endpoint) {
            return None;
        }
        if let Err(error) = &self.config.ingress
            && !is_stopped
        {
            endpoint.remarks.push(Remark::NoUrl(error.clone()));
        }
        if !is_named && !is_stopped {
            let needed = "defaultDeploymentMode";
            endpoint.remarks.push(Remark::NoUrl(ConfigError::Needed { key: "deploy", needed }));
        }
        let mode = resolved.mode;
        endpoint.progress.failed = resolved.refused.then_some(Component::Predictor);
        (!resolved.refused).then_some(Admitted {
            mode,
            is_routed: is_named,
            is_stopped,
            annotations,
            passed_on,
        })
    }

    /// The labels of a namespace, where it is in the input. Kubeflow labels those of Profiles
    /// itself.
    fn namespace_labels(&self, namespace: &str) -> Option<&'a BTreeMap<String, String>> {
        let items: &'a ServingItems = self.items;
        items.namespaces.get(namespace).filter(|_| !items.profiles.contains(namespace))
    }

    /// Adds what the mode reconciles the service to.
    fn reconcile(
        &self,
        service: &'a InferenceService,
        admitted: &Admitted,
        endpoint: &mut Endpoint,
    ) {
        let settings = self.config.ingress.as_ref().ok();
        let runtime = self.runtime(service, &endpoint.namespace);
        let reconciled = if admitted.mode == DeploymentMode::Knative {
            if self.domain.is_err() || self.network.is_err() {
                endpoint.remarks.push(Remark::KnativeConfigRefused);
            }
            let annotations = &admitted.passed_on;
            let settings = settings.filter(|_| admitted.is_routed);
            let knative = Knative { runtime, settings, ..self.knative() };
            knative_mode::reconcile(service, &endpoint.namespace, annotations, &knative)
        } else {
            let (config, kserve) = (self.config, self.kserve);
            let (canaries, refusal) = self.canaries(service, &endpoint.namespace, runtime);
            let canary_refused = refusal.is_some();
            endpoint.remarks.extend(refusal.map(Remark::RuntimeRefused));
            let routes_canaries = self.routes_canaries;
            let standard = Standard {
                settings,
                config,
                kserve,
                routes_canaries,
                runtime,
                canaries: &canaries,
                canary_refused,
            };
            let annotations = &admitted.annotations;
            standard_mode::reconcile(service, &endpoint.namespace, annotations, &standard)
        };
        endpoint.take(reconciled);
        for (component, spec) in service.components() {
            for one in endpoint.components.iter_mut().filter(|one| one.component == component) {
                let of = PodsOf {
                    service,
                    component,
                    spec,
                    runtime,
                    namespace: self.namespace_labels(&endpoint.namespace),
                };
                one.pods = of.pods();
            }
        }
    }
}

/// Which services get an address.
pub(super) struct Addresses(BTreeMap<String, BTreeMap<String, bool>>);

impl Addresses {
    pub(super) fn of(endpoints: &[Endpoint]) -> Self {
        let mut all: BTreeMap<String, BTreeMap<String, bool>> = BTreeMap::new();
        for one in endpoints {
            // The cluster's own controller gives a service of ModelMesh its address.
            let is_there = !one.remarks.iter().any(Remark::is_refusal);
            let has = one.address.is_some() || one.mode == Some(DeploymentMode::ModelMesh);
            let has = has && is_there;
            all.entry(one.namespace.clone()).or_default().insert(one.name.clone(), has);
        }
        Self(all)
    }

    fn get(&self, namespace: &str, service: &str) -> Option<bool> {
        self.0.get(namespace)?.get(service).copied()
    }
}

/// With its exposure, and whether the status of an exported object has another host than the manifests give.
fn beside(mut endpoint: Endpoint, status: &Status) -> Endpoint {
    let host = |url: &str| {
        let (_, rest) = url.split_once("://")?;
        Some(rest.split(['/', ':']).next().unwrap_or(rest).to_ascii_lowercase())
    };
    if let (Some(found), Some(given)) = (host(&status.url), &endpoint.url)
        && host(given).is_some_and(|given| given != found)
    {
        let remark = Remark::StatusUrl { found: status.url.clone(), given: given.clone() };
        endpoint.remarks.push(remark);
    }
    endpoint.exposure = exposure(&endpoint);
    endpoint
}

/// A service that the controller reconciles.
struct Admitted {
    mode: DeploymentMode,
    /// Whether the controller goes on to a route and a URL once the components are there.
    is_routed: bool,
    /// Whether nothing of it stays.
    is_stopped: bool,
    /// The annotations after defaulting.
    annotations: BTreeMap<String, String>,
    /// Those of them that components take over.
    passed_on: BTreeMap<String, String>,
}
