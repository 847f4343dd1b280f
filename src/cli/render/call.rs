//! What the arguments of `render` ask for.

use std::path::PathBuf;

use crate::cli::report::ReportOptions;

/// `kserve-aws render`.
#[derive(Default)]
pub(crate) struct RenderCall {
    /// The folder; without it, an overlay that is built in.
    pub(crate) what: Option<PathBuf>,
    /// The name of that overlay.
    pub(crate) built_in: Option<String>,
    pub(crate) config: Option<PathBuf>,
    /// Whether a folder with both is read as a package of kpt.
    pub(crate) is_package: bool,
    pub(crate) host: Option<Host>,
    pub(crate) target: Target,
    pub(crate) report: Report,
    /// How findings are printed.
    pub(crate) findings: ReportOptions,
}

/// Where the objects go.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Target {
    #[default]
    Stdout,
    /// Their own files.
    InPlace,
    /// A file each in this folder.
    Folder(PathBuf),
}

/// What is shown in place of writing them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Report {
    #[default]
    None,
    Diff,
    Plan,
    Check,
}

/// A host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Host {
    Kustomize,
    Kubectl,
    Kpt,
}

impl Host {
    pub(crate) fn of(name: &str) -> Option<Self> {
        match name {
            "kustomize" => Some(Self::Kustomize),
            "kubectl" => Some(Self::Kubectl),
            "kpt" => Some(Self::Kpt),
            _ => None,
        }
    }
}
