//! `kserve-aws access`: who can call what, and what a change makes of it.

mod json;
mod svg;

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches};

use super::argument::{paths, places, word};
use super::environment::Environment;
use super::output::{Output, Refusal, Stdout};
use super::package_text;
use super::report::ReportOptions;
use super::table::{self, Rows};
use crate::finding::{Code, Finding};
use crate::path::World;
use crate::path::access::{answers, differences, questions};
use crate::runtime::{KserveAws, complete_findings};

/// How it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Table,
    Json,
    Markdown,
    Svg,
}

impl Format {
    /// The words of `--format`.
    pub(super) const WORDS: [&'static str; 4] = ["table", "json", "markdown", "svg"];

    /// The format of a word.
    pub(super) fn of(word: &str) -> Self {
        match word {
            "json" => Self::Json,
            "markdown" => Self::Markdown,
            "svg" => Self::Svg,
            _ => Self::Table,
        }
    }
}

/// `kserve-aws access`.
pub(super) struct AccessCall {
    pub(super) places: Vec<PathBuf>,
    /// Whether the two places are an old and a new package.
    pub(super) diff: bool,
    pub(super) format: Format,
    pub(super) report: ReportOptions,
}

impl AccessCall {
    /// # Errors
    /// Another number of places than `--diff` compares.
    pub(super) fn of(matches: &ArgMatches) -> Result<Self, String> {
        let (places, diff) = (paths(matches, "place"), matches.get_flag("diff"));
        if diff && places.len() != 2 {
            return Err(format!("--diff requires two places, OLD and NEW; found {}", places.len()));
        }
        let report = ReportOptions::of(matches).beside_output();
        Ok(Self { places, diff, format: Format::of(word(matches, "format")), report })
    }
}

pub(super) fn command() -> clap::Command {
    let of_findings = ["human", "plain", "github", "sarif", "junit"];
    let formats = [&Format::WORDS[..], &of_findings].concat();
    let command = ReportOptions::formats(clap::Command::new("access"), &formats);
    ReportOptions::known(command)
        .about("Show who can call which service, and what a change makes of it")
        .arg(places())
        .arg(
            Arg::new("diff")
                .long("diff")
                .action(ArgAction::SetTrue)
                .help("Compare two places, OLD and NEW; the exit code is 1 where they differ"),
        )
}

pub(super) fn run<'s>(
    call: &AccessCall,
    environment: &mut dyn Environment,
) -> Result<Output<'s>, Refusal> {
    let accepted = call.report.accepted(environment)?;
    let texts = if call.diff {
        let mut texts = Vec::new();
        for place in &call.places {
            texts.push(package_text::read(std::slice::from_ref(place), &accepted, environment)?);
        }
        texts
    } else {
        vec![package_text::read(&call.places, &accepted, environment)?]
    };
    let mut packages = Vec::new();
    for text in &texts {
        packages.push((package_text::parse(text)?, text));
    }
    let (mut worlds, mut findings): (Vec<World<'_>>, Vec<Finding>) = Default::default();
    let mut secrets = Vec::new();
    for (package, text) in &packages {
        let items = package_text::items(package, &text.files).map_err(Refusal::from)?;
        let (world, mut unreadable) = World::of(&items);
        unreadable.splice(0..0, text.findings.iter().cloned());
        secrets.push(complete_findings::<KserveAws>(
            &text.text,
            &text.files,
            &accepted,
            &mut unreadable,
        ));
        // What neither of the two packages has is reported with the last one.
        if worlds.len() + 1 < packages.len() {
            unreadable.retain(|finding| finding.code != Code::AcceptUnused);
        }
        findings.extend(unreadable);
        worlds.push(world);
    }
    call.report.write_baseline(&findings, environment)?;
    let rows = match &worlds[..] {
        [old, new] if call.diff => rows_of_difference(old, new),
        [world, ..] => rows_of(world),
        [] => Vec::new(),
    };
    let mut text = match call.format {
        Format::Table => table::plain(&rows),
        Format::Markdown => table::markdown(&rows),
        Format::Json => json::of(&rows),
        Format::Svg => svg::of(&rows),
    };
    secrets.iter().for_each(|secrets| secrets.hide_in_text(&mut text));
    // A difference is what a reviewer has to see.
    let fails =
        call.diff && rows.len() > 1 || findings.iter().any(|finding| call.report.fails(finding));
    let (stderr, code) = (call.report.lines(&findings, environment), u8::from(fails));
    Ok(Output { stdout: Stdout::Text(text.into()), stderr, code, ..Output::default() })
}

fn rows_of(world: &World<'_>) -> Rows {
    let mut rows =
        vec![["caller", "service", "operation", "outcome", "by"].map(str::to_owned).to_vec()];
    for (question, answer) in answers(world, &questions(&[world])) {
        let by = answer.by.map(|by| by.to_string()).unwrap_or_default();
        let outcome = answer.outcome.to_string();
        rows.push(vec![question.caller, question.service, question.operation, outcome, by]);
    }
    rows
}

fn rows_of_difference(old: &World<'_>, new: &World<'_>) -> Rows {
    let mut rows = vec![
        ["caller", "service", "operation", "old", "new", "request"].map(str::to_owned).to_vec(),
    ];
    for one in differences(old, new) {
        rows.push(vec![
            one.question.caller,
            one.question.service,
            one.question.operation,
            one.old.outcome.to_string(),
            one.new.outcome.to_string(),
            one.new.request,
        ]);
    }
    rows
}
