//! One match of a route, ready to be evaluated.

use serde_json::{Map, Value};

use super::text_match::{StringMatch, TextMatch};
use super::virtual_service::RouteMatch;
use crate::controllers::istio::answer::{Answer, Doubt};
use crate::controllers::istio::facts::{Facts, header_values};

/// What istiod tells Envoy of a match (`TranslateRouteMatch`, `core/route/route.go`).
#[derive(Debug, Clone, Default)]
pub(super) struct ReadyMatch {
    uri: Option<TextMatch>,
    ignore_uri_case: bool,
    headers: Vec<HeaderMatch>,
    claims: bool,
    query: Vec<(String, TextMatch)>,
    delegate: Option<String>,
}

#[derive(Debug, Clone)]
struct HeaderMatch {
    name: String,
    value: TextMatch,
    inverted: bool,
}

impl ReadyMatch {
    pub(super) fn everything(delegate: Option<&Map<String, Value>>) -> Self {
        let name = |delegate: &Map<String, Value>| {
            delegate.get("name").and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        Self { delegate: delegate.map(name), ..Self::default() }
    }

    pub(super) fn new(one: &RouteMatch, delegate: Option<&Map<String, Value>>) -> Self {
        let is_claim = |name: &str| name.to_ascii_lowercase().starts_with("@request.auth.claims");
        let header = |name: &str, value: &StringMatch, inverted| HeaderMatch {
            name: name.to_ascii_lowercase(),
            value: value.ready(),
            inverted,
        };
        let plain = one.headers.iter().map(|(name, value)| (name, value, false));
        let inverted = one.without_headers.iter().map(|(name, value)| (name, value, true));
        let named = plain.chain(inverted).filter(|(name, ..)| !is_claim(name));
        let pseudo =
            [(":method", &one.method), (":authority", &one.authority), (":scheme", &one.scheme)];
        let pseudo = pseudo
            .into_iter()
            .filter_map(|(name, value)| Some(header(name, value.as_ref()?, false)));
        Self {
            uri: one.uri.as_ref().map(StringMatch::ready),
            ignore_uri_case: one.ignore_uri_case,
            headers: named
                .map(|(name, value, inverted)| header(name, value, inverted))
                .chain(pseudo)
                .collect(),
            claims: one.headers.keys().chain(one.without_headers.keys()).any(|name| is_claim(name)),
            query: one.query_params.iter().map(|(name, one)| (name.clone(), one.ready())).collect(),
            ..Self::everything(delegate)
        }
    }

    /// Whether it takes everything, and so comes last in its host (`IsCatchAllRoute`).
    pub(super) fn is_catch_all(&self) -> bool {
        let any_path = match &self.uri {
            None | Some(TextMatch::Present) => true,
            Some(TextMatch::Prefix(prefix)) => prefix == "/",
            Some(TextMatch::Regex(regex)) => regex.as_str() == "^(?:.*)$",
            Some(TextMatch::Exact(_) | TextMatch::Unreadable(_)) => false,
        };
        any_path && self.headers.is_empty() && self.query.is_empty() && !self.claims
    }

    pub(super) fn answer(&self, facts: &Facts<'_>) -> Answer {
        let Some((_, path)) = facts.http else { return Answer::No };
        let uri = self.uri.iter().map(|uri| text_answer(uri, path.path(), self.ignore_uri_case));
        let headers = self.headers.iter().map(|header| header.answer(facts));
        let query = self.query.iter().map(|(name, value)| {
            parameter(path.with_query(), name)
                .map_or(Answer::No, |sent| text_answer(value, sent, false))
        });
        let claims = self.claims.then(|| Answer::doubt(Doubt::Token));
        let matches = Answer::all(uri.chain(headers).chain(query).chain(claims));
        match &self.delegate {
            Some(delegate) if matches != Answer::No => {
                Answer::doubt(Doubt::Delegate(delegate.clone()))
            }
            _ => matches,
        }
    }
}

impl HeaderMatch {
    fn answer(&self, facts: &Facts<'_>) -> Answer {
        let mut sent = match header_values(&self.name, facts) {
            Ok(sent) => sent,
            Err(doubt) => return Answer::doubt(doubt),
        };
        if let TextMatch::Present = &self.value {
            return (sent.is_empty() == self.inverted).into();
        }
        // `withoutHeaders` takes an absent header for an empty one.
        if sent.is_empty() && self.inverted {
            sent.push(String::new());
        }
        let matches = Answer::any(sent.iter().map(|one| text_answer(&self.value, one, false)));
        if self.inverted { !matches } else { matches }
    }
}

fn text_answer(pattern: &TextMatch, text: &str, ignore_case: bool) -> Answer {
    match pattern.matches(text, ignore_case) {
        Ok(matches) => matches.into(),
        Err(regex) => Answer::doubt(Doubt::Regex(regex.to_owned())),
    }
}

/// The first value of a parameter, as sent; empty without `=`.
fn parameter<'a>(target: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = target.split_once('?')?;
    let parameters = query.split('&').map(|one| one.split_once('=').unwrap_or((one, "")));
    parameters.filter(|(key, _)| *key == name).map(|(_, value)| value).next()
}
