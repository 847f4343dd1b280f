//! What both modes make of a service, and what they make it of.

use std::collections::BTreeMap;

use super::config::KserveConfig;
use super::endpoint::{ComponentEndpoint, ServingRoute};
use super::inference_service::{Component, ComponentSpec, InferenceService};
use super::ingress_settings::IngressSettings;
use crate::controllers::knative::{ConfigDomain, ConfigNetwork};
use crate::finding::Finding;
use crate::values::release::Release;

/// From here on a component's own labels and annotations count.
pub(super) const COMPONENT_LABELS: Release = Release::new(0, 11, 0);

/// What a mode makes of a service.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) url: Option<String>,
    pub(super) address: Option<String>,
    pub(super) components: Vec<ComponentEndpoint>,
    pub(super) routes: Vec<ServingRoute>,
    pub(super) findings: Vec<Finding>,
    pub(super) assumed: Vec<String>,
}

/// What Knative mode reads besides the service.
pub(super) struct Knative<'a> {
    pub(super) domain: Result<&'a ConfigDomain, ()>,
    pub(super) network: Result<&'a ConfigNetwork, ()>,
    /// `None` where the controller refuses `ingress`: components are made, and nothing more.
    pub(super) settings: Option<&'a IngressSettings>,
    pub(super) config: &'a KserveConfig,
    pub(super) kserve: Release,
}

/// The labels of a component: the service's, then its own, then the controller's.
pub(super) fn component_labels(
    service: &InferenceService,
    component: Component,
    spec: &ComponentSpec,
    kserve: Release,
) -> BTreeMap<String, String> {
    let mut labels = service.metadata.labels.clone();
    if kserve >= COMPONENT_LABELS {
        labels.extend(spec.labels.clone());
    }
    labels.insert("serving.kserve.io/inferenceservice".to_owned(), service.metadata.name.clone());
    labels.insert("component".to_owned(), component.as_str().to_owned());
    labels
}

/// The annotations of a component: the service's, as they are passed on, then its own.
pub(super) fn component_annotations(
    annotations: &BTreeMap<String, String>,
    spec: &ComponentSpec,
    config: &KserveConfig,
    kserve: Release,
) -> BTreeMap<String, String> {
    let mut annotations = annotations.clone();
    if kserve >= COMPONENT_LABELS {
        annotations.extend(config.passed_on(&spec.annotations));
    }
    annotations
}

/// A URL goes through the status as text, which writes the scheme in lower case.
pub(super) fn lower_scheme(url: &str) -> String {
    match url.split_once(':') {
        Some((scheme, rest)) => format!("{}:{rest}", scheme.to_ascii_lowercase()),
        None => url.to_owned(),
    }
}
