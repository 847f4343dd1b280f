//! The labels and annotations by which a service says how it is reconciled, and those of its
//! components.

use std::collections::BTreeMap;

use super::config::KserveConfig;
use super::inference_service::{Component, ComponentSpec, InferenceService};
use super::mode::MODE_ANNOTATION;
use super::remark::{MetadataMap, Remark};
use crate::controllers::knative::VISIBILITY_LABEL;
use crate::values::release::Release;
use krm_package::text::suggest::is_within;

/// From here on a service can be stopped.
pub(super) const STOP: Release = Release::new(0, 15, 1);
/// The annotation that stops a service.
pub(crate) const STOP_ANNOTATION: &str = "serving.kserve.io/stop";
pub(super) const TAG_ANNOTATION: &str = "serving.kserve.io/enable-tag-routing";
/// The label that keeps a service of Standard mode inside the cluster.
pub(crate) const NETWORK_VISIBILITY: &str = "networking.kserve.io/visibility";

/// From here on a component's own labels and annotations count.
const COMPONENT_LABELS: Release = Release::new(0, 11, 0);

/// With how many wrong letters a name is still taken for one that is read.
const WRONG_LETTERS: usize = 2;

/// Whether annotations stop what has them.
pub(super) fn is_stopped(annotations: &BTreeMap<String, String>, kserve: Release) -> bool {
    let value = annotations.get(STOP_ANNOTATION).filter(|_| kserve >= STOP);
    value.is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// The labels that the manifests give a component: the service's, then its own.
pub(super) fn given_labels(
    service: &InferenceService,
    spec: &ComponentSpec,
    kserve: Release,
) -> BTreeMap<String, String> {
    let mut labels = service.metadata.labels.clone();
    if kserve >= COMPONENT_LABELS {
        labels.extend(spec.labels.clone());
    }
    labels
}

/// The labels of a component: those of the manifests, then the controller's.
pub(super) fn component_labels(
    service: &InferenceService,
    component: Component,
    spec: &ComponentSpec,
    kserve: Release,
) -> BTreeMap<String, String> {
    let mut labels = given_labels(service, spec, kserve);
    add_component_labels(&mut labels, &service.metadata.name, component);
    labels
}

/// Adds the labels that the controller gives every component.
pub(super) fn add_component_labels(
    labels: &mut BTreeMap<String, String>,
    service: &str,
    component: Component,
) {
    labels.insert("serving.kserve.io/inferenceservice".to_owned(), service.to_owned());
    labels.insert("component".to_owned(), component.as_str().to_owned());
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

/// The label for a service inside the cluster that one of another key or domain is meant to be.
fn visibility_meant(key: &str, value: &str) -> Option<&'static str> {
    let (domain, name) = key.rsplit_once('/').unwrap_or(("", key));
    let is_ours = ["knative", "kserve"].iter().any(|part| domain.contains(part));
    let looks_like = value.eq_ignore_ascii_case("cluster-local")
        || (is_ours && is_within(name, "visibility", WRONG_LETTERS));
    let meant = if domain.contains("kserve") { NETWORK_VISIBILITY } else { VISIBILITY_LABEL };
    looks_like.then_some(meant)
}

/// Annotations and labels that are nearly one that counts, and those in the wrong place.
pub(super) fn misspelt(service: &InferenceService) -> Vec<Remark> {
    let metadata = &service.metadata;
    let read: [(MetadataMap, &BTreeMap<String, String>, &[&'static str]); 2] = [
        (
            MetadataMap::Annotations,
            &metadata.annotations,
            &[MODE_ANNOTATION, STOP_ANNOTATION, TAG_ANNOTATION],
        ),
        (MetadataMap::Labels, &metadata.labels, &[VISIBILITY_LABEL, NETWORK_VISIBILITY]),
    ];
    let mut remarks = Vec::new();
    for (map, entries, known) in read {
        for key in entries.keys().filter(|key| !known.contains(&key.as_str())) {
            let meant = known.iter().copied().find(|name| is_within(key, name, WRONG_LETTERS));
            let meant = meant.or_else(|| {
                let value = entries.get(key).filter(|_| map == MetadataMap::Labels)?;
                visibility_meant(key, value)
            });
            remarks.extend(meant.map(|meant| Remark::Misspelt { map, key: key.clone(), meant }));
        }
    }
    // The right name in the wrong place.
    for (key, here, read_in) in [
        (VISIBILITY_LABEL, &metadata.annotations, MetadataMap::Labels),
        (NETWORK_VISIBILITY, &metadata.annotations, MetadataMap::Labels),
        (MODE_ANNOTATION, &metadata.labels, MetadataMap::Annotations),
        (STOP_ANNOTATION, &metadata.labels, MetadataMap::Annotations),
    ] {
        if here.contains_key(key) {
            remarks.push(Remark::Misplaced { key, read_in });
        }
    }
    remarks
}
