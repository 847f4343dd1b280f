//! What only kustomize or kpt renders. The message names the command that runs the host.

use std::path::Path;

use thiserror::Error as Message;

use super::{OnlyHost, Refused};

/// Why a field is not rendered, which a host renders.
#[derive(Debug, Message)]
pub(in crate::rendering) enum NotRendered<'a> {
    #[error("is not supported by render")]
    Field,
    /// A field that is not known at all, with the known one that is nearest.
    #[error("is not supported by render (did you mean \"{0}\"?)")]
    Misspelt(&'a str),
    #[error("{0:?} is not a local file or folder, and render fetches nothing")]
    Remote(&'a str),
    #[error("runs {0}, which is not one of this program's functions")]
    OtherProgram(&'a str),
    #[error("{api_version} {kind} is not the configuration of one of this program's functions")]
    OtherConfiguration { api_version: &'a str, kind: &'a str },
    #[error(
        "is a pattern that render does not support; use names of files and folders, in the package's own .krmignore"
    )]
    IgnorePattern,
    #[error("has several documents, which render does not support")]
    SeveralPatches,
    #[error(
        "is a strategic merge patch, which is supported here for an Ingress without directives only; use a JSON 6902 patch"
    )]
    StrategicMerge,
    #[error("{0:?} is not a regular expression")]
    NotRegex(&'a str),
    #[error("has parts other than KEY, !KEY, KEY=VALUE and KEY!=VALUE")]
    LabelSelector,
}

impl NotRendered<'_> {
    /// A field of a kustomization, which kustomize renders.
    pub(in crate::rendering) fn only_kustomize(self, file: &Path, field: &str) -> Refused {
        self.only(file, field, "kustomize")
    }

    /// A field of a Kptfile, which kpt renders.
    pub(in crate::rendering) fn only_kpt(self, file: &Path, field: &str) -> Refused {
        self.only(file, field, "kpt")
    }

    fn only(self, file: &Path, field: &str, host: &'static str) -> Refused {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).display().to_string();
        let why = format!("{}: {field} {self}", file.display());
        let refused = Refused::field(file, field, &RunTheHost { field, why: self, folder, host });
        Refused { only: Some(OnlyHost { host, why }), ..refused }
    }
}

#[derive(Debug, Message)]
#[error("{field} {why}; run kserve-aws render {folder} --host {host}")]
struct RunTheHost<'a> {
    field: &'a str,
    why: NotRendered<'a>,
    folder: String,
    host: &'static str,
}
