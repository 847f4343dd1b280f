//! How the hosts of the input's `InferenceService`s change.

use crate::controllers::kserve::{Endpoint, Exposure, ServingItems, ServingModel, ServingOptions};
use crate::finding::{Code, Finding};
use crate::runtime::Items;
use crate::serving::model::{Findings, NotServed, serving_items};

use super::config_map::Outcome;
use super::diags::LeavesPublicGateway;

/// Knative's configuration after the run.
pub(super) struct After {
    pub(super) config_domain: Outcome,
    pub(super) config_network: Outcome,
}

/// Warnings of services that leave the public gateway, and of hosts that no route can have.
pub(super) fn findings(items: &Items<'_>, after: After) -> Vec<Finding> {
    if items.of_kind("serving.kserve.io", "InferenceService").next().is_none() {
        return Vec::new();
    }
    let mut objects = serving_items(items);
    let options = ServingOptions::default();
    match &after.config_domain {
        Outcome::AsItWas => {}
        Outcome::Data(data) => objects.replace_config_domain(Some(data)),
        Outcome::Gone => objects.replace_config_domain(None),
    }
    match &after.config_network {
        Outcome::AsItWas => {}
        Outcome::Data(data) => objects.replace_config_network(Some(data)),
        Outcome::Gone => objects.replace_config_network(None),
    }
    let after = ServingModel::built_of(objects, &options);
    let mut findings = after.findings();
    findings.retain(|finding| finding.code == Code::KnativeOperatorOverrides);
    let is_public = |one: &Endpoint| one.exposure == Exposure::Public;
    // Mostly every service stays public, and nothing needs to be known of before.
    let before = match after.endpoints.iter().all(is_public) {
        true => vec![Exposure::Public; after.endpoints.len()],
        false => exposures_before(serving_items(items), &options),
    };
    // Both are in the order of namespaces and names.
    for (old, new) in before.into_iter().zip(&after.endpoints) {
        let mut of_hosts = new.findings();
        of_hosts.retain(|finding| is_of_a_host(finding.code));
        let has_host = of_hosts.is_empty();
        // The manifests are right: it is this domain that does not suit them.
        findings.extend(of_hosts.into_iter().map(|finding| Finding::from(NotServed(finding))));
        if has_host && old == Exposure::Public && !is_public(new) {
            findings.push(Finding::from(LeavesPublicGateway).on(&new.resource()));
        }
    }
    findings
}

/// Who could reach the services before the run. A cluster whose `config-domain` is not in the input
/// may have a public one.
fn exposures_before(mut objects: ServingItems, options: &ServingOptions) -> Vec<Exposure> {
    if !objects.have_config_domain() {
        objects.replace_config_domain(Some(&[("example.com".to_owned(), String::new())].into()));
    }
    let model = ServingModel::built_of(objects, options);
    model.endpoints.iter().map(|endpoint| endpoint.exposure).collect()
}

fn is_of_a_host(code: Code) -> bool {
    matches!(code, Code::KnativeHostInvalid | Code::KserveHostInvalid | Code::KserveNameTooLong)
}
