//! What requires a token or a login: parameters, and every annotation that is meant to, whether or
//! not the controller listens to it.

use std::collections::BTreeSet;

use super::spelling;
use super::token_header::can_be_token;
use crate::controllers::alb::annotations;
use crate::controllers::alb::auth::{CognitoConfig, JwtConfig, OidcConfig};
use crate::controllers::alb::conditions::{self, RuleCondition};
use crate::controllers::alb::objects::{Ingress, Service};
use crate::go::json::{self, GoSlice, KeySpellings, names_field};

/// What parameters require of one Ingress.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParamsRequirement {
    /// The Ingress, as `namespace/name` (see [`Ingress::key`]).
    pub ingress: String,
    /// The header that must carry a token.
    pub token_header: Option<String>,
    /// The user pool whose login is required.
    pub login: Option<CognitoConfig>,
    /// The provider whose login is required.
    pub provider: Option<OidcConfig>,
    /// The JSON Web Token that is required.
    pub jwt: Option<JwtConfig>,
}

impl ParamsRequirement {
    /// Whether they require anything of a request.
    pub(crate) fn requires_anything(&self) -> bool {
        self.token_header.is_some()
            || self.login.is_some()
            || self.provider.is_some()
            || self.jwt.is_some()
    }
}

/// What is required.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Credential {
    /// A token in one of these headers (in lowercase); none where no name can be read.
    Token(Vec<String>),
    /// A login, or a JSON Web Token.
    Login,
}

/// How an annotation that requires something reaches the controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binding {
    /// The controller reads it.
    Read,
    /// It is `conditions.<name>` with a name that is not a backend of the Ingress's rules.
    Unbound,
    /// It is on a Service, where the controller doesn't look for it.
    OnService,
    /// Its key is misspelt.
    Misspelt,
}

/// One annotation that requires a token or a login.
#[derive(Debug, Clone)]
pub(crate) struct Requirement {
    /// The annotation's full key.
    pub(crate) key: String,
    /// What `conditions.<name>` names.
    pub(crate) name: Option<String>,
    pub(crate) credential: Credential,
    pub(crate) binding: Binding,
    /// The annotation that is meant, where the value of a misspelt one says so.
    pub(crate) meant: Option<&'static str>,
}

impl Requirement {
    /// Whether the controller reads it, and it is a login.
    pub(crate) fn is_read_login(&self) -> bool {
        self.credential == Credential::Login && self.binding == Binding::Read
    }
}

impl Requirement {
    /// The annotation that is meant, where the key is misspelt; `backend` is one of the Ingress's.
    pub(crate) fn right_key(&self, backend: &str) -> String {
        match (&self.credential, &self.name) {
            (Credential::Token(_), Some(_)) => annotations::key(&format!("conditions.{backend}")),
            _ => spelling::right_login(&self.key)
                .or(self.meant)
                .map_or_else(|| annotations::key("auth-type"), annotations::key),
        }
    }
}

/// Whether any annotation of an Ingress requires a token or a login.
pub(crate) fn requires_credential(ingress: &Ingress) -> bool {
    !of_ingress(ingress).is_empty()
}

/// The annotations of an Ingress that require a token or a login.
pub(crate) fn of_ingress(ingress: &Ingress) -> Vec<Requirement> {
    let backends: BTreeSet<&str> = rule_backends(ingress).collect();
    let mut requirements = Vec::new();
    for (key, text) in &ingress.metadata.annotations {
        let Some(found) = spelling::requirement(key).or_else(|| by_value(key, text)) else {
            continue;
        };
        let misspelt = found.misspelt;
        match found.kind {
            spelling::KeyKind::Conditions(name) => {
                let bound = backends.contains(name) && !misspelt;
                let binding = match (misspelt, bound) {
                    (true, _) => Binding::Misspelt,
                    (false, true) => Binding::Read,
                    (false, false) => Binding::Unbound,
                };
                let conditions = ConditionsText::of(text);
                // A list that says nothing, or that cannot be read, was written for some reason.
                let asks_something = conditions.requires_token()
                    || conditions.is_blank()
                    || conditions.elements.is_none();
                if asks_something {
                    let name = Some(name.to_owned());
                    requirements.push(Requirement {
                        key: key.clone(),
                        name,
                        credential: Credential::Token(conditions.headers()),
                        binding,
                        meant: None,
                    });
                }
            }
            spelling::KeyKind::AuthType if matches!(text.as_str(), "none" | "") => {}
            _ => {
                let binding = if misspelt { Binding::Misspelt } else { Binding::Read };
                let is_jwt = found.kind == spelling::KeyKind::Jwt;
                requirements.push(Requirement {
                    key: key.clone(),
                    name: None,
                    credential: Credential::Login,
                    binding,
                    meant: is_jwt.then_some("jwt-validation"),
                });
            }
        }
    }
    requirements
}

/// What an annotation of any other key requires by its value alone: nobody writes an
/// `httpHeaderConfig` or a user pool for another reader. What tools keep of the object is left out.
fn by_value<'a>(key: &'a str, text: &str) -> Option<spelling::RequirementKey<'a>> {
    let (prefix, suffix) = key.split_once('/').unwrap_or(("", key));
    let tools = ["kubectl.kubernetes.io", "fn.kserve-aws.dev"];
    if tools.contains(&prefix) || prefix.ends_with("config.kubernetes.io") {
        return None;
    }
    if prefix == annotations::PREFIX && spelling::is_known(suffix) {
        return None;
    }
    let conditions = conditions::read(text).unwrap_or_default();
    let is_header = |condition: &RuleCondition| {
        condition.http_header.is_some() || condition.field.0 == "http-header"
    };
    let kind = if conditions.iter().any(is_header) {
        let name = suffix.trim_start_matches("conditions").trim_end_matches("conditions");
        spelling::KeyKind::Conditions(name.trim_matches(['.', '-', '_', '/', ':']))
    } else {
        let (mut pool, mut provider) = (CognitoConfig::default(), OidcConfig::default());
        let mut jwt = JwtConfig::default();
        let is_pool = json::unmarshal(text, &mut pool).is_ok() && !pool.user_pool_arn.is_empty();
        let is_provider = json::unmarshal(text, &mut provider).is_ok()
            && !provider.authorization_endpoint.is_empty()
            && !provider.token_endpoint.is_empty();
        let is_jwt = json::unmarshal(text, &mut jwt).is_ok() && !jwt.jwks_endpoint.is_empty();
        match (is_pool || is_provider, is_jwt) {
            (true, _) => spelling::KeyKind::Provider,
            (false, true) => spelling::KeyKind::Jwt,
            (false, false) => return None,
        }
    };
    Some(spelling::RequirementKey { kind, misspelt: true })
}

/// The annotations of a Service that require a token or a login.
pub(crate) fn of_service(service: &Service) -> Vec<Requirement> {
    let mut requirements = Vec::new();
    for (key, text) in &service.metadata.annotations {
        let Some(found) = spelling::requirement(key) else { continue };
        // A Service is seldom written for this controller alone: only its own prefix counts.
        if !key.starts_with(annotations::PREFIX) {
            continue;
        }
        let binding = if found.misspelt { Binding::Misspelt } else { Binding::Read };
        let (name, credential, binding) = match found.kind {
            spelling::KeyKind::Conditions(name) => {
                let conditions = ConditionsText::of(text);
                if !conditions.requires_token() && !conditions.is_blank() {
                    continue;
                }
                let binding = if found.misspelt { Binding::Misspelt } else { Binding::OnService };
                (Some(name.to_owned()), Credential::Token(conditions.headers()), binding)
            }
            spelling::KeyKind::AuthType if matches!(text.as_str(), "none" | "") => continue,
            spelling::KeyKind::Jwt if binding == Binding::Read => {
                (None, Credential::Login, Binding::OnService)
            }
            _ => (None, Credential::Login, binding),
        };
        requirements.push(Requirement { key: key.clone(), name, credential, binding, meant: None });
    }
    requirements
}

/// The names of the backends of an Ingress's rules.
pub(crate) fn rule_backends(ingress: &Ingress) -> impl Iterator<Item = &str> {
    ingress
        .spec
        .rules
        .iter()
        .filter_map(|rule| rule.http.as_ref())
        .flat_map(|http| &http.paths)
        .filter_map(|path| path.backend.service.as_ref())
        .map(|service| service.name.as_str())
}

/// What the author of a `conditions.*` annotation found.
pub(crate) struct ConditionsText {
    /// The elements, where Go can read the text.
    pub(crate) elements: Option<Vec<Element>>,
    mentions_header: bool,
}

/// One element of the list.
pub(crate) struct Element {
    pub(crate) condition: RuleCondition,
    pub(crate) keys: KeySpellings,
}

impl ConditionsText {
    pub(crate) fn of(text: &str) -> Self {
        let mut keys: GoSlice<KeySpellings> = GoSlice::default();
        let readable = json::unmarshal(text, &mut keys);
        let elements = conditions::read(text).ok().filter(|_| readable.is_ok()).map(|conditions| {
            conditions
                .into_iter()
                .zip(keys.iter())
                .map(|(condition, keys)| Element { condition, keys: keys.clone() })
                .collect()
        });
        Self { elements, mentions_header: mentions_header(text) }
    }

    pub(crate) fn is_about_a_header(&self) -> bool {
        match &self.elements {
            None => self.mentions_header,
            Some(elements) => elements.iter().any(Element::means_a_header),
        }
    }

    /// Whether one of its elements requires a token, or may be meant to: routing by a header does not.
    pub(crate) fn requires_token(&self) -> bool {
        match &self.elements {
            None => self.mentions_header,
            Some(elements) => elements.iter().any(Element::requires_token),
        }
    }

    /// Whether there is nothing in it: `[]`, `null`, `[{}]`, `[null]`.
    pub(crate) fn is_blank(&self) -> bool {
        self.elements
            .as_ref()
            .is_some_and(|elements| elements.iter().all(|element| element.keys.0.is_empty()))
    }

    /// The names of the headers that its elements name, in lowercase, whether or not they count.
    pub(crate) fn headers(&self) -> Vec<String> {
        let mut headers: Vec<String> = self
            .elements
            .iter()
            .flatten()
            .filter(|element| element.requires_token())
            .filter_map(Element::header)
            .map(|name| name.to_ascii_lowercase())
            .collect();
        headers.sort();
        headers.dedup();
        headers
    }
}

impl Element {
    /// Whether its author found a condition on a header that is not the host.
    pub(crate) fn means_a_header(&self) -> bool {
        self.condition.http_header.is_some()
            || mentions_header(&self.condition.field.0)
            || self.keys.0.iter().any(|(key, text)| {
                !names_field(key, "hostHeaderConfig")
                    && (mentions_header(key) || text.as_deref().is_some_and(mentions_header))
            })
    }

    /// Whether it requires a token, or may be meant to.
    pub(crate) fn requires_token(&self) -> bool {
        self.means_a_header()
            && match (self.header(), &self.condition.http_header) {
                (Some(header), Some(config)) => {
                    can_be_token(header, config.values.iter().chain(config.regex_values.iter()))
                }
                _ => true,
            }
    }

    /// Whether the controller reads it as a condition on a header.
    pub(crate) fn is_header_condition(&self) -> bool {
        self.condition.field.0 == "http-header"
    }

    /// Whether the controller reads it at all.
    pub(crate) fn counts(&self) -> bool {
        self.condition.counts()
    }

    /// The header it names.
    pub(crate) fn header(&self) -> Option<&str> {
        self.condition.header()
    }
}

/// Whether a text speaks of a header, in whatever spelling, and not of the host header alone.
fn mentions_header(text: &str) -> bool {
    let letters: String =
        text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    letters.replace("hostheader", "").contains("header")
}
