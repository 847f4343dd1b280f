//! Routes of the Gateway API to protected pods, of whatever class.
//!
//! A rule of a modelled class is guarded where each of its matches demands a token that was required by an
//! `Exact` header match (`pkg/gateway/routeutils/route_rule_condition.go` of the AWS Load Balancer Controller
//! makes an `http-header` condition of it). Of another class, of one that is not in the package, and under a
//! Gateway that is not, nothing is judged.

use serde_json::Value;

use super::context::DoorContext;
use super::door::{Door, Verdict, each_opening};
use super::gateways::{AttachingRoute, Found, gateway};
use super::kinds::DoorKind;
use super::reach::{Hit, service_of_dns_name};
use super::requirement::{Requirement, is_any_token};
use super::selection::{self, Labels};
use super::services::curl;
use crate::cluster::Kept;
use crate::controllers::gateway_api::{
    ParentReference, Route, RouteBackend, RouteFilter, RouteMatch, RouteRule,
};
use crate::values::words::one_of;

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    if context.readers.has(DoorKind::GatewayRoute) {
        for kept in &context.cluster.objects.routes {
            let rules = kept.object.spec.rules.iter().enumerate();
            doors.extend(each_opening(rules.flat_map(|rule| of_rule(context, kept, rule))));
        }
    }
}

/// The doors of a rule: one for each backend and each parent that may forward to it.
fn of_rule(
    context: &DoorContext<'_, '_>,
    kept: &Kept<Route>,
    (index, rule): (usize, &RouteRule),
) -> Vec<Door> {
    let mut doors = Vec::new();
    for (field, backend) in backends(rule) {
        let Some(hit) = hit_of_backend(context, kept, backend) else { continue };
        let parents = kept.object.spec.parent_refs.iter();
        let of_parent = |parent| verdict(context, kept, parent, rule, (backend, hit));
        doors.extend(parents.filter_map(of_parent).map(|verdict| Door {
            kind: DoorKind::GatewayRoute,
            resource: kept.resource.clone(),
            created: None,
            field: format!("spec.rules[{index}].{field}"),
            to: context.name_of(hit),
            verdict,
        }));
    }
    doors
}

/// What a rule sends requests, or copies of them, to.
fn backends(rule: &RouteRule) -> impl Iterator<Item = (String, &RouteBackend)> {
    let own = rule.backend_refs.iter().enumerate();
    let own = own
        .filter(|(_, backend)| backend.weight != Some(0))
        .map(|(place, backend)| (format!("backendRefs[{place}]"), backend));
    let of_backends = own.clone().flat_map(|(field, backend)| {
        copies(&backend.filters).map(move |(place, to)| (format!("{field}.{place}"), to))
    });
    own.chain(copies(&rule.filters)).chain(of_backends)
}

/// Where filters send copies of requests.
fn copies(filters: &[RouteFilter]) -> impl Iterator<Item = (String, &RouteBackend)> {
    filters.iter().enumerate().filter_map(|(place, filter)| {
        let mirror = filter.request_mirror.as_ref()?;
        Some((format!("filters[{place}].requestMirror"), &mirror.backend_ref))
    })
}

/// The protected pods that a backend leads to.
fn hit_of_backend(
    context: &DoorContext<'_, '_>,
    route: &Kept<Route>,
    backend: &RouteBackend,
) -> Option<Hit> {
    let namespace = backend.namespace.as_ref().or(route.resource.namespace.as_ref()).cloned();
    if backend.is_service() || backend.kind.as_deref() == Some("Service") {
        return context.reach.hit(&namespace, &backend.name);
    }
    let of_sets = |hits: &mut dyn Iterator<Item = Hit>| {
        hits.max_by_key(|hit| (context.policies[hit.set].is_none(), hit.is_shown()))
    };
    if backend.is_hostname() {
        let (name, of) = service_of_dns_name(&backend.name).unwrap_or_default();
        let own = context.reach.hit(&Some(of.to_owned()), name);
        let entries = context.service_entries();
        return own.or_else(|| of_sets(&mut entries.hits(&backend.name).iter().copied()));
    }
    let mut pools = context.cluster.objects.inference_pools.iter();
    let pool = pools.find(|one| {
        backend.is_inference_pool()
            && one.resource.name == backend.name
            && context.reach.may_be_one(&one.resource.namespace, &namespace)
    })?;
    let selector = pool_selector(&pool.object.spec);
    let sets = context.reach.sets.iter().enumerate();
    let near = sets.filter(|(_, set)| context.reach.may_be_one(&set.namespace, &namespace));
    let mut hits = near.filter_map(|(index, set)| {
        Some(Hit::of(index, selection::selection(&selector, &set.labels)?))
    });
    of_sets(&mut hits)
}

/// The labels that a pool selects: `selector.matchLabels`, and `selector` itself up to `v1alpha2`.
fn pool_selector(spec: &Value) -> Labels {
    let selector = spec.get("selector").unwrap_or(&Value::Null);
    let labels = selector.get("matchLabels").unwrap_or(selector).as_object();
    let texts = labels.into_iter().flatten();
    texts.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// Whether the AWS Load Balancer Controller forwards to a backend that leads to pods: it looks at the kind alone
/// (`commonBackendLoader` in `pkg/gateway/routeutils/backend.go` of 3.5), and answers 503 where a rule has no other
/// (`pkg/gateway/routeutils/backend.go`, `pkg/gateway/model/model_build_listener.go`).
fn is_service_of_aws(backend: &RouteBackend) -> bool {
    backend.kind.as_deref().is_none_or(|kind| kind == "Service")
}

/// The verdict for one parent; `None` where it leads nothing in from outside.
fn verdict(
    context: &DoorContext<'_, '_>,
    kept: &Kept<Route>,
    parent: &ParentReference,
    rule: &RouteRule,
    (backend, hit): (&RouteBackend, Hit),
) -> Option<Verdict> {
    if parent.is_service() {
        return None;
    }
    if let Some(guarded) = context.guarded(hit.set) {
        return Some(guarded);
    }
    if !parent.is_gateway() {
        let kind = parent.kind.as_deref().unwrap_or("object");
        let missing = format!("what the {kind} {} is, to which the route is attached", parent.name);
        return Some(Verdict::NotJudged { missing: missing.into() });
    }
    let route = AttachingRoute {
        kind: &kept.resource.kind,
        namespace: &kept.resource.namespace,
        hostnames: &kept.object.spec.hostnames,
    };
    let taken = match gateway(context, parent, &route) {
        Found::Modelled(taken) => taken,
        // The pods of the gateway are those in front of which the Ingress is.
        Found::Target | Found::Unattached => return None,
        Found::Missing(missing) => return Some(Verdict::NotJudged { missing: missing.into() }),
        Found::Closed(why) => return Some(Verdict::Noted { why }),
    };
    if taken.is_aws && !is_service_of_aws(backend) {
        let kind = backend.kind.as_deref().unwrap_or_default();
        let why = format!(
            "the AWS Load Balancer Controller takes no backend of kind {kind}, and answers 503 in its place"
        );
        return Some(Verdict::Noted { why });
    }
    let requirements = context.protected.requirements();
    if kept.resource.kind.starts_with("HTTP") || kept.resource.kind.starts_with("GRPC") {
        let is_guarded = !rule.matches.is_empty()
            && rule.matches.iter().all(|one| demands_token(one, &requirements));
        if is_guarded {
            let token = requirements.iter().find(|requirement| {
                matches!(requirement, Requirement::Token(_) | Requirement::Header(_))
            });
            return Some(Verdict::Guarded {
                by: token.map_or_else(|| "a token".to_owned(), ToString::to_string),
                is_by_pods: false,
            });
        }
    }
    if let Some(login) = rule.filters.iter().find_map(|filter| filter.extension_ref.as_ref()) {
        let missing =
            format!("what the {} {} demands, which is not supported", login.kind, login.name);
        return Some(Verdict::NotJudged { missing: missing.into() });
    }
    if let Some(missing) = taken.unknown_labels {
        return Some(Verdict::NotJudged { missing: missing.into() });
    }
    let of_route: Vec<&str> = taken.hostnames.iter().map(String::as_str).collect();
    let is_http = kept.resource.kind == "HTTPRoute" || kept.resource.kind == "GRPCRoute";
    if is_http && context.is_for_other_hosts(hit, &of_route) {
        return Some(Verdict::Noted {
            why: format!(
                "it only takes requests for {}, and none of these hosts is required here",
                of_route.join(", ")
            ),
        });
    }
    let host = of_route.first().map(|host| host.replacen('*', "any", 1)).unwrap_or_default();
    let address = format!(
        "$(kubectl get gateway.gateway.networking.k8s.io {}{} -o jsonpath='{{.status.addresses[0].value}}')",
        parent.name,
        taken
            .gateway
            .resource
            .namespace
            .as_ref()
            .map(|own| format!(" -n {own}"))
            .unwrap_or_default()
    );
    let wanted: Vec<String> = requirements.iter().map(ToString::to_string).collect();
    let why = format!("the Gateway {} forwards without {}", parent.name, one_of(&wanted));
    Some(context.judged(hit, why, curl(&address, taken.port, &host)))
}

/// Whether a match demands one of the tokens.
fn demands_token(one: &RouteMatch, requirements: &[Requirement]) -> bool {
    one.headers.iter().any(|header| {
        let is_exact = header.kind.as_deref().is_none_or(|kind| kind == "Exact");
        is_exact
            && requirements.iter().any(|requirement| match requirement {
                Requirement::Token(token) => {
                    token.header.eq_ignore_ascii_case(&header.name) && token.is_token(&header.value)
                }
                Requirement::Header(name) => header.name.eq_ignore_ascii_case(name),
                Requirement::Anything => header.value.split(',').all(is_any_token),
                Requirement::Login(_)
                | Requirement::AnyLogin
                | Requirement::Provider(_)
                | Requirement::Jwt(_) => false,
            })
    })
}
