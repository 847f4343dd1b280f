//! The list of doors.

use std::collections::HashSet;

use super::build::reach_of;
use super::context::DoorContext;
use super::door::{Door, Missing, Platform, Verdict};
use super::gateway_pods::GatewayPods;
use super::kinds::{DoorKind, Readers};
use super::protected::Protected;
use super::{
    advertised, embedded, gateway_api, gateway_api_pods, ingresses, istio_gateways,
    knative_ingress, kserve_gateway_routes, load_balancers, other_kinds, other_tokens, pods,
    releases, selected, services, target_groups, texts, tunnels, twice, written_routes,
};
use crate::cluster::{Cluster, KserveWorld};
use crate::finding::{Code, Finding};
use crate::runtime::Items;
use crate::values::k8s::ResourceRef;

/// Finds the doors of a package, and says what is to be said of them, behind what is said already:
/// what the load balancer's own proof has shown to be open is not said twice.
pub fn find(
    cluster: &Cluster<'_>,
    items: &Items<'_>,
    protected: &Protected,
    platform: Platform,
    findings: &mut Vec<Finding>,
) {
    if protected.is_empty() {
        return;
    }
    let kserve = KserveWorld::of_package(cluster);
    let found = doors(cluster, &kserve, protected, platform, Readers::ALL);
    leave_to_policies(findings, &found);
    leave_classes_to_doors(findings, &found);
    let openings = findings
        .iter()
        .zip(items.accepted().of(findings))
        .filter(|(finding, _)| finding.is_error() && is_of_proof(finding.code));
    // An opening that is accepted speaks for its own field alone.
    let mut reported: HashSet<(&ResourceRef, Option<String>)> = HashSet::new();
    for (finding, is_accepted) in openings {
        let field = finding.field.as_ref().filter(|_| is_accepted);
        let field = field.map(|field| field.path.to_string());
        reported.extend(finding.resource.as_ref().map(|resource| (resource, field)));
    }
    let is_reported = |door: &Door| {
        let fields = [None, Some(door.field.clone())];
        fields.into_iter().any(|field| reported.contains(&(&*door.resource, field)))
    };
    let left_open: HashSet<&ResourceRef> = findings
        .iter()
        .filter(|finding| finding.code == Code::AlbLeftOpen)
        .filter_map(|finding| finding.resource.as_ref())
        .collect();
    let is_known = |door: &Door| left_open.contains(&*door.resource) || is_reported(door);
    let news: Vec<Door> = found
        .into_iter()
        .filter(|door| door.kind != DoorKind::LoadBalancerIngress || !is_known(door))
        .collect();
    findings.extend(super::diags::findings(&news));
}

/// Takes out what the load balancer's own proof calls open where the pods' own policies refuse every
/// request without what is required: it knows the load balancer alone.
pub(crate) fn leave_to_policies(findings: &mut Vec<Finding>, doors: &[Door]) {
    let guarded: HashSet<(&ResourceRef, Option<String>)> = doors
        .iter()
        .filter(|door| matches!(door.verdict, Verdict::Guarded { is_by_pods: true, .. }))
        .filter(|door| door.kind == DoorKind::LoadBalancerIngress)
        .map(|door| (&*door.resource, Some(door.field.clone())))
        .collect();
    findings.retain(|finding| {
        let field = finding.field.as_ref().map(|field| field.path.to_string());
        let is_opening = finding.is_error() && finding.code.as_str().starts_with("alb-open-");
        let place = finding.resource.as_ref().map(|resource| (resource, field));
        !is_opening || place.is_none_or(|place| !guarded.contains(&place))
    });
}

/// Takes out that the load balancer's controller ignores an Ingress where that is said as a door that
/// cannot be judged.
pub(crate) fn leave_classes_to_doors(findings: &mut Vec<Finding>, doors: &[Door]) {
    let not_judged: HashSet<&ResourceRef> = doors
        .iter()
        .filter(|door| matches!(door.verdict, Verdict::NotJudged { missing: Missing::Class(_) }))
        .map(|door| &*door.resource)
        .collect();
    findings.retain(|finding| {
        let resource = finding.resource.as_ref().filter(|_| finding.code == Code::AlbNotManaged);
        resource.is_none_or(|resource| !not_judged.contains(resource))
    });
}

/// Whether the load balancer's own proof says with this code that a rule is open, or may be.
fn is_of_proof(code: Code) -> bool {
    code == Code::AlbNamespaceMissing || code.as_str().starts_with("alb-open-")
}

/// Lists the doors.
#[must_use]
pub fn doors(
    cluster: &Cluster<'_>,
    kserve: &KserveWorld,
    protected: &Protected,
    platform: Platform,
    readers: Readers,
) -> Vec<Door> {
    doors_and_steps(cluster, kserve, protected, platform, readers).0
}

/// Lists the doors, and says how many comparisons it took: what grows with the package.
#[doc(hidden)]
#[must_use]
pub fn doors_and_steps(
    cluster: &Cluster<'_>,
    kserve: &KserveWorld,
    protected: &Protected,
    platform: Platform,
    readers: Readers,
) -> (Vec<Door>, usize) {
    if protected.is_empty() {
        return (Vec::new(), 0);
    }
    let gateway_pods = GatewayPods::of(cluster);
    let reach = reach_of(cluster, kserve, protected, (readers, &gateway_pods));
    let world = (cluster, kserve, gateway_pods);
    let context = DoorContext::of(world, protected, reach, (platform, readers));
    let mut doors = Vec::new();
    services::read(&context, &mut doors);
    pods::read(&context, &mut doors);
    ingresses::read(&context, &mut doors);
    load_balancers::read(&context, &mut doors);
    gateway_api::read(&context, &mut doors);
    kserve_gateway_routes::read(&context, &mut doors);
    gateway_api_pods::read(&context, &mut doors);
    istio_gateways::read(&context, &mut doors);
    knative_ingress::read(&context, &mut doors);
    target_groups::read(&context, &mut doors);
    advertised::read(&context, &mut doors);
    twice::read(&context, &mut doors);
    other_tokens::read(&context, &mut doors);
    other_kinds::read(&context, &mut doors);
    selected::read(&context, &mut doors);
    releases::read(&context, &mut doors);
    tunnels::read(&context, &mut doors);
    texts::read(&context, &mut doors);
    written_routes::read(&context, &mut doors);
    embedded::read(
        &context,
        &|cluster, created, readers| {
            let kserve = created.unwrap_or(kserve);
            doors_and_steps(cluster, kserve, protected, platform, readers).0
        },
        &mut doors,
    );
    doors.dedup();
    (doors, context.reach.steps())
}
