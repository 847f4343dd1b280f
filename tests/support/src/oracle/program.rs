//! A controller's own code, as a program that reads questions and writes answers, one JSON line each.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::fixtures::project;
use crate::hosts::{missing, target};

/// The program, and what it is called with.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    arguments: Vec<String>,
}

impl Program {
    /// Builds `oracles/<folder>`, of the modules in a file beside `go.mod` or in that; `None` where Go or
    /// its modules are missing.
    pub fn of_go(folder: &str, modules: &str) -> Option<Self> {
        let release = modules.trim_end_matches(".mod");
        let path = target().join("tmp").join(format!("oracle-{folder}-{release}"));
        let mut build = Command::new("go");
        build.args(["build", "-modfile", modules, "-o"]).arg(&path).arg(".");
        let reason = match build.current_dir(project("oracles").join(folder)).output() {
            Ok(built) if built.status.success() => return Some(Self::at(path, &[])),
            Ok(built) => String::from_utf8_lossy(&built.stderr).into_owned(),
            Err(error) => error.to_string(),
        };
        let reason = reason.lines().next().unwrap_or_default();
        missing(&format!("oracles/{folder} is not built: {reason}"));
        None
    }

    pub fn at(path: PathBuf, arguments: &[&str]) -> Self {
        Self { path, arguments: arguments.iter().map(ToString::to_string).collect() }
    }

    /// Asks all at once.
    pub fn ask(&self, questions: &[Value]) -> Vec<Value> {
        let mut command = Command::new(&self.path);
        command.args(&self.arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let lines: String = questions.iter().map(|question| format!("{question}\n")).collect();
        let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        assert!(output.status.success(), "{}: {:?}", self.path.display(), output.status);
        let text = String::from_utf8(output.stdout).unwrap();
        let answers: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(answers.len(), questions.len(), "{}", self.path.display());
        answers
    }
}
