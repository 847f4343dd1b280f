//! The hosts that the certificate must cover.

use std::collections::BTreeSet;

use super::config::Settings;
use super::diags::{IdleNamespace, OutsideDomain};
use crate::finding::Finding;
use crate::runtime::Items;
use crate::serving::certificate::Need;
use crate::serving::ingress::AlbIngress;
use crate::serving::model;
use crate::values::dns_name::{DnsName, WildcardName};
use crate::values::k8s::Namespace;

/// The hosts of the services, of the namespaces that are listed, of the load balancer's Ingresses
/// and of the configuration; sorted, each once for a namespace.
pub(super) fn of(settings: &Settings, items: &Items<'_>, findings: &mut Vec<Finding>) -> Vec<Need> {
    let misspelt = model::misspelt_namespaces(&settings.namespaces, items);
    findings.extend(misspelt.into_iter().map(Finding::from));
    findings.extend(model::contradicting_domain(settings.domain.as_ref(), items));
    let (hosts, found) = model::public_hosts(items, settings.domain.as_ref());
    findings.extend(found);
    findings.extend(model::misspelt_hosts(&settings.hosts, &hosts, items));
    let with_hosts = hosts.iter().map(|one| one.namespace.as_str());
    findings.extend(model::left_out_namespaces(&settings.namespaces, with_hosts));
    let listed: BTreeSet<&str> = settings.namespaces.iter().map(Namespace::as_str).collect();
    let is_listed = |namespace: &str| listed.is_empty() || listed.contains(namespace);
    let mut needs: BTreeSet<Need> = hosts
        .into_iter()
        .filter(|host| is_listed(&host.namespace))
        .map(|host| Need { namespace: Some(host.namespace), host: host.host })
        .collect();
    report_what_is_outside(settings.domain.as_ref(), &needs, findings);
    let served: BTreeSet<String> = needs.iter().filter_map(|need| need.namespace.clone()).collect();
    let idle: Vec<(usize, &Namespace)> = settings
        .namespaces
        .iter()
        .enumerate()
        .filter(|(_, namespace)| !served.contains(namespace.as_str()))
        .collect();
    let domain = settings.domain.as_ref();
    let to_come = model::hosts_to_come(items, domain, idle.iter().map(|(_, name)| *name));
    for (place, namespace) in idle {
        let hosts = model::of_namespace(&to_come, namespace.as_str());
        if hosts.is_empty() {
            findings.push(IdleNamespace { namespace: namespace.as_str(), index: place }.into());
        }
        needs.extend(
            hosts.iter().map(|host| Need {
                namespace: Some(namespace.to_string()),
                host: host.host.clone(),
            }),
        );
    }
    let of_ingresses: Vec<WildcardName> = AlbIngress::all(items)
        .iter()
        .flat_map(|(_, ingress)| {
            ingress.hosts().filter_map(|host| host.parse().ok()).collect::<Vec<_>>()
        })
        .collect();
    let apex = settings.domain.clone().filter(|_| settings.includes_apex).map(WildcardName::from);
    let own = settings.hosts.iter().cloned().chain(of_ingresses).chain(apex);
    needs.extend(own.map(|host| Need { namespace: None, host }));
    needs.into_iter().collect()
}

fn report_what_is_outside(
    domain: Option<&DnsName>,
    needs: &BTreeSet<Need>,
    findings: &mut Vec<Finding>,
) {
    let Some(domain) = domain else {
        return;
    };
    let outside: Vec<String> = needs
        .iter()
        .map(|need| need.host.name())
        .filter(|name| *name != domain && !name.is_below(domain))
        .map(ToString::to_string)
        .collect();
    if !outside.is_empty() {
        findings.push(OutsideDomain { domain, hosts: &outside }.into());
    }
}
