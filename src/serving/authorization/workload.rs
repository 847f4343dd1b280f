//! The components that really exist, and who asks them.

use std::collections::{BTreeMap, BTreeSet};

use super::principal::{Principal, TrustDomain};
use super::served::ServedPaths;
use crate::controllers::kserve::{Component, DeploymentMode, Endpoint, Protocol, ServingModel};
use crate::values::k8s::ResourceRef;
use crate::values::release::Release;

/// From here on the activator has a service account of its own.
const OWN_ACTIVATOR: Release = Release::new(1, 11, 0);

/// One component of an InferenceService, as the mesh sees its pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServingWorkload {
    /// The namespace.
    pub namespace: String,
    /// The InferenceService.
    pub service: String,
    /// Which component.
    pub component: Component,
    /// The name of its Service.
    pub name: String,
    /// The labels of its pods.
    pub labels: BTreeMap<String, String>,
    /// The protocols that it speaks.
    pub protocols: BTreeSet<Protocol>,
    /// What was assumed of the protocols.
    pub assumed: Option<&'static str>,
    /// Whether it is a Knative Service.
    pub knative: bool,
    /// Whether Istio's sidecar is kept out.
    pub without_sidecar: bool,
    /// Whether requests from outside of the service come to it: to all but a predictor behind a
    /// transformer.
    pub entry: bool,
    /// The service accounts of the components that ask it.
    pub asked_by: BTreeSet<String>,
}

/// The peers that requests come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callers {
    /// The mesh's trust domain.
    pub trust_domain: TrustDomain,
    /// The gateways.
    pub gateways: Vec<Principal>,
    /// Knative's activator, which holds requests for pods that are not there yet.
    pub activator: Principal,
}

impl Callers {
    /// The gateways of Kubeflow and the activator of a release of Knative Serving: up to 1.10 it
    /// runs as `controller`.
    #[must_use]
    pub fn new(trust_domain: TrustDomain, gateways: Vec<Principal>, knative: Release) -> Self {
        let gateways = if gateways.is_empty() {
            ["cluster-local-gateway-service-account", "istio-ingressgateway-service-account"]
                .map(|account| trust_domain.principal("istio-system", account))
                .to_vec()
        } else {
            gateways
        };
        let account = if knative < OWN_ACTIVATOR { "controller" } else { "activator" };
        let activator = trust_domain.principal("knative-serving", account);
        Self { trust_domain, gateways, activator }
    }

    /// Everyone who asks a component, sorted: the gateways ask what is an entry, the activator what
    /// is Knative's, and a transformer or explainer the predictor.
    #[must_use]
    pub fn of(&self, workload: &ServingWorkload) -> BTreeSet<Principal> {
        let gateways = self.gateways.iter().filter(|_| workload.entry).cloned();
        let activator = workload.knative.then(|| self.activator.clone());
        let components = workload
            .asked_by
            .iter()
            .map(|account| self.trust_domain.principal(&workload.namespace, account));
        gateways.chain(activator).chain(components).collect()
    }
}

impl ServingWorkload {
    /// The components of a model, by namespace, service and component; objects that the package
    /// holds twice are one.
    #[must_use]
    pub fn all(model: &ServingModel) -> Vec<Self> {
        let mut found: BTreeMap<(String, String, Component), Self> = BTreeMap::new();
        for endpoint in &model.endpoints {
            for workload in of_endpoint(endpoint) {
                let key =
                    (workload.namespace.clone(), workload.service.clone(), workload.component);
                match found.entry(key) {
                    std::collections::btree_map::Entry::Vacant(place) => {
                        place.insert(workload);
                    }
                    std::collections::btree_map::Entry::Occupied(mut place) => {
                        let known = place.get_mut();
                        known.protocols.extend(workload.protocols);
                        known.asked_by.extend(workload.asked_by);
                        known.knative |= workload.knative;
                        known.entry |= workload.entry;
                    }
                }
            }
        }
        found.into_values().collect()
    }

    /// What it serves.
    #[must_use]
    pub fn served(&self) -> ServedPaths {
        ServedPaths::of(&self.protocols)
    }

    /// What its InferenceService is called in findings.
    #[must_use]
    pub fn resource(&self) -> ResourceRef {
        ResourceRef {
            api_version: "serving.kserve.io/v1beta1".to_owned(),
            kind: "InferenceService".to_owned(),
            namespace: Some(self.namespace.clone()),
            name: self.service.clone(),
        }
    }

    /// `NAMESPACE/SERVICE COMPONENT`, for messages.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("{}/{} {}", self.namespace, self.service, self.component.as_str())
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
        let asked_by = match one.component {
            Component::Predictor => {
                accounts(Component::Transformer).chain(accounts(Component::Explainer)).collect()
            }
            Component::Transformer | Component::Explainer => BTreeSet::new(),
        };
        let knative = endpoint.mode == Some(DeploymentMode::Knative);
        let mut labels = one.labels.clone();
        if knative {
            labels.insert("serving.knative.dev/service".to_owned(), one.name.clone());
        }
        ServingWorkload {
            namespace: endpoint.namespace.clone(),
            service: endpoint.name.clone(),
            component: one.component,
            name: one.name.clone(),
            labels,
            protocols: one.pods.protocols.clone(),
            assumed: one.pods.assumed,
            knative,
            without_sidecar: one.pods.without_sidecar,
            entry: one.component != Component::Predictor || !transformed,
            asked_by,
        }
    })
}
