//! What the command can read.

use std::io;
use std::path::{Path, PathBuf};

/// What the command can read, and what `render` writes or starts where a flag says so. Nothing else is read:
/// no network, no clock, and of the environment only NO_COLOR.
pub trait Environment {
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
    /// Whether a person reads stderr.
    fn stderr_is_terminal(&self) -> bool {
        false
    }
    /// Whether the user wants no color anywhere (<https://no-color.org>).
    fn refuses_color(&self) -> bool {
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
    fn manifests(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(self.files(folder)?.into_iter().filter(|path| is_manifest(path)).collect())
    }
    /// Every file in a folder and the folders below but `.git`, by name. No link is followed.
    ///
    /// # Errors
    /// Those of the system.
    fn files(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;
    /// A path from the system's root.
    ///
    /// # Errors
    /// Those of the system.
    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(path.to_owned())
    }
    /// Writes files, or removes those without a text: all of them, or none where that fails.
    ///
    /// # Errors
    /// Those of the system.
    fn write(&mut self, _texts: &[(PathBuf, Option<String>)]) -> io::Result<()> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }
    /// Writes a file that was not there, which no other user can read.
    ///
    /// # Errors
    /// Those of the system; there is a file of this name.
    fn write_private(&mut self, path: &Path, text: &str) -> io::Result<()> {
        self.write(&[(path.to_owned(), Some(text.to_owned()))])
    }
    /// Runs a host on a copy of files.
    ///
    /// # Errors
    /// Those of the system: the host is not installed, or the copy cannot be written.
    fn host(&mut self, _run: &HostRun) -> io::Result<HostRan> {
        Err(io::Error::from(io::ErrorKind::NotFound))
    }
    /// Runs a script with `sh`, in the environment of this program.
    ///
    /// # Errors
    /// Those of the system.
    fn shell(&mut self, _script: &str) -> io::Result<HostRan> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }
    /// The line that the person at stdin answers to a question.
    ///
    /// # Errors
    /// Those of the system; stdin has ended.
    fn answer(&mut self, _question: &str) -> io::Result<String> {
        Err(io::Error::from(io::ErrorKind::UnexpectedEof))
    }
    /// Bytes that nobody guesses.
    ///
    /// # Errors
    /// Those of the system.
    fn random(&mut self) -> io::Result<[u8; 16]> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }
    /// Says what is done, to a person who has waited for a second; an empty text takes it away.
    fn progress(&mut self, _what: &str) {}
}

/// Whether a file in a folder is a manifest, by its name.
pub(super) fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "yaml" || end == "yml" || end == "json")
}

/// What came of a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostRan {
    /// What it printed.
    pub stdout: String,
    /// What it said.
    pub stderr: String,
    /// Whether it succeeded.
    pub success: bool,
}

/// A run of a host on a copy of files.
#[derive(Debug, Clone)]
pub struct HostRun {
    /// The program, found on the `PATH`.
    pub program: &'static str,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The files of the copy, relative to it.
    pub files: Vec<(PathBuf, Vec<u8>)>,
    /// Where kubectl looks for plugins in the copy, each called by the kind of its configuration.
    pub plugins: Vec<PathBuf>,
}

/// What is in place of this program's path, which the system knows.
pub(super) const OWN_PATH: &str = "@kserve-aws@";
