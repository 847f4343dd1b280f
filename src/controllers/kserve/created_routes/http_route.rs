//! The `HTTPRoutes` of an `InferenceService`.
//!
//! Source: `createRawPredictorHTTPRoute`, `createRawTopLevelHTTPRoute`, `createHTTPRouteRule`,
//! `detectServiceProtocolPorts` and `addIsvcHeaders` in `reconcilers/ingress/httproute_reconciler.go` of 0.15.0 to
//! 0.20.0.

use super::{CreatedWith, EXPLAIN, EXPLAIN_BELOW, explainer, service_headers};
use crate::controllers::gateway_api::{
    HeaderMatch, HeaderModifier, ParentReference, PathMatch, RouteBackend, RouteFilter, RouteMatch,
    RouteRule, RouteSpec,
};
use crate::controllers::kserve::container_ports::SERVICE_PORT;
use crate::controllers::kserve::endpoint::{Canary, ComponentEndpoint, Endpoint, ServingRoute};
use crate::controllers::kserve::model::ServingModel;
use crate::values::release::Release;

/// From here on a Service with ports for both protocols has a rule for each: 0.17.0 has none, 0.19.0 does.
const BOTH_PROTOCOLS: Release = Release::new(0, 18, 0);
/// `FallbackPrefix`.
const EVERYTHING: &str = "^/.*$";

impl ServingModel {
    /// `spec` of an `HTTPRoute` of an endpoint of the model; `None` where `KServe` refuses its configuration.
    #[must_use]
    pub fn http_route(&self, endpoint: &Endpoint, route: &ServingRoute) -> Option<RouteSpec> {
        let with = CreatedWith { settings: self.settings.as_ref()?, kserve: self.kserve.release };
        let rules = match &endpoint.llm {
            Some(llm) => llm.rules.clone(),
            None => split(with.rules(endpoint, route), endpoint, route),
        };
        let parents = route.gateways.iter().map(|parent| {
            let (namespace, name) = parent.split_once('/').unwrap_or(("", parent));
            ParentReference {
                namespace: Some(namespace.to_owned()).filter(|one| !one.is_empty()),
                name: name.to_owned(),
                ..ParentReference::default()
            }
        });
        let hosts = route.rules.iter().map(|rule| rule.host.clone());
        Some(RouteSpec { parent_refs: parents.collect(), hostnames: hosts.collect(), rules })
    }
}

impl CreatedWith<'_> {
    fn rules(&self, endpoint: &Endpoint, route: &ServingRoute) -> Vec<RouteRule> {
        let Some(backend) = route.rules.first().map(|rule| &*rule.backend) else {
            return Vec::new();
        };
        let one = |name: &str| endpoint.components.iter().find(|one| one.name == name);
        let to = |path: String, name: &str, port: u32| Self::rule(endpoint, path, name, port);
        let mut rules = Vec::new();
        let is_of_service = route.name == endpoint.name;
        let explainer = explainer(endpoint).filter(|_| is_of_service);
        if let Some(explainer) = explainer {
            rules.push(to(EXPLAIN.to_owned(), &explainer.name, SERVICE_PORT));
        }
        match one(backend).and_then(|component| self.ports(component)) {
            Some((rest, grpc)) => {
                rules.push(Self::grpc(endpoint, backend, grpc));
                rules.push(to(EVERYTHING.to_owned(), backend, rest));
            }
            None => rules.push(to(EVERYTHING.to_owned(), backend, SERVICE_PORT)),
        }
        if let Some(path) = self.path(endpoint).filter(|_| is_of_service) {
            if let Some(explainer) = explainer {
                rules.push(to(format!("{path}{EXPLAIN_BELOW}"), &explainer.name, SERVICE_PORT));
            }
            rules.push(to(format!("{path}/"), backend, SERVICE_PORT));
        }
        rules
    }

    /// The ports of a Service for HTTP and for gRPC, where it has both.
    fn ports(&self, component: &ComponentEndpoint) -> Option<(u32, u32)> {
        if self.kserve < BOTH_PROTOCOLS {
            return None;
        }
        let of = |is_grpc| component.ports.iter().find(|one| one.is_grpc == is_grpc);
        Some((of(false)?.port, of(true)?.port))
    }

    fn rule(endpoint: &Endpoint, path: String, backend: &str, port: u32) -> RouteRule {
        let headers = service_headers(&endpoint.name, &endpoint.namespace).map(|(name, value)| {
            HeaderMatch { name: name.to_owned(), value, ..HeaderMatch::default() }
        });
        let modifier = HeaderModifier { set: headers.into(), ..HeaderModifier::default() };
        RouteRule {
            matches: vec![RouteMatch { path: Some(expression(path)), ..RouteMatch::default() }],
            filters: vec![RouteFilter {
                kind: "RequestHeaderModifier".to_owned(),
                request_header_modifier: Some(modifier),
                ..RouteFilter::default()
            }],
            backend_refs: vec![RouteBackend {
                kind: Some("Service".to_owned()),
                namespace: Some(endpoint.namespace.clone()),
                name: backend.to_owned(),
                port: port.try_into().ok(),
                ..RouteBackend::default()
            }],
        }
    }

    /// `createGRPCRouteMatches`.
    fn grpc(endpoint: &Endpoint, backend: &str, port: u32) -> RouteRule {
        let path = r"^/inference\.GRPCInferenceService/.*$".to_owned();
        let mut rule = Self::rule(endpoint, path, backend, port);
        for one in &mut rule.matches {
            one.headers.push(HeaderMatch {
                kind: Some("RegularExpression".to_owned()),
                name: "content-type".to_owned(),
                value: "^application/grpc.*".to_owned(),
            });
        }
        rule
    }
}

/// Gives canaries their parts of every rule (`applyCanaryWeights` in `reconcilers/ingress/httproute_reconciler.go` at
/// aaac4e2, after 0.20.0).
fn split(mut rules: Vec<RouteRule>, endpoint: &Endpoint, route: &ServingRoute) -> Vec<RouteRule> {
    let canaries: Vec<&Canary> = endpoint.canaries_of(route).collect();
    if canaries.is_empty() {
        return rules;
    }
    let rest = 100 - canaries.iter().map(|one| one.percent).sum::<i32>();
    for rule in &mut rules {
        let Some(stable) = rule.backend_refs.pop() else { continue };
        let parts = canaries.iter().map(|one| RouteBackend {
            name: one.part.name.clone(),
            weight: Some(one.percent),
            ..stable.clone()
        });
        rule.backend_refs = parts.collect();
        rule.backend_refs.insert(0, RouteBackend { weight: Some(rest), ..stable });
    }
    rules
}

fn expression(path: String) -> PathMatch {
    PathMatch { kind: Some("RegularExpression".to_owned()), value: Some(path) }
}
