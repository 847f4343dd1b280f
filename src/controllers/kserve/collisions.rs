//! Services that take one another's names and hosts, each of which is right by itself.

use std::collections::BTreeMap;

use super::endpoint::{Endpoint, RouteKind};
use super::mode::DeploymentMode;
use crate::finding::{Code, Finding};

/// Tells each service of the others whose Service or host it has too.
pub(super) fn find(endpoints: &mut [Endpoint]) {
    let found: Vec<(usize, Finding)> =
        names(endpoints).into_iter().chain(hosts(endpoints)).collect();
    for (at, finding) in found {
        let finding = finding.on(&endpoints[at].resource());
        endpoints[at].findings.push(finding);
    }
}

/// In Knative mode the service's own name is that of a Service before its components' Services: that
/// of `iris-predictor` is the one that Knative keeps for the predictor of `iris`.
fn names(endpoints: &[Endpoint]) -> Vec<(usize, Finding)> {
    let components: BTreeMap<(&str, &str), &str> = endpoints
        .iter()
        .flat_map(|one| {
            one.components
                .iter()
                .map(|part| ((one.namespace.as_str(), part.name.as_str()), one.name.as_str()))
        })
        .collect();
    let mut found = Vec::new();
    for (at, endpoint) in endpoints.iter().enumerate() {
        let own = endpoint.mode == Some(DeploymentMode::Knative)
            && endpoint.routes.iter().any(|route| route.kind == RouteKind::VirtualService);
        let key = (endpoint.namespace.as_str(), endpoint.name.as_str());
        if let Some(other) = components.get(&key).filter(|_| own) {
            let message = format!(
                "the Service {} is that of a component of InferenceService {other}, and each controller overwrites the other's; choose another name",
                endpoint.name
            );
            found.push((at, Finding::error(Code::KserveNameTaken, message).field("metadata.name")));
        }
    }
    found
}

/// A host that an Ingress or VirtualService of another service answers to. The bare domain of a
/// `pathTemplate` is said to be everyone's elsewhere.
fn hosts(endpoints: &[Endpoint]) -> Vec<(usize, Finding)> {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut found = Vec::new();
    for (at, endpoint) in endpoints.iter().enumerate() {
        let shares_domain =
            endpoint.findings.iter().any(|one| one.code == Code::KservePathTemplateDomain);
        for host in endpoint.public_hosts().into_iter().filter(|_| !shares_domain) {
            let other = &endpoints[*first.entry(host).or_insert(at)];
            // One service passed twice is the host's affair.
            if (&other.namespace, &other.name) != (&endpoint.namespace, &endpoint.name) {
                let message = format!(
                    "the host {host} is also that of InferenceService {}/{}, and one of them answers for both; write {{{{ .Name }}}} and {{{{ .Namespace }}}} into the template of the domain, or choose other names",
                    other.namespace, other.name
                );
                found.push((at, Finding::error(Code::KserveHostTaken, message)));
            }
        }
    }
    found
}
