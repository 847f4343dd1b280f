//! The rules that the controller leaves out: redirects onto themselves, and whatever a redirect
//! before it takes.
//!
//! Source: `pkg/ingress/rule_optimizer.go`, v3.5.

use std::collections::BTreeSet;

use super::actions::RedirectConfig;
use super::model::{Action, Condition, Patterns, Protocol, Rule};

/// The rules that remain, in their order.
pub(crate) fn optimize(port: i32, protocol: Protocol, rules: Vec<Rule>) -> Vec<Rule> {
    let mut kept: Vec<Rule> = Vec::new();
    // Only redirects can take over a later rule: looking at nothing else keeps this linear where
    // there are none.
    let mut redirects: Vec<usize> = Vec::new();
    for rule in rules {
        let redirect = redirect_of(&rule.actions);
        if redirect.is_some_and(|redirect| is_infinite(port, protocol, redirect, &rule)) {
            continue;
        }
        let is_redirect = redirect.is_some();
        let shadowed =
            redirects.iter().any(|&index| is_superset(&kept[index].conditions, &rule.conditions));
        if !shadowed {
            if is_redirect {
                redirects.push(kept.len());
            }
            kept.push(rule);
        }
    }
    kept
}

fn redirect_of(actions: &[Action]) -> Option<&RedirectConfig> {
    actions.iter().find_map(|action| match action {
        Action::Redirect(config) => Some(config),
        _ => None,
    })
}

fn is_infinite(port: i32, protocol: Protocol, redirect: &RedirectConfig, rule: &Rule) -> bool {
    let mut hosts: BTreeSet<&str> = BTreeSet::new();
    let mut paths: BTreeSet<&str> = BTreeSet::new();
    for condition in &rule.conditions {
        match condition {
            Condition::HostHeader(patterns) => {
                hosts.extend(patterns.values().iter().map(String::as_str));
            }
            Condition::PathPattern(Patterns::Regex(_)) => return false,
            Condition::PathPattern(Patterns::Values(values)) => {
                paths.extend(values.iter().map(String::as_str));
            }
            _ => {}
        }
    }
    let port = port.to_string();
    let protocol = protocol.to_string();
    let same = |given: &Option<String>, placeholder: &str, is_own: &dyn Fn(&str) -> bool| {
        given.as_deref().is_none_or(|given| given == placeholder || is_own(given))
    };
    same(&redirect.host, "#{host}", &|host| hosts.contains(host))
        && same(&redirect.path, "/#{path}", &|path| paths.contains(path))
        && same(&redirect.port, "#{port}", &|given| given == port)
        && same(&redirect.protocol, "#{protocol}", &|given| given == protocol)
        && same(&redirect.query, "#{query}", &|_| false)
}

/// Whether the controller takes `wide` for a superset of `narrow`: a host regex counts for
/// nothing on the wide side, and any condition but host and path makes it no superset.
fn is_superset(wide: &[Condition], narrow: &[Condition]) -> bool {
    let collect = |conditions: &[Condition], strict: bool| {
        let mut hosts: BTreeSet<String> = BTreeSet::new();
        let mut paths: BTreeSet<String> = BTreeSet::new();
        for condition in conditions {
            match condition {
                Condition::HostHeader(patterns) => hosts.extend(patterns.values().iter().cloned()),
                Condition::PathPattern(patterns) => {
                    paths.extend(patterns.values().iter().chain(patterns.regex()).cloned());
                }
                _ if strict => return None,
                _ => {}
            }
        }
        Some((hosts, paths))
    };
    let (Some((wide_hosts, wide_paths)), Some((hosts, paths))) =
        (collect(wide, true), collect(narrow, false))
    else {
        return false;
    };
    let host_fits = wide_hosts.is_empty() || (!hosts.is_empty() && wide_hosts.is_superset(&hosts));
    let path_fits = wide_paths.is_empty()
        || wide_paths.contains("/*")
        || (!paths.is_empty() && wide_paths.is_superset(&paths));
    host_fits && path_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_superset_takes_the_hosts_and_the_paths() {
        let texts =
            |texts: &[&str]| Patterns::Values(texts.iter().map(ToString::to_string).collect());
        let host = |of: &[&str]| Condition::HostHeader(texts(of));
        let path = |of: &[&str]| Condition::PathPattern(texts(of));
        assert!(is_superset(&[host(&["a", "b"])], &[host(&["a"]), path(&["/x"])]));
        assert!(!is_superset(&[host(&["a"])], &[host(&["b"])]));
        assert!(!is_superset(&[host(&["a"])], &[path(&["/x"])]));
        assert!(is_superset(&[path(&["/*"])], &[host(&["b"])]));
        assert!(is_superset(&[path(&["/x", "/y"])], &[path(&["/y"])]));
        assert!(!is_superset(&[path(&["/x"])], &[path(&["/y"])]));
        assert!(!is_superset(&[path(&["/x"])], &[host(&["a"])]));
        let method = Condition::Method(vec!["GET".to_owned()]);
        assert!(!is_superset(std::slice::from_ref(&method), std::slice::from_ref(&method)));
        assert!(is_superset(&[path(&["/*"])], &[method]));
    }
}
