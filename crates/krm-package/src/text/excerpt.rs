//! The beginning of a text, for a message.

use std::fmt::{self, Write};

/// The longest beginning that a message shows; a certificate ARN has about 85 characters.
pub const SHOWN: usize = 96;

/// The beginning of a text without quotes, for a message that sets it in its own way.
#[must_use]
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A token with fewer characters guards nothing, and is in any sentence.
pub const SHORTEST_TOKEN: usize = 8;

/// A text as a message shows it: quoted, control characters escaped, cut where it is long, so
/// that no input can make a message long or move the terminal's cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    start: String,
    cut: bool,
}

impl Excerpt {
    /// The beginning of a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        match text.char_indices().nth(SHOWN) {
            Some((end, _)) => Self { start: text[..end].to_owned(), cut: true },
            None => Self { start: text.to_owned(), cut: false },
        }
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_char('"')?;
        for character in self.start.chars() {
            match character {
                '\'' => out.write_char('\'')?,
                other => write!(out, "{}", other.escape_debug())?,
            }
        }
        out.write_str(if self.cut { "…\"" } else { "\"" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shortened_has_no_quotes() {
        assert_eq!(shortened("a\"b"), "a\"b");
        let just = "é".repeat(SHOWN);
        assert_eq!(shortened(&just), just);
        assert_eq!(shortened(&format!("{just}é")), format!("{just}…"));
    }

    #[test]
    fn quotes_escapes_and_cuts() {
        for (text, shown) in [
            ("plain", "\"plain\""),
            ("it's", "\"it's\""),
            ("", "\"\""),
            ("a\"b\n\u{1b}[2J", "\"a\\\"b\\n\\u{1b}[2J\""),
        ] {
            assert_eq!(Excerpt::new(text).to_string(), shown);
        }
        let long = "é".repeat(10_000);
        assert_eq!(Excerpt::new(&long).to_string(), format!("\"{}…\"", "é".repeat(SHOWN)));
        let just = "x".repeat(SHOWN);
        assert_eq!(Excerpt::new(&just).to_string(), format!("\"{just}\""));
    }
}
