//! `kserve-aws test`: what folders render to, held against what is kept beside them.

mod cases;
mod junit;
mod patch;
mod tested;

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches};

use tested::Tested;

use super::argument::paths;
use super::diags::OutputLost;
use super::environment::Environment;
use super::output::{Output, Refusal, Stdout};
use super::render::Host;
use super::report::ReportOptions;
use crate::finding::Finding;
use crate::rendering;

use cases::Case;

const HELP: &str = "\
A folder with a kustomization or a Kptfile is a test; of any other, each folder below that has one and
expected/ or .expected/. The objects of a kustomization are compared with expected/ (or .expected/), a file
each; the files of a package with .expected/diff.patch, the difference that rendering makes, as kpt keeps
it; exitCode in .expected/config.yaml states that rendering fails. Tokens are replaced by \"…\", so what is expected can be committed. With --host the objects of the real
kustomize, kubectl or kpt are compared by value.";

/// `kserve-aws test`.
pub(super) struct TestCall {
    places: Vec<PathBuf>,
    host: Option<Host>,
    /// Whether what is rendered becomes what is expected.
    accept: bool,
    junit: Option<PathBuf>,
}

impl TestCall {
    pub(super) fn of(matches: &ArgMatches) -> Self {
        Self {
            places: paths(matches, "place"),
            host: matches.get_one::<String>("host").and_then(|name| Host::of(name)),
            accept: matches.get_flag("accept"),
            junit: matches.get_one::<PathBuf>("junit").cloned(),
        }
    }
}

pub(super) fn command() -> clap::Command {
    clap::Command::new("test")
        .about("Compare what folders render to with the files that are kept of it")
        .after_help(HELP)
        .arg(
            Arg::new("place")
                .value_name("DIR")
                .num_args(1..)
                .required(true)
                .value_parser(clap::value_parser!(PathBuf))
                .help("Folders with a kustomization or a Kptfile, or folders of such folders"),
        )
        .arg(
            Arg::new("host")
                .long("host")
                .value_name("HOST")
                .value_parser(["kustomize", "kubectl", "kpt"])
                .help("Render with the real one from the PATH"),
        )
        .arg(
            Arg::new("accept")
                .long("accept")
                .action(ArgAction::SetTrue)
                .help("Keep what is rendered as what is expected"),
        )
        .arg(
            Arg::new("junit")
                .long("junit")
                .value_name("FILE")
                .value_parser(clap::value_parser!(PathBuf))
                .help("File for the results as JUnit's XML"),
        )
}

pub(super) fn run<'s>(
    call: &TestCall,
    environment: &mut dyn Environment,
) -> Result<Output<'s>, Refusal> {
    let mut tested = Vec::new();
    let mut text = String::new();
    for folder in cases::folders(&call.places, environment)? {
        environment.progress(&format!("rendering {}", folder.display()));
        let is_refusal = cases::is_refusal(&folder, environment);
        let failure = match Case::of(&folder, call.host, environment) {
            Err(_) if is_refusal => String::new(),
            Ok(_) if is_refusal => {
                "it renders, and .expected/config.yaml expects an error\n".to_owned()
            }
            Err(Refusal { findings, .. }) => {
                let lines = ReportOptions::default().lines(&findings, environment);
                lines.iter().map(|line| format!("{line}\n")).collect()
            }
            Ok(case) if call.accept => {
                for path in accept(&case, environment)? {
                    text.push_str(&format!("wrote {}\n", path.display()));
                }
                String::new()
            }
            Ok(case) => case.difference(),
        };
        let word = if failure.is_empty() { "ok" } else { "failed" };
        text.push_str(&format!("{word} {}\n{failure}", folder.display()));
        tested.push(Tested { folder, failure });
    }
    environment.progress("");
    let failed = tested.iter().filter(|one| !one.failure.is_empty()).count();
    text.push_str(&format!("{} passed, {failed} failed\n", tested.len() - failed));
    if failed > 0 && !call.accept {
        text.push_str("to accept what is rendered, run it again with --accept\n");
    }
    if let Some(file) = &call.junit {
        write(&[(file.clone(), Some(junit::text(&tested)))], environment)?;
    }
    Ok(Output {
        stdout: Stdout::Text(text.into()),
        code: u8::from(failed > 0),
        ..Output::default()
    })
}

/// Writes what is rendered as what is expected; gives the files that changed.
fn accept(case: &Case, environment: &mut dyn Environment) -> Result<Vec<PathBuf>, Refusal> {
    let (before, after) = case.kept();
    let changed: Vec<PathBuf> =
        rendering::changed(before, &after).into_iter().map(Path::to_owned).collect();
    let texts: Vec<(PathBuf, Option<String>)> =
        changed.iter().map(|path| (path.clone(), after.get(path).cloned())).collect();
    write(&texts, environment)?;
    Ok(changed)
}

fn write(
    texts: &[(PathBuf, Option<String>)],
    environment: &mut dyn Environment,
) -> Result<(), Finding> {
    environment.write(texts).map_err(|error| OutputLost::Files(error).into())
}
