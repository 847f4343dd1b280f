//! `metadata` of the objects that configure a host.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::null::texts;

/// `metadata` of a Kustomization, a Kptfile, or a list of results.
///
/// Other fields are refused, as kustomize and kpt refuse them (`api/types/objectmeta.go` of
/// kustomize, `yaml/types.go` of kyaml).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metadata {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The labels.
    #[serde(deserialize_with = "texts", skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The annotations. `config.kubernetes.io/local-config: "true"` keeps an object out of the
    /// output.
    #[serde(deserialize_with = "texts", skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}
