//! The common way of writing manifests, read without the event parser and several times as fast:
//! block mappings and sequences, scalars of every style, flow collections of JSON's kind, comments.
//!
//! What comes out is the parser's own tree, node for node; [`super::parse`] stays the authority.
//! This reader knows a subset of YAML, and gives up wherever a text leaves it: at a tab before
//! content, a key with an anchor, at whatever looks odd. It never reports an error.
//!
//! # What giving up costs
//! Not the whole text: the parser reads the one entry of the document's outermost block sequence
//! (an item of a ResourceList) or the one document where that happened, and this reader continues
//! after it. A piece is cut between two lines, and a wrong cut cannot go unseen:
//!
//! - A document is cut where `---` begins a line and a blank follows. No scalar and no flow
//!   collection continues over such a line: to the parser it ends a plain or a block scalar, and is an
//!   error in anything else.
//! - An entry is cut before a line whose content begins at or before the column of its dash. What
//!   the dash leads to is indented further, so a plain scalar, a block scalar and a block collection
//!   of the entry have ended there. Only a quoted scalar and a flow collection can continue, as the
//!   parser does not mind their indentation; but then they are open at the end of the piece, which is
//!   an error of the piece. A blank line, a comment line and a line with a tab before its content
//!   ends nothing and stays in the piece.
//! - The parser must find exactly one document, or one entry of a block sequence at the top, in a
//!   piece. It reads an entry in its own lines, so that every column counts as it does in the whole
//!   text, and with the depth that is left. Directives, `...` and aliases into another piece do not
//!   reach over a cut: the first two send the whole text to the parser, and such an alias is unknown
//!   in its piece.
//!
//! JSON objects need nothing between them in a text that begins with one, as kubectl reads it. Each is a
//! document here, and a reader of JSON goes over the whole text at the end: if anything in it is not JSON,
//! the parser reads all of it.
//!
//! If the parser has anything to say against a piece, or if the pieces become many, the parser reads
//! the whole text. So that is never more than twice as much work for the parser as without this
//! reader, which goes over each byte once or twice itself.

mod block;
mod clean;
mod flow;
mod pieces;
mod properties;
mod quoted;
mod scalars;
mod state;
#[cfg(test)]
mod tests;
mod text;

use std::ops::Range;

use super::build::Builder;
use super::json;
use super::tree::{Form, Tree};
use clean::Clean;
use quoted::quoted;
use state::{Entry, GaveUp, Level, Line, Skim};
use text::{
    Stop, after_break, is_dash, marker, next_line, plain, rest_is_blank, spaces, value_ends_line,
};

/// Fewer levels than the parser takes.
const MAX_DEPTH: usize = 200;

/// A text's tree, and which pieces of the text the parser has read.
#[derive(Debug)]
pub(crate) struct Skimmed {
    pub(crate) tree: Tree,
    /// In order; only the tests count them.
    #[cfg_attr(not(test), expect(dead_code, reason = "counted by the tests"))]
    pub(super) pieces: Vec<Range<usize>>,
    /// Whether it is more than one JSON object, with nothing or blanks between them.
    pub(super) is_json_stream: bool,
}

/// Reads a stream of less than 4 GiB; `None` where the parser must read all of it, or had better.
pub(super) fn read(source: &str) -> Option<Skimmed> {
    read_within(source, source.len())
}

/// Reads a stream of less than 4 GiB, with pieces for the parser that cost no more than so many bytes.
pub(crate) fn read_within(source: &str, budget: usize) -> Option<Skimmed> {
    let mut skim = Skim {
        source,
        bytes: source.as_bytes(),
        builder: Builder::new(source),
        clean: Clean::default(),
        levels: Vec::new(),
        missing: None,
        waiting: None,
        plain_is_open: false,
        entry: None,
        entry_indent: 0,
        budget,
        pieces: Vec::new(),
        is_json_stream: false,
    };
    let mut at = 0;
    loop {
        let (begin, mark) = (at, skim.builder.mark());
        at = match skim.document(begin) {
            Ok(end) => end,
            Err(GaveUp::Document) => skim.document_by_parser(begin, &mark)?,
            Err(GaveUp::Whole) => return None,
        };
        if at == source.len() {
            break;
        }
    }
    let Skim { builder, pieces, is_json_stream, .. } = skim;
    // Objects were read one behind the other, which only JSON's may be.
    if is_json_stream && !json::is_stream(source) {
        return None;
    }
    Some(Skimmed { tree: builder.finish(), pieces, is_json_stream })
}

impl<'s> Skim<'s> {
    /// Reads the document that begins at the start of a line; gives the start of the next one.
    fn document(&mut self, begin: usize) -> Result<usize, GaveUp> {
        self.levels.clear();
        self.levels.push(Level { indent: 0, is_sequence: false });
        self.leave_entry();
        self.plain_is_open = false;
        self.waiting = None;
        let is_explicit = marker(self.bytes, begin) == Some(b"---");
        let mut at = begin;
        self.missing = Some(begin);
        if is_explicit {
            self.missing = Some(begin + 3);
            at = rest_is_blank(self.bytes, begin + 3).ok_or(GaveUp::Document)?;
        }
        let end = loop {
            match self.line(at) {
                Some(Line::Next(next)) => at = next,
                Some(Line::End(end)) => break end,
                None => at = self.entry_by_parser()?,
            }
        };
        if is_explicit || self.missing != Some(begin) {
            self.fill_missing();
            while self.levels.len() > 1 {
                self.close().ok_or(GaveUp::Document)?;
            }
            self.builder.end_document();
        }
        Ok(end)
    }

    /// Reads a line, or the lines of the scalar or the flow collection that begins on it.
    #[inline]
    fn line(&mut self, line: usize) -> Option<Line> {
        self.clean.reaches(self.bytes, line)?;
        let start = spaces(self.bytes, line);
        let Some(byte) = self.bytes.get(start) else {
            return Some(Line::End(start));
        };
        match byte {
            b'\n' => return Some(Line::Next(start + 1)),
            b'\r' => return Some(Line::Next(start + 2)),
            b'#' => {
                self.plain_is_open = false;
                return Some(Line::Next(next_line(self.bytes, start)));
            }
            b'\t' => return None,
            b'-' | b'.' | b'%' if start == line => match marker(self.bytes, line) {
                Some(b"---") => return Some(Line::End(line)),
                Some(_) => return self.end_marker(line),
                None if *byte == b'%' || self.bytes[line..].starts_with(b"---") => return None,
                None => {}
            },
            _ => {}
        }
        let indent = (start - line) as u32 + 1;
        if indent <= self.entry_indent {
            self.leave_entry();
        }
        let dash = is_dash(self.bytes, start);
        let mut top = self.top();
        if let Some(place) = self.missing {
            // A sequence may be in its key's column.
            let is_compact = dash && indent == top.indent && !top.is_sequence;
            self.missing = None;
            if indent > top.indent || is_compact {
                return self.node(start, line).map(Line::Next);
            }
            self.leaf(Form::Empty, place, place, 0);
        } else if indent > top.indent {
            return match byte {
                _ if self.plain_is_open => self.plain_goes_on(start).map(Line::Next),
                b'{' => self.next_object(line),
                _ => None,
            };
        }
        self.plain_is_open = false;
        while top.indent > indent {
            top = self.close()?;
        }
        if top.is_sequence && top.indent == indent && !dash {
            // The sequence stood in the column of this line's key.
            top = self.close()?;
        }
        if top.indent != indent {
            return None;
        }
        match (top.is_sequence, dash) {
            (true, true) => self.entry(start, line),
            (false, false) => self.mapping_entry(start),
            _ => None,
        }
        .map(Line::Next)
    }

    /// Ends the document before a further object, as JSON's objects do in a text that begins with one.
    fn next_object(&mut self, line: usize) -> Option<Line> {
        if self.top().indent > 0 || !(self.is_json_stream || json::begins(self.source)) {
            return None;
        }
        self.is_json_stream = true;
        Some(Line::End(line))
    }

    /// Ends the document at a `...`, after which nothing may be before a `---`.
    #[cold]
    fn end_marker(&mut self, line: usize) -> Option<Line> {
        // Where nothing is written, the parser refuses it.
        if self.missing.is_some() {
            return None;
        }
        let mut at = after_break(self.bytes, line + 3)
            .or_else(|| (line + 3 == self.bytes.len()).then_some(self.bytes.len()))?;
        loop {
            self.clean.reaches(self.bytes, at)?;
            let start = spaces(self.bytes, at);
            at = match self.bytes.get(start) {
                None => return Some(Line::End(start)),
                Some(b'#') => next_line(self.bytes, start),
                Some(b'-') if start == at && marker(self.bytes, at) == Some(b"---") => {
                    return Some(Line::End(at));
                }
                Some(_) => after_break(self.bytes, start)?,
            };
        }
    }

    /// Reads a node that is the first on its line, or is after dashes that are: a collection's
    /// first entry, or a scalar.
    fn node(&mut self, start: usize, line: usize) -> Option<usize> {
        let indent = (start - line) as u32 + 1;
        if is_dash(self.bytes, start) {
            self.open(Form::BlockSequence, start, indent)?;
            return self.entry(start, line);
        }
        match self.bytes[start] {
            b'"' | b'\'' => {
                let key = quoted(self.bytes, start, self.top().indent as usize)?;
                if self.is_colon(key.end) {
                    self.open(Form::BlockMapping, start, indent)?;
                    let colon = self.quoted_key(start, key)?;
                    return self.after_key(colon);
                }
            }
            b'{' | b'[' => return self.value(start),
            b'|' | b'>' => {}
            _ => {
                let text = plain(self.bytes, start)?;
                if text.stop == Stop::Colon {
                    self.open(Form::BlockMapping, start, indent)?;
                    let colon = self.plain_key(start, text)?;
                    return self.after_key(colon);
                }
                return if self.top().indent == 0 { None } else { self.plain_value(start, text) };
            }
        }
        // A document that is a scalar is not a manifest.
        if self.top().indent == 0 { None } else { self.value(start) }
    }

    /// Reads what is after a dash of the innermost sequence.
    fn entry(&mut self, dash: usize, line: usize) -> Option<usize> {
        let indent = (dash - line) as u32 + 1;
        if self.entry_indent == 0 && self.is_outermost_sequence() {
            self.entry_indent = indent;
            self.entry =
                Some(Entry { start: line, mark: self.builder.mark(), levels: self.levels.len() });
        }
        let behind = dash + 1;
        let start = spaces(self.bytes, behind);
        let next = match self.bytes.get(start) {
            None => start,
            Some(b'\n' | b'\r') => after_break(self.bytes, start)?,
            Some(b'#') if start > behind => next_line(self.bytes, start),
            Some(b'\t') => return None,
            Some(b'&' | b'!' | b'*') => return self.value(start),
            Some(_) => return self.node(start, line),
        };
        self.missing = Some(behind);
        Some(next)
    }

    /// Reads a key, which must be there, and what is after it.
    #[inline]
    fn mapping_entry(&mut self, start: usize) -> Option<usize> {
        let colon = self.key(start)?;
        self.after_key(colon)
    }

    /// Reads what is after a block mapping's key.
    #[inline]
    fn after_key(&mut self, colon: usize) -> Option<usize> {
        let behind = colon + 1;
        let start = spaces(self.bytes, behind);
        match self.bytes.get(start) {
            None => {
                self.missing = Some(behind);
                Some(start)
            }
            Some(b'\n' | b'\r' | b'\t') => {
                self.missing = Some(behind);
                value_ends_line(self.bytes, start)
            }
            Some(b'#') if start > behind => {
                self.missing = Some(behind);
                Some(next_line(self.bytes, start))
            }
            Some(_) => self.value(start),
        }
    }

    #[inline]
    fn top(&self) -> Level {
        self.levels.last().copied().unwrap_or(Level { indent: 0, is_sequence: false })
    }

    fn open(&mut self, form: Form, start: usize, indent: u32) -> Option<()> {
        if self.levels.len() > MAX_DEPTH {
            return None;
        }
        self.open_node(form, start);
        self.levels.push(Level { indent, is_sequence: form == Form::BlockSequence });
        Some(())
    }

    /// Ends the innermost collection; a duplicate key is the parser's to report.
    fn close(&mut self) -> Option<Level> {
        self.builder.close(None).ok()?;
        self.levels.pop();
        Some(self.top())
    }

    fn fill_missing(&mut self) {
        if let Some(place) = self.missing.take() {
            self.leaf(Form::Empty, place, place, 0);
        }
    }

    /// Whether the innermost collection is a sequence that is the document or a value of its
    /// mapping.
    fn is_outermost_sequence(&self) -> bool {
        match self.levels[..] {
            [_, sequence] => sequence.is_sequence,
            [_, outer, sequence] => sequence.is_sequence && !outer.is_sequence,
            _ => false,
        }
    }

    fn leave_entry(&mut self) {
        self.entry = None;
        self.entry_indent = 0;
    }
}
