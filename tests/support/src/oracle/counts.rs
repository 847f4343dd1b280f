//! How many questions were asked, and what came of them.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Judgement, Reasons};
use crate::fixtures::project;

/// Differences that are shown in full, unless `ORACLE_SHOW` says how many.
const SHOWN: usize = 10;

/// What came of a subject's questions.
#[derive(Debug, Default)]
pub struct Counts {
    subject: String,
    asked: usize,
    same: usize,
    refused: usize,
    left_out: Reasons,
    differences: Vec<String>,
}

/// What `tests/oracles/counts.json` has of a subject: what there must be, and what may be left out.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Expected {
    asked: usize,
    same: usize,
    refused_by_both: usize,
    left_out: usize,
}

impl Counts {
    pub(crate) fn new(subject: &str) -> Self {
        Self { subject: subject.to_owned(), ..Self::default() }
    }

    pub(crate) fn add(&mut self, judgement: Judgement, question: impl FnOnce() -> String) {
        self.asked += 1;
        match judgement {
            Judgement::Same => self.same += 1,
            Judgement::BothRefuse => self.refused += 1,
            Judgement::LeftOut(reason) => *self.left_out.entry(reason).or_default() += 1,
            Judgement::Different(words) => {
                self.differences.push(format!("{}\n  {words}", question()));
            }
        }
    }

    /// The reasons for which something was left out.
    pub fn left_out(&self) -> impl Iterator<Item = &str> {
        self.left_out.keys().map(String::as_str)
    }

    /// Prints the counts, and fails on a difference, or where less was asked, or agreed, or more was
    /// left out than `tests/oracles/counts.json` says. `UPDATE_EXPECTED=1` writes that file anew.
    #[track_caller]
    pub fn assert(&self) {
        let left_out: usize = self.left_out.values().sum();
        let mut line = format!(
            "{}: {} asked, {} the same, {} refused by both, {left_out} left out, {} different\n",
            self.subject,
            self.asked,
            self.same,
            self.refused,
            self.differences.len()
        );
        for (reason, count) in &self.left_out {
            line.push_str(&format!("  left out {count}: {reason}\n"));
        }
        // Past the test runner, which keeps to itself what a passing test prints.
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        let shown = std::env::var("ORACLE_SHOW").ok().and_then(|text| text.parse().ok());
        let shown = &self.differences[..self.differences.len().min(shown.unwrap_or(SHOWN))];
        assert!(
            shown.is_empty(),
            "{}: {} different\n{}",
            self.subject,
            self.differences.len(),
            shown.join("\n")
        );
        let found = Expected {
            asked: self.asked,
            same: self.same,
            refused_by_both: self.refused,
            left_out,
        };
        let Some(expected) = expected(&self.subject, &found) else { return };
        assert!(
            found.asked >= expected.asked
                && found.same >= expected.same
                && found.refused_by_both >= expected.refused_by_both
                && found.left_out <= expected.left_out,
            "{}: {found:?}, but tests/oracles/counts.json has {expected:?}",
            self.subject
        );
    }
}

/// What the file has; nothing where it has just been written.
#[track_caller]
fn expected(subject: &str, found: &Expected) -> Option<Expected> {
    static FILE: Mutex<()> = Mutex::new(());
    let _alone = FILE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let path: PathBuf = project("tests/oracles/counts.json");
    let text = fs::read_to_string(&path).unwrap_or_else(|_| "{}".to_owned());
    let mut all: Map<String, Value> = serde_json::from_str(&text).unwrap();
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        all.insert(subject.to_owned(), serde_json::to_value(found).unwrap());
        all.sort_keys();
        fs::write(&path, format!("{:#}\n", Value::from(all))).unwrap();
        return None;
    }
    let known = all.remove(subject);
    let known = known.unwrap_or_else(|| panic!("{subject} is not in tests/oracles/counts.json"));
    Some(serde_json::from_value(known).unwrap())
}
