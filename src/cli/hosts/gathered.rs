//! The objects of files and folders, as far as the serving model reads them.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::super::Outside;
use super::super::manifests::{input_error, read};
use crate::engine::{ItemId, NodeRef, Package};
use crate::finding::{Code, Finding};
use crate::k8s::{ObjectMeta, ResourceRef, empty_if_null};
use crate::kserve::ServingItems;
use crate::runtime::{Files, Item};

const MOST_FINDINGS: usize = 10;

/// What was read, and what of a folder was not.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) items: ServingItems,
    pub(super) passed_over: Vec<Finding>,
}

/// Reads the manifests of files, of folders and of stdin (`-`, and without any place).
///
/// A file that is named must hold objects and nothing else. A folder also has files for other
/// programs: what is no object there is passed over, and said.
///
/// # Errors
/// A place that can't be read, or that has no manifests.
pub(super) fn gather(
    places: &[PathBuf],
    outside: &mut dyn Outside,
) -> Result<Gathered, Vec<Finding>> {
    let stdin = [PathBuf::from("-")];
    let places = if places.is_empty() { &stdin } else { places };
    let mut gathered = Gathered::default();
    for place in places {
        if outside.is_folder(place) {
            gathered.add_folder(place, outside).map_err(|finding| vec![finding])?;
        } else {
            let findings = gathered.add_file(place, outside);
            if !findings.is_empty() {
                return Err(findings);
            }
        }
    }
    Ok(gathered)
}

impl Gathered {
    fn add_folder(&mut self, folder: &Path, outside: &mut dyn Outside) -> Result<(), Finding> {
        let refused = |what: &str| input_error(format!("{} {what}", folder.display()));
        let files = outside
            .manifests(folder)
            .map_err(|error| refused(&format!("can't be read: {error}")))?;
        if files.is_empty() {
            return Err(refused("has no .yaml, .yml or .json file"));
        }
        for file in files {
            let findings = self.add_file(&file, outside);
            self.passed_over.extend(findings.into_iter().map(|finding| match finding.code {
                Code::BadItem => {
                    let (what, _) =
                        finding.message.split_once(';').unwrap_or((&finding.message, ""));
                    Finding::info(Code::PassedOver, format!("passed over: {what}"))
                }
                _ => finding,
            }));
        }
        Ok(())
    }

    /// Adds the objects of a file; gives what in it is none.
    fn add_file(&mut self, path: &Path, outside: &mut dyn Outside) -> Vec<Finding> {
        let file = match read(path, outside) {
            Ok(file) => file,
            Err(finding) => return vec![finding],
        };
        let package = Package::resource_list(&file.text).or_else(|_| Package::stream(&file.text));
        let package = match package {
            Ok(package) => package,
            Err(error) => {
                return vec![input_error(format!("{}: {error}", file.name))];
            }
        };
        let mut files = Files::default();
        files.push(1, &file.name);
        let added = package.items().filter_map(|(id, node)| self.add(id, node, &files).err());
        // A text that is something else has a million of them.
        let mut findings: Vec<Finding> = Vec::new();
        added.for_each(|finding| {
            if findings.len() < MOST_FINDINGS {
                findings.push(finding)
            }
        });
        findings
    }

    fn add(&mut self, id: ItemId, node: NodeRef<'_>, files: &Files) -> Result<(), Finding> {
        let is = |key: &str, text: &str| node.get(key).is_some_and(|node| node.says(text));
        if is("apiVersion", "v1") && is("kind", "List") {
            let list: List = node.read().map_err(|error| {
                let place = files.place(error.position);
                input_error(format!("{place}: {}: {}", error.path, error.message))
            })?;
            list.items.into_iter().for_each(|object| self.add_value(object));
            return Ok(());
        }
        self.items.add_item(&Item::of(id, node, files)?);
        Ok(())
    }

    /// Adds an object of a list, as `kubectl get -o yaml` prints them.
    fn add_value(&mut self, object: Value) {
        let text = |key: &str| object[key].as_str().unwrap_or_default().to_owned();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        let named = Named::deserialize(&object).unwrap_or_default();
        if let Err(error) = self.items.add(&api_version, &kind, object) {
            let ObjectMeta { namespace, name, .. } = named.metadata;
            self.items.unreadable(&ResourceRef { api_version, kind, namespace, name }, &error);
        }
    }
}

/// A list of objects.
#[derive(Deserialize)]
struct List {
    #[serde(default, deserialize_with = "empty_if_null")]
    items: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    #[serde(deserialize_with = "empty_if_null")]
    metadata: ObjectMeta,
}
