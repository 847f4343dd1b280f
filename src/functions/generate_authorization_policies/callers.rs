//! Gateways whose calls carry no identity: what is not of the mesh has no certificate of it.
//!
//! Kourier and Contour run Envoys of their own without a sidecar, and a load balancer sends its requests
//! straight to the pods.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::diags::GatewayWithoutIdentity;
use crate::cluster::{Cluster, Kept, KserveRoute, KserveWorld, may_be_one};
use crate::controllers::alb::annotations;
use crate::controllers::alb::objects::Ingress;
use crate::controllers::knative::OtherIngress;
use crate::controllers::kserve::ServingModel;
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
    // Of Knative's services the class of its Routes tells which gateway calls them.
    let kserve = LazyCell::new(|| KserveWorld::of_package(cluster));
    let entrances = LazyCell::new(|| Entrances::of(cluster, &kserve));
    for workload in workloads.iter().filter(|one| one.entry) {
        let gateway = if workload.knative {
            of_knative(model)
        } else {
            entrances.ingress(workload).or_else(|| entrances.route(workload))
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

/// What leads to the services from outside, by the name that it has of them: to go through all of it for each
/// workload would take the square of their number.
struct Entrances<'c, 'p> {
    cluster: &'c Cluster<'p>,
    /// The Ingresses of the package and of `KServe`.
    ingresses: Vec<&'c Kept<Ingress>>,
    /// Their places by the Service that they forward to.
    by_service: BTreeMap<&'c str, BTreeSet<usize>>,
    /// The `HTTPRoutes` of `KServe` by the `InferenceService`.
    routes: BTreeMap<&'c str, Vec<&'c KserveRoute>>,
}

impl<'c, 'p> Entrances<'c, 'p> {
    fn of(cluster: &'c Cluster<'p>, kserve: &'c KserveWorld) -> Self {
        let all = cluster.objects.ingresses.iter().chain(&kserve.ingresses);
        let ingresses: Vec<&Kept<Ingress>> = all.map(Rc::as_ref).collect();
        let mut by_service: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for (place, kept) in ingresses.iter().enumerate() {
            for name in services(&kept.object) {
                by_service.entry(name).or_default().insert(place);
            }
        }
        let mut routes: BTreeMap<&str, Vec<&KserveRoute>> = BTreeMap::new();
        for one in &kserve.http_routes {
            routes.entry(&one.owner.name).or_default().push(one);
        }
        Self { cluster, ingresses, by_service, routes }
    }

    /// An Ingress of another class than Istio's that leads to a workload.
    fn ingress(&self, workload: &ServingWorkload) -> Option<String> {
        let own = Some(workload.namespace.clone());
        let names = [workload.name.as_str(), workload.service.as_str()];
        let places: BTreeSet<usize> =
            names.iter().filter_map(|name| self.by_service.get(name)).flatten().copied().collect();
        let mut leading = places
            .into_iter()
            .filter_map(|place| self.ingresses.get(place))
            .filter(|kept| may_be_one(&kept.resource.namespace, &own));
        let (kept, class) = leading.find_map(|kept| {
            let annotation = kept.object.metadata.annotations.get(annotations::CLASS);
            let class = annotation.or(kept.object.spec.ingress_class_name.as_ref())?;
            (!is_istio(self.cluster, class)).then_some((kept, class))
        })?;
        Some(format!("the class {class} of {}", kept.resource))
    }

    /// A Gateway of another class than Istio's, to which `KServe` attaches the service's `HTTPRoute`.
    fn route(&self, workload: &ServingWorkload) -> Option<String> {
        let own = Some(workload.namespace.clone());
        let routes = self.routes.get(workload.service.as_str()).into_iter().flatten();
        let routes = routes.filter(|one| may_be_one(&one.owner.namespace, &own));
        let objects = &self.cluster.objects;
        routes.flat_map(|one| &one.route.gateways).find_map(|name| {
            let gateway = objects.gateways.iter().find(|one| {
                let namespace = one.resource.namespace.as_deref().unwrap_or_default();
                *name == format!("{namespace}/{}", one.resource.name)
            })?;
            let class = &gateway.object.spec.gateway_class_name;
            let known = objects.gateway_classes.iter().find(|one| one.resource.name == *class);
            let is_istio = known.map_or(class == ISTIO_CLASS, |one| {
                ISTIO_CONTROLLERS.contains(&one.object.spec.controller_name.as_str())
            });
            (!is_istio).then(|| format!("the class {class} of {}", gateway.resource))
        })
    }
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
