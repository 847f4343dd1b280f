//! The arguments of `render`, and what they select.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches};

use super::built_in;
use crate::cli::report::ReportOptions;

const ABOUT: &str = "\
Render a folder without any host: what its kustomization.yaml or its Kptfile says, with the functions of \
this program, or one of the overlays that are built in, by --built-in. Without an argument, the built-in api overlay; \
in a folder that can itself be rendered, the folder or the overlay must be named.";

const HELP: &str = "\
Of a kustomization it renders resources, components, configMapGenerator, secretGenerator,
generatorOptions, namespace, labels, JSON 6902 patches, generators, transformers, validators and
sortOptions; of a Kptfile its pipeline. What else there is, is an error that names the field; --host runs
the real kustomize, kubectl or kpt. Nothing is written where anything fails.

Objects and their order are those of kustomize build. The text differs: an object keeps that of its file, with
its comments, quotes and order of keys, where kustomize sorts the keys and writes the values anew.

What --diff, --plan and --check compare: with --output, the files that are there; of a package, its own
files; of a kustomization, its objects without the functions.";

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

impl RenderCall {
    pub(crate) fn of(matches: &ArgMatches) -> Self {
        let path = |name: &str| matches.get_one::<PathBuf>(name).cloned();
        let report = [("diff", Report::Diff), ("plan", Report::Plan), ("check", Report::Check)];
        let report = report.into_iter().find(|(name, _)| matches.get_flag(name));
        let target = match path("output") {
            Some(folder) => Target::Folder(folder),
            None if matches.get_flag("in-place") => Target::InPlace,
            None => Target::Stdout,
        };
        Self {
            what: path("folder"),
            built_in: matches.get_one::<String>("built-in").cloned(),
            config: path("config"),
            is_package: matches.get_one::<String>("as").is_some_and(|name| name == "package"),
            host: matches.get_one::<String>("host").and_then(|name| Host::of(name)),
            target,
            report: report.map(|(_, report)| report).unwrap_or_default(),
            findings: ReportOptions::of(matches),
        }
    }
}

pub(crate) fn command() -> clap::Command {
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    ReportOptions::arguments(clap::Command::new("render"))
        .about("Render a kustomization, a package of kpt or a folder without any host")
        .long_about(ABOUT)
        .after_help(HELP)
        .arg(
            Arg::new("folder")
                .value_name("DIR")
                .value_parser(clap::value_parser!(PathBuf))
                .help("Folder with a kustomization.yaml or a Kptfile"),
        )
        .arg(
            Arg::new("built-in")
                .long("built-in")
                .value_name("OVERLAY")
                .conflicts_with_all(["folder", "host"])
                .help(format!("Overlay that is built in: {}", built_in::names())),
        )
        .arg(
            Arg::new("config")
                .long("config")
                .value_name("FILE")
                .value_parser(clap::value_parser!(PathBuf))
                .requires("folder")
                .help("Run this configuration's function on the folder's manifests"),
        )
        .arg(
            Arg::new("as")
                .long("as")
                .value_name("WHAT")
                .value_parser(["kustomization", "package"])
                .conflicts_with("config")
                .help("How to read a folder that is both; default: kustomization"),
        )
        .arg(
            Arg::new("host")
                .long("host")
                .value_name("HOST")
                .value_parser(["kustomize", "kubectl", "kpt"])
                .conflicts_with_all(ReportOptions::OF_OWN_FINDINGS)
                .help("Run the real one from the PATH, with this program as its function"),
        )
        .arg(
            Arg::new("output")
                .long("output")
                .short('o')
                .value_name("DIR")
                .value_parser(clap::value_parser!(PathBuf))
                .help("Folder to write the objects to, a file each"),
        )
        .arg(
            flag("in-place", "Replace a package's files, all of them or none")
                .conflicts_with("output"),
        )
        .arg(flag("diff", "Print what would change, line by line, without tokens"))
        .arg(flag("plan", "Print what would change as JSON Patch, without tokens"))
        .arg(flag("check", "Exit with 1 where something would change"))
        .group(clap::ArgGroup::new("report").args(["diff", "plan", "check"]))
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
