//! Ingresses of one run with different tokens for the same hosts.
//!
//! Each load balancer compares a request with its own tokens alone, so the token of one gets a request for the
//! other's hosts to the same pods. A login beside a token is meant so: browsers have the one, programs the other.

use std::rc::Rc;

use super::context::DoorContext;
use super::door::{Door, Verdict};
use super::hosts::HostSet;
use super::kinds::DoorKind;
use super::protected::Front;
use super::reach::{Hit, Why};
use super::requirement::Requirement;

/// The fronts with one kind of tokens before the same pods.
struct Group<'p> {
    set: usize,
    requirement: &'p Requirement,
    first: &'p Front,
    takes_any: bool,
    hosts: HostSet,
}

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    if !context.readers.has(DoorKind::OtherToken) {
        return;
    }
    let mut groups: Vec<Group<'_>> = Vec::new();
    for front in &context.protected.fronts {
        let is_token = matches!(front.requirement, Requirement::Token(_));
        let namespace = &front.resource.namespace;
        let hits = front.services.iter().flat_map(|name| context.reach.hits(namespace, name));
        let mut hits: Vec<Hit> = hits.filter(|_| is_token).collect();
        hits.retain(|hit| context.reach.sets[hit.set].why == Why::Target);
        let other = groups.iter().find(|group| {
            hits.iter().any(|hit| hit.set == group.set)
                && group.requirement != &front.requirement
                && group.meets(&front.hosts)
        });
        if let Some(group) = other {
            doors.push(door(context, front, group));
        }
        for hit in hits {
            let known = groups
                .iter_mut()
                .find(|group| group.set == hit.set && group.requirement == &front.requirement);
            let hosts = front.hosts.iter().map(String::as_str);
            match known {
                Some(group) => {
                    group.takes_any |= front.hosts.is_empty();
                    group.hosts.extend(hosts);
                }
                None => groups.push(Group {
                    set: hit.set,
                    requirement: &front.requirement,
                    first: front,
                    takes_any: front.hosts.is_empty(),
                    hosts: HostSet::of(hosts),
                }),
            }
        }
    }
}

impl Group<'_> {
    fn meets(&self, hosts: &[String]) -> bool {
        self.takes_any || hosts.is_empty() || hosts.iter().any(|host| self.hosts.meets(host))
    }
}

fn door(context: &DoorContext<'_, '_>, front: &Front, other: &Group<'_>) -> Door {
    let why = format!(
        "it takes requests for hosts of {} with a token of its own; set different hosts for each target, or the same httpHeaderValues in both",
        other.first.resource
    );
    Door {
        kind: DoorKind::OtherToken,
        resource: Rc::new(front.resource.clone()),
        created: None,
        field: "spec.rules".to_owned(),
        to: context.reach.sets[other.set].name.to_string(),
        verdict: Verdict::Open { why, request: String::new() },
    }
}
