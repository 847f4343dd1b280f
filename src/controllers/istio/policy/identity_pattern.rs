//! What a policy says about a peer's identity.

use super::string_pattern::StringPattern;
use crate::controllers::istio::identity::Identity;

/// A pattern over the SPIFFE URI of a peer.
///
/// istiod writes these as regular expressions (`pilot/pkg/security/authz/model/generator.go`); here
/// each is a search for fixed texts, so that a match takes time linear in the identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum IdentityPattern {
    /// `principals`: the whole identity.
    Whole(StringPattern),
    /// `principals` that begin with a star: how the identity ends.
    Ending(String),
    /// `namespaces`: these texts, in this order, anywhere.
    InOrder(Vec<String>),
    /// `serviceAccounts`.
    ServiceAccount { namespace: String, name: String },
    /// `trustDomains` with a star: text, anything but a slash, text.
    TrustDomain { start: String, end: String },
}

const SCHEME: &str = "spiffe://";

impl IdentityPattern {
    /// `TRUST-DOMAIN/ns/NAMESPACE/sa/NAME`, with a star at one end.
    pub(super) fn principal(value: &str) -> Self {
        match StringPattern::new(value) {
            StringPattern::NonEmpty => Self::Whole(StringPattern::NonEmpty),
            StringPattern::Suffix(end) => Self::Ending(end),
            StringPattern::Prefix(start) => {
                Self::Whole(StringPattern::Prefix(format!("{SCHEME}{start}")))
            }
            StringPattern::Exact(exact) => {
                Self::Whole(StringPattern::Exact(format!("{SCHEME}{exact}")))
            }
        }
    }

    /// A namespace, with stars anywhere.
    pub(super) fn namespace(value: &str) -> Self {
        Self::InOrder(format!("/ns/{value}/").split('*').map(str::to_owned).collect())
    }

    /// `NAME` in the policy's namespace, or `NAMESPACE/NAME`.
    pub(super) fn service_account(value: &str, policy_namespace: &str) -> Self {
        let (namespace, name) = value.split_once('/').unwrap_or((policy_namespace, value));
        Self::ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() }
    }

    /// A trust domain, with a star at one end.
    pub(super) fn trust_domain(value: &str) -> Self {
        match value.split_once('*') {
            Some(("", "")) => Self::Whole(StringPattern::Prefix(SCHEME.to_owned())),
            Some((start, end)) => {
                Self::TrustDomain { start: start.to_owned(), end: format!("{end}/") }
            }
            None => Self::Whole(StringPattern::Prefix(format!("{SCHEME}{value}/"))),
        }
    }

    pub(super) fn matches(&self, identity: &Identity) -> bool {
        let uri = identity.as_str();
        match self {
            Self::Whole(pattern) => pattern.matches(uri),
            Self::Ending(end) => uri.strip_prefix(SCHEME).is_some_and(|rest| rest.ends_with(end)),
            Self::InOrder(texts) => {
                let mut rest = uri;
                texts.iter().all(|text| match rest.find(text.as_str()) {
                    Some(start) => {
                        rest = &rest[start + text.len()..];
                        true
                    }
                    None => false,
                })
            }
            Self::ServiceAccount { namespace, name } => is_account(uri, namespace, name),
            Self::TrustDomain { start, end } => uri
                .strip_prefix(SCHEME)
                .and_then(|rest| rest.strip_prefix(start.as_str()))
                .is_some_and(|rest| {
                    let domain_end = rest.find('/').unwrap_or(rest.len());
                    rest.find(end.as_str()).is_some_and(|found| found <= domain_end)
                }),
        }
    }
}

/// `spiffe://.+/ns/NAMESPACE/(.+/|)sa/NAME(/.+)?`, from end to end.
fn is_account(uri: &str, namespace: &str, name: &str) -> bool {
    let Some(rest) = uri.strip_prefix(SCHEME) else { return false };
    let marker = format!("/ns/{namespace}/");
    // The first marker leaves the longest rest, and every later one's rest ends it.
    let Some(start) = rest.char_indices().nth(1).map(|(second, _)| second) else { return false };
    let Some(found) = rest[start..].find(&marker) else { return false };
    let after = &rest[start + found + marker.len()..];
    let ends = |rest: &str| rest.is_empty() || (rest.starts_with('/') && rest.len() > 1);
    let account = format!("sa/{name}");
    if after.strip_prefix(account.as_str()).is_some_and(ends) {
        return true;
    }
    let segment = format!("/{account}");
    let mut from = after.chars().next().map_or(0, char::len_utf8);
    while let Some(found) = after[from..].find(&segment) {
        let end = from + found + segment.len();
        if ends(&after[end..]) {
            return true;
        }
        from += found + 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &IdentityPattern, identity: &str) -> bool {
        pattern.matches(&Identity::parse(identity).unwrap())
    }

    #[test]
    fn principals_match_behind_the_scheme() {
        let matches =
            |value: &str| matches(&IdentityPattern::principal(value), "cluster.local/ns/a/sa/b");
        assert!(
            matches("cluster.local/ns/a/sa/b") && matches("cluster.local/ns/a*") && matches("*")
        );
        assert!(matches("*/sa/b") && matches("*cluster.local/ns/a/sa/b"));
        assert!(!matches("*//cluster.local/ns/a/sa/b") && !matches("spiffe*") && !matches("*/sa"));
    }

    #[test]
    fn a_namespace_has_stars_anywhere() {
        let matches =
            |value: &str| matches(&IdentityPattern::namespace(value), "td/ns/istio-system/sa/b");
        assert!(matches("istio-system") && matches("*") && matches("istio*") && matches("*system"));
        assert!(matches("i*o-*m") && matches("istio-system/sa*"));
        assert!(!matches("istio") && !matches("system") && !matches("*x*"));
    }

    #[test]
    fn a_service_account_is_whole_segments() {
        let matches = |value: &str, identity: &str| {
            matches(&IdentityPattern::service_account(value, "own"), identity)
        };
        assert!(matches("a/b", "td/ns/a/sa/b") && matches("b", "td/ns/own/sa/b"));
        assert!(matches("a/b", "td/x/ns/a/y/z/sa/b/more"));
        assert!(!matches("a/b", "td/ns/a/sa/bc") && !matches("b", "td/ns/a/sa/b"));
        assert!(!matches("a/b", "td/ns/a/sa/b/") && !matches("a/b", "td/ns/ab/sa/b"));
        assert!(!matches("a/b", "td/ns/a//sa/b") && matches("a/b", "td/ns/a/x/sa/b"));
        assert!(!matches("a/b", "td/ns/b/sa/a"));
        assert!(matches("sa/sa", "td/ns/sa/sa/sa/sa/sa"));
    }

    #[test]
    fn a_trust_domain_stops_at_the_slash() {
        let matches =
            |value: &str| matches(&IdentityPattern::trust_domain(value), "a.b.c/ns/x/sa/y");
        assert!(matches("*") && matches("a.b.c") && matches("a.*") && matches("*.c"));
        assert!(!matches("a.b") && !matches("*x") && !matches("b*") && matches("*.c/ns"));
    }
}
