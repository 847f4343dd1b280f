//! Which hosts rules are for, and whether one request may be for two of them.

use std::collections::BTreeSet;

use super::context::LoadBalancerContext;
use crate::controllers::alb::model::{Condition, Patterns};
use crate::controllers::alb::pattern::Pattern;

/// The hosts that rules take; every one where a rule names none, or by an expression.
#[derive(Clone, Default)]
pub(super) struct Hosts<'a> {
    pub(super) every: bool,
    pub(super) patterns: BTreeSet<&'a str>,
}

impl<'a> Hosts<'a> {
    pub(super) fn of(conditions: &'a [Condition]) -> Self {
        let mut hosts = Self { every: true, ..Self::default() };
        for condition in conditions {
            match condition {
                Condition::HostHeader(Patterns::Values(values)) => {
                    hosts.every = false;
                    hosts.patterns.extend(values.iter().map(String::as_str));
                }
                Condition::HostHeader(Patterns::Regex(_)) => return Self { every: true, ..hosts },
                _ => {}
            }
        }
        hosts
    }

    /// Those of the rules of members that something is required of.
    pub(super) fn of_requiring(context: &LoadBalancerContext<'a>) -> Self {
        let mut all = Self::default();
        for listener in &context.model.listeners {
            for rule in &listener.rules {
                if context.is_required_of(rule.origin.member) {
                    all.extend(Self::of(&rule.conditions));
                }
            }
        }
        all
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.every |= other.every;
        self.patterns.extend(other.patterns);
    }

    /// Whether one request may be for both.
    pub(super) fn may_meet(&self, other: &Self) -> bool {
        self.every
            || other.every
            || self
                .patterns
                .iter()
                .any(|left| other.patterns.iter().any(|right| patterns_meet(left, right)))
    }
}

/// Whether a host may fit both patterns: for sure not where each is a name or a wildcard in front
/// of a domain, and neither takes the other.
fn patterns_meet(left: &str, right: &str) -> bool {
    let is_plain = |text: &str| !text.strip_prefix("*.").unwrap_or(text).contains(['*', '?', '\\']);
    if !is_plain(left) || !is_plain(right) {
        return true;
    }
    let (left, right) = (Pattern::without_case(left), Pattern::without_case(right));
    left.covers(&right) || right.covers(&left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_may_be_every_host() {
        let values = Condition::HostHeader(Patterns::Values(vec!["a.example.com".to_owned()]));
        let regex = Condition::HostHeader(Patterns::Regex(vec!["^a".to_owned()]));
        let named = Hosts::of(std::slice::from_ref(&values));
        assert!(!named.every && named.patterns.contains("a.example.com"));
        assert!(Hosts::of(&[]).every);
        assert!(Hosts::of(std::slice::from_ref(&regex)).every);
        let both = [values.clone(), regex];
        assert!(Hosts::of(&both).every);
        let other = [Condition::HostHeader(Patterns::Values(vec!["b.example.com".to_owned()]))];
        assert!(!named.may_meet(&Hosts::of(&other)));
        assert!(named.may_meet(&Hosts::of(&both)));
        assert!(named.may_meet(&named));
    }
}
