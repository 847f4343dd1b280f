//! What Knative has to know of the mesh.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::diags::MeshModeMissing;
use crate::controllers::knative::{CONFIG_NETWORK, KnativeServing, MESH_COMPATIBILITY_MODE};
use crate::runtime::{Item, Items, Plan};
use crate::serving::knative_entries::set_entries;
use krm_package::{Edit, operation};

#[derive(Deserialize)]
struct ConfigMap {
    #[serde(default, deserialize_with = "crate::values::k8s::empty_if_null")]
    data: BTreeMap<String, String>,
}

/// Whether an object is in Knative Serving's namespace, as far as it is given.
fn is_of_knative(item: &Item<'_>) -> bool {
    item.resource.namespace.as_deref().is_none_or(|namespace| namespace == "knative-serving")
}

/// Makes the activator call Services: by a pod's address it calls in plaintext, without the identity
/// that the policies want, and takes the 403 for an answer (`pkg/activator/net/revision_backends.go`).
pub(super) fn set_mesh_mode(items: &Items<'_>, plan: &mut Plan) {
    let mut found = false;
    let operators = items.of_kind("operator.knative.dev", "KnativeServing");
    for item in operators.filter(|item| is_of_knative(item)) {
        found = true;
        match item.read::<KnativeServing>() {
            Err(misread) => plan.findings.push(misread.into()),
            Ok(serving) => {
                let short = CONFIG_NETWORK.strip_prefix("config-").unwrap_or(CONFIG_NETWORK);
                let key = serving.key(CONFIG_NETWORK).unwrap_or(short);
                let set = BTreeMap::from([(MESH_COMPATIBILITY_MODE, "enabled")]);
                let operations = set_entries(item, &serving, key, &set, &plan.edits);
                if !operations.is_empty() {
                    let operations = json_patch::Patch(operations);
                    plan.edits.push(Edit::Patch { item: item.id, operations });
                }
            }
        }
    }
    if found {
        return;
    }
    let maps = items.of_kind("", "ConfigMap");
    let maps = maps.filter(|item| item.resource.name == CONFIG_NETWORK && is_of_knative(item));
    for item in maps {
        found = true;
        match item.read::<ConfigMap>() {
            Err(misread) => plan.findings.push(misread.into()),
            Ok(map)
                if map.data.get(MESH_COMPATIBILITY_MODE).is_some_and(|mode| mode == "enabled") => {}
            Ok(map) => {
                let operation = if map.data.is_empty() {
                    operation::add(
                        &["data"],
                        serde_json::json!({ MESH_COMPATIBILITY_MODE: "enabled" }),
                    )
                } else {
                    operation::add(&["data", MESH_COMPATIBILITY_MODE], "enabled")
                };
                let operations = json_patch::Patch(vec![operation]);
                plan.edits.push(Edit::Patch { item: item.id, operations });
            }
        }
    }
    if !found {
        plan.findings.push(MeshModeMissing.into());
    }
}
