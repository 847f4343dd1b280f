//! Which pods serve an Istio Gateway: the one place that decides it.
//!
//! A Gateway is served by the gateway pods that its selector selects, of any namespace, and by every one of them
//! where it has none (`mergeGateways` in `pilot/pkg/model/push_context.go` of istio/istio at eed52ebb66ad;
//! `SubsetOf` in `pkg/config/labels/instance.go` takes an empty selector for one of everything). With
//! `PILOT_SCOPE_GATEWAY_TO_NAMESPACE`, which is off unless somebody sets it, only those of its own namespace
//! would; no object says what istiod's environment is at the time, so nothing is left out for it.
//!
//! Istio itself creates pods for a Gateway of the Gateway API (`pilot/pkg/config/kube/gatewaycommon` there,
//! `manifests/charts/istio-control/istio-discovery/files/kube-gateway.yaml`), which serve those of Istio's own API,
//! too.

use std::collections::BTreeSet;

use super::gateway_index::Gateways;
use super::reach::{Hit, Key, PodSet, Reach, Why};
use super::selection::{self, Labels, PodLabels, Selection, is_within};
use crate::cluster::{Cluster, Kept, KserveWorld, PodsOf};
use crate::controllers::alb::objects::Service;
use crate::controllers::gateway_api;
use crate::values::k8s::ResourceRef;

/// The label of the pods that Istio creates for a Gateway of the Gateway API.
const GATEWAY_NAME: &str = "gateway.networking.k8s.io/gateway-name";
/// The annotation that names the templates by which the webhook completes pods.
const TEMPLATES: &str = "inject.istio.io/templates";

/// Pods of a package, and whether they are a gateway of the mesh.
struct Workload {
    namespace: Option<String>,
    labels: Labels,
    is_gateway: bool,
    /// The Service that Istio creates beside them.
    service: Option<Key>,
}

/// The pods that may serve Gateways.
pub(crate) struct GatewayPods<'c> {
    all: Vec<Workload>,
    services: Vec<&'c Kept<Service>>,
}

/// The pods that serve a Gateway.
pub(crate) struct Served {
    /// Whether those behind a front are among them.
    pub(crate) is_own: bool,
    /// The others; `None` where none are known.
    pub(crate) others: Option<Others>,
}

/// Pods that serve a Gateway and are not behind a front.
pub(crate) struct Others {
    pub(crate) labels: PodLabels,
    /// The Services that Istio creates beside some of them.
    pub(crate) services: Vec<Key>,
}

impl<'c> GatewayPods<'c> {
    pub(crate) fn of(cluster: &'c Cluster<'_>) -> Self {
        let objects = &cluster.objects;
        let gateways = objects.istio_gateways.iter().map(|one| &one.object.spec.selector);
        let selectors: BTreeSet<&Labels> = gateways.filter(|one| !one.is_empty()).collect();
        let is_selected =
            |labels: &Labels| selectors.iter().any(|selector| is_within(selector, labels));
        let written = cluster.pod_templates().map(|pods| Workload {
            namespace: pods.resource.namespace.clone(),
            labels: pods.labels.clone(),
            is_gateway: is_gateway(&pods) || is_selected(pods.labels),
            service: None,
        });
        let of_api = Gateways::of(cluster);
        let created = objects.gateways.iter().filter_map(|kept| {
            let service = of_api.service_of_istio(&kept.object)?;
            Some(Workload {
                namespace: kept.resource.namespace.clone(),
                labels: created_labels(&kept.object),
                is_gateway: true,
                service: Some((kept.resource.namespace.clone(), service)),
            })
        });
        let all: Vec<Workload> = written.chain(created).collect();
        // Without its pods a Service shows which labels they have.
        let alone = objects.services.iter().map(AsRef::as_ref).filter(|kept: &&Kept<Service>| {
            let selector = &kept.object.spec.selector;
            (has_gateway_labels(selector) || is_selected(selector))
                && !all.iter().any(|one| {
                    crate::cluster::may_be_one(&one.namespace, &kept.resource.namespace)
                        && is_within(selector, &one.labels)
                })
        });
        let services = alone.collect();
        Self { all, services }
    }

    /// The pods that serve a Gateway with this selector.
    pub(crate) fn served(&self, selector: &Labels, reach: &Reach) -> Served {
        let is_own = if selector.is_empty() {
            reach.leads_into_the_mesh()
        } else {
            reach.targets().any(|(_, set)| serves(selector, set))
        };
        let mut services = Vec::new();
        let mut labels: Vec<Labels> = Vec::new();
        for one in self.selected(selector) {
            let is_target = reach.targets().any(|(_, set)| {
                reach.may_be_one(&one.namespace, &set.namespace) && is_of(&one.labels, set)
            });
            if !is_target {
                labels.push(one.labels.clone());
                services.extend(one.service.clone());
            }
        }
        if is_own || selector.is_empty() {
            labels.extend(self.of_services(selector, reach));
        }
        labels.sort();
        labels.dedup();
        let labels = match (labels.is_empty(), is_own || selector.is_empty()) {
            (false, _) => Some(PodLabels::known(labels)),
            (true, false) => Some(PodLabels::Selected(selector.clone())),
            (true, true) => None,
        };
        Served { is_own, others: labels.map(|labels| Others { labels, services }) }
    }

    /// The Services, by namespace and name, that lead to the pods of a Gateway, `NAMESPACE/NAME`; none where the
    /// Gateway is not in the input.
    #[must_use]
    pub(crate) fn services(&self, cluster: &Cluster<'_>, gateway: &str) -> Vec<Key> {
        let gateways = cluster.objects.istio_gateways.iter();
        let Some(gateway) =
            gateways.map(|kept| &kept.object).find(|one| one.full_name() == gateway)
        else {
            return Vec::new();
        };
        let selector = &gateway.spec.selector;
        let selected: Vec<&Workload> = self.selected(selector).collect();
        let known: Vec<Labels> = selected.iter().map(|one| one.labels.clone()).collect();
        let labels = match (known.is_empty(), selector.is_empty()) {
            (false, _) => PodLabels::known(known),
            (true, false) => PodLabels::Selected(selector.clone()),
            (true, true) => PodLabels::known(
                self.services.iter().map(|one| one.object.spec.selector.clone()).collect(),
            ),
        };
        let written = cluster.objects.services.iter().filter(|kept| {
            selection::selection(&kept.object.spec.selector, &labels) == Some(Selection::Same)
        });
        let written =
            written.map(|kept| (kept.resource.namespace.clone(), kept.resource.name.clone()));
        let mut all: Vec<Key> = written.collect();
        for service in selected.into_iter().filter_map(|one| one.service.clone()) {
            if !all.contains(&service) {
                all.push(service);
            }
        }
        all
    }

    /// Whether the pods behind a front serve a Gateway from which `KServe` routes to models.
    pub(crate) fn serve_models(
        &self,
        cluster: &Cluster<'_>,
        kserve: &KserveWorld,
        reach: &Reach,
    ) -> bool {
        let is_public = |name: &&str| kserve.local_gateway.as_deref() != Some(*name);
        let full = |resource: &ResourceRef| {
            format!("{}/{}", resource.namespace.as_deref().unwrap_or("default"), resource.name)
        };
        let of_istio: BTreeSet<&str> =
            kserve.gateways_of_virtual_services().filter(is_public).collect();
        let parents = kserve.http_routes.iter().flat_map(|one| &one.route.gateways);
        let of_api: BTreeSet<&str> = parents.map(String::as_str).filter(is_public).collect();
        let mut istio = cluster.objects.istio_gateways.iter();
        let is_served = istio.any(|kept| {
            let selector = &kept.object.spec.selector;
            of_istio.contains(full(&kept.resource).as_str())
                && !selector.is_empty()
                && reach.targets().any(|(_, set)| serves(selector, set))
        });
        is_served
            || self.all.iter().any(|one| {
                let Some((namespace, service)) = &one.service else { return false };
                let gateway = one.labels.get(GATEWAY_NAME).map_or("", String::as_str);
                let name = format!("{}/{gateway}", namespace.as_deref().unwrap_or("default"));
                of_api.contains(name.as_str()) && reach.hits(namespace, service).next().is_some()
            })
    }

    /// The Services that Istio creates beside its pods.
    pub(crate) fn created_services(&self) -> impl Iterator<Item = &Key> {
        self.all.iter().filter_map(|one| one.service.as_ref())
    }

    /// The labels of the pods that Istio creates together with a Service.
    pub(crate) fn of_created_service(
        &self,
        reach: &Reach,
        (namespace, name): (&Option<String>, &str),
    ) -> Vec<Labels> {
        let own = self.all.iter().filter(|one| {
            one.service
                .as_ref()
                .is_some_and(|(of, service)| service == name && reach.may_be_one(of, namespace))
        });
        own.map(|one| one.labels.clone()).collect()
    }

    fn selected(&self, selector: &Labels) -> impl Iterator<Item = &Workload> {
        self.all.iter().filter(move |one| {
            is_within(selector, &one.labels) && (one.is_gateway || !selector.is_empty())
        })
    }

    /// The labels of pods that are not in the package and behind no front, by the Services that select them.
    fn of_services(&self, selector: &Labels, reach: &Reach) -> impl Iterator<Item = Labels> {
        let own = self.services.iter().filter(move |kept| {
            let of_service = &kept.object.spec.selector;
            let may_be_of_target = reach.targets().any(|(_, set)| {
                let (own, other) = (&kept.resource.namespace, &set.namespace);
                let name = &kept.resource.name;
                let is_target = |hit: Hit| reach.sets[hit.set].why == Why::Target;
                reach.may_be_one(own, other)
                    && (reach.hits(own, name).any(is_target)
                        || match &set.labels {
                            PodLabels::Known(all) => !all.iter().all(|one| differ(of_service, one)),
                            labels => selection::selection(of_service, labels).is_some(),
                        })
            });
            is_within(selector, of_service) && !may_be_of_target
        });
        own.map(|kept| kept.object.spec.selector.clone())
    }
}

/// The labels of the pods that Istio creates for a Gateway.
fn created_labels(gateway: &gateway_api::Gateway) -> Labels {
    let mut labels = gateway.metadata.labels.clone();
    let own = [
        (GATEWAY_NAME, gateway.metadata.name.as_str()),
        ("gateway.networking.k8s.io/gateway-class-name", &gateway.spec.gateway_class_name),
        ("gateway.istio.io/managed", "istio.io-gateway-controller"),
        ("sidecar.istio.io/inject", "false"),
    ];
    labels.extend(own.map(|(key, value)| (key.to_owned(), value.to_owned())));
    labels
}

/// Whether pods are a gateway of the mesh: Envoy runs in them as a router, by their own argument or by the
/// webhook's template `gateway` (`pkg/kube/inject/inject.go`).
fn is_gateway(pods: &PodsOf<'_>) -> bool {
    let templates = pods.annotations.get(TEMPLATES);
    let is_injected =
        templates.is_some_and(|all| all.split(',').any(|one| one.trim().contains("gateway")));
    is_injected
        || pods.spec.containers.iter().any(|one| one.is_router)
        || has_gateway_labels(pods.labels)
}

/// The label `istio` of pods of Istio's own that are no gateway, those of earlier releases among them.
const OF_CONTROL_PLANE: [&str; 9] = [
    "pilot",
    "istiod",
    "sidecar-injector",
    "galley",
    "citadel",
    "mixer",
    "nodeagent",
    "cni",
    "ztunnel",
];

/// Whether labels are those that Istio's charts, istioctl and Kubeflow's manifests give gateways: `istio` has the
/// gateway's name, less `istio-` (`_helpers.tpl` of the chart `gateway`).
fn has_gateway_labels(labels: &Labels) -> bool {
    labels.get("istio").is_some_and(|value| !OF_CONTROL_PLANE.contains(&value.as_str()))
        || labels.contains_key(GATEWAY_NAME)
}

/// Whether the pods behind a front serve a Gateway with this selector.
fn serves(selector: &Labels, set: &PodSet) -> bool {
    match &set.labels {
        PodLabels::OfService(_) => is_named_like(selector, &set.name),
        labels => match selection::selection(selector, labels) {
            Some(Selection::Same) => true,
            // Where the labels of the pods are not all known, the names decide.
            Some(Selection::Undecided) => {
                is_named_like(selector, &set.name)
                    || matches!(labels, PodLabels::Selected(known) if share_a_name(selector, known))
            }
            None => false,
        },
    }
}

/// Whether pods with these labels are those of a set.
fn is_of(labels: &Labels, set: &PodSet) -> bool {
    match &set.labels {
        PodLabels::Known(all) => all.iter().any(|one| **one == *labels),
        PodLabels::Selected(selector) => is_within(selector, labels),
        PodLabels::OfService(_) => is_named_like(labels, &set.name),
    }
}

/// Whether two sets of labels give one key two values.
fn differ(left: &Labels, right: &Labels) -> bool {
    left.iter().any(|(key, value)| right.get(key).is_some_and(|other| other != value))
}

/// Whether a selector is of the pods of a Service, by its name.
fn is_named_like(selector: &Labels, service: &str) -> bool {
    let name = service.rsplit(['/', ' ']).next().unwrap_or_default().replace("istio-", "");
    selector.values().any(|value| value.replace("istio-", "") == name)
}

/// Whether two selectors name the same application, with or without `istio-` before it.
fn share_a_name(left: &Labels, right: &Labels) -> bool {
    let name = |value: &str| value.replace("istio-", "");
    left.values().any(|one| right.values().any(|other| name(one) == name(other)))
}
