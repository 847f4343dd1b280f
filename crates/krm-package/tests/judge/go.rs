//! The program of `oracles/yaml`.

use std::io::{BufRead, BufReader, Error, Write};
use std::path::Path;
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
    /// Builds and starts the program.
    ///
    /// # Errors
    /// Why not, where there is no Go.
    pub(crate) fn start() -> std::io::Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.ancestors().find(|folder| folder.join("oracles/yaml").is_dir());
        let root = root.ok_or_else(|| Error::other("oracles/yaml was not found"))?;
        let folder = root.join("oracles/yaml");
        let program = root.join("target/oracles/yaml");
        let built = Command::new("go")
            .args(["build", "-o"])
            .arg(&program)
            .arg(".")
            .current_dir(&folder)
            .status()?;
        assert!(built.success(), "oracles/yaml does not build");
        let mut child =
            Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let questions = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Ok(Self { child, questions, answers })
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
