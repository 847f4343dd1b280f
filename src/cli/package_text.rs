//! A package that a command only reads: files, folders, stdin.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::manifests::{Manifests, input_error};
use crate::finding::Finding;
use crate::runtime::{Files, Items};
use krm_package::Package;

/// Reads files, the manifests of folders, and stdin (`-`, and without any place), as one stream.
pub(super) fn read(
    places: &[PathBuf],
    environment: &mut dyn Environment,
) -> Result<Manifests, Finding> {
    let mut files = Vec::new();
    for place in places {
        if environment.is_folder(place) {
            let found = environment.manifests(place).map_err(|error| {
                input_error(format!("{} cannot be read: {error}", place.display()))
            })?;
            let before = files.len();
            files.extend(found.into_iter().filter(|file| !is_of_a_host(file)));
            if files.len() == before {
                let message = format!("{} has no .yaml, .yml or .json file", place.display());
                return Err(input_error(message));
            }
        } else {
            files.push(place.clone());
        }
    }
    Manifests::read(&files, None, environment)
}

/// Files that a host reads itself, and that hold no object for the cluster.
fn is_of_a_host(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str());
    matches!(name, Some("kustomization.yaml" | "kustomization.yml"))
}

/// Parses the stream, or the items of a ResourceList.
pub(super) fn parse(text: &str) -> Result<Package<'_>, Finding> {
    Package::resource_list(text)
        .or_else(|_| Package::stream(text))
        .map_err(|error| input_error(error.to_string()))
}

/// The objects.
pub(super) fn items<'p>(
    package: &'p Package<'_>,
    files: &Files,
) -> Result<Items<'p>, Vec<Finding>> {
    Items::of_files(package, files)
        .map_err(|others| others.into_iter().map(Finding::from).collect())
}
