//! What the runtime itself has to say.

use super::code::{Code, RuntimeCode};
use super::files::Files;
use super::finding::Finding;
use super::place::Place;
use krm_package::{Position, SourceError};

/// The finding on a text that can't be parsed. It names the file, line and column, and does not show the line:
/// which of it is secret is only known of a text that can be read.
#[must_use]
pub fn unreadable<C: Code>(error: &SourceError, files: &Files) -> Finding<C> {
    let place = files.at(error.position.line).map(|(first, file)| Place {
        file: file.to_owned(),
        index: None,
        position: Some(Position { line: error.position.line - first + 1, ..error.position }),
        line: None,
    });
    Finding { place, ..Finding::error(RuntimeCode::BadInput.into(), placed(error, files)) }
}

/// An error after its file, line and column.
pub(super) fn placed(error: &SourceError, files: &Files) -> String {
    format!("{}: {}", files.place(error.position), error.message)
}
