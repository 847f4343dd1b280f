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
///
/// ```
/// use std::collections::BTreeMap;
/// use kserve_aws::controllers::istio::{
///     AuthorizationPolicy, HttpRequest, Jwt, Mesh, Peer, PoliciesInForce, Request, Verdict, Workload,
/// };
///
/// let policy: AuthorizationPolicy = serde_json::from_str(
///     r#"{"metadata": {"name": "predict", "namespace": "staging"},
///         "spec": {"rules": [{"to": [{"operation": {"paths": ["/v1/models/*"]}}]}]}}"#,
/// )?;
/// let pods = Workload::sidecar("staging", BTreeMap::new());
/// let in_force = PoliciesInForce::for_workload(&Mesh::default(), &pods, &[policy], &[]);
/// let get = |path: &str| Request {
///     peer: Peer::Plaintext,
///     source_address: Some([10, 0, 0, 9].into()),
///     destination_address: None,
///     destination_port: 8080,
///     sni: None,
///     http: Some(HttpRequest {
///         host: "iris.staging.example.com".to_owned(),
///         method: "GET".to_owned(),
///         path: path.to_owned(),
///         headers: Vec::new(),
///         jwt: Jwt::Absent,
///     }),
/// };
/// assert!(matches!(in_force.evaluate(&get("/v1/models/iris")).verdict, Verdict::Allowed { .. }));
/// assert!(matches!(in_force.evaluate(&get("/metrics")).verdict, Verdict::Denied { .. }));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoliciesInForce {
    pub(super) mesh: Mesh,
    pub(super) workload: Workload,
    pub(super) modes: Modes,
    pub(super) policies: Vec<ReadyPolicy>,
    /// Values for which the proxy refuses the whole configuration.
    pub(super) refused: BTreeSet<Doubt>,
}

/// A policy, ready to be evaluated.
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
    /// selector or references attach to it. An object that istiod refuses is ignored; call
    /// [`AuthorizationPolicy::validate`] and [`PeerAuthentication::validate`] for the reasons.
    #[must_use]
    pub fn for_workload<'p>(
        mesh: &Mesh,
        workload: &Workload,
        authorization: impl IntoIterator<Item = &'p AuthorizationPolicy>,
        peer: impl IntoIterator<Item = &'p PeerAuthentication>,
    ) -> Self {
        let mut refused = BTreeSet::new();
        let attached = authorization.into_iter().filter(|policy| {
            let namespace = policy.namespace();
            let spec = &policy.spec;
            let references = match (spec.target_refs.as_slice(), &spec.target_ref) {
                ([], Some(reference)) => std::slice::from_ref(reference),
                (references, _) => references,
            };
            (namespace == mesh.root_namespace || namespace == workload.namespace)
                && attaches(namespace, spec.selector.as_ref(), references, workload)
                && policy.validate().is_ok()
        });
        let policies = oldest_first(attached, |policy| &policy.metadata)
            .into_iter()
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

    /// Whether a policy is among them.
    #[must_use]
    pub(crate) fn has(&self, namespace: &str, name: &str) -> bool {
        let named = |policy: &ReadyPolicy| policy.name.split_once('/') == Some((namespace, name));
        self.policies.iter().any(named)
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
