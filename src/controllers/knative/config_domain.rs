//! `config-domain`: which domain a Route lives under.

use std::collections::BTreeMap;

use super::domain_value::{self, DomainValueError};
use super::{CLUSTER_LOCAL, CLUSTER_LOCAL_DOMAIN, EXAMPLE_KEY, VISIBILITY_LABEL};
use crate::values::release::Release;
use krm_package::text::excerpt::shortened;

/// Labels that a Route must all have. Empty: the domain is a default.
pub type Selector = BTreeMap<String, String>;

/// A parsed `config-domain`.
///
/// Source: `pkg/reconciler/route/config/domain.go` of knative.dev/serving 0.50.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigDomain {
    domains: BTreeMap<String, Selector>,
    keys: Vec<String>,
}

/// Why Knative refuses a `config-domain`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("config-domain: the value of {domain:?} {source}")]
pub struct ConfigDomainError {
    /// The key.
    pub domain: String,
    /// What is wrong with its value.
    pub(crate) source: DomainValueError,
}

/// The domain that Knative falls back to where `config-domain` has no default: `example.com` up to
/// 1.7, the cluster's own domain from 1.8 on, which keeps every Route inside the cluster.
#[must_use]
pub fn default_domain(knative: Release) -> &'static str {
    if knative < Release::new(1, 8, 0) { "example.com" } else { CLUSTER_LOCAL_DOMAIN }
}

impl ConfigDomain {
    /// Reads the `data` of `config-domain`. Every key but `_example` is a domain, other keys that
    /// start with an underscore too. Without a default among them `default_domain` takes its
    /// place, and the place of an entry with a selector of that name.
    ///
    /// # Errors
    /// The first value, in the order of the keys, that is not a selector.
    pub fn parse(
        data: &BTreeMap<String, String>,
        default_domain: &str,
    ) -> Result<Self, ConfigDomainError> {
        let mut domains = BTreeMap::new();
        for (domain, value) in data {
            if domain == EXAMPLE_KEY {
                continue;
            }
            let selector = domain_value::selector(value)
                .map_err(|source| ConfigDomainError { domain: shortened(domain), source })?;
            domains.insert(domain.clone(), selector);
        }
        if !domains.values().any(Selector::is_empty) {
            domains.insert(default_domain.to_owned(), Selector::new());
        }
        Ok(Self { domains, keys: data.keys().cloned().collect() })
    }

    /// The domain of a Route with these labels: the cluster's for the visibility label, else the
    /// matching selector with the most labels; of several, the smaller name.
    #[must_use]
    pub fn lookup(&self, labels: &BTreeMap<String, String>) -> &str {
        if labels.get(VISIBILITY_LABEL).is_some_and(|value| value == CLUSTER_LOCAL) {
            return CLUSTER_LOCAL_DOMAIN;
        }
        let mut found = ("", None);
        for (domain, selector) in &self.domains {
            let matches = selector.iter().all(|(key, value)| labels.get(key) == Some(value));
            // The domains come in the order of their names, so that a tie keeps the first.
            if matches && found.1.is_none_or(|labels| selector.len() > labels) {
                found = (domain, Some(selector.len()));
            }
        }
        found.0
    }

    /// The domains without a selector. More than one is a trap: the smallest name wins.
    pub fn defaults(&self) -> impl Iterator<Item = &str> {
        self.domains
            .iter()
            .filter(|(_, selector)| selector.is_empty())
            .map(|(domain, _)| domain.as_str())
    }

    /// The domains and their selectors, the fallback included.
    pub fn domains(&self) -> impl Iterator<Item = (&str, &Selector)> {
        self.domains.iter().map(|(domain, selector)| (domain.as_str(), selector))
    }

    /// The keys of the ConfigMap, `_example` included: `KServe` takes each of them for a domain.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn looked_up(data: &[(&str, &str)], labels: &[(&str, &str)]) -> String {
        let domains = ConfigDomain::parse(&map(data), CLUSTER_LOCAL_DOMAIN).unwrap();
        domains.lookup(&map(labels)).to_owned()
    }

    #[test]
    fn the_most_labels_win_and_then_the_smaller_name() {
        let one = ("b.com", "selector: {a: x}");
        let two = ("c.com", "selector: {a: x, b: w}");
        let tie = ("a.com", "selector: {b: w}");
        let default = ("z.com", "");
        let labels = [("a", "x"), ("b", "w")];
        assert_eq!(looked_up(&[one, two, tie, default], &labels), "c.com");
        assert_eq!(looked_up(&[one, tie, default], &labels), "a.com");
        assert_eq!(looked_up(&[one, default, ("example.com", "")], &[]), "example.com");
        assert_eq!(looked_up(&[one], &[]), CLUSTER_LOCAL_DOMAIN);
        assert_eq!(
            looked_up(&[default], &[(VISIBILITY_LABEL, CLUSTER_LOCAL)]),
            CLUSTER_LOCAL_DOMAIN
        );
    }

    #[test]
    fn the_fallback_replaces_an_entry_of_its_name() {
        let data = [("svc.cluster.local", "selector: {a: x}"), ("_example", "x: [")];
        assert_eq!(looked_up(&data, &[]), "svc.cluster.local");
        assert_eq!(default_domain(Release::new(1, 7, 4)), "example.com");
    }

    #[test]
    fn one_bad_value_refuses_the_whole_config_map() {
        let error = ConfigDomain::parse(&map(&[("a.com", "x"), ("b.com", "")]), "c").unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"config-domain: the value of "a.com" is a scalar; set selector: with labels, or leave it empty"#
        );
    }
}
