//! The parts of a Kubernetes object that every module reads.

use std::collections::BTreeMap;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::parsed_text::parsed_text;
use super::route_host::is_dns_1123_label;
use krm_package::text::excerpt::Excerpt;

pub use krm_function::{ResourceRef, group_and_version};

/// The name of a namespace, a DNS label of RFC 1123 (`ValidateNamespaceName` of the API server).
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(
    inline,
    extend("maxLength" = 63, "pattern" = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
)]
pub(crate) struct Namespace(String);

parsed_text!(pub(crate) Namespace);

/// A text that is not a namespace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid namespace {0}: must be at most 63 lowercase letters, digits or \"-\", starting and ending with a letter or digit"
)]
pub(crate) struct InvalidNamespace(Excerpt);

impl FromStr for Namespace {
    type Err = InvalidNamespace;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_dns_1123_label(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidNamespace(Excerpt::new(text)))
        }
    }
}

/// `metadata` of an object, as far as the rules look at it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ObjectMeta {
    /// `metadata.name`; empty where it is absent (an object with `generateName`).
    pub name: String,
    /// `metadata.namespace`, where the manifest gives one.
    #[serde(deserialize_with = "absent_if_null")]
    pub namespace: Option<String>,
    /// `metadata.labels`.
    #[serde(deserialize_with = "empty_if_null")]
    pub labels: BTreeMap<String, String>,
    /// `metadata.annotations`.
    #[serde(deserialize_with = "empty_if_null")]
    pub annotations: BTreeMap<String, String>,
    /// `metadata.creationTimestamp` as the API server writes it, in UTC, so that text order is the
    /// order of time; `None` in a manifest that no cluster has stored, before all others.
    #[serde(rename = "creationTimestamp", deserialize_with = "absent_if_null")]
    pub creation_timestamp: Option<String>,
}

/// Reads a field that Kubernetes lets be `null` as its default.
///
/// # Errors
/// Those of the field's own type.
pub(crate) fn empty_if_null<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

fn absent_if_null<'de, D>(deserializer: D) -> Result<Option<String>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    Ok(Option::<String>::deserialize(deserializer)?.filter(|text| !text.is_empty()))
}
