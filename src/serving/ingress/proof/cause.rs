//! Why a rule is open, in which annotation of which Ingress, and what to write instead.

use std::collections::BTreeSet;

use super::context::{
    LoadBalancerContext, OpenRule, login_requirement, service_name, service_turns_login_off,
    targets,
};
use super::requirements::{Binding, Credential, Element, Requirement};
use crate::controllers::alb::GroupId;
use crate::controllers::alb::annotations::{self, Annotations};
use crate::controllers::alb::backend;
use crate::controllers::alb::model::{Protocol, Target, TargetGroup};
use crate::controllers::alb::objects::{Ingress, Service};
use crate::finding::{Code, Finding, Severity};
use crate::serving::ingress::diags::{Cause, LeftOpen, Opening, OtherApplication, Shown, at};
use crate::values::k8s::ResourceRef;
use crate::values::words::one_of;
use krm_package::FieldPath;

/// What an error is about: the port of a load balancer's listener, and a path of one of its Ingresses. Whoever
/// accepts that one is open accepts no other.
pub(crate) type Opened<'a> = (&'a GroupId, i32, usize, Option<(usize, usize)>);

/// The path and listener that an open rule stands for. One path may have several rules there.
pub(crate) fn opened<'a>(context: &LoadBalancerContext<'a>, open: &OpenRule<'_>) -> Opened<'a> {
    (context.id, open.listener.port, open.origin.member, open.origin.path)
}

/// What tells findings apart.
type Key<'a> = (Option<ResourceRef>, Option<FieldPath>, Code, Option<Opened<'a>>);

/// One finding for each code, object and field; of what is open for each path and listener.
pub(crate) fn each_once<'a>(openings: Vec<(Option<Opened<'a>>, Finding)>) -> Vec<Finding> {
    let mut seen: BTreeSet<Key<'a>> = BTreeSet::new();
    let is_new = |(opened, finding): &(Option<Opened<'a>>, Finding)| {
        let field = finding.field.as_ref().map(|field| field.path.clone());
        let opened = opened.filter(|_| finding.severity != Severity::Info);
        seen.insert((finding.resource.clone(), field, finding.code, opened))
    };
    openings.into_iter().filter(is_new).map(|(_, finding)| finding).collect()
}

/// What shows the opening: a request, and what it is forwarded without.
fn shown<'a>(context: &LoadBalancerContext<'a>, open: &'a OpenRule<'a>) -> Shown<'a> {
    let target = targets(open.actions).next().map_or_else(
        || "its target group".to_owned(),
        |target| match (&target.group, service_name(target)) {
            (_, Some((namespace, name))) => format!("{namespace}/{name}"),
            (TargetGroup::Arn(arn), _) => arn.clone(),
            (TargetGroup::Name(name), _) => name.clone(),
            _ => "its target group".to_owned(),
        },
    );
    Shown {
        listener: open.listener,
        rule: open.origin.field(),
        request: &open.witness,
        is_certain: open.witnessed,
        target,
        lacks: missing(context, open),
    }
}

fn missing(context: &LoadBalancerContext<'_>, open: &OpenRule<'_>) -> String {
    if let Some(by_params) = context.by_params[open.origin.member] {
        let token = by_params
            .token_header
            .as_ref()
            .filter(|header| {
                !open.guard.headers.iter().any(|name| name.eq_ignore_ascii_case(header))
            })
            .map(|header| format!("a token in {header}"));
        let login = by_params
            .login
            .as_ref()
            .filter(|pool| !open.guard.pools.contains(pool))
            .map(|_| "a login".to_owned());
        let provider = by_params
            .provider
            .as_ref()
            .filter(|provider| !open.guard.providers.contains(provider))
            .map(|provider| format!("a login with {}", provider.issuer));
        let jwt = by_params
            .jwt
            .as_ref()
            .filter(|jwt| !open.guard.web_tokens.contains(jwt))
            .map(|jwt| format!("a JSON Web Token of {}", jwt.issuer));
        let lacks = token.into_iter().chain(login).chain(provider).chain(jwt);
        return one_of(&lacks.collect::<Vec<_>>());
    }
    let login_requirement = context
        .requirements
        .iter()
        .flatten()
        .any(|requirement| requirement.credential == Credential::Login)
        || context
            .service_requirements
            .iter()
            .flatten()
            .any(|(_, requirement)| requirement.credential == Credential::Login);
    match (context.headers.len(), login_requirement) {
        (0, true) => "a login".to_owned(),
        (0, false) => "a token".to_owned(),
        (_, login) => {
            let names = context.headers.iter().map(String::as_str);
            let login = login.then_some("a login");
            format!("a token in {}", one_of(&names.chain(login).collect::<Vec<_>>()))
        }
    }
}

/// Finds out why a rule of a load balancer that something is required of is open.
pub(crate) fn explain(
    context: &LoadBalancerContext<'_>,
    open: &OpenRule<'_>,
    is_of_others: bool,
) -> Finding {
    let ingress = context.members[open.origin.member];
    let (cause, resource, field) = reason(context, open, ingress);
    let absent = is_only_assumed(context, open)
        .then(|| targets(open.actions).find_map(service_name).unwrap_or_default());
    let shown = shown(context, open);
    Opening { cause, resource, field, shown, absent, is_of_others }.into()
}

/// Whether an open rule leads only to Services that are absent, in a render that has other
/// backends of the load balancer, and nothing is required of the rule itself: the controller then
/// answers with a fixed 503.
fn is_only_assumed(context: &LoadBalancerContext<'_>, open: &OpenRule<'_>) -> bool {
    let assumed =
        |target: &Target| matches!(target.group, TargetGroup::Service { assumed: true, .. });
    let rules = context.model.listeners.iter().flat_map(|listener| &listener.rules);
    let known = rules
        .flat_map(|rule| targets(&rule.actions))
        .any(|target| matches!(target.group, TargetGroup::Service { assumed: false, .. }));
    let member = open.origin.member;
    known
        && targets(open.actions).count() == 1
        && targets(open.actions).all(assumed)
        && context.by_params[member].is_none()
        && !context.requirements[member].iter().any(|requirement| {
            requirement.name.as_deref().is_none_or(|name| name == open.origin.backend)
        })
}

/// The cause, the object to change, and its field.
type Reason<'a> = (Cause<'a>, ResourceRef, String);

fn reason<'a>(
    context: &'a LoadBalancerContext<'a>,
    open: &'a OpenRule<'a>,
    ingress: &Ingress,
) -> Reason<'a> {
    let member = open.origin.member;
    let of_ingress = ingress.reference();
    if open.guard.any_jwt {
        return (Cause::JwtWithoutClaims, of_ingress, at(&annotations::key("jwt-validation")));
    }
    if open.guard.login_allows_all {
        let key = annotations::key("auth-on-unauthenticated-request");
        let holder = targets(open.actions)
            .filter_map(service_name)
            .filter_map(|(namespace, name)| backend::service(context.objects, namespace, name))
            .find(|service| service.metadata.annotations.contains_key(&key))
            .map_or(of_ingress, Service::reference);
        return (Cause::UnauthenticatedAllowed, holder, at(&key));
    }
    if open.origin.path.is_none() {
        return default_backend(context, open, of_ingress);
    }
    let key = annotations::key(&format!("conditions.{}", open.origin.backend));
    if let Some(cause) = of_bound_conditions(context, open) {
        return (cause, of_ingress, at(&key));
    }
    if let Some(reason) = of_other_annotations(context, open, ingress) {
        return reason;
    }
    if context.is_required_of(member) {
        return of_requiring_member(context, open, of_ingress);
    }
    if !open.guard.headers.is_empty() || !open.guard.unbound_headers.is_empty() {
        return (Cause::NoToken { backend: &open.origin.backend }, of_ingress, at(&key));
    }
    (of_silent_member(context, open, ingress), of_ingress, open.origin.field())
}

fn default_backend<'a>(
    context: &'a LoadBalancerContext<'a>,
    open: &'a OpenRule<'a>,
    resource: ResourceRef,
) -> Reason<'a> {
    let requirements = &context.requirements[open.origin.member];
    let only_login =
        requirements.iter().all(|requirement| requirement.credential == Credential::Login);
    if open.listener.protocol == Protocol::Http
        && only_login
        && let Some(requirement) = login_requirement(requirements)
    {
        return (Cause::HttpListener(open.listener), resource, at(&requirement.key));
    }
    (Cause::DefaultBackend, resource, "spec.defaultBackend".to_owned())
}

/// The rule has a `conditions.*` annotation of its own: what is wrong with it.
fn of_bound_conditions<'a>(
    context: &'a LoadBalancerContext<'a>,
    open: &'a OpenRule<'a>,
) -> Option<Cause<'a>> {
    let conditions = context.bound_conditions(open.origin)?;
    let elements = conditions.elements.as_deref().unwrap_or_default();
    let member = open.origin.member;
    // A login that is required can be missing beside good or unrelated conditions.
    if !conditions.is_about_a_header()
        && !conditions.is_blank()
        && login_requirement(&context.requirements[member]).is_some()
    {
        return None;
    }
    if conditions.is_blank() {
        return Some(Cause::ConditionsEmpty);
    }
    let lost = |element: &&Element| element.means_a_header() && !element.is_header_condition();
    if let Some(element) = elements.iter().find(lost) {
        return Some(if element.keys.count("field") > 1 {
            Cause::DuplicateField
        } else if element.counts() || elements.iter().any(Element::counts) {
            Cause::HeaderConditionIgnored
        } else {
            Cause::ConditionIgnored
        });
    }
    if elements.iter().any(Element::is_header_condition) {
        if !open.guard.unbound_headers.is_empty() {
            return Some(Cause::AnyValue(&open.guard.unbound_headers));
        }
        let required = context.by_params[member]?.token_header.as_deref()?;
        let has = open.guard.headers.iter().any(|name| name.eq_ignore_ascii_case(required));
        return (!has).then_some(Cause::OtherHeader(required));
    }
    let unread = |requirement: &Requirement| requirement.binding != Binding::Read;
    (!context.requirements[member].iter().any(unread)).then_some(Cause::ConditionWidens)
}

/// An annotation that requires a credential, but does not reach the rule.
fn of_other_annotations<'a>(
    context: &'a LoadBalancerContext<'a>,
    open: &'a OpenRule<'a>,
    ingress: &Ingress,
) -> Option<Reason<'a>> {
    let member = open.origin.member;
    let of_ingress =
        context.requirements[member].iter().map(|requirement| (ingress.reference(), requirement));
    let of_services = context.service_requirements[member]
        .iter()
        .map(|(service, requirement)| (service.reference(), requirement));
    let (resource, requirement) = of_ingress
        .chain(of_services)
        .find(|(_, requirement)| requirement.binding != Binding::Read)?;
    let backend = open.origin.backend.as_str();
    let is_target = |name: &str| {
        targets(open.actions).filter_map(service_name).any(|(_, service)| service == name)
    };
    let cause = match (requirement.binding, &requirement.credential) {
        (Binding::Misspelt, _) => Cause::AnnotationMisspelt {
            key: &requirement.key,
            right: requirement.right_key(backend),
        },
        (Binding::OnService, Credential::Login) => Cause::JwtOnService,
        (Binding::OnService, Credential::Token(_)) => Cause::ConditionsOnService { backend },
        _ if open.origin.uses_annotation
            && is_target(requirement.name.as_deref().unwrap_or_default()) =>
        {
            Cause::ActionConditions { action: backend }
        }
        _ => {
            let name = requirement.name.as_deref().unwrap_or_default();
            let is_part = !name.is_empty() && backend != name;
            let is_renamed = is_part && (backend.starts_with(name) || backend.ends_with(name));
            Cause::ConditionsUnbound { backend, is_renamed }
        }
    };
    Some((cause, resource, at(&requirement.key)))
}

/// The Ingress requires a credential, but of other rules than this one.
fn of_requiring_member<'a>(
    context: &'a LoadBalancerContext<'a>,
    open: &'a OpenRule<'a>,
    resource: ResourceRef,
) -> Reason<'a> {
    let member = open.origin.member;
    let service_login = context.service_requirements[member]
        .iter()
        .map(|(_, requirement)| requirement)
        .find(|requirement| requirement.is_read_login());
    if let Some(requirement) = login_requirement(&context.requirements[member]).or(service_login) {
        if open.listener.protocol == Protocol::Http {
            return (Cause::HttpListener(open.listener), resource, at(&requirement.key));
        }
        let by_params = context.by_params[member].filter(|_| open.guard.login);
        let pool = by_params.and_then(|by_params| by_params.login.as_ref());
        let provider = by_params.and_then(|by_params| by_params.provider.as_ref());
        let is_other_pool = pool.is_some_and(|pool| !open.guard.pools.contains(pool));
        let is_other_provider =
            provider.is_some_and(|provider| !open.guard.providers.contains(provider));
        if is_other_pool || is_other_provider {
            let kind = if is_other_pool { "auth-idp-cognito" } else { "auth-idp-oidc" };
            let key = annotations::key(kind);
            let holder = targets(open.actions)
                .filter_map(service_name)
                .filter_map(|(namespace, name)| backend::service(context.objects, namespace, name))
                .next()
                .map_or(resource, Service::reference);
            return (Cause::OtherLogin, holder, at(&key));
        }
        if let Some(service) = service_turns_login_off(context, open) {
            let field = at(&annotations::key("auth-type"));
            return (Cause::LoginOffByService, service.reference(), field);
        }
        let annotations = Annotations::of(&context.members[member].metadata.annotations);
        if matches!(annotations.text("auth-type"), None | Some("none")) {
            let kind = if requirement.key.ends_with("oidc") { "oidc" } else { "cognito" };
            return (Cause::LoginWithoutType { kind }, resource, at(&requirement.key));
        }
    }
    let backend = open.origin.backend.as_str();
    let mut names =
        context.requirements[member].iter().filter_map(|requirement| requirement.name.as_deref());
    let cause = match names.find(|name| *name != backend) {
        Some(conditioned) => Cause::OtherBackend { conditioned, backend },
        None => Cause::Unguarded { backend },
    };
    (cause, resource, open.origin.field())
}

/// The Ingress requires nothing, but shares its load balancer with one that does.
fn of_silent_member<'a>(
    context: &'a LoadBalancerContext<'a>,
    open: &'a OpenRule<'a>,
    ingress: &Ingress,
) -> Cause<'a> {
    let requiring: Vec<usize> =
        (0..context.members.len()).filter(|&member| context.is_required_of(member)).collect();
    let on_listener =
        requiring.iter().find(|member| open.listener.members.contains(member)).copied();
    if let (None, Some(&other)) = (on_listener, requiring.first()) {
        return Cause::MemberPorts { other: context.members[other].key(), listener: open.listener };
    }
    let other = on_listener.map(|other| context.members[other]);
    Cause::GroupMember {
        group: context.id,
        other: other.map(Ingress::key).unwrap_or_default(),
        is_foreign: other.is_some_and(|other| other.namespace() != ingress.namespace()),
    }
}

/// A load balancer that nothing is required of, in front of a Service that something is required
/// for on another one.
pub(crate) fn other_load_balancer(
    context: &LoadBalancerContext<'_>,
    open: &OpenRule<'_>,
    cause: Cause<'_>,
) -> Finding {
    let ingress = context.members[open.origin.member];
    Opening {
        cause,
        resource: ingress.reference(),
        field: open.origin.field(),
        shown: shown(context, open),
        absent: None,
        is_of_others: false,
    }
    .into()
}

/// A rule of another stage that is still open, on a load balancer for other hosts.
pub(crate) fn left_open(
    context: &LoadBalancerContext<'_>,
    open: &OpenRule<'_>,
    other_hosts: bool,
) -> Finding {
    let ingress = context.members[open.origin.member].reference();
    let shown = shown(context, open);
    LeftOpen { ingress, field: open.origin.field(), shown, other_hosts }.into()
}

/// A rule of another application, on other hosts of the load balancer.
pub(crate) fn other_application(context: &LoadBalancerContext<'_>, open: &OpenRule<'_>) -> Finding {
    let ingress = context.members[open.origin.member].reference();
    OtherApplication { ingress, field: open.origin.field(), shown: shown(context, open) }.into()
}
