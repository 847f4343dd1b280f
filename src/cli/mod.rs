//! The command line: what the arguments ask for, and the answer.

mod arguments;
mod function;
mod hosts;
mod manifests;
mod render;
mod schema;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use arguments::{Asked, asked};

use crate::finding::Finding;
use crate::runtime::{Run, stderr_line};

/// What the command can read. Nothing else is read: no network, no clock, no environment.
pub trait Outside {
    /// All of stdin.
    ///
    /// # Errors
    /// Those of the system.
    fn stdin(&mut self) -> io::Result<Vec<u8>>;
    /// Whether a person sits at stdin.
    fn stdin_is_terminal(&self) -> bool;
    /// Whether nobody can read stdout, since it was closed before the program started.
    fn stdout_is_closed(&self) -> bool {
        false
    }
    /// A file that an argument names.
    ///
    /// # Errors
    /// Those of the system.
    fn file(&mut self, path: &Path) -> io::Result<Vec<u8>>;
    /// Whether there is a file of this name.
    fn is_file(&self, path: &Path) -> bool;
    /// Whether there is a folder of this name.
    fn is_folder(&self, path: &Path) -> bool;
    /// The manifests in a folder and the folders below, by name: files that end in `.yaml`, `.yml`
    /// or `.json`.
    ///
    /// # Errors
    /// Those of the system.
    fn manifests(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;
}

/// What to print, and how to exit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The pieces of stdout.
    pub stdout: Vec<&'a str>,
    /// The lines of stderr.
    pub stderr: Vec<String>,
    /// 0 for success, 1 for a failed run, 2 for arguments that make no sense.
    pub code: u8,
}

impl<'a> Answer<'a> {
    fn text(text: &'a str) -> Self {
        Self { stdout: vec![text], ..Self::default() }
    }

    /// A failure without output.
    fn failure(message: &str) -> Self {
        Self { stderr: vec![format!("[error] {message}")], code: 1, ..Self::default() }
    }

    /// A failure without output, for what was found.
    fn refused(findings: &[Finding]) -> Self {
        let stderr = findings.iter().map(stderr_line).collect();
        Self { stderr, code: 1, ..Self::default() }
    }

    fn of(run: &'a Run<'_>) -> Self {
        let pieces = run.output.iter().flat_map(|output| output.pieces());
        Self {
            stdout: pieces.collect(),
            stderr: run.findings.iter().map(stderr_line).collect(),
            code: u8::from(!run.success),
        }
    }
}

/// Runs the command; `write` is called once, with the whole answer.
pub fn run(
    arguments: &[OsString],
    outside: &mut dyn Outside,
    write: impl FnOnce(&Answer<'_>) -> ExitCode,
) -> ExitCode {
    match asked(arguments, outside) {
        Ok(Asked::Function(call)) => function::run(&call, outside, write),
        Ok(Asked::Plugin(config)) => function::plugin(&config, outside, write),
        Ok(Asked::Hosts(call)) => hosts::run(&call, outside, write),
        Ok(Asked::Render(what)) => render::run(&what, outside, write),
        Ok(Asked::Schema(kind)) => schema::run(&kind, write),
        Err(text) => {
            let shown = text.render().to_string();
            let is_help = !text.use_stderr();
            write(&if is_help {
                Answer::text(&shown)
            } else {
                Answer { stderr: vec![shown.trim_end().to_owned()], code: 2, ..Answer::default() }
            })
        }
    }
}
