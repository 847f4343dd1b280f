//! What a configuration names, held against the objects: domains, namespaces and hosts.

use std::collections::{BTreeMap, BTreeSet};

use super::diags::{LeftOutNamespaces, MisspeltHost, OtherDomain};
use super::public_host::PublicHost;
use super::read::serving_items;
use crate::finding::Finding;
use crate::runtime::Items;
use crate::values::dns_name::{DnsName, WildcardName};
use crate::values::k8s::Namespace;
use krm_package::text::suggest::nearest;

/// No more are compared with a misspelt one.
const MOST_SHOWN: usize = 5;

/// That `spec.domain` is none of the domains that the objects serve under.
#[must_use]
pub(crate) fn contradicting_domain(domain: Option<&DnsName>, items: &Items<'_>) -> Option<Finding> {
    let domain = domain?;
    let served = serving_items(items).domains();
    if served.is_empty() || served.iter().any(|one| one.eq_ignore_ascii_case(domain.as_str())) {
        return None;
    }
    let served: Vec<&str> = served.iter().map(String::as_str).collect();
    let shown = &served[..served.len().min(MOST_SHOWN)];
    let near = nearest(domain.as_str(), shown).or_else(|| shown.first().copied());
    Some(OtherDomain { domain, served: &served, near }.into())
}

/// The namespaces with hosts that a list of namespaces leaves out.
#[must_use]
pub(crate) fn left_out_namespaces<'n>(
    listed: &[Namespace],
    served: impl IntoIterator<Item = &'n str>,
) -> Option<Finding> {
    if listed.is_empty() {
        return None;
    }
    let listed: BTreeSet<&str> = listed.iter().map(Namespace::as_str).collect();
    let left: BTreeSet<&str> = served.into_iter().filter(|one| !listed.contains(one)).collect();
    if left.is_empty() {
        return None;
    }
    let left: Vec<&str> = left.into_iter().collect();
    Some(LeftOutNamespaces(&left).into())
}

/// The listed hosts that no object in the input has, and that are nearly one that an object has.
#[must_use]
pub(crate) fn misspelt_hosts(
    listed: &[WildcardName],
    public: &[PublicHost],
    items: &Items<'_>,
) -> Vec<Finding> {
    let all: BTreeSet<&WildcardName> = public.iter().map(|one| &one.host).collect();
    if all.is_empty() {
        return Vec::new();
    }
    let of_ingresses = ingress_hosts(items);
    let mut by_labels: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for host in &all {
        by_labels.entry(host.name().labels().count()).or_default().push(host.to_string());
    }
    let mut findings = Vec::new();
    for (place, host) in listed.iter().enumerate() {
        let is_known = |known: &&WildcardName| *known == host || covers(host, known);
        if all.iter().any(is_known) || of_ingresses.iter().any(|known| is_known(&known)) {
            continue;
        }
        let text = host.to_string();
        let alike = by_labels.get(&host.name().labels().count());
        let near = alike.and_then(|alike| one_letter_off(&text, alike));
        if let Some(near) = near {
            findings.push(MisspeltHost { host: &text, near, index: place }.into());
        }
    }
    findings
}

/// Whether a wildcard represents a host of one label more.
fn covers(wildcard: &WildcardName, host: &WildcardName) -> bool {
    wildcard.is_wildcard()
        && !host.is_wildcard()
        && host.name().parent().as_ref() == Some(wildcard.name())
}

/// The host in which one label differs, by two letters at most: whole names are too alike.
fn one_letter_off<'h>(text: &str, hosts: &'h [String]) -> Option<&'h str> {
    use krm_package::text::suggest::is_within;
    hosts.iter().map(String::as_str).find(|host| {
        let mut different =
            text.split('.').zip(host.split('.')).filter(|(one, other)| one != other);
        match (different.next(), different.next()) {
            (Some((one, other)), None) => one.len() > 3 && is_within(one, other, 2),
            _ => false,
        }
    })
}

fn ingress_hosts(items: &Items<'_>) -> BTreeSet<WildcardName> {
    let ingresses = items.of_kind("networking.k8s.io", "Ingress");
    let read =
        ingresses.filter_map(|item| item.read::<crate::controllers::alb::objects::Ingress>().ok());
    read.flat_map(|ingress| {
        ingress
            .hosts()
            .filter_map(|host| host.to_ascii_lowercase().parse().ok())
            .collect::<Vec<_>>()
    })
    .collect()
}
