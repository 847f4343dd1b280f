//! The proxy that evaluates the policies.

use std::collections::BTreeMap;

/// A workload with an Istio proxy: pods with a sidecar, or of an ingress gateway.
///
/// Ambient mode (waypoints, ztunnel) is not covered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// The namespace of its pods.
    pub namespace: String,
    /// The labels of its pods.
    pub labels: BTreeMap<String, String>,
    /// What its proxy is.
    pub kind: WorkloadKind,
}

/// What the proxy of a workload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkloadKind {
    /// A sidecar: the client's address is the last one of `x-forwarded-for`.
    Sidecar,
    /// A gateway: the client's address is the connection's, or one that trusted proxies report.
    Gateway {
        /// `gatewayTopology.numTrustedProxies` of its proxy configuration; 0 by default.
        trusted_proxies: usize,
    },
}

impl Workload {
    /// A workload whose pods have a sidecar.
    #[must_use]
    pub fn sidecar(namespace: impl Into<String>, labels: BTreeMap<String, String>) -> Self {
        Self { namespace: namespace.into(), labels, kind: WorkloadKind::Sidecar }
    }

    /// The pods of a gateway that trusts no proxy in front of it.
    #[must_use]
    pub fn gateway(namespace: impl Into<String>, labels: BTreeMap<String, String>) -> Self {
        let kind = WorkloadKind::Gateway { trusted_proxies: 0 };
        Self { namespace: namespace.into(), labels, kind }
    }

    /// The Gateway API object that the pods belong to.
    pub(super) fn gateway_api_name(&self) -> Option<&str> {
        self.labels.get("gateway.networking.k8s.io/gateway-name").map(String::as_str)
    }
}
