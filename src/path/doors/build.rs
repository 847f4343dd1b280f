//! Finding out which Services lead to protected pods.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::rc::Rc;

use super::endpoints;
use super::gateway_pods::GatewayPods;
use super::kinds::{DoorKind, Readers};
use super::knative_ingress;
use super::other_gateways::add_other_gateways;
use super::protected::{Protected, TargetPods};
use super::proxies;
use super::reach::{Hit, Key, PodSet, Reach, Why, service_of_dns_name};
use super::selection::{Labels, PodLabels, Selection};
use super::set_index::SetIndex;
use super::templates::Templates;
use crate::cluster::{Cluster, KserveWorld};
use crate::controllers::istio::Membership;

/// Finds out which Services lead to protected pods.
pub(crate) fn reach_of(
    cluster: &Cluster<'_>,
    kserve: &KserveWorld,
    protected: &Protected,
    (readers, gateway_pods): (Readers, &GatewayPods<'_>),
) -> Reach {
    let mut reach = Reach::new(!readers.has(DoorKind::WithoutNamespace));
    let templates = Templates::of(cluster);
    for front in &protected.fronts {
        for service in &front.services {
            add_target(
                &mut reach,
                (cluster, kserve, gateway_pods),
                &templates,
                &front.resource.namespace,
                service,
            );
        }
    }
    for target in &protected.targets {
        match &target.pods {
            TargetPods::Service(service) => {
                let world = (cluster, kserve, gateway_pods);
                add_target(&mut reach, world, &templates, &target.namespace, service);
            }
            TargetPods::Labels(labels) => {
                add_pods(&mut reach, &templates, &target.namespace, labels);
            }
        }
    }
    let is_by_name = reach.targets().any(|(_, set)| set.is_ingress_gateway());
    if is_by_name || gateway_pods.serve_models(cluster, kserve, &reach) {
        reach.lead_into_the_mesh();
    }
    if reach.leads_into_the_mesh() {
        let services = cluster.objects.services.iter();
        let written: HashSet<&String> = services.map(|one| &one.resource.name).collect();
        for pods in &kserve.pods {
            reach.sets.push(PodSet {
                namespace: pods.namespace.clone(),
                labels: PodLabels::Known(vec![Rc::clone(&pods.labels)]),
                why: Why::Served,
                name: pods.name.clone(),
                has_proxy: pods.membership == Membership::Sidecar && !pods.host_network,
            });
            let hit = Hit::of(reach.sets.len() - 1, Selection::Same);
            reach.note((pods.namespace.clone(), pods.service.clone()), hit);
            for further in pods.further.iter().filter(|name| !written.contains(name)) {
                reach.note((pods.namespace.clone(), further.clone()), hit);
            }
            if pods.knative {
                reach.note_knative(&pods.service);
            }
        }
    }
    for place in 0..reach.sets.len() {
        if reach.sets[place].why == Why::Target {
            reach.sets[place].has_proxy = proxies::has_proxy(cluster, &reach, place);
        }
    }
    knative_ingress::add_proxies(cluster, kserve, (&templates, gateway_pods), &mut reach);
    follow_services(&mut reach, cluster, readers);
    // Whichever of them a Gateway on other pods leads to, the Services of that one's pods are next.
    if add_other_gateways(cluster, kserve, gateway_pods, &mut reach) {
        follow_services(&mut reach, cluster, readers);
    }
    reach
}

/// Adds the pods behind a Service of a front.
fn add_target(
    reach: &mut Reach,
    (cluster, kserve, gateway_pods): (&Cluster<'_>, &KserveWorld, &GatewayPods<'_>),
    templates: &Templates,
    namespace: &Option<String>,
    service: &str,
) {
    let is_known = reach.hits(namespace, service).any(|hit| {
        reach.sets[hit.set].why == Why::Target && reach.sets[hit.set].namespace == *namespace
    });
    if is_known {
        return;
    }
    let services = cluster.objects.services.iter().filter(|one| {
        one.resource.name == service && reach.may_be_one(&one.resource.namespace, namespace)
    });
    let mut selectors: Vec<&Labels> =
        services.map(|one| &one.object.spec.selector).filter(|one| !one.is_empty()).collect();
    selectors.dedup();
    if selectors.is_empty() {
        let created = kserve
            .pods
            .iter()
            .filter(|pods| pods.is_behind(service) && reach.may_be_one(&pods.namespace, namespace));
        let mut known: Vec<Rc<Labels>> = created.map(|pods| Rc::clone(&pods.labels)).collect();
        let of_gateways = gateway_pods.of_created_service(reach, (namespace, service));
        known.extend(of_gateways.into_iter().map(Rc::new));
        let labels = if known.is_empty() {
            PodLabels::OfService(service.to_owned())
        } else {
            PodLabels::Known(known)
        };
        push_target(reach, namespace, service, labels);
    }
    for selector in selectors {
        let known = templates.selected(namespace, selector, reach);
        let labels = PodLabels::known_or_selected(known, selector);
        push_target(reach, namespace, service, labels);
    }
}

/// Adds pods that are protected by their labels.
fn add_pods(
    reach: &mut Reach,
    templates: &Templates,
    namespace: &Option<String>,
    selector: &Labels,
) {
    let known = templates.selected(namespace, selector, reach);
    let labels = PodLabels::known_or_selected(known, selector);
    let shown: Vec<String> = selector.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let place = namespace.as_ref().map(|own| format!(" in {own}")).unwrap_or_default();
    reach.sets.push(PodSet {
        namespace: namespace.clone(),
        labels,
        why: Why::Target,
        name: format!("the pods {}{place}", shown.join(",")).into(),
        has_proxy: false,
    });
}

fn push_target(reach: &mut Reach, namespace: &Option<String>, service: &str, labels: PodLabels) {
    let name = match namespace {
        Some(namespace) => format!("Service {namespace}/{service}"),
        None => format!("Service {service}"),
    };
    reach.sets.push(PodSet {
        namespace: namespace.clone(),
        labels,
        why: Why::Target,
        name: name.into(),
        has_proxy: false,
    });
    let hit = Hit::of(reach.sets.len() - 1, Selection::Same);
    reach.note((namespace.clone(), service.to_owned()), hit);
}

/// Adds every Service that selects the pods of a set, represents one that does, or has their
/// addresses.
fn follow_services(reach: &mut Reach, cluster: &Cluster<'_>, readers: Readers) {
    let sets = std::mem::take(&mut reach.sets);
    let index = SetIndex::of(&sets);
    let services = cluster.objects.services.iter();
    for service in services.filter(|_| readers.has(DoorKind::SecondService)) {
        let namespace = &service.resource.namespace;
        let (selected, steps) = index.selected(namespace.as_deref(), &service.object.spec.selector);
        reach.count(steps);
        for (place, selection) in selected {
            let set = &sets[place];
            if !reach.may_be_one(namespace, &set.namespace) {
                continue;
            }
            // Of pods that may be of any namespace, every Service might select some.
            let is_anywhere = set.why == Why::OtherGateway;
            if is_anywhere && selection == Selection::Undecided {
                continue;
            }
            let same_namespace = *namespace == set.namespace || is_anywhere;
            let key = (namespace.clone(), service.resource.name.clone());
            reach.note(key, Hit { same_namespace, ..Hit::of(place, selection) });
        }
    }
    reach.sets = sets;
    if readers.has(DoorKind::Addresses) {
        for (key, hit) in endpoints::hits(cluster, reach) {
            reach.note(key, hit);
        }
    }
    if readers.has(DoorKind::ExternalName) {
        follow_external_names(reach, cluster);
    }
}

/// Adds the Services that represent another one by its DNS name, through any number of them.
fn follow_external_names(reach: &mut Reach, cluster: &Cluster<'_>) {
    let mut names: BTreeMap<(String, String), Vec<Key>> = BTreeMap::new();
    for service in &cluster.objects.services {
        let spec = &service.object.spec;
        // ingress-nginx completes `NAME.NAMESPACE` by the search list of its resolver (`rootfs/etc/nginx/lua/util/dns.lua`
        // of kubernetes/ingress-nginx).
        let host = &spec.external_name;
        let short = host.split_once('.').filter(|(_, namespace)| !namespace.contains('.'));
        if spec.kind == "ExternalName"
            && let Some((name, namespace)) = service_of_dns_name(host).or(short)
        {
            let key = (service.resource.namespace.clone(), service.resource.name.clone());
            names.entry((name.to_owned(), namespace.to_owned())).or_default().push(key);
        }
    }
    let mut open: VecDeque<(String, String)> = names.keys().cloned().collect();
    // Each pass adds hits or ends.
    while let Some((name, namespace)) = open.pop_front() {
        let hits: Vec<Hit> = reach.hits(&Some(namespace.clone()), &name).collect();
        let Some(aliases) = names.get(&(name, namespace)) else { continue };
        for alias in aliases {
            for hit in &hits {
                if reach.note(alias.clone(), *hit)
                    && let Some(namespace) = &alias.0
                {
                    open.push_back((alias.1.clone(), namespace.clone()));
                }
            }
        }
    }
}
