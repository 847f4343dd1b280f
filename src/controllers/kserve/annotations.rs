//! The labels and annotations by which a service says how it is reconciled, and those of its
//! components.

use std::collections::BTreeMap;

use super::config::KserveConfig;
use super::inference_service::{Component, ComponentSpec, InferenceService};
use super::mode::MODE_ANNOTATION;
use super::remark::{MetadataMap, Remark};
use super::runtimes::ServingRuntime;
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

/// The labels that the manifests give a component: those of its runtime, the service's, then its own
/// (`buildObjectMeta` in `components/predictor.go` of 0.10 to 0.20).
pub(super) fn given_labels(
    service: &InferenceService,
    spec: &ComponentSpec,
    runtime: Option<&ServingRuntime>,
    kserve: Release,
) -> BTreeMap<String, String> {
    let mut labels = runtime.map(|one| one.spec.labels.clone()).unwrap_or_default();
    labels.extend(service.metadata.labels.clone());
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
    runtime: Option<&ServingRuntime>,
    kserve: Release,
) -> BTreeMap<String, String> {
    let mut labels = given_labels(service, spec, runtime, kserve);
    add_component_labels(&mut labels, &service.metadata.name, component);
    labels
}

/// Adds the labels that the controller gives every component.
pub(crate) fn add_component_labels(
    labels: &mut BTreeMap<String, String>,
    service: &str,
    component: Component,
) {
    labels.insert("serving.kserve.io/inferenceservice".to_owned(), service.to_owned());
    labels.insert("component".to_owned(), component.as_str().to_owned());
}

/// The annotations of a component: those of its runtime, the service's, as they are passed on, then its own.
pub(super) fn component_annotations(
    of_service: &BTreeMap<String, String>,
    spec: &ComponentSpec,
    runtime: Option<&ServingRuntime>,
    config: &KserveConfig,
    kserve: Release,
) -> BTreeMap<String, String> {
    let of_runtime = runtime.map(|one| config.passed_on(&one.spec.annotations));
    let mut annotations = of_runtime.unwrap_or_default();
    annotations.extend(of_service.clone());
    if kserve >= COMPONENT_LABELS {
        annotations.extend(config.passed_on(&spec.annotations));
    }
    annotations
}

/// Where an annotation of a component is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnnotationPlace {
    /// In the service's metadata.
    Service,
    /// In the component of this kind.
    Component(Component),
    /// In the predictor's runtime, of this name.
    Runtime(String),
}

impl AnnotationPlace {
    /// That of an annotation which a component has: its own comes before the service's, and that before the runtime's.
    pub(super) fn of(
        key: &str,
        component: Component,
        spec: &ComponentSpec,
        of_service: &BTreeMap<String, String>,
        runtime: Option<&ServingRuntime>,
    ) -> Self {
        match runtime {
            _ if spec.annotations.contains_key(key) => Self::Component(component),
            Some(runtime) if !of_service.contains_key(key) => {
                Self::Runtime(runtime.metadata.name.clone())
            }
            _ => Self::Service,
        }
    }

    /// The field of the service where it is, or where another one takes its place.
    pub(crate) fn field(&self, key: &str) -> String {
        match self {
            Self::Service | Self::Runtime(_) => format!("metadata.annotations[{key}]"),
            Self::Component(component) => format!("spec.{}.annotations[{key}]", component.as_str()),
        }
    }
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::controllers::kserve::{Endpoint, ServingItems, ServingModel, ServingOptions};
    use crate::values::release::Release;

    /// What an `InferenceService` with a runtime is reconciled to by 0.20.0.
    fn endpoint(mode: &str, spec: Value, of_runtime: Value) -> Endpoint {
        let mut runtime = json!({
            "supportedModelFormats": [{ "name": "sklearn", "autoSelect": true }],
            "containers": [{ "name": "kserve-container", "image": "example.com/server:1" }],
        });
        runtime.as_object_mut().unwrap().extend(of_runtime.as_object().unwrap().clone());
        let mut items = ServingItems::default();
        for object in [
            json!({
                "apiVersion": "serving.kserve.io/v1alpha1", "kind": "ServingRuntime",
                "metadata": { "name": "team-runtime", "namespace": "team-a" }, "spec": runtime,
            }),
            json!({
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": { "name": "config-domain", "namespace": "knative-serving" },
                "data": { "example.com": "" },
            }),
            json!({
                "apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService",
                "metadata": {
                    "name": "iris", "namespace": "team-a",
                    "annotations": { "serving.kserve.io/deploymentMode": mode },
                },
                "spec": spec,
            }),
        ] {
            let text = |key: &str| object[key].as_str().unwrap().to_owned();
            items.add(&text("apiVersion"), &text("kind"), object.clone()).unwrap();
        }
        let kserve = Some(Release::new(0, 20, 0));
        let options = ServingOptions { kserve, ..ServingOptions::default() };
        ServingModel::build(&items, &options).endpoints.remove(0)
    }

    fn predictor(annotations: &Value) -> Value {
        json!({
            "annotations": annotations,
            "model": { "modelFormat": { "name": "sklearn" }, "storageUri": "s3://models/iris" },
        })
    }

    #[test]
    fn the_runtime_s_labels_and_annotations_are_the_predictor_s() {
        let spec = json!({ "predictor": predictor(&json!({})) });
        let visible = json!({ "labels": { "networking.knative.dev/visibility": "cluster-local" } });
        assert!(endpoint("Knative", spec.clone(), visible).public_hosts().is_empty());
        assert!(!endpoint("Knative", spec.clone(), json!({})).public_hosts().is_empty());
        let class = json!({ "annotations": { "serving.kserve.io/autoscalerClass": "kpa" } });
        let refused = endpoint("Standard", spec.clone(), class.clone());
        assert_eq!((refused.url, refused.components.len()), (None, 0));
        // The component's own comes first.
        let own = json!({ "predictor": predictor(&json!({ "serving.kserve.io/autoscalerClass": "keda" })) });
        assert!(endpoint("Standard", own, class).url.is_some());
        let window = json!({ "annotations": { "autoscaling.knative.dev/window": "2s" } });
        assert_eq!(endpoint("Knative", spec, window).url, None);
    }

    #[test]
    fn a_component_fails_for_an_autoscaler_and_those_before_it_stay() {
        let transformer = json!({
            "annotations": { "serving.kserve.io/autoscalerClass": "HPA" },
            "containers": [{ "name": "kserve-container", "image": "example.com/transformer:1" }],
        });
        let spec = json!({ "predictor": predictor(&json!({})), "transformer": transformer });
        let failed = endpoint("Standard", spec.clone(), json!({}));
        assert_eq!((failed.url.as_deref(), failed.components.len()), (None, 1));
        // Knative mode reads another annotation.
        assert!(endpoint("Knative", spec, json!({})).url.is_some());
    }

    #[test]
    fn a_canary_has_a_service_of_its_own() {
        let canary = json!({ "trafficPercent": 20, "predictor": {
            "name": "next", "model": { "name": "", "ports": [{ "containerPort": 5000 }] },
        } });
        let spec = json!({ "predictor": predictor(&json!({})), "canary": [canary] });
        let found = endpoint("Standard", spec, json!({}));
        let created = found.created_services(Release::new(0, 20, 0)).into_iter();
        let created: Vec<_> = created.map(|one| (one.name, one.ports[0].target)).collect();
        let expected = [("iris-predictor", 8080), ("iris-next-predictor", 5000)];
        assert_eq!(created, expected.map(|(name, port)| (name.to_owned(), port)));
        assert!(!found.canaries[0].is_routed);
    }
}
