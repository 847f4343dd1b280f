//! Hosts with a star at their beginning.

use std::collections::BTreeSet;

/// Hosts, and whether one of them covers another host.
struct Hosts<'a> {
    exact: BTreeSet<&'a str>,
    /// What follows the star.
    endings: BTreeSet<&'a str>,
    lengths: BTreeSet<usize>,
}

impl<'a> Hosts<'a> {
    fn new(hosts: impl Iterator<Item = &'a str> + Clone) -> Self {
        let endings: BTreeSet<&str> =
            hosts.clone().filter_map(|host| host.strip_prefix('*')).collect();
        let lengths = endings.iter().map(|ending| ending.len()).collect();
        Self { exact: hosts.collect(), endings, lengths }
    }

    /// Whether every host of `inner` is one of these (`Name.SubsetOf`, `pkg/config/host/name.go`).
    fn cover(&self, inner: &str) -> bool {
        let name = inner.strip_prefix('*').unwrap_or(inner);
        self.exact.contains(inner)
            || self.lengths.range(..=name.len()).any(|length| {
                let ending = name.get(name.len() - length..);
                ending.is_some_and(|ending| self.endings.contains(ending))
            })
    }
}

/// The hosts that both lists have, the more specific of two each time (`Names.Intersection`,
/// `pkg/config/host/names.go`): by lookups, since the lists may be long.
pub(super) fn intersection<'a>(first: &[&'a str], second: &'a [String]) -> BTreeSet<&'a str> {
    let of_first = Hosts::new(first.iter().copied());
    let of_second = Hosts::new(second.iter().map(String::as_str));
    let narrower = first.iter().copied().filter(|host| of_second.cover(host));
    let wider = second.iter().map(String::as_str).filter(|host| of_first.cover(host));
    narrower.chain(wider).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrower_host_is_in_both() {
        let both = |first: &[&str], second: &[&str]| {
            let second: Vec<String> = second.iter().map(|&host| host.to_owned()).collect();
            intersection(first, &second).into_iter().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(both(&["*"], &["a.com", "*.org"]), "*.org a.com");
        assert_eq!(both(&["*.a.com", "b.com"], &["*.com"]), "*.a.com b.com");
        assert_eq!(both(&["a.com"], &["b.com"]), "");
        assert_eq!(both(&["*.com", "*"], &["a.com"]), "a.com");
        assert_eq!(both(&["*.com"], &[".com", "com", "*.com"]), "*.com .com");
        assert_eq!(both(&["a.com"], &["*"]), "a.com");
    }
}
