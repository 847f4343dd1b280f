//! The VirtualService of an `InferenceService`.
//!
//! Source: `createIngress`, `createHTTPMatchRequest` and `createHTTPRouteDestination` in
//! `reconcilers/ingress/ingress_reconciler.go`, `HostRegExp` in `pkg/constants/constants.go`, of 0.10.2 to 0.20.0.

use super::{CreatedWith, EXPLAIN, EXPLAIN_BELOW, SERVICE_HEADERS, explainer, service_headers};
use crate::controllers::istio::{
    Destination, HeaderOperations, Headers, HttpRoute, PortSelector, RegexRewrite, Rewrite,
    RouteMatch, StringMatch, VirtualService, VirtualServiceSpec, WeightedDestination,
};
use crate::controllers::knative::CLUSTER_LOCAL_DOMAIN;
use crate::controllers::kserve::endpoint::{Endpoint, ServingRoute};
use crate::controllers::kserve::model::ServingModel;
use crate::values::k8s::ObjectMeta;
use crate::values::release::Release;

/// From here on the mesh's own requests are for the VirtualService, and the short names of its Service are not.
const MESH_GATEWAY: Release = Release::new(0, 14, 0);
/// From here on explanations have a path below that of the URL.
const EXPLAIN_BELOW_PATH: Release = Release::new(0, 14, 0);

impl ServingModel {
    /// A VirtualService of an endpoint of the model, with the rules that its gateways read; `None` where
    /// `KServe` refuses its configuration.
    #[must_use]
    pub fn virtual_service(
        &self,
        endpoint: &Endpoint,
        route: &ServingRoute,
    ) -> Option<VirtualService> {
        let with = CreatedWith { settings: self.settings.as_ref()?, kserve: self.kserve.release };
        let http = with.http(endpoint, route);
        let hosts = route.rules.iter().map(|rule| rule.host.clone()).collect();
        let gateways = route.gateways.iter().map(|name| name.to_string()).collect();
        Some(VirtualService {
            metadata: ObjectMeta {
                name: route.name.clone(),
                namespace: Some(endpoint.namespace.clone()),
                ..ObjectMeta::default()
            },
            spec: VirtualServiceSpec { hosts, gateways, http, ..VirtualServiceSpec::default() },
        })
    }
}

impl CreatedWith<'_> {
    fn http(&self, endpoint: &Endpoint, route: &ServingRoute) -> Vec<HttpRoute> {
        let entry = route.rules.first().map(|rule| &*rule.backend).unwrap_or_default();
        let mut hosts = route.rules.iter().map(|rule| rule.host.as_str());
        let inside = hosts.next().into_iter();
        let outside = hosts.next().filter(|_| route.public);
        let bare = self.settings.ingress_domain.as_str();
        let path = self.path(endpoint);
        // That of the path is between the service's own host and the further ones.
        let further = hosts.filter(|host| path.is_none() || *host != bare);
        let outside: Vec<&str> = outside.into_iter().chain(further).collect();
        let matches = |uri: Option<&StringMatch>| -> Vec<RouteMatch> {
            let of_inside =
                inside.clone().map(|host| self.of_host(host, uri, self.inside_gateways()));
            let at = vec![self.settings.ingress_gateway.clone()];
            let of_outside = outside.iter().filter(|_| route.public);
            of_inside.chain(of_outside.map(|host| self.of_host(host, uri, at.clone()))).collect()
        };
        let mut http = Vec::new();
        let explainer = explainer(endpoint);
        if let Some(explainer) = explainer {
            let matches = matches(Some(&regex(EXPLAIN.to_owned())));
            http.push(HttpRoute { matches, ..self.to(endpoint, &explainer.name) });
        }
        http.push(HttpRoute { matches: matches(None), ..self.to(endpoint, entry) });
        let Some(path) = path else { return http };
        let at = |uri| self.of_host(bare, Some(&uri), vec![self.settings.ingress_gateway.clone()]);
        if let Some(explainer) = explainer.filter(|_| self.kserve >= EXPLAIN_BELOW_PATH) {
            let pattern = format!("{path}{EXPLAIN_BELOW}");
            let matches = vec![at(regex(pattern.clone()))];
            let by = Some(RegexRewrite { pattern, rewrite: r"\1".to_owned() });
            let rewrite = Some(Rewrite { uri_regex_rewrite: by, ..Rewrite::default() });
            http.push(HttpRoute { matches, rewrite, ..self.to(endpoint, &explainer.name) });
        }
        let prefix = StringMatch { prefix: Some(format!("{path}/")), ..StringMatch::default() };
        let exact = StringMatch { exact: Some(path), ..StringMatch::default() };
        let matches = vec![at(prefix), at(exact)];
        let rewrite = Some(Rewrite { uri: "/".to_owned(), ..Rewrite::default() });
        http.push(HttpRoute { matches, rewrite, ..self.to(endpoint, entry) });
        http
    }

    fn inside_gateways(&self) -> Vec<String> {
        let mut gateways = vec![self.settings.local_gateway.clone()];
        if self.kserve >= MESH_GATEWAY {
            gateways.push("mesh".to_owned());
        }
        gateways
    }

    fn of_host(&self, host: &str, uri: Option<&StringMatch>, gateways: Vec<String>) -> RouteMatch {
        RouteMatch {
            authority: Some(regex(host_regex(host, self.kserve))),
            uri: uri.cloned(),
            gateways,
            ..RouteMatch::default()
        }
    }

    /// To a component by way of Knative's own gateway, which reads the host.
    fn to(&self, endpoint: &Endpoint, component: &str) -> HttpRoute {
        let namespace = &endpoint.namespace;
        let host = format!("{component}.{namespace}.{CLUSTER_LOCAL_DOMAIN}");
        let mut set = std::collections::BTreeMap::from([("Host".to_owned(), host)]);
        if self.kserve >= SERVICE_HEADERS {
            let named = service_headers(&endpoint.name, namespace);
            set.extend(named.map(|(name, value)| (name.to_owned(), value)));
        }
        let request = HeaderOperations { set, ..HeaderOperations::default() };
        HttpRoute {
            route: vec![WeightedDestination {
                destination: Destination {
                    host: self.settings.local_gateway_service.clone(),
                    port: Some(PortSelector { number: 80 }),
                    ..Destination::default()
                },
                weight: 100,
                ..WeightedDestination::default()
            }],
            headers: Some(Headers { request }),
            ..HttpRoute::default()
        }
    }
}

fn regex(pattern: String) -> StringMatch {
    StringMatch { regex: Some(pattern), ..StringMatch::default() }
}

/// `HostRegExp`: the host with any port. Before 0.14, also the shorter names of a Service; since then
/// they are not recognized: the pattern that should do so is searched for in the host, which never has it.
fn host_regex(host: &str, kserve: Release) -> String {
    const PORT: &str = r"(?::\d{1,5})?";
    let quoted = |text: &str| text.replace('.', r"\.");
    let short = host.strip_suffix(".svc.cluster.local").filter(|_| kserve < MESH_GATEWAY);
    match short {
        Some(short) => format!(r"^{}(?:\.svc(?:\.cluster\.local)?)?{PORT}$", quoted(short)),
        None => format!("^{}{PORT}$", quoted(host)),
    }
}
