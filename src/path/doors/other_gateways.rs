//! Which Istio Gateways on other pods lead to the same Services.
//!
//! A `VirtualService` routes HTTP, copies of it, TLS and TCP to its destinations
//! (`networking/v1alpha3/virtual_service.proto` of istio/api), and may leave the HTTP routes to
//! another one, which delegates no further (`MergeHTTPRoutes` in
//! `pilot/pkg/model/virtualservice.go` of istio/istio).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::gateway_pods::GatewayPods;
use super::reach::{Hit, PodSet, Reach, Why, service_of_dns_name};
use super::selection::{Labels, Selection};
use super::service_entries::ServiceEntries;
use crate::cluster::{Cluster, Kept, KserveWorld};
use crate::controllers::istio::{Gateway, VirtualService};
use crate::values::k8s::ResourceRef;

/// Gateways inside the cluster, by the names that Knative and `KServe` give them.
pub(crate) const LOCAL: [&str; 2] = ["knative-local-gateway", "cluster-local-gateway"];

/// A Gateway on other pods.
pub(crate) struct OtherGateway<'c> {
    /// The Gateway; where it is not in the package, its name.
    pub(crate) gateway: Result<&'c Kept<Gateway>, String>,
    /// The object that leads through it to a Service behind the front's gateway, too, or to a
    /// protected one itself.
    pub(crate) route: &'c ResourceRef,
}

/// Adds the pods of every other Gateway to what is protected; whether there are any.
pub(crate) fn add_other_gateways(
    cluster: &Cluster<'_>,
    kserve: &KserveWorld,
    pods: &GatewayPods<'_>,
    reach: &mut Reach,
) -> bool {
    for other in &others(cluster, kserve, pods, reach) {
        let Ok(gateway) = other.gateway else { continue };
        let selector = &gateway.object.spec.selector;
        if reach.gateway_sets.contains_key(selector) {
            continue;
        }
        let served = pods.served(selector, reach);
        let Some(others) = served.others else { continue };
        let which = if served.is_own { "other pods that serve" } else { "the pods of" };
        reach.sets.push(PodSet {
            namespace: None,
            labels: others.labels,
            why: Why::OtherGateway,
            name: format!("{which} {}", gateway.resource).into(),
            has_proxy: true,
        });
        let set = reach.sets.len() - 1;
        reach.gateway_sets.insert(selector.clone(), set);
        for service in others.services {
            reach.note(service, Hit::of(set, Selection::Same));
        }
    }
    !reach.gateway_sets.is_empty()
}

/// The Gateways of a package by name, then by namespace.
struct Gateways<'c> {
    all: BTreeMap<&'c str, Vec<&'c Kept<Gateway>>>,
}

impl<'c> Gateways<'c> {
    fn of(cluster: &'c Cluster<'_>) -> Self {
        let mut all: BTreeMap<&str, Vec<&Kept<Gateway>>> = BTreeMap::new();
        for one in &cluster.objects.istio_gateways {
            all.entry(&one.resource.name).or_default().push(one);
        }
        Self { all }
    }

    /// Those that a name may be for.
    fn named(&self, reach: &Reach, (namespace, name): &Named) -> Vec<&'c Kept<Gateway>> {
        let known = self.all.get(name.as_str()).map_or(&[][..], Vec::as_slice);
        let near = known.iter().filter(|one| reach.may_be_one(&one.resource.namespace, namespace));
        near.copied().collect()
    }
}

/// A namespace, where it is known, and a name in it.
type Named = (Option<String>, String);

/// A Gateway as a `VirtualService` names it: of its own namespace where it names none, which is not
/// known where it has none itself.
fn gateway_named(route: &Kept<VirtualService>, name: &str) -> Named {
    let is_own = !name.contains('.') && !name.contains('/') || name.starts_with("./");
    if is_own && route.resource.namespace.is_none() {
        return (None, name.trim_start_matches("./").to_owned());
    }
    let full = route.object.gateway_name(name);
    match full.split_once('/') {
        Some((namespace, name)) => (Some(namespace.to_owned()), name.to_owned()),
        None => (None, full),
    }
}

fn shown((namespace, name): &Named) -> String {
    match namespace {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.clone(),
    }
}

/// The Gateways on other pods that lead where the front's own gateway does, or to protected pods
/// themselves.
pub(crate) fn others<'c>(
    cluster: &'c Cluster<'_>,
    kserve: &'c KserveWorld,
    pods: &GatewayPods<'_>,
    reach: &Reach,
) -> Vec<OtherGateway<'c>> {
    let gateways = Gateways::of(cluster);
    let into_the_mesh = reach.leads_into_the_mesh();
    let mut known_pods: HashMap<&Labels, (bool, bool)> = HashMap::new();
    for one in &cluster.objects.istio_gateways {
        known_pods.entry(&one.object.spec.selector).or_insert_with_key(|selector| {
            let served = pods.served(selector, reach);
            (served.is_own, served.others.is_some())
        });
    }
    let is_own = |gateway: &Gateway| known_pods[&gateway.spec.selector].0;
    // Of one that is on the front's pods others may serve it, too.
    let is_other = |gateway: &Gateway| {
        let (is_own, has_others) = known_pods[&gateway.spec.selector];
        !is_own || has_others
    };
    let is_local = |name: &Named| {
        LOCAL.contains(&name.1.as_str())
            || kserve.local_gateway.as_deref() == Some(shown(name).as_str())
    };
    let routes: Vec<(&Kept<VirtualService>, Vec<Named>)> = cluster
        .objects
        .virtual_services
        .iter()
        .map(|one| {
            let names = one.object.spec.gateways.iter().filter(|name| *name != "mesh");
            (one.as_ref(), names.map(|name| gateway_named(one, name)).collect())
        })
        .collect();
    let delegates = Delegates::of(cluster, reach);
    // Where the front's own gateway leads.
    let mut destinations: BTreeSet<Destination> = BTreeSet::new();
    for (route, names) in &routes {
        let own = names.iter().any(|name| {
            let known = gateways.named(reach, name);
            // One that is not in the package may be on these pods.
            (known.is_empty() && into_the_mesh) || known.iter().any(|one| is_own(&one.object))
        });
        if own {
            destinations.extend(delegates.destinations(reach, route));
        }
    }
    let of_models: BTreeSet<&str> = kserve.gateways_of_virtual_services().collect();
    let mut found = Vec::new();
    for (route, names) in &routes {
        let mut leads = None;
        for name in names.iter().filter(|name| !is_local(name)) {
            let known = gateways.named(reach, name);
            let is_here = !known.is_empty();
            let known: Vec<_> = known.into_iter().filter(|one| is_other(&one.object)).collect();
            if is_here && known.is_empty() {
                continue;
            }
            let to = leads.get_or_insert_with(|| delegates.destinations(reach, route));
            // One that is not in the package may be on the protected pods, which forward to others
            // and not to themselves. That of the models is.
            let leads = if known.is_empty() && into_the_mesh {
                let is_of_models = of_models.contains(shown(name).as_str());
                to.iter().any(|to| {
                    if is_of_models { to.is_target(reach) } else { to.is_protected(reach) }
                })
            } else {
                to.iter().any(|to| destinations.contains(to) || to.is_protected(reach))
            };
            if !leads {
                continue;
            }
            let route = &*route.resource;
            if known.is_empty() {
                found.push(OtherGateway { gateway: Err(shown(name)), route });
            }
            found.extend(known.into_iter().map(|one| OtherGateway { gateway: Ok(one), route }));
        }
    }
    for route in kserve.virtual_services.iter().filter(|_| into_the_mesh) {
        for name in &*route.gateways {
            let Some((namespace, name)) = name.split_once('/') else { continue };
            let name = (Some(namespace.to_owned()), name.to_owned());
            let known = gateways.named(reach, &name).into_iter();
            let other = known.filter(|one| !is_local(&name) && is_other(&one.object));
            found.extend(other.map(|one| OtherGateway { gateway: Ok(one), route: &route.owner }));
        }
    }
    found
}

/// Where a `VirtualService` routes to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Destination {
    /// A Service.
    Service(Named),
    /// Pods that a `ServiceEntry` leads to, by their set.
    Pods(usize),
    /// Another host.
    Host(String),
}

impl Destination {
    /// A short name is a Service of the `VirtualService`'s namespace (`ResolveShortnameToFQDN` in
    /// `pilot/pkg/model/config.go`).
    fn of(host: &str, namespace: Option<&String>) -> Self {
        if let Some((name, namespace)) = service_of_dns_name(host) {
            Self::Service((Some(namespace.to_owned()), name.to_owned()))
        } else if host.contains('.') {
            Self::Host(host.to_owned())
        } else {
            Self::Service((namespace.cloned(), host.to_owned()))
        }
    }

    fn is_protected(&self, reach: &Reach) -> bool {
        match self {
            Self::Service((namespace, name)) => reach.hit(namespace, name).is_some(),
            Self::Pods(_) => true,
            Self::Host(_) => false,
        }
    }

    /// Whether it is a Service of the pods behind the front themselves.
    fn is_target(&self, reach: &Reach) -> bool {
        match self {
            Self::Service((namespace, name)) => {
                reach.hits(namespace, name).any(|hit| reach.sets[hit.set].why == Why::Target)
            }
            Self::Pods(set) => reach.sets[*set].why == Why::Target,
            Self::Host(_) => false,
        }
    }
}

/// The `VirtualServices` by name, which others may delegate to.
struct Delegates<'c> {
    all: BTreeMap<&'c str, Vec<&'c Kept<VirtualService>>>,
    entries: ServiceEntries,
}

impl<'c> Delegates<'c> {
    fn of(cluster: &'c Cluster<'_>, reach: &Reach) -> Self {
        let mut all: BTreeMap<&str, Vec<&Kept<VirtualService>>> = BTreeMap::new();
        for one in &cluster.objects.virtual_services {
            all.entry(&one.resource.name).or_default().push(one);
        }
        Self { all, entries: ServiceEntries::of(cluster, reach) }
    }

    /// The destinations of a `VirtualService`, and of those that it delegates to.
    fn destinations(&self, reach: &Reach, route: &Kept<VirtualService>) -> Vec<Destination> {
        let mut found = self.own_destinations(route);
        for delegate in route.object.spec.http.iter().filter_map(|http| http.delegate.as_ref()) {
            let text = |key: &str| delegate.get(key).and_then(serde_json::Value::as_str);
            let namespace = text("namespace").map(str::to_owned);
            let namespace = namespace.or_else(|| route.resource.namespace.clone());
            let named = self.all.get(text("name").unwrap_or_default()).into_iter().flatten();
            let near = named.filter(|one| reach.may_be_one(&one.resource.namespace, &namespace));
            found.extend(near.flat_map(|one| self.own_destinations(one)));
        }
        found
    }

    fn own_destinations(&self, route: &Kept<VirtualService>) -> Vec<Destination> {
        let spec = &route.object.spec;
        let requests = spec.http.iter().flat_map(|http| {
            let own = http.route.iter().chain(&http.mirrors).map(|to| &to.destination);
            own.chain(&http.mirror)
        });
        let streams = spec.tls.iter().chain(&spec.tcp).flat_map(|stream| &stream.route);
        let all = requests.chain(streams.map(|to| &to.destination));
        let namespace = route.resource.namespace.as_ref();
        all.flat_map(|to| {
            let hits = self.entries.hits(&to.host).iter();
            let pods = hits.map(|hit| Destination::Pods(hit.set));
            pods.chain([Destination::of(&to.host, namespace)])
        })
        .collect()
    }
}
