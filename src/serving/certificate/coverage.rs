//! Which hosts the names of real certificates cover.

use std::collections::BTreeSet;

use crate::values::dns_name::WildcardName;

/// The names of every certificate of a load balancer, which serves any of them that covers a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownNames(BTreeSet<WildcardName>);

impl KnownNames {
    /// Whether a certificate is good for a host; see [`WildcardName::covers`].
    #[must_use]
    pub fn cover(&self, host: &WildcardName) -> bool {
        self.0.contains(host)
            || (!host.is_wildcard()
                && host
                    .name()
                    .parent()
                    .and_then(|parent| WildcardName::below(&parent).ok())
                    .is_some_and(|wildcard| self.0.contains(&wildcard)))
    }

    /// A name that shows why a host is not covered: a wildcard of an ancestor, which in DNS would
    /// reach it.
    #[must_use]
    pub(crate) fn near_miss(&self, host: &WildcardName) -> Option<&WildcardName> {
        let mut ancestor = host.name().parent();
        while let Some(domain) = ancestor {
            let found = WildcardName::below(&domain).ok().and_then(|name| self.0.get(&name));
            if found.is_some() {
                return found;
            }
            ancestor = domain.parent();
        }
        None
    }
}

impl FromIterator<WildcardName> for KnownNames {
    fn from_iter<I: IntoIterator<Item = WildcardName>>(names: I) -> Self {
        Self(names.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covers_as_one_name_does() {
        let names = ["*.p.example.com", "example.com", "x.y.example.com"]
            .map(|name| name.parse::<WildcardName>().unwrap());
        let known: KnownNames = names.iter().cloned().collect();
        for host in [
            "a.p.example.com",
            "p.example.com",
            "a.s.p.example.com",
            "example.com",
            "x.y.example.com",
            "*.p.example.com",
            "*.s.p.example.com",
            "com",
        ] {
            let host: WildcardName = host.parse().unwrap();
            let any = names.iter().any(|name| name.covers(&host));
            assert_eq!(known.cover(&host), any, "{host}");
        }
        let miss = known.near_miss(&"a.s.p.example.com".parse().unwrap());
        assert_eq!(miss.map(ToString::to_string).as_deref(), Some("*.p.example.com"));
        assert_eq!(known.near_miss(&"a.example.org".parse().unwrap()), None);
    }
}
