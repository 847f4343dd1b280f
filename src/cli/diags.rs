//! Why a command cannot do its work, one variant a finding. What rooms of the command find by themselves
//! is in their own `diags`.

use std::io;
use std::path::{Path, PathBuf};

use super::output::{Exit, Refusal};
use super::render::built_in;
use crate::finding::{Code, Finding};
use crate::runtime::Place;
use krm_package::Position;

/// A file or folder that a command cannot work with.
pub(super) enum WrongInput<'a> {
    CannotRead {
        name: String,
        error: io::Error,
    },
    Unreadable {
        path: &'a Path,
        error: io::Error,
    },
    Unwritable {
        path: &'a Path,
        error: io::Error,
    },
    NotText(&'a Path),
    NotUtf8(&'a Path),
    /// The first byte that is not, and its position.
    NotUtf8At {
        name: &'a str,
        byte: u8,
        position: Position,
    },
    NotAFolder(&'a Path),
    /// To render, with a built-in overlay of that name, if there is one.
    NothingToRender {
        folder: &'a Path,
        built_in: Option<&'a str>,
    },
    NoManifests(&'a Path),
    /// A folder that is rendered before it is applied, by this file in it.
    NotRendered {
        folder: &'a Path,
        file: &'a str,
    },
    NoObject(&'a [PathBuf]),
    Documents {
        name: &'a str,
        count: usize,
    },
    /// What the host reports of it.
    NotRenderable {
        folder: &'a Path,
        why: String,
    },
    NoTest(&'a Path),
    Exists(&'a [String]),
    /// Nothing in it has a URL from outside, or not the service that is looked for.
    NoRequest(Option<&'a str>),
}

impl WrongInput<'_> {
    fn message(&self) -> String {
        match self {
            Self::CannotRead { name, error } => format!("cannot read {name}: {error}"),
            Self::Unreadable { path, error } => {
                format!("{} cannot be read: {error}", path.display())
            }
            Self::Unwritable { path, error } => {
                format!("{} cannot be written: {error}", path.display())
            }
            Self::NotText(path) => format!("{} cannot be read as text", path.display()),
            Self::NotUtf8(path) => format!("{} is not UTF-8", path.display()),
            Self::NotUtf8At { byte, .. } => {
                format!("byte 0x{byte:02x} is not UTF-8; save the file as UTF-8 text")
            }
            Self::NotAFolder(path) => format!("{} is not a folder", path.display()),
            Self::NothingToRender { folder, built_in } => {
                let hint = match built_in {
                    Some(name) => {
                        format!("for the overlay that is built in, use --built-in {name}")
                    }
                    None => {
                        format!("pass a folder, or --built-in with one of {}", built_in::names())
                    }
                };
                format!("{} is not a folder; {hint}", folder.display())
            }
            Self::NoManifests(folder) => {
                format!("{} has no .yaml, .yml or .json file", folder.display())
            }
            Self::NotRendered { folder, file } => {
                let shown = folder.display();
                format!(
                    "{shown} has a {file}, so its files are not the manifests that are applied; render it first: kserve-aws render {shown}, kustomize build or kpt fn render, and pass the output"
                )
            }
            Self::NoObject(places) => {
                let shown: Vec<String> =
                    places.iter().map(|place| place.display().to_string()).collect();
                let is_stdin = shown.is_empty() || shown == ["-"];
                let place = if is_stdin { "stdin".to_owned() } else { shown.join(", ") };
                format!("found no object in {place}; pass the manifests that are applied")
            }
            Self::Documents { name, count } => {
                format!("{name} has {count} documents; a configuration must be a single document")
            }
            Self::NotRenderable { folder, why } => {
                format!("{} cannot be rendered: {why}", folder.display())
            }
            Self::NoTest(place) => format!(
                "found no test in {}: no folder with a kustomization or a Kptfile has expected/ or .expected/; name the folder itself, with --accept",
                place.display()
            ),
            Self::Exists(files) => {
                let verb = if files.len() == 1 { "exists" } else { "exist" };
                format!("{} {verb}; choose another folder", files.join(", "))
            }
            Self::NoRequest(service) => {
                let of = service.map(|name| format!("{name}: ")).unwrap_or_default();
                format!(
                    "{of}found no InferenceService that is reached from outside the cluster; add the Ingress of the load balancer, InferenceServices and config-domain"
                )
            }
        }
    }
}

/// That a host rendered a folder for a command that reads it.
pub(super) struct RenderedByHost<'a> {
    pub(super) folder: &'a Path,
    pub(super) host: &'static str,
    pub(super) why: &'a str,
}

impl From<RenderedByHost<'_>> for Finding {
    fn from(RenderedByHost { folder, host, why }: RenderedByHost<'_>) -> Self {
        let folder = folder.display();
        let message = format!("{folder} is rendered by {host} from the PATH: {why}");
        Self::info(Code::RenderedByHost, message)
    }
}

/// Arguments that cannot be followed together, or with what the system has.
pub(super) enum WrongArguments<'a> {
    FixOfStdin,
    StdinTwice,
    /// Not the URL of a request, and why.
    Url(String),
    /// It is not quoted: it may be a token.
    HeaderWithoutColon,
    UnknownOverlay(&'a str),
    /// Nothing to render is named, where this file is.
    NothingNamed(&'a str),
    UnknownKind {
        what: &'a str,
        hint: String,
    },
    InPlaceOfKustomization(&'a Path),
    HostWithoutFolder,
    HostWithReport,
    NoHost {
        program: &'a str,
        error: io::Error,
    },
    NoShell(io::Error),
    NoEffect {
        flag: &'a str,
        provider: &'a str,
    },
    Setting {
        flag: &'a str,
        why: String,
    },
    MissingSetting {
        flag: &'a str,
        value: String,
    },
    NoToken(io::Error),
}

impl WrongArguments<'_> {
    pub(super) fn message(&self) -> String {
        match self {
            Self::FixOfStdin => {
                "--fix changes files, and stdin is not one; pass files or folders".to_owned()
            }
            Self::StdinTwice => {
                "stdin cannot be both the configuration and the manifests; pass one of them as a file".to_owned()
            }
            Self::Url(why) => why.clone(),
            Self::HeaderWithoutColon => "a header has no colon; use -H 'NAME: VALUE'".to_owned(),
            Self::UnknownOverlay(name) => {
                format!("unknown overlay {name:?}; use one of {}", built_in::names())
            }
            Self::NothingNamed(file) => format!(
                "this folder has a {file}, and no folder is named; pass . to render it, or --built-in {} for the overlay that is built in",
                built_in::DEFAULT
            ),
            Self::UnknownKind { what, hint } => format!("unknown kind {what:?}; {hint}"),
            Self::InPlaceOfKustomization(folder) => format!(
                "{}: what a kustomization gives has no files of its own to write; use --output DIR",
                folder.display()
            ),
            Self::HostWithoutFolder => {
                "--host renders a folder: name it, and leave --config out".to_owned()
            }
            Self::HostWithReport => {
                "--host prints what the host gives; leave --output, --in-place, --diff, --plan and --check out".to_owned()
            }
            Self::NoHost { program, error } => {
                format!("{program} cannot be run: {error}; install it, or render without --host")
            }
            Self::NoShell(error) => format!("cannot run sh: {error}; run the commands by hand"),
            Self::NoEffect { flag, provider } => {
                format!("--{flag} has no effect with --provider {provider}; remove it")
            }
            Self::Setting { flag, why } => format!("--{flag}: {why}"),
            Self::MissingSetting { flag, value } => {
                format!("missing setting: set --{flag} {value}")
            }
            Self::NoToken(error) => format!("cannot create a token: {error}"),
        }
    }
}

/// Output that nobody would get.
pub(super) enum OutputLost {
    Files(io::Error),
    Manual(io::Error),
    Stdout,
}

impl OutputLost {
    fn message(&self) -> String {
        match self {
            Self::Files(error) => format!("cannot write {error}; nothing is written"),
            Self::Manual(error) => format!("cannot write the manual: {error}"),
            Self::Stdout => {
                "stdout is closed, or is /dev/null opened for reading and writing, which looks the same, so the manifests would be lost; leave stdout open, or discard them with > /dev/null".to_owned()
            }
        }
    }
}

impl From<WrongInput<'_>> for Finding {
    fn from(wrong: WrongInput<'_>) -> Self {
        let place = match &wrong {
            WrongInput::NotUtf8At { name, position, .. } => {
                Some(Place { position: Some(*position), ..Place::of_file(*name) })
            }
            _ => None,
        };
        Self::error(Code::BadInput, wrong.message()).at(place)
    }
}

impl From<WrongArguments<'_>> for Finding {
    fn from(wrong: WrongArguments<'_>) -> Self {
        Self::error(Code::BadInput, wrong.message())
    }
}

impl From<OutputLost> for Finding {
    fn from(lost: OutputLost) -> Self {
        Self::error(Code::OutputLost, lost.message())
    }
}

impl From<WrongInput<'_>> for Refusal {
    fn from(wrong: WrongInput<'_>) -> Self {
        let exit = match wrong {
            WrongInput::CannotRead { .. }
            | WrongInput::Unreadable { .. }
            | WrongInput::Unwritable { .. }
            | WrongInput::NotText(_)
            | WrongInput::NotAFolder(_)
            | WrongInput::NothingToRender { .. } => Exit::Unavailable,
            _ => Exit::Found,
        };
        Self { findings: vec![wrong.into()], exit }
    }
}

impl From<WrongArguments<'_>> for Refusal {
    fn from(wrong: WrongArguments<'_>) -> Self {
        let exit = match wrong {
            WrongArguments::NoHost { .. }
            | WrongArguments::NoShell(_)
            | WrongArguments::NoToken(_) => Exit::Unavailable,
            _ => Exit::Usage,
        };
        Self { findings: vec![wrong.into()], exit }
    }
}
