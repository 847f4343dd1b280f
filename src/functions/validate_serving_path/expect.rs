//! The requests of the configuration, each compared with its outcome.

use super::diags::WrongExpect;
use super::spec::Expect;
use crate::finding::Finding;
use crate::path::World;
use crate::path::check::Unexpected;
use crate::path::simulator::{Cause, Client, Facts, SentRequest, Simulator, Way};

/// Follows each request, and says which ends in another way than is expected.
pub(super) fn findings(expect: &[Expect], world: &World<'_>) -> Vec<Finding> {
    if expect.is_empty() {
        return Vec::new();
    }
    let simulator = Simulator::of(world, Facts::default());
    let one = |(place, expect): (usize, &Expect)| {
        let field = format!("spec.expect[{place}]");
        finding(expect, &simulator, &field)
    };
    expect.iter().enumerate().filter_map(one).collect()
}

fn finding(expect: &Expect, simulator: &Simulator<'_, '_>, field: &str) -> Option<Finding> {
    let mut request = match SentRequest::for_url(&expect.url) {
        Ok(request) => request,
        Err(why) => return Some(WrongExpect::Url(why).finding(field)),
    };
    let cause = expect.cause.as_deref();
    let is_known = |id: &str| Cause::ALL.iter().any(|cause| cause.as_str() == id);
    if let Some(id) = cause.filter(|id| !is_known(id)) {
        return Some(WrongExpect::UnknownCause(id).finding(field));
    }
    if expect.status.is_none() && cause.is_none() {
        return Some(WrongExpect::NothingExpected.finding(field));
    }
    if let Some(method) = &expect.method {
        request.method.clone_from(method);
    }
    request
        .headers
        .extend(expect.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
    request.logged_in = expect.logged_in;
    request.valid_jwt = expect.valid_jwt;
    if let Some(pod) = &expect.pod {
        request.client = Client::Pod {
            namespace: pod.namespace.clone(),
            service_account: pod.service_account.clone().unwrap_or_else(|| "default".to_owned()),
            in_mesh: !pod.plaintext,
        };
    }
    let trace = simulator.trace(&request);
    let is_as_expected = |way: &Way| {
        expect.status.is_none_or(|status| way.status == Some(status))
            && cause.is_none_or(|id| way.cause.as_str() == id)
    };
    if trace.outcome.ways().iter().all(is_as_expected) {
        return None;
    }
    let status = expect.status.map(|status| status.to_string());
    let expected: Vec<String> = status.into_iter().chain(cause.map(str::to_owned)).collect();
    let (expected, outcome) = (expected.join(" "), trace.outcome.to_string());
    let unexpected = Unexpected { request: &trace.request, expected: &expected, outcome: &outcome };
    Some(Finding::from(unexpected).field(field))
}
