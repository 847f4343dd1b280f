//! `Kptfile`: a package of kpt, and the pipeline of functions that renders it.

mod pipeline;
mod status;
mod upstream;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fixed_text::fixed_text;
use crate::metadata::Metadata;
use crate::null::{null_as_default, texts};

pub use pipeline::{ConfigSource, Pipeline, PipelineError, PipelineFunction, Runner, Selector};
pub use status::{Condition, ConditionStatus, PipelineStep, RenderStatus, Status};
pub use upstream::{GenericLock, Git, GitLock, Origin, UpdateStrategy, Upstream, UpstreamLock};

/// The name of the file.
pub const FILE_NAME: &str = "Kptfile";

fixed_text! {
    /// The version of a [`Kptfile`] and of a [`FunctionResultList`](crate::FunctionResultList).
    KptVersion = "kpt.dev/v1"
}

fixed_text! {
    /// The kind of a [`Kptfile`].
    KptfileKind = "Kptfile"
}

/// A Kptfile (`api/kptfile/v1/types.go` of kpt, August 2026).
///
/// Fields that kpt does not know are refused, as it refuses them; a version of kpt that is older
/// than a field refuses that field, too (`tag`, `status.renderStatus`, `upstreamLock.generic`).
/// Stricter than kpt: `upstream.type`, `updateStrategy` and a condition's `status` are one of the
/// texts that its API names, where kpt reads any.
///
/// ```
/// use kustomize_types::Kptfile;
/// use kustomize_types::kptfile::Runner;
///
/// let kptfile: Kptfile = serde_yaml::from_str(
///     "apiVersion: kpt.dev/v1
/// kind: Kptfile
/// metadata: {name: api}
/// pipeline:
///   mutators:
///   - image: example/set-labels:v1
///     configMap: {app: a}
/// ",
/// )?;
/// let pipeline = kptfile.pipeline.unwrap_or_default();
/// pipeline.check()?;
/// assert_eq!(pipeline.mutators[0].runner()?, Runner::Image("example/set-labels:v1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Kptfile {
    /// `kpt.dev/v1`.
    pub api_version: KptVersion,
    /// `Kptfile`.
    pub kind: KptfileKind,
    /// The package's name, and its annotations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// Where the package came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Upstream>,
    /// Which state of it was fetched last. Written by kpt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream_lock: Option<UpstreamLock>,
    /// What people want to know of the package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info: Option<PackageInfo>,
    /// The functions that render it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<Pipeline>,
    /// How a cluster remembers what was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inventory: Option<Inventory>,
    /// How the last render went. Written by kpt and Porch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

/// `info` of a [`Kptfile`]. kpt does nothing with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct PackageInfo {
    /// The address of the package's page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// The authors' addresses.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<String>,
    /// The license's SPDX identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// The path of the license's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license_file: Option<String>,
    /// What the package is, in short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Keywords.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// The path of its documentation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub man: Option<String>,
    /// Conditions that hold before it is ready.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub readiness_gates: Vec<ReadinessGate>,
}

/// A condition of [`Status`] that must be true.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReadinessGate {
    /// The condition's type.
    pub condition_type: String,
}

/// `inventory` of a [`Kptfile`]. Name, namespace and id go together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Inventory {
    /// The inventory's namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The inventory's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The id that finds it.
    #[serde(rename = "inventoryID", skip_serializing_if = "Option::is_none")]
    pub inventory_id: Option<String>,
    /// Its labels.
    #[serde(deserialize_with = "texts", skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Its annotations.
    #[serde(deserialize_with = "texts", skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests;
