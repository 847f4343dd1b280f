//! `kserve-aws init`: the first folder of an endpoint, from flags or from answers.

mod files;
mod settings;

use std::io;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches};

use super::argument::word;
use super::diags::{OutputLost, WrongArguments, WrongInput};
use super::environment::Environment;
use super::output::{Output, Refusal};
use super::shell;
use crate::finding::Finding;

use settings::{Layout, Provider, QUESTIONS, Settings};

const HELP: &str = "\
It holds a stage for staging and one for prod, each with an Ingress that no load balancer is built from
before the function has run. What is not set with a flag is requested on a terminal. With Dex, each stage
gets a random token in tokens.yaml, which .gitignore names: README.md of the folder names ways to keep it.
No file that is there is changed, but .gitignore, to which a line is added.";

/// `kserve-aws init`.
pub(super) struct InitCall {
    folder: PathBuf,
    layout: Layout,
    /// What the flags set, in the order of [`QUESTIONS`].
    given: Vec<Option<String>>,
}

impl InitCall {
    pub(super) fn of(matches: &ArgMatches) -> Self {
        Self {
            folder: matches.get_one::<PathBuf>("folder").cloned().unwrap_or_else(|| ".".into()),
            layout: Layout::of(word(matches, "layout")),
            given: QUESTIONS
                .iter()
                .map(|question| matches.get_one::<String>(question.flag).cloned())
                .collect(),
        }
    }
}

pub(super) fn command() -> clap::Command {
    let flags = QUESTIONS.iter().map(|question| {
        let flag = Arg::new(question.flag).long(question.flag).help(question.help);
        let flag = flag.value_name(question.value);
        if question.words.is_empty() { flag } else { flag.value_parser(question.words.to_vec()) }
    });
    clap::Command::new("init")
        .about("Start a folder for an endpoint: a kustomization, a package of kpt, or both")
        .after_help(HELP)
        .arg(
            Arg::new("folder")
                .value_name("DIR")
                .value_parser(clap::value_parser!(PathBuf))
                .help("The folder; default: the current one"),
        )
        .arg(
            Arg::new("layout")
                .long("layout")
                .value_name("LAYOUT")
                .value_parser(["kustomize", "kpt", "both"])
                .default_value("kustomize")
                .help("Whose folder it is"),
        )
        .args(flags)
}

pub(super) fn run<'s>(
    call: &InitCall,
    environment: &mut dyn Environment,
) -> Result<Output<'s>, Refusal> {
    let folder = &call.folder;
    // Before anything is requested.
    let there = existing(folder, files::always(call.layout), environment);
    if !there.is_empty() {
        return Err(WrongInput::Exists(&there).into());
    }
    let settings = Settings::of(call.layout, &call.given, environment)?;
    let tokens = match settings.provider {
        Provider::Dex => vec![token(environment)?, token(environment)?],
        Provider::Cognito | Provider::Jwt => Vec::new(),
    };
    let shown = shell::path(folder);
    let files = files::of(&settings, &shown, &tokens);
    let there = existing(folder, files.iter().map(|(name, _)| *name), environment);
    if !there.is_empty() {
        return Err(WrongInput::Exists(&there).into());
    }
    let (private, files): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|(name, _)| *name == files::TOKENS);
    let mut texts: Vec<(PathBuf, Option<String>)> =
        files.into_iter().map(|(name, text)| (folder.join(name), Some(text))).collect();
    if !private.is_empty() {
        texts.extend(ignored(folder, environment)?);
    }
    let private: Vec<(PathBuf, String)> =
        private.into_iter().map(|(name, text)| (folder.join(name), text)).collect();
    write(&private, &texts, environment)
        .map_err(|error| Finding::from(OutputLost::Files(error)))?;
    let paths = private.iter().map(|(path, _)| path).chain(texts.iter().map(|(path, _)| path));
    let mut stderr: Vec<String> = paths.map(|path| format!("wrote {}", path.display())).collect();
    let steps = folder.join("README.md");
    stderr.push(format!("next: kserve-aws check {shown}; {} has the steps", steps.display()));
    Ok(Output { stderr, ..Output::default() })
}

/// Writes all, or none where that fails.
fn write(
    private: &[(PathBuf, String)],
    texts: &[(PathBuf, Option<String>)],
    environment: &mut dyn Environment,
) -> io::Result<()> {
    for (path, text) in private {
        environment.write_private(path, text)?;
    }
    let written = environment.write(texts);
    if written.is_err() {
        let removed: Vec<_> = private.iter().map(|(path, _)| (path.clone(), None)).collect();
        let _ = environment.write(&removed);
    }
    written
}

/// The paths of the files with these names that a folder has.
fn existing<'n>(
    folder: &Path,
    names: impl IntoIterator<Item = &'n str>,
    environment: &mut dyn Environment,
) -> Vec<String> {
    let paths = names.into_iter().map(|name| folder.join(name));
    let there = paths.filter(|path| environment.is_file(path));
    there.map(|path| path.display().to_string()).collect()
}

/// The folder's `.gitignore` with the file of the tokens; `None` where it names it already.
fn ignored(
    folder: &Path,
    environment: &mut dyn Environment,
) -> Result<Option<(PathBuf, Option<String>)>, Refusal> {
    let path = folder.join(".gitignore");
    let mut text = String::new();
    if environment.is_file(&path) {
        let bytes = environment.file(&path);
        let read = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok());
        text = read.ok_or(WrongInput::NotText(&path))?;
    }
    if text.lines().any(|line| line.trim() == files::TOKENS) {
        return Ok(None);
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(files::TOKENS);
    text.push('\n');
    Ok(Some((path, Some(text))))
}

/// A token that nobody guesses.
fn token(environment: &mut dyn Environment) -> Result<String, Refusal> {
    let bytes = environment.random().map_err(WrongArguments::NoToken)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
