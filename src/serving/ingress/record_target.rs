//! Where a DNS name leads.

use std::fmt;

use crate::controllers::alb::GroupId;

/// Where a name leads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum RecordTarget {
    /// To the load balancer of a group of Ingresses, or of one by itself.
    LoadBalancer(GroupId),
    /// To a name or address.
    Address(String),
}

impl fmt::Display for RecordTarget {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LoadBalancer(group) => write!(out, "{group}"),
            Self::Address(address) if address.is_empty() => out.write_str("nothing"),
            Self::Address(address) => out.write_str(address),
        }
    }
}
