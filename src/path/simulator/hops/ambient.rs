//! The policies before pods in ambient mode: what the node's ztunnel enforces.
//!
//! Source: `handleRule` in `pilot/pkg/serviceregistry/ambient/authorization.go` of istio/istio: a rule with
//! anything about HTTP never allows, and denies without it; `CUSTOM` and `AUDIT` are not supported. That is
//! what a proxy makes of the policies for a connection that is not HTTP.

use super::gateway::{doubt, policy_of};
use super::proxied::istio_request;
use crate::controllers::istio::{
    Action, Jwt, Membership, Peer, PoliciesInForce, Refusal, Request, Verdict, Workload,
};
use crate::path::simulator::outcome::{Cause, Place};
use crate::path::simulator::walk::{Step, Walk};
use crate::serving::authorization::ServingWorkload;

/// The policies that ztunnel enforces before a component, for each who may dial it.
pub(super) fn enforce(
    walk: &mut Walk<'_, '_, '_>,
    component: &ServingWorkload,
    peers: &[Peer],
    port: u16,
    cause: Cause,
) -> Step<()> {
    let shown = component.shown();
    if component.membership == (Membership::Ambient { waypoint: true }) {
        let text = format!("a waypoint is before the pods of {shown}, which is not supported");
        walk.doubts(Place::Workload, None, text, 403, cause);
        return Ok(());
    }
    let mesh = &walk.simulator.mesh;
    let workload = Workload::sidecar(component.namespace.clone(), component.labels());
    let policies = mesh.policies_for(&workload);
    let policies = policies.filter(|one| matches!(one.spec.action, Action::Allow | Action::Deny));
    let in_force = PoliciesInForce::for_workload(&mesh.mesh, &workload, policies, &mesh.peers);
    // Whether a gateway or a sidecar dials with its identity is its own setting (`ENABLE_HBONE`).
    let all = peers.iter().cloned().chain([Peer::Plaintext]);
    let verdicts: Vec<Verdict> = all
        .map(|peer| {
            let request = istio_request(&walk.request, peer, port, Jwt::Absent);
            in_force.evaluate(&Request { http: None, ..request }).verdict
        })
        .collect();
    let status = walk.peer.as_ref().map(|_| 503);
    let refused: Vec<&Refusal> = verdicts
        .iter()
        .filter_map(|one| if let Verdict::Denied { by } = one { Some(by) } else { None })
        .collect();
    if let Some(by) = refused.first() {
        let text = format!("{by}, before the pods of {shown}: ztunnel reads no rule about HTTP");
        let object = policy_of(by);
        if refused.len() == verdicts.len() {
            let field = Some("spec.rules".to_owned());
            let cause = Cause::WorkloadNoConnection;
            return Err(walk.ends(Place::Workload, object, field, text, status, cause));
        }
        let text = format!("{text}, unless it is dialled with an identity");
        walk.doubts(Place::Workload, object, text, status, Cause::WorkloadNoConnection);
        return Ok(());
    }
    for one in &verdicts {
        if let Verdict::Undecided { why } = one {
            doubt(walk, Place::Workload, why, cause);
            return Ok(());
        }
    }
    let text = format!("ztunnel lets it pass to the pods of {shown}");
    walk.passes(Place::Workload, None, None, text);
    Ok(())
}
