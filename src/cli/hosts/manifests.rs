//! The objects of files and folders, as far as the serving model reads them.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::super::Outside;
use super::super::function::read;
use crate::engine::{ItemId, NodeRef, Package};
use crate::finding::{Code, Finding};
use crate::k8s::{ObjectMeta, ResourceRef, empty_if_null};
use crate::kserve::ServingItems;
use crate::runtime::Item;

/// What was read, and what of a folder was not.
#[derive(Default)]
pub(super) struct Manifests {
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
) -> Result<Manifests, Vec<Finding>> {
    let stdin = [PathBuf::from("-")];
    let places = if places.is_empty() { &stdin } else { places };
    let mut manifests = Manifests::default();
    for place in places {
        if outside.is_folder(place) {
            manifests.add_folder(place, outside).map_err(|finding| vec![finding])?;
        } else {
            let findings = manifests.add_file(place, outside);
            if !findings.is_empty() {
                return Err(findings);
            }
        }
    }
    Ok(manifests)
}

impl Manifests {
    fn add_folder(&mut self, folder: &Path, outside: &mut dyn Outside) -> Result<(), Finding> {
        let refused =
            |what: &str| Finding::error(Code::BadInput, format!("{} {what}", folder.display()));
        let files = outside
            .manifests(folder)
            .map_err(|error| refused(&format!("can't be read: {error}")))?;
        if files.is_empty() {
            return Err(refused("has no .yaml, .yml or .json file"));
        }
        for file in files {
            let findings = self.add_file(&file, outside);
            self.passed_over.extend(findings.into_iter().map(|finding| match finding.code {
                Code::BadItem => Finding::info(Code::PassedOver, finding.message),
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
                let message = format!("{}: {error}", file.name);
                return vec![Finding::error(Code::BadInput, message)];
            }
        };
        let mut findings = Vec::new();
        for (id, node) in package.items() {
            if let Err(finding) = self.add(id, node) {
                let message = format!("{}: {}", file.name, finding.message);
                findings.push(Finding { message, ..finding });
                // The first one says what the file is.
                break;
            }
        }
        findings
    }

    fn add(&mut self, id: ItemId, node: NodeRef<'_>) -> Result<(), Finding> {
        let is = |key: &str, text: &str| node.get(key).is_some_and(|node| node.says(text));
        if is("apiVersion", "v1") && is("kind", "List") {
            let list: List =
                node.read().map_err(|error| Finding::error(Code::BadInput, error.to_string()))?;
            list.items.into_iter().for_each(|object| self.add_value(object));
            return Ok(());
        }
        self.items.add_item(&Item::of(id, node)?);
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
