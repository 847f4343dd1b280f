//! What the components serve, judged under all policies that will be there.

use serde_json::Value;

use super::caller_diags::{UnnamedCaller, UnnamedNeighbour, UnnamedOwner};
use super::diags::{MeshWide, PlaintextPeers, RefusedRequest, Unjudged};
use super::objects;
use crate::cluster::Cluster;
use crate::controllers::istio::{Action, AuthorizationPolicy, Mesh, RequestAuthentication};
use crate::finding::Finding;
use crate::runtime::{Items, Owned};
use crate::serving::authorization::{Mode, Platform, Policies, Profile, ServingWorkload};
use krm_package::{ReadError, read_value};

/// The largest number of objects that proofs look at, all together.
const MOST_JUDGED: usize = 2_000_000;

/// What is generated, in the order of the components.
pub(super) struct Proven<'a> {
    pub(super) objects: &'a [Value],
    pub(super) authentications: &'a [Option<Value>],
}

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
    generated: &Proven<'_>,
    (items, platform): (&Items<'_>, &Platform),
    findings: &mut Vec<Finding>,
) {
    let (own, own_tokens) = match generated.read() {
        Ok(own) => own,
        Err(error) => {
            findings.push(Unjudged::OwnPolicy(&error).into());
            return;
        }
    };
    let guide = policies.mode == Mode::Guide;
    let judged: usize = workloads.iter().map(|one| platform.size(&one.namespace)).sum();
    if judged > MOST_JUDGED {
        let components = workloads.len();
        findings.push(Unjudged::TooMany { components, policies: judged }.into());
        return;
    }
    let mut plaintext = Vec::new();
    for (place, workload) in workloads.iter().enumerate() {
        let added = if guide { &own[..] } else { own.get(place..=place).unwrap_or_default() };
        let named = policies.settings.callers_of(workload).filter(|_| !guide);
        let proof = match named {
            None => platform.prove(workload, added, &policies.callers),
            Some(named) => {
                let tokens = own_tokens.get(place).map(Vec::as_slice).unwrap_or_default();
                platform.prove_callers(workload, added, tokens, &policies.callers, named)
            }
        };
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
        if proof.takes_plaintext {
            plaintext.push(workload.shown());
        }
    }
    if guide {
        findings.push(MeshWide(&policies.root_namespace).into());
    }
    if !plaintext.is_empty() {
        findings.push(PlaintextPeers(&plaintext).into());
    }
    findings.extend(objects::others_with_labels(items, &own, &policies.root_namespace));
}

impl Proven<'_> {
    /// What is generated, as Istio reads it.
    fn read(
        &self,
    ) -> Result<(Vec<AuthorizationPolicy>, Vec<Vec<RequestAuthentication>>), ReadError> {
        let policies = self.objects.iter().map(read_value).collect::<Result<_, _>>()?;
        let tokens = self.authentications.iter();
        let tokens =
            tokens.map(|one| one.iter().map(read_value).collect()).collect::<Result<_, _>>()?;
        Ok((policies, tokens))
    }
}
