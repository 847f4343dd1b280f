//! Routes of the Gateway API to protected pods, of whatever class.
//!
//! Modelled are the AWS Load Balancer Controller's classes (`gateway.k8s.aws/alb` and `…/nlb`,
//! `pkg/gateway/constants/controller_constants.go`; `pkg/gateway/routeutils/route_rule_condition.go`
//! makes an `http-header` condition of a header match) and Istio's (`istio.io/gateway-controller`,
//! `pilot/pkg/config/kube/gateway/conversion.go`). Each takes some kinds of routes; one of another
//! kind is not attached. A rule of theirs is guarded where each of its
//! matches demands a token that was required by an `Exact` header match. Of another class, of one
//! that is not in the package, and under a Gateway that is not, nothing is judged.

use serde_json::Value;

use super::asked::{Asked, is_any_token};
use super::door::{Door, Verdict, each_opening};
use super::kinds::DoorKind;
use super::reach::{Hit, Why, service_of_dns_name};
use super::scene::Scene;
use super::selection::{self, Labels};
use super::service_entries::ServiceEntries;
use super::services::curl;
use crate::cluster::Kept;
use crate::controllers::gateway_api::{
    Gateway, ParentReference, Route, RouteBackend, RouteFilter, RouteMatch, RouteRule,
};

/// `L7RouteFilter` and `L4RouteFilter` in `pkg/gateway/routeutils/loader.go`.
const AWS: [(&str, &[&str]); 2] = [
    ("gateway.k8s.aws/alb", &["HTTPRoute", "GRPCRoute"]),
    ("gateway.k8s.aws/nlb", &["TCPRoute", "TLSRoute", "UDPRoute"]),
];
pub(super) const ISTIO: &str = "istio.io/gateway-controller";
/// `pilot/pkg/config/kube/gateway/route_collections.go`, which has no collection of `UDPRoutes`.
const OF_ISTIO: [&str; 4] = ["HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"];
/// The annotation that makes the Service of an Istio Gateway one inside the cluster
/// (`pilot/pkg/config/kube/gateway/deploymentcontroller.go`, `serviceTypeOverride`).
pub(super) const SERVICE_TYPE: &str = "networking.istio.io/service-type";

pub(crate) fn read(scene: &Scene<'_, '_>, doors: &mut Vec<Door>) {
    if scene.readers.has(DoorKind::GatewayRoute) {
        for kept in &scene.cluster.objects.routes {
            let rules = kept.object.spec.rules.iter().enumerate();
            doors.extend(each_opening(rules.flat_map(|rule| of_rule(scene, kept, rule))));
        }
    }
}

/// The doors of a rule: one for each backend and each parent that may forward to it.
fn of_rule(
    scene: &Scene<'_, '_>,
    kept: &Kept<Route>,
    (index, rule): (usize, &RouteRule),
) -> Vec<Door> {
    let hits = backends(rule)
        .filter_map(|(field, backend)| Some((field, hit_of_backend(scene, kept, backend)?)));
    let of_hit = |(field, hit): (String, Hit)| {
        let parents = kept.object.spec.parent_refs.iter();
        let verdicts = parents.filter_map(move |parent| verdict(scene, kept, parent, rule, hit));
        verdicts.map(move |verdict| Door {
            kind: DoorKind::GatewayRoute,
            resource: kept.resource.clone(),
            created: None,
            field: format!("spec.rules[{index}].{field}"),
            to: scene.name_of(hit),
            verdict,
        })
    };
    hits.flat_map(of_hit).collect()
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
    scene: &Scene<'_, '_>,
    route: &Kept<Route>,
    backend: &RouteBackend,
) -> Option<Hit> {
    let namespace = backend.namespace.as_ref().or(route.resource.namespace.as_ref()).cloned();
    if backend.is_service() {
        return scene.reach.hit(&namespace, &backend.name);
    }
    let of_sets = |hits: &mut dyn Iterator<Item = Hit>| {
        hits.max_by_key(|hit| (scene.policies[hit.set].is_none(), hit.is_shown()))
    };
    if backend.is_hostname() {
        let (name, of) = service_of_dns_name(&backend.name).unwrap_or_default();
        let own = scene.reach.hit(&Some(of.to_owned()), name);
        let entries = ServiceEntries::of(scene.cluster, &scene.reach);
        return own.or_else(|| of_sets(&mut entries.hits(&backend.name).iter().copied()));
    }
    let mut pools = scene.cluster.objects.inference_pools.iter();
    let pool = pools.find(|one| {
        backend.is_inference_pool()
            && one.resource.name == backend.name
            && scene.reach.may_be_one(&one.resource.namespace, &namespace)
    })?;
    let selector = pool_selector(&pool.object.spec);
    let sets = scene.reach.sets.iter().enumerate();
    let near = sets.filter(|(_, set)| scene.reach.may_be_one(&set.namespace, &namespace));
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

/// The verdict for one parent; `None` where it leads nothing in from outside.
fn verdict(
    scene: &Scene<'_, '_>,
    kept: &Kept<Route>,
    parent: &ParentReference,
    rule: &RouteRule,
    hit: Hit,
) -> Option<Verdict> {
    if parent.is_service() {
        return None;
    }
    if let Some(by) = &scene.policies[hit.set] {
        return Some(Verdict::Guarded { by: by.to_string(), is_by_pods: true });
    }
    let namespace = parent.namespace.as_ref().or(kept.resource.namespace.as_ref()).cloned();
    if !parent.is_gateway() {
        let kind = parent.kind.as_deref().unwrap_or("object");
        let missing = format!("what the {kind} {} is, to which the route is attached", parent.name);
        return Some(Verdict::NotJudged { missing: missing.into() });
    }
    let gateway = match gateway(scene, &namespace, &parent.name, &kept.resource.kind) {
        Found::Modelled(gateway) => gateway,
        // The pods of the gateway are those in front of which the Ingress is.
        Found::Target | Found::Unattached => return None,
        Found::Missing(missing) => return Some(Verdict::NotJudged { missing: missing.into() }),
        Found::Inside(why) => return Some(Verdict::Noted { why }),
    };
    let asked = scene.protected.asked();
    if kept.resource.kind.starts_with("HTTP") || kept.resource.kind.starts_with("GRPC") {
        let is_guarded =
            !rule.matches.is_empty() && rule.matches.iter().all(|one| demands_token(one, &asked));
        if is_guarded {
            let token =
                asked.iter().find(|asked| matches!(asked, Asked::Token(_) | Asked::Header(_)));
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
    let of_route: Vec<&str> = kept.object.spec.hostnames.iter().map(String::as_str).collect();
    let is_http = kept.resource.kind == "HTTPRoute" || kept.resource.kind == "GRPCRoute";
    if is_http && scene.is_for_other_hosts(hit, &of_route) {
        return Some(Verdict::Noted {
            why: format!(
                "it only takes requests for {}, and none of these hosts is required here",
                of_route.join(", ")
            ),
        });
    }
    let port = gateway.object.spec.listeners.first().map_or(80, |one| one.port);
    let host = of_route.first().map(|host| host.replacen('*', "any", 1)).unwrap_or_default();
    let address = format!(
        "$(kubectl get gateway.gateway.networking.k8s.io {}{} -o jsonpath='{{.status.addresses[0].value}}')",
        parent.name,
        namespace.map(|own| format!(" -n {own}")).unwrap_or_default()
    );
    let wanted: Vec<String> = asked.iter().map(ToString::to_string).collect();
    let why = format!("the Gateway {} forwards without {}", parent.name, wanted.join(" or "));
    Some(scene.judged(hit, why, curl(&address, port, &host)))
}

/// What the Gateway of a name is.
pub(super) enum Found<'a> {
    Modelled(&'a Kept<Gateway>),
    Target,
    Unattached,
    Missing(String),
    Inside(String),
}

/// The Gateway of a name, for routes of a kind.
pub(super) fn gateway<'a>(
    scene: &'a Scene<'_, '_>,
    namespace: &Option<String>,
    name: &str,
    route: &str,
) -> Found<'a> {
    let shown = match namespace {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_owned(),
    };
    let gateways = scene.cluster.objects.gateways.iter();
    let of_name = gateways.filter(|one| {
        one.resource.name == name && scene.reach.may_be_one(&one.resource.namespace, namespace)
    });
    // Of several that it may be, the one that lets most through.
    let found =
        of_name.map(|one| found(scene, one, &shown, route)).max_by_key(|found| match found {
            Found::Target | Found::Unattached => 0,
            Found::Inside(_) => 1,
            Found::Missing(_) => 2,
            Found::Modelled(_) => 3,
        });
    found.unwrap_or_else(|| Found::Missing(format!("the Gateway {shown}")))
}

/// What a Gateway is.
fn found<'a>(
    scene: &'a Scene<'_, '_>,
    found: &'a Kept<Gateway>,
    shown: &str,
    route: &str,
) -> Found<'a> {
    let class = &found.object.spec.gateway_class_name;
    let mut classes = scene.cluster.objects.gateway_classes.iter();
    let controller = classes
        .find(|one| one.resource.name == *class)
        .map(|one| one.object.spec.controller_name.as_str());
    match controller {
        None => Found::Missing(format!("the GatewayClass {class} of the Gateway {shown}")),
        Some(ISTIO) if !OF_ISTIO.contains(&route) => Found::Unattached,
        Some(ISTIO) => {
            // Its pods' own Service, or the one that an address names.
            let own = found.object.service_of_istio();
            let target = |name: &str| {
                scene
                    .reach
                    .hits(&found.resource.namespace, name)
                    .any(|hit| scene.reach.sets[hit.set].why == Why::Target)
            };
            let by_address = found
                .object
                .spec
                .addresses
                .iter()
                .any(|address| target(address.value.split('.').next().unwrap_or_default()));
            let inside = found.object.metadata.annotations.get(SERVICE_TYPE);
            if target(&own) || by_address {
                Found::Target
            } else if inside.is_some_and(|kind| kind == "ClusterIP") {
                Found::Inside(format!("the Gateway {shown} has a Service of type ClusterIP"))
            } else {
                Found::Modelled(found)
            }
        }
        Some(controller) => match AWS.iter().find(|(name, _)| *name == controller) {
            Some((_, kinds)) if kinds.contains(&route) => Found::Modelled(found),
            Some(_) => Found::Unattached,
            None => Found::Missing(format!(
                "what the controller {controller} of the Gateway {shown} requires of a request, which is not supported"
            )),
        },
    }
}

/// Whether a match demands one of the tokens.
fn demands_token(one: &RouteMatch, asked: &[Asked]) -> bool {
    one.headers.iter().any(|header| {
        let is_exact = header.kind.as_deref().is_none_or(|kind| kind == "Exact");
        is_exact
            && asked.iter().any(|asked| match asked {
                Asked::Token(token) => {
                    token.header.eq_ignore_ascii_case(&header.name) && token.is_token(&header.value)
                }
                Asked::Header(name) => header.name.eq_ignore_ascii_case(name),
                Asked::Anything => header.value.split(',').all(is_any_token),
                Asked::Login(_) | Asked::AnyLogin | Asked::Provider(_) | Asked::Jwt(_) => false,
            })
    })
}
