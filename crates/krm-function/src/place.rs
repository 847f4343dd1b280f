//! A place in the user's files.

use std::fmt;
use std::ops::Range;

use krm_package::Position;

/// A longer line is not shown.
pub(super) const LONGEST_LINE: usize = 400;
pub(super) const HIDDEN: &str = "…";
/// In place of a tab, which is as wide as the terminal likes.
const TAB: char = '→';

/// The place of a finding's field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as the user or the host names it.
    pub file: String,
    /// The object's place in the file, counted from 0, where the host says so.
    pub index: Option<u64>,
    /// Line and column in the file. A host passes no file, and so no line.
    pub position: Option<Position>,
    /// The line, where it can be shown.
    pub line: Option<SourceLine>,
    /// Whether the object was rendered of the file, so a change of the object is not one of the file.
    pub is_origin: bool,
}

impl Place {
    /// A file, of which no position is known.
    #[must_use]
    pub fn of_file(file: impl Into<String>) -> Self {
        Self { file: file.into(), index: None, position: None, line: None, is_origin: false }
    }

    /// The file without the `./` that a user may write in front: programs compare it with a path of a repository.
    #[must_use]
    pub fn from_here(&self) -> &str {
        match self.file.strip_prefix("./") {
            Some(rest) if !rest.is_empty() => rest.trim_start_matches('/'),
            _ => &self.file,
        }
    }

    pub(super) fn origin(file: &str, position: Option<Position>) -> Self {
        Self { position, is_origin: true, ..Self::of_file(file) }
    }
}

/// `ingress.yaml:3:5`
impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.file)?;
        match self.position {
            Some(Position { line, column }) => write!(out, ":{line}:{column}"),
            None => Ok(()),
        }
    }
}

/// A line of the user's text, secrets hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLine {
    /// Its text.
    pub text: String,
    /// The bytes of it that the finding is about.
    pub marked: Range<usize>,
}

impl SourceLine {
    /// The same with a sign for each character that a terminal does not show, or obeys.
    pub(super) fn visible(self) -> Self {
        if !self.text.chars().any(char::is_control) {
            return self;
        }
        let sign = |c: char| match c {
            '\t' => TAB,
            other if other.is_control() => char::REPLACEMENT_CHARACTER,
            other => other,
        };
        let signs = |text: &str| text.chars().map(sign).collect::<String>();
        let Self { text, marked: Range { start, end } } = self;
        let rest = &text[end..];
        let (before, marked) = (signs(&text[..start]), signs(&text[start..end]));
        let (start, end) = (before.len(), before.len() + marked.len());
        Self { text: before + &marked + &signs(rest), marked: start..end }
    }
}
