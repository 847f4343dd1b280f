//! The fields of an `LLMInferenceService` that are read.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::controllers::gateway_api::{ParentReference, RouteSpec};
use crate::controllers::kserve::inference_service::{ComponentSpec, Status};
use crate::values::k8s::{ObjectMeta, empty_if_null};

/// An `LLMInferenceService`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct LlmInferenceService {
    /// `apiVersion`.
    pub api_version: String,
    /// `metadata`.
    #[serde(deserialize_with = "empty_if_null")]
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: LlmSpec,
    /// `status`, as an export has it.
    #[serde(deserialize_with = "empty_if_null")]
    pub status: Status,
}

/// `spec`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct LlmSpec {
    /// The model.
    #[serde(deserialize_with = "empty_if_null")]
    pub model: LlmModel,
    /// How requests come in; without it nothing leads from outside.
    pub router: Option<Router>,
    /// The workload that answers.
    #[serde(flatten)]
    pub workload: WorkloadSpec,
    /// A workload of its own for the prompts.
    pub prefill: Option<WorkloadSpec>,
    /// The configurations under it, by name.
    #[serde(rename = "baseRefs", deserialize_with = "empty_if_null")]
    pub bases: Vec<Name>,
}

/// `spec.model`, and each of its adapters.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct LlmModel {
    /// By which requests name it; the service's own where it is absent.
    pub name: Option<String>,
    /// What is served beside it.
    pub lora: Option<Lora>,
}

/// `spec.model.lora`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Lora {
    /// The adapters.
    #[serde(deserialize_with = "empty_if_null")]
    pub adapters: Vec<LlmModel>,
}

/// Pods on one node or several.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WorkloadSpec {
    /// The pods, or the leader's of several nodes.
    #[serde(deserialize_with = "empty_if_null")]
    pub template: ComponentSpec,
    /// Labels of the pods.
    #[serde(deserialize_with = "empty_if_null")]
    pub labels: BTreeMap<String, String>,
    /// Annotations of the pods.
    #[serde(deserialize_with = "empty_if_null")]
    pub annotations: BTreeMap<String, String>,
    /// The pods beside the leader's, where a model takes several nodes.
    pub worker: Option<ComponentSpec>,
    /// How a model is spread over them.
    pub parallelism: Option<Parallelism>,
    /// Whether a configuration under the service has pods of its own.
    #[serde(skip)]
    pub has_base_template: bool,
}

/// `parallelism`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Parallelism {
    /// Over pipelines.
    pub pipeline: Option<i64>,
    /// Over copies.
    pub data: Option<i64>,
    /// Copies on a node.
    pub data_local: Option<i64>,
}

/// `spec.router`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Router {
    /// The `HTTPRoute` that the controller creates.
    pub route: Option<RouterRoute>,
    /// The Gateways that it names.
    pub gateway: Option<RouterGateway>,
    /// The Ingresses that are written by hand.
    pub ingress: Option<RouterIngress>,
    /// What picks a pod for each request.
    pub scheduler: Option<Scheduler>,
}

/// `spec.router.ingress`. The controller of 0.20.0 creates no Ingress and reads none: of this field only its
/// webhook and its conversion know (`pkg/apis/serving/v1alpha2/llm_inference_service_validation.go`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RouterIngress {
    /// The Ingresses.
    #[serde(deserialize_with = "empty_if_null")]
    pub refs: Vec<ParentReference>,
}

/// `spec.router.route`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RouterRoute {
    /// The route's own settings.
    #[serde(deserialize_with = "empty_if_null")]
    pub http: RouterHttp,
}

/// `spec.router.route.http`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RouterHttp {
    /// `spec` of the `HTTPRoute`.
    pub spec: Option<RouteSpec>,
    /// Routes that are written by hand.
    #[serde(deserialize_with = "empty_if_null")]
    pub refs: Vec<ParentReference>,
}

/// `spec.router.gateway`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RouterGateway {
    /// The Gateways.
    #[serde(deserialize_with = "empty_if_null")]
    pub refs: Vec<ParentReference>,
}

/// `spec.router.scheduler`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Scheduler {
    /// The pool of pods.
    #[serde(deserialize_with = "empty_if_null")]
    pub pool: Pool,
}

/// `spec.router.scheduler.pool`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Pool {
    /// A pool that is written by hand.
    #[serde(rename = "ref", deserialize_with = "empty_if_null")]
    pub reference: Name,
}

/// An object's name.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Name {
    /// The name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
}
