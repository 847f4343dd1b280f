//! Answers that a controller gave, kept with their questions: `tests/data/<controller>/<name>.jsonl`,
//! and `../shared/truth`.

use std::fs;
use std::io::Read;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Oracle, Said};
use crate::fixtures::project;

#[derive(Debug, Clone, Deserialize)]
struct Line {
    question: Value,
    answer: Vec<Said>,
}

/// A controller as it answered once.
#[derive(Debug)]
pub struct Recorded<Q>(Vec<Line>, PhantomData<Q>);

impl<Q: Serialize + DeserializeOwned> Recorded<Q> {
    /// The questions and answers of a file in `tests/data`.
    pub fn read(file: &str) -> Self {
        Self(lines(&fs::read_to_string(project("tests/data").join(file)).unwrap()), PhantomData)
    }

    pub fn questions(&self) -> Vec<Q> {
        self.0.iter().map(|line| serde_json::from_value(line.question.clone()).unwrap()).collect()
    }
}

impl<Q: Serialize + DeserializeOwned> Oracle for Recorded<Q> {
    type Question = Q;
    type Answer = Vec<Said>;

    fn ask(&self, questions: &[Q]) -> Vec<Vec<Said>> {
        let answer = |question: &Q| {
            let question = serde_json::to_value(question).unwrap();
            let line = self.0.iter().find(|line| line.question == question);
            line.unwrap_or_else(|| panic!("{question} was never asked")).answer.clone()
        };
        questions.iter().map(answer).collect()
    }
}

/// With `UPDATE_EXPECTED=1`, writes what a controller answers into `tests/data`, one question a line.
pub fn record<Q: Serialize>(
    file: &str,
    questions: &[Q],
    reference: &impl Oracle<Question = Q, Answer = Vec<Said>>,
) {
    if std::env::var_os("UPDATE_EXPECTED").is_none() {
        return;
    }
    let answers = reference.ask(questions);
    let lines: String = questions
        .iter()
        .zip(answers)
        .map(|(question, answer)| {
            format!("{}\n", json!({ "question": question, "answer": answer }))
        })
        .collect();
    let path = project("tests/data").join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, lines).unwrap();
}

/// One value a line.
fn lines<T: DeserializeOwned>(text: &str) -> Vec<T> {
    let lines = text.lines().filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

/// The cases in a file of `tests/data`.
pub fn cases<T: DeserializeOwned>(file: &str) -> Vec<T> {
    lines(&fs::read_to_string(project("tests/data").join(file)).unwrap())
}

/// The cases in a file of `../shared/truth`; none where it is missing.
pub fn truth<T: DeserializeOwned>(file: &str) -> Vec<T> {
    let Some(path) = crate::shared(&format!("truth/{file}")) else { return Vec::new() };
    let mut text = String::new();
    let packed = fs::File::open(path).unwrap();
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    lines(&text)
}
