//! What a rule demands before it forwards: a token that binds, or a login.

use crate::controllers::alb::conditions::HeaderValue;
use crate::controllers::alb::model::{Action, Condition};
use crate::controllers::alb::pattern::Pattern;
use crate::controllers::alb::regex::{self, Regex};

/// What stands before a forward.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Guard {
    /// The headers, in lower case, whose value must be a given one.
    pub(crate) headers: Vec<String>,
    /// The headers that are asked for, but with values that anyone can give.
    pub(crate) unbound_headers: Vec<String>,
    /// Whether a login or a JSON Web Token is demanded.
    pub(crate) login: bool,
    /// A login that lets everyone through.
    pub(crate) login_allows_all: bool,
}

/// The guard of a rule with these conditions and actions.
pub(crate) fn guard(conditions: &[Condition], actions: &[Action]) -> Guard {
    let mut guard = Guard::default();
    for condition in conditions {
        if let Condition::HttpHeader { name, values, regex } = condition {
            let name = name.to_ascii_lowercase();
            if binds(values, regex) {
                guard.headers.push(name);
            } else {
                guard.unbound_headers.push(name);
            }
        }
    }
    for action in actions {
        match action {
            Action::ValidateJwt(_) => guard.login = true,
            Action::AuthenticateCognito { session, .. }
            | Action::AuthenticateOidc { session, .. } => {
                // AWS knows no other word; one it does not know is no proof of a login.
                if matches!(session.on_unauthenticated_request.as_str(), "authenticate" | "deny") {
                    guard.login = true;
                } else {
                    guard.login_allows_all = true;
                }
            }
            _ => {}
        }
    }
    guard
}

/// Whether only given values pass: each has a letter that is no wildcard, each expression can be
/// read and demands one (or AWS refuses it). One value that anyone can give opens them all.
pub(crate) fn binds(values: &[HeaderValue], expressions: &[HeaderValue]) -> bool {
    !(values.is_empty() && expressions.is_empty())
        && values.iter().all(|value| !Pattern::without_case(value.expose()).is_wild())
        && expressions.iter().all(|value| {
            let text = value.expose();
            regex::is_never_closed(text)
                || Regex::read(text).is_some_and(|regex| regex.demands_a_letter())
        })
}

/// Whether a rule sends a request on.
pub(crate) fn forwards(actions: &[Action]) -> bool {
    actions.iter().any(|action| matches!(action, Action::Forward { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_anyone_can_give_binds_nothing() {
        let values = |texts: &[&str]| -> Vec<HeaderValue> {
            texts.iter().map(|text| HeaderValue::from(*text)).collect()
        };
        assert!(binds(&values(&["token1"]), &[]));
        assert!(binds(&values(&["*session=abc*"]), &[]));
        assert!(!binds(&values(&["token1", "*"]), &[]));
        assert!(!binds(&values(&["?*"]), &[]));
        assert!(!binds(&[], &[]));
        assert!(binds(&[], &values(&["^token[0-9]+$"])));
        for wild in ["", ".*", ".+", "^", "[a-z]+", "token|.*", "(?=x)"] {
            assert!(!binds(&[], &values(&[wild])), "{wild}");
        }
    }
}
