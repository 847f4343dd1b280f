//! `kserve-aws man`: the manual, a page a command.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches};
use clap_mangen::Man;

use super::diags::OutputLost;
use super::environment::Environment;
use super::output::{Output, Refusal};
use crate::finding::Finding;

pub(super) fn command() -> clap::Command {
    clap::Command::new("man")
        .about("Print the manual page, or put a page for each command into a folder")
        .arg(
            Arg::new("folder")
                .value_name("DIR")
                .value_parser(clap::value_parser!(PathBuf))
                .help("Folder for the pages of all commands; without it, the first page to stdout"),
        )
}

/// The folder that the arguments name.
pub(super) fn folder(matches: &ArgMatches) -> Option<PathBuf> {
    matches.get_one::<PathBuf>("folder").cloned()
}

/// The manual of a program.
pub(super) fn run<'s>(
    program: clap::Command,
    folder: Option<&Path>,
    environment: &mut dyn Environment,
) -> Result<Output<'s>, Refusal> {
    let lost = |error: io::Error| Finding::from(OutputLost::Manual(error));
    let mut whole = program.disable_help_subcommand(true);
    whole.build();
    let Some(folder) = folder else { return Ok(Output::text(page(&whole).map_err(lost)?.1)) };
    let mut pages = Vec::new();
    add_pages(&whole, &mut pages).map_err(lost)?;
    let texts: Vec<(PathBuf, Option<String>)> =
        pages.into_iter().map(|(name, text)| (folder.join(name), Some(text))).collect();
    environment.write(&texts).map_err(lost)?;
    Ok(Output::default())
}

/// The page of a command, and those of its own commands.
fn add_pages(command: &clap::Command, pages: &mut Vec<(String, String)>) -> io::Result<()> {
    pages.push(page(command)?);
    command.get_subcommands().try_for_each(|inner| add_pages(inner, pages))
}

/// The name of a page's file, and its text.
fn page(command: &clap::Command) -> io::Result<(String, String)> {
    let man = Man::new(command.clone());
    let mut text = Vec::new();
    man.render(&mut text)?;
    Ok((man.get_filename(), ascii(&String::from_utf8_lossy(&text))))
}

/// Every other character as groff's `\[uXXXX]`: groff itself reads Latin-1.
fn ascii(text: &str) -> String {
    let mut page = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii() {
            page.push(letter);
        } else {
            page.push_str(&format!("\\[u{:04X}]", u32::from(letter)));
        }
    }
    page
}
