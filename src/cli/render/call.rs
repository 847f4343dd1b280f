//! What the arguments of `render` ask for.

use std::path::PathBuf;

/// `kserve-aws render`.
#[derive(Default)]
pub(in crate::cli) struct RenderCall {
    pub(in crate::cli) what: Option<PathBuf>,
    pub(in crate::cli) config: Option<PathBuf>,
    /// Whether a folder with both is read as a package of kpt.
    pub(in crate::cli) is_package: bool,
    pub(in crate::cli) host: Option<Host>,
    pub(in crate::cli) target: Target,
    pub(in crate::cli) report: Report,
}

/// Where the objects go.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::cli) enum Target {
    #[default]
    Stdout,
    /// Their own files.
    InPlace,
    /// A file each in this folder.
    Folder(PathBuf),
}

/// What is shown in place of writing them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Report {
    #[default]
    None,
    Diff,
    Plan,
    Check,
}

/// A host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Host {
    Kustomize,
    Kubectl,
    Kpt,
}

impl Host {
    pub(in crate::cli) fn of(name: &str) -> Option<Self> {
        match name {
            "kustomize" => Some(Self::Kustomize),
            "kubectl" => Some(Self::Kubectl),
            "kpt" => Some(Self::Kpt),
            _ => None,
        }
    }
}
