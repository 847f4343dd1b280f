//! Which hosts a door takes.

/// Whether two patterns of hosts have a host in common. `*.x` stands for every host below `x`.
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

/// Whether a pattern is more than a host or `*.` before one: then nothing is told of it.
fn has_inner_wildcard(pattern: &str) -> bool {
    let rest = pattern.strip_prefix("*.").unwrap_or(pattern);
    rest.contains(['*', '?'])
}

/// Whether a door for some hosts leads to what is protected for others. No hosts stand for any.
pub(crate) fn meet(door: &[&str], protected: &[&str]) -> bool {
    door.is_empty()
        || protected.is_empty()
        || door.iter().any(|one| protected.iter().any(|other| overlap(one, other)))
}

#[cfg(test)]
mod tests {
    use super::*;

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
