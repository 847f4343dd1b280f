//! The objects of files and folders, as far as the serving model reads them.

use std::path::{Path, PathBuf};

use super::super::environment::Environment;
use super::super::manifests::{input_error, read};
use super::super::output::Refusal;
use crate::controllers::kserve::ServingItems;
use crate::finding::{Code, Finding};
use crate::runtime::{Files, Item, NotAnObject};
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
    environment: &mut dyn Environment,
) -> Result<Gathered, Refusal> {
    let stdin = [PathBuf::from("-")];
    let places = if places.is_empty() { &stdin } else { places };
    let mut gathered = Gathered::default();
    for place in places {
        if environment.is_folder(place) {
            gathered.add_folder(place, environment)?;
        } else {
            let others = gathered.add_file(place, environment)?;
            if !others.is_empty() {
                return Err(Refusal(others.into_iter().map(Finding::from).collect()));
            }
        }
    }
    Ok(gathered)
}

impl Gathered {
    fn add_folder(
        &mut self,
        folder: &Path,
        environment: &mut dyn Environment,
    ) -> Result<(), Finding> {
        let refused = |what: &str| input_error(format!("{} {what}", folder.display()));
        let files = environment
            .manifests(folder)
            .map_err(|error| refused(&format!("cannot be read: {error}")))?;
        if files.is_empty() {
            return Err(refused("has no .yaml, .yml or .json file"));
        }
        for file in files {
            match self.add_file(&file, environment) {
                Ok(others) => self.passed_over.extend(others.iter().map(|other| {
                    let message = format!("skipped: {}", other.what());
                    Finding::info(Code::FileSkipped, message)
                })),
                Err(finding) => self.passed_over.push(finding),
            }
        }
        Ok(())
    }

    /// Adds the objects of a file; gives the first of what in it is none.
    fn add_file(
        &mut self,
        path: &Path,
        environment: &mut dyn Environment,
    ) -> Result<Vec<NoObject>, Finding> {
        let file = read(path, environment)?;
        let package = Package::resource_list(&file.text)
            .or_else(|_| Package::stream(&file.text))
            .map_err(|error| input_error(format!("{}: {error}", file.name)))?;
        let mut files = Files::default();
        files.push(1, &file.name);
        let nodes = package
            .items()
            .flat_map(|(id, node)| objects(node).into_iter().map(move |object| (id, object)));
        let mut others = Vec::new();
        for (id, node) in nodes {
            match Item::of(id, node, &files) {
                Ok(item) => add_item(&mut self.items, &item),
                // A text that is something else has a million of them.
                Err(_) if others.len() == MOST_FINDINGS => {}
                Err(_) if is_kustomization(path, node) => {
                    others.push(NoObject::Kustomization(file.name.clone()));
                }
                Err(other) => others.push(NoObject::Other(other)),
            }
        }
        Ok(others)
    }
}

/// What a file holds instead of an object.
enum NoObject {
    /// A kustomization, in a file of this name.
    Kustomization(String),
    Other(NotAnObject),
}

impl NoObject {
    fn what(&self) -> String {
        match self {
            Self::Kustomization(file) => {
                format!("{file} is a kustomization, which is not an object of the cluster")
            }
            Self::Other(other) => other.to_string(),
        }
    }
}

impl From<NoObject> for Finding {
    fn from(other: NoObject) -> Self {
        match other {
            NoObject::Kustomization(_) => Finding::error(
                Code::BadItem,
                format!("{}; pipe the output of kustomize build into this command", other.what()),
            ),
            NoObject::Other(other) => other.into(),
        }
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
