//! What a configuration lists, held against the objects.

use crate::finding::{Code, FieldPath, Finding, Fix};
use crate::values::dns_name::DnsName;
use crate::values::words::one_of;

/// A message names no more.
const MOST_SHOWN: usize = 5;

/// A listed namespace that no object is in, and that is nearly one that objects are in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MisspeltNamespace {
    /// What is listed.
    pub namespace: String,
    /// The namespace that is meant.
    pub near: String,
    /// Its place in `spec.namespaces`.
    pub index: usize,
}

impl From<MisspeltNamespace> for Finding {
    fn from(MisspeltNamespace { namespace, near, index }: MisspeltNamespace) -> Self {
        let message =
            format!("namespace {namespace} has no objects in the input; did you mean \"{near}\"?");
        Finding::error(Code::NamespaceUnknown, message)
            .field(FieldPath::from("spec.namespaces").index(index))
            .proposed(near)
    }
}

/// A domain that is none of the domains that the objects serve under.
pub(crate) struct OtherDomain<'a> {
    pub(crate) domain: &'a DnsName,
    /// The domains of the objects.
    pub(crate) served: &'a [&'a str],
    /// The one that is meant.
    pub(crate) near: Option<&'a str>,
}

impl From<OtherDomain<'_>> for Finding {
    fn from(OtherDomain { domain, served, near }: OtherDomain<'_>) -> Self {
        let message = format!(
            "config-domain in the input has no domain {domain}, and the hosts are those of config-domain; set domain to {}, or remove it",
            one_of(&served[..served.len().min(MOST_SHOWN)])
        );
        let finding = Self::error(Code::DomainContradicts, message).field("spec.domain");
        match near {
            Some(near) => finding.proposed(near),
            None => finding,
        }
    }
}

/// Namespaces with hosts that a list of namespaces leaves out.
pub(crate) struct LeftOutNamespaces<'a>(pub(crate) &'a [&'a str]);

impl From<LeftOutNamespaces<'_>> for Finding {
    fn from(LeftOutNamespaces(namespaces): LeftOutNamespaces<'_>) -> Self {
        let more = match namespaces.len().saturating_sub(MOST_SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!(
            "services of the namespaces {}{more} are in the input and are left out; add the namespaces, or leave them to another configuration",
            namespaces[..namespaces.len().min(MOST_SHOWN)].join(", ")
        );
        Self::warning(Code::NamespaceLeftOut, message).field("spec.namespaces")
    }
}

/// A listed host that no object has, and that is nearly one that an object has.
pub(crate) struct MisspeltHost<'a> {
    pub(crate) host: &'a str,
    /// The host that is meant.
    pub(crate) near: &'a str,
    /// Its place in `spec.hosts`.
    pub(crate) index: usize,
}

impl From<MisspeltHost<'_>> for Finding {
    fn from(MisspeltHost { host, near, index }: MisspeltHost<'_>) -> Self {
        let message =
            format!("no object in the input has the host {host}; did you mean \"{near}\"?");
        let path = FieldPath::from("spec.hosts").index(index);
        Self::warning(Code::HostMisspelt, message)
            .field(&path)
            .proposed(near)
            .fix(Fix::replace(path, near).if_intended())
    }
}
