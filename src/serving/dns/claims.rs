//! The names that the objects claim already, and where each leads.

use std::collections::BTreeMap;

use super::hostname_annotations::{AnnotationPrefixes, HostnameAnnotations};
use crate::controllers::alb::GroupId;
use crate::controllers::alb::objects::Ingress;
use crate::runtime::{Item, Items, Owned};
use crate::serving::ingress::{AlbIngress, RecordTarget};
use crate::values::dns_name::{DnsName, WildcardName};
use crate::values::k8s::ResourceRef;
use krm_package::NodeRef;

/// A name that an object claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The name.
    pub name: WildcardName,
    /// Who claims it.
    pub by: ResourceRef,
    /// Where it leads.
    pub target: RecordTarget,
}

impl Claim {
    /// The field of a record, or of what becomes one, that says where its name leads.
    #[must_use]
    pub(crate) fn field(&self) -> &'static str {
        match self.by.kind.as_str() {
            "DNSEndpoint" => "spec.endpoints",
            "RecordSet" => "spec",
            _ => "metadata.annotations",
        }
    }
}

/// The claims of objects that a function did not make itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Claims {
    by_name: BTreeMap<WildcardName, Vec<Claim>>,
}

impl Claims {
    /// The claims of Ingresses (hosts and hostname annotations, of the prefixes that are `read`),
    /// `DNSEndpoint`s and `RecordSet`s that are not a function's `own`. A `RecordSet`'s relative name
    /// counts in `zone`, if it is known.
    #[must_use]
    pub(crate) fn of(
        items: &Items<'_>,
        own: Owned,
        read: AnnotationPrefixes,
        zone: Option<&DnsName>,
    ) -> Self {
        Self::of_those(items, read, zone, Some(own))
    }

    /// The claims of all objects, whoever created them.
    #[must_use]
    pub(crate) fn of_all(items: &Items<'_>, zone: Option<&DnsName>) -> Self {
        Self::of_those(items, AnnotationPrefixes::of(None), zone, None)
    }

    fn of_those(
        items: &Items<'_>,
        read: AnnotationPrefixes,
        zone: Option<&DnsName>,
        own: Option<Owned>,
    ) -> Self {
        let mut claims = Self::default();
        let alb = AlbIngress::all(items);
        for item in items.iter() {
            if own.is_some_and(|own| own.has(item, items.configuration())) {
                continue;
            }
            if item.is("networking.k8s.io", "Ingress") {
                let index = alb.binary_search_by_key(&item.id, |(item, _)| item.id);
                let target = index.ok().map(|index| alb[index].1.record_target());
                claims.add_ingress(item, read, items.configuration(), own.is_none(), target);
            } else if item.is("externaldns.k8s.io", "DNSEndpoint") {
                claims.add_endpoint(item);
            } else if item.is("route53.services.k8s.aws", "RecordSet") {
                claims.add_record_set(item, zone);
            }
        }
        claims
    }

    /// Every claim.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Claim> {
        self.by_name.values().flatten()
    }

    /// Whether no name is claimed.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// Who claims a name.
    pub(crate) fn named(&self, name: &WildcardName) -> impl Iterator<Item = &Claim> {
        self.by_name.get(name).into_iter().flatten()
    }

    /// The names that Ingresses of different load balancers claim, each with two of the claims.
    pub(crate) fn contested(&self) -> impl Iterator<Item = (&WildcardName, &Claim, &Claim)> {
        self.by_name.iter().filter_map(|(name, claims)| {
            let mut claims =
                claims.iter().filter(|claim| matches!(claim.target, RecordTarget::LoadBalancer(_)));
            let first = claims.next()?;
            let other = claims.find(|claim| claim.target != first.target)?;
            Some((name, first, other))
        })
    }

    /// The wildcard that answers for a name as long as nothing closer exists: that of its nearest
    /// ancestor with one (RFC 4592; a DNS wildcard reaches any number of labels).
    #[must_use]
    pub(crate) fn catching(&self, name: &DnsName) -> Option<&[Claim]> {
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

    fn add(&mut self, name: &str, item: &Item<'_>, target: &RecordTarget) {
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        if let Ok(name) = name.parse::<WildcardName>() {
            let claim =
                Claim { name: name.clone(), by: item.resource.clone(), target: target.clone() };
            let known = self.by_name.entry(name).or_default();
            // A host and an annotation of one object are one claim.
            if known.last() != Some(&claim) {
                known.push(claim);
            }
        }
    }

    fn add_ingress(
        &mut self,
        item: &Item<'_>,
        read: AnnotationPrefixes,
        configuration: Option<&str>,
        with_own: bool,
        target: Option<RecordTarget>,
    ) {
        let Ok(ingress) = item.read::<Ingress>() else {
            return;
        };
        // Another controller's has a load balancer of its own.
        let target =
            target.unwrap_or_else(|| RecordTarget::LoadBalancer(GroupId::Single(ingress.key())));
        let annotations =
            HostnameAnnotations::of(&ingress.metadata.annotations, read, configuration);
        if annotations.takes_hosts() {
            ingress.hosts().for_each(|host| self.add(host, item, &target));
        }
        let names = if with_own { annotations.names() } else { annotations.foreign() };
        names.iter().for_each(|host| self.add(host, item, &target));
    }

    fn add_endpoint(&mut self, item: &Item<'_>) {
        let endpoints = item.node.get("spec").and_then(|spec| spec.get("endpoints"));
        for endpoint in endpoints.into_iter().flat_map(NodeRef::elements) {
            let targets = endpoint.get("targets").into_iter().flat_map(NodeRef::elements);
            let targets: Vec<_> = targets.filter_map(NodeRef::as_str).collect();
            let name = endpoint.get("dnsName").and_then(NodeRef::as_str).unwrap_or_default();
            self.add(&name, item, &RecordTarget::Address(targets.join(", ")));
        }
    }

    fn add_record_set(&mut self, item: &Item<'_>, zone: Option<&DnsName>) {
        // A mail or text record is not a way to a load balancer.
        let record_type = item.text(&["spec", "recordType"]).unwrap_or_default();
        if !matches!(record_type.as_str(), "A" | "AAAA" | "CNAME") {
            return;
        }
        let target = item.text(&["spec", "aliasTarget", "dnsName"]).unwrap_or_else(|| {
            let records = item.node.get("spec").and_then(|spec| spec.get("resourceRecords"));
            let values = records.into_iter().flat_map(NodeRef::elements);
            let values = values.filter_map(|record| record.get("value")?.as_str());
            values.collect::<Vec<_>>().join(", ")
        });
        let target = RecordTarget::Address(target.trim_end_matches('.').to_ascii_lowercase());
        let name = item.text(&["spec", "name"]).unwrap_or_default();
        match (name.ends_with('.'), zone) {
            (true, _) => self.add(&name, item, &target),
            (false, Some(zone)) if name.is_empty() => self.add(zone.as_str(), item, &target),
            (false, Some(zone)) => self.add(&format!("{name}.{zone}"), item, &target),
            (false, None) => {}
        }
    }
}
