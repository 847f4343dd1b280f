//! The policies before the pods that serve, and what the pods answer.

use super::gateway::{doubt, doubt_before, in_force, peer, policy_of, verdict};
use super::proxied::{istio_request, normalize_target};
use super::token::{At, authenticate};
use crate::cluster::plain::ConfigMap;
use crate::controllers::istio::{
    FilterEffect, Identity, Jwt, Membership, Peer, ProxyContext, Refusal, Request, Verdict,
    Workload,
};
use crate::controllers::knative::{CONFIG_NETWORK, MESH_COMPATIBILITY_MODE};
use crate::controllers::kserve::{Component, ProtocolSource};
use crate::path::simulator::Client;
use crate::path::simulator::mesh::{ServicePods, identity};
use crate::path::simulator::outcome::{Cause, Place, Way};
use crate::path::simulator::walk::{End, Step, Walk};
use crate::serving::authorization::ServingWorkload;
use crate::values::k8s::ResourceRef;

/// The component that a request has come to.
pub(super) fn follow(walk: &mut Walk<'_, '_, '_>, component: &ServingWorkload) -> Step<End> {
    let peers = peers(walk, component);
    enforce(walk, component, &component.shown(), &peers, Cause::WorkloadRefused)?;
    if component.component == Component::Transformer {
        ask_predictor(walk, component)?;
    }
    Ok(answer(walk, component))
}

/// Who dials the pods: the last gateway and, of a Knative Service, its activator, which dials pods by
/// their addresses, and so without an identity, unless `mesh-compatibility-mode` is `enabled`.
pub(super) fn peers(walk: &Walk<'_, '_, '_>, component: &ServingWorkload) -> Vec<Peer> {
    let own = match (&walk.peer, &walk.request.client) {
        (Some(gateway), _) => Some(gateway.clone()),
        (None, Client::Pod { namespace, service_account, in_mesh: true }) => {
            Some(identity(&walk.simulator.mesh.mesh, namespace, service_account))
        }
        (None, _) => None,
    };
    let mut peers = vec![peer(own.as_ref())];
    if component.knative {
        peers.push(activator(walk));
    }
    peers
}

/// How Knative's activator dials pods.
fn activator(walk: &Walk<'_, '_, '_>) -> Peer {
    let activator = walk.simulator.mesh.callers.activator.identity();
    peer(activator.filter(|_| dials_services(walk)).as_ref())
}

fn is_refused_connection(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Denied { by } if by.is_of_connection())
}

/// How the same caller dials pods that do not take its first connection; a pod outside the mesh
/// has no other way.
fn other_way(walk: &Walk<'_, '_, '_>, peer: &Peer) -> Option<Peer> {
    match peer {
        Peer::Mutual(_) => Some(Peer::Plaintext),
        Peer::Plaintext => {
            let is_in_mesh = matches!(walk.request.client, Client::Pod { in_mesh: true, .. });
            if walk.peer.is_none() && !is_in_mesh {
                return None;
            }
            walk.simulator.mesh.callers.activator.identity().map(Peer::Mutual)
        }
    }
}

fn dials_services(walk: &Walk<'_, '_, '_>) -> bool {
    let mut maps = walk.simulator.world.cluster.objects.config_maps.iter();
    let map = maps.find(|one| one.resource.name == CONFIG_NETWORK);
    map.and_then(|one| one.object.read::<ConfigMap>().ok()).is_some_and(|map| {
        map.texts().get(MESH_COMPATIBILITY_MODE).is_some_and(|mode| mode == "enabled")
    })
}

/// The policies before a component, which messages call `shown`, for each who may dial it.
pub(super) fn enforce(
    walk: &mut Walk<'_, '_, '_>,
    component: &ServingWorkload,
    shown: &str,
    peers: &[Peer],
    cause: Cause,
) -> Step<()> {
    let port = component.port();
    match &component.membership {
        Membership::Sidecar => {}
        Membership::Unknown => walk.assumes(format!("the pods of {shown} have a sidecar")),
        Membership::Doubtful(value) => {
            walk.assumes(format!(
                "the pods of {shown} have a sidecar in spite of the value {value:?}"
            ));
        }
        Membership::Ambient { .. } => {
            return super::ambient::enforce(walk, component, peers, port, cause);
        }
        Membership::OptedOut | Membership::NamespaceOff | Membership::NamespaceSilent => {
            walk.passes(
                Place::Workload,
                None,
                None,
                format!("the pods of {shown} have no sidecar, so nothing enforces a policy"),
            );
            return Ok(());
        }
    }
    let workload = Workload::sidecar(component.namespace.clone(), component.labels());
    filters(walk, &workload, cause);
    normalize_target(walk, Place::Workload);
    let in_force = in_force(walk, &workload);
    let connects = |peer: &Peer| {
        let request = istio_request(&walk.request, peer.clone(), port, Jwt::Absent);
        !is_refused_connection(&in_force.evaluate(&request).verdict)
    };
    // Whether it is refused is seen before the token.
    let is_connected = peers
        .iter()
        .any(|peer| connects(peer) || other_way(walk, peer).is_some_and(|other| connects(&other)));
    let jwt = if is_connected {
        authenticate(walk, &workload, At::WORKLOAD, |walk| {
            for peer in peers {
                let request = istio_request(&walk.request, peer.clone(), port, Jwt::Absent);
                doubt_before(walk, &in_force, &request, Place::Workload, cause);
            }
        })?
    } else {
        Jwt::Absent
    };
    let judged: Vec<(Request, Verdict)> = peers
        .iter()
        .map(|peer| {
            let request = istio_request(&walk.request, peer.clone(), port, jwt.clone());
            let found = verdict(walk, &in_force, &request, &workload.namespace);
            let is_refused = is_refused_connection(&found);
            // The mesh's own proxies dial as the pods take it, and the activator finds another way where
            // a connection is refused (`pkg/activator/net/revision_backends.go`).
            match other_way(walk, peer).filter(|_| is_refused) {
                Some(other) => {
                    let request = istio_request(&walk.request, other, port, jwt.clone());
                    let found = verdict(walk, &in_force, &request, &workload.namespace);
                    (request, found)
                }
                None => (request, found),
            }
        })
        .collect();
    for (request, found) in &judged {
        if matches!(found, Verdict::Denied { .. }) {
            doubt_before(walk, &in_force, request, Place::Workload, cause);
        }
    }
    let verdicts: Vec<Verdict> = judged.into_iter().map(|(_, verdict)| verdict).collect();
    let refused = verdicts.iter().find_map(|verdict| match verdict {
        Verdict::Denied { by } => Some(by.clone()),
        _ => None,
    });
    let is_refused_to_all = verdicts.iter().all(|one| matches!(one, Verdict::Denied { .. }));
    if let Some(by) = refused {
        if is_refused_to_all {
            return Err(refused_by(walk, &by, shown, cause));
        }
        let (status, cause) = ends_with(walk, &by, cause);
        let text = format!("{by}, before the pods of {shown}, if Knative's activator dials them");
        walk.doubts(Place::Workload, policy_of(&by), text, status, cause);
        return Ok(());
    }
    for one in &verdicts {
        if let Verdict::Undecided { why } = one {
            doubt(walk, Place::Workload, why, cause);
            return Ok(());
        }
    }
    walk.passes(
        Place::Workload,
        None,
        None,
        format!("the policies before the pods of {shown} let it pass"),
    );
    Ok(())
}

/// The end of a request that a workload's proxy refuses; `shown` names its pods.
fn refused_by(walk: &mut Walk<'_, '_, '_>, by: &Refusal, shown: &str, cause: Cause) -> End {
    let (status, cause) = ends_with(walk, by, cause);
    walk.ends(
        Place::Workload,
        policy_of(by),
        Some("spec.rules".to_owned()),
        format!("{by}, before the pods of {shown}"),
        status,
        cause,
    )
}

fn ends_with(walk: &Walk<'_, '_, '_>, by: &Refusal, cause: Cause) -> (Option<u16>, Cause) {
    if by.is_of_connection() {
        (walk.status_without_server(), Cause::WorkloadNoConnection)
    } else if matches!(by, Refusal::MalformedRequest) {
        (Some(400), cause)
    } else {
        (Some(403), cause)
    }
}

/// Filters of the sidecar that are not modelled.
fn filters(walk: &mut Walk<'_, '_, '_>, workload: &Workload, cause: Cause) {
    let simulator = walk.simulator;
    let root = &simulator.mesh.mesh.root_namespace;
    for filter in &simulator.mesh.filters {
        if !filter.selects(root, &workload.namespace, &workload.labels) {
            continue;
        }
        let effect = filter.effect(ProxyContext::SidecarInbound);
        if matches!(effect, FilterEffect::Unknown | FilterEffect::ExternalAuthorization { .. }) {
            let by = ResourceRef {
                api_version: "networking.istio.io/v1alpha3".to_owned(),
                kind: "EnvoyFilter".to_owned(),
                namespace: Some(filter.namespace().to_owned()),
                name: filter.metadata.name.clone(),
            };
            let text = format!(
                "the EnvoyFilter {}/{} changes the sidecar in a way that is not supported",
                filter.namespace(),
                filter.metadata.name
            );
            walk.doubts(Place::Workload, Some(by), text, None, cause);
        }
    }
}

/// A transformer calls its predictor with its own identity.
fn ask_predictor(walk: &mut Walk<'_, '_, '_>, transformer: &ServingWorkload) -> Step<()> {
    let simulator = walk.simulator;
    let predictor = simulator.mesh.predictor(&transformer.namespace, &transformer.service);
    let Some(predictor) = predictor else { return Ok(()) };
    let has_sidecar = matches!(
        transformer.membership,
        Membership::Sidecar | Membership::Unknown | Membership::Doubtful(_)
    );
    let own: Option<Identity> = has_sidecar.then(|| {
        identity(&simulator.mesh.mesh, &transformer.namespace, &transformer.service_account)
    });
    let mut peers = vec![peer(own.as_ref())];
    if predictor.knative {
        // Without a sidecar it comes through the gateway inside of the cluster, like the request itself.
        if own.is_none() {
            peers = vec![peer(walk.peer.as_ref())];
        }
        peers.push(activator(walk));
    }
    match enforce(walk, predictor, &predictor.shown(), &peers, Cause::PredictorRefused) {
        Ok(()) => Ok(()),
        Err(End(way)) => {
            // What a transformer makes of a refusal is its own code's.
            let text = "the transformer answers for the predictor that refuses it";
            walk.doubts(Place::Application, None, text, 500, Cause::PredictorRefused);
            Err(End(way))
        }
    }
}

/// What the model server answers: 200 for what its protocols have.
fn answer(walk: &mut Walk<'_, '_, '_>, component: &ServingWorkload) -> End {
    let path = walk.request.target.split('?').next().unwrap_or_default().to_owned();
    let method = walk.request.method.as_str();
    let is_named = matches!(method, "GET" | "HEAD" | "POST")
        && component.paths.iter().any(|named| match named.strip_suffix('*') {
            Some(prefix) => path.len() > prefix.len() && path.starts_with(prefix),
            None => path == *named,
        });
    // The server of KServe answers both, whatever its protocols.
    let is_of_every_server = method == "GET" && matches!(path.as_str(), "/" | "/metrics");
    let is_served =
        is_named || is_of_every_server || component.served().has(method, &walk.request.target);
    if is_served {
        walk.passes(Place::Application, None, None, format!("{} serves {path}", component.shown()));
        return End(Way { status: Some(200), cause: Cause::ModelAnswers });
    }
    let text = format!("{} serves no {} {path}", component.shown(), walk.request.method);
    let is_known = matches!(
        component.protocol_source,
        ProtocolSource::Stated | ProtocolSource::Determined | ProtocolSource::Default
    );
    if !is_known {
        walk.doubts(Place::Application, None, text, 404, Cause::ModelPathUnknown);
        return End(Way { status: Some(200), cause: Cause::ModelAnswers });
    }
    walk.ends(Place::Application, None, None, text, 404, Cause::ModelPathUnknown)
}

/// The policies before the pods of another Service.
pub(super) fn of_other_service(
    walk: &mut Walk<'_, '_, '_>,
    pods: &ServicePods<'_>,
    name: &str,
) -> Step<()> {
    let workload = Workload::sidecar(pods.namespace.clone(), pods.labels.clone());
    let in_force = in_force(walk, &workload);
    let own = match (&walk.peer, &walk.request.client) {
        (Some(gateway), _) => Some(gateway.clone()),
        (None, Client::Pod { namespace, service_account, in_mesh: true }) => {
            Some(identity(&walk.simulator.mesh.mesh, namespace, service_account))
        }
        (None, _) => None,
    };
    let request = |walk: &Walk<'_, '_, '_>, jwt| {
        istio_request(&walk.request, peer(own.as_ref()), pods.port, jwt)
    };
    let first = in_force.evaluate(&request(walk, Jwt::Absent)).verdict;
    let jwt = if is_refused_connection(&first) {
        Jwt::Absent
    } else {
        authenticate(walk, &workload, At::WORKLOAD, |walk| {
            let request = request(walk, Jwt::Absent);
            doubt_before(walk, &in_force, &request, Place::Workload, Cause::WorkloadRefused);
        })?
    };
    let request = request(walk, jwt);
    match verdict(walk, &in_force, &request, &workload.namespace) {
        Verdict::Allowed => Ok(()),
        Verdict::Denied { by } => {
            let cause = Cause::WorkloadRefused;
            doubt_before(walk, &in_force, &request, Place::Workload, cause);
            let shown = format!("{}/{name}", pods.namespace);
            Err(refused_by(walk, &by, &shown, Cause::WorkloadRefused))
        }
        Verdict::Undecided { why } => {
            doubt(walk, Place::Workload, &why, Cause::WorkloadRefused);
            Ok(())
        }
    }
}
