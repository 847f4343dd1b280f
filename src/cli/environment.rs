//! What the command can read.

use std::io;
use std::path::{Path, PathBuf};

/// What the command can read. Nothing else is read: no network, no clock, and of the environment only NO_COLOR.
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
    /// Writes a file that an argument names.
    ///
    /// # Errors
    /// Those of the system.
    fn write(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()>;
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
