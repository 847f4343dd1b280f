//! What there is to say of files that hold no objects, one variant a finding.

use std::path::Path;

use crate::finding::{Code, Finding};
use crate::runtime::NotAnObject;

/// What a file holds instead of an object.
pub(super) enum NoObject {
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

/// What of a folder is not read.
pub(super) enum Skipped<'a> {
    /// A patch of a kustomization, whose output has the patched objects.
    Patch {
        file: &'a Path,
        kustomization: &'a Path,
        built: &'a Path,
    },
    NoObject(&'a NoObject),
}

impl From<Skipped<'_>> for Finding {
    fn from(skipped: Skipped<'_>) -> Self {
        let place = match skipped {
            Skipped::NoObject(NoObject::Other(other)) => other.place().cloned(),
            _ => None,
        };
        let message = match skipped {
            Skipped::Patch { file, kustomization, built } => format!(
                "skipped: {} is a patch of {}, which kustomize applies; for the patched objects run kustomize build {} | kserve-aws hosts -",
                file.display(),
                kustomization.display(),
                built.display()
            ),
            Skipped::NoObject(other) => format!("skipped: {}", other.what()),
        };
        Self::info(Code::FileSkipped, message).at(place)
    }
}
