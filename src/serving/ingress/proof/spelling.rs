//! Annotations that require a token or a login, also where their keys are misspelt.

use crate::controllers::alb::SUFFIXES;
use crate::controllers::alb::annotations::PREFIX;
use krm_package::text::suggest::differs_by_at_most;

/// What an annotation asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind<'a> {
    /// `conditions.<name>`.
    Conditions(&'a str),
    /// `auth-type`.
    AuthType,
    /// `auth-idp-cognito` or `auth-idp-oidc`.
    Provider,
    /// `jwt-validation`.
    Jwt,
}

/// What an annotation is meant to require.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequirementKey<'a> {
    pub(crate) kind: KeyKind<'a>,
    pub(crate) misspelt: bool,
}

const LOGINS: [(&str, KeyKind<'static>); 4] = [
    ("auth-type", KeyKind::AuthType),
    ("auth-idp-cognito", KeyKind::Provider),
    ("auth-idp-oidc", KeyKind::Provider),
    ("jwt-validation", KeyKind::Jwt),
];

/// Whether an annotation's key is meant to require a token or a login.
pub(crate) fn requirement(key: &str) -> Option<RequirementKey<'_>> {
    let (prefix, suffix) = key.split_once('/').unwrap_or(("", key));
    let ours = prefix == PREFIX;
    if ours {
        if let Some(name) = suffix.strip_prefix("conditions.") {
            return Some(RequirementKey { kind: KeyKind::Conditions(name), misspelt: false });
        }
        if let Some((_, what)) = LOGINS.iter().find(|(login, _)| *login == suffix) {
            return Some(RequirementKey { kind: *what, misspelt: false });
        }
        if is_known(suffix) {
            return None;
        }
    } else if !resembles_ours(prefix) {
        return None;
    }
    let head_end =
        suffix.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(suffix.len());
    let (head, rest) = suffix.split_at(head_end);
    if close(head, "conditions") {
        let name = rest.trim_start_matches(['.', '-', '_', '/', ':']);
        return Some(RequirementKey { kind: KeyKind::Conditions(name), misspelt: true });
    }
    LOGINS
        .iter()
        .find(|(login, _)| close(suffix, login))
        .map(|(_, what)| RequirementKey { kind: *what, misspelt: true })
}

/// The login annotation that a misspelt key means.
pub(crate) fn right_login(key: &str) -> Option<&'static str> {
    let suffix = key.split_once('/').map_or(key, |(_, suffix)| suffix);
    LOGINS.iter().map(|(login, _)| *login).find(|login| close(suffix, login))
}

/// The suffix that a misspelt one is nearest to, where it is near any.
pub(crate) fn nearest(suffix: &str) -> Option<&'static str> {
    if is_known(suffix) {
        return None;
    }
    let head = suffix.split_once('.').map_or(suffix, |(head, _)| head);
    SUFFIXES.into_iter().find(|known| match known.strip_suffix('.') {
        Some(known) => close(head, known),
        None => close(suffix, known),
    })
}

pub(crate) fn is_known(suffix: &str) -> bool {
    SUFFIXES.iter().any(|known| {
        if known.ends_with('.') { suffix.starts_with(known) } else { suffix == *known }
    })
}

fn resembles_ours(prefix: &str) -> bool {
    prefix.is_empty()
        || prefix.ends_with("ingress.kubernetes.io")
        || prefix.starts_with("alb.")
        || differs_by_at_most(&prefix.to_ascii_lowercase(), PREFIX, 4)
}

/// Whether a word is found to be another: two slips at most, case and `_` for `-` not counted.
pub(crate) fn close(word: &str, found: &str) -> bool {
    let word: String = word
        .chars()
        .map(|letter| match letter {
            '_' | '.' => '-',
            other => other.to_ascii_lowercase(),
        })
        .collect();
    differs_by_at_most(&word, &found.replace('.', "-"), 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(key: &str) -> Option<(KeyKind<'_>, bool)> {
        requirement(key).map(|found| (found.kind, found.misspelt))
    }

    #[test]
    fn right_keys_ask() {
        assert_eq!(
            found("alb.ingress.kubernetes.io/conditions.svc"),
            Some((KeyKind::Conditions("svc"), false))
        );
        assert_eq!(found("alb.ingress.kubernetes.io/auth-type"), Some((KeyKind::AuthType, false)));
    }

    #[test]
    fn near_misses_ask_too() {
        for key in [
            "alb.ingress.kubernetes.io/condition.svc",
            "alb.ingress.kubernetes.io/Conditions.svc",
            "alb.ingress.kubernetes.io/conditons.svc",
            "alb.ingress.kubernetes.io/conditions-svc",
            "alb.ingress.kubernets.io/conditions.svc",
            "ingress.kubernetes.io/conditions.svc",
            "conditions.svc",
        ] {
            assert_eq!(found(key), Some((KeyKind::Conditions("svc"), true)), "{key}");
        }
        assert_eq!(found("alb.ingress.kubernetes.io/jwt-validations"), Some((KeyKind::Jwt, true)));
        assert_eq!(found("alb.ingress.kubernetes.io/auth_type"), Some((KeyKind::AuthType, true)));
        assert_eq!(
            found("alb.ingress.kubernetes.io/auth-idp-cogntio"),
            Some((KeyKind::Provider, true))
        );
    }

    #[test]
    fn other_annotations_do_not() {
        for key in [
            "alb.ingress.kubernetes.io/actions.svc",
            "alb.ingress.kubernetes.io/auth-scope",
            "alb.ingress.kubernetes.io/scheme",
            "example.com/conditions.svc",
            "kubernetes.io/ingress.class",
        ] {
            assert_eq!(found(key), None, "{key}");
        }
    }

    #[test]
    fn the_nearest_suffix_is_found() {
        assert_eq!(nearest("certificate-arns"), Some("certificate-arn"));
        assert_eq!(nearest("listen-port"), Some("listen-ports"));
        assert_eq!(nearest("Scheme"), Some("scheme"));
        assert_eq!(nearest("action.svc"), Some("actions."));
        assert_eq!(nearest("scheme"), None);
        assert_eq!(nearest("something-else"), None);
    }
}
