//! Which Ingresses lead to the gateway behind which `KServe` serves.

use crate::controllers::alb::group::managed_class;
use crate::controllers::alb::objects::Ingress;
use crate::controllers::alb::{Objects, Options};

/// The Service of Istio's ingress gateway, behind which `KServe` serves.
pub(crate) const GATEWAY_SERVICE: &str = "istio-ingressgateway";

/// The Ingresses that the controller manages and that lead to a Service of this name, each with its
/// index in the input.
pub(crate) fn ingresses<'a>(
    objects: &'a Objects,
    options: &'a Options,
    service: &'a str,
) -> impl Iterator<Item = (usize, &'a Ingress)> {
    let all = objects.ingresses.iter().enumerate();
    all.filter(|(_, ingress)| managed_class(ingress, objects, options).is_ok())
        .filter(move |(_, ingress)| leads_to(ingress, service))
}

/// Whether a rule of an Ingress, or its default backend, names a Service.
#[must_use]
pub(crate) fn leads_to(ingress: &Ingress, service: &str) -> bool {
    services(ingress).any(|name| name == service)
}

/// The Services that the rules of an Ingress and its default backend name.
pub(crate) fn services(ingress: &Ingress) -> impl Iterator<Item = &str> {
    let spec = &ingress.spec;
    let paths =
        spec.rules.iter().filter_map(|rule| rule.http.as_ref()).flat_map(|http| &http.paths);
    let backends = paths.map(|path| &path.backend).chain(&spec.default_backend);
    backends.filter_map(|backend| Some(backend.service.as_ref()?.name.as_str()))
}

/// Whether an Ingress is one of the guide's own overlays, which a run is to set: awslabs' label
/// `kustomize.component: istio-ingress`, or the name that its overlays give in the gateway's namespace.
#[must_use]
pub(crate) fn is_of_guide(ingress: &Ingress) -> bool {
    const NAMES: [&str; 2] = ["istio-ingress", "istio-ingress-api"];
    let metadata = &ingress.metadata;
    let is_labelled =
        metadata.labels.get("kustomize.component").is_some_and(|label| label == "istio-ingress");
    let is_named = NAMES.contains(&metadata.name.as_str())
        && metadata.namespace.as_deref() == Some("istio-system");
    (is_labelled || is_named) && services(ingress).all(|name| name == GATEWAY_SERVICE)
}
