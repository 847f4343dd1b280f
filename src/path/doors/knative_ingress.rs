//! What leads to the pods of Knative's Services beside the gateway that is set: the activator, the
//! gateway inside the cluster, and an ingress other than Istio.
//!
//! The activator forwards what it gets to the revision that the headers name
//! (`pkg/activator/handler/context_handler.go` of knative/serving 1.19); the local gateway serves every Route, and
//! Kourier and Contour those of their class. Each is only a door where it has an address outside the
//! cluster: its Services are looked for as those of any pods. The operator creates such a Service for
//! Kourier and Contour itself (`configureGatewayService` in
//! `pkg/reconciler/knativeserving/ingress/kourier.go` of knative/operator 0.42).

use super::context::DoorContext;
use super::door::{Door, Verdict};
use super::gateway_pods::GatewayPods;
use super::kinds::DoorKind;
use super::other_gateways::LOCAL;
use super::reach::{Hit, PodSet, Reach, Why};
use super::selection::{Labels, PodLabels, Selection, selection};
use super::services::curl;
use super::templates::Templates;
use crate::cluster::{Cluster, IngressClassOf, KserveWorld};
use crate::controllers::knative::{KnativeServingSpec, OtherIngress};

const KNATIVE: &str = "knative-serving";
const ACTIVATOR: &str = "activator";

/// Adds the pods that lead to Knative's Services.
pub(crate) fn add_proxies(
    cluster: &Cluster<'_>,
    kserve: &KserveWorld,
    (templates, gateway_pods): (&Templates, &GatewayPods<'_>),
    reach: &mut Reach,
) {
    if !reach.leads_into_the_mesh() || !kserve.pods.iter().any(|pods| pods.knative) {
        return;
    }
    let app = |name: &str| Labels::from([("app".to_owned(), name.to_owned())]);
    let mut add = |namespace: Option<String>, selector: Labels, name: String, has_proxy: bool| {
        let known = templates.selected(&namespace, &selector, reach);
        let labels = PodLabels::known_or_selected(known, &selector);
        let why = if namespace.is_none() { Why::OtherGateway } else { Why::Served };
        reach.sets.push(PodSet { namespace, labels, why, name: name.into(), has_proxy });
    };
    add(Some(KNATIVE.to_owned()), app(ACTIVATOR), "Knative's activator".to_owned(), false);
    for other in known_ingresses(kserve) {
        add(None, app(other.app), name_of(other), false);
    }
    let is_local = |name: &str, full: &str| {
        LOCAL.contains(&name) || kserve.local_gateway.as_deref() == Some(full)
    };
    let mut local: Vec<(Option<String>, PodLabels)> = Vec::new();
    for gateway in &cluster.objects.istio_gateways {
        if is_local(&gateway.resource.name, &gateway.object.full_name()) {
            let served = gateway_pods.served(&gateway.object.spec.selector, reach);
            local.extend(served.others.map(|others| (None, others.labels)));
        }
    }
    // Without its Gateway the Service by which Knative calls it shows the pods.
    for service in &cluster.objects.services {
        let (namespace, selector) = (&service.resource.namespace, &service.object.spec.selector);
        let is_of_target = reach
            .targets()
            .any(|(_, set)| selection(selector, &set.labels) == Some(Selection::Same));
        if !LOCAL.contains(&service.resource.name.as_str()) || selector.is_empty() || is_of_target {
            continue;
        }
        let known = templates.selected(namespace, selector, reach);
        let labels = PodLabels::known_or_selected(known, selector);
        local.push((namespace.clone(), labels));
    }
    for (namespace, labels) in local {
        reach.sets.push(PodSet {
            why: if namespace.is_none() { Why::OtherGateway } else { Why::Served },
            namespace,
            labels,
            name: "Knative's gateway inside the cluster".into(),
            has_proxy: true,
        });
    }
}

/// The ingresses other than Istio that serve Routes, each once: the one of every Route, and those that a
/// Route's own annotation names.
fn known_ingresses(kserve: &KserveWorld) -> Vec<OtherIngress> {
    let of_routes = kserve.ingress_classes.iter().filter_map(IngressClassOf::known);
    let mut all: Vec<OtherIngress> = Vec::new();
    for one in kserve.other_ingress.into_iter().chain(of_routes) {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

/// What findings call the proxies of an ingress.
fn name_of(ingress: OtherIngress) -> String {
    format!("Knative's ingress {}", ingress.name)
}

/// The ingresses other than Istio: the Services that the operator creates for them, and the Routes of a class
/// whose proxies nobody knows.
pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    let mut served: Vec<OtherIngress> = Vec::new();
    for other in known_ingresses(context.kserve) {
        let name = name_of(other);
        let Some(set) = context.reach.sets.iter().position(|set| *set.name == *name) else {
            continue;
        };
        let is_installed = installed(context, other, set, doors);
        if is_installed || context.has_service(set) {
            served.push(other);
        }
    }
    if !context.readers.has(DoorKind::KnativeIngressClass) || !context.reach.leads_into_the_mesh() {
        return;
    }
    for one in &context.kserve.ingress_classes {
        if one.known().is_some_and(|known| served.contains(&known)) {
            // Its Services are looked for as those of any pods.
            continue;
        }
        let missing = match one.known() {
            Some(known) => format!(
                "the Service of {}, whose proxies serve this ingress class beside the gateway",
                known.name
            ),
            None => format!(
                "what the controller of the ingress class {} requires of a request, which is not supported",
                one.class
            ),
        };
        doors.push(Door {
            kind: DoorKind::KnativeIngressClass,
            resource: one.source.clone(),
            created: None,
            field: one.field.clone(),
            to: SERVICE_PODS.to_owned(),
            verdict: Verdict::NotJudged { missing: missing.into() },
        });
    }
}

/// What every Route of Knative leads to.
const SERVICE_PODS: &str = "the pods of the services behind the gateway";

/// The Service that the operator creates for an ingress other than Istio; whether it installs that.
fn installed(
    context: &DoorContext<'_, '_>,
    other: OtherIngress,
    set: usize,
    doors: &mut Vec<Door>,
) -> bool {
    let mut is_installed = false;
    for kept in &context.cluster.objects.knative_servings {
        let Ok(spec) = serde_json::from_value::<KnativeServingSpec>(kept.object.spec.clone())
        else {
            continue;
        };
        let Some(installed) = spec.installed(other.word) else { continue };
        is_installed = true;
        if !context.readers.has(DoorKind::LoadBalancerService) {
            continue;
        }
        let hit = Hit::of(set, Selection::Same);
        let verdict = match installed.service_type.as_str() {
            "ClusterIP" => continue,
            "NodePort" if !context.platform.node_ports_public => Verdict::Noted {
                why: format!(
                    "a port of every node leads to {}; the nodes' security group must let in the load balancer alone",
                    other.name
                ),
            },
            _ => {
                let inside = match other.word {
                    "kourier" => "set spec.ingress.kourier.service-type: ClusterIP, or ",
                    _ => "",
                };
                let why = format!(
                    "the operator creates {}'s Service of type LoadBalancer, which serves every public Route without any condition; {inside}set spec.ingress.istio.enabled: true in its place",
                    other.name
                );
                context.judged(hit, why, curl("INGRESS_ADDRESS", 80, ""))
            }
        };
        doors.push(Door {
            kind: DoorKind::LoadBalancerService,
            resource: kept.resource.clone(),
            created: None,
            field: format!("spec.ingress.{}", other.word),
            to: SERVICE_PODS.to_owned(),
            verdict,
        });
    }
    is_installed
}
