//! What differs between two states of files: as JSON Patch, and line by line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use json_patch::PatchOperation;
use krm_package::operation;
use serde_json::{Value, json};
use similar::TextDiff;

use super::diags::Refused;
use super::document::Document;
use super::id::Id;
use crate::runtime::{Items, KserveAws, Project, Secrets};
use krm_package::Package;

/// Files and their texts.
pub(crate) type Texts = BTreeMap<PathBuf, String>;

/// The files that differ, in order.
pub(crate) fn changed<'t>(before: &'t Texts, after: &'t Texts) -> Vec<&'t Path> {
    let mut all: Vec<&Path> = before.keys().chain(after.keys()).map(PathBuf::as_path).collect();
    all.sort_unstable();
    all.dedup();
    all.retain(|path| before.get(*path) != after.get(*path));
    all
}

/// A unified diff, without a token of either side.
///
/// # Errors
/// A text that holds something else than objects.
pub(crate) fn unified(before: &Texts, after: &Texts) -> Result<String, Refused> {
    let mut diff = String::new();
    for path in changed(before, after) {
        diff.push_str(&line_diff(path, before, after));
    }
    hidden(diff, before, after)
}

/// The unified diff of one file, as it is.
pub(crate) fn line_diff(path: &Path, before: &Texts, after: &Texts) -> String {
    let text = |side: &Texts| side.get(path).cloned().unwrap_or_default();
    let name = |side: &Texts, mark: &str| match side.get(path) {
        Some(_) => format!("{mark}/{}", path.display()),
        None => "/dev/null".to_owned(),
    };
    let (old, new) = (text(before), text(after));
    let lines = TextDiff::from_lines(&old, &new);
    let (old, new) = (name(before, "a"), name(after, "b"));
    lines.unified_diff().header(&old, &new).to_string()
}

/// The changes as JSON: each object that changes with its JSON Patch, new objects, and removed ones;
/// without a token of either side.
///
/// # Errors
/// A text that holds something else than objects.
pub(crate) fn plan(before: &Texts, after: &Texts) -> Result<String, Refused> {
    let mut changes = Vec::new();
    for path in changed(before, after) {
        let objects = |side: &Texts| match side.get(path) {
            Some(text) => Document::of_file(path, text),
            None => Ok(Vec::new()),
        };
        let (old, mut new) = (objects(before)?, objects(after)?);
        for document in old {
            let place = new.iter().position(|other| other.id.key() == document.id.key());
            let resource = resource(&document.id);
            let Some(place) = place else {
                changes.push(json!({ "file": path, "resource": resource, "remove": true }));
                continue;
            };
            let mut operations = Vec::new();
            differences(
                &document.value()?,
                &new.remove(place).value()?,
                &mut Vec::new(),
                &mut operations,
            );
            if !operations.is_empty() {
                changes.push(json!({ "file": path, "resource": resource, "patch": operations }));
            }
        }
        for document in new {
            changes.push(json!({ "file": path, "add": document.value()? }));
        }
    }
    hidden(format!("{:#}\n", Value::Array(changes)), before, after)
}

fn resource(id: &Id) -> Value {
    let api_version = if id.gvk.group.is_empty() {
        id.gvk.version.clone()
    } else {
        format!("{}/{}", id.gvk.group, id.gvk.version)
    };
    let namespace = Some(&id.namespace).filter(|namespace| !namespace.is_empty());
    json!({ "apiVersion": api_version, "kind": id.gvk.kind, "namespace": namespace, "name": id.name })
}

/// The operations that lead from one value to another; a list that differs is replaced.
fn differences(
    old: &Value,
    new: &Value,
    at: &mut Vec<String>,
    operations: &mut Vec<PatchOperation>,
) {
    let path = |at: &[String], key: &str| -> Vec<String> {
        at.iter().cloned().chain([key.to_owned()]).collect()
    };
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for key in old.keys().filter(|key| !new.contains_key(*key)) {
                operations.push(operation::remove(&texts(&path(at, key))));
            }
            for (key, value) in new {
                match old.get(key) {
                    Some(before) => {
                        at.push(key.clone());
                        differences(before, value, at, operations);
                        at.pop();
                    }
                    None => operations.push(operation::add(&texts(&path(at, key)), value.clone())),
                }
            }
        }
        (old, new) if old == new => {}
        (_, new) => operations.push(operation::replace(&texts(at), new.clone())),
    }
}

fn texts(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}

/// A report without the tokens of the objects that it is about.
fn hidden(mut report: String, before: &Texts, after: &Texts) -> Result<String, Refused> {
    for (path, text) in before.iter().chain(after) {
        let package = Package::stream(text).map_err(|error| Refused::unread(path, text, error))?;
        let items = Items::of(&package).map_err(|others| {
            let findings = others.into_iter().map(crate::finding::Finding::from);
            Refused::from(findings.collect::<Vec<_>>())
        })?;
        let secrets: Secrets = KserveAws::secrets(&[], &items);
        secrets.hide_in_text(&mut report);
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &str) -> Texts {
        Texts::from([(PathBuf::from("a.yaml"), text.to_owned())])
    }

    const OLD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  one: a # kept\n  httpHeaderValues: '[\"token-of-a-guide\"]'\n";

    #[test]
    fn shows_lines_and_hides_tokens() {
        let new = OLD.replace("one: a", "one: b");
        let diff = unified(&files(OLD), &files(&new)).unwrap();
        assert!(diff.starts_with("--- a/a.yaml\n+++ b/a.yaml\n@@"), "{diff}");
        assert!(diff.contains("-  one: a # kept\n+  one: b # kept\n"), "{diff}");
        assert!(!diff.contains("token-of-a-guide"), "{diff}");
        assert_eq!(unified(&files(OLD), &files(OLD)).unwrap(), "");
    }

    #[test]
    fn plans_by_object() {
        let new = OLD.replace("one: a", "two: b");
        let plan = plan(&files(OLD), &files(&new)).unwrap();
        let changes: Value = serde_json::from_str(&plan).unwrap();
        assert_eq!(changes[0]["resource"]["name"], "a");
        let expected = json!([
            { "op": "remove", "path": "/data/one" },
            { "op": "add", "path": "/data/two", "value": "b" },
        ]);
        assert_eq!(changes[0]["patch"], expected);
    }
}
