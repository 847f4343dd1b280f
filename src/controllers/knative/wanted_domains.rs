//! The domains that `config-domain` shall have.

use super::config_domain::Selector;
use super::route_selector::RouteSelector;
use crate::values::dns_name::DnsName;

/// A domain that `config-domain` shall have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedDomain {
    /// The domain. A [`DnsName`] is what each Route demands of it, and admission does not.
    pub domain: DnsName,
    /// The labels of the Routes that it is for; empty for the default.
    pub selector: RouteSelector,
}

impl WantedDomain {
    /// The labels of the Routes that it is for.
    #[must_use]
    pub(crate) fn labels(&self) -> &Selector {
        self.selector.labels()
    }
}

/// Domains that can be in one `config-domain`: each once, and at most one of them the default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedDomains(Vec<WantedDomain>);

/// Why domains cannot be in one `config-domain`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WantedDomainsError {
    /// Two domains without a selector.
    #[error(
        "{0} and {1} both have no selector, and Knative takes the alphabetically smaller of two defaults; add a selector to one of them"
    )]
    TwoDefaults(DnsName, DnsName),
    /// One domain twice.
    #[error("duplicate domain {0}; remove one of them")]
    Twice(DnsName),
}

impl WantedDomains {
    /// Checks that the domains can be side by side.
    ///
    /// # Errors
    /// The place of the first domain that cannot be beside those before it, and why.
    pub fn new(domains: Vec<WantedDomain>) -> Result<Self, (usize, WantedDomainsError)> {
        let mut names = std::collections::BTreeSet::new();
        let mut default: Option<&DnsName> = None;
        for (place, one) in domains.iter().enumerate() {
            if !names.insert(&one.domain) {
                return Err((place, WantedDomainsError::Twice(one.domain.clone())));
            }
            if one.selector.is_empty()
                && let Some(first) = default.replace(&one.domain)
            {
                let error = WantedDomainsError::TwoDefaults(first.clone(), one.domain.clone());
                return Err((place, error));
            }
        }
        Ok(Self(domains))
    }

    /// The domains, in the order in which they were requested.
    pub fn iter(&self) -> impl Iterator<Item = &WantedDomain> {
        self.0.iter()
    }

    /// Whether no domain is requested.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The domain of every Route that no selector picks.
    #[must_use]
    pub fn default_domain(&self) -> Option<&DnsName> {
        self.iter().find(|one| one.selector.is_empty()).map(|one| &one.domain)
    }

    /// Whether a domain is wanted.
    #[must_use]
    pub(crate) fn has(&self, domain: &str) -> bool {
        self.iter().any(|one| one.domain.as_str() == domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn wanted(domain: &str, label: Option<&str>) -> WantedDomain {
        let labels: BTreeMap<_, _> =
            label.iter().map(|key| ((*key).to_owned(), "x".to_owned())).collect();
        WantedDomain {
            domain: domain.parse().unwrap(),
            selector: RouteSelector::parse(&labels).unwrap(),
        }
    }

    #[test]
    fn each_domain_once_and_one_default() {
        let domains =
            WantedDomains::new(vec![wanted("b.com", Some("a")), wanted("a.com", None)]).unwrap();
        assert_eq!(domains.default_domain().map(DnsName::as_str), Some("a.com"));
        let two = WantedDomains::new(vec![wanted("a.com", None), wanted("b.com", None)]);
        let (place, error) = two.unwrap_err();
        assert_eq!(place, 1);
        assert_eq!(
            error.to_string(),
            "a.com and b.com both have no selector, and Knative takes the alphabetically smaller of two defaults; add a selector to one of them"
        );
        let twice = WantedDomains::new(vec![wanted("a.com", None), wanted("a.com", Some("a"))]);
        assert_eq!(twice.unwrap_err().1.to_string(), "duplicate domain a.com; remove one of them");
    }
}
