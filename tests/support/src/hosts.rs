//! The real programs that read what the functions write, where they are installed.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use crate::skip;

/// Whether a program is on the path; without it a test is skipped, but fails where
/// `KSERVE_AWS_REQUIRE_HOSTS` is set.
pub fn is_installed(program: &str) -> bool {
    let found = which(program).is_some();
    if !found {
        missing(&format!("there is no {program} on the path"));
    }
    found
}

/// Where a program is installed.
pub fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found = std::env::split_paths(&path).map(|folder| folder.join(program));
    found.find(|path| path.is_file())
}

/// A test goes on without a host, in sight; where `KSERVE_AWS_REQUIRE_HOSTS` is set, it fails.
#[track_caller]
pub fn missing(reason: &str) {
    assert!(
        std::env::var_os("KSERVE_AWS_REQUIRE_HOSTS").is_none(),
        "KSERVE_AWS_REQUIRE_HOSTS is set: {reason}"
    );
    skip(reason);
}

/// Runs a program to its end with this standard input.
pub fn run(program: &str, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || {
        // A program that refuses its input does not read it to the end.
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// The folder that cargo builds in.
pub fn target() -> PathBuf {
    // target/debug/deps/suite-0123456789abcdef
    std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned()
}

/// An empty folder for a test, gone when this is dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = target().join("tmp").join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    /// Writes a file and gives its path.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
