//! What guards protected pods: exactly what is required.

use std::fmt;

use crate::controllers::alb::auth::{JwtClaim, JwtConfig, OidcConfig};
use crate::controllers::alb::conditions::HeaderValue;
use crate::controllers::alb::model::{Action, Condition};
use crate::controllers::alb::regex::is_never_closed;
use crate::serving::ingress::{Protection, proof};

/// What a request must carry.
#[derive(Clone, PartialEq, Eq)]
pub enum Requirement {
    /// One of these tokens.
    Token(Token),
    /// This login.
    Login(Login),
    /// A token in this header, whatever its text; in lowercase.
    Header(String),
    /// A login, with whatever provider.
    AnyLogin,
    /// A login with another provider than a user pool.
    Provider(Provider),
    /// A JSON Web Token that names whom it is for.
    Jwt(Jwt),
    /// Any of these: a token, a login, a JSON Web Token.
    Anything,
}

/// A JSON Web Token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Jwt {
    /// Who issues it; any issuer where it is absent.
    pub issuer: Option<String>,
    /// Where the issuer's keys are; anywhere where it is absent.
    pub jwks_endpoint: Option<String>,
    /// What it has to claim in addition.
    pub(crate) claims: Vec<JwtClaim>,
}

impl From<&JwtConfig> for Jwt {
    fn from(jwt: &JwtConfig) -> Self {
        Self {
            issuer: Some(jwt.issuer.clone()),
            jwks_endpoint: Some(jwt.jwks_endpoint.clone()),
            claims: jwt.additional_claims.to_vec(),
        }
    }
}

impl Jwt {
    /// Whether a validation lets no other tokens through than these.
    fn holds(&self, jwt: &JwtConfig) -> bool {
        let is_required = |claim: &JwtClaim| {
            jwt.additional_claims.iter().any(|own| {
                own.name == claim.name
                    && own.format == claim.format
                    && !own.values.is_empty()
                    && own.values.iter().all(|value| claim.values.contains(value))
            })
        };
        self.issuer.as_ref().is_none_or(|issuer| *issuer == jwt.issuer)
            && self.jwks_endpoint.as_ref().is_none_or(|keys| *keys == jwt.jwks_endpoint)
            && self.claims.iter().all(is_required)
    }
}

/// A token in a header.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// The header, in lowercase.
    pub header: String,
    /// The tokens, in lowercase: the load balancer compares without case.
    pub tokens: Vec<String>,
}

/// A login with a user pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user pool's ARN.
    pub user_pool: String,
    /// The app client.
    pub client: String,
}

/// An `OpenID` Connect provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// The issuer.
    pub issuer: String,
    /// Where browsers log in, where a code becomes a token, and where a token becomes claims.
    pub endpoints: [String; 3],
    /// The Secret of the client.
    pub secret: String,
}

impl From<&OidcConfig> for Provider {
    fn from(provider: &OidcConfig) -> Self {
        let endpoints = [
            &provider.authorization_endpoint,
            &provider.token_endpoint,
            &provider.user_info_endpoint,
        ];
        Self {
            issuer: provider.issuer.clone(),
            endpoints: endpoints.map(String::clone),
            secret: provider.secret_name.clone(),
        }
    }
}

/// From this length on the token of somebody else counts as one.
const LONG_ENOUGH: usize = 16;

impl Requirement {
    /// What a protection requires; `None` where it lets everybody through.
    #[must_use]
    pub(crate) fn of(protection: &Protection) -> Option<Self> {
        match protection {
            Protection::Open => None,
            Protection::Token { header, tokens } => {
                let tokens = tokens.iter().map(|token| token.expose().to_ascii_lowercase());
                let header = header.as_str().to_ascii_lowercase();
                Some(Self::Token(Token { header, tokens: tokens.collect() }))
            }
            Protection::Login { user_pool, client, .. } => Some(Self::Login(Login {
                user_pool: user_pool.to_string(),
                client: client.as_str().to_owned(),
            })),
            Protection::Oidc(provider) => Some(Self::Provider(provider.into())),
            Protection::Jwt(jwt) => Some(Self::Jwt(jwt.into())),
        }
    }
}

impl Requirement {
    /// Whether a login with any provider is enough.
    pub(crate) fn takes_any_login(&self) -> bool {
        matches!(self, Self::AnyLogin | Self::Anything)
    }

    /// Whether a JSON Web Token that is validated so is enough.
    fn takes_jwt(&self, validated: &JwtConfig) -> bool {
        match self {
            Self::Jwt(jwt) => jwt.holds(validated),
            Self::Anything => true,
            _ => false,
        }
    }
}

/// Without the tokens.
impl fmt::Display for Requirement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(token) => write!(out, "a token in {}", token.header),
            Self::Login(login) => write!(out, "a login with {}", login.user_pool),
            Self::Header(header) => write!(out, "a token in {header}"),
            Self::AnyLogin => out.write_str("a login"),
            Self::Provider(provider) => write!(out, "a login with {}", provider.issuer),
            Self::Jwt(Jwt { issuer: Some(issuer), .. }) => {
                write!(out, "a JSON Web Token of {issuer}")
            }
            Self::Jwt(Jwt { issuer: None, .. }) => out.write_str("a JSON Web Token"),
            Self::Anything => out.write_str("a token or a login"),
        }
    }
}

impl fmt::Debug for Requirement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Token({})", self.header)
    }
}

/// What a rule of the load balancer demands: of an Ingress that parameters set (`own`) exactly
/// what they require; of another one also a login with a pool of its own, or tokens of its own that
/// nobody guesses. A condition that a client can meet by itself, as one on a stage or a language,
/// guards nothing.
pub(crate) fn guard(
    requirements: &[Requirement],
    own: Option<&Requirement>,
    exact: bool,
    conditions: &[Condition],
    actions: &[Action],
) -> Option<String> {
    let wanted = || own.into_iter().chain(requirements.iter().filter(|_| own.is_none()));
    for action in actions {
        let (by, is_required) = match action {
            Action::AuthenticateCognito { pool, session }
                if holds(&session.on_unauthenticated_request) =>
            {
                let pool_arn = pool.user_pool_arn.as_str();
                let is_required = wanted().any(|requirement| match requirement {
                    Requirement::Login(login) => {
                        login.user_pool == pool_arn && login.client == pool.user_pool_client_id
                    }
                    other => other.takes_any_login(),
                });
                (format!("a login with {pool_arn}"), is_required)
            }
            Action::AuthenticateOidc { provider, session }
                if holds(&session.on_unauthenticated_request) =>
            {
                let is_required = wanted().any(|requirement| match requirement {
                    Requirement::Provider(own) => *own == Provider::from(provider),
                    other => other.takes_any_login(),
                });
                (format!("a login with {}", provider.issuer), is_required)
            }
            // Without a claim that names a client any token of the issuer passes.
            Action::ValidateJwt(jwt) if jwt.names_client() => {
                let is_required = wanted().any(|requirement| requirement.takes_jwt(jwt));
                (format!("a JSON Web Token of {}", jwt.issuer), is_required)
            }
            _ => continue,
        };
        if is_required || !exact {
            return Some(by);
        }
    }
    for condition in conditions {
        let Condition::HttpHeader { name, values, regex } = condition else { continue };
        let name = name.to_ascii_lowercase();
        let has_values = !(values.is_empty() && regex.is_empty());
        let is_secret = || {
            values.iter().all(is_long)
                && regex.iter().all(|one| is_never_closed(one.expose()) || is_of_long_texts(one))
        };
        for requirement in wanted().filter(|_| has_values) {
            let is_required = match requirement {
                Requirement::Token(token) => {
                    token.header == name
                        && regex.is_empty()
                        && values.iter().all(|value| token.has(value))
                }
                Requirement::Header(header) => *header == name && proof::binds(values, regex),
                Requirement::Anything => !proof::routes(&name) && is_secret(),
                Requirement::Login(_)
                | Requirement::AnyLogin
                | Requirement::Provider(_)
                | Requirement::Jwt(_) => false,
            };
            if is_required {
                return Some(requirement.to_string());
            }
        }
        if !exact && has_values && !proof::routes(&name) && is_secret() {
            return Some(format!("tokens of its own in {name}"));
        }
    }
    None
}

/// Whether a login lets nobody through without (`AuthenticateCognitoActionConfig` of the Elastic
/// Load Balancing API knows `deny`, `allow` and `authenticate`, and refuses a rule with any other
/// word).
fn holds(on_unauthenticated_request: &str) -> bool {
    on_unauthenticated_request != "allow"
}

impl Token {
    fn has(&self, value: &HeaderValue) -> bool {
        self.is_token(value.expose())
    }

    /// Whether a text is one of the tokens, in any case.
    pub(crate) fn is_token(&self, text: &str) -> bool {
        self.tokens.iter().any(|token| token.eq_ignore_ascii_case(text))
    }
}

/// Whether a pattern demands so many characters that nobody guesses them.
fn is_long(value: &HeaderValue) -> bool {
    value.expose().chars().filter(|c| !matches!(c, '*' | '?')).count() >= LONG_ENOUGH
}

/// Whether an expression is one of such texts, or a choice of them: `^(a|b)$`.
fn is_of_long_texts(value: &HeaderValue) -> bool {
    let text = value.expose().trim_start_matches('^').trim_end_matches('$');
    let text = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text);
    text.split('|').all(|text| {
        text.len() >= LONG_ENOUGH && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    })
}

/// Whether a header's value is enough where any token is: long, and no pattern.
pub(super) fn is_any_token(value: &str) -> bool {
    value.len() >= 16 && !value.contains('*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(header: &str, values: &[&str], regex: &[&str], own: bool) -> Option<String> {
        let requirement = Requirement::Token(Token {
            header: "x-api-key".to_owned(),
            tokens: vec!["q8zr2klm9xwv4typ".to_owned()],
        });
        let texts = |texts: &[&str]| texts.iter().map(|text| HeaderValue::from(*text)).collect();
        let condition = Condition::HttpHeader {
            name: header.to_owned(),
            values: texts(values),
            regex: texts(regex),
        };
        let all = [requirement];
        guard(&all, own.then_some(&all[0]), own, &[condition], &[])
    }

    #[test]
    fn only_what_was_asked_for_guards_the_front() {
        assert!(by("X-Api-Key", &["Q8Zr2kLm9xWv4tYp"], &[], true).is_some());
        assert!(by("x-api-key", &["q8Zr2kLm9xWv4tYp", "other"], &[], true).is_none());
        assert!(by("x-api-key", &[], &["q8Zr2kLm9xWv4tYp"], true).is_none());
        assert!(by("x-api-key", &[], &[], true).is_none());
        assert!(by("x-team-key", &["0f5b1c2e9d8a4736a1b2c3d4"], &[], true).is_none());
    }

    #[test]
    fn a_json_web_token_guards_by_what_it_claims() {
        let jwt = |issuer: &str, name: &str, values: &[&str]| JwtConfig {
            issuer: issuer.to_owned(),
            jwks_endpoint: "https://i.example.com/keys".to_owned(),
            additional_claims: [JwtClaim {
                name: name.to_owned(),
                values: values.iter().map(|value| (*value).to_owned()).collect(),
                ..JwtClaim::default()
            }]
            .into_iter()
            .collect(),
        };
        let own = Requirement::Jwt(Jwt::from(&jwt("i", "aud", &["a", "b"])));
        let by = |validated: JwtConfig| {
            guard(&[], Some(&own), true, &[], &[Action::ValidateJwt(validated)]).is_some()
        };
        assert!(by(jwt("i", "aud", &["a", "b"])) && by(jwt("i", "aud", &["a"])));
        for (issuer, name, values) in
            [("i", "aud", &["a", "c"][..]), ("j", "aud", &["a"]), ("i", "scope", &["a"])]
        {
            assert!(!by(jwt(issuer, name, values)), "{issuer} {name} {values:?}");
        }
    }

    #[test]
    fn another_ingress_may_have_tokens_of_its_own() {
        assert!(by("x-team-key", &["0f5b1c2e9d8a4736a1b2c3d4"], &[], false).is_some());
        assert!(by("x-team-key", &[], &["^(0f5b1c2e9d8a4736|a1b2c3d4e5f60718)$"], false).is_some());
        assert!(by("x-team-key", &[], &["^0f5b1c2e9d8a4736.*|.*"], false).is_none());
        // AWS refuses a rule with an expression that is never closed.
        assert!(by("x-team-key", &[], &["0f5b1c2e9d8a4736a1b2c3d4", "*"], false).is_some());
        assert!(by("x-canary", &["true"], &[], false).is_none());
        assert!(by("x-team-key", &["0f5b1c2e9d8a4736a1b2c3d4", "*"], &[], false).is_none());
        for header in ["user-agent", "cookie", "x-origin-verify"] {
            assert!(by(header, &["0f5b1c2e9d8a4736a1b2c3d4"], &[], false).is_none());
        }
    }
}
