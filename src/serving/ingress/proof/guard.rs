//! What a rule demands before it forwards: a token that binds, or a login.

use super::token_header::can_be_token;
use crate::controllers::alb::auth::{CognitoConfig, JwtConfig, OidcConfig};
use crate::controllers::alb::conditions::HeaderValue;
use crate::controllers::alb::model::{Action, Condition, Session};
use crate::controllers::alb::pattern::Pattern;
use crate::controllers::alb::regex::{self, Regex};

/// How many letters a pattern must fix: with fewer, a text that fits is soon guessed.
const FIXED_LETTERS: usize = 8;

/// What is before a forward.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Guard {
    /// The headers, in lowercase, whose value must be a given one.
    pub(crate) headers: Vec<String>,
    /// Those of them that can carry a token, whatever requires it.
    pub(crate) tokens: Vec<String>,
    /// The headers that are required, but with values that anyone can give.
    pub(crate) unbound_headers: Vec<String>,
    /// Whether a login, or a JSON Web Token that names who it is for, is required.
    pub(crate) login: bool,
    /// The user pools of the logins that are required.
    pub(crate) pools: Vec<CognitoConfig>,
    /// The providers of the other logins that are required.
    pub(crate) providers: Vec<OidcConfig>,
    /// The JSON Web Tokens that are required.
    pub(crate) web_tokens: Vec<JwtConfig>,
    /// A JSON Web Token of which no claim is required: any of the issuer's passes.
    pub(crate) any_jwt: bool,
    /// A login that lets everyone through.
    pub(crate) login_allows_all: bool,
}

impl Guard {
    fn add_login(&mut self, session: &Session) {
        // AWS refuses every other word than its three, so that no rule comes to be.
        if session.on_unauthenticated_request == "allow" {
            self.login_allows_all = true;
        } else {
            self.login = true;
        }
    }

    /// Whether a header is required to have a given value; names are compared without case.
    pub(crate) fn has_header(&self, header: &str) -> bool {
        self.headers.iter().any(|name| name.eq_ignore_ascii_case(header))
    }
}

/// The guard of a rule with these conditions and actions.
pub(crate) fn guard(conditions: &[Condition], actions: &[Action]) -> Guard {
    let mut guard = Guard::default();
    for condition in conditions {
        if let Condition::HttpHeader { name, values, regex } = condition {
            let name = name.to_ascii_lowercase();
            if binds(values, regex) {
                if can_be_token(&name, values.iter().chain(regex)) {
                    guard.tokens.push(name.clone());
                }
                guard.headers.push(name);
            } else {
                guard.unbound_headers.push(name);
            }
        }
    }
    for action in actions {
        match action {
            Action::ValidateJwt(jwt) if jwt.names_client() => {
                guard.login = true;
                guard.web_tokens.push(jwt.clone());
            }
            Action::ValidateJwt(_) => guard.any_jwt = true,
            Action::AuthenticateCognito { pool, session } => {
                guard.add_login(session);
                if guard.login {
                    guard.pools.push(pool.clone());
                }
            }
            Action::AuthenticateOidc { provider, session } => {
                guard.add_login(session);
                if guard.login {
                    guard.providers.push(provider.clone());
                }
            }
            _ => {}
        }
    }
    guard
}

/// Whether only given values pass: each has a letter that is not a wildcard, each expression can be
/// read and demands one (or AWS refuses it). One value that anyone can give opens them all.
pub(crate) fn binds(values: &[HeaderValue], expressions: &[HeaderValue]) -> bool {
    !(values.is_empty() && expressions.is_empty())
        && values
            .iter()
            .all(|value| !Pattern::without_case(value.expose()).is_guessable(FIXED_LETTERS))
        && expressions.iter().all(|value| {
            let text = value.expose();
            regex::is_never_closed(text)
                || Regex::read(text).is_some_and(|regex| regex.demanded_letters() >= FIXED_LETTERS)
        })
}

/// Whether a rule sends who is not logged in to a login, or refuses him.
pub(crate) fn requires_login(actions: &[Action]) -> bool {
    actions.iter().any(|action| match action {
        Action::AuthenticateCognito { session, .. } | Action::AuthenticateOidc { session, .. } => {
            session.on_unauthenticated_request != "allow"
        }
        _ => false,
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
        assert!(binds(&[], &values(&["^internal-token[0-9]+$"])));
        for guessed in ["*e*", "tok?", ".*", "token*", "a*b*c", "(?:)"] {
            assert!(!binds(&values(&[guessed]), &[]), "{guessed}");
        }
        for wild in
            ["", ".*", ".+", "^", "[a-z]+", "token|.*", "(?=x)", "e", "tok.n", "^key-[0-9]+$"]
        {
            assert!(!binds(&[], &values(&[wild])), "{wild}");
        }
    }
}
