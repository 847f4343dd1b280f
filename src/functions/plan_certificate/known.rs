//! The real certificates against the plan and the load balancer.

use std::collections::BTreeSet;

use super::config::{ServingCertificate, Settings};
use super::diags::{OtherRegion, UncoveredHosts, UnknownNames};
use super::owned::{CERTIFICATE, OWNED};
use crate::controllers::alb::annotations;
use crate::finding::{Finding, key_path};
use crate::runtime::Items;
use crate::serving::certificate::{AckCertificate, CertificateGroup, KnownCertificate, KnownNames};
use crate::serving::ingress::AlbIngress;
use crate::values::arn::Region;
use crate::values::dns_name::WildcardName;

/// Checks what is known of the certificates: that one covers each host, and that all are in the
/// load balancer's region.
pub(super) fn check(
    spec: &ServingCertificate,
    settings: &Settings,
    groups: &[CertificateGroup],
    items: &Items<'_>,
    findings: &mut Vec<Finding>,
) {
    let mut known = Vec::new();
    if !spec.certificate.is_empty() {
        known.push(spec.certificate.read("spec.certificate", findings));
    }
    for (place, facts) in spec.certificates.iter().enumerate() {
        known.push(facts.read(&format!("spec.certificates[{place}]"), findings));
    }
    let is_stated = known.iter().any(|certificate| certificate.names.is_some());
    known.extend(of_objects(items, groups));
    report_unknown_names(&known, items, findings);
    let field = if spec.certificates.is_empty() { "spec.certificate" } else { "spec.certificates" };
    if is_stated || known.iter().any(|certificate| certificate.names.is_some()) {
        uncovered(&known, groups, field, findings);
    }
    regions(&known, settings, items, field, findings);
}

/// The `Certificate`s of other owners that cover one of the hosts: they are meant
/// for them.
fn of_objects(items: &Items<'_>, groups: &[CertificateGroup]) -> Vec<KnownCertificate> {
    let covered = groups.iter().flat_map(|group| &group.names);
    // Every name that would cover one of the hosts.
    let good: BTreeSet<&WildcardName> =
        covered.flat_map(|covered| covered.hosts.iter().chain([&covered.name])).collect();
    items
        .of_kind(CERTIFICATE.0, CERTIFICATE.1)
        .filter(|item| !OWNED.has(item, items.configuration()))
        .filter_map(|item| {
            let certificate = AckCertificate::of(item.node);
            let names: Vec<WildcardName> = certificate
                .names
                .iter()
                .filter_map(|name| name.to_ascii_lowercase().parse().ok())
                .collect();
            names.iter().any(|name| good.contains(name)).then(|| KnownCertificate {
                label: item.resource.to_string(),
                field: "spec".to_owned(),
                names: Some(names),
                arn: None,
                region: certificate.region,
            })
        })
        .collect()
}

/// Says which certificates cannot be held against the hosts, because only their ARNs are known.
fn report_unknown_names(
    known: &[KnownCertificate],
    items: &Items<'_>,
    findings: &mut Vec<Finding>,
) {
    let unknown = |arns: &str| Finding::from(UnknownNames(arns));
    for certificate in known.iter().filter(|certificate| certificate.names.is_none()) {
        if let Some(arn) = &certificate.arn {
            findings.push(unknown(&arn.to_string()).field(&certificate.field));
        }
    }
    // Names without an ARN may be those of any certificate that a listener has.
    if known.iter().any(|certificate| certificate.names.is_some() && certificate.arn.is_none()) {
        return;
    }
    let reported: BTreeSet<&str> =
        known.iter().map(|certificate| certificate.label.as_str()).collect();
    for (item, ingress) in AlbIngress::all(items) {
        let arns: Vec<String> = ingress
            .certificates()
            .map(|arn| arn.to_string())
            .filter(|arn| !reported.contains(arn.as_str()))
            .collect();
        if !arns.is_empty() {
            let field = key_path("metadata.annotations", &annotations::key("certificate-arn"));
            findings.push(unknown(&arns.join(", ")).on(&item.resource).field(field));
        }
    }
}

fn uncovered(
    known: &[KnownCertificate],
    groups: &[CertificateGroup],
    field: &str,
    findings: &mut Vec<Finding>,
) {
    let all = known.iter().flat_map(|certificate| certificate.names.iter().flatten());
    let names: KnownNames = all.cloned().collect();
    for covered in groups.iter().flat_map(|group| &group.names) {
        let missing: Vec<&WildcardName> =
            covered.hosts.iter().filter(|host| !names.cover(host)).collect();
        let Some(first) = missing.first() else {
            continue;
        };
        let finding = Finding::from(UncoveredHosts {
            hosts: missing.iter().map(ToString::to_string).collect(),
            name: &covered.name,
            near: names.near_miss(first).filter(|near| near != first),
        });
        findings.push(finding.field(field));
    }
}

fn regions(
    known: &[KnownCertificate],
    settings: &Settings,
    items: &Items<'_>,
    field: &str,
    findings: &mut Vec<Finding>,
) {
    let mut places: Vec<(Region, String)> = Vec::new();
    places.extend(settings.region.clone().map(|region| (region, "spec.region".to_owned())));
    for (item, ingress) in AlbIngress::all(items) {
        let says = |what: &str| format!("{what} of the Ingress {}", item.resource.name);
        places.extend(ingress.regions().into_iter().map(|(region, what)| (region, says(what))));
    }
    let mut reported = BTreeSet::new();
    for certificate in known {
        let Some(region) = &certificate.region else {
            continue;
        };
        for (other, says) in &places {
            if other != region && reported.insert((&certificate.label, other.clone())) {
                let finding = Finding::from(OtherRegion { certificate, region, other, says });
                findings.push(finding.field(field));
            }
        }
        // The first represents the load balancer where nothing else does.
        if places.is_empty() {
            places.push((region.clone(), format!("the certificate {}", certificate.label)));
        }
    }
}
