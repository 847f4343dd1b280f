//! The programs that `make mesh` builds: Istio's generator, `istioctl`, and Envoy.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// Says something past the test runner, which hides what a test that passes prints.
pub(crate) fn said(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Where the programs are.
pub(crate) struct Parts {
    folder: PathBuf,
}

/// A mesh and requests, as `oracles/mesh` reads them.
pub(crate) struct Question {
    pub(crate) istio: Vec<Value>,
    pub(crate) proxies: Vec<Value>,
    pub(crate) services: Vec<Value>,
    pub(crate) requests: Vec<Value>,
}

impl Question {
    fn line(&self) -> String {
        let documents: Vec<String> = self.istio.iter().map(Value::to_string).collect();
        let question = json!({
            "istio": documents.join("\n---\n"), "proxies": self.proxies, "services": self.services,
            "requests": self.requests,
        });
        format!("{question}\n")
    }
}

impl Parts {
    /// The programs; `None` where they have not been built and the tests may do without.
    pub(crate) fn found() -> Option<Self> {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let parts = Self { folder: target.join("oracles") };
        let programs = [parts.generator(), parts.istioctl(), parts.envoy()];
        let Some(missing) = programs.iter().find(|program| !program.is_file()) else {
            return Some(parts);
        };
        assert!(
            std::env::var_os("KSERVE_AWS_REQUIRE_HOSTS").is_none(),
            "{} is missing; make mesh builds it",
            missing.display()
        );
        said(
            "skipped: Istio and Envoy are not here; make mesh builds them with Go and Python's pip",
        );
        None
    }

    fn generator(&self) -> PathBuf {
        self.folder.join("mesh")
    }

    pub(crate) fn istioctl(&self) -> PathBuf {
        self.folder.join("istioctl")
    }

    fn envoy(&self) -> PathBuf {
        self.folder.join("envoy-1.40.0/envoy/_bin/envoy")
    }

    /// The answer to each question.
    pub(crate) fn ask(&self, questions: &[Question]) -> Vec<Value> {
        let mut command = Command::new(self.generator());
        command.arg("-envoy").arg(self.envoy()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let lines: String = questions.iter().map(Question::line).collect();
        let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        let answers: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(answers.len(), questions.len());
        for answer in &answers {
            assert_eq!(answer["error"], "");
        }
        answers
    }
}
