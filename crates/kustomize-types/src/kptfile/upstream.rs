//! Where a package came from.

use serde::{Deserialize, Serialize};

/// The kind of place that a package comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A git repository.
    Git,
    /// A store of another kind.
    Generic,
}

/// How an update of the package is merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UpdateStrategy {
    /// Field by field.
    ResourceMerge,
    /// Only if nothing was changed here.
    FastForward,
    /// By losing what was changed here.
    ForceDeleteReplace,
    /// By copying over what is here.
    CopyMerge,
}

/// `upstream` of a [`Kptfile`](super::Kptfile).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Upstream {
    /// The kind of place.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The place in a git repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git: Option<Git>,
    /// How an update is merged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_strategy: Option<UpdateStrategy>,
}

/// A directory of a git repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Git {
    /// The repository's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repo: Option<String>,
    /// The directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// A branch, a tag or a commit.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// `upstreamLock` of a [`Kptfile`](super::Kptfile).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UpstreamLock {
    /// The kind of place.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The state in a git repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git: Option<GitLock>,
    /// The state in another store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generic: Option<GenericLock>,
}

/// A state of a directory of a git repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GitLock {
    /// The repository's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repo: Option<String>,
    /// The directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// The branch, tag or commit that was requested.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The commit that it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

/// A state in another store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GenericLock {
    /// The store.
    #[serde(rename = "storeID", skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    /// The package in it.
    #[serde(rename = "resourceID", skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    /// The version of the package.
    #[serde(rename = "resourceVersion", skip_serializing_if = "Option::is_none")]
    pub resource_version: Option<String>,
}
