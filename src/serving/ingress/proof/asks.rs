//! Who asks for a token or a login: parameters, and every annotation that means to, whether or
//! not the controller listens to it.

use std::collections::BTreeSet;

use super::spelling;
use crate::controllers::alb::annotations;
use crate::controllers::alb::conditions::{self, RuleCondition};
use crate::controllers::alb::objects::{Ingress, Service};
use crate::go::json::{self, GoSlice, KeySpellings, names_field};

/// What parameters ask of one Ingress.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// The Ingress, as `namespace/name` (see [`Ingress::key`]).
    pub ingress: String,
    /// The header that must carry a token.
    pub token_header: Option<String>,
    /// Whether a login is asked for.
    pub login: bool,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Want {
    /// A token in one of these headers (in lower case); none where no name can be read.
    Token(Vec<String>),
    /// A login, or a JSON Web Token.
    Login,
}

/// How an annotation that asks reaches the controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The controller reads it.
    Read,
    /// It is `conditions.<name>` with a name that is no backend of the Ingress's rules.
    Unbound,
    /// It stands on a Service, where the controller doesn't look for it.
    OnService,
    /// Its key is misspelt.
    Misspelt,
}

/// One annotation that asks.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    /// The annotation's full key.
    pub(crate) key: String,
    /// What `conditions.<name>` names.
    pub(crate) name: Option<String>,
    pub(crate) want: Want,
    pub(crate) reach: Reach,
}

/// The annotations of an Ingress that ask.
pub(crate) fn of_ingress(ingress: &Ingress) -> Vec<Ask> {
    let backends: BTreeSet<&str> = rule_backends(ingress).collect();
    let mut asks = Vec::new();
    for (key, text) in &ingress.metadata.annotations {
        let Some(meant) = spelling::asking(key) else { continue };
        let misspelt = meant.misspelt;
        match meant.what {
            spelling::Asking::Conditions(name) => {
                let bound = backends.contains(name) && !misspelt;
                let reach = match (misspelt, bound) {
                    (true, _) => Reach::Misspelt,
                    (false, true) => Reach::Read,
                    (false, false) => Reach::Unbound,
                };
                let meaning = Meaning::of(text);
                // A list that says nothing, or that can't be read, was written for some reason.
                let asks_something = meaning.asks_for_a_header()
                    || misspelt
                    || meaning.is_blank()
                    || meaning.elements.is_none();
                if asks_something {
                    let name = Some(name.to_owned());
                    asks.push(Ask {
                        key: key.clone(),
                        name,
                        want: Want::Token(meaning.headers()),
                        reach,
                    });
                }
            }
            spelling::Asking::AuthType if matches!(text.as_str(), "none" | "") => {}
            _ => {
                let reach = if misspelt { Reach::Misspelt } else { Reach::Read };
                asks.push(Ask { key: key.clone(), name: None, want: Want::Login, reach });
            }
        }
    }
    asks
}

/// The annotations of a Service that ask.
pub(crate) fn of_service(service: &Service) -> Vec<Ask> {
    let mut asks = Vec::new();
    for (key, text) in &service.metadata.annotations {
        let Some(meant) = spelling::asking(key) else { continue };
        // A Service is seldom written for this controller alone: only its own prefix counts.
        if !key.starts_with(annotations::PREFIX) {
            continue;
        }
        let reach = if meant.misspelt { Reach::Misspelt } else { Reach::Read };
        let (name, want, reach) = match meant.what {
            spelling::Asking::Conditions(name) => {
                let meaning = Meaning::of(text);
                let reach = if meant.misspelt { Reach::Misspelt } else { Reach::OnService };
                (Some(name.to_owned()), Want::Token(meaning.headers()), reach)
            }
            spelling::Asking::AuthType if matches!(text.as_str(), "none" | "") => continue,
            spelling::Asking::Jwt if reach == Reach::Read => (None, Want::Login, Reach::OnService),
            _ => (None, Want::Login, reach),
        };
        asks.push(Ask { key: key.clone(), name, want, reach });
    }
    asks
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

/// What the author of a `conditions.*` annotation meant.
pub(crate) struct Meaning {
    /// The elements, where Go can read the text.
    pub(crate) elements: Option<Vec<Element>>,
    mentions_header: bool,
}

/// One element of the list.
pub(crate) struct Element {
    pub(crate) condition: RuleCondition,
    pub(crate) keys: KeySpellings,
}

impl Meaning {
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

    pub(crate) fn asks_for_a_header(&self) -> bool {
        match &self.elements {
            None => self.mentions_header,
            Some(elements) => elements.iter().any(Element::means_a_header),
        }
    }

    /// Whether there is nothing in it: `[]`, `null`, `[{}]`, `[null]`.
    pub(crate) fn is_blank(&self) -> bool {
        self.elements
            .as_ref()
            .is_some_and(|elements| elements.iter().all(|element| element.keys.0.is_empty()))
    }

    /// The names of the headers that its elements name, in lower case, whether or not they count.
    pub(crate) fn headers(&self) -> Vec<String> {
        let mut headers: Vec<String> = self
            .elements
            .iter()
            .flatten()
            .filter_map(Element::header)
            .map(|name| name.to_ascii_lowercase())
            .collect();
        headers.sort();
        headers.dedup();
        headers
    }
}

impl Element {
    /// Whether its author meant a condition on a header that is not the host.
    pub(crate) fn means_a_header(&self) -> bool {
        self.condition.http_header.is_some()
            || mentions_header(&self.condition.field.0)
            || self.keys.0.iter().any(|(key, text)| {
                mentions_header(key)
                    || (!names_field(key, "hostHeaderConfig")
                        && text.as_deref().is_some_and(mentions_header))
            })
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
