//! Policies that nothing enforces, and policies that istiod refuses.

use std::collections::BTreeMap;

use super::diags::{NotEnforced, RefusedPolicy};
use crate::controllers::istio::{AuthorizationPolicy, Membership, Mesh};
use crate::finding::Finding;
use crate::path::World;
use crate::serving::authorization::ServingWorkload;
use crate::values::k8s::ResourceRef;

pub(super) fn findings(world: &World<'_>) -> Vec<Finding> {
    let mut findings = refused(world);
    findings.extend(not_enforced(world));
    findings
}

/// Policies that the webhook refuses, and that are then not in force.
fn refused(world: &World<'_>) -> Vec<Finding> {
    let policies = world.cluster.objects.authorization_policies.iter();
    policies
        .filter_map(|kept| {
            let rejection = kept.object.validate().err()?;
            let why = rejection.errors().join("; ");
            Some(Finding::from(RefusedPolicy(&why)).on(&kept.resource).field("spec"))
        })
        .collect()
}

/// The namespaces that have no sidecars, while a policy selects the pods of a model there: the policy
/// is enforced nowhere. A pod that is kept out by its own label is meant to be.
fn not_enforced(world: &World<'_>) -> Vec<Finding> {
    let mut found: BTreeMap<String, Finding> = BTreeMap::new();
    for workload in ServingWorkload::all(&world.model.endpoints) {
        if !matches!(workload.membership, Membership::NamespaceOff | Membership::NamespaceSilent) {
            continue;
        }
        let mut policies = world.cluster.objects.authorization_policies.iter();
        let Some(policy) = policies.find(|kept| selects(&kept.object, &workload)) else { continue };
        let resource = ResourceRef {
            api_version: "v1".to_owned(),
            kind: "Namespace".to_owned(),
            namespace: None,
            name: workload.namespace.clone(),
        };
        let shown = workload.shown();
        let finding = NotEnforced { policy: &policy.resource, component: &shown };
        let finding =
            Finding::from(finding).on(&resource).field("metadata.labels[istio-injection]");
        found.entry(workload.namespace.clone()).or_insert(finding);
    }
    found.into_values().collect()
}

/// Whether a policy selects the pods by their labels.
fn selects(policy: &AuthorizationPolicy, workload: &ServingWorkload) -> bool {
    let namespace = policy.namespace();
    let is_near = namespace == Mesh::default().root_namespace || namespace == workload.namespace;
    is_near
        && policy.spec.selector.as_ref().is_some_and(|selector| {
            !selector.match_labels.is_empty() && selector.selects(&workload.labels())
        })
}
