//! Objects that are read as they are written: by their metadata, a `spec` and texts.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::values::k8s::{ObjectMeta, empty_if_null};

/// An object by its metadata alone.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Named {
    /// `metadata`.
    #[serde(deserialize_with = "empty_if_null")]
    pub metadata: ObjectMeta,
}

/// An object whose `spec` is read as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Plain {
    /// `metadata`.
    #[serde(deserialize_with = "empty_if_null")]
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: Value,
}

/// A ConfigMap.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ConfigMap {
    /// `metadata`.
    #[serde(deserialize_with = "empty_if_null")]
    pub metadata: ObjectMeta,
    /// `data`; the API server takes texts alone, but one that is none must not hide the others.
    #[serde(deserialize_with = "empty_if_null")]
    pub data: BTreeMap<String, Value>,
}

impl ConfigMap {
    /// All texts.
    #[must_use]
    pub(crate) fn texts(&self) -> BTreeMap<String, String> {
        let texts = self.data.iter();
        texts.filter_map(|(key, text)| Some((key.clone(), text.as_str()?.to_owned()))).collect()
    }
}
