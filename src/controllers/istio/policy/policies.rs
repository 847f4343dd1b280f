//! The policies in force for one workload.

use std::collections::BTreeSet;

use super::authorization_policy::{Action, AuthorizationPolicy};
use super::clause::NoTest;
use super::rule::{ReadyRule, RuleName};
use crate::controllers::istio::answer::Doubt;
use crate::controllers::istio::mesh::Mesh;
use crate::controllers::istio::order::oldest_first;
use crate::controllers::istio::peer::{Modes, PeerAuthentication};
use crate::controllers::istio::selector::attaches;
use crate::controllers::istio::workload::Workload;

/// The policies in force for one workload: those that istiod takes and that attach to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoliciesInForce {
    pub(super) mesh: Mesh,
    pub(super) workload: Workload,
    pub(super) modes: Modes,
    pub(super) policies: Vec<ReadyPolicy>,
    /// Values for which the proxy refuses the whole configuration.
    pub(super) refused: BTreeSet<Doubt>,
}

/// A policy, ready to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReadyPolicy {
    /// `NAMESPACE/NAME`.
    pub(super) name: String,
    pub(super) action: Action,
    pub(super) dry_run: bool,
    pub(super) provider: String,
    pub(super) rules: Vec<ReadyRule>,
}

impl PoliciesInForce {
    /// Picks what is in force for the workload: objects of the root namespace and of its own, whose
    /// selector or references attach to it. An object that istiod refuses is passed over; ask
    /// [`AuthorizationPolicy::validate`] and [`PeerAuthentication::validate`] for the reasons.
    #[must_use]
    pub fn for_workload(
        mesh: &Mesh,
        workload: &Workload,
        authorization: &[AuthorizationPolicy],
        peer: &[PeerAuthentication],
    ) -> Self {
        let mut refused = BTreeSet::new();
        let policies = oldest_first(authorization, |policy| &policy.metadata)
            .into_iter()
            .filter(|policy| {
                let namespace = policy.namespace();
                let spec = &policy.spec;
                let references = match (spec.target_refs.as_slice(), &spec.target_ref) {
                    ([], Some(reference)) => std::slice::from_ref(reference),
                    (references, _) => references,
                };
                (namespace == mesh.root_namespace || namespace == workload.namespace)
                    && attaches(namespace, spec.selector.as_ref(), references, workload)
                    && policy.validate().is_ok()
            })
            .map(|policy| ReadyPolicy::new(policy, mesh, &mut refused))
            .collect();
        let peer = oldest_first(peer, |object| &object.metadata);
        let modes = Modes::of_workload(
            peer.into_iter().filter(|object| object.validate().is_ok()),
            &mesh.root_namespace,
            &workload.namespace,
            &workload.labels,
        );
        Self { mesh: mesh.clone(), workload: workload.clone(), modes, policies, refused }
    }

    /// Those of one action that are enforced.
    pub(super) fn enforced(&self, action: Action) -> impl Iterator<Item = &ReadyPolicy> {
        self.policies.iter().filter(move |policy| policy.action == action && !policy.dry_run)
    }
}

impl ReadyPolicy {
    fn new(policy: &AuthorizationPolicy, mesh: &Mesh, refused: &mut BTreeSet<Doubt>) -> Self {
        let (namespace, action) = (policy.namespace(), policy.spec.action);
        let mut rules = Vec::with_capacity(policy.spec.rules.len());
        for (index, rule) in policy.spec.rules.iter().enumerate() {
            let name = RuleName {
                namespace: namespace.to_owned(),
                policy: policy.metadata.name.clone(),
                index,
            };
            match ReadyRule::new(name, rule, action, mesh) {
                Ok(rule) => rules.push(rule),
                Err(NoTest::Skipped) => {}
                Err(NoTest::Refused(doubt)) => {
                    refused.insert(doubt);
                }
            }
        }
        Self {
            name: format!("{namespace}/{}", policy.metadata.name),
            action,
            dry_run: policy.is_dry_run(),
            provider: policy.spec.provider.iter().map(|one| one.name.as_str()).collect(),
            rules,
        }
    }
}
