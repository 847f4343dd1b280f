//! The proof that components can be reached: each request that they serve, from each peer that it
//! comes from, judged as Istio judges it.

use std::collections::{BTreeMap, BTreeSet};

use super::workload::{Callers, ServingWorkload};
use crate::controllers::istio::{
    Action, AuthorizationPolicy, Condition, Doubt, HttpRequest, Identity, Jwt, Mesh, Peer,
    PeerAuthentication, PoliciesByLabels, PoliciesInForce, Refusal, Request, RequestAuthentication,
    TokenRules, Verdict, Workload,
};

/// The policies of a mesh beside those that are generated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Platform {
    mesh: Mesh,
    /// Where each component has a policy of its own, a namespace has thousands.
    policies: BTreeMap<String, PoliciesByLabels>,
    peers: BTreeMap<String, Vec<PeerAuthentication>>,
    tokens: BTreeMap<String, Vec<RequestAuthentication>>,
}

/// The outcome of the requests to a component.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Proof {
    /// The first request that is refused: the caller, the path, and what refuses it.
    pub refused: Option<(String, Refusal)>,
    /// The first request of which the objects do not tell, and why.
    pub undecided: Option<(String, Doubt)>,
    /// The first request of somebody who is not named that gets through.
    pub stranger: Option<String>,
    /// The first such request of a pod of the same namespace.
    pub neighbour: Option<String>,
    /// The first such request of a user whom a gateway names in a header.
    pub owner: Option<String>,
    /// Whether a peer without identity is let through to what the component serves.
    pub takes_plaintext: bool,
}

impl Platform {
    /// The objects of a mesh; one without a namespace counts for the namespace `default`.
    #[must_use]
    pub(crate) fn new(
        mesh: Mesh,
        policies: Vec<AuthorizationPolicy>,
        peers: Vec<PeerAuthentication>,
        tokens: Vec<RequestAuthentication>,
    ) -> Self {
        let mut platform = Self { mesh, ..Self::default() };
        let mut by_namespace: BTreeMap<String, Vec<AuthorizationPolicy>> = BTreeMap::new();
        for policy in policies {
            let namespace = policy.namespace().to_owned();
            by_namespace.entry(namespace).or_default().push(policy);
        }
        platform.policies = by_namespace
            .into_iter()
            .map(|(namespace, policies)| (namespace, PoliciesByLabels::of(policies)))
            .collect();
        for peer in peers {
            let namespace = peer.namespace().to_owned();
            platform.peers.entry(namespace).or_default().push(peer);
        }
        for one in tokens {
            let namespace = one.namespace().to_owned();
            platform.tokens.entry(namespace).or_default().push(one);
        }
        platform
    }

    /// How many objects a proof of a component in a namespace looks at.
    #[must_use]
    pub(crate) fn size(&self, namespace: &str) -> usize {
        let of = |namespace: &str| {
            self.policies.get(namespace).map_or(0, |all| all.as_slice().len())
                + self.peers.get(namespace).map_or(0, Vec::len)
                + self.tokens.get(namespace).map_or(0, Vec::len)
        };
        of(&self.mesh.root_namespace) + of(namespace)
    }

    /// Whether no object decides about pods of a namespace by what they are called: none is there but
    /// PeerAuthentications of the root namespace, which are for all pods.
    #[must_use]
    pub(crate) fn is_alike_in(&self, namespace: &str) -> bool {
        let root = self.mesh.root_namespace.as_str();
        let is_there = |namespace: &str| {
            self.policies.contains_key(namespace) || self.tokens.contains_key(namespace)
        };
        namespace != root
            && ![root, namespace].into_iter().any(is_there)
            && !self.peers.contains_key(namespace)
    }

    /// What is in force for a component's pods, with policies that are added.
    #[must_use]
    pub(crate) fn in_force(
        &self,
        workload: &ServingWorkload,
        added: &[AuthorizationPolicy],
    ) -> PoliciesInForce {
        self.in_force_for(&pods_of(workload), added)
    }

    /// What is in force for pods, with policies that are added.
    #[must_use]
    pub(super) fn in_force_for(
        &self,
        pods: &Workload,
        added: &[AuthorizationPolicy],
    ) -> PoliciesInForce {
        let peers = self.near(pods, &self.peers).flatten();
        PoliciesInForce::for_workload(&self.mesh, pods, self.policies_for(pods).chain(added), peers)
    }

    /// The tokens that a component's pods take, with rules that are added.
    #[must_use]
    pub(super) fn tokens_of(
        &self,
        workload: &ServingWorkload,
        added: &[RequestAuthentication],
    ) -> TokenRules {
        self.tokens_for(&pods_of(workload), added)
    }

    /// The tokens that pods take, with rules that are added.
    #[must_use]
    pub(super) fn tokens_for(
        &self,
        pods: &Workload,
        added: &[RequestAuthentication],
    ) -> TokenRules {
        let known = self.near(pods, &self.tokens).flatten();
        let all: Vec<_> = known.chain(added).cloned().collect();
        TokenRules::for_workload(&self.mesh, pods, &all)
    }

    /// The headers by which ALLOW policies in force for pods let somebody in, each with a value.
    #[must_use]
    pub(super) fn headers_let_in(
        &self,
        pods: &Workload,
        in_force: &PoliciesInForce,
    ) -> BTreeSet<(String, String)> {
        let own = self.policies_for(pods).filter(|policy| {
            policy.spec.action == Action::Allow
                && in_force.has(policy.namespace(), &policy.metadata.name)
        });
        let conditions = own.flat_map(|policy| &policy.spec.rules).flat_map(|rule| &rule.when);
        let header = |condition: &Condition| {
            let name = condition.key.strip_prefix("request.headers[")?.strip_suffix(']')?;
            let value = condition.values.first()?;
            Some((name.to_owned(), value.replace('*', "example")))
        };
        conditions.filter_map(header).collect()
    }

    /// The policies that may be for pods.
    fn policies_for<'p>(
        &'p self,
        pods: &'p Workload,
    ) -> impl Iterator<Item = &'p AuthorizationPolicy> {
        self.near(pods, &self.policies).flat_map(|policies| policies.for_labels(&pods.labels))
    }

    /// What is of the root namespace and of the pods' own.
    fn near<'p, T>(
        &'p self,
        pods: &'p Workload,
        objects: &'p BTreeMap<String, T>,
    ) -> impl Iterator<Item = &'p T> {
        let root = self.mesh.root_namespace.as_str();
        let own = Some(pods.namespace.as_str()).filter(|namespace| *namespace != root);
        let namespaces = [Some(root), own].into_iter().flatten();
        namespaces.filter_map(|namespace| objects.get(namespace))
    }

    /// Judges every request that the component serves, from everyone who calls it and from a peer
    /// without identity, with policies that are added.
    #[must_use]
    pub(crate) fn prove(
        &self,
        workload: &ServingWorkload,
        added: &[AuthorizationPolicy],
        callers: &Callers,
    ) -> Proof {
        let policies = self.in_force(workload, added);
        let callers = callers.of(workload);
        let mut proof = Proof::default();
        for (method, path) in workload.served().requests() {
            for caller in &callers {
                let Some(identity) = caller.identity() else { continue };
                let request = request(workload, Some(identity), method, &path);
                let shown = || format!("{method} {path} from {caller}");
                match policies.evaluate(&request).verdict {
                    Verdict::Allowed => {}
                    Verdict::Denied { by } => {
                        proof.refused.get_or_insert_with(|| (shown(), by));
                    }
                    Verdict::Undecided { why } => {
                        let why = why.into_iter().next();
                        proof.undecided = proof.undecided.or(why.map(|why| (shown(), why)));
                    }
                }
            }
            let plaintext = request(workload, None, method, &path);
            proof.takes_plaintext |= policies.evaluate(&plaintext).verdict == Verdict::Allowed;
        }
        proof
    }
}

pub(super) fn pods_of(workload: &ServingWorkload) -> Workload {
    Workload::sidecar(workload.namespace.clone(), workload.labels())
}

/// A request as it arrives at a component's pod.
pub(super) fn request(
    workload: &ServingWorkload,
    peer: Option<Identity>,
    method: &str,
    path: &str,
) -> Request {
    Request {
        peer: peer.map_or(Peer::Plaintext, Peer::Mutual),
        source_address: None,
        destination_address: None,
        destination_port: workload.port(),
        sni: None,
        http: Some(HttpRequest {
            host: format!("{}.{}.svc.cluster.local", workload.name, workload.namespace),
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            jwt: Jwt::Unknown,
        }),
    }
}
