//! The objects of files and folders, as far as the serving model reads them.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::super::diags::WrongInput;
use super::super::environment::Environment;
use super::super::manifests::{Manifests, Named, read};
use super::super::output::Refusal;
use super::diags::{NoObject, Skipped};
use crate::controllers::kserve::ServingItems;
use crate::finding::Finding;
use crate::runtime::{Item, unreadable};
use crate::serving::model::add_item;
use krm_package::{NodeRef, Package};

const MOST_FINDINGS: usize = 10;

/// What was read, and what of a folder was not.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) items: ServingItems,
    pub(super) skipped: Vec<Finding>,
    /// The texts, by which findings get their places.
    pub(super) read: Manifests,
}

/// Reads the manifests of files, of folders and of stdin (`-`, and without any place).
///
/// A file that is named must hold objects and nothing else. A folder also has files for other
/// programs: what is not an object there is skipped, and reported.
///
/// # Errors
/// A place that cannot be read, or that has no manifests.
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
                return Err(others.into_iter().map(Finding::from).collect::<Vec<_>>().into());
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
    ) -> Result<(), Refusal> {
        let files = environment
            .manifests(folder)
            .map_err(|error| WrongInput::Unreadable { path: folder, error })?;
        if files.is_empty() {
            return Err(WrongInput::NoManifests(folder).into());
        }
        let patches = patches(&files, environment);
        for file in files {
            if let Some(kustomization) = patches.get(&file) {
                let built = kustomization.parent().unwrap_or(folder);
                self.skipped.push(Skipped::Patch { file: &file, kustomization, built }.into());
                continue;
            }
            match self.add_file(&file, environment) {
                Ok(others) => {
                    let skipped = others.iter().map(|other| Skipped::NoObject(other).into());
                    self.skipped.extend(skipped);
                }
                Err(refusal) => self.skipped.extend(refusal.findings),
            }
        }
        Ok(())
    }

    /// Adds the objects of a file; gives the first of what in it is none.
    fn add_file(
        &mut self,
        path: &Path,
        environment: &mut dyn Environment,
    ) -> Result<Vec<NoObject>, Refusal> {
        let file = read(path, environment)?;
        Ok(self.add_text(path, &file)?)
    }

    fn add_text(&mut self, path: &Path, file: &Named) -> Result<Vec<NoObject>, Finding> {
        let package = Package::manifests(&file.text)
            .map_err(|error| unreadable(&file.text, &error, &file.files()))?;
        self.read.push(file);
        let files = file.files();
        let mut others = Vec::new();
        for (id, node) in package.items() {
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

const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The patches that kustomizations among the files name, each with its kustomization.
fn patches(files: &[PathBuf], environment: &mut dyn Environment) -> BTreeMap<PathBuf, PathBuf> {
    let mut patches = BTreeMap::new();
    let is_one = |path: &&PathBuf| {
        path.file_name().is_some_and(|name| KUSTOMIZATIONS.iter().any(|known| name == *known))
    };
    for kustomization in files.iter().filter(is_one) {
        let Ok(file) = read(kustomization, environment) else { continue };
        let Ok(package) = Package::stream(&file.text) else { continue };
        let folder = kustomization.parent().unwrap_or(Path::new(""));
        for (_, node) in package.items() {
            let listed = |key: &str| node.get(key).into_iter().flat_map(NodeRef::elements);
            let paths = listed("patches").chain(listed("patchesJson6902"));
            let paths = paths.filter_map(|patch| patch.get("path")?.as_str());
            let merged = listed("patchesStrategicMerge").filter_map(NodeRef::as_str);
            for path in paths.chain(merged) {
                let place = without_parents(&folder.join(path.as_ref()));
                patches.insert(place, kustomization.clone());
            }
        }
    }
    patches
}

/// A path without `.` and `..`.
fn without_parents(path: &Path) -> PathBuf {
    let mut place = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                place.pop();
            }
            Component::CurDir => {}
            part => place.push(part),
        }
    }
    place
}

fn is_kustomization(path: &Path, node: NodeRef<'_>) -> bool {
    let named = path.file_name().and_then(|name| name.to_str());
    matches!(named, Some("kustomization.yaml" | "kustomization.yml" | "Kustomization"))
        || node
            .get("apiVersion")
            .and_then(NodeRef::as_str)
            .is_some_and(|group| group.starts_with("kustomize.config.k8s.io/"))
}
