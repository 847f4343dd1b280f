//! An `InferenceGraph`, as far as its hosts and its calls go.
//!
//! Source: `pkg/controller/v1alpha1/inferencegraph/{controller,knative_reconciler,raw_ig}.go` of 0.20.0.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::config::KserveConfig;
use super::endpoint::GraphCalls;
use super::hosts::templated_host;
use super::inference_service::Status;
use super::knative_mode::knative_route;
use super::mode::{DeploymentMode, MODE_ANNOTATION, recorded};
use super::reconciled::{Knative, Reconciled, lower_scheme};
use super::remark::Remark;
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
#[serde(default)]
pub(crate) struct GraphNode {
    /// Its steps.
    #[serde(deserialize_with = "empty_if_null")]
    pub steps: Vec<GraphStep>,
}

/// A step of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct GraphStep {
    /// The `InferenceService` of the graph's namespace that it asks.
    #[serde(deserialize_with = "empty_if_null")]
    pub service_name: String,
}

impl InferenceGraph {
    /// Status, then annotation, then the configuration's default, as for a service.
    pub(super) fn mode(&self, default: DeploymentMode, kserve: Release) -> DeploymentMode {
        let annotation = self.metadata.annotations.get(MODE_ANNOTATION);
        let wanted = annotation.and_then(|word| DeploymentMode::of_word(word, kserve));
        recorded(&self.status.deployment_mode, kserve).or(wanted).unwrap_or(default)
    }

    /// Who it asks.
    pub(super) fn calls(&self) -> GraphCalls {
        let account = self.spec.service_account_name.as_str();
        let steps = self.spec.nodes.values().flat_map(|node| &node.steps);
        let named = steps.map(|step| step.service_name.clone()).filter(|name| !name.is_empty());
        GraphCalls {
            service_account: if account.is_empty() { "default" } else { account }.to_owned(),
            services: named.collect(),
        }
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
        if let Ok(settings) = &config.ingress {
            let metadata = &self.metadata;
            let host =
                templated_host(name, namespace, &metadata.labels, &metadata.annotations, settings);
            if let Ok(host) = host {
                let url = lower_scheme(&format!("http://{host}"));
                reconciled.remarks.push(Remark::GraphUrlWithoutRoute(url.clone()));
                reconciled.url = Some(url);
            }
        }
        reconciled.address = Some(format!("http://{name}.{namespace}.{domain}"));
        reconciled
    }
}
