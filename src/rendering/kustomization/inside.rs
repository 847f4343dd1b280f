//! The paths of files that a kustomization may name.

use std::path::{Path, PathBuf};

use super::super::diags::{KustomizationProblem, Refused};
use super::super::resolved;

/// A path of a file, which kustomize reads only in or below the kustomization's folder.
pub(super) fn inside(
    folder: &Path,
    kustomization: &Path,
    field: &str,
    path: &str,
) -> Result<PathBuf, Refused> {
    let place = resolved(folder, path);
    if place.starts_with(folder) || folder.as_os_str().is_empty() && place.is_relative() {
        return Ok(place);
    }
    let problem = KustomizationProblem::OutsideFolder { field, path };
    Err(Refused::field(kustomization, field, &problem))
}
