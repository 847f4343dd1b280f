//! The arguments.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches};

use super::access::{self, AccessCall};
use super::argument::{format, paths, places, word};
use super::check::CheckCall;
use super::completions;
use super::environment::Environment;
use super::function::FunctionCall;
use super::hosts::HostsCall;
use super::init::{self, InitCall};
use super::man;
use super::plan::{self, PlanCall};
use super::render::{Host, RenderCall, Report, Target};
use super::report::{Format, ReportOptions};
use super::request::{self, RequestCall};
use super::test::{self, TestCall};
use super::trace::{self, TraceCall};
use super::version::VERSION;
use crate::functions;
use crate::runtime::Registered;
use crate::values::release::Release;

/// What the arguments ask for.
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
    /// How it prints findings, where that was chosen.
    pub(super) fn report(&self) -> Option<ReportOptions> {
        let report = match self {
            Self::Function(call) => &call.report,
            Self::Check(call) => &call.report,
            Self::Hosts(call) if !call.json => &call.report,
            Self::Render(call) => &call.findings,
            _ => return None,
        };
        report.has_format.then(|| report.clone())
    }
}

const ABOUT: &str =
    "KRM functions for serving models with KServe on AWS behind an Application Load Balancer";

const FN_HELP: &str = "How it runs:
  kustomize    a functionConfig under transformers: or generators: with the annotation
               config.kubernetes.io/function, as a container or with exec
  kpt          image: or exec: in a Kptfile's pipeline, or kpt fn eval
  by hand      kserve-aws fn set-ingress-params --config params.yaml ingress.yaml
  in a pipe    kserve-aws fn < resource-list.yaml";

const HOSTS_HELP: &str = "\
The table is on stdout and the findings on stderr; with --format json the hosts are JSON, each with its findings.

Besides the InferenceServices, these are read where the manifests have them: config-domain and
config-network of Knative Serving, inferenceservice-config and the controller's image of KServe,
Namespaces and Profiles. Whatever is missing is assumed; every assumption is printed to stderr.

Files of a folder that hold no object are skipped with a warning. The exit code is 1 if there is an
error, also for an InferenceService that gets no URL; everything that could be read is still shown.";

const RENDER_ABOUT: &str = "\
Render a folder without any host: what its kustomization.yaml or its Kptfile says, with the functions of \
this program, or one of the overlays that are built in, by --built-in. Without an argument, the built-in api overlay.";

const RENDER_HELP: &str = "\
Of a kustomization it renders resources, components, configMapGenerator, secretGenerator,
generatorOptions, namespace, labels, JSON 6902 patches, generators, transformers, validators and
sortOptions; of a Kptfile its pipeline. What else there is, is an error that names the field; --host runs
the real kustomize, kubectl or kpt. Nothing is written where anything fails.

Objects and their order are those of kustomize build. The text differs: an object keeps that of its file, with
its comments, quotes and order of keys, where kustomize sorts the keys and writes the values anew.

What --diff, --plan and --check compare: with --output, the files that are there; of a package, its own
files; of a kustomization, its objects without the functions.";

const CHECK_HELP: &str = "\
Run it on what is applied: kustomize build --enable-alpha-plugins | kserve-aws check. A folder with a
kustomization or a Kptfile is rendered first, as by kserve-aws render; Services in it that are local
(config.kubernetes.io/local-config), such as Istio's gateway, are those that the cluster has. It requires what
annotations require, a token or a login in front of every public InferenceService, and the protected
Services themselves. A fix is safe where it keeps what its author means, such as the right spelling of a key; the
others are shown as possible fixes.";

const TRACE_HELP: &str = "\
Each hop is shown with the object and field that decide. What the manifests do not decide is unknown,
with what comes of it either way. The exit code is 0 where the status is 2xx for sure.";

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
    let matches = parser().try_get_matches_from(arguments)?;
    Ok(match matches.subcommand() {
        Some(("fn", matches)) => {
            let call = function_call(matches);
            if let Some(message) = unknown_function(&call) {
                return Err(parser().error(ErrorKind::InvalidSubcommand, message));
            }
            Command::Function(call)
        }
        Some(("check", matches)) => Command::Check(CheckCall {
            places: paths(matches, "place"),
            config: matches.get_one::<PathBuf>("config").cloned(),
            fix: matches.get_flag("fix"),
            diff: matches.get_flag("diff"),
            report: ReportOptions::of(matches),
        }),
        Some(("trace", matches)) => Command::Trace(trace_call(matches)),
        Some(("access", matches)) => {
            let (places, diff) = (paths(matches, "place"), matches.get_flag("diff"));
            if diff && places.len() != 2 {
                let message =
                    format!("--diff requires two places, OLD and NEW; found {}", places.len());
                return Err(parser().error(ErrorKind::WrongNumberOfValues, message));
            }
            let format = access::Format::of(word(matches, "format"));
            Command::Access(AccessCall { places, diff, format })
        }
        Some(("hosts", matches)) => Command::Hosts(HostsCall {
            places: matches
                .get_many::<PathBuf>("place")
                .map(|all| all.cloned().collect())
                .unwrap_or_default(),
            json: matches.get_one::<String>("format").is_some_and(|format| format == "json"),
            report: ReportOptions::of(matches),
            kserve: matches.get_one::<Release>("kserve-version").copied(),
            namespace: matches.get_one::<String>("namespace").cloned(),
        }),
        Some(("render", matches)) => Command::Render(render_call(matches)),
        Some(("schema", matches)) => {
            Command::Schema(matches.get_one::<String>("kind").cloned().unwrap_or_default())
        }
        Some(("explain", matches)) => {
            Command::Explain(matches.get_one::<String>("code").cloned().unwrap_or_default())
        }
        Some(("plan", matches)) => Command::Plan(PlanCall::of(matches)),
        Some(("test", matches)) => Command::Test(TestCall::of(matches)),
        Some(("init", matches)) => Command::Init(InitCall::of(matches)),
        Some(("request", matches)) => Command::Request(RequestCall::of(matches)),
        Some(("completions", matches)) => Command::Completions(completions::shell(matches)),
        Some(("man", matches)) => Command::Man(man::folder(matches)),
        _ => return Err(parser().error(ErrorKind::MissingSubcommand, "a subcommand is required")),
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

/// A name that no function has reads as a file; with a configuration, whose kind picks the function, it is
/// one.
fn unknown_function(call: &FunctionCall) -> Option<String> {
    let first = call.files.first()?.to_string_lossy();
    let is_file = call.name.is_some() || call.config.is_some();
    let hint = functions::ALL.named(&first).err().filter(|_| !is_file)?;
    Some(format!("unknown function {first:?}; {hint}; files without a function require --config"))
}

fn trace_call(matches: &ArgMatches) -> TraceCall {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let all = matches.get_flag("all");
    let mut places = paths(matches, "place");
    // The first one is a place, too, where every request is followed.
    let url = if all {
        places.splice(0..0, text("url").map(PathBuf::from));
        None
    } else {
        text("url")
    };
    TraceCall {
        url,
        places,
        method: text("method"),
        headers: matches
            .get_many::<String>("header")
            .map(|all| all.cloned().collect())
            .unwrap_or_default(),
        pod: text("pod"),
        plaintext: matches.get_flag("plaintext"),
        logged_in: matches.get_flag("logged-in"),
        valid_jwt: matches.get_flag("valid-jwt"),
        format: trace::Format::of(word(matches, "format")),
    }
}

fn function_call(matches: &ArgMatches) -> FunctionCall {
    let (name, matches) = match matches.subcommand() {
        Some((name, matches)) => (Some(name.to_owned()), matches),
        None => (None, matches),
    };
    FunctionCall {
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
        more: Vec::new(),
    }
}

fn render_call(matches: &ArgMatches) -> RenderCall {
    let path = |name: &str| matches.get_one::<PathBuf>(name).cloned();
    let report = [("diff", Report::Diff), ("plan", Report::Plan), ("check", Report::Check)];
    let report = report.into_iter().find(|(name, _)| matches.get_flag(name));
    let target = match path("output") {
        Some(folder) => Target::Folder(folder),
        None if matches.get_flag("in-place") => Target::InPlace,
        None => Target::Stdout,
    };
    RenderCall {
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

/// Every command and argument.
pub(super) fn parser() -> clap::Command {
    let path = || clap::value_parser!(PathBuf);
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    let render = ReportOptions::formats(clap::Command::new("render"), &Format::WORDS)
        .about("Render a kustomization, a package of kpt or a folder without any host")
        .long_about(RENDER_ABOUT)
        .after_help(RENDER_HELP)
        .arg(
            Arg::new("folder")
                .value_name("DIR")
                .value_parser(path())
                .help("Folder with a kustomization.yaml or a Kptfile"),
        )
        .arg(
            Arg::new("built-in")
                .long("built-in")
                .value_name("OVERLAY")
                .conflicts_with_all(["folder", "host"])
                .help(format!("Overlay that is built in: {}", super::render::built_in::names())),
        )
        .arg(
            Arg::new("config")
                .long("config")
                .value_name("FILE")
                .value_parser(path())
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
                .help("Run the real one from the PATH, with this program as its function"),
        )
        .arg(
            Arg::new("output")
                .long("output")
                .short('o')
                .value_name("DIR")
                .value_parser(path())
                .help("Folder to write the objects to, a file each"),
        )
        .arg(
            flag("in-place", "Replace a package's files, all of them or none")
                .conflicts_with("output"),
        )
        .arg(flag("diff", "Print what would change, line by line, without tokens"))
        .arg(flag("plan", "Print what would change as JSON Patch, without tokens"))
        .arg(flag("check", "Exit with 1 where something would change"))
        .group(clap::ArgGroup::new("report").args(["diff", "plan", "check"]));
    let formats = [&["table"], &Format::WORDS[..]].concat();
    let hosts = ReportOptions::formats(clap::Command::new("hosts"), &formats);
    let hosts = ReportOptions::known(hosts)
        .about("Show the hosts and URLs that InferenceServices get")
        .after_help(HOSTS_HELP)
        .arg(
            Arg::new("place")
                .value_name("FILE|DIR|-")
                .num_args(0..)
                .value_parser(path())
                .help("Manifests, a ResourceList or a List; default: stdin"),
        )
        .arg(
            Arg::new("kserve-version")
                .long("kserve-version")
                .value_name("VERSION")
                .value_parser(clap::value_parser!(Release))
                .help("KServe release to assume if the manifests do not name one"),
        )
        .arg(
            Arg::new("namespace")
                .long("namespace")
                .short('n')
                .value_name("NAMESPACE")
                .help("Namespace for objects that set none"),
        );
    let mut kinds = functions::ALL.kinds();
    kinds.extend(functions::ALL.names());
    kinds.push(super::schema::FINDINGS);
    let schema =
        clap::Command::new("schema").about("Print the JSON Schema of a configuration").arg(
            Arg::new("kind")
                .value_name("KIND|NAME")
                .required(true)
                .value_parser(kinds)
                .help("Kind of the configuration, name of its function, or findings"),
        );
    let explain = clap::Command::new("explain").about("Explain a finding by its code").arg(
        Arg::new("code")
            .value_name("CODE")
            .required(true)
            .help("Code of the finding, such as alb-open-rule; former codes are accepted"),
    );
    let functions = functions::ALL.iter().map(function_command);
    let function = run_arguments(clap::Command::new("fn"))
        .about("Run a function: a ResourceList on stdin, or files")
        .after_help(FN_HELP)
        .arg(files())
        .subcommand_value_name("NAME")
        .subcommand_help_heading("Functions")
        .subcommands(functions);
    clap::Command::new("kserve-aws")
        .about(ABOUT)
        .version(VERSION.as_str())
        .arg_required_else_help(true)
        .subcommands([
            function,
            check_command(),
            trace_command(),
            access_command(),
            hosts,
            plan::command(),
            render,
            schema,
            explain,
            test::command(),
            init::command(),
            request::command(),
            completions::command(),
            man::command(),
        ])
}

fn check_command() -> clap::Command {
    ReportOptions::arguments(clap::Command::new("check"))
        .about("Check the final output: every rule, and every other way to protected pods")
        .after_help(CHECK_HELP)
        .arg(places())
        .arg(
            Arg::new("config")
                .long("config")
                .value_name("FILE")
                .value_parser(clap::value_parser!(PathBuf))
                .help("A configuration of kind ServingPathCheck"),
        )
        .arg(
            Arg::new("fix")
                .long("fix")
                .action(ArgAction::SetTrue)
                .help("Apply the safe fixes to the files, and report what remains"),
        )
        .arg(
            Arg::new("diff")
                .long("diff")
                .action(ArgAction::SetTrue)
                .requires("fix")
                .help("Print what --fix would change, without tokens, and write nothing"),
        )
}

fn trace_command() -> clap::Command {
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    clap::Command::new("trace")
        .about("Follow a request from its DNS name to the pods that serve it")
        .after_help(TRACE_HELP)
        .arg(
            Arg::new("url")
                .value_name("URL")
                .required_unless_present("all")
                .help("The request's URL; with --all the first FILE"),
        )
        .arg(places())
        .arg(
            Arg::new("header")
                .short('H')
                .long("header")
                .value_name("NAME: VALUE")
                .action(ArgAction::Append)
                .help("A header of the request; no output has its value"),
        )
        .arg(
            Arg::new("method")
                .long("method")
                .short('X')
                .value_name("METHOD")
                .help("The method; GET without it"),
        )
        .arg(
            Arg::new("pod")
                .long("pod")
                .value_name("NAMESPACE[/ACCOUNT]")
                .help("The pod that sends it, in place of somebody outside the cluster"),
        )
        .arg(flag("plaintext", "The pod has no sidecar"))
        .arg(flag("logged-in", "The client has the session of the login that the way demands"))
        .arg(flag(
            "valid-jwt",
            "The client has a valid JSON Web Token of the issuer that the way demands",
        ))
        .arg(flag("all", "Every service by every client, a line each"))
        .arg(format(&trace::Format::WORDS))
}

fn access_command() -> clap::Command {
    clap::Command::new("access")
        .about("Show who can call which service, and what a change makes of it")
        .arg(places())
        .arg(
            Arg::new("diff")
                .long("diff")
                .action(ArgAction::SetTrue)
                .help("Compare two places, OLD and NEW; the exit code is 1 where they differ"),
        )
        .arg(format(&access::Format::WORDS))
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
