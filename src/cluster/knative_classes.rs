//! Whose controller serves Knative's Routes, where it is not Istio's.
//!
//! A Route's own annotation goes before the class of `config-network` (`ingressClassForRoute` in
//! `pkg/reconciler/route/route.go` of knative/serving 0.48.1); a Service gives its annotations to its Route
//! (`MakeRoute` in `pkg/reconciler/service/resources/route.go`). Those of an `InferenceService` never get there:
//! `KServe` sets them on the revision's template, and two others on the Service (`managedKsvcAnnotations` in
//! `reconcilers/knative/ksvc_reconciler.go` of kserve/kserve 0.20.0, as in 0.10.0, 0.12.1 and 0.15.2).

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Cluster;
use crate::controllers::knative::{CLUSTER_LOCAL, OtherIngress, VISIBILITY_LABEL};
use crate::controllers::kserve::{DeploymentMode, Endpoint, ServingModel};
use crate::values::k8s::ResourceRef;

/// The keys of the annotation, of which the first that is there counts (`IngressClassAnnotation` in
/// `pkg/apis/networking/register.go` of knative/networking at a7cdca2).
const KEYS: [&str; 2] =
    ["networking.knative.dev/ingress.class", "networking.knative.dev/ingress-class"];

/// The ingress class of an object's Routes, where it is not Istio's.
#[derive(Debug, Clone)]
pub(crate) struct IngressClassOf {
    /// The class.
    pub class: String,
    /// The object that sets it.
    pub source: Rc<ResourceRef>,
    /// The field that sets it.
    pub field: String,
}

impl IngressClassOf {
    /// The ingress of the class, where it is a known one.
    pub(crate) fn known(&self) -> Option<OtherIngress> {
        OtherIngress::of_class(&self.class)
    }

    /// Those of Knative's own Services, Routes and `DomainMappings`.
    pub(super) fn written(cluster: &Cluster<'_>) -> Vec<Self> {
        let objects = &cluster.objects;
        let all = objects.knative_services.iter().chain(&objects.knative_routes);
        let all = all.chain(&objects.domain_mappings);
        all.filter(|one| !is_local(&one.object.metadata.labels))
            .filter_map(|one| {
                let annotations = &one.object.metadata.annotations;
                annotated(&one.resource, annotations, "metadata.annotations")
            })
            .collect()
    }

    /// That of `config-network`, where public Routes take it.
    pub(super) fn configured(cluster: &Cluster<'_>, model: &ServingModel) -> Option<Self> {
        let class = model.knative_ingress_class.clone().filter(|class| !is_istio(class))?;
        if !model.endpoints.iter().any(is_of_outside) {
            return None;
        }
        let objects = &cluster.objects;
        let is_map = |name: &str| name == "config-network";
        let map = objects.config_maps.iter().find(|one| is_map(&one.resource.name));
        let operator = objects.knative_servings.first();
        let is_of_operator = operator.is_some_and(|one| {
            let config = one.object.spec.get("config");
            let names = ["network", "config-network"];
            names.iter().any(|name| config.and_then(|all| all.get(name)).is_some())
        });
        let source = match (map, operator) {
            (_, Some(operator)) if is_of_operator || map.is_none() => {
                (operator.resource.clone(), "spec.config.network")
            }
            (Some(map), _) => (map.resource.clone(), "data"),
            _ => return None,
        };
        Some(Self { class, source: source.0, field: format!("{}[ingress-class]", source.1) })
    }
}

/// The class that annotations set.
fn annotated(
    resource: &Rc<ResourceRef>,
    annotations: &BTreeMap<String, String>,
    place: &str,
) -> Option<IngressClassOf> {
    let (key, class) = KEYS.into_iter().find_map(|key| Some((key, annotations.get(key)?)))?;
    // An empty one leaves it to the configuration.
    (!class.is_empty() && !is_istio(class)).then(|| IngressClassOf {
        class: class.clone(),
        source: resource.clone(),
        field: format!("{place}[{key}]"),
    })
}

/// The class of net-istio, which takes no other name (`IstioIngressClassName` in
/// `pkg/reconciler/ingress/config/istio.go` of knative-extensions/net-istio).
fn is_istio(class: &str) -> bool {
    class == "istio.ingress.networking.knative.dev"
}

/// Whether a service has Routes of Knative's that are not marked as the cluster's own. The domain does not decide:
/// `config-domain` may be in another package.
fn is_of_outside(endpoint: &Endpoint) -> bool {
    let mut components = endpoint.components.iter();
    endpoint.mode == Some(DeploymentMode::Knative)
        && components.any(|component| !is_local(&component.given_labels))
}

/// Whether labels keep a Route inside the cluster.
fn is_local(labels: &BTreeMap<String, String>) -> bool {
    labels.get(VISIBILITY_LABEL).is_some_and(|one| one == CLUSTER_LOCAL)
}
