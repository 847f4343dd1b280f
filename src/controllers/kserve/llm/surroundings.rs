//! What an `LLMInferenceService` is reconciled with.

use std::collections::BTreeMap;

use crate::controllers::gateway_api::Gateway;
use crate::controllers::kserve::ingress_settings::IngressSettings;
use crate::values::release::Release;

/// What a service is reconciled with.
pub(in crate::controllers::kserve) struct Surroundings<'a> {
    /// The configuration of routes.
    pub(in crate::controllers::kserve) settings: &'a IngressSettings,
    /// The Gateways of the objects, by namespace and name.
    pub(in crate::controllers::kserve) gateways: &'a BTreeMap<(String, String), Gateway>,
    /// The release of `KServe`.
    pub(in crate::controllers::kserve) kserve: Release,
    /// Whether they are all Gateways of the cluster.
    pub(in crate::controllers::kserve) whole_cluster: bool,
    /// The labels of the service's namespace, where it is in the input.
    pub(in crate::controllers::kserve) namespace: Option<&'a BTreeMap<String, String>>,
}
