//! The VirtualServices that `KServe` and Knative create, as their gateways read them.
//!
//! Those of `KServe` are the model's ([`crate::controllers::kserve`]). Source of Knative's: `MakeVirtualServices` in
//! `pkg/reconciler/ingress/resources/virtual_service.go` of net-istio; `config-istio` in
//! `pkg/reconciler/ingress/config/istio.go`.

use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::plain::ConfigMap;
use crate::controllers::istio::{
    Destination, HttpRoute, PortSelector, RouteMatch, StringMatch, VirtualService,
    VirtualServiceSpec, WeightedDestination,
};
use crate::controllers::kserve::{Endpoint, RouteKind, ServingRoute};
use crate::path::World;
use crate::values::k8s::ObjectMeta;

const STOCK_EXTERNAL: &str = "knative-serving/knative-ingress-gateway";
const STOCK_LOCAL: &str = "knative-serving/knative-local-gateway";

pub(super) fn of(world: &World<'_>) -> Vec<VirtualService> {
    let gateways = KnativeGateways::of(world);
    let mut created = Vec::new();
    for endpoint in &world.model.endpoints {
        for route in &endpoint.routes {
            match route.kind {
                RouteKind::VirtualService => {
                    created.extend(world.model.virtual_service(endpoint, route));
                }
                RouteKind::Knative => created.extend(of_knative(endpoint, route, &gateways)),
                RouteKind::Ingress | RouteKind::HttpRoute => {}
            }
        }
    }
    created
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

fn prefix(text: &str) -> Option<StringMatch> {
    Some(StringMatch { prefix: Some(text.to_owned()), ..StringMatch::default() })
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
