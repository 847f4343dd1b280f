//! Values copied from one field to others.

use serde::{Deserialize, Serialize};

use super::Selector;
use crate::null::{is_false, null_as_default};

/// An entry of `replacements` (`api/types/replacementfield.go`): a source and targets, or the path
/// of a file that has them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Replacement {
    /// The file, in place of the other fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The field that has the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<ReplacementSource>,
    /// The value itself, in place of a source. Newer than kustomize's API v0.18.0 (kubectl 1.32).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_value: Option<String>,
    /// The fields that get the value.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<ReplacementTarget>,
}

/// The field of one resource that has the value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ReplacementSource {
    /// The API group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The path; `metadata.name` where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field_path: Option<String>,
    /// Which part of the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<FieldOptions>,
}

/// The fields that get the value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ReplacementTarget {
    /// The resources.
    pub select: Option<Selector>,
    /// All but these.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub reject: Vec<Selector>,
    /// The paths, such as `metadata.annotations.[a.b/c]`.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub field_paths: Vec<String>,
    /// Which part of the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<FieldOptions>,
}

/// Which part of a field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FieldOptions {
    /// What splits the field into parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// Which part, from 0; a target before the first or after the last adds one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<i64>,
    /// Read by kustomize, and used for nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Whether to make the field where it is missing.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "is_false")]
    pub create: bool,
}
