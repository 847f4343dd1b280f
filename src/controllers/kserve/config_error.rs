//! Why the controller refuses its configuration.

use crate::go::json::GoJsonError;
use crate::go::template::TemplateError;
use crate::values::release::Release;

/// Why the controller refuses its configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// There is none.
    #[error(
        "the ConfigMap inferenceservice-config was not found; add the one of KServe's manifests"
    )]
    Absent,
    /// Not JSON, or a wrong type.
    #[error("inferenceservice-config: {key} cannot be read: {source}; correct the JSON")]
    Json {
        /// The key.
        key: &'static str,
        /// What is wrong.
        source: GoJsonError,
    },
    /// `null`, which stops the controller itself.
    #[error(
        "inferenceservice-config: {key} is null, which stops the controller; set it to an object or remove the key"
    )]
    Null {
        /// The key.
        key: &'static str,
    },
    /// A field that must be there.
    #[error("inferenceservice-config: {key} has no {needed}; set it")]
    Needed {
        /// The key.
        key: &'static str,
        /// The field.
        needed: &'static str,
    },
    /// A Gateway that is not `namespace/name`.
    #[error(
        "inferenceservice-config: invalid kserveIngressGateway {0:?}: must be namespace/name, each a DNS label"
    )]
    Gateway(String),
    /// A template.
    #[error("inferenceservice-config: {field} {source}")]
    Template {
        /// The field.
        field: &'static str,
        /// What is wrong.
        source: TemplateError,
    },
    /// A mode that the release does not know.
    #[error(
        "inferenceservice-config: defaultDeploymentMode {found:?} is unknown to KServe {kserve}; set it to {words}"
    )]
    Mode {
        /// What is there.
        found: String,
        /// The release.
        kserve: Release,
        /// What it takes.
        words: &'static str,
    },
}

impl ConfigError {
    pub(super) fn json(key: &'static str, source: GoJsonError) -> Self {
        Self::Json { key, source }
    }
}
