//! What a listener does with one request: its rules in order, as AWS documents conditions.

use std::net::IpAddr;

use super::pattern::Pattern;
use super::regex::Regex;
use crate::controllers::alb::controller::conditions::HeaderValue;
use crate::controllers::alb::controller::model::{Action, Condition, Listener, Patterns, Rule};

/// A request.
#[derive(Clone, Default)]
pub struct Request {
    /// The host.
    pub host: String,
    /// The path, without the query.
    pub path: String,
    /// The method.
    pub method: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The query parameters.
    pub query: Vec<(String, String)>,
    /// The client's address; a condition on an unknown address does not hold.
    pub source: Option<IpAddr>,
}

/// The rule that takes a request, or `None` for the default actions, and the actions.
#[must_use]
pub fn take<'a>(listener: &'a Listener, request: &Request) -> (Option<&'a Rule>, &'a [Action]) {
    listener
        .rules
        .iter()
        .find(|rule| rule.conditions.iter().all(|condition| holds(condition, request)))
        .map_or((None, &listener.default_actions), |rule| (Some(rule), &rule.actions))
}

/// Whether a condition holds for a request. A regular expression that cannot be read never holds.
#[must_use]
pub(crate) fn holds(condition: &Condition, request: &Request) -> bool {
    match condition {
        Condition::HttpHeader { name, values, regex } => {
            request.headers.iter().filter(|(given, _)| given.eq_ignore_ascii_case(name)).any(
                |(_, text)| {
                    let lower = text.to_ascii_lowercase();
                    values.iter().any(|value| Pattern::without_case(value.expose()).matches(&lower))
                        || regex.iter().any(|value| regex_matches(value.expose(), text))
                },
            )
        }
        Condition::HostHeader(patterns) => {
            let host = request.host.to_ascii_lowercase();
            any_of(patterns, &host, Pattern::without_case)
        }
        Condition::PathPattern(patterns) => any_of(patterns, &request.path, Pattern::with_case),
        Condition::Method(methods) => methods.contains(&request.method),
        Condition::QueryString(pairs) => pairs.iter().any(|(key, value)| {
            request.query.iter().any(|(given, text)| {
                key.as_ref().is_none_or(|key| fits(key, given)) && value_fits(value, text)
            })
        }),
        Condition::SourceIp(ranges) => {
            request.source.is_some_and(|source| ranges.iter().any(|range| contains(range, source)))
        }
    }
}

fn any_of(patterns: &Patterns, text: &str, read: impl Fn(&str) -> Pattern) -> bool {
    patterns.values().iter().any(|value| read(value).matches(text))
        || patterns.regex().iter().any(|value| regex_matches(value, text))
}

fn regex_matches(expression: &str, text: &str) -> bool {
    Regex::read(expression).is_some_and(|regex| regex.matches(text))
}

fn fits(pattern: &str, text: &str) -> bool {
    Pattern::without_case(pattern).matches(&text.to_ascii_lowercase())
}

fn value_fits(pattern: &HeaderValue, text: &str) -> bool {
    fits(pattern.expose(), text)
}

/// Whether a range in CIDR notation contains an address.
pub(crate) fn contains(range: &str, address: IpAddr) -> bool {
    let Some((base, length)) = range.split_once('/') else { return false };
    let (Ok(base), Ok(length)) = (base.parse::<IpAddr>(), length.parse::<u32>()) else {
        return false;
    };
    match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) if length <= 32 => {
            let shift = 32 - length;
            u32::from(base).checked_shr(shift).unwrap_or_default()
                == u32::from(address).checked_shr(shift).unwrap_or_default()
        }
        (IpAddr::V6(base), IpAddr::V6(address)) if length <= 128 => {
            let shift = 128 - length;
            u128::from(base).checked_shr(shift).unwrap_or_default()
                == u128::from(address).checked_shr(shift).unwrap_or_default()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_contain_addresses() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(contains("0.0.0.0/0", address("203.0.113.9")));
        assert!(contains("10.0.0.0/8", address("10.1.2.3")));
        assert!(!contains("10.0.0.0/8", address("11.1.2.3")));
        assert!(contains("::/0", address("2001:db8::1")));
        assert!(!contains("0.0.0.0/0", address("2001:db8::1")));
        assert!(!contains("everywhere", address("10.1.2.3")));
    }

    #[test]
    fn a_header_condition_needs_the_header() {
        let condition = Condition::HttpHeader {
            name: "x-api-key".to_owned(),
            values: vec![HeaderValue::from("Token1")],
            regex: Vec::new(),
        };
        let mut request = Request::default();
        assert!(!holds(&condition, &request));
        request.headers.push(("X-API-Key".to_owned(), "tOKEN1".to_owned()));
        assert!(holds(&condition, &request));
    }
}
