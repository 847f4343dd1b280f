//! Why nothing is rendered.

use std::fmt::Display;
use std::path::Path;

use crate::finding::{Code, Finding};

/// What was found where nothing is rendered.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) Vec<Finding>);

impl Refused {
    pub(super) fn of(message: String) -> Self {
        Self(vec![Finding::error(Code::BadInput, message)])
    }

    pub(super) fn file(file: &Path, message: &dyn Display) -> Self {
        Self::of(format!("{}: {message}", file.display()))
    }
}

impl From<Finding> for Refused {
    fn from(finding: Finding) -> Self {
        Self(vec![finding])
    }
}

/// A field that only a host renders.
pub(super) struct OnlyTheHost<'a> {
    pub(super) file: &'a Path,
    pub(super) field: &'a str,
    pub(super) why: &'a str,
    /// `kustomize` or `kpt`.
    pub(super) host: &'a str,
}

impl From<OnlyTheHost<'_>> for Refused {
    fn from(only: OnlyTheHost<'_>) -> Self {
        let OnlyTheHost { file, field, why, host } = only;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).display();
        Self::file(file, &format!("{field}: {why}; run kserve-aws render {folder} --host {host}"))
    }
}

/// An object that is there already.
pub(super) struct Registered<'a> {
    pub(super) file: &'a Path,
    pub(super) object: &'a str,
}

impl From<Registered<'_>> for Refused {
    fn from(Registered { file, object }: Registered<'_>) -> Self {
        let message = format!(
            "adds {object}, which is there already; a kustomization holds each object once, remove one of the two"
        );
        Self::file(file, &message)
    }
}
