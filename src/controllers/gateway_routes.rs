//! Which rule of the Gateway API's routes takes a request.
//!
//! Source: the precedence in `apis/v1/httproute_types.go` and `apis/v1/grpcroute_types.go` of
//! kubernetes-sigs/gateway-api; `getURIRank` in `pilot/pkg/config/kube/gateway/conversion.go` of
//! istio/istio; `pkg/gateway/routeutils/route_rule_condition.go` of the AWS Load Balancer Controller, where a
//! comma in a header's value means "or" and `*` passes through as a wildcard.

use std::cmp::Reverse;

use regex_lite::Regex;

use super::alb::pattern::Pattern;
use super::gateway_api::{HeaderMatch, RouteMatch, RouteRule};

/// What the AWS Load Balancer Controller takes of the filters of a rule.
const ALB_FILTERS: [&str; 3] = ["RequestRedirect", "ExtensionRef", "URLRewrite"];

/// A route with what its rules and hosts are.
pub(crate) struct Candidate {
    /// `HTTPRoute` or `GRPCRoute`.
    pub kind: String,
    /// Its hosts; every host where empty.
    pub hostnames: Vec<String>,
    /// Its rules.
    pub rules: Vec<RouteRule>,
}

/// What of a request is matched.
pub(crate) struct Matched<'a> {
    pub host: &'a str,
    pub path: &'a str,
    pub method: &'a str,
    /// `None` where whatever headers a rule demands are there.
    pub headers: Option<&'a [(String, String)]>,
}

/// Who reads the routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Its gateways never look at a less specific host again.
    Istio,
    /// The rules of a load balancer, one behind the other.
    Alb,
}

impl Reader {
    /// The filter for which a rule is left out, where there is one.
    pub(crate) fn unsupported_filter(self, rule: &RouteRule) -> Option<&str> {
        if self == Self::Istio {
            return None;
        }
        let mut kinds = rule.filters.iter().map(|filter| filter.kind.as_str());
        kinds.find(|kind| !ALB_FILTERS.contains(kind))
    }
}

/// The rule that takes a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// By the places of route, rule and match; a rule without a match takes everything.
    Rule { route: usize, rule: usize, matched: Option<usize> },
    /// None but a rule that is left out for one of its filters.
    LeftOut { route: usize, rule: usize },
    /// No rule.
    Nothing,
    /// An expression that cannot be read here.
    Unreadable(String),
}

/// The rule of the most specific host and match.
pub(crate) fn choose(candidates: &[&Candidate], request: &Matched<'_>, reader: Reader) -> Chosen {
    let of_host = candidates.iter().enumerate().filter_map(|(place, candidate)| {
        Some((host_rank(&candidate.hostnames, request.host)?, place, *candidate))
    });
    let of_host: Vec<(usize, usize, &Candidate)> = of_host.collect();
    let nearest = of_host.iter().map(|(rank, ..)| *rank).max().unwrap_or(0);
    let (mut found, mut left_out) = (Vec::new(), Vec::new());
    for (host, route, candidate) in of_host {
        if reader == Reader::Istio && host < nearest {
            continue;
        }
        for (rule, one) in candidate.rules.iter().enumerate() {
            let found = match reader.unsupported_filter(one) {
                Some(_) => &mut left_out,
                None => &mut found,
            };
            if one.matches.is_empty() {
                found.push(((host, Rank::default()), Reverse((route, rule, None))));
            }
            for (place, one) in one.matches.iter().enumerate() {
                match rank(one, &candidate.kind, request, reader) {
                    Ok(Some(rank)) => {
                        found.push(((host, rank), Reverse((route, rule, Some(place)))));
                    }
                    Ok(None) => {}
                    Err(regex) => return Chosen::Unreadable(regex),
                }
            }
        }
    }
    if let Some((_, Reverse((route, rule, matched)))) = found.into_iter().max() {
        return Chosen::Rule { route, rule, matched };
    }
    let left_out = left_out.into_iter().max();
    left_out
        .map_or(Chosen::Nothing, |(_, Reverse((route, rule, _)))| Chosen::LeftOut { route, rule })
}

/// How specific the host of a route is that takes a host; `None` where none does.
pub(crate) fn host_rank(hostnames: &[String], host: &str) -> Option<usize> {
    if hostnames.is_empty() {
        return Some(0);
    }
    let ranks = hostnames.iter().filter_map(|own| match own.strip_prefix('*') {
        _ if own.eq_ignore_ascii_case(host) => Some(usize::MAX),
        Some(suffix) => {
            let host = host.to_ascii_lowercase();
            let is_below =
                host.len() > suffix.len() && host.ends_with(&suffix.to_ascii_lowercase());
            is_below.then_some(suffix.len())
        }
        None => None,
    });
    ranks.max()
}

/// Exact paths first, then prefixes, then expressions, each by their length; then a method, then headers.
type Rank = (u8, usize, bool, usize);

fn rank(
    one: &RouteMatch,
    kind: &str,
    request: &Matched<'_>,
    reader: Reader,
) -> Result<Option<Rank>, String> {
    let (path, length) = if kind == "GRPCRoute" {
        let Some(found) = grpc_rank(one, request) else { return Ok(None) };
        found
    } else {
        if one
            .method
            .as_ref()
            .and_then(|method| method.as_str())
            .is_some_and(|own| own != request.method)
        {
            return Ok(None);
        }
        let Some(found) = path_rank(one, request.path)? else { return Ok(None) };
        found
    };
    for header in &one.headers {
        let Some(headers) = request.headers else { break };
        if !has_header(header, headers, reader)? {
            return Ok(None);
        }
    }
    Ok(Some((path, length, one.method.is_some(), one.headers.len())))
}

fn path_rank(one: &RouteMatch, path: &str) -> Result<Option<(u8, usize)>, String> {
    let own = one.path.as_ref();
    let value = own.and_then(|own| own.value.as_deref()).unwrap_or("/");
    match own.and_then(|own| own.kind.as_deref()).unwrap_or("PathPrefix") {
        "Exact" => Ok((path == value).then_some((3, value.len()))),
        "RegularExpression" => {
            let regex = Regex::new(&format!("^(?:{value})$")).map_err(|_| value.to_owned())?;
            Ok(regex.is_match(path).then_some((1, value.len())))
        }
        // By whole elements of the path.
        _ => {
            let prefix = value.trim_end_matches('/');
            let rest = path.strip_prefix(prefix);
            let is_below = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            Ok(is_below.then_some((2, value.len())))
        }
    }
}

/// `service` and `method` of a call are the two elements of its path.
fn grpc_rank(one: &RouteMatch, request: &Matched<'_>) -> Option<(u8, usize)> {
    let text = |key: &str| one.method.as_ref()?.get(key)?.as_str().filter(|text| !text.is_empty());
    let (service, method) = request.path.strip_prefix('/')?.split_once('/')?;
    let is_own = |own: Option<&str>, found: &str| own.is_none_or(|own| own == found);
    if request.method != "POST"
        || !is_own(text("service"), service)
        || !is_own(text("method"), method)
    {
        return None;
    }
    let length = |key: &str| text(key).map_or(0, str::len);
    Some((if text("method").is_some() { 3 } else { 2 }, length("service") + length("method")))
}

fn has_header(
    own: &HeaderMatch,
    headers: &[(String, String)],
    reader: Reader,
) -> Result<bool, String> {
    let mut values = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(&own.name));
    let is_regex = own.kind.as_deref() == Some("RegularExpression");
    match reader {
        // The header's values may be secrets: only its name is reported.
        _ if is_regex => {
            let regex =
                Regex::new(&format!("^(?:{})$", own.value)).map_err(|_| own.name.clone())?;
            Ok(values.any(|(_, value)| regex.is_match(value)))
        }
        Reader::Istio => Ok(values.any(|(_, value)| *value == own.value)),
        Reader::Alb => Ok(values.any(|(_, value)| {
            let mut patterns = own.value.split(',').map(Pattern::without_case);
            patterns.any(|pattern| pattern.matches(&value.to_ascii_lowercase()))
        })),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn candidate(kind: &str, hostnames: &[&str], rules: serde_json::Value) -> Candidate {
        Candidate {
            kind: kind.to_owned(),
            hostnames: hostnames.iter().map(|host| (*host).to_owned()).collect(),
            rules: serde_json::from_value(rules).unwrap(),
        }
    }

    fn taken(all: &[Candidate], host: &str, path: &str, token: &str, reader: Reader) -> Chosen {
        let headers = [("X-Api-Key".to_owned(), token.to_owned())];
        let headers = Some(&headers[..]);
        let all: Vec<&Candidate> = all.iter().collect();
        choose(&all, &Matched { host, path, method: "POST", headers }, reader)
    }

    fn rule(route: usize, rule: usize, matched: Option<usize>) -> Chosen {
        Chosen::Rule { route, rule, matched }
    }

    #[test]
    fn the_most_specific_host_and_path() {
        let all = [
            candidate("HTTPRoute", &[], json!([{}])),
            candidate(
                "HTTPRoute",
                &["*.example.com"],
                json!([
                    { "matches": [{ "path": { "value": "/v1" } }] },
                    { "matches": [{ "path": { "value": "/v1/models" } }] },
                    { "matches": [{ "path": { "type": "Exact", "value": "/v1/models" } }] },
                    { "matches": [{ "path": { "type": "RegularExpression", "value": "/v2/.*" } }] },
                ]),
            ),
            candidate(
                "GRPCRoute",
                &["a.example.com"],
                json!([
                    { "matches": [{ "method": { "service": "inference.S" } }] },
                    { "matches": [{ "method": { "service": "inference.S", "method": "Infer" } }] },
                ]),
            ),
        ];
        for (host, path, of_istio, of_alb) in [
            ("b.example.com", "/v1/x", rule(1, 0, Some(0)), rule(1, 0, Some(0))),
            ("b.example.com", "/v1/models", rule(1, 2, Some(0)), rule(1, 2, Some(0))),
            ("b.example.com", "/v1/models/a", rule(1, 1, Some(0)), rule(1, 1, Some(0))),
            ("b.example.com", "/v1x", Chosen::Nothing, rule(0, 0, None)),
            ("b.example.com", "/v2/a", rule(1, 3, Some(0)), rule(1, 3, Some(0))),
            ("a.example.com", "/inference.S/Infer", rule(2, 1, Some(0)), rule(2, 1, Some(0))),
            ("A.example.com", "/inference.S/Other", rule(2, 0, Some(0)), rule(2, 0, Some(0))),
            ("a.example.com", "/v1/x", Chosen::Nothing, rule(1, 0, Some(0))),
            ("example.com", "/", rule(0, 0, None), rule(0, 0, None)),
        ] {
            assert_eq!(taken(&all, host, path, "a", Reader::Istio), of_istio, "{host}{path}");
            assert_eq!(taken(&all, host, path, "a", Reader::Alb), of_alb, "{host}{path}");
        }
    }

    #[test]
    fn a_header_is_read_by_each_in_its_own_way() {
        let header = |kind: &str, value: &str| {
            let header = json!({ "type": kind, "name": "x-api-key", "value": value });
            [candidate("HTTPRoute", &[], json!([{ "matches": [{ "headers": [header] }] }]))]
        };
        let is_taken = |all: &[Candidate], token: &str, reader: Reader| {
            taken(all, "a", "/", token, reader) == rule(0, 0, Some(0))
        };
        for (value, token, of_istio, of_alb) in [
            ("one", "one", true, true),
            ("one", "ONE", false, true),
            ("one,two", "two", false, true),
            ("*", "any", false, true),
            ("one", "wrong", false, false),
        ] {
            let all = header("Exact", value);
            assert_eq!(is_taken(&all, token, Reader::Istio), of_istio, "{value} {token}");
            assert_eq!(is_taken(&all, token, Reader::Alb), of_alb, "{value} {token}");
        }
        assert!(is_taken(&header("RegularExpression", "o.e"), "one", Reader::Istio));
        let unreadable = taken(&header("RegularExpression", "("), "a", "/", "one", Reader::Istio);
        assert_eq!(unreadable, Chosen::Unreadable("x-api-key".to_owned()));
    }
}
