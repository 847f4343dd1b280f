//! Ingresses of API versions that Kubernetes 1.22 removed.
//!
//! `extensions/v1beta1` and `networking.k8s.io/v1beta1` are served up to 1.21
//! (`docs/reference/using-api/deprecation-guide.md` of Kubernetes): an API server of today refuses
//! the object, an older one makes the same door of it.

use serde::Deserialize;

use crate::controllers::alb::objects::IntOrString;
use crate::values::k8s::{ObjectMeta, empty_if_null};

/// The release of Kubernetes that removed the versions.
pub(crate) const REMOVED_IN: &str = "1.22";

/// An Ingress of a removed version.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RemovedIngress {
    /// Name, namespace, annotations.
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: RemovedSpec,
}

/// `spec` of a [`RemovedIngress`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct RemovedSpec {
    /// The class.
    pub ingress_class_name: Option<String>,
    /// Where a request goes that no rule takes.
    pub backend: Option<RemovedBackend>,
    /// The rules.
    #[serde(deserialize_with = "empty_if_null")]
    pub rules: Vec<RemovedRule>,
}

/// `spec.rules[]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RemovedRule {
    /// The host.
    #[serde(deserialize_with = "empty_if_null")]
    pub host: String,
    /// The paths.
    pub http: Option<RemovedPaths>,
}

/// `spec.rules[].http`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RemovedPaths {
    /// The paths.
    #[serde(deserialize_with = "empty_if_null")]
    pub paths: Vec<RemovedPath>,
}

/// `spec.rules[].http.paths[]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RemovedPath {
    /// The path.
    #[serde(deserialize_with = "empty_if_null")]
    pub path: String,
    /// Where it goes.
    #[serde(deserialize_with = "empty_if_null")]
    pub backend: RemovedBackend,
}

/// A backend: a Service by name and port.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct RemovedBackend {
    /// The Service.
    #[serde(deserialize_with = "empty_if_null")]
    pub service_name: String,
    /// Its port.
    pub service_port: Option<IntOrString>,
}

impl RemovedIngress {
    /// Every backend with its field.
    pub(crate) fn backends(&self) -> impl Iterator<Item = (String, &RemovedBackend)> {
        let default = self.spec.backend.iter().map(|one| ("spec.backend".to_owned(), one));
        let of_rules = self.spec.rules.iter().enumerate().flat_map(|(rule, of)| {
            let paths = of.http.iter().flat_map(|http| &http.paths).enumerate();
            paths.map(move |(path, one)| {
                (format!("spec.rules[{rule}].http.paths[{path}].backend"), &one.backend)
            })
        });
        default.chain(of_rules)
    }
}
