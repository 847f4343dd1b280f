//! Istio's `ServiceEntry`: hosts that the mesh knows besides Services.
//!
//! Source of the fields: `networking/v1alpha3/service_entry.proto` of istio/api.

use serde::Deserialize;

use crate::values::k8s::{ObjectMeta, empty_if_null};
use std::collections::BTreeMap;

/// `networking.istio.io` `ServiceEntry`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ServiceEntry {
    /// `metadata`.
    #[serde(deserialize_with = "empty_if_null")]
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub spec: ServiceEntrySpec,
}

/// `spec` of a [`ServiceEntry`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ServiceEntrySpec {
    /// The hosts by which routes name it.
    #[serde(deserialize_with = "empty_if_null")]
    pub hosts: Vec<String>,
    /// Addresses that are written by hand.
    #[serde(deserialize_with = "empty_if_null")]
    pub endpoints: Vec<WorkloadAddress>,
    /// Which pods of its namespace it leads to.
    pub workload_selector: Option<EntrySelector>,
}

/// `spec.endpoints[]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WorkloadAddress {
    /// An IP address, or a DNS name.
    #[serde(deserialize_with = "empty_if_null")]
    pub address: String,
}

/// `spec.workloadSelector`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct EntrySelector {
    /// The labels that pods must have.
    #[serde(deserialize_with = "empty_if_null")]
    pub labels: BTreeMap<String, String>,
}
