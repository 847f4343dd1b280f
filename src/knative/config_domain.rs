//! `config-domain`: which domain a Route lives under.

use std::collections::BTreeMap;
use std::fmt;

use super::domain_value::{self, DomainValueError};
use super::{CLUSTER_LOCAL, CLUSTER_LOCAL_DOMAIN, EXAMPLE_KEY, VISIBILITY_LABEL};
use crate::release::Release;
use crate::route_host::{excerpt, is_label};

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
    pub source: DomainValueError,
}

/// The domain that Knative falls back to where `config-domain` has no default: `example.com` up to
/// 1.7, the cluster's own domain from 1.8 on, which keeps every Route inside of the cluster.
#[must_use]
pub fn default_domain(knative: Release) -> &'static str {
    if knative < Release::new(1, 8, 0) { "example.com" } else { CLUSTER_LOCAL_DOMAIN }
}

/// The labels of a stock `config-domain`. Knative's webhook picks the ConfigMaps that it checks by
/// the first two: without them nothing is checked.
#[must_use]
pub fn stock_labels(knative: Release) -> [(&'static str, String); 3] {
    [
        ("app.kubernetes.io/name", "knative-serving".to_owned()),
        ("app.kubernetes.io/component", "controller".to_owned()),
        ("app.kubernetes.io/version", knative.to_string()),
    ]
}

impl ConfigDomain {
    /// Reads the `data` of `config-domain`. Every key but `_example` is a domain, other keys that
    /// start with an underscore too. Without a default among them `default_domain` takes its
    /// place, and the place of an entry with a selector of that name.
    ///
    /// # Errors
    /// The first value, in the order of the keys, that is no selector.
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
                .map_err(|source| ConfigDomainError { domain: excerpt(domain), source })?;
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
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(String::as_str)
    }
}

/// A domain that every Route can live under: lower case labels of at most 63 characters, 253 in
/// all, no final dot. Admission does not check it; each Route does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(String);

/// Why a text is no domain for Routes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DomainNameError {
    /// Empty.
    #[error("the domain is empty; write one such as platform.example.com")]
    Empty,
    /// Capitals.
    #[error("domain {0:?} has capital letters, which break every Route; write {1:?}")]
    Capitals(String, String),
    /// A wildcard.
    #[error("domain {0:?} starts with a wildcard; write the domain alone")]
    Wildcard(String),
    /// A final dot.
    #[error("domain {0:?} ends with a dot; write it without")]
    FinalDot(String),
    /// A character or a place of a character that DNS does not take.
    #[error(
        "domain {0:?} has a label {1:?} that is not lower case letters, digits and inner hyphens"
    )]
    BadLabel(String, String),
    /// A label that is too long.
    #[error("domain {0:?} has a label of {1} characters; DNS takes 63")]
    LongLabel(String, usize),
    /// Too long.
    #[error("domain {0:?} has {1} characters; DNS takes 253 with the names of services in front")]
    TooLong(String, usize),
}

impl DomainName {
    /// Checks a domain.
    ///
    /// # Errors
    /// [`DomainNameError`], the first rule that it breaks.
    pub fn parse(text: &str) -> Result<Self, DomainNameError> {
        let shown = || excerpt(text);
        if text.is_empty() {
            return Err(DomainNameError::Empty);
        }
        if text.len() > 253 {
            return Err(DomainNameError::TooLong(shown(), text.len()));
        }
        if text.starts_with('*') {
            return Err(DomainNameError::Wildcard(shown()));
        }
        if text.ends_with('.') {
            return Err(DomainNameError::FinalDot(shown()));
        }
        for label in text.split('.') {
            if !is_label(label) {
                let lower = text.to_ascii_lowercase();
                return Err(if lower != text && lower.split('.').all(is_label) {
                    DomainNameError::Capitals(shown(), lower)
                } else {
                    DomainNameError::BadLabel(shown(), excerpt(label))
                });
            }
            if label.len() > 63 {
                return Err(DomainNameError::LongLabel(shown(), label.len()));
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// The domain.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
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
            r#"config-domain: the value of "a.com" is a plain value; write selector: with labels, or nothing"#
        );
    }

    #[test]
    fn domains_are_checked_as_routes_will_check_them() {
        assert!(DomainName::parse("platform.example.com").is_ok());
        let error = DomainName::parse("Platform.Example.com").unwrap_err();
        assert!(error.to_string().ends_with("write \"platform.example.com\""), "{error}");
        for text in
            ["", "*.a.b", "a.b.", "a_b.c", "a..b", "http://a.b", &"a".repeat(64), &"a.".repeat(127)]
        {
            assert!(DomainName::parse(text).is_err(), "{text}");
        }
    }
}
