//! Every way of writing that an edit meets, and the exact text that it leaves.

mod documents;
mod items;
mod objects;
mod tabs;

use krm_package::{Edit, ItemId, Package};
use serde_json::{Value, json};

pub(crate) fn operations(operations: Value) -> Edit {
    Edit::Patch { item: ItemId(0), operations: serde_json::from_value(operations).unwrap() }
}

pub(crate) fn edited(source: &str, ops: Value) -> Result<String, String> {
    let package = Package::stream(source).map_err(|error| error.to_string())?;
    let spliced = package.apply(&[operations(ops)], &[]);
    spliced.map(|text| text.to_string()).map_err(|error| error.error.to_string())
}

#[track_caller]
pub(crate) fn assert_edit(source: &str, ops: Value, expected: &str) {
    assert_eq!(edited(source, ops).as_deref(), Ok(expected));
}

#[track_caller]
pub(crate) fn assert_refused(source: &str, ops: Value, place: &str, words: &str) {
    let error = edited(source, ops).unwrap_err();
    assert!(error.starts_with(place) && error.contains(words), "{error}");
}

pub(crate) fn set(path: &str, value: impl Into<Value>) -> Value {
    json!([{"op": "replace", "path": path, "value": value.into()}])
}

pub(crate) fn add(path: &str, value: impl Into<Value>) -> Value {
    json!([{"op": "add", "path": path, "value": value.into()}])
}

pub(crate) fn remove(path: &str) -> Value {
    json!([{"op": "remove", "path": path}])
}

pub(crate) const LIST: &str = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- kind: A # a\n  x: 1 # last\n# about b\n- kind: B\n  x: 1\n- kind: C\n  x: 1\nfunctionConfig:\n  kind: F\n";

pub(crate) fn listed(source: &str, edits: &[Edit], results: &[Value]) -> String {
    Package::resource_list(source).unwrap().apply(edits, results).unwrap().to_string()
}

pub(crate) fn list_refused(source: &str, edits: &[Edit], results: &[Value]) -> String {
    Package::resource_list(source).unwrap().apply(edits, results).unwrap_err().error.to_string()
}
