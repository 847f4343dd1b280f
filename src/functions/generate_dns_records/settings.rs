//! The configuration's texts, read, with what the objects add to them.

use std::collections::BTreeSet;

use super::diags::{NoRecords, WrongField};
use super::spec::{IpAddressType, Mode, ServingDns};
use super::targets;
use crate::finding::{Code, Finding};
use crate::runtime::{Checked, Item, Items, Reading};
use crate::serving::certificate::Need;
use crate::serving::dns::{AnnotationPrefixes, HostedZone, RecordKind};
use crate::serving::ingress::{AlbIngress, RecordTarget};
use crate::serving::model;
use crate::values::dns_name::{DnsName, WildcardName};
use crate::values::elb_name::ElbName;
use crate::values::k8s::Namespace;
use krm_package::ItemId;

/// What is required.
pub(super) struct Settings<'i, 'p> {
    pub(super) needs: Vec<Need>,
    pub(super) zone: Option<DnsName>,
    pub(super) hosted_zone: Option<HostedZone>,
    pub(super) target: Option<ElbName>,
    pub(super) prefixes: AnnotationPrefixes,
    /// The load balancer's Ingresses.
    pub(super) ingresses: Vec<(&'i Item<'p>, AlbIngress)>,
    /// The one that is annotated.
    pub(super) target_ingress: Option<ItemId>,
    /// Where the records lead.
    pub(super) record_target: RecordTarget,
    pub(super) kind: RecordKind,
    /// Whether the load balancer has IPv6 addresses, as far as it is known.
    pub(super) is_dual_stack: bool,
}

impl<'i, 'p> Settings<'i, 'p> {
    /// Reads the configuration; `None` where an error lets nothing be planned.
    pub(super) fn read(
        spec: &ServingDns,
        items: &'i Items<'p>,
        findings: &mut Vec<Finding>,
    ) -> Option<Self> {
        let mut reading = Reading::of("spec");
        let config = Code::DnsConfigInvalid;
        let domain = reading.field(config, "domain", spec.domain.as_ref());
        let region = reading.field(config, "region", spec.region.as_ref());
        let version =
            reading.field(config, "externalDnsVersion", spec.external_dns_version.as_ref());
        let given = reading.field(Code::DnsTargetInvalid, "target", spec.target.as_ref());
        let hosts = reading.list(config, "hosts", &spec.hosts);
        let namespaces = reading.list(config, "namespaces", &spec.namespaces);
        let zone = zone_name(spec, items, &mut reading);
        let hosted_zone = hosted_zone(spec, zone.as_ref(), &mut reading);
        settings(spec, &mut reading);
        let is_sound = reading.is_sound();
        findings.extend(reading.findings.into_iter().map(Finding::blocking));
        if !is_sound {
            return None;
        }
        let ingresses = AlbIngress::all(items);
        let found = targets::find(spec, &ingresses, findings);
        let target = given.or_else(|| found.and_then(|place| ingresses[place].1.load_balancer()));
        if spec.mode != Mode::ExternalDns && target.is_none() {
            findings.push(NoRecords::Target.into());
        }
        targets::check_region(
            target.as_ref(),
            region.as_ref(),
            found.map(|place| &ingresses[place]),
            findings,
        );
        let needs = needs(spec, &namespaces, domain.as_ref(), hosts, items, findings);
        if needs.is_empty() {
            findings.push(NoRecords::Hosts.into());
        }
        let record_target = match (found, &target) {
            (Some(place), _) => ingresses[place].1.record_target(),
            (None, Some(target)) => RecordTarget::Address(target.to_string()),
            (None, None) => RecordTarget::Address(String::new()),
        };
        let is_dual_stack = match spec.ip_address_type {
            Some(stated) => stated != IpAddressType::Ipv4,
            // Members of a group agree, or the controller builds nothing.
            None => ingresses.iter().any(|(_, ingress)| {
                ingress.is_dual_stack() && ingress.record_target() == record_target
            }),
        };
        items.accepted().is_sound(findings).then(|| Self {
            needs,
            zone,
            hosted_zone,
            target,
            prefixes: AnnotationPrefixes::of(version),
            target_ingress: found.map(|place| ingresses[place].0.id),
            ingresses,
            record_target,
            kind: spec.record.unwrap_or_default(),
            is_dual_stack,
        })
    }
}

/// The zone's name, as given or of its object.
fn zone_name(spec: &ServingDns, items: &Items<'_>, reading: &mut Reading<Code>) -> Option<DnsName> {
    if spec.zone.is_some() {
        return reading.field(Code::DnsConfigInvalid, "zone", spec.zone.as_ref());
    }
    let name = spec.hosted_zone_ref.name.as_deref()?;
    let zone = items.of_kind("route53.services.k8s.aws", "HostedZone").find(|item| {
        let namespace = &spec.hosted_zone_ref.namespace;
        item.resource.name == name && (namespace.is_none() || item.resource.namespace == *namespace)
    })?;
    zone.text(&["spec", "name"])?.trim_end_matches('.').to_ascii_lowercase().parse().ok()
}

fn hosted_zone(
    spec: &ServingDns,
    zone: Option<&DnsName>,
    reading: &mut Reading<Code>,
) -> Option<HostedZone> {
    if spec.mode != Mode::Ack {
        return None;
    }
    let found = match (&spec.hosted_zone_id, &spec.hosted_zone_ref.name) {
        (Some(_), Some(_)) => {
            reading.report("hostedZoneRef", WrongField::TwoZones);
            None
        }
        (None, None) => {
            reading.report("hostedZoneId", WrongField::NoZone);
            None
        }
        (Some(id), None) => {
            let is_id = (1..=32).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
            if !is_id {
                reading.report("hostedZoneId", WrongField::ZoneId(id));
            }
            Some(HostedZone::Id(id.clone()))
        }
        (None, Some(name)) => {
            Some(HostedZone::Reference(name.clone(), spec.hosted_zone_ref.namespace.clone()))
        }
    };
    if zone.is_none() && !spec.absolute_names && found.is_some() && spec.zone.is_none() {
        reading.report("zone", WrongField::NoZoneName);
    }
    found
}

fn settings(spec: &ServingDns, reading: &mut Reading<Code>) {
    let code = Code::DnsConfigInvalid;
    if spec.ttl.is_some_and(|ttl| !(1..=2_147_483_647).contains(&ttl)) {
        reading.report("ttl", WrongField::Ttl);
    }
    if spec.mode == Mode::ExternalDns && spec.record == Some(RecordKind::Cname) {
        reading.report("record", WrongField::CnameByExternalDns);
    }
    for (field, text) in
        [("resource.name", &spec.resource.name), ("resource.namespace", &spec.resource.namespace)]
    {
        let name = text.as_deref().map(Checked::<DnsName>::of);
        reading.field(code, field, name.as_ref());
    }
}

/// The hosts that require a record.
pub(super) fn needs(
    spec: &ServingDns,
    namespaces: &[Namespace],
    domain: Option<&DnsName>,
    hosts: Vec<WildcardName>,
    items: &Items<'_>,
    findings: &mut Vec<Finding>,
) -> Vec<Need> {
    let misspelt = model::misspelt_namespaces(namespaces, items);
    findings.extend(misspelt.into_iter().map(Finding::from));
    findings.extend(model::contradicting_domain(domain, items));
    let (public, found) = model::public_hosts(items, domain);
    findings.extend(found);
    findings.extend(model::misspelt_hosts(&hosts, &public, items));
    let with_hosts = public.iter().map(|one| one.namespace.as_str());
    findings.extend(model::left_out_namespaces(namespaces, with_hosts));
    let listed: BTreeSet<&str> = namespaces.iter().map(Namespace::as_str).collect();
    let mut needs: BTreeSet<Need> = public
        .into_iter()
        .filter(|host| listed.is_empty() || listed.contains(host.namespace.as_str()))
        .map(|host| Need { namespace: Some(host.namespace), host: host.host })
        .collect();
    let served: BTreeSet<String> = needs.iter().filter_map(|need| need.namespace.clone()).collect();
    let idle: Vec<(usize, &Namespace)> = namespaces
        .iter()
        .enumerate()
        .filter(|(_, namespace)| !served.contains(namespace.as_str()))
        .collect();
    let to_come = model::hosts_to_come(items, domain, idle.iter().map(|(_, name)| *name));
    for (place, namespace) in idle {
        // Any other wildcard would catch the hosts of others.
        let found: Vec<&WildcardName> = model::of_namespace(&to_come, namespace.as_str())
            .iter()
            .map(|host| &host.host)
            .filter(|host| host.name().labels().next() == Some(namespace.as_str()))
            .collect();
        if found.is_empty() || spec.per_host {
            let namespace = namespace.as_str();
            findings.push(NoRecords::InNamespace { namespace, index: place }.into());
            continue;
        }
        needs.extend(
            found
                .into_iter()
                .map(|host| Need { namespace: Some(namespace.to_string()), host: host.clone() }),
        );
    }
    needs.extend(hosts.into_iter().map(|host| Need { namespace: None, host }));
    needs.into_iter().collect()
}
