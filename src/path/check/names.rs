//! Names that no service uses: hosts of rules, records and certificates, each held against the hosts of
//! the services. What a service has and none of these is found by the requests to it.

use std::collections::HashSet;

use super::diags::{UnusedName, UnusedNameOf};
use crate::controllers::kserve::{EndpointKind, Exposure};
use crate::finding::Finding;
use crate::path::World;
use crate::path::doors::HostSet;
use crate::path::simulator::{Facts, Simulator};
use crate::serving::dns::Claim;
use crate::values::dns_name::WildcardName;

/// The hosts that requests are sent to.
struct Hosts {
    /// Those of services and of routes that are written by hand.
    served: HostSet,
    /// Those, and the ones of the rules of Ingresses and of the listeners and routes of Gateways.
    known: HostSet,
    /// The names that a certificate for one of them has.
    covered: HashSet<WildcardName>,
}

impl Hosts {
    fn of(world: &World<'_>) -> Self {
        let endpoints = world.model.endpoints.iter();
        let own = endpoints.filter(|one| one.kind != EndpointKind::Ingress);
        let served: Vec<&str> = own.flat_map(|one| one.hosts()).collect();
        let objects = &world.cluster.objects;
        let rules = world.ingresses.ingresses.iter().flat_map(|one| one.hosts());
        let listeners = objects.gateways.iter().flat_map(|kept| &kept.object.spec.listeners);
        let listeners = listeners.map(|one| one.hostname.as_str()).filter(|host| !host.is_empty());
        let routes = objects.routes.iter().flat_map(|kept| &kept.object.spec.hostnames);
        let of_rules = rules.chain(listeners).chain(routes.map(String::as_str));
        let known: Vec<&str> = served.iter().copied().chain(of_rules).collect();
        let names = known.iter().filter_map(|host| host.to_ascii_lowercase().parse().ok());
        Self {
            served: HostSet::of(served),
            covered: names
                .flat_map(|name: WildcardName| name.covering().collect::<Vec<_>>())
                .collect(),
            known: HostSet::of(known),
        }
    }
}

/// What is unused in a package that has a service for clients outside the cluster. Of a platform
/// without one, all of it waits for services.
pub(super) fn findings(world: &World<'_>) -> Vec<Finding> {
    let mut endpoints = world.model.endpoints.iter();
    if !endpoints.any(|one| one.kind.is_kserve() && one.exposure == Exposure::Public) {
        return Vec::new();
    }
    let hosts = Hosts::of(world);
    let mut findings = rules(world, &hosts);
    findings.extend(records(world, &hosts));
    findings.extend(certificates(world, &hosts));
    findings
}

/// The rules to a gateway of the mesh for hosts that nothing behind it has.
fn rules(world: &World<'_>, hosts: &Hosts) -> Vec<Finding> {
    let simulator = Simulator::of(world, Facts::default());
    let mut findings = Vec::new();
    for kept in &world.cluster.objects.ingresses {
        let namespace = kept.resource.namespace.as_deref().unwrap_or("default");
        for (place, rule) in kept.object.spec.rules.iter().enumerate() {
            let paths = rule.http.iter().flat_map(|http| &http.paths);
            let mut services = paths.filter_map(|path| path.backend.service.as_ref()).peekable();
            let has_services = services.peek().is_some();
            let leads_to_gateway =
                services.all(|one| simulator.is_mesh_gateway(namespace, &one.name));
            let takes_any = rule.host.contains('*') || !simulator.has_catch_all();
            if !rule.host.is_empty()
                && has_services
                && leads_to_gateway
                && takes_any
                && !hosts.served.meets(&rule.host)
            {
                let unused = UnusedName { name: &rule.host, of: UnusedNameOf::Rule };
                let finding = Finding::from(unused).on(&kept.resource);
                findings.push(finding.field(format!("spec.rules[{place}].host")));
            }
        }
    }
    findings
}

/// The records that lead where others do, which have a host.
fn records(world: &World<'_>, hosts: &Hosts) -> Vec<Finding> {
    let is_used = |claim: &&Claim| hosts.known.meets(&claim.name.to_string());
    let (used, unused): (Vec<&Claim>, Vec<_>) = world.claims.all().partition(is_used);
    let targets: HashSet<_> = used.into_iter().map(|claim| &claim.target).collect();
    unused
        .into_iter()
        .filter(|claim| targets.contains(&claim.target))
        .map(|claim| {
            let name = claim.name.to_string();
            let unused = UnusedName { name: &name, of: UnusedNameOf::Record };
            Finding::from(unused).on(&claim.by).field(claim.field())
        })
        .collect()
}

/// The names of certificates that have another name for a host.
fn certificates(world: &World<'_>, hosts: &Hosts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for certificate in &world.certificates {
        let is_used: Vec<bool> =
            certificate.names.iter().map(|(name, _)| hosts.covered.contains(name)).collect();
        if !is_used.contains(&true) {
            continue;
        }
        let names = certificate.names.iter().zip(is_used).filter(|(_, is_used)| !is_used);
        findings.extend(names.map(|((name, field), _)| {
            let name = name.to_string();
            let unused = UnusedName { name: &name, of: UnusedNameOf::Certificate };
            Finding::from(unused).on(&certificate.resource).field(*field)
        }));
    }
    findings
}
