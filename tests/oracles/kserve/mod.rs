//! KServe's own code is the judge of the serving model: generated clusters, asked of the program in
//! `oracles/kserve`, which runs KServe's admission and whole reconcilers on a fake client.

mod compare;
mod config;
mod facts;
mod language_models;
mod llm;
mod model;
mod questions;
mod recorded;
mod runtimes;
mod served;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kserve_aws::values::release::Release;
use serde_json::Value;
use test_support::oracle::{Oracle, hold};
use test_support::skip;

use self::facts::Outcome;
use self::model::Modelled;

const NEWEST: &str = "0.20.0";
/// `KSERVE_QUESTIONS` asks fewer, or more, of each kind.
const QUESTIONS: u64 = 1000;

/// A release of KServe.
struct Controller {
    program: PathBuf,
}

impl Controller {
    fn program(release: &str) -> PathBuf {
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
        target.join("oracles").join(format!("kserve-{release}"))
    }

    /// That of a release, where its program has been built.
    fn built(release: &str) -> Option<Self> {
        Some(Self { program: Self::program(release) }).filter(|one| one.program.exists())
    }

    /// That of a release, or a skip.
    fn of(release: &str) -> Option<Self> {
        if let Some(built) = Self::built(release) {
            return Some(built);
        }
        let program = Self::program(release);
        assert!(
            std::env::var_os("KSERVE_AWS_REQUIRE_HOSTS").is_none(),
            "there is no {}",
            program.display()
        );
        skip(&format!("no {}, which make kserve builds where Go is installed", program.display()));
        None
    }

    /// The answers as the program writes them, in the order of the questions.
    fn answers(&self, questions: &[Value]) -> Vec<Value> {
        let mut child = Command::new(&self.program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let lines: String = questions.iter().map(|question| format!("{question}\n")).collect();
        let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        assert!(output.status.success(), "{} failed", self.program.display());
        let text = String::from_utf8(output.stdout).unwrap();
        let answers: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(answers.len(), questions.len(), "an answer for each question");
        answers
    }
}

impl Oracle for Controller {
    type Question = Value;
    type Answer = Outcome;

    fn ask(&self, questions: &[Value]) -> Vec<Outcome> {
        self.answers(questions).iter().map(facts::of_answer).collect()
    }
}

/// The model of a release.
struct Model {
    kserve: Release,
}

impl Oracle for Model {
    type Question = Value;
    type Answer = Modelled;

    fn ask(&self, questions: &[Value]) -> Vec<Modelled> {
        // That of the module: `oracles/kserve/{go,v0.19,v0.15}.mod`.
        let minor = if self.kserve < Release::new(0, 16, 0) { 17 } else { 21 };
        let knative = Release::new(1, minor, 0);
        questions.iter().map(|one| model::modelled(one, self.kserve, knative)).collect()
    }
}

/// Asks KServe's code the questions of a kind, and holds the model against its answers.
fn ask(named: &str, count: u64, question: impl Fn(u64) -> Value) {
    let Some(controller) = Controller::of(NEWEST) else { return };
    let count = std::env::var("KSERVE_QUESTIONS").map_or(count, |text| text.parse().unwrap());
    let first = std::env::var("KSERVE_FIRST").map_or(0, |text| text.parse().unwrap());
    let questions: Vec<_> = (first..first + count).map(question).collect();
    let model = Model { kserve: NEWEST.parse().unwrap() };
    let show = |question: &Value| question["number"].to_string();
    let judge = |_: &Value, ours: &Modelled, theirs: &Outcome| compare::judgements(theirs, ours);
    hold(named, &questions, &model, &controller, show, judge).assert();
}

#[test]
#[ignore = "asks KServe's own code: make oracle"]
fn the_model_says_what_kserve_does() {
    ask("KServe 0.20.0", QUESTIONS, questions::question);
}

#[test]
#[ignore = "asks KServe's own code: make oracle"]
fn the_model_says_what_comes_to_be() {
    ask("KServe 0.20.0, served", QUESTIONS, served::question);
}

#[test]
#[ignore = "asks KServe's own code: make oracle"]
fn the_model_says_what_configurations_of_language_models_set() {
    ask(
        "KServe 0.20.0, configurations of language models",
        QUESTIONS / 5,
        language_models::question,
    );
}
