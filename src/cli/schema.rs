//! `kserve-aws schema KIND`.

use std::process::ExitCode;

use super::Answer;
use crate::functions;

pub(super) fn run(kind: &str, write: impl FnOnce(&Answer<'_>) -> ExitCode) -> ExitCode {
    match functions::ALL.of_kind(kind) {
        Ok(function) => write(&Answer::text(&function.schema())),
        Err(hint) => write(&Answer::failure(&format!("there is no kind {kind:?}; {hint}"))),
    }
}
