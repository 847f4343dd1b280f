//! An `InferenceService` of `serving.kserve.io/v1beta1`, as far as its hosts depend on it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::values::k8s::{ObjectMeta, empty_if_null};

/// A part of an `InferenceService` that runs on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Component {
    /// The model server.
    Predictor,
    /// What is before the model server.
    Transformer,
    /// What answers `:explain`.
    Explainer,
}

impl Component {
    /// `predictor`, `transformer` or `explainer`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Predictor => "predictor",
            Self::Transformer => "transformer",
            Self::Explainer => "explainer",
        }
    }
}

/// An `InferenceService`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct InferenceService {
    /// `metadata`
    #[serde(deserialize_with = "empty_if_null")]
    pub metadata: ObjectMeta,
    /// `spec`
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: InferenceServiceSpec,
    /// `status`, as an export has it.
    #[serde(deserialize_with = "empty_if_null")]
    pub status: Status,
}

/// `status`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Status {
    /// The mode that the controller recorded; it outranks the annotation from 0.15.1 on.
    #[serde(deserialize_with = "empty_if_null")]
    pub deployment_mode: String,
    /// The URL that the controller recorded; of Knative's objects, too.
    #[serde(deserialize_with = "empty_if_null")]
    pub url: String,
}

/// `spec`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct InferenceServiceSpec {
    /// The model server.
    #[serde(deserialize_with = "empty_if_null")]
    pub predictor: ComponentSpec,
    /// What is before it.
    pub transformer: Option<Box<ComponentSpec>>,
    /// What explains its answers.
    pub explainer: Option<Box<ComponentSpec>>,
    /// Predictors that take a part of the traffic, in Standard mode from 0.20 on.
    #[serde(deserialize_with = "empty_if_null")]
    pub canary: Vec<CanarySpec>,
}

/// A predictor that takes a part of the traffic.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct CanarySpec {
    /// Its part of the traffic.
    #[serde(deserialize_with = "empty_if_null")]
    pub traffic_percent: i64,
    /// What is other than in the predictor.
    #[serde(deserialize_with = "empty_if_null")]
    pub predictor: ComponentSpec,
}

/// A component's spec.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ComponentSpec {
    /// `name` of a predictor, from 0.20 on.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// Labels of the component.
    #[serde(deserialize_with = "empty_if_null")]
    pub labels: BTreeMap<String, String>,
    /// Annotations of the component.
    #[serde(deserialize_with = "empty_if_null")]
    pub annotations: BTreeMap<String, String>,
    /// The service account of its pods; `default` where it is empty.
    #[serde(deserialize_with = "empty_if_null")]
    pub service_account_name: String,
    /// Whether its pods use the network of their node.
    #[serde(deserialize_with = "empty_if_null")]
    pub host_network: bool,
    /// The traffic of the latest revision, in Knative mode.
    pub canary_traffic_percent: Option<i64>,
    /// How many pods there are at least.
    pub min_replicas: Option<i64>,
    /// What further nodes run, in a predictor of several nodes.
    pub worker_spec: Option<Box<WorkerSpec>>,
    /// Containers of a custom component.
    #[serde(deserialize_with = "empty_if_null")]
    pub containers: Vec<Container>,
    /// Containers that start before them, among them sidecars.
    #[serde(deserialize_with = "empty_if_null")]
    pub init_containers: Vec<Container>,
    /// The model, of any framework.
    pub model: Option<Box<ModelSpec>>,
    /// The framework that defaulting turns into `model` with the protocol v2.
    pub triton: Option<Box<ModelSpec>>,
    /// As `triton`.
    pub onnx: Option<Box<ModelSpec>>,
    /// A framework that defaulting turns into `model`.
    pub sklearn: Option<Box<ModelSpec>>,
    /// As `sklearn`.
    pub xgboost: Option<Box<ModelSpec>>,
    /// As `sklearn`.
    pub tensorflow: Option<Box<ModelSpec>>,
    /// As `sklearn`.
    pub pytorch: Option<Box<ModelSpec>>,
    /// As `sklearn`.
    pub pmml: Option<Box<ModelSpec>>,
    /// As `sklearn`.
    pub lightgbm: Option<Box<ModelSpec>>,
    /// As `sklearn`.
    pub paddle: Option<Box<ModelSpec>>,
    /// As `sklearn`.
    pub huggingface: Option<Box<ModelSpec>>,
    /// What collects requests in front of the server.
    pub batcher: Option<serde::de::IgnoredAny>,
    /// What logs requests in front of the server.
    pub logger: Option<serde::de::IgnoredAny>,
    /// An explainer of `KServe`'s own.
    pub art: Option<serde::de::IgnoredAny>,
    /// As `art`, up to 0.12.
    pub alibi: Option<serde::de::IgnoredAny>,
    /// As `art`, up to 0.10.
    pub aix: Option<serde::de::IgnoredAny>,
}

/// The pods on further nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct WorkerSpec {
    /// Whether they use the network of their node.
    #[serde(deserialize_with = "empty_if_null")]
    pub host_network: bool,
    /// Their containers.
    #[serde(deserialize_with = "empty_if_null")]
    pub containers: Vec<Container>,
    /// Containers that start before them, among them sidecars.
    #[serde(deserialize_with = "empty_if_null")]
    pub init_containers: Vec<Container>,
}

impl WorkerSpec {
    /// The first port of the node that leads to them.
    pub(crate) fn host_port(&self) -> Option<u32> {
        let containers = self.containers.iter().chain(&self.init_containers);
        let mut ports = containers.flat_map(|one| &one.ports);
        ports.find(|port| port.host_port > 0).map(|port| port.host_port)
    }
}

/// A model or a framework of a predictor.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ModelSpec {
    /// The format's name.
    #[serde(deserialize_with = "empty_if_null")]
    pub model_format: ModelFormat,
    /// The container's name, which only a canary needs.
    pub name: Option<String>,
    /// Where the model lies.
    pub storage_uri: Option<String>,
    /// Where the model lies, by a secret's key.
    pub storage: Option<serde::de::IgnoredAny>,
    /// The protocol, where it is given.
    pub protocol_version: Option<String>,
    /// The runtime, where it is named.
    pub runtime: Option<String>,
    /// The container's arguments.
    #[serde(deserialize_with = "empty_if_null")]
    pub args: Vec<String>,
    /// The container's environment.
    #[serde(deserialize_with = "empty_if_null")]
    pub env: Vec<EnvVar>,
    /// The container's ports.
    #[serde(deserialize_with = "empty_if_null")]
    pub ports: Vec<ContainerPort>,
}

/// A model's format.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct ModelFormat {
    /// `sklearn`, `triton` and so on.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// Its version.
    pub version: Option<String>,
}

/// A container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Container {
    /// Its name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// Its image.
    #[serde(deserialize_with = "empty_if_null")]
    pub image: String,
    /// Its command.
    #[serde(deserialize_with = "empty_if_null")]
    pub command: Vec<String>,
    /// Its arguments.
    #[serde(deserialize_with = "empty_if_null")]
    pub args: Vec<String>,
    /// Its environment.
    #[serde(deserialize_with = "empty_if_null")]
    pub env: Vec<EnvVar>,
    /// Its ports.
    #[serde(deserialize_with = "empty_if_null")]
    pub ports: Vec<ContainerPort>,
}

/// An environment variable with its value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct EnvVar {
    /// Its name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// Its value; empty where it comes from elsewhere.
    #[serde(deserialize_with = "empty_if_null")]
    pub value: String,
}

/// A container's port.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ContainerPort {
    /// Its name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// Its number.
    #[serde(deserialize_with = "empty_if_null")]
    pub container_port: u32,
    /// The node's port that leads to it; 0 for none.
    #[serde(deserialize_with = "empty_if_null")]
    pub host_port: u32,
}

impl InferenceService {
    /// The components, in the order in which the controller makes them.
    pub(crate) fn components(&self) -> impl Iterator<Item = (Component, &ComponentSpec)> {
        let others = [
            (Component::Transformer, self.spec.transformer.as_deref()),
            (Component::Explainer, self.spec.explainer.as_deref()),
        ];
        let others = others.into_iter().filter_map(|(component, spec)| Some((component, spec?)));
        std::iter::once((Component::Predictor, &self.spec.predictor)).chain(others)
    }

    /// The component that requests reach first: the transformer where there is one.
    #[must_use]
    pub(crate) fn entry(&self) -> Component {
        if self.spec.transformer.is_some() { Component::Transformer } else { Component::Predictor }
    }
}

/// A model as the webhook's defaulting leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DefaultedModel<'a> {
    /// The format's name.
    pub(super) format: &'a str,
    /// The format's version.
    pub(super) version: Option<&'a str>,
    /// The protocol, given or by default; `None` where the runtime decides.
    pub(super) protocol: Option<&'a str>,
    /// The runtime, where it is named.
    pub(super) runtime: Option<&'a str>,
}

impl ComponentSpec {
    /// The model after defaulting.
    ///
    /// Source: `setPredictorModelDefaults` and the functions that it calls in
    /// `pkg/apis/serving/v1beta1/inference_service_defaults.go`.
    pub(super) fn defaulted_model(&self) -> Option<DefaultedModel<'_>> {
        if let Some((format, default, model)) = self.each_named_framework().next() {
            return Some(DefaultedModel {
                format,
                version: None,
                protocol: model.protocol_version.as_deref().or(default),
                runtime: model.runtime.as_deref(),
            });
        }
        let model = self.model.as_deref()?;
        let format = model.model_format.name.as_str();
        let default = matches!(format, "triton" | "vLLM").then_some("v2");
        Some(DefaultedModel {
            format,
            version: model.model_format.version.as_deref(),
            protocol: model.protocol_version.as_deref().or(default),
            runtime: model.runtime.as_deref(),
        })
    }

    /// The frameworks that are given, each with its format and default protocol, in the order in which the
    /// webhook takes one; it takes the place of `model`.
    fn each_named_framework(
        &self,
    ) -> impl Iterator<Item = (&'static str, Option<&'static str>, &ModelSpec)> {
        [
            ("sklearn", None, self.sklearn.as_deref()),
            ("tensorflow", None, self.tensorflow.as_deref()),
            ("xgboost", None, self.xgboost.as_deref()),
            ("pytorch", None, self.pytorch.as_deref()),
            ("triton", Some("v2"), self.triton.as_deref()),
            ("onnx", Some("v2"), self.onnx.as_deref()),
            ("huggingface", Some("v2"), self.huggingface.as_deref()),
            ("pmml", None, self.pmml.as_deref()),
            ("lightgbm", None, self.lightgbm.as_deref()),
            ("paddle", None, self.paddle.as_deref()),
        ]
        .into_iter()
        .filter_map(|(format, default, model)| Some((format, default, model?)))
    }

    /// The model, after the defaulting of frameworks.
    #[must_use]
    pub(crate) fn served_model(&self) -> Option<&ModelSpec> {
        self.each_framework().next().or(self.model.as_deref())
    }

    /// Takes out every framework, in whose place there is a model.
    pub(super) fn forget_frameworks(&mut self) {
        for framework in [
            &mut self.sklearn,
            &mut self.tensorflow,
            &mut self.xgboost,
            &mut self.pytorch,
            &mut self.triton,
            &mut self.onnx,
            &mut self.huggingface,
            &mut self.pmml,
            &mut self.lightgbm,
            &mut self.paddle,
        ] {
            *framework = None;
        }
    }

    /// How many frameworks are given.
    pub(super) fn frameworks(&self) -> usize {
        self.each_framework().count()
    }

    fn each_framework(&self) -> impl Iterator<Item = &ModelSpec> {
        self.each_named_framework().map(|(_, _, model)| model)
    }

    /// The first port of the node that leads to the component's pods: its spec is a `PodSpec` with
    /// the model's container beside the others (`pkg/apis/serving/v1beta1/podspec.go`).
    #[must_use]
    pub(crate) fn host_port(&self) -> Option<u32> {
        let containers = self.containers.iter().chain(&self.init_containers).map(|one| &one.ports);
        let models =
            self.model.as_deref().into_iter().chain(self.each_framework()).map(|one| &one.ports);
        let mut ports = containers.chain(models).flatten();
        ports.find(|port| port.host_port > 0).map(|port| port.host_port)
    }
}
