//! The names that the objects claim already, and where each leads.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::hostname_annotations::{AnnotationPrefixes, HostnameAnnotations};
use crate::alb::objects::IngressSpec;
use crate::dns_name::{DnsName, WildcardName};
use crate::ingress::AlbIngress;
use crate::k8s::{ObjectMeta, ResourceRef, empty_if_null};
use crate::runtime::{Item, Items, Owned};

/// Where a name leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lead {
    /// To the load balancer of an Ingress: its group, or itself.
    Ingress(String),
    /// To a name or address.
    Target(String),
}

/// A name that an object claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The name.
    pub name: WildcardName,
    /// Who claims it.
    pub by: ResourceRef,
    /// Where it leads.
    pub lead: Lead,
}

/// The claims of objects that a function did not make itself.
#[derive(Debug, Clone, Default)]
pub struct Claims {
    by_name: BTreeMap<WildcardName, Vec<Claim>>,
}

impl Claims {
    /// The claims of Ingresses (hosts and hostname annotations, of the prefixes that are `read`),
    /// `DNSEndpoint`s and `RecordSet`s that are not a function's `own`. A `RecordSet`'s relative name
    /// counts in `zone`, if it is known.
    #[must_use]
    pub fn of(
        items: &Items<'_>,
        own: Owned,
        read: AnnotationPrefixes,
        zone: Option<&DnsName>,
    ) -> Self {
        let mut claims = Self::default();
        let alb: Vec<_> = AlbIngress::all(items);
        let leads: BTreeMap<_, _> = alb.iter().map(|(item, it)| (item.id, it.lead())).collect();
        for item in items.iter().filter(|item| !own.has(item)) {
            if item.is("networking.k8s.io", "Ingress") {
                claims.add_ingress(item, read, leads.get(&item.id));
            } else if item.is("externaldns.k8s.io", "DNSEndpoint") {
                claims.add_endpoint(item);
            } else if item.is("route53.services.k8s.aws", "RecordSet") {
                claims.add_record_set(item, zone);
            }
        }
        claims
    }

    /// Who claims a name.
    pub fn named(&self, name: &WildcardName) -> impl Iterator<Item = &Claim> {
        self.by_name.get(name).into_iter().flatten()
    }

    /// The names that Ingresses of different load balancers claim, each with two of the claims.
    pub fn contested(&self) -> impl Iterator<Item = (&WildcardName, &Claim, &Claim)> {
        self.by_name.iter().filter_map(|(name, claims)| {
            let mut claims = claims.iter().filter(|claim| matches!(claim.lead, Lead::Ingress(_)));
            let first = claims.next()?;
            let other = claims.find(|claim| claim.lead != first.lead)?;
            Some((name, first, other))
        })
    }

    /// The wildcard that answers for a name as long as nothing closer exists: that of its nearest
    /// ancestor with one (RFC 4592; a DNS wildcard reaches any number of labels).
    #[must_use]
    pub fn catching(&self, name: &DnsName) -> Option<&[Claim]> {
        let mut ancestor = name.parent();
        while let Some(domain) = ancestor {
            let found = WildcardName::below(&domain).ok().and_then(|name| self.by_name.get(&name));
            if let Some(found) = found {
                return Some(found);
            }
            ancestor = domain.parent();
        }
        None
    }

    fn add(&mut self, name: &str, item: &Item<'_>, lead: &Lead) {
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        if let Ok(name) = name.parse::<WildcardName>() {
            let claim = Claim { name: name.clone(), by: item.resource.clone(), lead: lead.clone() };
            let known = self.by_name.entry(name).or_default();
            // A host and an annotation of one object are one claim.
            if known.last() != Some(&claim) {
                known.push(claim);
            }
        }
    }

    fn add_ingress(&mut self, item: &Item<'_>, read: AnnotationPrefixes, lead: Option<&Lead>) {
        let Ok(ingress) = item.read::<Ingress>() else {
            return;
        };
        let lead = lead.cloned().unwrap_or_else(|| ingress_lead(&ingress.metadata));
        let annotations = HostnameAnnotations::of(&ingress.metadata.annotations, read);
        let rules = ingress.spec.rules.iter().map(|rule| &rule.host);
        let tls = ingress.spec.tls.iter().flat_map(|tls| &tls.hosts);
        if annotations.takes_hosts() {
            rules.chain(tls).for_each(|host| self.add(host, item, &lead));
        }
        annotations.foreign().iter().for_each(|host| self.add(host, item, &lead));
    }

    fn add_endpoint(&mut self, item: &Item<'_>) {
        for endpoint in item.read::<DnsEndpoint>().unwrap_or_default().spec.endpoints {
            let lead = Lead::Target(endpoint.targets.join(", "));
            self.add(&endpoint.dns_name, item, &lead);
        }
    }

    fn add_record_set(&mut self, item: &Item<'_>, zone: Option<&DnsName>) {
        let spec = item.read::<RecordSet>().unwrap_or_default().spec;
        // A mail or text record is no way to a load balancer.
        if !matches!(spec.record_type.as_str(), "A" | "AAAA" | "CNAME") {
            return;
        }
        let values: Vec<String> =
            spec.resource_records.into_iter().map(|record| record.value).collect();
        let target = spec.alias_target.map_or_else(|| values.join(", "), |alias| alias.dns_name);
        let lead = Lead::Target(target.trim_end_matches('.').to_ascii_lowercase());
        match (spec.name.ends_with('.'), zone) {
            (true, _) => self.add(&spec.name, item, &lead),
            (false, Some(zone)) if spec.name.is_empty() => self.add(zone.as_str(), item, &lead),
            (false, Some(zone)) => self.add(&format!("{}.{zone}", spec.name), item, &lead),
            (false, None) => {}
        }
    }
}

/// The load balancer of an Ingress by its annotations.
#[must_use]
pub(crate) fn ingress_lead(metadata: &ObjectMeta) -> Lead {
    let group = metadata.annotations.get("alb.ingress.kubernetes.io/group.name");
    Lead::Ingress(group.cloned().unwrap_or_else(|| {
        format!("{}/{}", metadata.namespace.as_deref().unwrap_or("default"), metadata.name)
    }))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Ingress {
    metadata: ObjectMeta,
    #[serde(deserialize_with = "empty_if_null")]
    spec: IngressSpec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct DnsEndpoint {
    #[serde(deserialize_with = "empty_if_null")]
    spec: DnsEndpointSpec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct DnsEndpointSpec {
    #[serde(deserialize_with = "empty_if_null")]
    endpoints: Vec<Endpoint>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Endpoint {
    #[serde(deserialize_with = "empty_if_null")]
    dns_name: String,
    #[serde(deserialize_with = "empty_if_null")]
    targets: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RecordSet {
    #[serde(deserialize_with = "empty_if_null")]
    spec: RecordSetSpec,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RecordSetSpec {
    #[serde(deserialize_with = "empty_if_null")]
    name: String,
    #[serde(deserialize_with = "empty_if_null")]
    record_type: String,
    alias_target: Option<AliasTarget>,
    #[serde(deserialize_with = "empty_if_null")]
    resource_records: Vec<ResourceRecord>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AliasTarget {
    #[serde(deserialize_with = "empty_if_null")]
    dns_name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ResourceRecord {
    #[serde(deserialize_with = "empty_if_null")]
    value: String,
}
