//! The system that the program runs on, as the command reads it.

use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use super::environment::Environment;

/// The bytes that a pipe holds.
const PIPE: usize = 64 * 1024;

/// The process's stdin, and the files that its arguments name.
#[derive(Debug, Clone, Copy)]
pub struct System;

impl Environment for System {
    fn stdin(&mut self) -> io::Result<Vec<u8>> {
        // As much as a pipe holds: else the first reads are of 32 bytes each.
        let mut bytes = Vec::with_capacity(PIPE);
        io::stdin().lock().read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn stdin_is_terminal(&self) -> bool {
        io::stdin().is_terminal()
    }

    fn stderr_is_terminal(&self) -> bool {
        io::stderr().is_terminal()
    }

    fn refuses_color(&self) -> bool {
        std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
    }

    fn write(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        std::fs::write(path, bytes)
    }

    /// Rust opens `/dev/null` in place of a closed stdout, for reading and writing; a shell that
    /// throws output away opens it for writing alone.
    fn stdout_is_closed(&self) -> bool {
        const ACCESS: u32 = 0o3;
        const READ_AND_WRITE: u32 = 0o2;
        let target = std::fs::read_link("/proc/self/fd/1");
        if !target.is_ok_and(|target| target == Path::new("/dev/null")) {
            return false;
        }
        let about = std::fs::read_to_string("/proc/self/fdinfo/1").unwrap_or_default();
        let flags = about.lines().find_map(|line| line.strip_prefix("flags:"));
        let flags = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok());
        flags.is_some_and(|flags| flags & ACCESS == READ_AND_WRITE)
    }

    fn file(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn manifests(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in folder.read_dir()? {
                let entry = entry?;
                // A link may lead back up; only what lies here is read.
                let kind = entry.file_type()?;
                let path = entry.path();
                let is_manifest = path
                    .extension()
                    .is_some_and(|end| end == "yaml" || end == "yml" || end == "json");
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_file() && is_manifest {
                    found.push(path);
                }
            }
        }
        found.sort();
        Ok(found)
    }
}
