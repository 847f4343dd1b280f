//! Where an object of a stream is from, whose text there is not that of a file: what was rendered.

use std::collections::HashSet;
use std::fmt;

use krm_package::{FieldPath, Position};

/// The file that an object was read from, or the files that it was created of.
///
/// Its text is the user's, and so is never printed as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file, as the user names it.
    pub file: String,
    /// Where the object starts in the file, or what creates it.
    pub position: Position,
    /// The object as it is in the file, from the line of `position` on; none of one that is created.
    pub text: Option<String>,
    /// The fields that other places give.
    pub entries: Vec<OriginEntry>,
}

/// A field of an object, and the place that gives its value.
#[derive(Clone, PartialEq, Eq)]
pub struct OriginEntry {
    /// The way to the field.
    pub path: FieldPath,
    /// Its value, by which a change is noticed.
    pub value: String,
    /// The file, as the user names it.
    pub file: String,
    /// Where the value starts; none where it is the whole file.
    pub position: Option<Position>,
    /// The line, and how many bytes of it are before the value.
    pub line: Option<(String, usize)>,
}

impl Origin {
    /// The object with the fields of another that is merged into it.
    #[must_use]
    pub fn merged(mut self, other: Self) -> Self {
        let paths: HashSet<String> =
            other.entries.iter().map(|entry| entry.path.to_string()).collect();
        self.entries.retain(|entry| !paths.contains(&entry.path.to_string()));
        self.entries.extend(other.entries);
        self
    }

    /// What gives a field.
    pub(super) fn entry(&self, path: &FieldPath) -> Option<&OriginEntry> {
        self.entries.iter().find(|entry| entry.path == *path)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, position, entries, .. } = self;
        write!(out, "Origin({file}, {position}, {} entries)", entries.len())
    }
}

impl fmt::Debug for OriginEntry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, file, position, .. } = self;
        write!(out, "OriginEntry({path}, {file}, {position:?})")
    }
}
