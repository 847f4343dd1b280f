//! Fields that kustomize still reads, and asks to be replaced.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::null::null_as_default;

/// A deprecated field that a kustomization has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeprecatedField {
    /// The field.
    pub field: &'static str,
    /// What to write instead.
    pub replacement: &'static str,
}

impl fmt::Display for DeprecatedField {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} is deprecated; use {} instead", self.field, self.replacement)
    }
}

/// An entry of `vars` (`api/types/var.go`): the value that `$(NAME)` represents.
///
/// A `$(NAME)` that no var has stays in the output as it is, without a word.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Var {
    /// The name.
    pub name: String,
    /// The object that has the value.
    #[serde(alias = "objRef")]
    pub objref: VarTarget,
    /// The field that has the value; `metadata.name` where it is absent.
    #[serde(default, alias = "fieldRef", skip_serializing_if = "Option::is_none")]
    pub fieldref: Option<FieldReference>,
}

/// The object that a [`Var`] takes its value from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct VarTarget {
    /// Group and version.
    #[serde(alias = "apiversion", skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// The group, in place of `apiVersion`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The version, in place of `apiVersion`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The name, without prefix and suffix.
    #[serde(deserialize_with = "null_as_default")]
    pub name: String,
    /// The namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

/// The field that a [`Var`] takes its value from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct FieldReference {
    /// The path, such as `data.certArn`. Many files spell it `fieldpath`, which kustomize reads.
    #[serde(alias = "fieldpath", skip_serializing_if = "Option::is_none")]
    pub field_path: Option<String>,
}

/// An entry of `helmChartInflationGenerator` (`HelmChartArgs` of `api/types/helmchartargs.go`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct HelmChartInflation {
    /// The chart's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_name: Option<String>,
    /// The chart's version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_version: Option<String>,
    /// The repository's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_repo_url: Option<String>,
    /// The directory of the charts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_home: Option<String>,
    /// The repository's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_repo_name: Option<String>,
    /// The helm program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub helm_bin: Option<String>,
    /// Helm's own directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub helm_home: Option<String>,
    /// The file of values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<String>,
    /// Values given here.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Map::is_empty")]
    pub values_local: Map<String, Value>,
    /// How the two are merged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values_merge: Option<String>,
    /// The release's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release_name: Option<String>,
    /// The release's namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release_namespace: Option<String>,
    /// More arguments of helm.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub extra_args: Vec<String>,
}
