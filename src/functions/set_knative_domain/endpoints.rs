//! What becomes of the hosts of the `InferenceService`s among the objects.

use std::collections::BTreeMap;

use crate::finding::{Code, Finding, Severity};
use crate::kserve::{Exposure, ServingItems, ServingModel, ServingOptions};
use crate::runtime::Items;

/// Knative's configuration after the run, where the run sets it.
#[derive(Default)]
pub(super) struct After {
    pub(super) config_domain: Option<BTreeMap<String, String>>,
    pub(super) config_network: Option<BTreeMap<String, String>>,
}

/// Warnings of services that leave the public gateway, and of hosts that no route can have.
pub(super) fn findings(items: &Items<'_>, after: After) -> Vec<Finding> {
    if items.of_kind("serving.kserve.io", "InferenceService").next().is_none() {
        return Vec::new();
    }
    let mut objects = ServingItems::of(items);
    let options = ServingOptions::default();
    let before = ServingModel::build(&objects, &options);
    if let Some(data) = &after.config_domain {
        objects.replace_config_domain(data);
    }
    if let Some(data) = &after.config_network {
        objects.replace_config_network(data);
    }
    let after = ServingModel::build(&objects, &options);
    let mut findings = Vec::new();
    // Both are in the order of namespaces and names.
    for (old, new) in before.endpoints.iter().zip(&after.endpoints) {
        let of_hosts: Vec<&Finding> =
            new.findings.iter().filter(|finding| is_of_a_host(finding.code)).collect();
        let has_host = of_hosts.is_empty();
        // The manifests are right: it is this domain that does not suit them.
        findings.extend(of_hosts.into_iter().map(|finding| Finding {
            severity: finding.severity.max(Severity::Warning),
            ..finding.clone()
        }));
        if has_host && old.exposure == Exposure::Public && new.exposure != Exposure::Public {
            let message = "under these domains its Route is cluster-local, and it leaves the public gateway; write a domain outside of the cluster for it";
            findings.push(
                Finding::warning(Code::KnativeClusterLocalDomain, message).on(&new.resource()),
            );
        }
    }
    findings
}

fn is_of_a_host(code: Code) -> bool {
    matches!(code, Code::KnativeHostInvalid | Code::KserveHostInvalid | Code::KserveNameTooLong)
}
