//! Rules that nobody reaches, since rules before them take every request.

use std::collections::BTreeSet;

use super::context::{LoadBalancerContext, service_name, targets};
use super::cover::{self, Reached};
use super::guard;
use crate::controllers::alb::model::Rule;
use crate::finding::Finding;
use crate::serving::ingress::diags::NeverReached;

/// How many rules of an Ingress, or of a listener, are looked at; what holds for them is taken to hold for
/// the others.
const LOOKED_AT: usize = 100;

/// The Ingresses that parameters require a token of, and whose rules other rules of the group hide.
pub(super) fn never_reached<'a>(
    context: &'a LoadBalancerContext<'a>,
) -> impl Iterator<Item = Finding> + use<'a> {
    let by_params = context.by_params.iter().enumerate().filter(|(_, by_params)| {
        by_params.is_some_and(|by_params| by_params.token_header.is_some())
    });
    by_params.filter_map(|(member, _)| {
        let rules = || {
            context.model.listeners.iter().flat_map(move |listener| {
                let of_member = listener.rules.iter().enumerate().filter(move |(_, rule)| {
                    rule.origin.member == member && guard::forwards(&rule.actions)
                });
                of_member.map(move |(index, _)| (listener, index))
            })
        };
        let is_hidden =
            |(listener, index)| matches!(cover::reached(listener, Some(index)), Reached::Never);
        let (listener, index) = rules().next()?;
        if !rules().take(LOOKED_AT).all(is_hidden) {
            return None;
        }
        // Whoever has the token is served as well by a rule that requires the same.
        let header =
            context.by_params[member].and_then(|by_params| by_params.token_header.as_deref());
        let is_served = rules().take(LOOKED_AT).all(|(listener, index)| {
            let wanted: BTreeSet<_> = backends(&listener.rules[index]).collect();
            listener.rules[..index].iter().any(|earlier| {
                let guard = guard::guard(&earlier.conditions, &earlier.actions);
                header.is_some_and(|header| guard.has_header(header))
                    && !guard.login
                    && backends(earlier).any(|backend| wanted.contains(&backend))
            })
        });
        if is_served {
            return None;
        }
        let earlier = listener.rules[..index].iter().rev();
        let first = earlier.map(|rule| rule.origin.member).find(|other| *other != member)?;
        let has_login = listener.rules[..index]
            .iter()
            .any(|rule| rule.origin.member == first && guard::guard(&[], &rule.actions).login);
        let ingress = context.members[member];
        let other = context.members[first].key();
        Some(NeverReached { ingress, other, has_login, rule: None }.into())
    })
}

/// The rules with a token whose every request a rule with a login takes before them: whoever has the
/// token is sent to the login.
pub(super) fn after_login<'a>(
    context: &'a LoadBalancerContext<'a>,
) -> impl Iterator<Item = Finding> + use<'a> {
    context.model.listeners.iter().flat_map(move |listener| {
        let rules = listener.rules.iter().enumerate().take(LOOKED_AT);
        rules.filter_map(move |(index, rule)| {
            let member = rule.origin.member;
            let guard = guard::guard(&rule.conditions, &rule.actions);
            let by_params = context.by_params[member]
                .and_then(|by_params| by_params.token_header.as_deref())
                .is_some_and(|header| guard.has_header(header));
            let is_token = by_params || !guard.tokens.is_empty();
            if !is_token || !guard::forwards(&rule.actions) || guard.login {
                return None;
            }
            let logins = || {
                listener.rules[..index]
                    .iter()
                    .filter(|earlier| guard::requires_login(&earlier.actions))
            };
            let first = logins().next()?.origin.member;
            cover::is_covered(&rule.conditions, logins).then(|| {
                let ingress = context.members[member];
                let other = context.members[first].key();
                let rule = Some(rule.origin.field());
                NeverReached { ingress, other, has_login: true, rule }.into()
            })
        })
    })
}

/// The Services that a rule forwards to, by namespace and name.
fn backends(rule: &Rule) -> impl Iterator<Item = (&str, &str)> {
    targets(&rule.actions).filter_map(service_name)
}
