//! What a policy says about the claims of a token.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::string_pattern::StringPattern;

/// Claims whose text istiod has Envoy split at spaces (`buildSpaceDelimitedClaims`,
/// `pilot/pkg/security/authn/policy_applier.go`).
const SPACE_DELIMITED: [&str; 2] = ["permission", "scope"];

/// A pattern over the claims of a verified token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ClaimPattern {
    /// `requestPrincipals`: issuer and subject.
    Principal { issuer: StringPattern, subject: StringPattern },
    /// A claim by its path: the text matches, or one text of the list.
    Claim { path: Vec<String>, value: StringPattern },
}

impl ClaimPattern {
    /// `ISSUER/SUBJECT`, cut at the last slash, with a star at one end
    /// (`requestPrincipalGenerator`, `pilot/pkg/security/authz/model/generator.go`).
    pub(super) fn principal(value: &str) -> Self {
        use StringPattern::{Exact, NonEmpty, Prefix, Suffix};
        let cut = value.rsplit_once('/');
        let (issuer, subject) = match (StringPattern::new(value), cut) {
            (NonEmpty, _) => (NonEmpty, NonEmpty),
            (Suffix(_), Some((issuer, subject))) => {
                (StringPattern::new(issuer), Exact(subject.to_owned()))
            }
            (Suffix(subject), None) => (NonEmpty, Suffix(subject)),
            (Prefix(_), Some((issuer, "*"))) => (Exact(issuer.to_owned()), NonEmpty),
            (Prefix(_), Some((issuer, subject))) => {
                let subject = subject.strip_suffix('*').unwrap_or(subject);
                (Exact(issuer.to_owned()), Prefix(subject.to_owned()))
            }
            (Prefix(issuer), None) => (Prefix(issuer), NonEmpty),
            (Exact(_), Some((issuer, subject))) => {
                (Exact(issuer.to_owned()), Exact(subject.to_owned()))
            }
            (Exact(issuer), None) => (Exact(issuer), Exact(String::new())),
        };
        Self::Principal { issuer, subject }
    }

    /// A value of a claim.
    pub(super) fn claim(path: &[String], value: &str) -> Self {
        Self::Claim { path: path.to_vec(), value: StringPattern::new(value) }
    }

    pub(super) fn matches(&self, claims: &Map<String, Value>) -> bool {
        match self {
            Self::Principal { issuer, subject } => {
                is_text(claims.get("iss"), issuer) && is_text(claims.get("sub"), subject)
            }
            Self::Claim { path, value } => match find(claims, path).as_deref() {
                Some(Value::Array(items)) => items.iter().any(|item| is_text(Some(item), value)),
                found => is_text(found, value),
            },
        }
    }
}

fn is_text(value: Option<&Value>, pattern: &StringPattern) -> bool {
    value.and_then(Value::as_str).is_some_and(|text| pattern.matches(text))
}

fn find<'a>(claims: &'a Map<String, Value>, path: &[String]) -> Option<Cow<'a, Value>> {
    let (first, rest) = path.split_first()?;
    let mut value = claims.get(first)?;
    if let Value::String(text) = value
        && SPACE_DELIMITED.contains(&first.as_str())
    {
        let words: Vec<Value> =
            text.split(' ').filter(|word| !word.is_empty()).map(Into::into).collect();
        if rest.is_empty() && !words.is_empty() {
            return Some(Cow::Owned(Value::Array(words)));
        }
    }
    for name in rest {
        value = value.as_object()?.get(name)?;
    }
    Some(Cow::Borrowed(value))
}

/// The claim that a key names: `request.auth.claims[a][b]` (`extractNameInNestedBrackets`,
/// `pilot/pkg/security/authz/model/util.go`); `None` where it is in no brackets.
pub(super) fn path_of(brackets: &str) -> Option<Vec<String>> {
    let whole = || Some(vec![super::values::in_brackets(brackets)?.to_owned()]);
    let mut path = Vec::new();
    let mut rest = brackets;
    while !rest.is_empty() {
        let Some(inner) = rest.strip_prefix('[') else { return whole() };
        let Some(end) = inner.find(['[', ']']) else { return whole() };
        if !inner[end..].starts_with(']') {
            return whole();
        }
        path.push(inner[..end].to_owned());
        rest = &inner[end + 1..];
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_request_principal_is_issuer_and_subject() {
        let token = claims(&json!({"iss": "https://dex/x", "sub": "me"}));
        let matches = |value: &str| ClaimPattern::principal(value).matches(&token);
        for value in
            ["*", "https://dex/x/me", "https://dex/x/*", "https://dex/x/m*", "*x/me", "*/me"]
        {
            assert!(matches(value), "{value}");
        }
        for value in ["https://dex/x", "https://dex/*", "me", "*/x", "*y/me", "https://dex/x/"] {
            assert!(!matches(value), "{value}");
        }
        assert!(matches("*me") && !matches("*x"));
        assert!(!ClaimPattern::principal("*").matches(&claims(&json!({"iss": "x"}))));
    }

    #[test]
    fn a_claim_is_text_or_a_list_of_texts() {
        let token = claims(&json!({
            "aud": ["a", "b"], "n": 1, "scope": " read  write", "x": {"y": {"z": "deep"}, "scope": "r w"}
        }));
        let matches = |key: &str, value: &str| {
            ClaimPattern::claim(&path_of(key).unwrap(), value).matches(&token)
        };
        assert!(matches("[aud]", "a") && matches("[aud]", "*") && !matches("[aud]", "c"));
        assert!(matches("[scope]", "write") && !matches("[scope]", " read  write"));
        assert!(matches("[x][y][z]", "deep") && !matches("[x][y]", "*") && !matches("[n]", "1"));
        assert!(matches("[x][scope]", "r w") && !matches("[missing]", "*"));
    }

    #[test]
    fn brackets_nest_or_are_one_name() {
        assert_eq!(path_of("[a][b]").unwrap(), ["a", "b"]);
        assert_eq!(path_of("[a]b[c]").unwrap(), ["a]b[c"]);
        assert_eq!(path_of("[a[b]]").unwrap(), ["a[b]"]);
        assert_eq!(path_of("x[a]"), None);
    }
}
