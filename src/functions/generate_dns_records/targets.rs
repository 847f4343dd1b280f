//! The Ingress whose load balancer the records lead to.

use super::diags::{NoRecords, OtherRegion};
use super::spec::{Mode, ServingDns};
use crate::finding::Finding;
use crate::runtime::Item;
use crate::serving::ingress::AlbIngress;
use crate::serving::ingress::gateway::{self, GATEWAY_SERVICE};
use crate::values::arn::Region;
use crate::values::elb_name::ElbName;

/// The place of the Ingress that is meant. None is an error only where its annotations are to be
/// set.
pub(super) fn find(
    spec: &ServingDns,
    ingresses: &[(&Item<'_>, AlbIngress)],
    findings: &mut Vec<Finding>,
) -> Option<usize> {
    let named = spec.ingress.name.as_deref();
    let is_meant = |(item, ingress): &(&Item<'_>, AlbIngress)| {
        let namespace = spec.ingress.namespace.as_deref();
        let is_named = named.is_none_or(|name| item.resource.name == name);
        let is_there = namespace.is_none() || item.resource.namespace.as_deref() == namespace;
        is_named
            && is_there
            && (named.is_some() || gateway::leads_to(&ingress.ingress, GATEWAY_SERVICE))
    };
    let found: Vec<usize> =
        (0..ingresses.len()).filter(|place| is_meant(&ingresses[*place])).collect();
    if let [only] = found[..] {
        return Some(only);
    }
    if spec.mode == Mode::ExternalDns {
        let names: Vec<String> =
            found.iter().take(5).map(|place| ingresses[*place].0.resource.to_string()).collect();
        findings.push(match found.len() {
            0 => NoRecords::Ingress.into(),
            count => NoRecords::Ingresses { count, names: &names }.into(),
        });
    }
    None
}

/// Holds the target's region against the configuration's and against what the Ingress says.
pub(super) fn check_region(
    target: Option<&ElbName>,
    region: Option<&Region>,
    ingress: Option<&(&Item<'_>, AlbIngress)>,
    findings: &mut Vec<Finding>,
) {
    let Some(target) = target else {
        return;
    };
    let of_ingress = ingress.map(|(item, ingress)| {
        let says = |what| format!("{what} of the Ingress {}", item.resource.name);
        ingress.regions().into_iter().map(move |(region, what)| (region, says(what)))
    });
    let stated = region.cloned().map(|region| (region, "spec.region".to_owned()));
    let mut all = stated.into_iter().chain(of_ingress.into_iter().flatten());
    if let Some((other, says)) = all.find(|(region, _)| region != target.region()) {
        findings.push(OtherRegion { target, region: &other, says: &says }.into());
    }
}
