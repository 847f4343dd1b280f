//! Which hosts a door takes.

use std::collections::HashSet;

/// Whether two patterns of hosts have a host in common. `*.x` represents every host below `x`.
fn overlap(left: &str, right: &str) -> bool {
    let (left, right) = (left.to_ascii_lowercase(), right.to_ascii_lowercase());
    let below = |host: &str, pattern: &str| {
        pattern == "*"
            || pattern.strip_prefix('*').is_some_and(|suffix| {
                host.len() > suffix.len() && host.ends_with(suffix)
                    || host
                        .strip_prefix('*')
                        .is_some_and(|own| own.ends_with(suffix) || suffix.ends_with(own))
            })
    };
    left == right
        || below(&left, &right)
        || below(&right, &left)
        || has_inner_wildcard(&left)
        || has_inner_wildcard(&right)
}

/// Whether a pattern is more than a host or `*.` before one: then nothing is known of it.
fn has_inner_wildcard(pattern: &str) -> bool {
    let rest = pattern.strip_prefix("*.").unwrap_or(pattern);
    rest.contains(['*', '?'])
}

/// Whether a door for some hosts leads to what is protected for others. No hosts represent any.
pub(crate) fn meet(door: &[&str], protected: &[&str]) -> bool {
    door.is_empty()
        || protected.is_empty()
        || door.iter().any(|one| protected.iter().any(|other| overlap(one, other)))
}

/// Many patterns of hosts, and whether one of them meets another host; each lookup costs the labels of
/// that host.
#[derive(Default)]
pub(crate) struct HostSet {
    patterns: HashSet<String>,
    /// Of `*.x`, `.x`.
    wildcards: HashSet<String>,
    /// What is behind each label of a pattern, from its dot on.
    ends: HashSet<String>,
    /// A pattern of which nothing is known, or `*`.
    has_any: bool,
}

impl HostSet {
    pub(crate) fn of<'h>(hosts: impl IntoIterator<Item = &'h str>) -> Self {
        let mut set = Self::default();
        set.extend(hosts);
        set
    }

    /// Adds patterns.
    pub(crate) fn extend<'h>(&mut self, hosts: impl IntoIterator<Item = &'h str>) {
        for host in hosts {
            let host = host.to_ascii_lowercase();
            self.has_any |= host == "*" || has_inner_wildcard(&host);
            self.wildcards.extend(host.strip_prefix('*').map(str::to_owned));
            self.ends.extend(ends(&host).map(str::to_owned));
            self.patterns.insert(host);
        }
    }

    /// Whether one of them and this pattern have a host in common.
    pub(crate) fn meets(&self, pattern: &str) -> bool {
        let pattern = pattern.to_ascii_lowercase();
        let takes_any = self.has_any || pattern == "*" || has_inner_wildcard(&pattern);
        !self.patterns.is_empty()
            && (takes_any
                || self.patterns.contains(&pattern)
                || ends(&pattern).any(|end| self.wildcards.contains(end))
                || pattern.strip_prefix('*').is_some_and(|end| self.ends.contains(end)))
    }
}

fn ends(host: &str) -> impl Iterator<Item = &str> {
    host.match_indices('.').map(|(at, _)| at).filter(|at| *at > 0).map(|at| &host[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_hosts_meets_what_one_of_them_meets() {
        let hosts = [
            "a.example.com",
            "A.example.com",
            "b.a.example.com",
            "example.com",
            "*.example.com",
            "*.a.example.com",
            "*.b.a.example.com",
            "*.com",
            "*",
            "a*.example.com",
            "a?b.org",
            "*.org",
            "org",
            "",
        ];
        for one in hosts {
            for other in hosts {
                let set = HostSet::of([one, "x.test"]);
                assert_eq!(set.meets(other), meet(&[other], &[one, "x.test"]), "{one} {other}");
            }
        }
        assert!(!HostSet::default().meets("a.example.com"));
    }

    #[test]
    fn hosts_meet_where_one_may_be_the_other() {
        assert!(meet(&[], &["a.example.com"]));
        assert!(meet(&["a.example.com"], &[]));
        assert!(meet(&["A.example.com"], &["a.example.com"]));
        assert!(meet(&["*.example.com"], &["a.b.example.com"]));
        assert!(meet(&["*.b.example.com"], &["*.example.com"]));
        assert!(meet(&["*"], &["a.example.com"]));
        assert!(meet(&["a*.example.com"], &["b.example.com"]), "not told apart");
        assert!(!meet(&["*.example.com"], &["example.com"]));
        assert!(!meet(&["*.dev.example.com"], &["*.staging.example.com"]));
        assert!(!meet(&["grafana.example.com"], &["*.platform.example.com"]));
    }
}
