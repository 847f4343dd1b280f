//! KServe's own code is the judge of the serving model: generated clusters, asked of the program in
//! `oracles/kserve`, which runs KServe's admission and whole reconcilers on a fake client.

mod compare;
mod config;
mod facts;
mod llm;
mod model;
mod questions;
mod runtimes;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kserve_aws::values::release::Release;
use serde_json::Value;
use test_support::skip;

use self::compare::Tally;

const NEWEST: &str = "0.20.0";
/// As many as a change waits for; `KSERVE_QUESTIONS=1000` asks more.
const QUESTIONS: u64 = 200;

/// The program of a release, where it has been built.
fn program(release: &str) -> Option<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    let program = target.join("oracles").join(format!("kserve-{release}"));
    if program.exists() {
        return Some(program);
    }
    assert!(
        std::env::var_os("KSERVE_AWS_REQUIRE_HOSTS").is_none(),
        "there is no {}",
        program.display()
    );
    skip(&format!("no {}, which make kserve builds where Go is installed", program.display()));
    None
}

/// The answers, in the order of the questions.
fn answers(program: &Path, questions: &[Value]) -> Vec<Value> {
    let mut child =
        Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines: String = questions.iter().map(|question| format!("{question}\n")).collect();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{} failed", program.display());
    let text = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), questions.len(), "an answer for each question");
    answers
}

#[test]
#[ignore = "asks KServe's own code: make oracle"]
fn the_model_says_what_kserve_does() {
    let Some(program) = program(NEWEST) else { return };
    let count = std::env::var("KSERVE_QUESTIONS").map_or(QUESTIONS, |text| text.parse().unwrap());
    let questions: Vec<_> = (0..count).map(questions::question).collect();
    let answers = answers(&program, &questions);
    let mut tally = Tally::of(NEWEST);
    for (number, (question, answer)) in questions.iter().zip(&answers).enumerate() {
        let ours = model::modelled(question, Release::new(0, 20, 0), Release::new(1, 21, 0));
        tally.judge(number, question, &facts::of_answer(answer), &ours);
    }
    println!("{tally}");
    tally.assert_explained();
}
