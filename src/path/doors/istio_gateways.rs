//! Istio Gateways on other pods that lead to the same Services.
//!
//! A Gateway is served by the pods that its selector selects, of any namespace
//! (`pilot/pkg/model/push_context.go`, `mergeGateways`); a `VirtualService` is served by each Gateway
//! that it names. A request through other gateway pods never meets what stands in front of these.

use std::collections::BTreeSet;

use super::door::{Door, Verdict};
use super::kinds::DoorKind;
use super::other_gateways::others;
use super::reach::{Hit, Why};
use super::scene::Scene;
use super::selection::{self, PodLabels};

pub(crate) fn read(scene: &Scene<'_, '_>, doors: &mut Vec<Door>) {
    if !scene.readers.has(DoorKind::IstioGateway) || !scene.reach.leads_into_the_mesh() {
        return;
    }
    let mut seen = BTreeSet::new();
    for other in others(scene.cluster, scene.kserve, &scene.reach) {
        let gateway = other.gateway;
        if !seen.insert(&gateway.resource) {
            continue;
        }
        let selector = &gateway.object.spec.selector;
        let hit = scene.reach.sets.iter().enumerate().find_map(|(set, own)| {
            let is_own = own.why == Why::OtherGateway
                && match &own.labels {
                    PodLabels::Known(all) => {
                        all.iter().any(|one| selection::is_within(selector, one))
                    }
                    PodLabels::Selected(labels) => labels == selector,
                    PodLabels::OfService(_) => false,
                };
            is_own.then_some(Hit::of(set, selection::Selection::Same))
        });
        let Some(hit) = hit else { continue };
        let verdict = if let Some(by) = &scene.policies[hit.set] {
            Verdict::Guarded { by: by.to_string() }
        } else if scene.has_service(hit.set) {
            // Each of their Services is a door of its own.
            Verdict::Noted {
                why: format!("{} forwards through it to the same Services", other.route),
            }
        } else {
            Verdict::NotJudged {
                missing: format!(
                    "the Service of its pods: {} forwards through them to the same Services, and whether they are reachable from outside is not known",
                    other.route
                )
.into(),
            }
        };
        doors.push(Door {
            kind: DoorKind::IstioGateway,
            resource: gateway.resource.clone(),
            created: None,
            field: "spec.selector".to_owned(),
            to: format!("the target of {}", other.route),
            verdict,
        });
    }
}
