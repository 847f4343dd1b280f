//! Names of an `InferenceService`'s parts.

use super::inference_service::{Component, InferenceService};
use crate::values::release::Release;

/// From here on names have no `-default`.
const WITHOUT_DEFAULT: Release = Release::new(0, 11, 0);
/// From here on a predictor may have a name.
pub(super) const NAMED_PREDICTOR: Release = Release::new(0, 20, 0);

/// The name of a component's Service: `iris-predictor-default` up to 0.10, `iris-predictor` after,
/// and `iris-v2-predictor` for a predictor that is named `v2` from 0.20 on. Releases 0.11 to 0.15
/// keep an object with `-default` that is there already; no manifest says so.
///
/// Source: `pkg/constants/constants.go`.
#[must_use]
pub(crate) fn component_name(
    service: &InferenceService,
    component: Component,
    kserve: Release,
) -> String {
    let variant = match component {
        Component::Predictor => predictor_variant(service, kserve),
        _ => None,
    };
    let plain = plain_component_name(&service.metadata.name, component, kserve);
    match variant {
        Some(variant) => format!("{}-{variant}-{}", service.metadata.name, component.as_str()),
        None => plain,
    }
}

/// The name without the predictor's own: what `HTTPRoute`s and their hosts are called after.
pub(super) fn plain_component_name(service: &str, component: Component, kserve: Release) -> String {
    let suffix = if kserve < WITHOUT_DEFAULT { "-default" } else { "" };
    format!("{service}-{}{suffix}", component.as_str())
}

/// The predictor's own name, in the releases that read it.
pub(super) fn predictor_variant(service: &InferenceService, kserve: Release) -> Option<&str> {
    let name = service.spec.predictor.name.as_str();
    (kserve >= NAMED_PREDICTOR && !name.is_empty()).then_some(name)
}

/// Whether the webhook takes the name: `^[a-z]([-a-z0-9]*[a-z0-9])?$`, of any length.
pub(super) fn is_admitted(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase()) && crate::values::route_host::is_label(name)
}

/// A component's host or URL as the controller makes the service's own of it: the first
/// `-predictor` goes, and where `-default` is anywhere, only a `-predictor-default`.
///
/// Source: `getServiceHost` and `getHostBasedServiceUrl` in `ingress_reconciler.go`.
pub(super) fn stripped(text: &str, component: Component, kserve: Release) -> String {
    let word = component.as_str();
    if kserve < WITHOUT_DEFAULT || text.contains("-default") {
        text.replacen(&format!("-{word}-default"), "", 1)
    } else {
        text.replacen(&format!("-{word}"), "", 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_stripped_as_the_controller_does_wrong_or_right() {
        let (old, new) = (Release::new(0, 10, 0), Release::new(0, 15, 0));
        let predictor = Component::Predictor;
        assert_eq!(
            stripped("iris-predictor.team-a.example.com", predictor, new),
            "iris.team-a.example.com"
        );
        assert_eq!(stripped("a-predictor-b-predictor.x", predictor, new), "a-b-predictor.x");
        assert_eq!(
            stripped("iris-predictor.team-default.x", predictor, new),
            "iris-predictor.team-default.x"
        );
        assert_eq!(
            stripped("iris-predictor-default.team-default.x", predictor, old),
            "iris.team-default.x"
        );
    }

    #[test]
    fn a_predictor_has_a_name_of_its_own_from_0_20_on() {
        let mut service = InferenceService::default();
        service.metadata.name = "iris".to_owned();
        service.spec.predictor.name = "v2".to_owned();
        let name = |release| component_name(&service, Component::Predictor, release);
        assert_eq!(name(Release::new(0, 20, 0)), "iris-v2-predictor");
        assert_eq!(name(Release::new(0, 19, 0)), "iris-predictor");
        assert_eq!(name(Release::new(0, 10, 2)), "iris-predictor-default");
    }
}
