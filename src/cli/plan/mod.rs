//! `kserve-aws plan`: hosts, certificate names, DNS records, policies and doors of a package at once.

mod json;
mod overview;
mod table;

use std::path::PathBuf;

use clap::ArgMatches;

use overview::{Overview, redirects};

use super::argument::{paths, places, word};
use super::environment::Environment;
use super::output::{Output, Refusal, Stdout};
use super::package_text;
use super::report::ReportOptions;
use crate::functions::planned;
use crate::path::World;
use crate::path::check::{doors_by_default, of_model};
use crate::runtime::{KserveAws, complete_findings};

const WORDS: [&str; 7] = ["table", "json", "human", "plain", "github", "sarif", "junit"];

const HELP: &str = "\
Names, records and policies are what plan-certificate, generate-dns-records and
generate-authorization-policies plan without a configuration; doors are those that check reports. Policies
of the input are listed as present; where none of them is generated, those that would be are listed, too.
Where the load balancer logs users in, the URLs are listed that the client of the provider must permit.
The exit code is 1 if one of them reports an error; everything that could be read is still shown.";

/// `kserve-aws plan`.
pub(super) struct PlanCall {
    places: Vec<PathBuf>,
    is_json: bool,
    pub(super) report: ReportOptions,
}

impl PlanCall {
    pub(super) fn of(matches: &ArgMatches) -> Self {
        Self {
            places: paths(matches, "place"),
            is_json: word(matches, "format") == "json",
            report: ReportOptions::of(matches).beside_output(),
        }
    }
}

pub(super) fn command() -> clap::Command {
    ReportOptions::known(ReportOptions::formats(clap::Command::new("plan"), &WORDS))
        .about("Show hosts, certificate names, DNS records, policies and doors of a package")
        .after_help(HELP)
        .arg(places())
}

pub(super) fn run<'s>(
    call: &PlanCall,
    environment: &mut dyn Environment,
) -> Result<Output<'s>, Refusal> {
    let accepted = call.report.accepted(environment)?;
    let manifests = package_text::read(&call.places, &accepted, environment)?;
    let package = package_text::parse(&manifests)?;
    let items = package_text::items(&package, &manifests.files).map_err(Refusal::from)?;
    let (world, unreadable) = World::of(&items);
    let planned = planned(&items);
    let mut findings = manifests.findings.clone();
    findings.extend(unreadable);
    findings.extend(of_model(&world));
    for finding in &planned.findings {
        // What a function takes from the model, the model reports.
        if finding.severity != crate::finding::Severity::Info && !findings.contains(finding) {
            findings.push(finding.clone());
        }
    }
    let overview = Overview {
        endpoints: &world.model.endpoints,
        planned,
        doors: doors_by_default(&world),
        redirects: redirects(&world),
    };
    let mut text = if call.is_json { json::of(&overview) } else { table::of(&overview) };
    let secrets =
        complete_findings::<KserveAws>(&manifests.text, &manifests.files, &accepted, &mut findings);
    secrets.hide_in_text(&mut text);
    call.report.write_baseline(&findings, environment)?;
    let fails = findings.iter().any(|finding| call.report.fails(finding));
    let stderr = call.report.lines(&findings, environment);
    Ok(Output {
        stdout: Stdout::Text(text.into()),
        stderr,
        code: u8::from(fails),
        ..Output::default()
    })
}
