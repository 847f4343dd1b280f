//! Gateways of the Gateway API: Istio's, whose pods enforce policies, and those of the AWS Load Balancer
//! Controller, which are a load balancer of their own.
//!
//! Source: `pilot/pkg/config/kube/gateway/{conversion,deploymentcontroller}.go` of istio/istio: the Service and
//! the service account of a Gateway's pods are called `NAME-CLASS`. `pkg/gateway/routeutils` of the AWS Load
//! Balancer Controller: a filter that it does not know, such as `RequestHeaderModifier`, leaves the whole rule
//! out, and what no rule takes gets 404.

use super::gateway::{doubt, doubt_before, in_force, policy_of};
use super::gateway_candidates::{ISTIO, Route, Routes, candidates, class_of, full_name, reader_of};
use super::proxied::istio_request;
use super::target::TargetService;
use super::token::{At, authenticate};
use crate::cluster::Kept;
use crate::controllers::alb::objects::IntOrString;
use crate::controllers::gateway_api::{
    Gateway, HeaderModifier, RouteBackend, RouteFilter, RouteRule,
};
use crate::controllers::gateway_routes::{Chosen, Matched, Reader, choose};
use crate::controllers::istio::{Jwt, Peer, Verdict, Workload};
use crate::path::simulator::mesh::identity;
use crate::path::simulator::outcome::{Cause, Place, Way};
use crate::path::simulator::walk::{End, Step, Walk};

/// The Gateway whose Service, as Istio calls it, a request comes to.
pub(super) fn of_service(walk: &Walk<'_, '_, '_>, target: &TargetService) -> Option<usize> {
    let gateways = &walk.simulator.world.cluster.objects.gateways;
    gateways.iter().position(|one| {
        one.resource.namespace.as_deref().unwrap_or("default") == target.namespace
            && class_of(walk.simulator.world, one) == Some(ISTIO)
            && target.name == one.object.service_of_istio()
    })
}

/// The listener of a Gateway that clients come to without another load balancer.
pub(in crate::path::simulator) fn listener(
    walk: &mut Walk<'_, '_, '_>,
    gateway: usize,
) -> Step<i32> {
    let kept = &walk.simulator.world.cluster.objects.gateways[gateway];
    let by = Some((*kept.resource).clone());
    let port = i32::from(walk.request.listener_port());
    let listeners = &kept.object.spec.listeners;
    let Some((place, found)) = listeners.iter().enumerate().find(|(_, one)| one.port == port)
    else {
        let text = format!("the Gateway {} has no listener on port {port}", full_name(kept));
        let field = Some("spec.listeners".to_owned());
        return Err(walk.ends(Place::Tls, by, field, text, None, Cause::NoListener));
    };
    let field = Some(format!("spec.listeners[{place}]"));
    let is_https = walk.request.scheme == "https";
    if is_https != found.is_encrypted() {
        let text = format!(
            "the listener {} speaks another protocol than {}",
            found.name, walk.request.scheme
        );
        return Err(walk.ends(Place::Tls, by, field, text, None, Cause::WrongProtocol));
    }
    if is_https {
        walk.assumes(format!(
            "TLS: the certificate of the Gateway {} covers the host",
            full_name(kept)
        ));
    }
    let text = format!("the listener {} of the Gateway {} takes it", found.name, full_name(kept));
    walk.passes(Place::Tls, by, field, text);
    Ok(port)
}

/// The listener of the port that a request of the cluster comes to: Istio gives the Service of a Gateway a
/// port for each listener (`extractServicePorts` in `deploymentcontroller.go`).
pub(super) fn listener_of_service(
    walk: &mut Walk<'_, '_, '_>,
    gateway: usize,
    target: &TargetService,
) -> Step<i32> {
    let kept = &walk.simulator.world.cluster.objects.gateways[gateway];
    let listeners = &kept.object.spec.listeners;
    let found = listeners.iter().find(|one| match &target.port {
        IntOrString::Int(number) => one.port == *number,
        IntOrString::Text(name) => one.name == *name,
    });
    let by = Some((*kept.resource).clone());
    let Some(found) = found else {
        let text = format!(
            "the Gateway {} has no listener on port {}, so its Service {}/{} has no such port",
            full_name(kept),
            target.port,
            target.namespace,
            target.name
        );
        let field = Some("spec.listeners".to_owned());
        return Err(walk.ends(Place::Route, by, field, text, None, Cause::GatewayNoServer));
    };
    let name = full_name(kept);
    let wrong = match (target.over_tls, found.is_encrypted()) {
        (Some(false), true) => Some("takes TLS, and the load balancer sends plain HTTP"),
        (Some(true), false) => Some("takes plain HTTP, and the load balancer sends TLS"),
        _ => None,
    };
    if let Some(wrong) = wrong {
        let text = format!(
            "the listener {} of the Gateway {name} {wrong}; correct alb.ingress.kubernetes.io/backend-protocol",
            found.name
        );
        let field = Some("spec.listeners".to_owned());
        return Err(walk.ends(Place::Route, by, field, text, 502, Cause::WrongProtocol));
    }
    if found.is_encrypted() && target.over_tls.is_some() && found.hostname.is_empty() {
        walk.assumes(format!("TLS: the certificate of the Gateway {name} is in the cluster"));
    } else if found.is_encrypted() {
        let text = format!(
            "the listener {} of the Gateway {} takes {}, and requests over TLS are not followed through a gateway",
            found.name,
            full_name(kept),
            found.protocol
        );
        walk.doubts(Place::Route, by, text, None, Cause::WrongProtocol);
    }
    Ok(found.port)
}

/// The Service that the routes of a port of a Gateway lead to.
pub(in crate::path::simulator) fn follow(
    walk: &mut Walk<'_, '_, '_>,
    gateway: usize,
    port: i32,
) -> Step<TargetService> {
    let world = walk.simulator.world;
    let kept = &world.cluster.objects.gateways[gateway];
    let namespace = kept.resource.namespace.clone().unwrap_or_else(|| "default".to_owned());
    let name = &kept.resource.name;
    let class = class_of(world, kept);
    let reader = match reader_of(class) {
        Some(Reader::Istio) => {
            policies(walk, &namespace, name)?;
            let account = kept.object.service_of_istio();
            walk.peer = Some(identity(&walk.simulator.mesh.mesh, &namespace, &account));
            Reader::Istio
        }
        Some(Reader::Alb) => Reader::Alb,
        None => {
            let text = match class {
                Some(controller) => format!(
                    "the controller {controller} of the Gateway {namespace}/{name} is not supported"
                ),
                None => format!(
                    "the GatewayClass {} of the Gateway {namespace}/{name} is not in the input",
                    kept.object.spec.gateway_class_name
                ),
            };
            let by = Some((*kept.resource).clone());
            walk.doubts(Place::Gateway, by, text, 404, Cause::GatewayNoRoute);
            Reader::Istio
        }
    };
    let routes = candidates(world, kept, port);
    let (route, rule, matched) = chosen(walk, &routes, reader, kept)?;
    let taken = &routes.attached[route];
    if taken.by_unknown_labels {
        let namespace = taken.by.namespace.as_deref().unwrap_or("default");
        walk.assumes(format!(
            "the namespace {namespace} has the labels that the Gateway {} demands of {}",
            full_name(kept),
            taken.shown()
        ));
    }
    let one = &taken.candidate.rules[rule];
    let field = Some(format!("spec.rules[{rule}]"));
    for filter in &one.filters {
        apply(walk, taken, one, matched, filter)?;
    }
    forward(walk, taken, one, field)
}

fn policies(walk: &mut Walk<'_, '_, '_>, namespace: &str, name: &str) -> Step<()> {
    let label = "gateway.networking.k8s.io/gateway-name";
    let labels = [(label.to_owned(), name.to_owned())].into();
    let workload = Workload::gateway(namespace, labels);
    let in_force = in_force(walk, &workload);
    let request =
        |walk: &Walk<'_, '_, '_>, jwt| istio_request(&walk.request, Peer::Plaintext, 80, jwt);
    let jwt = authenticate(walk, &workload, At::GATEWAY, |walk| {
        let request = request(walk, Jwt::Absent);
        doubt_before(walk, &in_force, &request, Place::Gateway, Cause::GatewayRefused);
    })?;
    let request = request(walk, jwt);
    match super::gateway::verdict(walk, &in_force, &request, namespace) {
        Verdict::Allowed => {
            let text = format!("the policies of the Gateway {namespace}/{name} let it pass");
            walk.passes(Place::Gateway, None, None, text);
            Ok(())
        }
        Verdict::Denied { by } => {
            let cause = Cause::GatewayRefused;
            doubt_before(walk, &in_force, &request, Place::Gateway, cause);
            let (object, field) = (policy_of(&by), Some("spec".to_owned()));
            Err(walk.ends(
                Place::Gateway,
                object,
                field,
                by.to_string(),
                403,
                Cause::GatewayRefused,
            ))
        }
        Verdict::Undecided { why } => {
            doubt(walk, Place::Gateway, &why, Cause::GatewayRefused);
            Ok(())
        }
    }
}

/// The rule that takes the request, by the places of route, rule and match.
fn chosen(
    walk: &mut Walk<'_, '_, '_>,
    routes: &Routes,
    reader: Reader,
    gateway: &Kept<Gateway>,
) -> Step<(usize, usize, Option<usize>)> {
    let candidates: Vec<_> = routes.attached.iter().map(|one| &one.candidate).collect();
    let path = walk.request.target.split('?').next().unwrap_or_default().to_owned();
    let request = Matched {
        host: &walk.request.host,
        path: &path,
        method: &walk.request.method,
        headers: Some(&walk.request.headers),
    };
    match choose(&candidates, &request, reader) {
        Chosen::Rule { route, rule, matched } => Ok((route, rule, matched)),
        Chosen::LeftOut { route, rule } => {
            let left_out = &routes.attached[route];
            let filter = reader.unsupported_filter(&left_out.candidate.rules[rule]);
            let text = format!(
                "the AWS Load Balancer Controller does not support the filter {} of {}, so the rule is missing: 404",
                filter.unwrap_or_default(),
                left_out.shown()
            );
            let (by, field) = (Some(left_out.by.clone()), Some(format!("spec.rules[{rule}]")));
            Err(walk.ends(Place::Route, by, field, text, 404, Cause::AlbNoRule))
        }
        Chosen::Nothing => {
            let cause =
                if reader == Reader::Alb { Cause::AlbNoRule } else { Cause::GatewayNoRoute };
            let left = routes.left.iter().find(|one| one.has(&walk.request.host));
            let (by, field, text) = match left.map(|one| one.blame(gateway)) {
                Some((by, field, text)) => (Some(by), Some(field), format!("{text}: 404")),
                None => {
                    let text =
                        format!("no route of the Gateway {} takes it: 404", full_name(gateway));
                    (Some((*gateway.resource).clone()), None, text)
                }
            };
            Err(walk.ends(Place::Route, by, field, text, 404, cause))
        }
        Chosen::Unreadable(what) => {
            let text = format!("the expression for {what} of a route cannot be read");
            walk.doubts(Place::Route, None, text.clone(), 200, Cause::OtherServiceAnswers);
            Err(walk.ends(Place::Route, None, None, text, 404, Cause::GatewayNoRoute))
        }
    }
}

/// What a filter makes of the request.
fn apply(
    walk: &mut Walk<'_, '_, '_>,
    route: &Route,
    rule: &RouteRule,
    matched: Option<usize>,
    filter: &RouteFilter,
) -> Step<()> {
    let by = Some(route.by.clone());
    match filter.kind.as_str() {
        "RequestRedirect" => {
            let code =
                filter.request_redirect.as_ref().and_then(|to| to.get("statusCode")?.as_u64());
            let status = code.and_then(|code| u16::try_from(code).ok()).unwrap_or(302);
            let text = format!("{} redirects it", route.shown());
            Err(walk.ends(Place::Route, by, None, text, status, Cause::RouteRedirect))
        }
        "ExtensionRef" => {
            let named =
                filter.extension_ref.as_ref().map(|one| format!("{} {}", one.kind, one.name));
            let named = named.unwrap_or_default();
            let text = format!("what the {named} demands is not supported");
            walk.doubts(Place::LoadBalancer, by, text, 401, Cause::AlbLoginRefused);
            Ok(())
        }
        "RequestHeaderModifier" => {
            if let Some(modifier) = &filter.request_header_modifier {
                modify(&mut walk.request.headers, modifier);
            }
            Ok(())
        }
        "URLRewrite" => {
            let path = filter.url_rewrite.as_ref().and_then(|to| to.get("path")).cloned();
            let text = |key: &str| path.as_ref()?.get(key)?.as_str().map(str::to_owned);
            let prefix =
                matched.and_then(|place| rule.matches.get(place)?.path.as_ref()?.value.clone());
            let prefix = prefix.unwrap_or_default();
            let (own, query) = match walk.request.target.split_once('?') {
                Some((own, query)) => (own.to_owned(), format!("?{query}")),
                None => (walk.request.target.clone(), String::new()),
            };
            let new = text("replaceFullPath").or_else(|| {
                let to = text("replacePrefixMatch")?;
                let rest = own.strip_prefix(prefix.trim_end_matches('/'))?.trim_start_matches('/');
                let to = to.trim_end_matches('/');
                // What is the prefix itself gets no slash behind it (`HTTPPathModifier`).
                let is_whole = rest.is_empty() && !to.is_empty();
                Some(if is_whole { to.to_owned() } else { format!("{to}/{rest}") })
            });
            if let Some(new) = new {
                walk.request.target = format!("{new}{query}");
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Headers are overwritten, then added, then removed (`HTTPHeaderFilter`).
fn modify(headers: &mut Vec<(String, String)>, modifier: &HeaderModifier) {
    for one in &modifier.set {
        headers.retain(|(own, _)| !own.eq_ignore_ascii_case(&one.name));
    }
    let new = modifier.set.iter().chain(&modifier.add);
    headers.extend(new.map(|one| (one.name.clone(), one.value.clone())));
    headers.retain(|(own, _)| !modifier.remove.iter().any(|name| own.eq_ignore_ascii_case(name)));
}

fn forward(
    walk: &mut Walk<'_, '_, '_>,
    route: &Route,
    rule: &RouteRule,
    field: Option<String>,
) -> Step<TargetService> {
    let by = Some(route.by.clone());
    let weighted = rule.backend_refs.iter().filter(|one| one.weight != Some(0));
    let shown = route.shown();
    let picked = walk.pick(weighted, |one| format!("{shown} sends a share to {}", one.name));
    let Some(backend) = picked else {
        let text = format!("{} has no destination", route.shown());
        return Err(walk.ends(Place::Route, by, field, text, 500, Cause::GatewayNoRoute));
    };
    if !backend.is_service() {
        let kind = backend.kind.as_deref().unwrap_or_default();
        let text = format!(
            "{} leads to the {kind} {}, which is not followed",
            route.shown(),
            backend.name
        );
        walk.doubts(Place::Route, by, text, 503, Cause::OtherServiceAnswers);
        return Err(End(Way { status: Some(200), cause: Cause::OtherServiceAnswers }));
    }
    let RouteBackend { namespace, name, port, .. } = backend.clone();
    let namespace = namespace.or_else(|| route.by.namespace.clone()).unwrap_or_default();
    let text = format!("{} takes it to {namespace}/{name}", route.shown());
    walk.passes(Place::Route, by, field, text);
    let port = IntOrString::Int(port.unwrap_or(80));
    Ok(TargetService { namespace, name, port, health_check: None, over_tls: None })
}
