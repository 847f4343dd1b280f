//! The Services that the controller creates, and the pods that each selects.
//!
//! Sources: `createService` in `reconcilers/service/service_reconciler.go`, `reconcileExternalService` in
//! `reconcilers/ingress/ingress_reconciler.go` and `workload.go` of `llmisvc`, kserve/kserve 0.20.0.

use std::collections::BTreeMap;

use super::annotations::add_component_labels;
use super::container_ports::{LLM_PORT, MODEL_SERVER, SERVICE_PORT, ServicePort};
use super::endpoint::{ComponentEndpoint, Endpoint, EndpointKind};
use super::inference_service::Component;
use super::mode::DeploymentMode;
use crate::controllers::knative::child_name;
use crate::values::release::Release;

/// The label of pods of several nodes, with the generation of their service.
pub(crate) const GENERATION_LABEL: &str = "isvc.generation";
/// A generation, which no manifest has.
pub(crate) const ANY_GENERATION: &str = "*";
/// From here on a predictor may be on several nodes.
const SEVERAL_NODES: Release = Release::new(0, 15, 0);
/// From here on the workers have a Service of their own.
const WORKERS_SERVICE: Release = Release::new(0, 18, 0);

/// What a Service is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceFor {
    /// Requests to its pods.
    Requests,
    /// Another name of Knative's local gateway.
    LocalGateway,
    /// The nodes of a predictor on several: they find each other by it, ready or not.
    Nodes,
}

/// A Service that `KServe` creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedService {
    /// Its name; where it ends in `*`, a generation is at its end.
    pub name: String,
    /// What it is for.
    pub purpose: ServiceFor,
    /// Its ports.
    pub ports: Vec<ServicePort>,
    /// The labels of its pods, where they are known; a value `*` is a generation.
    pub selector: BTreeMap<String, String>,
}

impl CreatedService {
    fn of(name: &str, purpose: ServiceFor) -> Self {
        Self { name: name.to_owned(), purpose, ports: Vec::new(), selector: BTreeMap::new() }
    }

    /// The Service of a Deployment (`GetRawServiceLabel`).
    fn of_deployment(name: &str, ports: Vec<ServicePort>) -> Self {
        Self { ports, selector: app(name), ..Self::of(name, ServiceFor::Requests) }
    }

    /// The one by which the nodes of a Deployment find each other.
    fn of_nodes(name: String, deployment: &str) -> Self {
        let mut selector = app(deployment);
        selector.insert(GENERATION_LABEL.to_owned(), ANY_GENERATION.to_owned());
        Self { selector, ..Self::of(&name, ServiceFor::Nodes) }
    }

    /// Whether it leads to pods of these labels.
    #[must_use]
    pub(crate) fn selects(&self, labels: &BTreeMap<String, String>) -> bool {
        !self.selector.is_empty()
            && self.selector.iter().all(|(key, value)| labels.get(key) == Some(value))
    }
}

fn app(deployment: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("app".to_owned(), format!("isvc.{deployment}"))])
}

/// The Deployment of a predictor's workers.
#[must_use]
pub(crate) fn workers_of(predictor: &str) -> String {
    format!("{predictor}-worker")
}

impl Endpoint {
    /// The Services that `KServe` creates for it, those of its components first; without those that Knative keeps for
    /// its own Services and Revisions.
    #[must_use]
    pub fn created_services(&self, kserve: Release) -> Vec<CreatedService> {
        if self.has_local_service {
            return vec![CreatedService::of(&self.name, ServiceFor::LocalGateway)];
        }
        if let Some(llm) = &self.llm {
            let port =
                ServicePort { port: LLM_PORT.into(), target: LLM_PORT.into(), is_grpc: false };
            let mut all = vec![CreatedService {
                ports: vec![port],
                selector: llm.labels.clone(),
                ..CreatedService::of(&llm.service, ServiceFor::Requests)
            }];
            if llm.scheduler.is_some() {
                // Its ports and its pods are in a configuration that the model does not read.
                let name = child_name(&self.name, "-epp-service");
                all.push(CreatedService::of(&name, ServiceFor::Requests));
            }
            return all;
        }
        let is_standard = self.mode == Some(DeploymentMode::Standard);
        if self.kind == EndpointKind::InferenceGraph && is_standard && self.address.is_some() {
            let target = MODEL_SERVER.into();
            let port = ServicePort { port: SERVICE_PORT, target, is_grpc: false };
            return vec![CreatedService::of_deployment(&self.name, vec![port])];
        }
        let canaries = self.canaries.iter().map(|one| &one.part);
        let parts = self.components.iter().chain(canaries).filter(|one| !one.ports.is_empty());
        let own =
            |one: &ComponentEndpoint| CreatedService::of_deployment(&one.name, one.ports.clone());
        let mut all: Vec<_> = parts.map(own).collect();
        let predictor = self.components.iter().find(|one| one.component == Component::Predictor);
        let on_nodes = |one: &&ComponentEndpoint| {
            one.pods.multi_node && !one.ports.is_empty() && kserve >= SEVERAL_NODES
        };
        if let Some(predictor) = predictor.filter(on_nodes) {
            // `GetHeadServiceName` and `GetWorkerServiceName`.
            let deployment = predictor.name.as_str();
            let short = deployment.strip_suffix("-predictor").unwrap_or(deployment);
            let named = |role: &str| format!("{short}-{role}-{ANY_GENERATION}");
            all.push(CreatedService::of_nodes(named("head"), deployment));
            if kserve >= WORKERS_SERVICE {
                let workers = workers_of(deployment);
                all.push(CreatedService::of_nodes(named("workers"), &workers));
            }
        }
        all
    }

    /// The labels of the pods of a component or a canary in Standard mode.
    #[must_use]
    pub(crate) fn labels_of_deployment(
        &self,
        part: &ComponentEndpoint,
        deployment: &str,
    ) -> BTreeMap<String, String> {
        let mut labels = part.given_labels.clone();
        add_component_labels(&mut labels, &self.name, part.component);
        labels.extend(app(deployment));
        if part.pods.multi_node {
            labels.insert(GENERATION_LABEL.to_owned(), ANY_GENERATION.to_owned());
        }
        labels
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::controllers::kserve::{ServingItems, ServingModel, ServingOptions};

    fn services(kserve: Release, predictor: &serde_json::Value) -> Vec<(String, String)> {
        let mut items = ServingItems::default();
        let service = json!({
            "apiVersion": "serving.kserve.io/v1beta1",
            "kind": "InferenceService",
            "metadata": {
                "name": "llm",
                "namespace": "team-a",
                "annotations": {
                    "serving.kserve.io/deploymentMode": "RawDeployment",
                    "serving.kserve.io/autoscalerClass": if kserve < WORKERS_SERVICE { "external" } else { "none" },
                },
            },
            "spec": { "predictor": predictor },
        });
        items.add("serving.kserve.io/v1beta1", "InferenceService", service).unwrap();
        let options = ServingOptions { kserve: Some(kserve), ..ServingOptions::default() };
        let model = ServingModel::build(&items, &options);
        let all = model.endpoints[0].created_services(kserve).into_iter();
        let shown = |one: CreatedService| {
            let selector: Vec<_> =
                one.selector.iter().map(|(key, value)| format!("{key}={value}")).collect();
            (one.name, selector.join(","))
        };
        all.map(shown).collect()
    }

    #[test]
    fn nodes_find_each_other_by_services_of_their_own() {
        let containers = json!({
            "containers": [{"name": "kserve-container", "image": "example.com/model:1"}],
            "workerSpec": {},
        });
        let of = |name: &str, selector: &str| (name.to_owned(), selector.to_owned());
        let predictor = of("llm-predictor", "app=isvc.llm-predictor");
        let head = of("llm-head-*", "app=isvc.llm-predictor,isvc.generation=*");
        let workers = of("llm-workers-*", "app=isvc.llm-predictor-worker,isvc.generation=*");
        let newest = services(Release::new(0, 20, 0), &containers);
        assert_eq!(newest, [predictor.clone(), head.clone(), workers]);
        assert_eq!(services(Release::new(0, 15, 0), &containers), [predictor, head]);
    }
}
