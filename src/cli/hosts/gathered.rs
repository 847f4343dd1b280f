//! The objects of files and folders, as far as the serving model reads them.

use std::path::{Path, PathBuf};

use super::super::Outside;
use super::super::manifests::{input_error, read};
use crate::controllers::kserve::ServingItems;
use crate::finding::{Code, Finding};
use crate::runtime::{Files, Item};
use crate::serving::model::add_item;
use krm_package::{NodeRef, Package};

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
        let nodes = package
            .items()
            .flat_map(|(id, node)| objects(node).into_iter().map(move |object| (id, object)));
        let added = nodes.filter_map(|(id, node)| {
            let added = Item::of(id, node, &files).map(|item| add_item(&mut self.items, &item));
            let is_kustomization = is_kustomization(path, node);
            added.err().map(|finding| match is_kustomization {
                true => Finding { message: format!("{} is a kustomization, which is no object for the cluster; pipe what kustomize builds of it into this command", file.name), ..finding },
                false => finding,
            })
        });
        // A text that is something else has a million of them.
        let mut findings: Vec<Finding> = Vec::new();
        added.for_each(|finding| {
            if findings.len() < MOST_FINDINGS {
                findings.push(finding)
            }
        });
        findings
    }
}

fn is_kustomization(path: &Path, node: NodeRef<'_>) -> bool {
    let named = path.file_name().and_then(|name| name.to_str());
    matches!(named, Some("kustomization.yaml" | "kustomization.yml" | "Kustomization"))
        || node
            .get("apiVersion")
            .and_then(NodeRef::as_str)
            .is_some_and(|group| group.starts_with("kustomize.config.k8s.io/"))
}

/// What a node holds: itself, or the objects of a list, as `kubectl get -o yaml` prints them.
fn objects(node: NodeRef<'_>) -> Vec<NodeRef<'_>> {
    let is = |key: &str, text: &str| node.get(key).is_some_and(|node| node.says(text));
    if is("apiVersion", "v1") && is("kind", "List") {
        node.get("items").into_iter().flat_map(NodeRef::elements).collect()
    } else {
        vec![node]
    }
}
