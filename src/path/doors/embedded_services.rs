//! What `KServe` and Knative make of the services that other objects hold.
//!
//! One that cannot be read, because a template leaves more open than its name, or that the webhook refuses as it is
//! written, is taken for the plainest service of its mode.

use serde_json::{Value, json};

use crate::cluster::{Cluster, Embedded, KserveWorld, Template};
use crate::controllers::kserve::{ServingModel, ServingOptions};
use crate::finding::Code;
use crate::serving::model::Findings;

/// Groups whose services the controllers create routes and pods of.
const SERVING: [&str; 3] = ["serving.kserve.io", "serving.kubeflow.org", "serving.knative.dev"];
const INFERENCE_SERVICE: &str = "InferenceService";
const MODE: &str = "serving.kserve.io/deploymentMode";

/// Whether an object is one of those.
pub(super) fn is_served(one: &Embedded) -> bool {
    SERVING.contains(&one.resource.group())
}

/// The service that a text speaks of which cannot be read.
pub(super) fn of_template(template: &Template) -> Option<Embedded> {
    if !template.text.contains("kind: InferenceService") {
        return None;
    }
    let modes = ["RawDeployment", "Standard", "Serverless", "Knative"];
    let mode = modes.into_iter().find(|mode| template.text.contains(mode));
    let annotations = mode.map(|mode| json!({ MODE: mode })).unwrap_or_default();
    let value = plainest(&json!({ "name": "${name}", "annotations": annotations }), &template.text);
    Some(Embedded {
        resource: crate::cluster::reference(&value),
        value,
        holder: template.holder.clone(),
        field: template.field.clone(),
    })
}

/// A service with this metadata, and with its node's network where a text speaks of that.
fn plainest(metadata: &Value, text: &str) -> Value {
    let mut predictor = json!({ "model": {
        "modelFormat": { "name": "sklearn" }, "storageUri": "s3://models/any",
    } });
    if text.contains("hostNetwork") {
        predictor["hostNetwork"] = true.into();
    }
    json!({
        "apiVersion": "serving.kserve.io/v1beta1", "kind": INFERENCE_SERVICE,
        "metadata": metadata, "spec": { "predictor": predictor },
    })
}

/// Takes those that are not admitted for plain ones. They are looked at without the rest of the package, by the rules of
/// the newest releases; what another release would refuse as well has more doors by that, never fewer.
pub(super) fn admitted(objects: Vec<Embedded>) -> Vec<Embedded> {
    let refused = |one: &Embedded| {
        let mut items = crate::controllers::kserve::ServingItems::default();
        let resource = &one.resource;
        if items.add(&resource.api_version, &resource.kind, &one.value).is_err() {
            return true;
        }
        let model = ServingModel::build(&items, &ServingOptions::default());
        let mut found = model.endpoints.iter().flat_map(Findings::findings);
        found.any(|finding| finding.code == Code::KserveNotAdmitted)
    };
    let plain = |one: Embedded| {
        if one.resource.kind != INFERENCE_SERVICE || !is_served(&one) || !refused(&one) {
            return one;
        }
        let value = plainest(&one.value["metadata"], &one.value.to_string());
        Embedded { value, ..one }
    };
    objects.into_iter().map(plain).collect()
}

/// What the controllers create of a package with these objects, by the package's own settings and the releases that
/// these show; nothing else where none of them is a service.
pub(super) fn world_with(
    cluster: &Cluster<'_>,
    after: &Cluster<'_>,
    objects: &[Embedded],
) -> Option<KserveWorld> {
    if !objects.iter().any(is_served) {
        return None;
    }
    let mut items = cluster.serving_items();
    for one in objects.iter().filter(|one| is_served(one)) {
        let _ = items.add(&one.resource.api_version, &one.resource.kind, &one.value);
    }
    let model = ServingModel::build(&items, &ServingOptions::default());
    Some(KserveWorld::of(after, &model))
}
