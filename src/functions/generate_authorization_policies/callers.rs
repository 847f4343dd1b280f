//! Gateways whose calls carry no identity: what is not of the mesh has no certificate of it.
//!
//! Kourier and Contour run Envoys of their own without a sidecar, and a load balancer sends its requests
//! straight to the pods.

use std::cell::LazyCell;

use super::diags::GatewayWithoutIdentity;
use crate::cluster::{Cluster, KserveWorld, may_be_one};
use crate::controllers::alb::annotations;
use crate::controllers::alb::objects::Ingress;
use crate::controllers::knative::OtherIngress;
use crate::controllers::kserve::{RouteKind, ServingModel};
use crate::finding::Finding;
use crate::serving::authorization::ServingWorkload;

const ISTIO_CLASS: &str = "istio";
const ISTIO_CONTROLLERS: [&str; 2] = ["istio.io/ingress-controller", "istio.io/gateway-controller"];

/// Reports each component that requests only reach without an identity of the mesh.
pub(super) fn without_identity(
    cluster: &Cluster<'_>,
    model: &ServingModel,
    workloads: &[ServingWorkload],
    findings: &mut Vec<Finding>,
) {
    // Knative's services need no look at it.
    let kserve = LazyCell::new(|| KserveWorld::of(cluster, model));
    for workload in workloads.iter().filter(|one| one.entry) {
        let gateway = if workload.knative {
            of_knative(model)
        } else {
            of_ingresses(cluster, &kserve, workload)
                .or_else(|| of_routes(cluster, &kserve, workload))
        };
        let component = workload.component;
        let finding = gateway.map(|gateway| GatewayWithoutIdentity { component, gateway }.into());
        findings.extend(finding.map(|finding: Finding| finding.on(&workload.resource())));
    }
}

fn of_knative(model: &ServingModel) -> Option<String> {
    let other = OtherIngress::of_class(model.knative_ingress_class.as_deref()?)?;
    Some(other.name.to_owned())
}

/// An Ingress of another class than Istio's, of the package or of `KServe`.
fn of_ingresses(
    cluster: &Cluster<'_>,
    kserve: &KserveWorld,
    workload: &ServingWorkload,
) -> Option<String> {
    let all = cluster.objects.ingresses.iter().chain(&kserve.ingresses);
    let own = Some(workload.namespace.clone());
    let mut leading = all.filter(|kept| {
        let names = [workload.name.as_str(), workload.service.as_str()];
        may_be_one(&kept.resource.namespace, &own)
            && services(&kept.object).any(|name| names.contains(&name))
    });
    let (kept, class) = leading.find_map(|kept| {
        let annotation = kept.object.metadata.annotations.get(annotations::CLASS);
        let class = annotation.or(kept.object.spec.ingress_class_name.as_ref())?;
        (!is_istio(cluster, class)).then_some((kept, class))
    })?;
    Some(format!("the class {class} of {}", kept.resource))
}

/// The Services that an Ingress forwards to.
fn services(ingress: &Ingress) -> impl Iterator<Item = &str> {
    let paths = ingress.spec.rules.iter().filter_map(|rule| rule.http.as_ref());
    let of_paths = paths.flat_map(|http| &http.paths).map(|path| &path.backend);
    let backends = of_paths.chain(&ingress.spec.default_backend);
    backends.filter_map(|backend| Some(backend.service.as_ref()?.name.as_str()))
}

fn is_istio(cluster: &Cluster<'_>, class: &str) -> bool {
    let known = cluster.objects.ingress_classes.iter().find(|one| one.resource.name == class);
    known.map_or(class == ISTIO_CLASS, |one| {
        ISTIO_CONTROLLERS.contains(&one.object.spec.controller.as_str())
    })
}

/// A Gateway of another class than Istio's, to which `KServe` attaches the service's `HTTPRoute`.
fn of_routes(
    cluster: &Cluster<'_>,
    kserve: &KserveWorld,
    workload: &ServingWorkload,
) -> Option<String> {
    let routes = kserve.routes.iter().filter(|one| {
        one.route.kind == RouteKind::HttpRoute
            && one.owner.name == workload.service
            && may_be_one(&one.owner.namespace, &Some(workload.namespace.clone()))
    });
    routes.flat_map(|one| &one.route.gateways).find_map(|name| {
        let gateway = cluster.objects.gateways.iter().find(|one| {
            let namespace = one.resource.namespace.as_deref().unwrap_or_default();
            *name == format!("{namespace}/{}", one.resource.name)
        })?;
        let class = &gateway.object.spec.gateway_class_name;
        let known = cluster.objects.gateway_classes.iter().find(|one| one.resource.name == *class);
        let is_istio = known.map_or(class == ISTIO_CLASS, |one| {
            ISTIO_CONTROLLERS.contains(&one.object.spec.controller_name.as_str())
        });
        (!is_istio).then(|| format!("the class {class} of {}", gateway.resource))
    })
}
