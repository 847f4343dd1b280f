//! `kserve-aws access`: who can call what, and what a change makes of it.

mod json;
mod svg;

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches};

use super::argument::{format, paths, places, word};
use super::environment::Environment;
use super::output::{Output, Refusal, Stdout};
use super::package_text;
use super::table::{self, Rows};
use crate::path::World;
use crate::path::access::{answers, differences, questions};
use crate::runtime::stderr_line;

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
}

impl AccessCall {
    /// # Errors
    /// Another number of places than `--diff` compares.
    pub(super) fn of(matches: &ArgMatches) -> Result<Self, String> {
        let (places, diff) = (paths(matches, "place"), matches.get_flag("diff"));
        if diff && places.len() != 2 {
            return Err(format!("--diff requires two places, OLD and NEW; found {}", places.len()));
        }
        Ok(Self { places, diff, format: Format::of(word(matches, "format")) })
    }
}

pub(super) fn command() -> clap::Command {
    clap::Command::new("access")
        .about("Show who can call which service, and what a change makes of it")
        .arg(places())
        .arg(
            Arg::new("diff")
                .long("diff")
                .action(ArgAction::SetTrue)
                .help("Compare two places, OLD and NEW; the exit code is 1 where they differ"),
        )
        .arg(format(&Format::WORDS))
}

pub(super) fn run<'s>(
    call: &AccessCall,
    environment: &mut dyn Environment,
) -> Result<Output<'s>, Refusal> {
    let texts = if call.diff {
        let mut texts = Vec::new();
        for place in &call.places {
            texts.push(package_text::read(std::slice::from_ref(place), environment)?);
        }
        texts
    } else {
        vec![package_text::read(&call.places, environment)?]
    };
    let mut packages = Vec::new();
    for text in &texts {
        packages.push((package_text::parse(text)?, &text.files));
    }
    let (mut worlds, mut stderr) = (Vec::new(), Vec::new());
    for (package, files) in &packages {
        let items = package_text::items(package, files).map_err(Refusal)?;
        let (world, unreadable) = World::of(&items);
        stderr.extend(unreadable.iter().map(stderr_line));
        worlds.push(world);
    }
    let rows = match &worlds[..] {
        [old, new] if call.diff => rows_of_difference(old, new),
        [world, ..] => rows_of(world),
        [] => Vec::new(),
    };
    let text = match call.format {
        Format::Table => table::plain(&rows),
        Format::Markdown => table::markdown(&rows),
        Format::Json => json::of(&rows),
        Format::Svg => svg::of(&rows),
    };
    // A difference is what a reviewer has to see.
    let code = u8::from(call.diff && rows.len() > 1);
    Ok(Output { stdout: Stdout::Text(text.into()), stderr, code })
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
