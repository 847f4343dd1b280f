//! Changes to resources: patches, images, replicas.

use serde::{Deserialize, Serialize};

use super::Selector;
use crate::null::{is_false, null_as_default};

/// An entry of `patches` (`api/types/patch.go`): a strategic merge patch or a JSON patch, by path
/// or inline. kustomize wants exactly one of `path` and `patch`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Patch {
    /// The file of the patch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The patch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch: Option<String>,
    /// The resources to patch. A JSON patch needs it; a strategic merge patch names its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Selector>,
    /// What the patch may change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<PatchOptions>,
}

/// `options` of a [`Patch`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct PatchOptions {
    /// The name.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "is_false")]
    pub allow_name_change: bool,
    /// The kind.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "is_false")]
    pub allow_kind_change: bool,
}

/// An entry of `images` (`api/types/image.go`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Image {
    /// The image as the resources name it, without tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its new name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_name: Option<String>,
    /// Put after its tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag_suffix: Option<String>,
    /// Its new tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_tag: Option<String>,
    /// Its digest, in place of a tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// An entry of `replicas` (`api/types/replica.go`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Replica {
    /// The resource's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many replicas.
    #[serde(deserialize_with = "null_as_default")]
    pub count: i64,
}
