//! Helm charts.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::null::{is_false, null_as_default};

/// `helmGlobals`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct HelmGlobals {
    /// The directory of the charts; `charts` where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_home: Option<String>,
    /// Helm's own directory; a temporary one where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_home: Option<String>,
}

/// An entry of `helmCharts` (`HelmChart` of `api/types/helmchartargs.go`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct HelmChart {
    /// The chart's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The chart's version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The repository's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repo: Option<String>,
    /// The release's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release_name: Option<String>,
    /// The release's namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Files of values, over the chart's or over `valuesFile`.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub additional_values_files: Vec<String>,
    /// The file of values in place of the chart's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values_file: Option<String>,
    /// Values given here.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Map::is_empty")]
    pub values_inline: Map<String, Value>,
    /// `merge`, `override` or `replace`; `override` where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values_merge: Option<String>,
    /// Whether to take the chart's CustomResourceDefinitions.
    #[serde(
        rename = "includeCRDs",
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_false"
    )]
    pub include_crds: bool,
    /// Whether to leave out hooks.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "is_false")]
    pub skip_hooks: bool,
    /// API versions that the chart may ask for.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub api_versions: Vec<String>,
    /// The Kubernetes version that the chart may ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kube_version: Option<String>,
    /// The template of the release's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_template: Option<String>,
    /// Whether to leave out tests.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "is_false")]
    pub skip_tests: bool,
    /// Whether helm is to say what it does.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "is_false")]
    pub debug: bool,
    /// Whether to take development releases. Newer than kustomize's API v0.18.0 (kubectl 1.32).
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "is_false")]
    pub devel: bool,
}
