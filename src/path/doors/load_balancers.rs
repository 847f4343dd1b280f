//! Ingresses of the AWS Load Balancer Controller, those that `KServe` creates among them: whether
//! each rule that forwards to protected pods demands what was required.
//!
//! The rules are the controller's own model ([`alb::load_balancers`]); `createRawIngress` of
//! `KServe` gives what it creates all annotations of the `InferenceService`.

use std::collections::{BTreeSet, HashMap};

use super::context::DoorContext;
use super::door::{Door, Verdict};
use super::kinds::DoorKind;
use super::reach::Hit;
use super::requirement::{self, Requirement};
use super::services::{address, curl};
use crate::cluster::Kept;
use crate::controllers::alb::model::{Action, Condition, Listener, Origin, TargetGroup};
use crate::controllers::alb::objects::Ingress;
use crate::controllers::alb::{self, Options};
use crate::serving::ingress::proof::{Reached, forwards, reached};
use crate::values::words::one_of;

/// Of so many unguarded rules of a listener it is shown whether earlier rules take all of their
/// requests; of the others it is taken for granted that they do not, so that a listener with many
/// rules takes no longer than one with few.
const SHOWN: usize = 100;

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    let of_kserve =
        context.kserve.ingresses.iter().filter(|_| context.readers.has(DoorKind::KserveRoute));
    let kept: Vec<&Kept<Ingress>> =
        context.cluster.objects.ingresses.iter().chain(of_kserve).map(AsRef::as_ref).collect();
    let mut objects = crate::serving::ingress::objects(context.cluster);
    objects.ingresses = kept.iter().map(|one| one.object.clone()).collect();
    let options = Options::default();
    let (balancers, _) = alb::load_balancers(&objects, &options);
    let places: HashMap<*const Ingress, usize> = objects
        .ingresses
        .iter()
        .enumerate()
        .map(|(place, one)| (std::ptr::from_ref(one), place))
        .collect();
    let requirements = context.protected.requirements();
    for balancer in &balancers {
        let Ok(model) = &balancer.model else { continue };
        let members: Vec<Option<&Kept<Ingress>>> = balancer
            .members
            .iter()
            .map(|member| {
                let place = places.get(&std::ptr::from_ref(member.ingress));
                place.and_then(|place| kept.get(*place).copied())
            })
            .collect();
        let mut seen = BTreeSet::new();
        for listener in &model.listeners {
            let judge = Judge { context, listener, members: &members, requirements: &requirements };
            let mut shown = 0;
            for (index, conditions, actions, origin) in rules(listener) {
                let Some(door) = judge.door(index, conditions, actions, origin, &mut shown) else {
                    continue;
                };
                // An open rule is one opening on each listener; of the rest the first listener shows enough.
                let rank = match door.verdict {
                    Verdict::Open { .. } => Some(listener.port),
                    Verdict::NotJudged { .. } => Some(0),
                    _ => None,
                };
                if seen.insert((door.resource.clone(), door.field.clone(), rank)) {
                    doors.push(door);
                }
            }
        }
    }
}

type AnyRule<'a> = (Option<usize>, &'a [Condition], &'a [Action], &'a Origin);

fn rules(listener: &Listener) -> impl Iterator<Item = AnyRule<'_>> {
    let rules = listener.rules.iter().enumerate().map(|(index, rule)| {
        (Some(index), rule.conditions.as_slice(), rule.actions.as_slice(), &rule.origin)
    });
    let default = listener
        .default_origin
        .as_ref()
        .map(|origin| (None, &[][..], listener.default_actions.as_slice(), origin));
    rules.chain(default)
}

struct Judge<'j, 'w, 'p> {
    context: &'j DoorContext<'w, 'p>,
    listener: &'j Listener,
    members: &'j [Option<&'j Kept<Ingress>>],
    requirements: &'j [Requirement],
}

impl Judge<'_, '_, '_> {
    fn door(
        &self,
        index: Option<usize>,
        conditions: &[Condition],
        actions: &[Action],
        origin: &Origin,
        shown: &mut usize,
    ) -> Option<Door> {
        if !forwards(actions) {
            return None;
        }
        let kept = self.members.get(origin.member).copied().flatten()?;
        let kind = match kept.owner {
            Some(_) => DoorKind::KserveRoute,
            None => DoorKind::LoadBalancerIngress,
        };
        if !self.context.readers.has(kind) {
            return None;
        }
        let hit = self.hit(kept, actions)?;
        let front = self.context.protected.front(kept.id);
        let own = front.map(|front| &front.requirement);
        let exact = own.is_some() || self.context.protected.exact;
        let guard = requirement::guard(self.requirements, own, exact, conditions, actions);
        let verdict = match guard {
            // That a front is guarded by what it was set to need not be reported.
            Some(_) if own.is_some() => return None,
            Some(by) => Verdict::Guarded { by, is_by_pods: false },
            None => self.unguarded(kept, index, conditions, hit, shown)?,
        };
        let created = kept.owner.as_ref().map(|_| kept.resource.clone());
        Some(Door {
            kind,
            resource: kept.author().clone(),
            field: if created.is_some() {
                "metadata.annotations".to_owned()
            } else {
                origin.field()
            },
            created,
            to: self.context.name_of(hit),
            verdict,
        })
    }

    /// The protected pods that a rule forwards to; those that no policy of their own guards before
    /// the others.
    fn hit(&self, kept: &Kept<Ingress>, actions: &[Action]) -> Option<Hit> {
        let targets = actions.iter().flat_map(|action| match action {
            Action::Forward { targets, .. } => targets.as_slice(),
            _ => &[],
        });
        let context = self.context;
        let namespace = &kept.resource.namespace;
        let hits = targets.filter_map(|target| match &target.group {
            TargetGroup::Service { name, .. } => {
                let mut all = context.reach.hits(namespace, name);
                let open = all.find(|hit| hit.is_shown() && context.policies[hit.set].is_none());
                open.or_else(|| context.reach.hit(namespace, name))
            }
            _ => None,
        });
        hits.max_by_key(|hit| (context.policies[hit.set].is_none(), hit.is_shown()))
    }

    fn unguarded(
        &self,
        kept: &Kept<Ingress>,
        index: Option<usize>,
        conditions: &[Condition],
        hit: Hit,
        shown: &mut usize,
    ) -> Option<Verdict> {
        *shown += 1;
        if *shown <= SHOWN {
            self.context.reach.count(self.listener.rules.len());
        }
        if *shown <= SHOWN && matches!(reached(self.listener, index), Reached::Never) {
            return None;
        }
        let of_rule = hosts_of(conditions);
        if hit.is_shown() && self.context.is_for_other_hosts(hit, &of_rule) {
            return Some(Verdict::Noted {
                why: format!(
                    "it only takes requests for {}, and none of these hosts is required here",
                    of_rule.join(", ")
                ),
            });
        }
        let address = address(&kept.resource, "ingress");
        let host = of_rule.first().map(|host| host.replacen('*', "any", 1)).unwrap_or_default();
        let wanted: Vec<String> = self.requirements.iter().map(ToString::to_string).collect();
        let wanted = one_of(&wanted);
        let why = match &kept.owner {
            None => format!("its rule on {} forwards without {wanted}", self.listener),
            Some(_) => format!(
                "KServe creates the Ingress {} with all annotations of the service, and its rule on {} forwards without {wanted}; set the label networking.kserve.io/visibility: cluster-local, or disableIngressCreation in inferenceservice-config",
                kept.resource.name, self.listener
            ),
        };
        Some(self.context.judged(hit, why, curl(&address, self.listener.port, &host)))
    }
}

/// The hosts of a rule; none where it takes any.
fn hosts_of(conditions: &[Condition]) -> Vec<&str> {
    let mut hosts = Vec::new();
    for condition in conditions {
        if let Condition::HostHeader(patterns) = condition {
            // An expression is not compared with others.
            if !patterns.regex().is_empty() {
                return vec!["*"];
            }
            hosts.extend(patterns.values().iter().map(String::as_str));
        }
    }
    hosts
}
