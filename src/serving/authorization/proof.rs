//! The proof that components can be reached: each request that they serve, from each peer that it
//! comes from, judged as Istio judges it.

use std::collections::BTreeMap;

use super::workload::{Callers, ServingWorkload};
use crate::controllers::istio::{
    AuthorizationPolicy, Doubt, HttpRequest, Identity, Jwt, Mesh, Peer, PeerAuthentication,
    PoliciesInForce, Refusal, Request, RequestAuthentication, TokenRules, Verdict, Workload,
};

/// The port of Knative's queue-proxy, before every model server.
const QUEUE_PROXY: u16 = 8012;
/// The port of a model server in Standard mode.
const MODEL_SERVER: u16 = 8080;

/// The policies of a mesh beside those that are generated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Platform {
    mesh: Mesh,
    policies: BTreeMap<String, Vec<AuthorizationPolicy>>,
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
        for policy in policies {
            let namespace = policy.namespace().to_owned();
            platform.policies.entry(namespace).or_default().push(policy);
        }
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
            self.policies.get(namespace).map_or(0, Vec::len)
                + self.peers.get(namespace).map_or(0, Vec::len)
                + self.tokens.get(namespace).map_or(0, Vec::len)
        };
        of(&self.mesh.root_namespace) + of(namespace)
    }

    /// What is in force for a component's pods, with policies that are added.
    #[must_use]
    pub(crate) fn in_force(
        &self,
        workload: &ServingWorkload,
        added: &[AuthorizationPolicy],
    ) -> PoliciesInForce {
        let mut namespaces = vec![self.mesh.root_namespace.as_str()];
        if workload.namespace != self.mesh.root_namespace {
            namespaces.push(&workload.namespace);
        }
        let policies = namespaces.iter().filter_map(|namespace| self.policies.get(*namespace));
        let policies: Vec<_> = policies.flatten().chain(added).cloned().collect();
        let peers = namespaces.iter().filter_map(|namespace| self.peers.get(*namespace));
        let peers: Vec<_> = peers.flatten().cloned().collect();
        let pods = Workload::sidecar(workload.namespace.clone(), workload.labels.clone());
        PoliciesInForce::for_workload(&self.mesh, &pods, &policies, &peers)
    }

    /// The tokens that a component's pods take, with rules that are added.
    #[must_use]
    pub(super) fn tokens_of(
        &self,
        workload: &ServingWorkload,
        added: &[RequestAuthentication],
    ) -> TokenRules {
        let root = self.mesh.root_namespace.as_str();
        let own = Some(workload.namespace.as_str()).filter(|namespace| *namespace != root);
        let namespaces = [Some(root), own].into_iter().flatten();
        let known = namespaces.filter_map(|namespace| self.tokens.get(namespace)).flatten();
        let all: Vec<_> = known.chain(added).cloned().collect();
        let pods = Workload::sidecar(workload.namespace.clone(), workload.labels.clone());
        TokenRules::for_workload(&self.mesh, &pods, &all)
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
        destination_port: if workload.knative { QUEUE_PROXY } else { MODEL_SERVER },
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
