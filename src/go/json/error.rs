//! Why Go refuses a text, in its words.

use std::fmt;

/// Why Go refuses a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GoJsonError {
    /// The text is not JSON. Holds Go's words, which quote at most one character of the text.
    Syntax(String),
    /// A value has another type than the field it is meant for.
    Type {
        /// What was found: `string`, `array`, `number 443.0`.
        value: String,
        /// The Go type it was meant for: `[]string`.
        target: String,
        /// The Go struct and the path of the field in it, where there is one.
        field: Option<(String, String)>,
    },
}

impl fmt::Display for GoJsonError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(words) => out.write_str(words),
            Self::Type { value, target, field: Some((name, path)) } => write!(
                out,
                "json: cannot unmarshal {value} into Go struct field {name}.{path} of type {target}"
            ),
            Self::Type { value, target, field: None } => {
                write!(out, "json: cannot unmarshal {value} into Go value of type {target}")
            }
        }
    }
}

impl std::error::Error for GoJsonError {}
