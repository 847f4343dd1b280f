//! The tokens that a proxy verifies before its policies: RequestAuthentications.

use crate::controllers::istio::{
    Authenticated, Doubt, Jwt, PoliciesInForce, Request, TokenRefusal, TokenRules, Verdict,
    Workload,
};
use crate::path::simulator::bearer::Bearer;
use crate::path::simulator::outcome::{Cause, Place};
use crate::path::simulator::walk::{Step, Walk};
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
///
/// The proxy asks providers of external authorization first (`listener_builder.go`: `authzCustomBuilder` before
/// `authnBuilder`): `providers` notes them where the token is refused.
pub(super) fn authenticate(
    walk: &mut Walk<'_, '_, '_>,
    workload: &Workload,
    at: At,
    providers: impl FnOnce(&mut Walk<'_, '_, '_>),
) -> Step<Jwt> {
    let mesh = &walk.simulator.mesh;
    let objects = mesh.request_authentications_near(&workload.namespace);
    if objects.is_empty() || walk.request.is_preflight() {
        return Ok(Jwt::Absent);
    }
    let rules = TokenRules::for_workload(&mesh.mesh, workload, objects);
    if !rules.reads_bearer() {
        return Ok(Jwt::Absent);
    }
    verified(walk, &rules, at).map_err(|Refused { text, status }| {
        providers(walk);
        let field = Some("spec.jwtRules".to_owned());
        walk.ends(at.place, by(&rules), field, text, status, at.cause)
    })
}

/// Why the proxy refuses a token, and with which status.
struct Refused {
    text: String,
    status: u16,
}

impl From<TokenRefusal> for Refused {
    fn from(refusal: TokenRefusal) -> Self {
        let status = if refusal == TokenRefusal::Audience { 403 } else { 401 };
        Self { text: refusal.to_string(), status }
    }
}

fn verified(walk: &mut Walk<'_, '_, '_>, rules: &TokenRules, at: At) -> Result<Jwt, Refused> {
    match walk.request.bearer(walk.issuer.as_ref()) {
        Bearer::Absent => Ok(taken(walk, rules.authenticate(None)?)),
        Bearer::Malformed => {
            let text = "the bearer token is not a JSON Web Token".to_owned();
            Err(Refused { text, status: 401 })
        }
        Bearer::Known(token) => Ok(taken(walk, rules.authenticate(Some(&token))?)),
        Bearer::Claimed(token) => match rules.authenticate(Some(&token)) {
            Ok(found) => {
                let text = "whether the token is valid is not known; --valid-jwt states that it is";
                walk.doubts(at.place, by(rules), text, 401, at.cause);
                Ok(taken(walk, found))
            }
            Err(TokenRefusal::Audience) => {
                let text = "whether the token is valid is not known";
                walk.doubts(at.place, by(rules), text, 401, at.cause);
                Err(TokenRefusal::Audience.into())
            }
            Err(refusal) => Err(refusal.into()),
        },
        Bearer::Valid(issuer) => valid(walk, rules, issuer.as_deref(), at),
    }
}

/// A valid token of an issuer, of which nothing else is known.
fn valid(
    walk: &mut Walk<'_, '_, '_>,
    rules: &TokenRules,
    issuer: Option<&str>,
    at: At,
) -> Result<Jwt, Refused> {
    let Some(rule) = rules.for_issuer(issuer) else {
        return Err(TokenRefusal::UnknownIssuer.into());
    };
    if rule.names_audiences {
        let text = "whether the token is for an audience of the RequestAuthentication is not known";
        let by = by(rules);
        walk.doubts(at.place, by, text, 403, at.cause);
    }
    rules.authenticate(None)?.apply(&mut walk.request.headers);
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
    found.apply(&mut walk.request.headers);
    found.jwt
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
