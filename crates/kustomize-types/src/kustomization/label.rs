//! Labels, and the fields that they go to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::null::{is_false, null_as_default, texts};

/// An entry of `labels` (`api/types/labels.go`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Label {
    /// The labels.
    #[serde(deserialize_with = "texts", skip_serializing_if = "BTreeMap::is_empty")]
    pub pairs: BTreeMap<String, String>,
    /// Whether selectors get them, too.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "is_false")]
    pub include_selectors: bool,
    /// Whether `spec.template.metadata` gets them, too.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "is_false")]
    pub include_templates: bool,
    /// More fields that get them.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldSpec>,
}

/// A field of the resources of a kind (`api/types/fieldspec.go`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FieldSpec {
    /// The API group; any where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The version; any where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The kind; any where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The path, with slashes: `spec/template/metadata/labels`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Whether to make the field where it is missing.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "is_false")]
    pub create: bool,
}
