//! How far the fast reader is, and what is open there.

use std::ops::Range;

use super::clean::Clean;
use crate::syntax::build::{Builder, Mark};
use crate::syntax::tree::Properties;

/// What the parser must read.
pub(super) enum GaveUp {
    Document,
    Whole,
}

/// An open block collection; the first level is the document.
#[derive(Clone, Copy)]
pub(super) struct Level {
    /// The column of its keys or dashes, from 1; 0 for the document. What is below is indented
    /// by at least as many blanks.
    pub(super) indent: u32,
    pub(super) is_sequence: bool,
}

/// What follows a line that was read.
pub(super) enum Line {
    Next(usize),
    /// The document ends here: at a `---` line or at the end of the text.
    End(usize),
}

pub(super) struct Skim<'s> {
    pub(super) source: &'s str,
    pub(super) bytes: &'s [u8],
    pub(super) builder: Builder<'s>,
    pub(super) clean: Clean,
    pub(super) levels: Vec<Level>,
    /// Right after the `:` or the `-` (or the `---`) whose node is on a line below, or missing.
    pub(super) missing: Option<usize>,
    /// The anchor and the tag of the next node.
    pub(super) waiting: Option<Waiting<'s>>,
    /// The last node is a plain scalar that may continue on the next line.
    pub(super) plain_is_open: bool,
    pub(super) entry: Option<Entry>,
    /// The indentation of the entry's dash, from 1; 0 for no entry.
    pub(super) entry_indent: u32,
    pub(super) budget: usize,
    pub(super) pieces: Vec<Range<usize>>,
    /// An object was read right behind another one.
    pub(super) is_json_stream: bool,
}

/// An entry of the document's outermost sequence.
pub(super) struct Entry {
    /// The start of its first line.
    pub(super) start: usize,
    /// Before the entry, in the sequence.
    pub(super) mark: Mark,
    /// How many levels are open there.
    pub(super) levels: usize,
}

/// The anchor and the tag of a node that comes after them.
pub(super) struct Waiting<'s> {
    pub(super) properties: Properties,
    pub(super) anchor: Option<&'s str>,
}
