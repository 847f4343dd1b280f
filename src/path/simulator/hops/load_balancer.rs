//! The load balancer's rules, logins and targets.

use regex_lite::Regex;

use super::target::{HealthCheck, TargetService};
use crate::controllers::alb::annotations::Annotations;
use crate::controllers::alb::backend;
use crate::controllers::alb::model::{
    Action, Model, Origin, Session, Target, TargetGroup, Transform,
};
use crate::controllers::alb::request::{self, Request};
use crate::path::simulator::outcome::{Cause, Place};
use crate::path::simulator::walk::{End, Step, Walk};
use crate::values::k8s::ResourceRef;

const DROP_INVALID: &str = "routing.http.drop_invalid_header_fields.enabled";
/// The headers that the load balancer adds for who has logged in.
const OIDC: [&str; 3] = ["x-amzn-oidc-accesstoken", "x-amzn-oidc-identity", "x-amzn-oidc-data"];

/// The Service that a rule forwards to.
pub(in crate::path::simulator) fn follow(
    walk: &mut Walk<'_, '_, '_>,
    balancer: usize,
) -> Step<TargetService> {
    let simulator = walk.simulator;
    let balancer = &simulator.balancers[balancer];
    let Ok(model) = &balancer.model else {
        return Err(walk.ends(
            Place::LoadBalancer,
            None,
            None,
            "the load balancer is missing",
            None,
            Cause::NoLoadBalancer,
        ));
    };
    let port = i32::from(walk.request.listener_port());
    let Some(listener) = model.listeners.iter().find(|one| one.port == port) else {
        return Err(walk.ends(
            Place::LoadBalancer,
            None,
            None,
            "the listener is missing",
            None,
            Cause::NoListener,
        ));
    };
    drop_invalid_headers(walk, model);
    let (rule, actions) = request::take(listener, &of_elb(walk));
    let origin = rule.map(|rule| &rule.origin).or(listener.default_origin.as_ref());
    let member = origin.and_then(|origin| balancer.members.get(origin.member));
    let by = member.map(|member| member.ingress.reference());
    let field = origin.map(Origin::field);
    if rule.is_none() && origin.is_none() {
        let by = balancer.members.first().map(|member| member.ingress.reference());
        let text = format!("no rule of {listener} takes it: the load balancer answers 404");
        let field = Some("spec.rules".to_owned());
        return Err(walk.ends(Place::LoadBalancer, by, field, text, 404, Cause::AlbNoRule));
    }
    for action in actions {
        if let Action::Forward { targets, .. } = action {
            let transforms = rule.map(|rule| rule.transforms.as_slice()).unwrap_or_default();
            for transform in transforms {
                rewrite(walk, transform, &by);
            }
            return forward(walk, targets, by, field, member.map(|member| member.annotations()));
        }
        pass(walk, action, by.as_ref(), field.as_ref())?;
    }
    Err(walk.ends(
        Place::LoadBalancer,
        by,
        field,
        "the rule has no target",
        503,
        Cause::AlbNoTarget,
    ))
}

/// An action that does not forward: a login or a token that the request must have, or an answer.
fn pass(
    walk: &mut Walk<'_, '_, '_>,
    action: &Action,
    by: Option<&ResourceRef>,
    field: Option<&String>,
) -> Step<()> {
    let mut field = field.cloned();
    let (text, status, cause) = match action {
        Action::AuthenticateCognito { session, .. } | Action::AuthenticateOidc { session, .. } => {
            return login(walk, session, &by.cloned());
        }
        Action::ValidateJwt(jwt) if walk.request.valid_jwt => {
            walk.issuer = Some(jwt.issuer.clone());
            return Ok(());
        }
        Action::ValidateJwt(jwt) => {
            let key = "metadata.annotations[alb.ingress.kubernetes.io/jwt-validation]";
            field = Some(key.to_owned());
            let text = format!("the rule demands a JSON Web Token of {}", jwt.issuer);
            (text, Some(401), Cause::AlbJwtRefused)
        }
        Action::Redirect(to) => {
            let status = if to.status_code.ends_with("302") { 302 } else { 301 };
            ("a rule redirects it".to_owned(), Some(status), Cause::AlbRedirect)
        }
        Action::FixedResponse { status_code, .. } => {
            let text = format!("a rule answers it with {status_code}");
            (text, status_code.parse().ok(), Cause::AlbFixedResponse)
        }
        Action::Forward { .. } => return Ok(()),
    };
    Err(walk.ends(Place::LoadBalancer, by.cloned(), field, text, status, cause))
}

/// Elastic Load Balancing drops headers whose names are not of letters, digits and hyphens alone where
/// the attribute says so.
fn drop_invalid_headers(walk: &mut Walk<'_, '_, '_>, model: &Model) {
    if model.attributes.get(DROP_INVALID).is_some_and(|value| value == "true") {
        let is_valid =
            |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        walk.request.headers.retain(|(name, _)| is_valid(name));
    }
}

fn of_elb(walk: &Walk<'_, '_, '_>) -> Request {
    let sent = &walk.request;
    let (path, query) = sent.target.split_once('?').unwrap_or((&sent.target, ""));
    let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key.to_owned(), value.to_owned())
    });
    Request {
        host: sent.host.clone(),
        path: path.to_owned(),
        method: sent.method.clone(),
        headers: sent.headers.clone(),
        query: query.collect(),
        source: None,
    }
}

fn login(walk: &mut Walk<'_, '_, '_>, session: &Session, by: &Option<ResourceRef>) -> Step<()> {
    if walk.request.logged_in {
        let headers = OIDC.map(|name| (name.to_owned(), "added by the load balancer".to_owned()));
        walk.request.headers.extend(headers);
        walk.passes(Place::LoadBalancer, by.clone(), None, "the client has a session of the login");
        return Ok(());
    }
    let field = Some("metadata.annotations[alb.ingress.kubernetes.io/auth-type]".to_owned());
    let by = by.clone();
    match session.on_unauthenticated_request.as_str() {
        "allow" => Ok(()),
        "deny" => Err(walk.ends(
            Place::LoadBalancer,
            by,
            field,
            "the rule refuses who has not logged in",
            401,
            Cause::AlbLoginRefused,
        )),
        _ => Err(walk.ends(
            Place::LoadBalancer,
            by,
            field,
            "the rule sends the client to its login",
            302,
            Cause::AlbLogin,
        )),
    }
}

/// A rule's rewrite of the host or of path and query, before the target gets the request.
fn rewrite(walk: &mut Walk<'_, '_, '_>, transform: &Transform, by: &Option<ResourceRef>) {
    let (rewrites, is_host) = match transform {
        Transform::HostHeader(rewrites) => (rewrites, true),
        Transform::Url(rewrites) => (rewrites, false),
    };
    for one in rewrites {
        let old = if is_host { walk.request.host.clone() } else { walk.request.target.clone() };
        let Ok(regex) = Regex::new(&one.regex) else {
            let text = format!("the expression {:?} of a transform cannot be read", one.regex);
            walk.doubts(Place::LoadBalancer, by.clone(), text, 404, Cause::GatewayNoRoute);
            continue;
        };
        let new = regex.replace(&old, groups(&one.replace)).into_owned();
        if new != old {
            let text = format!("a transform of the rule rewrites {old} to {new}");
            walk.passes(Place::LoadBalancer, by.clone(), None, text);
        }
        if is_host {
            walk.request.host = new;
        } else {
            walk.request.target = new;
        }
    }
}

/// A replacement with `$1` for the first group, whatever follows it.
fn groups(replace: &str) -> String {
    let mut out = String::new();
    let mut rest = replace.chars().peekable();
    while let Some(c) = rest.next() {
        match rest.peek().filter(|next| c == '$' && next.is_ascii_digit()) {
            Some(digit) => {
                out.push_str(&format!("${{{digit}}}"));
                rest.next();
            }
            None => out.push(c),
        }
    }
    out
}

fn forward(
    walk: &mut Walk<'_, '_, '_>,
    targets: &[Target],
    by: Option<ResourceRef>,
    field: Option<String>,
    annotations: Option<Annotations<'_>>,
) -> Step<TargetService> {
    let weighted = targets.iter().filter(|target| target.weight != Some(0));
    let picked = walk.pick(weighted, |target| match &target.group {
        TargetGroup::Service { namespace, name, .. } => {
            format!("the load balancer sends a share to {namespace}/{name}")
        }
        TargetGroup::Arn(group) | TargetGroup::Name(group) => {
            format!("the load balancer sends a share to the target group {group}")
        }
    });
    let group = picked.map(|target| &target.group);
    let Some(TargetGroup::Service { namespace, name, port, assumed, protocol, .. }) = group else {
        let text = "the rule forwards to a target group that is not in the package";
        walk.doubts(Place::LoadBalancer, by.clone(), text, None, Cause::OtherServiceAnswers);
        return Err(End(crate::path::simulator::Way {
            status: Some(200),
            cause: Cause::OtherServiceAnswers,
        }));
    };
    if *assumed {
        walk.assumes(format!("the Service {namespace}/{name} is in the cluster"));
        walk.absent_service = Some((namespace.clone(), name.clone()));
    }
    walk.passes(
        Place::LoadBalancer,
        by,
        field,
        format!("a rule forwards it to {namespace}/{name}"),
    );
    let service = backend::service(&walk.simulator.world.ingresses, namespace, name);
    let health_check = |own: Annotations<'_>| match service {
        Some(service) => HealthCheck::of(own.below(&service.metadata.annotations)),
        None => HealthCheck::of(own),
    };
    let target = TargetService {
        namespace: namespace.clone(),
        name: name.clone(),
        port: port.clone(),
        health_check: annotations.map(health_check),
        over_tls: Some(protocol == "HTTPS"),
    };
    Ok(target)
}
