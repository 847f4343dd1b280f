//! What a route makes of a request before it goes on.
//!
//! Source: `applyHTTPRouteDestination` and `processDestination` in `pilot/pkg/networking/core/route/route.go` of
//! istio/istio 1.31; `PrefixRewrite` and `HeaderParser::evaluateHeaders` of Envoy 1.40.

use regex_lite::Regex;

use crate::controllers::istio::{
    HeaderOperations, HttpRoute, Rewrite, RouteMatch, RouteName, WeightedDestination,
};
use crate::path::simulator::outcome::{Cause, Place};
use crate::path::simulator::walk::Walk;

/// Rewrites host, path and headers for a destination of a route.
pub(super) fn follow(
    walk: &mut Walk<'_, '_, '_>,
    route: &HttpRoute,
    to: &WeightedDestination,
    name: &RouteName,
) {
    if let Some(rewrite) = &route.rewrite {
        let matched = name.match_index.and_then(|index| route.matches.get(index));
        path(walk, rewrite, matched);
    }
    let operations = || [&route.headers, &to.headers].into_iter().flatten().map(|one| &one.request);
    let of_rewrite = route.rewrite.as_ref().map(|one| &one.authority);
    let authority = of_rewrite.filter(|host| !host.is_empty()).cloned();
    if let Some(host) = authority.or_else(|| operations().find_map(host_of)) {
        walk.request.host = host;
    }
    for one in operations() {
        headers(walk, one);
    }
}

/// The authority that operations on headers set.
fn host_of(operations: &HeaderOperations) -> Option<String> {
    let mut set = operations.set.iter().chain(&operations.add);
    set.find(|(name, _)| is_authority(name)).map(|(_, value)| value.clone())
}

fn is_authority(name: &str) -> bool {
    name.eq_ignore_ascii_case("host") || name == ":authority"
}

/// What matched is replaced: a prefix, or the whole path; without a match on the path its first slash.
fn path(walk: &mut Walk<'_, '_, '_>, rewrite: &Rewrite, matched: Option<&RouteMatch>) {
    let (path, query) = match walk.request.target.split_once('?') {
        Some((path, query)) => (path.to_owned(), format!("?{query}")),
        None => (walk.request.target.clone(), String::new()),
    };
    let uri = matched.and_then(|one| one.uri.as_ref());
    let new = if let Some(regex) = &rewrite.uri_regex_rewrite {
        let Ok(pattern) = Regex::new(&regex.pattern) else {
            let text = format!("the expression {:?} of a rewrite cannot be read", regex.pattern);
            walk.doubts(Place::Route, None, text, 404, Cause::ModelPathUnknown);
            return;
        };
        pattern.replace_all(&path, substitution(&regex.rewrite)).into_owned()
    } else if rewrite.uri.is_empty() {
        return;
    } else {
        let length = match uri {
            None => 1,
            Some(uri) => uri.prefix.as_ref().map_or(path.len(), String::len),
        };
        format!("{}{}", rewrite.uri, path.get(length..).unwrap_or_default())
    };
    walk.request.target = format!("{new}{query}");
}

/// A substitution of RE2 as the crate writes it: `\1` is the first group.
fn substitution(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, rest.peek()) {
            ('\\', Some(digit)) if digit.is_ascii_digit() => {
                out.push_str(&format!("${{{digit}}}"));
                rest.next();
            }
            ('\\', Some('\\')) => {
                out.push('\\');
                rest.next();
            }
            ('$', _) => out.push_str("$$"),
            (c, _) => out.push(c),
        }
    }
    out
}

/// Headers are removed first, then overwritten, then added.
fn headers(walk: &mut Walk<'_, '_, '_>, operations: &HeaderOperations) {
    let headers = &mut walk.request.headers;
    headers.retain(|(own, _)| !operations.remove.iter().any(|name| own.eq_ignore_ascii_case(name)));
    for (name, value) in operations.set.iter().filter(|(name, _)| !is_authority(name)) {
        headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        headers.push((name.clone(), value.clone()));
    }
    let added = operations.add.iter().filter(|(name, _)| !is_authority(name));
    headers.extend(added.map(|(name, value)| (name.clone(), value.clone())));
}
