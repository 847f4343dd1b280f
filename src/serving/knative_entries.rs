//! Entries of Knative Serving's ConfigMaps where the operator writes them: `spec.config` of
//! `KnativeServing`.

use std::collections::BTreeMap;

use json_patch::PatchOperation;
use serde_json::{Map, Value, json};

use crate::controllers::knative::KnativeServing;
use crate::runtime::Item;
use krm_package::{Edit, operation};

/// The operations that set entries of a ConfigMap in the operator's object; what is missing above
/// them is created with them. `edits` are those that are planned already.
#[must_use]
pub(crate) fn set_entries(
    item: &Item<'_>,
    serving: &KnativeServing,
    key: &str,
    set: &BTreeMap<&str, &str>,
    edits: &[Edit],
) -> Vec<PatchOperation> {
    let known = serving.spec.config.get(key).and_then(Option::as_ref);
    let stays = |entry: &str, text: &str| {
        known.and_then(|known| known.get(entry)).is_some_and(|now| now.as_deref() == Some(text))
    };
    let set: BTreeMap<&str, &str> =
        set.iter().map(|(entry, text)| (*entry, *text)).filter(|(e, t)| !stays(e, t)).collect();
    if set.is_empty() {
        return Vec::new();
    }
    if known.is_some_and(|known| !known.is_empty()) {
        let path = |entry| ["spec", "config", key, entry];
        return set.iter().map(|(entry, text)| operation::add(&path(entry), *text)).collect();
    }
    let entries: Map<String, Value> =
        set.iter().map(|(entry, text)| ((*entry).to_owned(), (*text).into())).collect();
    let is_edited =
        edits.iter().any(|edit| matches!(edit, Edit::Patch { item: id, .. } if *id == item.id));
    let has_spec = item.node.get("spec").is_some_and(|spec| !spec.is_null());
    vec![if is_edited || !serving.spec.config.is_empty() {
        operation::add(&["spec", "config", key], entries)
    } else if has_spec {
        operation::add(&["spec", "config"], json!({ key: entries }))
    } else {
        operation::add(&["spec"], json!({ "config": { key: entries } }))
    }]
}
