//! The arguments of `fn`, and of each function as a command.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches};

use crate::cli::report::ReportOptions;
use crate::finding::Finding;
use crate::functions;
use crate::runtime::{Acceptances, Registered};

const HELP: &str = "How it runs:
  kustomize    a functionConfig under transformers: or generators: with the annotation
               config.kubernetes.io/function, as a container or with exec
  kpt          image: or exec: in a Kptfile's pipeline, or kpt fn eval
  by hand      kserve-aws fn set-ingress-params --config params.yaml ingress.yaml
  in a pipe    kserve-aws fn < resource-list.yaml";

/// `kserve-aws fn`.
#[derive(Default)]
pub(crate) struct FunctionCall {
    pub(crate) name: Option<String>,
    pub(crate) config: Option<PathBuf>,
    pub(crate) files: Vec<PathBuf>,
    pub(crate) dry_run: bool,
    /// Whether `dry_run` shows tokens.
    pub(crate) show_tokens: bool,
    pub(crate) report: ReportOptions,
    /// What is accepted, where that is read already.
    pub(crate) accepted: Option<Acceptances>,
    /// What the command itself found, which is reported with what the function finds.
    pub(crate) more: Vec<Finding>,
}

impl FunctionCall {
    pub(crate) fn of(matches: &ArgMatches) -> Self {
        let (name, matches) = match matches.subcommand() {
            Some((name, matches)) => (Some(name.to_owned()), matches),
            None => (None, matches),
        };
        Self {
            name,
            config: matches.get_one::<PathBuf>("config").cloned(),
            files: matches
                .try_get_many::<PathBuf>("files")
                .ok()
                .flatten()
                .map(|files| files.cloned().collect())
                .unwrap_or_default(),
            dry_run: matches.get_flag("dry-run"),
            show_tokens: matches.get_flag("show-tokens"),
            report: ReportOptions::of(matches),
            accepted: None,
            more: Vec::new(),
        }
    }

    /// A name that no function has reads as a file; with a configuration, whose kind picks the function, it is
    /// one.
    pub(crate) fn unknown(&self) -> Option<String> {
        let first = self.files.first()?.to_string_lossy();
        let is_file = self.name.is_some() || self.config.is_some();
        let hint = functions::ALL.named(&first).err().filter(|_| !is_file)?;
        Some(format!(
            "unknown function {first:?}; {hint}; files without a function require --config"
        ))
    }
}

pub(crate) fn command() -> clap::Command {
    let functions = functions::ALL.iter().map(function_command);
    run_arguments(clap::Command::new("fn"))
        .about("Run a function: a ResourceList on stdin, or files")
        .after_help(HELP)
        .arg(files())
        .subcommand_value_name("NAME")
        .subcommand_help_heading("Functions")
        .subcommands(functions)
}

fn files() -> Arg {
    Arg::new("files")
        .value_name("FILE|DIR")
        .num_args(1..)
        .value_parser(clap::value_parser!(PathBuf))
        .help("Manifests, or a folder of them; - for stdin")
}

fn function_command(function: &Registered) -> clap::Command {
    let files = if function.config_is_optional { files() } else { files().requires("config") };
    run_arguments(clap::Command::new(function.name))
        .about(function.summary)
        .after_help(format!(
            "{}\n\nConfiguration: kind {} of {}, or a ConfigMap with the same fields;\nkserve-aws schema {} prints its schema.",
            function.help,
            function.kind,
            crate::runtime::API_VERSION,
            function.kind
        ))
        .arg(files)
}

fn run_arguments(command: clap::Command) -> clap::Command {
    ReportOptions::arguments(command)
        .arg(
            Arg::new("config")
                .long("config")
                .value_name("FILE")
                .value_parser(clap::value_parser!(PathBuf))
                .help("Configuration of the function, instead of the list's functionConfig"),
        )
        .arg(
            Arg::new("dry-run")
                .long("dry-run")
                .visible_alias("diff")
                .action(ArgAction::SetTrue)
                .help("Print the changes as JSON Patch instead of the manifests, with … instead of tokens"),
        )
        .arg(
            Arg::new("show-tokens")
                .long("show-tokens")
                .requires("dry-run")
                .action(ArgAction::SetTrue)
                .help("Print the tokens in the changes of --dry-run"),
        )
}
