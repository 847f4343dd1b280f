//! Why a source cannot be read or an edit cannot be applied, with the place.

use std::fmt;

/// A place in a source, counted from 1, as editors do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Position {
    /// The position of a byte offset in a source.
    #[must_use]
    pub fn of(source: &str, offset: usize) -> Self {
        let mut offset = offset.min(source.len());
        while !source.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &source[..offset];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: before[line_start..].chars().filter(|c| *c != '\u{feff}').count() + 1,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}, column {}", self.line, self.column)
    }
}

/// Text that cannot be read, or cannot be edited without a guess.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{position}: {message}")]
pub struct SourceError {
    /// Where.
    pub position: Position,
    /// What was found, and what to write instead. Quotes nothing of the source but keys, anchors
    /// and indicators.
    pub message: String,
}

impl SourceError {
    pub(crate) fn at(source: &str, offset: usize, message: impl Into<String>) -> Self {
        Self { position: Position::of(source, offset), message: message.into() }
    }
}
