//! The routes that are attached to a Gateway of the Gateway API: those of the package, and those that
//! `KServe` creates, each with its filter `RequestHeaderModifier`
//! (`reconcilers/ingress/httproute_reconciler.go`).

use serde_json::json;

use crate::cluster::Kept;
use crate::controllers::gateway_api::{
    Gateway, PathMatch, RouteBackend, RouteFilter, RouteMatch, RouteRule,
};
use crate::controllers::gateway_routes::{Candidate, host_rank};
use crate::controllers::kserve::{Component, Endpoint, EndpointKind, RouteKind, ServingRoute};
use crate::path::World;
use crate::values::k8s::ResourceRef;

/// Istio's controller.
pub(super) const ISTIO: &str = "istio.io/gateway-controller";
/// The AWS Load Balancer Controller, and that of EKS Auto Mode.
pub(super) const ALB: [&str; 2] = ["gateway.k8s.aws/alb", "eks.amazonaws.com/gateway-alb"];
/// The annotation of a Gateway that is inside of the cluster.
const SERVICE_TYPE: &str = "networking.istio.io/service-type";

/// A route and the object that it is.
pub(super) struct Route {
    pub(super) candidate: Candidate,
    pub(super) by: ResourceRef,
}

impl Route {
    pub(super) fn shown(&self) -> String {
        let namespace = self.by.namespace.as_deref().unwrap_or("default");
        format!("{} {namespace}/{}", self.by.kind, self.by.name)
    }
}

/// `NAMESPACE/NAME`.
pub(super) fn full_name(gateway: &Kept<Gateway>) -> String {
    let namespace = gateway.resource.namespace.as_deref().unwrap_or("default");
    format!("{namespace}/{}", gateway.resource.name)
}

/// The controller of a Gateway's class, where it is known. Istio's own class is in no package that
/// istiod itself creates it for (`pilot/pkg/config/kube/gateway/gatewayclass.go`).
pub(super) fn class_of<'w>(world: &'w World<'_>, gateway: &Kept<Gateway>) -> Option<&'w str> {
    let name = &gateway.object.spec.gateway_class_name;
    let mut classes = world.cluster.objects.gateway_classes.iter();
    let found = classes.find(|one| one.resource.name == *name);
    match found {
        Some(class) => Some(class.object.spec.controller_name.as_str()),
        None if name == "istio" => Some(ISTIO),
        None => None,
    }
}

/// The routes of a Gateway.
pub(super) fn candidates(world: &World<'_>, gateway: &Kept<Gateway>) -> Vec<Route> {
    let name = full_name(gateway);
    let mut found: Vec<Route> = world
        .cluster
        .objects
        .routes
        .iter()
        .filter(|kept| matches!(kept.resource.kind.as_str(), "HTTPRoute" | "GRPCRoute"))
        .filter(|kept| {
            let own = kept.resource.namespace.as_deref().unwrap_or("default");
            kept.object.spec.parent_refs.iter().any(|parent| {
                let namespace = parent.namespace.as_deref().unwrap_or(own);
                parent.is_gateway() && format!("{namespace}/{}", parent.name) == name
            })
        })
        .map(|kept| Route {
            candidate: Candidate {
                kind: kept.resource.kind.clone(),
                hostnames: kept.object.spec.hostnames.clone(),
                rules: kept.object.spec.rules.clone(),
            },
            by: (*kept.resource).clone(),
        })
        .collect();
    found.sort_by(|one, other| one.by.cmp(&other.by));
    for endpoint in &world.model.endpoints {
        for route in &endpoint.routes {
            let is_own = route.kind == RouteKind::HttpRoute && route.gateways.contains(&name);
            if is_own && endpoint.kind.is_kserve() {
                let created = of_kserve(endpoint, route);
                let is_new = |route: &Route| !found.iter().any(|one| one.by == route.by);
                found.extend(created.into_iter().filter(is_new).collect::<Vec<_>>());
            }
        }
    }
    found
}

/// The rules of a route that `KServe` creates: a host each.
fn of_kserve(endpoint: &Endpoint, route: &ServingRoute) -> Vec<Route> {
    let by = ResourceRef {
        api_version: "gateway.networking.k8s.io/v1".to_owned(),
        kind: "HTTPRoute".to_owned(),
        namespace: Some(endpoint.namespace.clone()),
        name: route.name.clone(),
    };
    let one = |hostnames: Vec<String>, rules: Vec<RouteRule>| Route {
        candidate: Candidate { kind: "HTTPRoute".to_owned(), hostnames, rules },
        by: by.clone(),
    };
    if endpoint.kind == EndpointKind::LlmInferenceService {
        let hosts = route.rules.iter().map(|rule| rule.host.clone()).collect();
        return vec![one(hosts, of_llm(endpoint))];
    }
    let explainer = endpoint.components.iter().find(|one| one.component == Component::Explainer);
    let explainer = explainer.filter(|_| route.name == endpoint.name);
    let of_host = |host: &str, backend: &str| {
        let explain = explainer
            .map(|one| rule(r"^/v1/models/[\w-]+:explain$", "RegularExpression", &one.name, 80));
        let rules = explain.into_iter().chain([rule("^/.*$", "RegularExpression", backend, 80)]);
        let modifier =
            RouteFilter { kind: "RequestHeaderModifier".to_owned(), ..RouteFilter::default() };
        let rules = rules.map(|rule| RouteRule { filters: vec![modifier.clone()], ..rule });
        one(vec![host.to_owned()], rules.collect())
    };
    route.rules.iter().map(|rule| of_host(&rule.host, &rule.backend)).collect()
}

/// The paths of an `LLMInferenceService` below its URL
/// (`config/llmisvcconfig/config-llm-router-route.yaml`); behind an `InferencePool`, too, are its pods.
fn of_llm(endpoint: &Endpoint) -> Vec<RouteRule> {
    let Some(llm) = &endpoint.llm else { return Vec::new() };
    let of_path = |path: &str| {
        let own = format!("/{}/{}{path}", endpoint.namespace, endpoint.name);
        let path = json!({ "type": "ReplacePrefixMatch", "replacePrefixMatch": path });
        let rewrite = RouteFilter {
            kind: "URLRewrite".to_owned(),
            url_rewrite: Some(json!({ "path": path })),
            ..RouteFilter::default()
        };
        RouteRule { filters: vec![rewrite], ..rule(&own, "PathPrefix", &llm.service, 8000) }
    };
    ["/v1/completions", "/v1/chat/completions", "/v1/responses", "/v1/messages"].map(of_path).into()
}

fn rule(path: &str, kind: &str, backend: &str, port: i32) -> RouteRule {
    let path = PathMatch { kind: Some(kind.to_owned()), value: Some(path.to_owned()) };
    RouteRule {
        matches: vec![RouteMatch { path: Some(path), ..RouteMatch::default() }],
        backend_refs: vec![RouteBackend {
            name: backend.to_owned(),
            port: Some(port),
            ..RouteBackend::default()
        }],
        ..RouteRule::default()
    }
}

/// The Gateway whose routes and listeners have a host, the most specific one first.
pub(in crate::path::simulator) fn for_host(world: &World<'_>, host: &str) -> Option<usize> {
    let gateways = world.cluster.objects.gateways.iter().enumerate();
    let ranked = gateways.filter_map(|(place, kept)| {
        let class = class_of(world, kept);
        let annotations = &kept.object.metadata.annotations;
        let is_inside = annotations.get(SERVICE_TYPE).is_some_and(|kind| kind == "ClusterIP");
        if is_inside && !class.is_some_and(|class| ALB.contains(&class)) {
            return None;
        }
        let mut listeners = kept.object.spec.listeners.iter();
        listeners.find(|one| {
            one.hostname.is_empty()
                || host_rank(std::slice::from_ref(&one.hostname), host).is_some()
        })?;
        let routes = candidates(world, kept);
        let rank =
            routes.iter().filter_map(|one| host_rank(&one.candidate.hostnames, host)).max()?;
        Some((rank, std::cmp::Reverse(place)))
    });
    ranked.max().map(|(_, std::cmp::Reverse(place))| place)
}
