//! The labels by which a domain picks its Routes, as a configuration may require them.

use std::collections::BTreeMap;

use super::VISIBILITY_LABEL;
use super::config_domain::Selector;
use crate::values::route_host::is_subdomain;
use krm_package::text::excerpt::shortened;

/// The longest name of a label, and the longest value.
const LONGEST: usize = 63;

/// Labels that a Route can have, all of which it must have; none for the default domain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteSelector(Selector);

/// Why no Route can have these labels.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteSelectorError {
    /// A key that no label has.
    #[error(
        "invalid label key {0:?}: must be an optional DNS name and \"/\", then at most 63 letters, digits, \"-\", \"_\" or \".\", starting and ending with a letter or digit"
    )]
    Key(String),
    /// A value that no label has.
    #[error(
        "invalid value {value:?} of label {key:?}: must be at most 63 letters, digits, \"-\", \"_\" or \".\", starting and ending with a letter or digit"
    )]
    Value {
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
    /// The label that Knative sets itself.
    #[error(
        "{VISIBILITY_LABEL} cannot select a domain: Knative evaluates it before selectors; use another label"
    )]
    Visibility,
}

impl RouteSelector {
    /// Checks each label as the API server checks those of a Route.
    ///
    /// Source: `IsQualifiedName` and `IsValidLabelValue` in `pkg/util/validation` of
    /// `k8s.io/apimachinery`.
    ///
    /// # Errors
    /// [`RouteSelectorError`], the first label that no Route can have.
    pub fn parse(labels: &BTreeMap<String, String>) -> Result<Self, RouteSelectorError> {
        for (key, value) in labels {
            let (prefix, name) = key
                .split_once('/')
                .map_or((None, key.as_str()), |(prefix, name)| (Some(prefix), name));
            if !is_name(name) || !prefix.is_none_or(is_subdomain) {
                return Err(RouteSelectorError::Key(shortened(key)));
            }
            if !value.is_empty() && !is_name(value) {
                return Err(RouteSelectorError::Value {
                    key: shortened(key),
                    value: shortened(value),
                });
            }
            if key == VISIBILITY_LABEL {
                return Err(RouteSelectorError::Visibility);
            }
        }
        Ok(Self(labels.clone()))
    }

    /// The labels.
    #[must_use]
    pub(crate) fn labels(&self) -> &Selector {
        &self.0
    }

    /// Whether every Route matches: the domain is a default.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn is_name(text: &str) -> bool {
    let is_end = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    bytes.len() <= LONGEST
        && is_end(bytes.first())
        && is_end(bytes.last())
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(key: &str, value: &str) -> Result<RouteSelector, RouteSelectorError> {
        RouteSelector::parse(&BTreeMap::from([(key.to_owned(), value.to_owned())]))
    }

    #[test]
    fn labels_that_a_route_can_have() {
        let long = "a".repeat(63);
        for (key, value) in [
            ("env", "prod"),
            ("env", ""),
            ("env", "1"),
            ("app.kubernetes.io/name", "A_b.c-9"),
            (long.as_str(), long.as_str()),
        ] {
            assert_eq!(parse(key, value).unwrap().labels()[key], value);
        }
    }

    #[test]
    fn labels_that_no_route_has() {
        let long = "a".repeat(64);
        for key in ["", "a b", "-a", "a-", "/a", "a/", "A.com/a", "a/b/c", "é", &long] {
            assert!(matches!(parse(key, "x"), Err(RouteSelectorError::Key(_))), "{key}");
        }
        for value in ["a b", "-a", "a.", "a/b", "é", &long] {
            assert!(matches!(parse("a", value), Err(RouteSelectorError::Value { .. })), "{value}");
        }
        let error = parse(VISIBILITY_LABEL, "cluster-local").unwrap_err();
        assert_eq!(error, RouteSelectorError::Visibility);
    }
}
