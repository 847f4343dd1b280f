//! The arguments.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;

use super::access::{self, AccessCall};
use super::argument::word;
use super::check::{self, CheckCall};
use super::completions;
use super::environment::Environment;
use super::explain;
use super::function::{self, FunctionCall};
use super::hosts::{self, HostsCall};
use super::init::{self, InitCall};
use super::man;
use super::plan::{self, PlanCall};
use super::render::{self, RenderCall};
use super::report::ReportOptions;
use super::request::{self, RequestCall};
use super::schema;
use super::test::{self, TestCall};
use super::trace::{self, TraceCall};
use super::version::VERSION;
use crate::functions;

/// The command that the arguments select.
pub(super) enum Command {
    Function(FunctionCall),
    /// A legacy exec plugin of kustomize, with its configuration's file.
    Plugin(PathBuf),
    Check(CheckCall),
    Trace(TraceCall),
    Access(AccessCall),
    Hosts(HostsCall),
    Render(RenderCall),
    Schema(String),
    Explain(String),
    Init(InitCall),
    Plan(PlanCall),
    Request(RequestCall),
    Test(TestCall),
    Completions(clap_complete::Shell),
    /// The manual, into a folder where one is named.
    Man(Option<PathBuf>),
}

impl Command {
    /// How it prints why it does nothing; without, one line a finding, as a host needs it.
    pub(super) fn report(&self) -> Option<ReportOptions> {
        let report = match self {
            Self::Function(call) if call.files.is_empty() => return call.report.chosen(),
            Self::Function(call) => &call.report,
            Self::Check(call) => &call.report,
            Self::Hosts(call) if call.json => return None,
            Self::Hosts(call) => &call.report,
            Self::Render(call) => &call.findings,
            Self::Trace(call) => &call.report,
            Self::Access(call) => &call.report,
            Self::Plan(call) => &call.report,
            Self::Request(_) | Self::Test(_) => &ReportOptions::default(),
            _ => return None,
        };
        Some(report.clone())
    }
}

const ABOUT: &str =
    "KRM functions for serving models with KServe on AWS behind an Application Load Balancer";

/// Reads the arguments.
///
/// # Errors
/// Help, and arguments that make no sense.
pub(super) fn command(
    arguments: &[OsString],
    environment: &dyn Environment,
) -> Result<Command, clap::Error> {
    if let Some(config) = plugin_config(arguments, environment) {
        return Ok(Command::Plugin(config));
    }
    // A host's exec function gets no arguments, and its list on stdin.
    if arguments.len() <= 1 && !environment.stdin_is_terminal() {
        return Ok(Command::Function(FunctionCall::default()));
    }
    let wrong = |kind, message| parser().error(kind, message);
    let matches = parser().try_get_matches_from(arguments)?;
    Ok(match matches.subcommand() {
        Some(("fn", matches)) => {
            let call = FunctionCall::of(matches);
            if let Some(message) = call.unknown() {
                return Err(wrong(ErrorKind::InvalidSubcommand, message));
            }
            Command::Function(call)
        }
        Some(("check", matches)) => Command::Check(CheckCall::of(matches)),
        Some(("trace", matches)) => Command::Trace(TraceCall::of(matches)),
        Some(("access", matches)) => {
            let call = AccessCall::of(matches);
            Command::Access(call.map_err(|why| wrong(ErrorKind::WrongNumberOfValues, why))?)
        }
        Some(("hosts", matches)) => Command::Hosts(HostsCall::of(matches)),
        Some(("render", matches)) => Command::Render(RenderCall::of(matches)),
        Some(("schema", matches)) => Command::Schema(word(matches, "kind").to_owned()),
        Some(("explain", matches)) => Command::Explain(word(matches, "code").to_owned()),
        Some(("plan", matches)) => Command::Plan(PlanCall::of(matches)),
        Some(("test", matches)) => Command::Test(TestCall::of(matches)),
        Some(("init", matches)) => Command::Init(InitCall::of(matches)),
        Some(("request", matches)) => Command::Request(RequestCall::of(matches)),
        Some(("completions", matches)) => Command::Completions(completions::shell(matches)),
        Some(("man", matches)) => Command::Man(man::folder(matches)),
        _ => {
            let message = "a subcommand is required".to_owned();
            return Err(wrong(ErrorKind::MissingSubcommand, message));
        }
    })
}

/// Kustomize calls a legacy exec plugin by the kind of its configuration, in a folder of that name,
/// with the configuration's file; a user may also name the file alone.
fn plugin_config(arguments: &[OsString], environment: &dyn Environment) -> Option<PathBuf> {
    let called = Path::new(arguments.first()?).file_name()?.to_str()?;
    let first = Path::new(arguments.get(1)?);
    let is_plugin = functions::ALL.iter().any(|function| function.kind == called);
    (is_plugin && environment.is_file(first)).then(|| first.to_owned())
}

/// Every command and argument.
pub(super) fn parser() -> clap::Command {
    clap::Command::new("kserve-aws")
        .about(ABOUT)
        .version(VERSION.as_str())
        .arg_required_else_help(true)
        .subcommands([
            function::command(),
            check::command(),
            trace::command(),
            access::command(),
            hosts::command(),
            plan::command(),
            render::command(),
            schema::command(),
            explain::command(),
            test::command(),
            init::command(),
            request::command(),
            completions::command(),
            man::command(),
        ])
}
