//! The program of `oracles/yaml`.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::Deserialize;
use serde_json::Value;

/// What each reader makes of a text; `None` where it takes none.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Answer {
    pub(crate) kubectl: Option<Vec<Value>>,
    pub(crate) yaml: Option<Vec<Value>>,
    pub(crate) kyaml: Option<Vec<Value>>,
}

pub(crate) struct Go {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Go {
    /// Builds and starts the program; says why not, where there is no Go.
    pub(crate) fn start() -> Option<Self> {
        let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../oracles/yaml"));
        let program = folder.join("../../target/oracles/yaml");
        let built = Command::new("go")
            .args(["build", "-o"])
            .arg(&program)
            .arg(".")
            .current_dir(&folder)
            .status();
        match built {
            Ok(status) => assert!(status.success(), "oracles/yaml does not build"),
            Err(error) => {
                test_support::skip(&format!("go: {error}"));
                return None;
            }
        }
        let mut child =
            Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let questions = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Some(Self { child, questions, answers })
    }

    pub(crate) fn ask(&mut self, texts: &[String]) -> Vec<Answer> {
        let lines: Vec<String> =
            texts.iter().map(|text| serde_json::to_string(text).unwrap() + "\n").collect();
        let mut questions = self.questions.take().unwrap();
        let answers = std::thread::scope(|scope| {
            let asking = scope.spawn(move || {
                questions.write_all(lines.concat().as_bytes()).unwrap();
                questions.flush().unwrap();
                questions
            });
            let answers = texts.iter().map(|text| {
                let mut line = String::new();
                self.answers.read_line(&mut line).unwrap();
                serde_json::from_str(&line)
                    .unwrap_or_else(|error| panic!("{text:?}: {error}: {line}"))
            });
            let answers = answers.collect();
            self.questions = Some(asking.join().unwrap());
            answers
        });
        answers
    }
}

impl Drop for Go {
    fn drop(&mut self) {
        self.questions = None;
        let _ = self.child.wait();
    }
}
