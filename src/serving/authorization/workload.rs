//! The components that exist, and who calls them.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

use super::gateways::GatewayIdentities;
use super::named::NamedCallers;
use super::principal::{Principal, TrustDomain};
use super::served::{NamedProtocol, ServedPaths};
use crate::controllers::istio::Membership;
use crate::controllers::kserve::{
    Component, DeploymentMode, Endpoint, GraphCalls, MODEL_SERVER, ProtocolSource,
    add_component_labels,
};
use crate::values::k8s::ResourceRef;
use crate::values::release::Release;

/// From here on the activator has a service account of its own.
const OWN_ACTIVATOR: Release = Release::new(1, 11, 0);

/// One component of an InferenceService, as the mesh sees its pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServingWorkload {
    /// The namespace.
    pub namespace: String,
    /// The InferenceService.
    pub service: String,
    /// Which component.
    pub component: Component,
    /// The name of its Service.
    pub name: String,
    /// The labels of its pods; [`Self::labels`] has all.
    pub pod_labels: WorkloadLabels,
    /// The protocols that it speaks.
    pub protocols: BTreeSet<NamedProtocol>,
    /// Further paths that it serves.
    pub paths: Vec<String>,
    /// Where its protocols are taken from.
    pub protocol_source: ProtocolSource,
    /// Whether it is a Knative Service.
    pub knative: bool,
    /// The ports at which requests come to its pods; most come to the first.
    pub ports: Vec<u16>,
    /// What enforces its policies.
    pub membership: Membership,
    /// The service account of its pods.
    pub service_account: String,
    /// Whether it runs on several nodes, whose pods talk to each other.
    pub multi_node: bool,
    /// Whether requests from outside the service come to it: to all but a predictor behind a
    /// transformer.
    pub entry: bool,
    /// The service accounts of its namespace that call it: those of its own components, and of graphs.
    pub called_by: BTreeSet<String>,
    /// The namespaces and service accounts of other namespaces' graphs that call it.
    pub called_from: BTreeSet<(String, String)>,
}

/// The labels of a workload's pods. Of thousands of components most are the same but for the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WorkloadLabels {
    /// A component's, beside those that the controllers give it.
    OfComponent(BTreeMap<String, String>),
    /// All.
    All(BTreeMap<String, String>),
}

/// The peers that requests come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Callers {
    /// The mesh's trust domain.
    pub trust_domain: TrustDomain,
    /// The gateways.
    pub gateways: Vec<Principal>,
    /// Knative's activator, which holds requests for pods that are not there yet.
    pub activator: Principal,
}

impl Callers {
    /// The gateways that are given, and the activator of a release of Knative Serving: up to 1.10 it
    /// runs as `controller`.
    #[must_use]
    pub(crate) fn new(
        trust_domain: TrustDomain,
        gateways: Vec<Principal>,
        knative: Release,
    ) -> Self {
        let account = if knative < OWN_ACTIVATOR { "controller" } else { "activator" };
        let activator = trust_domain.principal("knative-serving", account);
        Self { trust_domain, gateways, activator }
    }

    /// The gateways that the objects tell; where they tell of none of a kind, Kubeflow's.
    #[must_use]
    pub(crate) fn gateways_of(
        found: GatewayIdentities,
        trust_domain: &TrustDomain,
    ) -> Vec<Principal> {
        let kubeflow = |account: &str| [trust_domain.principal("istio-system", account)].into();
        let or = |found: BTreeSet<Principal>, account: &str| {
            if found.is_empty() { kubeflow(account) } else { found }
        };
        let local = or(found.local, "cluster-local-gateway-service-account");
        let public = or(found.public, "istio-ingressgateway-service-account");
        local.union(&public).cloned().collect()
    }

    /// Who calls a component on behalf of others, sorted: the gateways what is an entry, the activator
    /// what is Knative's.
    #[must_use]
    pub(crate) fn on_behalf(&self, workload: &ServingWorkload) -> BTreeSet<Principal> {
        let gateways = self.gateways.iter().filter(|_| workload.entry).cloned();
        gateways.chain(workload.knative.then(|| self.activator.clone())).collect()
    }

    /// Who calls a component without a caller's credentials, where callers are named: its own
    /// components, through the activator as well, and everybody who comes through a gateway if that is
    /// a caller.
    #[must_use]
    pub(crate) fn without_credentials(
        &self,
        workload: &ServingWorkload,
        named: &NamedCallers,
    ) -> BTreeSet<Principal> {
        let mut found: BTreeSet<Principal> = self.components(workload).collect();
        if !found.is_empty() && workload.knative {
            found.insert(self.activator.clone());
        }
        if named.has_gateway() && workload.entry {
            found.extend(self.on_behalf(workload));
        }
        found
    }

    /// Everyone who calls a component, sorted: the gateways call what is an entry, the activator what
    /// is Knative's, and a transformer or explainer the predictor.
    #[must_use]
    pub(crate) fn of(&self, workload: &ServingWorkload) -> BTreeSet<Principal> {
        let gateways = self.gateways.iter().filter(|_| workload.entry).cloned();
        let activator = workload.knative.then(|| self.activator.clone());
        gateways.chain(activator).chain(self.components(workload)).collect()
    }

    /// The components and graphs that call a component.
    fn components(&self, workload: &ServingWorkload) -> impl Iterator<Item = Principal> {
        let own = workload.called_by.iter().map(|account| (&workload.namespace, account));
        let others = workload.called_from.iter().map(|(place, account)| (place, account));
        own.chain(others).map(|(place, account)| self.trust_domain.principal(place, account))
    }
}

impl ServingWorkload {
    /// The port at which requests for predictions come to its pods.
    pub(crate) fn port(&self) -> u16 {
        self.ports.first().copied().unwrap_or(MODEL_SERVER)
    }

    /// The labels of its pods.
    pub(crate) fn labels(&self) -> BTreeMap<String, String> {
        let given = match &self.pod_labels {
            WorkloadLabels::All(labels) => return labels.clone(),
            WorkloadLabels::OfComponent(given) => given,
        };
        let mut labels = given.clone();
        add_component_labels(&mut labels, &self.service, self.component);
        if self.knative {
            labels.insert("serving.knative.dev/service".to_owned(), self.name.clone());
        }
        labels
    }

    /// The labels by which its policy selects its pods.
    pub(crate) fn selected(&self) -> [(&'static str, &str); 2] {
        [
            ("component", self.component.as_str()),
            ("serving.kserve.io/inferenceservice", &self.service),
        ]
    }

    /// The components of a model's endpoints, by namespace, service and component; objects that the package
    /// holds twice are one. Endpoints that are given away are dropped one by one.
    #[must_use]
    pub(crate) fn all(endpoints: impl IntoIterator<Item: Borrow<Endpoint>>) -> Vec<Self> {
        let mut workloads: Vec<Self> = Vec::new();
        let mut calls: Vec<(String, GraphCalls)> = Vec::new();
        for endpoint in endpoints {
            let endpoint: &Endpoint = endpoint.borrow();
            workloads.extend(of_endpoint(endpoint));
            // A graph of Knative mode comes through the gateway inside the cluster, or Knative's activator.
            let of_graph = endpoint.calls.as_ref();
            let of_graph = of_graph.filter(|_| endpoint.mode == Some(DeploymentMode::Standard));
            calls.extend(
                of_graph.map(|of_graph| (endpoint.namespace.clone(), GraphCalls::clone(of_graph))),
            );
        }
        workloads.sort_by(|one, other| one.key().cmp(&other.key()));
        workloads.dedup_by(|other, known| {
            let is_same = other.key() == known.key();
            if is_same {
                known.protocols.append(&mut other.protocols);
                known.called_by.append(&mut other.called_by);
                known.called_from.append(&mut other.called_from);
                known.knative |= other.knative;
                known.entry |= other.entry;
            }
            is_same
        });
        for (namespace, calls) in &calls {
            add_calls(namespace, calls, &mut workloads);
        }
        workloads
    }

    /// What tells it from other components.
    fn key(&self) -> (&str, &str, Component) {
        (&self.namespace, &self.service, self.component)
    }

    /// What it serves.
    #[must_use]
    pub(crate) fn served(&self) -> ServedPaths {
        let mut served = ServedPaths::of(&self.protocols);
        served.add(&self.paths);
        served
    }

    /// What its InferenceService is called in findings.
    #[must_use]
    pub(crate) fn resource(&self) -> ResourceRef {
        ResourceRef {
            api_version: "serving.kserve.io/v1beta1".to_owned(),
            kind: "InferenceService".to_owned(),
            namespace: Some(self.namespace.clone()),
            name: self.service.clone(),
        }
    }

    /// `NAMESPACE/SERVICE COMPONENT`, for messages.
    #[must_use]
    pub(crate) fn shown(&self) -> String {
        format!("{}/{} {}", self.namespace, self.service, self.component.as_str())
    }
}

/// A graph of Standard mode calls the entries of its services, and components by their address, as its own account.
fn add_calls(namespace: &str, calls: &GraphCalls, workloads: &mut [ServingWorkload]) {
    for workload in workloads {
        let is_entry = workload.entry && workload.component != Component::Explainer;
        let is_own = workload.namespace == namespace;
        let addresses = |name: &str| {
            calls
                .addressed
                .iter()
                .any(|(place, called)| *place == workload.namespace && called == name)
        };
        let is_called = is_entry
            && (addresses(&workload.service)
                || is_own && calls.services.contains(&workload.service));
        if is_called || addresses(&workload.name) {
            let account = calls.service_account.clone();
            if is_own {
                workload.called_by.insert(account);
            } else {
                workload.called_from.insert((namespace.to_owned(), account));
            }
        }
    }
}

fn of_endpoint(endpoint: &Endpoint) -> impl Iterator<Item = ServingWorkload> {
    let accounts = |component: Component| {
        let of = endpoint.components.iter().filter(move |one| one.component == component);
        of.map(|one| one.pods.service_account.clone())
    };
    let transformed = accounts(Component::Transformer).next().is_some();
    endpoint.components.iter().map(move |one| {
        // `KServe` gives the predictor's address to both (`components/explainer.go`).
        let called_by = match one.component {
            Component::Predictor => {
                accounts(Component::Transformer).chain(accounts(Component::Explainer)).collect()
            }
            Component::Transformer | Component::Explainer => BTreeSet::new(),
        };
        let knative = endpoint.mode == Some(DeploymentMode::Knative);
        ServingWorkload {
            namespace: endpoint.namespace.clone(),
            service: endpoint.name.clone(),
            component: one.component,
            name: one.name.clone(),
            pod_labels: WorkloadLabels::OfComponent(one.given_labels.clone()),
            protocols: one.pods.protocols.iter().copied().map(Into::into).collect(),
            paths: Vec::new(),
            protocol_source: one.pods.source.clone(),
            knative,
            ports: endpoint.ports_of(one),
            membership: one.pods.membership.clone(),
            service_account: one.pods.service_account.clone(),
            multi_node: one.pods.multi_node,
            entry: one.component != Component::Predictor || !transformed,
            called_by,
            called_from: BTreeSet::new(),
        }
    })
}
