//! What only kustomize or kpt renders.

use std::path::Path;

use thiserror::Error as Message;

use super::Refused;

/// A field that only a host renders.
pub(in crate::rendering) struct OnlyTheHost<'a> {
    pub(in crate::rendering) file: &'a Path,
    pub(in crate::rendering) field: &'a str,
    pub(in crate::rendering) why: NotRendered<'a>,
    /// `kustomize` or `kpt`.
    pub(in crate::rendering) host: &'static str,
}

/// Why this program does not render a field.
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

impl From<OnlyTheHost<'_>> for Refused {
    fn from(OnlyTheHost { file, field, why, host }: OnlyTheHost<'_>) -> Self {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).display().to_string();
        Self::file(file, &RunTheHost { field, why, folder, host })
    }
}

#[derive(Debug, Message)]
#[error("{field}: {why}; run kserve-aws render {folder} --host {host}")]
struct RunTheHost<'a> {
    field: &'a str,
    why: NotRendered<'a>,
    folder: String,
    host: &'static str,
}
