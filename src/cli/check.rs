//! `kserve-aws check`: `validate-serving-path` by hand, over the final output.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches};

use super::argument::{paths, places};
use super::configurations;
use super::environment::Environment;
use super::function::{FunctionCall, ran, run as run_function};
use super::output::{Output, Refusal, Source, Stdout};
use super::package_text;
use super::report::ReportOptions;
use crate::finding::Finding;

const HELP: &str = "\
Run it on what is applied: kustomize build --enable-alpha-plugins | kserve-aws check. A folder with a
kustomization or a Kptfile is rendered first, as by kserve-aws render, or where that does not support a field by
kustomize or kubectl from the PATH; Services in it that are local (config.kubernetes.io/local-config), such as
Istio's gateway, are those that the cluster has. It requires what annotations require, a token or a login in front of every public InferenceService, and the protected
Services themselves. A fix is safe where it keeps what its author means, such as the right spelling of a key; the
others are shown as possible fixes.";

/// `kserve-aws check`.
#[derive(Clone)]
pub(super) struct CheckCall {
    pub(super) places: Vec<PathBuf>,
    pub(super) config: Option<PathBuf>,
    /// Whether safe fixes are applied to the files.
    pub(super) fix: bool,
    /// Whether they are shown in place of that.
    pub(super) diff: bool,
    pub(super) report: ReportOptions,
}

impl CheckCall {
    pub(super) fn of(matches: &ArgMatches) -> Self {
        Self {
            places: paths(matches, "place"),
            config: matches.get_one::<PathBuf>("config").cloned(),
            fix: matches.get_flag("fix"),
            diff: matches.get_flag("diff"),
            report: ReportOptions::of(matches),
        }
    }
}

pub(super) fn command() -> clap::Command {
    ReportOptions::arguments(clap::Command::new("check"))
        .about("Check the final output: every rule, and every other way to protected pods")
        .after_help(HELP)
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

impl CheckCall {
    fn function(&self) -> FunctionCall {
        FunctionCall {
            name: Some("validate-serving-path".to_owned()),
            config: self.config.clone(),
            report: self.report.clone(),
            ..FunctionCall::default()
        }
    }
}

/// Checks, and reports what was found.
pub(super) fn report<'s>(
    call: CheckCall,
    environment: &mut dyn Environment,
    source: &'s Source,
) -> Result<Output<'s>, Refusal> {
    let accepted = call.report.accepted(environment)?;
    let manifests = package_text::read(&call.places, &accepted, environment)?;
    let more = configurations::findings(&manifests).map_err(Refusal::from)?;
    let function = FunctionCall { more, accepted: Some(accepted), ..call.function() };
    let output = run_function(&function, Some(manifests), environment, source)?;
    // What is checked stays where it is: nothing is printed of it.
    Ok(Output { stdout: Stdout::default(), ..output })
}

/// Checks; gives what was found.
pub(super) fn findings(
    call: &CheckCall,
    environment: &mut dyn Environment,
) -> Result<Vec<Finding>, Refusal> {
    let accepted = call.report.accepted(environment)?;
    let manifests = package_text::read(&call.places, &accepted, environment)?;
    let source = Source::default();
    let function = FunctionCall { accepted: Some(accepted), ..call.function() };
    Ok(ran(&function, Some(manifests), environment, &source)?.1.findings)
}
