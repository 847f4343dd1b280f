//! Ingresses that the AWS Load Balancer Controller does not manage: of another class, of none, of a
//! class that is not in the package, and of removed API versions.
//!
//! What another controller demands of a request is not modelled, whatever its annotations say.

use std::collections::BTreeSet;

use super::context::DoorContext;
use super::door::{Door, Missing, Verdict, each_opening};
use super::kinds::DoorKind;
use super::reach::Hit;
use super::selection::Labels;
use crate::cluster::removed_ingress::REMOVED_IN;
use crate::controllers::alb::group::{AUTO_MODE, CONTROLLER, managed_class};
use crate::controllers::alb::objects::{Ingress, Objects};
use crate::controllers::alb::{Options, Unmanaged, annotations};
use crate::values::k8s::ResourceRef;

/// Istio's own controller of Ingresses (`pilot/pkg/config/kube/ingress`), whose gateway is the one
/// that Ingresses of class `istio` lead through.
const ISTIO_CONTROLLER: &str = "istio.io/ingress-controller";
const ISTIO_CLASS: &str = "istio";
/// The label `istio` of the pods that serve Istio's Ingresses (`getIngressGatewaySelector` in
/// `pilot/pkg/config/kube/ingress/gateways.go` of istio/istio), unless the mesh's `ingressSelector` has another.
const INGRESS_SELECTOR: &str = "ingressgateway";

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    let classes = Objects {
        ingress_classes: context
            .cluster
            .objects
            .ingress_classes
            .iter()
            .map(|one| one.object.clone())
            .collect(),
        ..Objects::default()
    };
    let options = Options::default();
    let of_kserve =
        context.kserve.ingresses.iter().filter(|_| context.readers.has(DoorKind::KserveRoute));
    let of_istio = Labels::from([("istio".to_owned(), INGRESS_SELECTOR.to_owned())]);
    let served = context.gateway_pods.served(&of_istio, &context.reach);
    let is_behind_fronts = served.is_own && served.others.is_none();
    for kept in context.cluster.objects.ingresses.iter().chain(of_kserve) {
        if context.protected.front(kept.id).is_some() {
            continue;
        }
        let ingress = &kept.object;
        let reason = match managed_class(ingress, &classes, &options) {
            Ok(_) | Err(Unmanaged::InvalidGroup(_)) => continue,
            Err(reason) => reason,
        };
        let kind = match kept.owner {
            Some(_) => DoorKind::KserveRoute,
            None => DoorKind::OtherIngress,
        };
        if !context.readers.has(kind) {
            continue;
        }
        let class = class_of(ingress, &classes);
        if class.is_istio() && is_behind_fronts {
            // Istio serves it on the gateway whose door is set, and on no other pods.
            continue;
        }
        let created = kept.owner.as_ref().map(|_| kept.resource.clone());
        // Of one that KServe creates no path is a user's.
        let mut sets = BTreeSet::new();
        let hits = hits(context, &kept.resource, ingress)
            .filter(|(_, hit)| created.is_none() || sets.insert(hit.set));
        let found = hits.map(|(field, hit)| Door {
            kind,
            resource: kept.author().clone(),
            field: if created.is_some() { "metadata.annotations".to_owned() } else { field },
            created: created.clone(),
            to: context.name_of(hit),
            verdict: verdict(context, hit, &class, &reason),
        });
        doors.extend(each_opening(found));
    }
    removed(context, doors);
}

fn verdict(context: &DoorContext<'_, '_>, hit: Hit, class: &Class, reason: &Unmanaged) -> Verdict {
    if let Some(guarded) = context.guarded(hit.set) {
        return guarded;
    }
    let missing = match (class, reason) {
        (Class::Absent(name), _) => format!(
            "the IngressClass {name}, which names the Ingress's controller, and what that controller requires of a request; add the IngressClass, or set the class alb"
        ),
        (Class::None, _) => {
            "its class: it names none and the package has no default IngressClass; set spec.ingressClassName".to_owned()
        }
        (_, Unmanaged::InvalidClass(words)) => format!("its class: {words}"),
        (Class::Of { name, controller, .. }, _) => format!(
            "what the controller {controller} of class {name} requires of a request, which is not supported"
        ),
    };
    Verdict::NotJudged { missing: Missing::Class(missing) }
}

/// Whose Ingress it is.
pub(crate) enum Class {
    /// Of a class, with its controller where that is known.
    Of { name: String, controller: String },
    /// Of a class that is not in the package.
    Absent(String),
    /// Of none.
    None,
}

impl Class {
    fn is_istio(&self) -> bool {
        match self {
            Self::Of { controller, .. } => controller == ISTIO_CONTROLLER,
            Self::Absent(name) => name == ISTIO_CLASS,
            Self::None => false,
        }
    }
}

fn class_of(ingress: &Ingress, objects: &Objects) -> Class {
    let annotation = ingress.metadata.annotations.get(annotations::CLASS);
    let name = annotation.or(ingress.spec.ingress_class_name.as_ref());
    let mut classes = objects.ingress_classes.iter();
    match name {
        Some(name) => match classes.find(|class| class.metadata.name == *name) {
            Some(class) => {
                Class::Of { name: name.clone(), controller: class.spec.controller.clone() }
            }
            None => Class::Absent(name.clone()),
        },
        None => {
            let default = classes.find(|class| {
                ![CONTROLLER, AUTO_MODE].contains(&class.spec.controller.as_str())
                    && class
                        .metadata
                        .annotations
                        .get("ingressclass.kubernetes.io/is-default-class")
                        .is_some_and(|text| text == "true")
            });
            default.map_or(Class::None, |class| Class::Of {
                name: class.metadata.name.clone(),
                controller: class.spec.controller.clone(),
            })
        }
    }
}

/// Every backend that is a Service, with its field.
pub(crate) fn backends(ingress: &Ingress) -> impl Iterator<Item = (String, &str)> {
    let default = ingress.spec.default_backend.iter();
    let default = default.map(|backend| ("spec.defaultBackend".to_owned(), backend));
    let rules = ingress.spec.rules.iter().enumerate().flat_map(|(rule, of)| {
        let paths = of.http.iter().flat_map(|http| &http.paths).enumerate();
        paths.map(move |(path, one)| {
            (format!("spec.rules[{rule}].http.paths[{path}]"), &one.backend)
        })
    });
    default
        .chain(rules)
        .filter_map(|(field, backend)| Some((field, backend.service.as_ref()?.name.as_str())))
}

fn hits<'a>(
    context: &'a DoorContext<'_, '_>,
    resource: &'a ResourceRef,
    ingress: &'a Ingress,
) -> impl Iterator<Item = (String, Hit)> + 'a {
    let found = backends(ingress)
        .filter_map(|(field, name)| Some((field, context.reach.hit(&resource.namespace, name)?)));
    // What is shown goes before what is undecided.
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|(_, hit)| !hit.is_shown());
    found.into_iter()
}

fn removed(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    if !context.readers.has(DoorKind::RemovedIngress) {
        return;
    }
    for kept in &context.cluster.objects.removed_ingresses {
        let found = kept.object.backends().filter_map(|(field, backend)| {
            let hit = context.reach.hit(&kept.resource.namespace, &backend.service_name)?;
            let missing = format!(
                "the meaning of {}, which was removed in Kubernetes {REMOVED_IN}; set apiVersion: networking.k8s.io/v1",
                kept.resource.api_version
            );
            let verdict = context.not_judged(hit.set, missing);
            Some(Door {
                kind: DoorKind::RemovedIngress,
                resource: kept.resource.clone(),
                created: None,
                field,
                to: context.name_of(hit),
                verdict,
            })
        });
        doors.extend(each_opening(found));
    }
}
