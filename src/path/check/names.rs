//! Names that no service uses: hosts of rules, records and certificates, each held against the hosts of
//! the services. What a service has and none of these is found by the requests to it.

use super::diags::{UnusedName, UnusedNameOf};
use crate::controllers::kserve::{EndpointKind, Exposure};
use crate::finding::Finding;
use crate::path::World;
use crate::path::doors::hosts_meet;
use crate::path::simulator::{Facts, Simulator};
use crate::values::dns_name::WildcardName;

/// The hosts that requests are sent to, and who has them.
struct Hosts {
    /// Those of services and of routes that are written by hand.
    served: Vec<String>,
    /// Those of the rules of Ingresses and of the listeners and routes of Gateways.
    of_rules: Vec<String>,
}

impl Hosts {
    fn of(world: &World<'_>) -> Self {
        let endpoints = world.model.endpoints.iter();
        let own = endpoints.filter(|one| one.kind != EndpointKind::Ingress);
        let served = own.flat_map(|one| one.hosts()).map(str::to_owned);
        let objects = &world.cluster.objects;
        let rules = world.ingresses.ingresses.iter().flat_map(|one| one.hosts());
        let listeners = objects.gateways.iter().flat_map(|kept| &kept.object.spec.listeners);
        let listeners = listeners.map(|one| one.hostname.as_str()).filter(|host| !host.is_empty());
        let routes = objects.routes.iter().flat_map(|kept| &kept.object.spec.hostnames);
        let of_rules = rules.chain(listeners).chain(routes.map(String::as_str));
        Self { served: served.collect(), of_rules: of_rules.map(str::to_owned).collect() }
    }

    fn is_served(&self, host: &str) -> bool {
        let served: Vec<&str> = self.served.iter().map(String::as_str).collect();
        !served.is_empty() && hosts_meet(&[host], &served)
    }

    fn all(&self) -> impl Iterator<Item = &String> {
        self.served.iter().chain(&self.of_rules)
    }

    fn is_known(&self, host: &str) -> bool {
        let all: Vec<&str> = self.all().map(String::as_str).collect();
        !all.is_empty() && hosts_meet(&[host], &all)
    }

    fn is_covered_by(&self, name: &WildcardName) -> bool {
        let mut hosts = self.all().filter_map(|host| host.to_ascii_lowercase().parse().ok());
        hosts.any(|host| name.covers(&host))
    }
}

/// What is unused in a package that has a service for clients outside of the cluster. Of a platform
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
                && !hosts.is_served(&rule.host)
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
    let used: Vec<_> =
        world.claims.all().filter(|claim| hosts.is_known(&claim.name.to_string())).collect();
    let unused = world.claims.all().filter(|claim| {
        !hosts.is_known(&claim.name.to_string())
            && used.iter().any(|other| other.target == claim.target)
    });
    unused
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
            certificate.names.iter().map(|(name, _)| hosts.is_covered_by(name)).collect();
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
