//! Annotations that ask for a token or a login, also where their keys are misspelt.

use crate::controllers::alb::SUFFIXES;
use crate::controllers::alb::annotations::PREFIX;

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

/// What an annotation means to ask for.
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

/// Whether an annotation's key means to ask for a token or a login.
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
        || distance(&prefix.to_ascii_lowercase(), PREFIX) <= 4
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
    distance(&word, &found.replace('.', "-")) <= 2
}

/// How many letters must be added, left out, replaced or swapped with their neighbour. Long
/// words are not compared: an annotation's name has at most 63 letters.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    if left.len() > 80 || right.len() > 80 || left.len().abs_diff(right.len()) > 4 {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (row, own) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in right.iter().enumerate() {
            let mut least = (above[column] + usize::from(own != other))
                .min(above[column + 1] + 1)
                .min(current[column] + 1);
            if row > 0 && column > 0 && *own == right[column - 1] && left[row - 1] == *other {
                least = least.min(before[column - 1] + 1);
            }
            current.push(least);
        }
        before = std::mem::replace(&mut above, current);
    }
    above.last().copied().unwrap_or_default()
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
