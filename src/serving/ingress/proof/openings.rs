//! Why a rule is open, in which annotation of which Ingress, and what to write instead.

use std::collections::BTreeMap;

use super::asks::{Ask, Element, Reach, Want};
use super::scene::{OpenRule, Scene, service_name, service_turns_login_off, targets, wants_login};
use crate::controllers::alb::annotations::{self, Annotations};
use crate::controllers::alb::model::{Protocol, TargetGroup};
use crate::controllers::alb::objects::{Ingress, Service};
use crate::finding::{Code, Finding, Severity};
use crate::values::k8s::ResourceRef;

/// One opening.
pub(crate) struct Opening {
    pub(crate) code: Code,
    pub(crate) severity: Severity,
    pub(crate) resource: ResourceRef,
    pub(crate) field: String,
    pub(crate) message: String,
}

/// One finding for each code, object and field: the first listener and path that show it.
pub(crate) fn into_findings(openings: Vec<Opening>) -> Vec<Finding> {
    let mut seen: BTreeMap<(ResourceRef, String, Code), usize> = BTreeMap::new();
    let mut findings: Vec<Finding> = Vec::new();
    for opening in openings {
        let Opening { code, severity, resource, field, message } = opening;
        let id = (resource.clone(), field.clone(), code);
        if seen.contains_key(&id) {
            continue;
        }
        seen.insert(id, findings.len());
        let finding = match severity {
            Severity::Error => Finding::error(code, message),
            Severity::Warning => Finding::warning(code, message),
            Severity::Info => Finding::info(code, message),
        };
        findings.push(finding.on(&resource).field(field));
    }
    findings
}

pub(crate) fn at(key: &str) -> String {
    format!("metadata.annotations[{key}]")
}

/// What shows the opening: a request, and what it is forwarded without.
fn shown(scene: &Scene<'_>, open: &OpenRule<'_>) -> String {
    let request = &open.witness;
    let scheme = match open.listener.protocol {
        Protocol::Http => "http",
        Protocol::Https => "https",
    };
    let mut demanded: Vec<String> =
        request.headers.iter().map(|(name, _)| format!("with any {name} header")).collect();
    if !request.query.is_empty() {
        demanded.push("with the query parameter it names".to_owned());
    }
    if request.source.is_some() {
        demanded.push("from an address it names".to_owned());
    }
    let demanded =
        if demanded.is_empty() { String::new() } else { format!(" ({})", demanded.join(", ")) };
    let target = targets(open.actions).next().map_or_else(
        || "its target group".to_owned(),
        |target| match (&target.group, service_name(target)) {
            (_, Some((namespace, name))) => format!("{namespace}/{name}"),
            (TargetGroup::Arn(arn), _) => arn.clone(),
            (TargetGroup::Name(name), _) => name.clone(),
            _ => "its target group".to_owned(),
        },
    );
    if request.host.is_empty() {
        return format!(
            "requests on {} are forwarded to {target} without {}",
            open.listener,
            missing(scene, open)
        );
    }
    let may = if open.witnessed { "is" } else { "may be" };
    format!(
        "{} {scheme}://{}:{}{}{demanded} {may} forwarded to {target} without {}",
        request.method,
        request.host,
        open.listener.port,
        request.path,
        missing(scene, open)
    )
}

fn missing(scene: &Scene<'_>, open: &OpenRule<'_>) -> String {
    if let Some(asked) = scene.asked[open.origin.member] {
        let token = asked
            .token_header
            .as_ref()
            .filter(|header| {
                !open.guard.headers.iter().any(|name| name.eq_ignore_ascii_case(header))
            })
            .map(|header| format!("a token in {header}"));
        let login = (asked.login && !open.guard.login).then(|| "a login".to_owned());
        return token.into_iter().chain(login).collect::<Vec<_>>().join(" or ");
    }
    let wants_login = scene.asks.iter().flatten().any(|ask| ask.want == Want::Login)
        || scene.service_asks.iter().flatten().any(|(_, ask)| ask.want == Want::Login);
    match (scene.headers.len(), wants_login) {
        (0, true) => "a login".to_owned(),
        (0, false) => "a token".to_owned(),
        (_, login) => {
            let names = scene.headers.iter().cloned().collect::<Vec<_>>().join(" or ");
            let login = if login { " or a login" } else { "" };
            format!("a token in {names}{login}")
        }
    }
}

/// Finds out why a rule of a load balancer that something is asked of is open.
pub(crate) fn explain(scene: &Scene<'_>, open: &OpenRule<'_>) -> Opening {
    let ingress = scene.members[open.origin.member];
    let shown = shown(scene, open);
    let (code, resource, field, reason) = reason(scene, open, ingress);
    let opening = Opening {
        code,
        severity: Severity::Error,
        resource,
        field,
        message: format!("{reason}: {shown}"),
    };
    if is_only_assumed(scene, open) {
        let (namespace, name) = targets(open.actions).find_map(service_name).unwrap_or_default();
        return Opening {
            code: Code::AlbAbsentService,
            severity: Severity::Warning,
            message: format!(
                "the Service {namespace}/{name} is not among the manifests, where other backends \
                 are; if the cluster has it, this load balancer is open: {}",
                opening.message
            ),
            ..opening
        };
    }
    opening
}

/// Whether an open rule leads only to Services that are absent, in a render that has other
/// backends of the load balancer, and nothing is asked of the rule itself: the controller then
/// answers with a fixed 503.
fn is_only_assumed(scene: &Scene<'_>, open: &OpenRule<'_>) -> bool {
    let assumed = |target: &crate::controllers::alb::model::Target| {
        matches!(target.group, TargetGroup::Service { assumed: true, .. })
    };
    let rules = scene.model.listeners.iter().flat_map(|listener| &listener.rules);
    let known = rules
        .flat_map(|rule| targets(&rule.actions))
        .any(|target| matches!(target.group, TargetGroup::Service { assumed: false, .. }));
    let member = open.origin.member;
    known
        && targets(open.actions).count() == 1
        && targets(open.actions).all(assumed)
        && scene.asked[member].is_none()
        && !scene.asks[member]
            .iter()
            .any(|ask| ask.name.as_deref().is_none_or(|name| name == open.origin.backend))
}

type Reason = (Code, ResourceRef, String, String);

fn reason(scene: &Scene<'_>, open: &OpenRule<'_>, ingress: &Ingress) -> Reason {
    let member = open.origin.member;
    let of_ingress = ingress.reference();
    if open.guard.login_allows_all {
        let key = annotations::key("auth-on-unauthenticated-request");
        let holder = targets(open.actions)
            .filter_map(service_name)
            .filter_map(|(namespace, name)| {
                crate::controllers::alb::backend::service(scene.objects, namespace, name)
            })
            .find(|service| service.metadata.annotations.contains_key(&key))
            .map_or(of_ingress, Service::reference);
        let words = "auth-on-unauthenticated-request lets requests through without a login; \
                     remove it, or write \"authenticate\" or \"deny\"";
        return (Code::AlbOpenUnauthenticatedAllowed, holder, at(&key), words.to_owned());
    }
    if open.origin.path.is_none() {
        return default_backend(scene, open, of_ingress);
    }
    if let Some(reason) = of_bound_conditions(scene, open, &of_ingress) {
        return reason;
    }
    if let Some(reason) = of_other_annotations(scene, open, ingress) {
        return reason;
    }
    if scene.member_asks(member) {
        return of_asking_member(scene, open, of_ingress);
    }
    of_silent_member(scene, open, ingress)
}

fn default_backend(scene: &Scene<'_>, open: &OpenRule<'_>, resource: ResourceRef) -> Reason {
    let member = open.origin.member;
    let only_login = scene.asks[member].iter().all(|ask| ask.want == Want::Login);
    if open.listener.protocol == Protocol::Http
        && only_login
        && let Some(ask) = wants_login(&scene.asks[member])
    {
        return http_listener(open, resource, ask);
    }
    let words = "the default backend takes every request that no rule takes, and conditions never \
                 apply to it; remove spec.defaultBackend, or make it the action of a \
                 fixed-response (port name use-annotation)";
    (Code::AlbOpenDefaultBackend, resource, "spec.defaultBackend".to_owned(), words.to_owned())
}

fn http_listener(open: &OpenRule<'_>, resource: ResourceRef, ask: &Ask) -> Reason {
    let words = format!(
        "a login exists on HTTPS listeners only, and {} is plain; write listen-ports \
         [{{\"HTTPS\":443}}] with a certificate-arn, or ssl-redirect \"443\"",
        open.listener
    );
    (Code::AlbOpenHttpListener, resource, at(&ask.key), words)
}

/// The rule has a `conditions.*` annotation of its own: what is wrong with it.
fn of_bound_conditions(
    scene: &Scene<'_>,
    open: &OpenRule<'_>,
    resource: &ResourceRef,
) -> Option<Reason> {
    let meaning = scene.bound_meaning(open.origin)?;
    let elements = meaning.elements.as_deref().unwrap_or_default();
    let member = open.origin.member;
    // A login that is asked for can be missing beside good or unrelated conditions.
    if !meaning.asks_for_a_header()
        && !meaning.is_blank()
        && wants_login(&scene.asks[member]).is_some()
    {
        return None;
    }
    let key = annotations::key(&format!("conditions.{}", open.origin.backend));
    let say = |code: Code, words: String| Some((code, resource.clone(), at(&key), words));
    if meaning.is_blank() {
        return say(
            Code::AlbOpenConditionsEmpty,
            "conditions holds no condition, and the controller takes that for none; write a list \
             with an http-header condition"
                .to_owned(),
        );
    }
    let lost = |element: &&Element| element.means_a_header() && !element.is_header_condition();
    if let Some(element) = elements.iter().find(lost) {
        let instead = "write \"field\":\"http-header\" with an httpHeaderConfig";
        if element.keys.count("field") > 1 {
            return say(
                Code::AlbOpenDuplicateKey,
                format!(
                    "a condition gives its field twice (keys are compared without case), the last \
                     one counts, and it is not http-header; {instead} once"
                ),
            );
        }
        if element.counts() || elements.iter().any(|other| other.counts()) {
            return say(
                Code::AlbOpenConditionPartial,
                format!(
                    "one condition counts, but the one on the header is passed over, since its \
                     field is not http-header; {instead}"
                ),
            );
        }
        return say(
            Code::AlbOpenConditionIgnored,
            format!(
                "the controller passes over a condition whose field is not spelt exactly \
                 http-header; {instead}"
            ),
        );
    }
    let header = elements.iter().find(|element| element.is_header_condition());
    if header.is_some() && !open.guard.unbound_headers.is_empty() {
        let names = open.guard.unbound_headers.join(", ");
        return say(
            Code::AlbOpenAnyValue,
            format!(
                "one of the values for {names} is a wildcard, or an expression that is not seen to \
                 demand any letter, so any header passes; write the tokens themselves"
            ),
        );
    }
    if header.is_some() {
        if let Some(asked) = scene.asked[member]
            && let Some(wanted) = &asked.token_header
            && !open.guard.headers.iter().any(|name| name.eq_ignore_ascii_case(wanted))
        {
            return say(
                Code::AlbOpenConditionPartial,
                format!(
                    "conditions asks for another header; add an http-header condition on {wanted}"
                ),
            );
        }
        return None;
    }
    if scene.asks[member].iter().any(|ask| ask.reach != Reach::Read) {
        return None;
    }
    say(
        Code::AlbOpenConditionWidens,
        "conditions on host, path, method, query or source address ask for no token, and those on \
         host and path only add to what the rule takes; add an http-header condition"
            .to_owned(),
    )
}

/// An annotation that asks, but does not reach the rule.
fn of_other_annotations(
    scene: &Scene<'_>,
    open: &OpenRule<'_>,
    ingress: &Ingress,
) -> Option<Reason> {
    let member = open.origin.member;
    let backend = &open.origin.backend;
    let mut unread: Vec<(ResourceRef, &Ask)> = scene.asks[member]
        .iter()
        .filter(|ask| ask.reach != Reach::Read)
        .map(|ask| (ingress.reference(), ask))
        .collect();
    unread.extend(
        scene.service_asks[member]
            .iter()
            .filter(|(_, ask)| ask.reach != Reach::Read)
            .map(|(service, ask)| (service.reference(), ask)),
    );
    let (resource, ask) = unread.into_iter().next()?;
    let field = at(&ask.key);
    Some(match ask.reach {
        Reach::Misspelt => {
            let right = match (&ask.want, &ask.name) {
                (Want::Token(_), Some(_)) => annotations::key(&format!("conditions.{backend}")),
                _ => super::spelling::right_login(&ask.key)
                    .map_or_else(|| annotations::key("auth-type"), annotations::key),
            };
            let words = format!("the controller does not know {}; write {right}", ask.key);
            (Code::AlbOpenAnnotationMisspelt, resource, field, words)
        }
        Reach::OnService => {
            let words = match &ask.want {
                Want::Login => {
                    "jwt-validation on a Service is not read; put it on the Ingress".to_owned()
                }
                Want::Token(_) => format!(
                    "conditions on a Service are not read; put conditions.{backend} on the Ingress"
                ),
            };
            (Code::AlbOpenConditionsUnbound, resource, field, words)
        }
        _ => {
            let name = ask.name.as_deref().unwrap_or_default();
            let is_target =
                targets(open.actions).filter_map(service_name).any(|(_, service)| service == name);
            if open.origin.uses_annotation && is_target {
                let words = format!(
                    "conditions are named after the backend, here the action {backend}, not after \
                     the Service that the action forwards to; write conditions.{backend}"
                );
                (Code::AlbOpenActionConditions, resource, field, words)
            } else {
                let words = format!(
                    "no rule has a backend of exactly this name, so the conditions are not even \
                     read; write conditions.{backend}"
                );
                (Code::AlbOpenConditionsUnbound, resource, field, words)
            }
        }
    })
}

/// The Ingress asks, but for something else than this rule.
fn of_asking_member(scene: &Scene<'_>, open: &OpenRule<'_>, resource: ResourceRef) -> Reason {
    let member = open.origin.member;
    let service_login = scene.service_asks[member]
        .iter()
        .find(|(_, ask)| ask.want == Want::Login && ask.reach == Reach::Read)
        .map(|(_, ask)| ask);
    let wants_login = wants_login(&scene.asks[member]).or(service_login);
    if let Some(ask) = wants_login {
        if open.listener.protocol == Protocol::Http {
            return http_listener(open, resource, ask);
        }
        if let Some(service) = service_turns_login_off(scene, open) {
            let words = "auth-type none on the Service wins over the Ingress's; remove it from \
                         the Service";
            let field = at(&annotations::key("auth-type"));
            return (Code::AlbOpenLoginOff, service.reference(), field, words.to_owned());
        }
        let annotations = Annotations::of(&scene.members[member].metadata.annotations);
        if matches!(annotations.text("auth-type"), None | Some("none")) {
            let kind = if ask.key.ends_with("oidc") { "oidc" } else { "cognito" };
            let words = format!("without auth-type there is no login; add auth-type \"{kind}\"");
            return (Code::AlbOpenLoginOff, resource, at(&ask.key), words);
        }
    }
    let backend = &open.origin.backend;
    let conditioned = scene.asks[member]
        .iter()
        .find(|ask| ask.name.as_deref().is_some_and(|name| name != backend));
    if let Some(ask) = conditioned {
        let other = ask.name.as_deref().unwrap_or_default();
        let words = format!(
            "the conditions of {other} do not apply to the backend {backend}; add \
             conditions.{backend}"
        );
        return (Code::AlbOpenOtherPath, resource, open.origin.field(), words);
    }
    let words =
        format!("nothing guards the backend {backend}; add conditions.{backend} or a login");
    (Code::AlbOpenRule, resource, open.origin.field(), words)
}

/// The Ingress asks for nothing, but shares its load balancer with one that does.
fn of_silent_member(scene: &Scene<'_>, open: &OpenRule<'_>, ingress: &Ingress) -> Reason {
    let asking: Vec<usize> =
        (0..scene.members.len()).filter(|&member| scene.member_asks(member)).collect();
    let on_listener = asking.iter().find(|member| open.listener.members.contains(member)).copied();
    let group = scene.id;
    let resource = ingress.reference();
    let field = open.origin.field();
    match (on_listener, asking.first()) {
        (None, Some(&other)) => {
            let other = scene.members[other].key();
            let words = format!(
                "ports are those of each Ingress, also in a group: {other}, which asks, is not on \
                 {}; give both the same listen-ports and certificate-arn, and guard this rule",
                open.listener
            );
            (Code::AlbOpenMemberPorts, resource, field, words)
        }
        (other, _) => {
            let other = other.map(|other| scene.members[other]);
            let key = other.map(Ingress::key).unwrap_or_default();
            let foreign = other.is_some_and(|other| other.namespace() != ingress.namespace());
            let joined =
                if foreign { " (from another namespace, by group.name alone)" } else { "" };
            let words = format!(
                "this member of the group {group}{joined} has no conditions and no login, and \
                 opens the load balancer that it shares with {key}; guard its rules, or take it \
                 out of the group"
            );
            (Code::AlbOpenGroupMember, resource, field, words)
        }
    }
}

/// A load balancer that nothing is asked of, in front of a Service that something is asked for
/// on another one.
pub(crate) fn other_load_balancer(scene: &Scene<'_>, open: &OpenRule<'_>) -> Opening {
    let ingress = scene.members[open.origin.member];
    Opening {
        code: Code::AlbOpenSeparateLoadBalancer,
        severity: Severity::Error,
        resource: ingress.reference(),
        field: open.origin.field(),
        message: format!(
            "without one group.name two Ingresses are two load balancers, and this one leads to \
             pods that a token or a login is asked for on another; guard this rule too: {}",
            shown(scene, open)
        ),
    }
}
