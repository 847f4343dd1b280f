//! What does not fit a type, with its path and place.

use std::fmt;

use crate::error::{Position, SourceError};
use crate::path::FieldPath;

/// A value that is not of the required type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError {
    /// The way to the value: `spec.rules[0].host`. Empty at the root.
    pub path: FieldPath,
    /// Where the value is.
    pub position: Position,
    /// What was found and what was expected.
    pub message: String,
    /// What would be right, where one change is.
    pub correction: Option<Correction>,
    /// Whether it is about the key that the path ends with, not about its value.
    pub is_about_key: bool,
    /// The keys that the type knows, where something else is in the place of its mapping, or of a list of such
    /// mappings.
    pub keys: &'static [&'static str],
}

/// One change that makes a value one of the required type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Correction {
    /// Quotes around a plain number or boolean.
    Quotes,
    /// The known key that is nearest to one that is not known.
    Key {
        /// The unknown key.
        found: String,
        /// The known one.
        meant: String,
    },
    /// The known word that is nearest to one that is not known.
    Value(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_root() {
            write!(out, "{}: ", self.path)?;
        }
        write!(out, "{} ({})", self.message, self.position)
    }
}

impl std::error::Error for ReadError {}

/// The same as an error of the text: the field is part of the message.
impl From<ReadError> for SourceError {
    fn from(error: ReadError) -> Self {
        let ReadError { path, position, message, .. } = error;
        let message = if path.is_root() { message } else { format!("{path}: {message}") };
        Self { position, message }
    }
}
