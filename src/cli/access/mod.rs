//! `kserve-aws access`: who can call what, and what a change makes of it.

mod json;
mod svg;

use std::path::PathBuf;

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
