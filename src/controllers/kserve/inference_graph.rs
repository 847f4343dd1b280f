//! An `InferenceGraph`, as far as its hosts and its calls go.
//!
//! Source: `pkg/controller/v1alpha1/inferencegraph/{controller,knative_reconciler,raw_ig}.go` of 0.20.0.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::admission::{ALL_TRAFFIC, Refusal, RefusalReason};
use super::config::KserveConfig;
use super::endpoint::GraphCalls;
use super::hosts::templated_host;
use super::inference_service::Status;
use super::knative_mode::knative_route;
use super::mode::{DeploymentMode, MODE_ANNOTATION, recorded};
use super::naming::is_admitted;
use super::reconciled::{Knative, Reconciled, lower_scheme};
use super::remark::{Remark, StandardRemark};
use crate::controllers::knative::Route;
use crate::values::k8s::{ObjectMeta, empty_if_null};
use crate::values::release::Release;

/// An `InferenceGraph`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct InferenceGraph {
    /// `metadata`.
    #[serde(deserialize_with = "empty_if_null")]
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: GraphSpec,
    /// `status`.
    #[serde(deserialize_with = "empty_if_null")]
    pub status: Status,
}

/// `spec` of an [`InferenceGraph`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct GraphSpec {
    /// The service account of the router's pods; `default` where it is empty.
    #[serde(deserialize_with = "empty_if_null")]
    pub service_account_name: String,
    /// Its nodes.
    #[serde(deserialize_with = "empty_if_null")]
    pub nodes: BTreeMap<String, GraphNode>,
}

/// A node of a graph.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct GraphNode {
    /// How it picks among its steps.
    #[serde(deserialize_with = "empty_if_null")]
    pub router_type: String,
    /// Its steps.
    #[serde(deserialize_with = "empty_if_null")]
    pub steps: Vec<GraphStep>,
}

/// A step of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct GraphStep {
    /// The `InferenceService` of the graph's namespace that it calls.
    #[serde(deserialize_with = "empty_if_null")]
    pub service_name: String,
    /// Another node of the graph.
    #[serde(deserialize_with = "empty_if_null")]
    pub node_name: String,
    /// Any other address.
    #[serde(deserialize_with = "empty_if_null")]
    pub service_url: String,
    /// Its own name.
    #[serde(deserialize_with = "empty_if_null")]
    pub step_name: String,
    /// Its part of a splitter's requests, in percent.
    pub weight: Option<i64>,
}

/// The node that requests reach first.
const ROOT: &str = "root";
const SPLITTER: &str = "Splitter";

impl InferenceGraph {
    /// Status, then annotation, then the configuration's default, as for a service.
    pub(super) fn mode(&self, default: DeploymentMode, kserve: Release) -> DeploymentMode {
        let annotation = self.metadata.annotations.get(MODE_ANNOTATION);
        let wanted = annotation.and_then(|word| DeploymentMode::of_word(word, kserve));
        recorded(&self.status.deployment_mode, kserve).or(wanted).unwrap_or(default)
    }

    /// What the webhook refuses.
    ///
    /// Source: `pkg/apis/serving/v1alpha1/inference_graph_validation.go`.
    pub(super) fn refusals(&self) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        let mut refuse =
            |field: String, reason: RefusalReason| refusals.push(Refusal { field, reason });
        if !is_admitted(&self.metadata.name) {
            let reason = RefusalReason::GraphName(self.metadata.name.clone());
            refuse("metadata.name".to_owned(), reason);
        }
        if !self.spec.nodes.contains_key(ROOT) {
            refuse("spec.nodes".to_owned(), RefusalReason::GraphWithoutRoot);
        }
        for (name, node) in &self.spec.nodes {
            let mut names = BTreeSet::new();
            let field = format!("spec.nodes.{name}.steps");
            for (place, step) in node.steps.iter().enumerate() {
                let field = format!("{field}[{place}]");
                let targets = [&step.node_name, &step.service_name, &step.service_url];
                let count = targets.iter().filter(|target| !target.is_empty()).count();
                if count != 1 {
                    refuse(field, RefusalReason::GraphStepTargets(count));
                } else if !step.step_name.is_empty() && !names.insert(&step.step_name) {
                    refuse(field, RefusalReason::GraphStepName(step.step_name.clone()));
                }
            }
            if node.router_type == SPLITTER {
                let weights = node.steps.iter().map(|step| step.weight);
                match weights.sum::<Option<i64>>() {
                    Some(ALL_TRAFFIC) => {}
                    sum => refuse(field, RefusalReason::GraphWeights(sum)),
                }
            }
        }
        refusals
    }

    /// The services that it calls.
    pub(super) fn calls(&self, namespace: &str) -> GraphCalls {
        let account = self.spec.service_account_name.as_str();
        let steps = self.spec.nodes.values().flat_map(|node| &node.steps);
        let addressed = steps.clone().filter_map(|step| service_at(&step.service_url, namespace));
        let addressed =
            addressed.map(|(place, name)| (place.to_owned(), name.to_owned())).collect();
        let named = steps.map(|step| step.service_name.clone()).filter(|name| !name.is_empty());
        GraphCalls {
            service_account: if account.is_empty() { "default" } else { account }.to_owned(),
            services: named.collect(),
            addressed,
            labels: self.labels_of_pods(),
        }
    }

    /// `constructForRawDeployment` in `raw_ig.go`, `createKnativeService` in `knative_reconciler.go`.
    fn labels_of_pods(&self) -> BTreeMap<String, String> {
        let mut labels = self.metadata.labels.clone();
        labels.insert("serving.kserve.io/inferencegraph".to_owned(), self.metadata.name.clone());
        labels
    }

    /// In Knative mode the router is a Knative Service of the graph's name.
    pub(super) fn of_knative(&self, namespace: &str, knative: &Knative<'_>) -> Reconciled {
        let mut reconciled = Reconciled::default();
        let (Ok(domain), Ok(network)) = (knative.domain, knative.network) else {
            return reconciled;
        };
        let name = &self.metadata.name;
        let mut labels = self.metadata.labels.clone();
        labels.insert("serving.knative.dev/service".to_owned(), name.clone());
        let route = Route {
            name: name.clone(),
            namespace: namespace.to_owned(),
            labels,
            ..Route::default()
        };
        match route.hosts(domain, network) {
            Ok(hosts) => {
                reconciled.url = Some(format!("{}://{}", hosts.scheme, hosts.host));
                reconciled.routes.push(knative_route(name, &hosts));
            }
            Err(error) => reconciled.remarks.push(Remark::GraphWithoutHost(error)),
        }
        reconciled
    }

    /// In Standard mode it is a Deployment and a Service; the status has a URL to which no route
    /// answers.
    pub(super) fn of_standard(
        &self,
        namespace: &str,
        config: &KserveConfig,
        domain: &str,
    ) -> Reconciled {
        let mut reconciled = Reconciled::default();
        let name = &self.metadata.name;
        // Without a host the status is not written at all.
        let Ok(settings) = &config.ingress else { return reconciled };
        let metadata = &self.metadata;
        let host =
            templated_host(name, namespace, &metadata.labels, &metadata.annotations, settings);
        let host = match host {
            Ok(host) => host,
            Err(error) => {
                reconciled.remark(StandardRemark::Templated(error));
                return reconciled;
            }
        };
        let url = lower_scheme(&format!("http://{host}"));
        reconciled.remarks.push(Remark::GraphUrlWithoutRoute(url.clone()));
        reconciled.url = Some(url);
        reconciled.address = Some(format!("http://{name}.{namespace}.{domain}"));
        reconciled
    }
}

/// The namespace and name of the Service that an address inside the cluster names: `NAME.NAMESPACE.svc` with the
/// cluster's domain or without it, or what leaves `svc` or the namespace, which is then `own`, out as well.
fn service_at<'u>(url: &'u str, own: &'u str) -> Option<(&'u str, &'u str)> {
    let (_, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#', ':']).next()?;
    let mut labels = host.split('.');
    let (name, namespace) = (labels.next()?, labels.next().unwrap_or(own));
    let is_inside = matches!(labels.next(), None | Some("svc"));
    (is_inside && !name.is_empty()).then_some((namespace, name))
}

#[cfg(test)]
mod tests {
    use super::service_at;

    #[test]
    fn an_address_of_the_cluster_names_a_service() {
        for (url, service) in [
            (
                "http://a-predictor.retail.svc.cluster.local/v2/models/a/infer",
                Some(("retail", "a-predictor")),
            ),
            ("http://a.retail.svc:80/v1", Some(("retail", "a"))),
            ("http://a.retail", Some(("retail", "a"))),
            ("http://a/v1", Some(("retail", "a"))),
            ("http://a.partners.svc.cluster.local", Some(("partners", "a"))),
            ("https://api.example.com/retail", None),
            ("a.retail", None),
        ] {
            assert_eq!(service_at(url, "retail"), service, "{url}");
        }
    }
}
