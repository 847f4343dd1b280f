//! What releases of KServe answered, kept under `tests/data/kserve`, so that a clone holds the model against
//! them without KServe.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use test_support::oracle::{Oracle, hold};
use test_support::project;

use super::facts::{NOT_MODELLED, Outcome, REFUSED};
use super::model::Modelled;
use super::{Controller, Model, compare, questions};

const RELEASES: [&str; 3] = ["0.15.0", "0.19.0", "0.20.0"];
const QUESTIONS: u64 = 300;

/// An answer, in a line of its own.
#[derive(Serialize, Deserialize)]
struct Line {
    number: u64,
    /// Of the question, which is generated: a kept answer is one to this question.
    digest: String,
    outcome: Outcome,
}

struct Recorded {
    release: &'static str,
}

impl Recorded {
    fn path(&self) -> PathBuf {
        project(&format!("tests/data/kserve/{}.jsonl", self.release))
    }

    /// The kinds of facts that were compared when the answers were recorded.
    fn kinds(&self) -> BTreeSet<String> {
        let text = fs::read_to_string(self.path()).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<Line>(line).unwrap());
        let facts = lines.flat_map(|line| line.outcome.into_values());
        facts.flat_map(|facts| facts.into_keys()).collect()
    }

    /// Asks KServe's code anew.
    fn write(&self, controller: &Controller, questions: &[Value]) {
        let mut text = String::new();
        for (question, mut outcome) in questions.iter().zip(controller.ask(questions)) {
            for facts in outcome.values_mut() {
                facts.retain(|kind, _| {
                    kind == "error"
                        || kind == "random"
                        || !NOT_MODELLED.iter().any(|(not, _)| not == kind)
                });
            }
            let number = question["number"].as_u64().unwrap();
            let line = Line { number, digest: digest(question), outcome };
            text.push_str(&serde_json::to_string(&line).unwrap());
            text.push('\n');
        }
        fs::write(self.path(), text).unwrap();
    }
}

fn digest(question: &Value) -> String {
    Sha256::digest(question.to_string()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

impl Oracle for Recorded {
    type Question = Value;
    type Answer = Outcome;

    fn ask(&self, questions: &[Value]) -> Vec<Outcome> {
        let text = fs::read_to_string(self.path()).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<Line>(line).unwrap());
        let answers = questions.iter().zip(lines).map(|(question, line)| {
            assert_eq!(
                (question["number"].as_u64(), digest(question)),
                (Some(line.number), line.digest),
                "another question than the recorded one: UPDATE_EXPECTED=1 after \
                 make kserve KSERVE='0.20.0 0.19.0 0.15.0' records anew"
            );
            line.outcome
        });
        answers.collect()
    }
}

#[test]
fn the_model_says_what_releases_of_kserve_answered() {
    let questions: Vec<_> = (0..QUESTIONS).map(questions::question).collect();
    for release in RELEASES {
        let recorded = Recorded { release };
        if std::env::var_os("UPDATE_EXPECTED").is_some()
            && let Some(controller) = Controller::built(release)
        {
            recorded.write(&controller, &questions);
        }
        let model = Model { kserve: release.parse().unwrap() };
        let show = |question: &Value| question["number"].to_string();
        let recorded_kinds = recorded.kinds();
        let judge = |_: &Value, ours: &Modelled, theirs: &Outcome| {
            let mut ours = ours.clone();
            for facts in ours.outcome.values_mut() {
                facts.retain(|kind, _| kind == REFUSED || recorded_kinds.contains(kind));
            }
            compare::judgements(theirs, &ours)
        };
        hold(&format!("KServe {release}, recorded"), &questions, &model, &recorded, show, judge)
            .assert();
    }
}
