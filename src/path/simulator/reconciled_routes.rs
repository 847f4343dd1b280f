//! The VirtualServices that `KServe` and Knative create, as their gateways read them.
//!
//! Source: `createIngress` in `reconcilers/ingress/ingress_reconciler.go` of kserve/kserve;
//! `MakeVirtualServices` in `pkg/reconciler/ingress/resources/virtual_service.go` of net-istio;
//! `config-istio` in `pkg/reconciler/ingress/config/istio.go`.

use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::plain::ConfigMap;
use crate::controllers::istio::{
    Destination, HeaderOperations, Headers, HttpRoute, PortSelector, Rewrite, RouteMatch,
    StringMatch, VirtualService, VirtualServiceSpec, WeightedDestination,
};
use crate::controllers::kserve::{Component, Endpoint, RouteKind, ServingRoute};
use crate::path::World;
use crate::values::k8s::ObjectMeta;
use crate::values::release::Release;

/// From here on `KServe` sends requests to `knativeLocalGatewayService`.
const OWN_LOCAL_SERVICE: Release = Release::new(0, 15, 0);
const STOCK_LOCAL_SERVICE: &str = "knative-local-gateway.istio-system.svc.cluster.local";
const STOCK_EXTERNAL: &str = "knative-serving/knative-ingress-gateway";
const STOCK_LOCAL: &str = "knative-serving/knative-local-gateway";

pub(super) fn of(world: &World<'_>) -> Vec<VirtualService> {
    let gateways = KnativeGateways::of(world);
    let kserve = KserveGateways::of(world);
    let mut made = Vec::new();
    for endpoint in &world.model.endpoints {
        for route in &endpoint.routes {
            match route.kind {
                RouteKind::VirtualService => made.push(of_kserve(endpoint, route, &kserve)),
                RouteKind::Knative => made.extend(of_knative(endpoint, route, &gateways)),
                RouteKind::Ingress | RouteKind::HttpRoute => {}
            }
        }
    }
    made
}

/// The gateways of Knative's Routes.
struct KnativeGateways {
    external: Vec<String>,
    local: Vec<String>,
}

impl KnativeGateways {
    /// Any `gateway.NAMESPACE.NAME` key replaces the stock one, and likewise any `local-gateway.…`.
    fn of(world: &World<'_>) -> Self {
        let data = config_map(world, "config-istio").unwrap_or_default();
        let named = |prefix: &str, stock: &str| {
            let keys = data.keys().filter_map(|key| key.strip_prefix(prefix));
            let named: Vec<String> = keys
                .filter_map(|key| key.split_once('.'))
                .map(|(namespace, name)| format!("{namespace}/{name}"))
                .collect();
            if named.is_empty() { vec![stock.to_owned()] } else { named }
        };
        Self {
            external: named("gateway.", STOCK_EXTERNAL),
            local: named("local-gateway.", STOCK_LOCAL),
        }
    }
}

fn config_map(world: &World<'_>, name: &str) -> Option<BTreeMap<String, String>> {
    let mut maps = world.cluster.objects.config_maps.iter();
    let map = maps.find(|one| one.resource.name == name)?;
    Some(map.object.read::<ConfigMap>().ok()?.texts())
}

/// What `KServe`'s routes are for, and the Service that they lead to.
struct KserveGateways {
    /// The Gateway that hosts outside of the cluster are for.
    external: String,
    local_service: String,
}

impl KserveGateways {
    fn of(world: &World<'_>) -> Self {
        let data = config_map(world, "inferenceservice-config").unwrap_or_default();
        let ingress: serde_json::Value = data
            .get("ingress")
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let text =
            |key: &str| ingress.get(key).and_then(serde_json::Value::as_str).map(str::to_owned);
        let own = text("knativeLocalGatewayService")
            .filter(|_| world.model.kserve.release >= OWN_LOCAL_SERVICE);
        let local_service = own.or_else(|| text("localGatewayService"));
        Self {
            external: text("ingressGateway").unwrap_or_default(),
            local_service: local_service.unwrap_or_else(|| STOCK_LOCAL_SERVICE.to_owned()),
        }
    }

    /// The Gateways of a route that a host is for (`createHTTPMatchRequest`).
    fn of_host(&self, route: &ServingRoute, host: &str) -> Vec<String> {
        let is_inside = host.ends_with(".svc.cluster.local");
        let own = route.gateways.iter().filter(|name| (**name == self.external) != is_inside);
        own.cloned().collect()
    }
}

fn authority(regex: String) -> Option<StringMatch> {
    Some(StringMatch { regex: Some(regex), ..StringMatch::default() })
}

fn prefix(text: &str) -> Option<StringMatch> {
    Some(StringMatch { prefix: Some(text.to_owned()), ..StringMatch::default() })
}

/// `^host(?::\d{1,5})?$`, as `HostRegExp` in `pkg/constants/constants.go` writes it.
fn host_regex(host: &str) -> String {
    let mut quoted = String::new();
    for c in host.chars() {
        if !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    format!(r"^{quoted}(?::\d{{1,5}})?$")
}

fn to(host: &str, port: u32) -> Vec<WeightedDestination> {
    vec![WeightedDestination {
        destination: Destination {
            host: host.to_owned(),
            port: Some(PortSelector { number: port }),
            ..Destination::default()
        },
        weight: 100,
        ..WeightedDestination::default()
    }]
}

fn of_kserve(
    endpoint: &Endpoint,
    route: &ServingRoute,
    gateways: &KserveGateways,
) -> VirtualService {
    let namespace = &endpoint.namespace;
    let hosts: Vec<&str> = route.rules.iter().map(|rule| rule.host.as_str()).collect();
    let path = path_of_url(endpoint.url.as_deref(), &hosts);
    let authorities: Vec<&str> = hosts
        .iter()
        .copied()
        .filter(|host| path.as_ref().is_none_or(|(bare, _)| host != bare))
        .collect();
    let send = |component: &str| HttpRoute {
        route: to(&gateways.local_service, 80),
        headers: Some(Headers {
            request: HeaderOperations {
                set: [("Host".to_owned(), format!("{component}.{namespace}.svc.cluster.local"))]
                    .into(),
                ..HeaderOperations::default()
            },
        }),
        ..HttpRoute::default()
    };
    let mut http = Vec::new();
    if let Some(explainer) =
        endpoint.components.iter().find(|one| one.component == Component::Explainer)
    {
        let matches = authorities.iter().map(|host| RouteMatch {
            authority: authority(host_regex(host)),
            gateways: gateways.of_host(route, host),
            uri: Some(StringMatch {
                regex: Some(r"^/v1/models/[\w-]+:explain$".to_owned()),
                ..StringMatch::default()
            }),
            ..RouteMatch::default()
        });
        http.push(HttpRoute { matches: matches.collect(), ..send(&explainer.name) });
    }
    let entry = route.rules.first().map(|rule| &*rule.backend).unwrap_or_default();
    let matches = authorities.iter().map(|host| RouteMatch {
        authority: authority(host_regex(host)),
        gateways: gateways.of_host(route, host),
        ..RouteMatch::default()
    });
    http.push(HttpRoute { matches: matches.collect(), ..send(entry) });
    if let Some((bare, path)) = path {
        for (uri, rewrite) in [
            (prefix(&format!("{path}/")), "/"),
            (Some(StringMatch { exact: Some(path.clone()), ..StringMatch::default() }), "/"),
        ] {
            let matches = vec![RouteMatch {
                authority: authority(host_regex(bare)),
                uri,
                ..RouteMatch::default()
            }];
            let rewrite = Some(Rewrite { uri: rewrite.to_owned(), ..Rewrite::default() });
            http.push(HttpRoute { matches, rewrite, ..send(entry) });
        }
    }
    virtual_service(
        namespace,
        &route.name,
        hosts.into_iter().map(str::to_owned).collect(),
        route.gateways.clone(),
        http,
    )
}

/// The domain and path of a path-based URL.
fn path_of_url<'h>(url: Option<&str>, hosts: &[&'h str]) -> Option<(&'h str, String)> {
    let (_, rest) = url?.split_once("://")?;
    let (domain, path) = rest.split_once('/')?;
    let bare = hosts.iter().copied().find(|host| *host == domain)?;
    Some((bare, format!("/{}", path.trim_end_matches('/'))))
}

/// Each host by the authority's prefix; hosts of the cluster at the local gateways and those of the
/// internet at the external ones. Sidecars have a VirtualService of their own for those of the cluster.
fn of_knative(
    endpoint: &Endpoint,
    route: &ServingRoute,
    gateways: &KnativeGateways,
) -> [VirtualService; 2] {
    let namespace = &endpoint.namespace;
    let suffix = ".svc.cluster.local";
    let mesh = ["mesh".to_owned()];
    let (mut hosts, mut inside) = (BTreeSet::new(), BTreeSet::new());
    let (mut http, mut http_of_mesh) = (Vec::new(), Vec::new());
    for rule in &route.rules {
        let is_local = rule.host.ends_with(suffix);
        let at = if is_local { &gateways.local } else { &gateways.external };
        let mut names = vec![rule.host.clone()];
        if is_local {
            let short = rule.host.trim_end_matches(suffix).to_owned();
            names.push(format!("{short}.svc"));
            names.push(short);
        }
        let trimmed = names.last().cloned().unwrap_or_default();
        let to_revision = |at: &[String]| HttpRoute {
            matches: vec![RouteMatch {
                authority: prefix(&trimmed),
                gateways: at.to_vec(),
                ..RouteMatch::default()
            }],
            route: to(&format!("{}-00001.{namespace}{suffix}", rule.backend), 80),
            ..HttpRoute::default()
        };
        http.push(to_revision(at));
        if is_local {
            http_of_mesh.push(to_revision(&mesh));
            inside.extend(names.clone());
        }
        hosts.extend(names);
    }
    let mut all: Vec<String> = gateways.local.clone();
    if route.public {
        all.extend(gateways.external.iter().filter(|one| !gateways.local.contains(one)).cloned());
    }
    let texts = |all: &BTreeSet<String>| all.iter().cloned().collect::<Vec<String>>();
    let name = |kind: &str| format!("{}-{kind}", route.name);
    [
        virtual_service(namespace, &name("ingress"), texts(&hosts), all, http),
        virtual_service(namespace, &name("mesh"), texts(&inside), mesh.to_vec(), http_of_mesh),
    ]
}

fn virtual_service(
    namespace: &str,
    name: &str,
    hosts: Vec<String>,
    gateways: Vec<String>,
    http: Vec<HttpRoute>,
) -> VirtualService {
    VirtualService {
        metadata: ObjectMeta {
            name: name.to_owned(),
            namespace: Some(namespace.to_owned()),
            ..ObjectMeta::default()
        },
        spec: VirtualServiceSpec { hosts, gateways, http, ..VirtualServiceSpec::default() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_with_a_path_has_its_domain_among_the_hosts() {
        let hosts = ["a.example.com", "b.example.com"];
        let of = |url: &str| path_of_url(Some(url), &hosts);
        assert_eq!(of("http://b.example.com/x/m"), Some(("b.example.com", "/x/m".to_owned())));
        assert_eq!(of("http://b.example.com/x/"), Some(("b.example.com", "/x".to_owned())));
        assert_eq!(of("http://b.example.com"), None);
        assert_eq!(of("http://c.example.com/x"), None);
        assert_eq!(path_of_url(None, &hosts), None);
    }
}
