//! The tokens that a proxy verifies before its policies: RequestAuthentications.

use crate::controllers::istio::{
    Authenticated, Doubt, Jwt, PoliciesInForce, Request, TokenRefusal, TokenRules, Verdict,
    Workload,
};
use crate::path::simulator::bearer::Bearer;
use crate::path::simulator::outcome::{Cause, Place};
use crate::path::simulator::walk::{End, Step, Walk};
use crate::values::k8s::ResourceRef;

/// Where a proxy verifies tokens.
#[derive(Clone, Copy)]
pub(super) struct At {
    place: Place,
    cause: Cause,
}

impl At {
    pub(super) const GATEWAY: Self =
        Self { place: Place::Gateway, cause: Cause::GatewayTokenRefused };
    pub(super) const WORKLOAD: Self =
        Self { place: Place::Workload, cause: Cause::WorkloadTokenRefused };
}

/// Verifies the request's token as a workload's proxy does, and gives what its policies see of it. A token
/// that is not forwarded is gone from here on, and claims are in the headers that they are copied to.
pub(super) fn authenticate(walk: &mut Walk<'_, '_, '_>, workload: &Workload, at: At) -> Step<Jwt> {
    let mesh = &walk.simulator.mesh;
    let objects = mesh.request_authentications_near(&workload.namespace);
    if objects.is_empty() || walk.request.is_preflight() {
        return Ok(Jwt::Absent);
    }
    let rules = TokenRules::for_workload(&mesh.mesh, workload, objects);
    if !rules.reads_bearer() {
        return Ok(Jwt::Absent);
    }
    match walk.request.bearer(walk.issuer.as_ref()) {
        Bearer::Absent => Ok(Jwt::Absent),
        Bearer::Malformed => {
            let text = "the bearer token is not a JSON Web Token";
            let (by, field) = (by(&rules), field());
            Err(walk.ends(at.place, by, field, text, 401, at.cause))
        }
        Bearer::Known(token) => match rules.authenticate(Some(&token)) {
            Ok(found) => Ok(taken(walk, found)),
            Err(refusal) => Err(refused(walk, &rules, refusal, at)),
        },
        Bearer::Claimed(token) => match rules.authenticate(Some(&token)) {
            Ok(found) => {
                let text = "whether the token is valid is not known; --valid-jwt states that it is";
                let by = by(&rules);
                walk.doubts(at.place, by, text, 401, at.cause);
                Ok(taken(walk, found))
            }
            Err(TokenRefusal::Audience) => {
                let text = "whether the token is valid is not known";
                let found = by(&rules);
                walk.doubts(at.place, found, text, 401, at.cause);
                Err(refused(walk, &rules, TokenRefusal::Audience, at))
            }
            Err(refusal) => Err(refused(walk, &rules, refusal, at)),
        },
        Bearer::Valid(issuer) => valid(walk, &rules, issuer.as_deref(), at),
    }
}

/// A valid token of an issuer, of which nothing else is known.
fn valid(
    walk: &mut Walk<'_, '_, '_>,
    rules: &TokenRules,
    issuer: Option<&str>,
    at: At,
) -> Step<Jwt> {
    let Some(rule) = rules.for_issuer(issuer) else {
        return Err(refused(walk, rules, TokenRefusal::UnknownIssuer, at));
    };
    if rule.names_audiences {
        let text = "whether the token is for an audience of the RequestAuthentication is not known";
        let by = by(rules);
        walk.doubts(at.place, by, text, 403, at.cause);
    }
    walk.issuer = rule.issuer.or_else(|| issuer.map(str::to_owned));
    walk.added_headers.extend(rule.headers);
    if !rule.is_forwarded {
        walk.request.remove_bearer();
    }
    Ok(Jwt::Unknown)
}

fn taken(walk: &mut Walk<'_, '_, '_>, found: Authenticated) -> Jwt {
    if !found.is_forwarded {
        walk.request.remove_bearer();
    }
    for (name, value) in found.headers {
        walk.request.headers.retain(|(own, _)| !own.eq_ignore_ascii_case(&name));
        walk.request.headers.push((name, value));
    }
    found.jwt
}

fn refused(walk: &mut Walk<'_, '_, '_>, rules: &TokenRules, refusal: TokenRefusal, at: At) -> End {
    let status = if refusal == TokenRefusal::Audience { 403 } else { 401 };
    walk.ends(at.place, by(rules), field(), refusal.to_string(), status, at.cause)
}

fn field() -> Option<String> {
    Some("spec.jwtRules".to_owned())
}

/// The RequestAuthentication of the first rule.
fn by(rules: &TokenRules) -> Option<ResourceRef> {
    let (namespace, name) = rules.first_object()?;
    Some(ResourceRef {
        api_version: "security.istio.io/v1beta1".to_owned(),
        kind: "RequestAuthentication".to_owned(),
        namespace: Some(namespace.to_owned()),
        name: name.to_owned(),
    })
}

/// The verdict on a request whose token is a valid one of an issuer: policies may demand no more than that.
/// Each subject that a policy of the namespace names is tried beside one that none names.
pub(super) fn verdict_for_issuer(
    walk: &Walk<'_, '_, '_>,
    in_force: &PoliciesInForce,
    request: &Request,
    namespace: &str,
) -> Option<Verdict> {
    let issuer = walk.issuer.as_deref()?;
    if !matches!(request.http.as_ref()?.jwt, Jwt::Unknown) {
        return None;
    }
    let policies = walk.simulator.mesh.policies_near(namespace);
    let rules = || policies.iter().flat_map(|policy| &policy.spec.rules);
    if rules().flat_map(|rule| &rule.when).any(|when| when.key.starts_with("request.auth.claims")) {
        return None;
    }
    let named = rules().flat_map(|rule| rule.request_principals());
    let subjects = named.filter_map(|one| one.strip_prefix(issuer)?.strip_prefix('/'));
    let mut subjects: Vec<&str> = subjects.filter(|one| !one.contains('*')).collect();
    subjects.push("a subject that no policy names");
    let mut verdicts = subjects.into_iter().map(|subject| {
        let claims = [("iss".to_owned(), issuer.into()), ("sub".to_owned(), subject.into())];
        let mut request = request.clone();
        if let Some(http) = &mut request.http {
            http.jwt = Jwt::Claims(claims.into_iter().collect());
        }
        in_force.evaluate(&request).verdict
    });
    let first = verdicts.next()?;
    let is_same = |one: Verdict| std::mem::discriminant(&one) == std::mem::discriminant(&first);
    Some(if verdicts.all(is_same) {
        first
    } else {
        Verdict::Undecided { why: [Doubt::Token].into() }
    })
}
