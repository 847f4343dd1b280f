//! The records against their zone and against what the objects claim already.

use std::collections::{BTreeMap, BTreeSet};

use super::diags::{
    BareName, CaughtByWildcard, ClaimedTwice, IgnoredTtl, NotInZone, NotServedName,
};
use super::settings::Settings;
use super::spec::ServingDns;
use crate::finding::Finding;
use crate::serving::dns::{Claim, Claims, Record, RecordKind};
use crate::serving::ingress::RecordTarget;
use crate::values::dns_name::{DnsName, WildcardName};

/// Says which names are outside the zone, which cannot be a CNAME, and whether the TTL counts.
pub(super) fn zone(
    spec: &ServingDns,
    settings: &Settings<'_, '_>,
    records: &[Record],
    findings: &mut Vec<Finding>,
) {
    let kind = settings.kind;
    if kind == RecordKind::Alias && spec.ttl.is_some() {
        findings.push(IgnoredTtl(spec.mode).into());
    }
    let Some(zone) = &settings.zone else {
        return;
    };
    for record in records {
        let name = record.name.name();
        if name != zone && !name.is_below(zone) {
            findings.push(NotInZone::Outside { name: &record.name, zone }.into());
        }
        if name == zone && !record.name.is_wildcard() && kind == RecordKind::Cname {
            findings.push(NotInZone::Apex(zone).into());
        }
    }
}

/// Says which names lead to a load balancer that answers 404 for them, because no rule of its
/// Ingresses has their host.
pub(super) fn unserved(
    settings: &Settings<'_, '_>,
    records: &[Record],
    findings: &mut Vec<Finding>,
) {
    let members: Vec<_> = settings
        .ingresses
        .iter()
        .filter(|(_, ingress)| ingress.record_target() == settings.record_target)
        .collect();
    let Some((item, _)) = members.iter().find(|(item, _)| Some(item.id) == settings.target_ingress)
    else {
        return;
    };
    if members.iter().any(|(_, ingress)| ingress.serves_any_host()) {
        return;
    }
    let mut hosts: Vec<&str> = members
        .iter()
        .flat_map(|(_, ingress)| ingress.ingress.spec.rules.iter().map(|rule| rule.host.as_str()))
        .collect();
    hosts.sort_unstable();
    hosts.dedup();
    for record in records {
        let name = record.name.to_string();
        if hosts.iter().any(|host| serves(host, &name)) {
            continue;
        }
        let not_served = NotServedName { name: &name, hosts: &hosts, ingress: &item.resource };
        findings.push(not_served.into());
    }
}

/// Whether a rule's host answers for a name, or for some of those that a wildcard represents. The
/// load balancer's wildcards take any number of labels.
fn serves(host: &str, name: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let is_below = |wildcard: &str, name: &str| {
        wildcard.strip_prefix('*').is_some_and(|suffix| name.ends_with(suffix))
    };
    host == name || is_below(&host, name) || is_below(name, &host)
}

/// Says which names beside the records Ingresses of two load balancers claim: external-dns takes one
/// of the two, and which one changes.
pub(super) fn contested(records: &[Record], claims: &Claims, findings: &mut Vec<Finding>) {
    let made: BTreeSet<&WildcardName> = records.iter().map(|record| &record.name).collect();
    for (name, first, other) in claims.contested().filter(|(name, ..)| !made.contains(name)) {
        let twice = ClaimedTwice::ByIngresses { name, first: &first.by, other: &other.by };
        findings.push(twice.into());
    }
}

/// Says which names somebody else claims, which hosts a wildcard leads elsewhere for now, and
/// which names stop to match one.
pub(super) fn claims(
    settings: &Settings<'_, '_>,
    records: &[Record],
    claims: &Claims,
    findings: &mut Vec<Finding>,
) {
    let own: BTreeSet<&WildcardName> = records.iter().map(|record| &record.name).collect();
    let mut caught: BTreeMap<&WildcardName, (&Claim, Vec<String>)> = BTreeMap::new();
    let mut bare: BTreeMap<DnsName, (WildcardName, &WildcardName)> = BTreeMap::new();
    for record in records {
        if let Some(claim) =
            claims.named(&record.name).find(|claim| settings.leads_elsewhere(claim))
        {
            findings.push(ClaimedTwice::ByRecord { record, claim }.into());
        }
        let catching = claims.catching(record.name.name()).into_iter().flatten();
        if let Some(claim) = catching.clone().find(|claim| settings.leads_elsewhere(claim)) {
            let (_, names) = caught.entry(&claim.name).or_insert_with(|| (claim, Vec::new()));
            names.push(record.name.to_string());
        }
        // What lies between the record and the wildcard exists from now on, without a record.
        let parent = if record.name.is_wildcard() {
            Some(record.name.name().clone())
        } else {
            record.name.name().parent()
        };
        let Some(parent) = parent else {
            continue;
        };
        let exact = WildcardName::from(parent.clone());
        if own.contains(&exact) || claims.named(&exact).next().is_some() {
            continue;
        }
        let known = claims.catching(&parent).and_then(|found| found.first());
        let matched = known.map(|claim| claim.name.clone()).or_else(|| {
            let above = |domain: &DnsName| WildcardName::below(domain).ok();
            let ancestors = std::iter::successors(parent.parent(), DnsName::parent);
            ancestors.filter_map(|domain| above(&domain)).find(|name| own.contains(name))
        });
        if let Some(wildcard) = matched {
            bare.entry(parent).or_insert((wildcard, &record.name));
        }
    }
    for (wildcard, (claim, names)) in caught {
        findings.push(CaughtByWildcard { wildcard, claim, names: &names }.into());
    }
    for (name, (wildcard, record)) in bare {
        findings.push(BareName { name: &name, wildcard: &wildcard, record }.into());
    }
}

impl Settings<'_, '_> {
    /// Whether a claim leads to another load balancer, or may.
    fn leads_elsewhere(&self, claim: &Claim) -> bool {
        let target = self.target.as_ref().map(ToString::to_string);
        match &claim.target {
            RecordTarget::Address(other) => target.as_ref() != Some(other),
            RecordTarget::LoadBalancer(_) => claim.target != self.record_target,
        }
    }
}
