//! What the components serve, judged under all policies that will be there.

use std::collections::BTreeMap;
use std::slice;

use super::caller_diags::{UnnamedCaller, UnnamedNeighbour, UnnamedOwner};
use super::diags::{MeshWide, PlaintextPeers, RefusedRequest, Unjudged};
use super::objects;
use crate::cluster::Cluster;
use crate::controllers::istio::{Action, AuthorizationPolicy, Mesh, RequestAuthentication};
use crate::finding::Finding;
use crate::runtime::{Items, Owned};
use crate::serving::authorization::{
    Alike, Mode, Platform, Policies, Profile, Proof, ServingWorkload,
};
use krm_package::{ReadError, read_value};

/// The largest number of objects that proofs look at, all together.
const MOST_JUDGED: usize = 2_000_000;

/// The objects of the mesh that others wrote, and those that the release of Kubeflow has beside them.
pub(super) fn platform(
    policies: &Policies,
    profile: Option<Profile>,
    (items, owned): (&Items<'_>, &Owned),
    findings: &mut Vec<Finding>,
) -> Platform {
    let root = policies.root_namespace.as_str();
    let mut mesh = Mesh {
        root_namespace: root.to_owned(),
        trust_domain: policies.callers.trust_domain.as_str().to_owned(),
        ..Mesh::default()
    };
    let mut theirs = objects::policies(items, owned, findings);
    let peers = objects::peer_authentications(items, findings);
    let mut tokens = objects::request_authentications(items, owned, findings);
    if let Some(profile) = profile {
        objects::add_absent(&mut theirs, &profile.policies(root), |one| &one.metadata);
        objects::add_absent(&mut tokens, &profile.authentications(root), |one| &one.metadata);
    }
    if theirs.iter().any(|policy| policy.spec.action == Action::Custom) {
        // What cannot be read is for others to refuse.
        mesh.open_paths = Cluster::of(items).0.open_paths();
    }
    Platform::new(mesh, theirs, peers, tokens)
}

/// Judges what the components serve under all policies that will be there.
pub(super) fn prove(
    policies: &Policies,
    workloads: &[ServingWorkload],
    (items, platform): (&Items<'_>, &Platform),
    findings: &mut Vec<Finding>,
) {
    let guide = policies.mode == Mode::Guide;
    let judged: usize = workloads.iter().map(|one| platform.size(&one.namespace)).sum();
    if judged > MOST_JUDGED {
        let components = workloads.len();
        findings.push(Unjudged::TooMany { components, policies: judged }.into());
        return;
    }
    let mut plaintext = Vec::new();
    let mut proofs = Proofs::new(policies, platform);
    for workload in workloads {
        let proof = match proofs.of(workload) {
            Ok(proof) => proof,
            Err(error) => {
                findings.push(Unjudged::OwnPolicy(&error).into());
                return;
            }
        };
        if proof.takes_plaintext {
            plaintext.push(workload);
        }
        if proof.is_without_names() {
            continue;
        }
        let resource = workload.resource();
        let component = workload.component;
        if let Some((request, by)) = proof.refused {
            let refused = RefusedRequest { component, request: &request, by: &by, is_guide: guide };
            findings.push(Finding::from(refused).on(&resource));
        }
        if let Some((request, why)) = proof.undecided {
            let unjudged = Unjudged::Request { component, request: &request, why: &why };
            findings.push(Finding::from(unjudged).on(&resource));
        }
        if let Some(request) = proof.stranger {
            findings.push(Finding::from(UnnamedCaller { component, request }).on(&resource));
        }
        if let Some(request) = proof.neighbour {
            findings.push(Finding::from(UnnamedNeighbour { component, request }).on(&resource));
        }
        if let Some(request) = proof.owner {
            findings.push(Finding::from(UnnamedOwner { component, request }).on(&resource));
        }
    }
    if guide {
        findings.push(MeshWide(&policies.root_namespace).into());
    }
    if !plaintext.is_empty() {
        findings.push(PlaintextPeers(&plaintext).into());
    }
    findings.extend(objects::others_with_labels(items, policies, workloads));
}

/// The proofs of components, one by one.
struct Proofs<'p> {
    policies: &'p Policies,
    platform: &'p Platform,
    /// The guide's policies are for all components; of thousands of others those of one at a time are there.
    of_mesh: Option<Own>,
    /// Those that name nothing of their component.
    known: BTreeMap<Alike<'p>, Proof>,
}

impl<'p> Proofs<'p> {
    fn new(policies: &'p Policies, platform: &'p Platform) -> Self {
        Self { policies, platform, of_mesh: None, known: BTreeMap::new() }
    }

    fn of(&mut self, workload: &'p ServingWorkload) -> Result<Proof, ReadError> {
        let Self { policies, platform, of_mesh, known } = self;
        let guide = policies.mode == Mode::Guide;
        let named = policies.settings.callers_of(workload).filter(|_| !guide);
        let alike = Alike::of(workload, platform).filter(|_| named.is_none());
        if let Some(proof) = alike.as_ref().and_then(|alike| known.get(alike)) {
            return Ok(proof.clone());
        }
        let own = match of_mesh.take().filter(|_| guide) {
            Some(own) => own,
            None => Own::of(policies, slice::from_ref(workload))?,
        };
        let proof = match named {
            None => platform.prove(workload, &own.policies, &policies.callers),
            Some(named) => {
                let Own { policies: added, tokens } = &own;
                platform.prove_callers(workload, added, tokens, &policies.callers, named)
            }
        };
        *of_mesh = Some(own).filter(|_| guide);
        if let Some(alike) = alike.filter(|_| proof.is_without_names()) {
            known.insert(alike, proof.clone());
        }
        Ok(proof)
    }
}

/// What is generated for components, as Istio reads it.
struct Own {
    policies: Vec<AuthorizationPolicy>,
    tokens: Vec<RequestAuthentication>,
}

impl Own {
    fn of(policies: &Policies, workloads: &[ServingWorkload]) -> Result<Self, ReadError> {
        let read = policies.of(workloads).map(|policy| read_value(&policy));
        let tokens = policies.authentications(workloads).map(|one| read_value(&one));
        Ok(Self {
            policies: read.collect::<Result<_, _>>()?,
            tokens: tokens.collect::<Result<_, _>>()?,
        })
    }
}
