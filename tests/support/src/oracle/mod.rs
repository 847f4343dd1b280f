//! What we say of a controller, held against what the controller says.

mod counts;
mod program;
mod recorded;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use counts::Counts;
pub use program::Program;
pub use recorded::{Recorded, cases, record, truth};

/// Who answers questions: our model, the controller that it is a model of, or what is written of it.
pub trait Oracle {
    type Question;
    type Answer;

    /// An answer to each question, in their order.
    fn ask(&self, questions: &[Self::Question]) -> Vec<Self::Answer>;
}

/// One answer, where both sides can be brought into the same words. Others have a type of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    Is(Value),
    /// No answer, and why. Two refusals agree whatever their words.
    Refused(String),
    /// The one who is asked does not model this, and names it.
    LeftOut(String),
}

/// What came of one question, or of one part of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Judgement {
    Same,
    BothRefuse,
    /// By its reason, which the counts show.
    LeftOut(String),
    Different(String),
}

impl Said {
    /// Holds our answer against the reference's.
    pub fn against(&self, theirs: &Self) -> Judgement {
        match (self, theirs) {
            (Self::Is(ours), Self::Is(theirs)) if ours == theirs => Judgement::Same,
            (Self::Refused(_) | Self::LeftOut(_), Self::Refused(_)) => Judgement::BothRefuse,
            (Self::LeftOut(reason), Self::Is(_)) => Judgement::LeftOut(reason.clone()),
            _ => Judgement::Different(format!("we say   {self:?}\n  they say {theirs:?}")),
        }
    }
}

/// Asks both, and judges each pair of answers.
pub fn hold<Q, Ours, Theirs>(
    subject: &str,
    questions: &[Q],
    ours: &impl Oracle<Question = Q, Answer = Ours>,
    reference: &impl Oracle<Question = Q, Answer = Theirs>,
    show: impl Fn(&Q) -> String,
    judge: impl Fn(&Q, &Ours, &Theirs) -> Vec<Judgement>,
) -> Counts {
    let (mine, theirs) = (ours.ask(questions), reference.ask(questions));
    assert_eq!(mine.len(), questions.len(), "{subject}: our answers");
    assert_eq!(theirs.len(), questions.len(), "{subject}: the reference's answers");
    let mut counts = Counts::new(subject);
    for ((question, ours), theirs) in questions.iter().zip(&mine).zip(&theirs) {
        for judgement in judge(question, ours, theirs) {
            counts.add(judgement, || show(question));
        }
    }
    counts
}

/// The same where both give the same kind of answers, one for each part of a question.
pub fn hold_alike<Q>(
    subject: &str,
    questions: &[Q],
    ours: &impl Oracle<Question = Q, Answer = Vec<Said>>,
    reference: &impl Oracle<Question = Q, Answer = Vec<Said>>,
    show: impl Fn(&Q) -> String,
) -> Counts {
    hold(subject, questions, ours, reference, show, |_, ours, theirs| {
        if ours.len() != theirs.len() {
            let lengths = format!("{} answers of ours, {} of theirs", ours.len(), theirs.len());
            return vec![Judgement::Different(lengths)];
        }
        let parts = ours.iter().zip(theirs).enumerate();
        parts
            .map(|(part, (ours, theirs))| match ours.against(theirs) {
                Judgement::Different(words) => {
                    Judgement::Different(format!("part {part}: {words}"))
                }
                same => same,
            })
            .collect()
    })
}

/// Reasons, each with how often it was given.
pub(crate) type Reasons = BTreeMap<String, usize>;
