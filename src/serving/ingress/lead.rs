//! Where a DNS name leads.

use crate::k8s::ObjectMeta;

/// Where a name leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lead {
    /// To the load balancer of an Ingress: its group, or itself.
    Ingress(String),
    /// To a name or address.
    Target(String),
}

impl Lead {
    /// To the load balancer of an Ingress, by its annotations.
    #[must_use]
    pub fn of_ingress(metadata: &ObjectMeta) -> Self {
        let group = metadata.annotations.get("alb.ingress.kubernetes.io/group.name");
        Self::Ingress(group.cloned().unwrap_or_else(|| {
            format!("{}/{}", metadata.namespace.as_deref().unwrap_or("default"), metadata.name)
        }))
    }
}
