//! Services that take one another's names and hosts, each of which is right by itself.

use std::collections::BTreeMap;

use super::endpoint::{Endpoint, RouteKind};
use super::mode::DeploymentMode;
use super::remark::Remark;

/// Adds to each service the remarks on others whose Service or host it has too.
pub(super) fn find(endpoints: &mut [Endpoint]) {
    let found: Vec<(usize, Remark)> =
        names(endpoints).into_iter().chain(hosts(endpoints)).collect();
    for (index, remark) in found {
        endpoints[index].remarks.push(remark);
    }
}

/// In Knative mode the service's own name is that of a Service before its components' Services: that
/// of `iris-predictor` is the one that Knative keeps for the predictor of `iris`.
fn names(endpoints: &[Endpoint]) -> Vec<(usize, Remark)> {
    let components: BTreeMap<(&str, &str), &str> = endpoints
        .iter()
        .flat_map(|one| {
            one.components
                .iter()
                .map(|part| ((one.namespace.as_str(), part.name.as_str()), one.name.as_str()))
        })
        .collect();
    let mut found = Vec::new();
    for (index, endpoint) in endpoints.iter().enumerate() {
        let own = endpoint.mode == Some(DeploymentMode::Knative)
            && endpoint.routes.iter().any(|route| route.kind == RouteKind::VirtualService);
        let key = (endpoint.namespace.as_str(), endpoint.name.as_str());
        if let Some(other) = components.get(&key).filter(|_| own) {
            let (name, other) = (endpoint.name.clone(), (*other).to_owned());
            found.push((index, Remark::NameTaken { name, other }));
        }
    }
    found
}

/// A host that an Ingress or VirtualService of another service answers to. The bare domain of a
/// `pathTemplate` is said to be everyone's elsewhere.
fn hosts(endpoints: &[Endpoint]) -> Vec<(usize, Remark)> {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut found = Vec::new();
    for (index, endpoint) in endpoints.iter().enumerate() {
        let shares_domain = endpoint.remarks.iter().any(Remark::is_of_shared_domain);
        // A route by hand is before a service on purpose.
        if !endpoint.kind.is_kserve() {
            continue;
        }
        for host in endpoint.public_hosts().into_iter().filter(|_| !shares_domain) {
            let other = &endpoints[*first.entry(host).or_insert(index)];
            // One service passed twice is the host's affair.
            if (&other.namespace, &other.name) != (&endpoint.namespace, &endpoint.name) {
                let (namespace, name) = (other.namespace.clone(), other.name.clone());
                found.push((index, Remark::HostTaken { host: host.to_owned(), namespace, name }));
            }
        }
    }
    found
}
