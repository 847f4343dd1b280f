//! Which Istio Gateways on other pods lead to the same Services.

use std::collections::{BTreeMap, BTreeSet};

use super::reach::{PodSet, Reach, Why, service_of_dns_name};
use super::selection::{self, Labels, PodLabels};
use super::templates::Templates;
use crate::cluster::{Cluster, Kept, KserveWorld};
use crate::controllers::istio::{Gateway, VirtualService};
use crate::controllers::kserve::RouteKind;
use crate::values::k8s::ResourceRef;

/// Gateways inside of the cluster, by the names that Knative and `KServe` give them.
const LOCAL: [&str; 2] = ["knative-local-gateway", "cluster-local-gateway"];

/// A Gateway on other pods.
pub(crate) struct OtherGateway<'c> {
    pub(crate) gateway: &'c Kept<Gateway>,
    /// The object that leads through it to a Service behind the front's gateway, too.
    pub(crate) route: &'c ResourceRef,
}

/// Adds the pods of every other Gateway to what is protected.
pub(crate) fn add_other_gateways(
    cluster: &Cluster<'_>,
    kserve: &KserveWorld,
    templates: &Templates,
    reach: &mut Reach,
) {
    if !reach.leads_into_the_mesh() {
        return;
    }
    let mut added: BTreeSet<&Labels> = BTreeSet::new();
    let others = others(cluster, kserve, reach);
    for other in &others {
        let selector = &other.gateway.object.spec.selector;
        if selector.is_empty() || !added.insert(selector) {
            continue;
        }
        let known = templates.selected(&None, selector, reach);
        let labels = if known.is_empty() {
            PodLabels::Selected(selector.clone())
        } else {
            PodLabels::Known(known)
        };
        reach.sets.push(PodSet {
            namespace: None,
            labels,
            why: Why::OtherGateway,
            name: format!("the pods of {}", other.gateway.resource),
        });
    }
}

/// The Gateways on other pods that lead where the front's own gateway does.
pub(crate) fn others<'c>(
    cluster: &'c Cluster<'_>,
    kserve: &'c KserveWorld,
    reach: &Reach,
) -> Vec<OtherGateway<'c>> {
    let gateways: BTreeMap<String, &Kept<Gateway>> = cluster
        .objects
        .istio_gateways
        .iter()
        .map(|one| (one.object.full_name(), AsRef::as_ref(one)))
        .collect();
    let is_own = |gateway: &Gateway| {
        let selector = &gateway.spec.selector;
        selector.is_empty()
            || reach.targets().any(|(_, set)| match &set.labels {
                PodLabels::OfService(_) => is_named_like(selector, &set.name),
                labels => selection::selection(selector, labels).is_some(),
            })
    };
    let is_local = |name: &str| {
        LOCAL.iter().any(|local| name.ends_with(&format!("/{local}")))
            || kserve.local_gateway.as_deref() == Some(name)
    };
    let mut found = Vec::new();
    // Where the front's own gateway leads.
    let mut behind: BTreeSet<String> = BTreeSet::new();
    let routes: Vec<(&Kept<VirtualService>, Vec<String>)> = cluster
        .objects
        .virtual_services
        .iter()
        .map(|one| {
            let names = one.object.spec.gateways.iter().filter(|name| *name != "mesh");
            (one.as_ref(), names.map(|name| one.object.gateway_name(name)).collect())
        })
        .collect();
    for (route, names) in &routes {
        // One that is not in the package may be on these pods.
        let own = names.iter().any(|name| gateways.get(name).is_none_or(|one| is_own(&one.object)));
        if own {
            behind.extend(destinations(&route.object));
        }
    }
    for (route, names) in &routes {
        for name in names.iter().filter(|name| !is_local(name)) {
            let Some(gateway) = gateways.get(name).filter(|one| !is_own(&one.object)) else {
                continue;
            };
            let leads = destinations(&route.object).any(|to| {
                behind.contains(&to)
                    || service_of_dns_name(&to).is_some_and(|(name, namespace)| {
                        reach.hit(&Some(namespace.to_owned()), name).is_some()
                    })
            });
            if leads {
                found.push(OtherGateway { gateway, route: &route.resource });
            }
        }
    }
    for route in kserve.routes.iter().filter(|one| one.route.kind == RouteKind::VirtualService) {
        for name in route.route.gateways.iter().filter(|name| !is_local(name)) {
            let gateway = gateways.get(name).filter(|one| !is_own(&one.object));
            found.extend(gateway.map(|gateway| OtherGateway { gateway, route: &route.maker }));
        }
    }
    found
}

/// The hosts of the Services that a `VirtualService` routes to.
fn destinations(route: &VirtualService) -> impl Iterator<Item = String> {
    let namespace = route.namespace();
    let routes = route.spec.http.iter().flat_map(|http| &http.route);
    routes.map(move |to| {
        let host = to.destination.host.as_str();
        if host.contains('.') {
            host.to_owned()
        } else {
            format!("{host}.{namespace}.svc.cluster.local")
        }
    })
}

/// Whether a selector is of the pods of a Service that is not in the package, by its name.
fn is_named_like(selector: &Labels, service: &str) -> bool {
    let name = service.rsplit(['/', ' ']).next().unwrap_or_default().replace("istio-", "");
    selector.values().any(|value| value.replace("istio-", "") == name)
}
