//! What the functions plan for a package without a configuration, for a reader instead of an edit.

use std::collections::HashMap;

use serde_json::Value;

use super::generate_authorization_policies::{self, GenerateAuthorizationPolicies};
use super::{generate_dns_records, plan_certificate};
use crate::finding::{Code, Finding};
use crate::runtime::{Function, Items};
use crate::serving::certificate::CertificateGroup;
use crate::serving::dns::Record;
use crate::values::k8s::ResourceRef;
use krm_package::Edit;

/// The names, records and policies of a package.
pub(crate) struct Planned {
    /// The certificates with their names.
    pub(crate) certificates: Vec<CertificateGroup>,
    /// The records.
    pub(crate) records: Vec<Record>,
    /// The Ingress that the records lead to; `None` where the package has not exactly one.
    pub(crate) record_target: Option<ResourceRef>,
    /// The policies of the package, and those that it lacks.
    pub(crate) policies: Vec<Policy>,
    /// What the functions report, each once.
    pub(crate) findings: Vec<Finding>,
}

/// An AuthorizationPolicy.
pub(crate) struct Policy {
    pub(crate) resource: ResourceRef,
    /// What the policy itself sets.
    pub(crate) object: Value,
    /// Whether the package has it; else the function creates it.
    pub(crate) is_present: bool,
}

/// The plan of each function without a configuration.
pub(crate) fn planned(items: &Items<'_>) -> Planned {
    let mut findings = Vec::new();
    let certificates = plan_certificate::certificates(items, &mut findings);
    let records = generate_dns_records::records(items, &mut findings);
    let record_target = generate_dns_records::record_target(items);
    let policies = policies(items, &mut findings);
    let mut once: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut seen: HashMap<String, Vec<usize>> = HashMap::new();
    for finding in findings {
        let same = seen.entry(finding.message.clone()).or_default();
        if !same.iter().any(|place| once[*place] == finding) {
            same.push(once.len());
            once.push(finding);
        }
    }
    Planned { certificates, records, record_target, policies, findings: once }
}

/// The policies of the package; where none of them is the function's, those that it would create.
fn policies(items: &Items<'_>, findings: &mut Vec<Finding>) -> Vec<Policy> {
    let (group, kind) = generate_authorization_policies::POLICY;
    let mut policies: Vec<Policy> = Vec::new();
    let (key, function) = generate_authorization_policies::OWNED.annotation();
    let mut is_generated = false;
    for item in items.of_kind(group, kind) {
        let generated_by = item.text(&["metadata", "annotations", &key]);
        is_generated |= generated_by.as_deref() == Some(function);
        let object = item.node.value().unwrap_or_default();
        policies.push(Policy { resource: item.resource.clone(), object, is_present: true });
    }
    if is_generated {
        return policies;
    }
    let plan = GenerateAuthorizationPolicies::plan(Default::default(), items);
    // That a package without models has no policies is nothing to act upon here.
    let found = plan.findings.into_iter();
    findings.extend(found.filter(|finding| finding.code != Code::AuthorizationNothingServed));
    for edit in plan.edits {
        if let Edit::AddItem(object) = edit {
            let object = object.value();
            let text = |path: &str| object.pointer(path)?.as_str().map(str::to_owned);
            let resource = ResourceRef {
                api_version: text("/apiVersion").unwrap_or_default(),
                kind: text("/kind").unwrap_or_default(),
                namespace: text("/metadata/namespace"),
                name: text("/metadata/name").unwrap_or_default(),
            };
            policies.push(Policy { resource, object, is_present: false });
        }
    }
    policies
}
