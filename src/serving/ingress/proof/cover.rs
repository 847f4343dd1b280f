//! Which requests reach a rule: a request that does, as a witness, or the earlier rules that
//! take every one of them.

use crate::controllers::alb::model::{Condition, Listener, Patterns, Rule};
use crate::controllers::alb::pattern::Pattern;
use crate::controllers::alb::regex::Regex;
use crate::controllers::alb::request::{self, Request};

/// How many hosts and how many paths of a rule are tried.
const TRIED: usize = 6;

/// Whether a rule is ever reached.
pub(crate) enum Reached {
    /// By this request.
    By(Request),
    /// Never: earlier rules take everything.
    Never,
    /// Not shown either way.
    Unknown(Request),
}

/// Whether the rule at an index, or the default actions (`None`), take any request.
pub(crate) fn reached(listener: &Listener, index: Option<usize>) -> Reached {
    let own: &[Condition] = index.map_or(&[], |index| &listener.rules[index].conditions);
    let candidates = candidates(listener, own);
    for request in &candidates {
        let (taken, _) = request::take(listener, request);
        let is_own = match (taken, index) {
            (Some(rule), Some(index)) => std::ptr::eq(rule, &listener.rules[index]),
            (None, None) => true,
            _ => false,
        };
        if is_own {
            return Reached::By(request.clone());
        }
    }
    let earlier = &listener.rules[..index.unwrap_or(listener.rules.len())];
    if is_covered(own, || earlier.iter()) {
        return Reached::Never;
    }
    Reached::Unknown(candidates.into_iter().next().unwrap_or_default())
}

/// Requests that the conditions of a rule should let pass, one for each of its first hosts and
/// paths.
fn candidates(listener: &Listener, own: &[Condition]) -> Vec<Request> {
    let mut hosts = Vec::new();
    let mut paths = Vec::new();
    let mut request = Request { method: "GET".to_owned(), ..Request::default() };
    for condition in own {
        match condition {
            Condition::HostHeader(patterns) => {
                hosts = examples(patterns, Pattern::without_case, &["any", "a.b"]);
            }
            Condition::PathPattern(patterns) => {
                paths = examples(patterns, Pattern::with_case, &["x", "", "v1/models/m:predict"]);
            }
            Condition::HttpHeader { name, values, .. } => {
                let value = values.first().map_or_else(String::new, |value| {
                    Pattern::without_case(value.expose()).example("x")
                });
                request.headers.push((name.clone(), value));
            }
            Condition::Method(methods) => {
                request.method = methods.first().cloned().unwrap_or_default();
            }
            Condition::QueryString(pairs) => {
                if let Some((key, value)) = pairs.first() {
                    let key = key.as_deref().map_or_else(
                        || "q".to_owned(),
                        |key| Pattern::without_case(key).example("q"),
                    );
                    let value = Pattern::without_case(value.expose()).example("x");
                    request.query.push((key, value));
                }
            }
            Condition::SourceIp(ranges) => {
                request.source = ranges
                    .iter()
                    .filter_map(|range| range.split_once('/'))
                    .find_map(|(address, _)| address.parse().ok());
            }
        }
    }
    if hosts.is_empty() {
        hosts = vec!["any.example.com".to_owned(), "any".to_owned()];
        // A host that only later rules speak of shows best what an open rule opens.
        hosts.extend(hosts_of(listener).take(TRIED - 2));
    }
    if paths.is_empty() {
        paths = ["/", "/x", "/v1/models/m:predict"].map(str::to_owned).to_vec();
    }
    let mut requests = Vec::new();
    for host in hosts.iter().take(TRIED) {
        for path in paths.iter().take(TRIED) {
            requests.push(Request { host: host.clone(), path: path.clone(), ..request.clone() });
        }
    }
    requests
}

fn hosts_of(listener: &Listener) -> impl Iterator<Item = String> {
    listener.rules.iter().flat_map(|rule| &rule.conditions).filter_map(
        |condition| match condition {
            Condition::HostHeader(patterns) => {
                patterns.values().first().map(|value| Pattern::without_case(value).example("any"))
            }
            _ => None,
        },
    )
}

fn examples(patterns: &Patterns, read: impl Fn(&str) -> Pattern, fillers: &[&str]) -> Vec<String> {
    if let Patterns::Regex(expressions) = patterns {
        // No text is derived from an expression: a few likely ones are tried.
        let likely = ["any.example.com", "/", "/v1/models/m:predict", "/x", "/v1/", "/v2/"];
        return expressions
            .iter()
            .filter_map(|expression| Regex::read(expression))
            .flat_map(|regex| likely.into_iter().filter(move |text| regex.matches(text)))
            .map(str::to_owned)
            .collect();
    }
    patterns
        .values()
        .iter()
        .take(TRIED)
        .map(|value| read(value))
        .flat_map(|pattern| {
            let fillers = if pattern.has_wildcard() { fillers } else { &fillers[..1] };
            fillers.iter().map(|filler| pattern.example(filler)).collect::<Vec<_>>()
        })
        .collect()
}

/// Whether every pair of a host and a path that a rule takes is taken by one of the earlier
/// rules. `false` does not prove the opposite.
pub(crate) fn is_covered<'r, R: Iterator<Item = &'r Rule>>(
    own: &[Condition],
    earlier: impl Fn() -> R,
) -> bool {
    const MOST_PAIRS: usize = 256;
    let mut hosts: Vec<Part<'_>> = vec![Part::Any];
    let mut paths: Vec<Part<'_>> = vec![Part::Any];
    for condition in own {
        match condition {
            Condition::HostHeader(patterns) => hosts = Part::of(patterns),
            Condition::PathPattern(patterns) => paths = Part::of(patterns),
            _ => {}
        }
    }
    if hosts.len() * paths.len() > MOST_PAIRS {
        return false;
    }
    hosts.iter().all(|host| {
        paths.iter().all(|path| earlier().any(|rule| takes_all(rule, own, *host, *path)))
    })
}

/// One alternative of a host or path condition.
#[derive(Clone, Copy)]
enum Part<'a> {
    Any,
    Value(&'a str),
    Regex(&'a [String]),
}

impl<'a> Part<'a> {
    fn of(patterns: &'a Patterns) -> Vec<Self> {
        match patterns {
            Patterns::Values(values) => values.iter().map(|value| Self::Value(value)).collect(),
            Patterns::Regex(values) => vec![Self::Regex(values)],
        }
    }
}

fn takes_all(rule: &Rule, own: &[Condition], host: Part<'_>, path: Part<'_>) -> bool {
    rule.conditions.iter().all(|condition| match condition {
        Condition::HostHeader(patterns) => covers(patterns, host, "*", Pattern::without_case),
        Condition::PathPattern(patterns) => covers(patterns, path, "/*", Pattern::with_case),
        other => own.iter().any(|own| is_within(own, other)),
    })
}

fn covers(
    wide: &Patterns,
    narrow: Part<'_>,
    everything: &str,
    read: impl Fn(&str) -> Pattern,
) -> bool {
    match (wide, narrow) {
        (Patterns::Values(values), Part::Value(value)) => {
            let narrow = read(value);
            values.iter().any(|wide| read(wide).covers(&narrow))
        }
        (Patterns::Values(values), Part::Any | Part::Regex(_)) => {
            let all = read(everything);
            values.iter().any(|wide| read(wide).covers(&all))
        }
        (Patterns::Regex(expressions), narrow) => {
            let takes_everything = expressions
                .iter()
                .any(|text| matches!(text.as_str(), "" | ".*" | "^.*$" | "^" | "$"));
            let same = matches!(narrow, Part::Regex(own) if own == expressions.as_slice());
            takes_everything || same
        }
    }
}

/// Whether a condition lets nothing pass that another does not: the same one, with fewer values.
fn is_within(narrow: &Condition, wide: &Condition) -> bool {
    match (narrow, wide) {
        (
            Condition::HttpHeader { name, values, regex },
            Condition::HttpHeader { name: other, values: wide, regex: wide_regex },
        ) => {
            name.eq_ignore_ascii_case(other)
                && values.iter().all(|value| wide.contains(value))
                && regex.iter().all(|value| wide_regex.contains(value))
        }
        (Condition::Method(values), Condition::Method(wide))
        | (Condition::SourceIp(values), Condition::SourceIp(wide)) => {
            values.iter().all(|value| wide.contains(value))
        }
        (Condition::QueryString(values), Condition::QueryString(wide)) => {
            values.iter().all(|value| wide.contains(value))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_covers_itself_and_everything_covers_all() {
        let list = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        let (some, other, all) = (list(&["^a$"]), list(&["^b$"]), list(&["^b$", ".*"]));
        let takes = |wide: &[String], narrow: Part<'_>| {
            covers(&Patterns::Regex(wide.to_vec()), narrow, "*", Pattern::without_case)
        };
        assert!(takes(&some, Part::Regex(&some)));
        assert!(!takes(&some, Part::Regex(&other)));
        assert!(!takes(&some, Part::Value("a")));
        assert!(!takes(&some, Part::Any));
        assert!(takes(&all, Part::Any));
        assert!(takes(&all, Part::Regex(&some)));
        let values = Patterns::Values(list(&["*.example.com"]));
        let of = |narrow: Part<'_>| covers(&values, narrow, "*", Pattern::without_case);
        assert!(of(Part::Value("A.example.com")));
        assert!(!of(Part::Value("example.com")));
        assert!(!of(Part::Any));
    }
}
