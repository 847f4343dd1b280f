//! Addresses behind a Service that somebody writes by hand: `EndpointSlice` and Endpoints.
//!
//! Source of the fields: `k8s.io/api/discovery/v1/types.go`, `k8s.io/api/core/v1/types.go`.

use serde::Deserialize;

use crate::values::k8s::{ObjectMeta, empty_if_null};

/// The label of an `EndpointSlice` that names its Service.
pub(crate) const SERVICE_NAME_LABEL: &str = "kubernetes.io/service-name";

/// `discovery.k8s.io` `EndpointSlice`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct EndpointSlice {
    /// Name, namespace and labels, one of which names the Service.
    pub metadata: ObjectMeta,
    /// The addresses.
    #[serde(deserialize_with = "empty_if_null")]
    pub endpoints: Vec<Endpoint>,
}

/// `endpoints[]` of an [`EndpointSlice`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Endpoint {
    /// Its addresses.
    #[serde(deserialize_with = "empty_if_null")]
    pub addresses: Vec<String>,
    /// The pod that has them.
    pub target_ref: Option<TargetRef>,
}

/// `v1` Endpoints, of the name of their Service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Endpoints {
    /// Name and namespace.
    pub metadata: ObjectMeta,
    /// The addresses.
    #[serde(deserialize_with = "empty_if_null")]
    pub subsets: Vec<Subset>,
}

/// `subsets[]` of [`Endpoints`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Subset {
    /// The addresses that are ready.
    #[serde(deserialize_with = "empty_if_null")]
    pub addresses: Vec<SubsetAddress>,
}

/// `subsets[].addresses[]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct SubsetAddress {
    /// The address.
    #[serde(deserialize_with = "empty_if_null")]
    pub ip: String,
    /// The pod that has it.
    pub target_ref: Option<TargetRef>,
}

/// The object behind an address.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct TargetRef {
    /// `Pod`.
    #[serde(deserialize_with = "empty_if_null")]
    pub kind: String,
    /// Its name.
    #[serde(deserialize_with = "empty_if_null")]
    pub name: String,
    /// Its namespace.
    pub namespace: Option<String>,
}
