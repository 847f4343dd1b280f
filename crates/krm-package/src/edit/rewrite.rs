//! The changes of a text on their way to the new one.

use std::ops::Range;
use std::sync::Arc;

use super::ranges::{Ranges, free_lines};
use super::splice::Splice;
use crate::syntax::lines;

/// A text in pieces: unchanged ranges of the source, and what is new between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spliced<'s> {
    source: &'s str,
    splices: Vec<Splice>,
    documents: Documents,
}

/// New documents behind all others. Thousands are larger than the text that they are put behind, and are shared
/// with the edits that bring them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Documents {
    /// Each with its line break.
    pub(crate) texts: Vec<Arc<str>>,
    /// Whether a marker is in front of the first one, too.
    pub(crate) are_marked: bool,
}

impl Documents {
    fn pieces(&self) -> impl Iterator<Item = &str> {
        let marker = |place: usize| if place > 0 || self.are_marked { "---\n" } else { "" };
        let texts = self.texts.iter().enumerate();
        texts.flat_map(move |(place, text)| [marker(place), text])
    }
}

impl Spliced<'_> {
    /// The pieces in order; written one after the other they are the text.
    pub fn pieces(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.splices.iter().map(|splice| splice.range.end));
        let ends = self.splices.iter().map(|splice| splice.range.start).chain([self.source.len()]);
        let texts = self.splices.iter().map(|splice| splice.text.as_str()).chain([""]);
        starts
            .zip(ends)
            .zip(texts)
            .flat_map(|((start, end), text)| [&self.source[start..end], text])
            .chain(self.documents.pieces())
    }

    /// The changes in order but for new documents: each range of the source with the text that is there instead.
    pub fn changes(&self) -> impl Iterator<Item = (Range<usize>, &str)> {
        self.splices.iter().map(|splice| (splice.range.clone(), splice.text.as_str()))
    }

    pub(crate) fn is_unchanged(&self) -> bool {
        self.splices.is_empty() && self.documents.texts.is_empty()
    }

    /// Whether two changes have no object between them that stays as it is.
    pub(crate) fn changes_meet(&self, ranges: &[Ranges]) -> bool {
        let is_patch = |splice: &Splice| {
            ranges
                .binary_search_by_key(&splice.range.start, |ranges| ranges.text)
                .is_ok_and(|_| !splice.text.is_empty())
        };
        let meets_documents = |splice: &Splice| {
            let next = ranges.partition_point(|ranges| ranges.text < splice.range.end);
            ranges.get(next).is_none()
        };
        if !self.documents.texts.is_empty() && self.splices.last().is_some_and(meets_documents) {
            return true;
        }
        self.splices.windows(2).any(|pair| {
            // What leads to the second of two patched objects ends the first, as it did before.
            if pair.iter().all(is_patch) {
                return false;
            }
            let (end, start) = (pair[0].range.end, pair[1].range.start);
            let next = ranges.partition_point(|ranges| ranges.text < end);
            ranges.get(next).is_none_or(|next| next.line_break > start)
        })
    }

    /// Whether an empty line or a comment below a change is indented by a tab: readers take it where
    /// a plain scalar is above it, and nowhere else.
    pub(crate) fn is_above_tabs(&self) -> bool {
        // The lines before this are seen.
        let mut seen = 0;
        self.splices.iter().map(|splice| splice.range.end).filter(|end| *end > 0).any(|end| {
            if end < seen {
                return false;
            }
            let line_end = || lines::line_end(self.source, end);
            seen = match self.source[..end].ends_with('\n') {
                true => end,
                false => {
                    lines::after_line_break(self.source, line_end()).unwrap_or(self.source.len())
                }
            };
            free_lines(self.source, seen).any(|(line, next)| {
                seen = next;
                line.trim_start_matches(' ').starts_with('\t')
            })
        })
    }
}

impl std::fmt::Display for Spliced<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.pieces().try_for_each(|piece| out.write_str(piece))
    }
}

/// What was rewritten so far.
pub(crate) struct Rewrite<'s> {
    source: &'s str,
    splices: Vec<Splice>,
    /// What is put behind all.
    documents: Documents,
    /// For each object the place after which something new can be below it.
    behind: Vec<usize>,
    /// The last lines go, and no line break ends them.
    end_is_gone: bool,
    /// A block scalar ends with the line break above them.
    scalar_is_above: bool,
}

impl<'s> Rewrite<'s> {
    pub(crate) fn new(source: &'s str, ranges: &[Ranges]) -> Self {
        // Below a last line without a line break nothing is.
        let is_open = |end| end == source.len() && !source.ends_with('\n');
        let behind = |ranges: &Ranges| if is_open(ranges.own) { ranges.below } else { ranges.own };
        let behind = ranges.iter().map(behind).collect();
        Self {
            source,
            splices: Vec::new(),
            documents: Documents::default(),
            behind,
            end_is_gone: false,
            scalar_is_above: false,
        }
    }

    /// A change of what is around the objects.
    pub(crate) fn push(&mut self, splice: Splice) {
        self.splices.push(splice);
    }

    /// New documents, behind all others.
    pub(crate) fn add_documents(&mut self, documents: Documents) {
        self.documents = documents;
    }

    /// New text of an object.
    pub(crate) fn replace(&mut self, item: usize, splice: Splice) {
        self.behind[item] = self.behind[item].max(splice.range.end);
        self.splices.push(splice);
    }

    /// Ranges of an object go.
    pub(crate) fn remove(&mut self, item: usize, range: Range<usize>) {
        self.behind[item] = range.end;
        if !range.is_empty() {
            self.splices.push(Splice::delete(range));
        }
    }

    /// The last lines go, and no line break ends them.
    pub(crate) fn end_is_gone(&mut self, scalar_is_above: bool) {
        self.end_is_gone = true;
        self.scalar_is_above = scalar_is_above;
    }

    /// Puts new lines below what an object has of its own, if they come right after its last line.
    pub(crate) fn put_after(&mut self, mut splice: Splice, ranges: &[Ranges]) {
        let place = ranges.partition_point(|ranges| ranges.below < splice.range.start);
        let is_behind = |ranges: &&Ranges| ranges.below == splice.range.start;
        if splice.range.is_empty() && ranges.get(place).filter(is_behind).is_some() {
            splice.range = self.behind[place]..self.behind[place];
        }
        // Where the last lines go, what stays ends with a line break.
        if self.end_is_gone && splice.range.start == self.source.len() {
            self.end_is_gone = false;
            let lines = splice.text.trim_start_matches(['\r', '\n']);
            splice.text = lines.to_owned();
        }
        self.splices.push(splice);
    }

    /// The ranges in order.
    pub(crate) fn finish(mut self) -> Spliced<'s> {
        // Two insertions at one place come in the order in which they were added.
        self.splices.sort_by_key(|splice| (splice.range.start, splice.range.end));
        if self.end_is_gone && !self.scalar_is_above {
            self.end_without_line_break();
        }
        Spliced { source: self.source, splices: self.splices, documents: self.documents }
    }

    /// A text without a line break at its end has none after its last lines went, but for that of an
    /// object that was changed, which may end in a block scalar.
    fn end_without_line_break(&mut self) {
        let mut first = self.splices.len() - 1;
        while let Some(before) = first.checked_sub(1)
            && self.splices[before].range.end == self.splices[first].range.start
        {
            if !self.splices[before].text.is_empty() {
                return;
            }
            first = before;
        }
        let range = &mut self.splices[first].range;
        range.start = lines::before_line_break(self.source, range.start);
    }
}
