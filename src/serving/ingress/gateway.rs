//! Which Ingresses lead to the gateway behind which `KServe` serves.

use crate::controllers::alb::group::managed_class;
use crate::controllers::alb::objects::Ingress;
use crate::controllers::alb::{Objects, Options};

/// The Service of Istio's ingress gateway, behind which `KServe` serves.
pub(crate) const GATEWAY_SERVICE: &str = "istio-ingressgateway";

/// The Ingresses that the controller manages and that lead to a Service of this name, each with its
/// index among the objects.
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
    let spec = &ingress.spec;
    let paths =
        spec.rules.iter().filter_map(|rule| rule.http.as_ref()).flat_map(|http| &http.paths);
    let mut backends = paths.map(|path| &path.backend).chain(&spec.default_backend);
    backends.any(|backend| backend.service.as_ref().is_some_and(|found| found.name == service))
}
