//! Istio Gateways on other pods that lead to the same Services.
//!
//! [`GatewayPods`](super::gateway_pods::GatewayPods) tells which pods serve a Gateway; a `VirtualService` is
//! served by each Gateway that it names. A request through other gateway pods never meets what is in front of these.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::context::DoorContext;
use super::door::{Door, Verdict};
use super::kinds::DoorKind;
use super::other_gateways::others;
use super::reach::Hit;
use super::selection::Selection;

const VIRTUAL_SERVICE: &str = "VirtualService";

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    if !context.readers.has(DoorKind::IstioGateway) {
        return;
    }
    let mut seen = BTreeSet::new();
    for other in others(context.cluster, context.kserve, &context.gateway_pods, &context.reach) {
        let to = format!("the target of {}", other.route);
        let gateway = match other.gateway {
            Ok(gateway) => gateway,
            Err(name) => {
                doors.push(Door {
                    kind: DoorKind::IstioGateway,
                    resource: Rc::new(other.route.clone()),
                    created: None,
                    field: "spec.gateways".to_owned(),
                    to,
                    verdict: Verdict::NotJudged {
                        missing: format!("the Gateway {name} and the pods that serve it").into(),
                    },
                });
                continue;
            }
        };
        // None where it selects every gateway, and none of them is known.
        let set = context.reach.gateway_sets.get(&gateway.object.spec.selector);
        let hit = set.map(|set| Hit::of(*set, Selection::Same));
        let verdict = if let Some(guarded) = hit.and_then(|hit| context.guarded(hit.set)) {
            guarded
        } else if hit.is_some_and(|hit| context.has_service(hit.set)) {
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
        // Each VirtualService that is not judged is to be accepted by itself. Those that KServe creates are all
        // alike, and of what is judged one shows enough.
        let is_opening = matches!(verdict, Verdict::NotJudged { .. });
        let opens = (is_opening && other.route.kind == VIRTUAL_SERVICE).then_some(other.route);
        if !seen.insert((&gateway.resource, opens)) {
            continue;
        }
        doors.push(Door {
            kind: DoorKind::IstioGateway,
            resource: gateway.resource.clone(),
            created: None,
            field: "spec.selector".to_owned(),
            to,
            verdict,
        });
    }
}
