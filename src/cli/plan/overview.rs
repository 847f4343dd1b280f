//! What a plan shows.

use crate::controllers::kserve::Endpoint;
use crate::functions::Planned;
use crate::path::doors::{Door, Verdict};

/// What is shown.
pub(super) struct Overview<'w> {
    pub(super) endpoints: &'w [Endpoint],
    pub(super) planned: Planned,
    pub(super) doors: Vec<Door>,
}

/// A verdict as a word, and what there is to it.
pub(super) fn verdict(door: &Door) -> (&'static str, String) {
    match &door.verdict {
        Verdict::Guarded { by, .. } => ("guarded", format!("by {by}")),
        Verdict::Open { why, .. } => ("open", why.clone()),
        Verdict::NotJudged { missing } => ("not judged", format!("requires {missing}")),
        Verdict::Noted { why } => ("noted", why.clone()),
        Verdict::Unseen { objects } => ("noted", format!("{objects} are not in the input")),
    }
}
