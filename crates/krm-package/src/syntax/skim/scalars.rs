//! Keys and values of block collections.

use std::borrow::Cow;

use super::block::block;
use super::quoted::{Quoted, quoted};
use super::state::Skim;
use super::text::{Plain, Stop, is_blank, next_line, plain, plain_line, spaces, value_ends_line};
use crate::syntax::scalar;
use crate::syntax::tree::{Form, Marks, Node};

/// The parser takes no key beyond so many characters, of which each has a byte or more.
pub(super) const MAX_KEY: usize = 1024;

impl Skim<'_> {
    /// Reads a key on one line; gives the place of its colon.
    #[inline]
    pub(super) fn key(&mut self, start: usize) -> Option<usize> {
        if matches!(self.bytes.get(start), Some(b'"' | b'\'')) {
            let colon = self.quoted_key(start, quoted(self.bytes, start, 0)?)?;
            return if self.is_colon(colon) { Some(colon) } else { None };
        }
        self.plain_key(start, plain(self.bytes, start)?)
    }

    /// Adds a plain key; gives the place of its colon.
    #[inline]
    pub(super) fn plain_key(&mut self, start: usize, key: Plain) -> Option<usize> {
        if key.stop != Stop::Colon || key.end != key.at || key.end - start > MAX_KEY {
            return None;
        }
        self.builder.key(Form::Plain, start, key.end, &self.source[start..key.end]);
        Some(key.end)
    }

    /// Adds a quoted key; gives the place after it.
    pub(super) fn quoted_key(&mut self, start: usize, key: Quoted) -> Option<usize> {
        if key.has_lines || key.end - start > MAX_KEY {
            return None;
        }
        let text = if key.has_escapes {
            let node = Node {
                start: start as u32,
                end: key.end as u32,
                next: 0,
                form: key.form,
                marks: Marks::default(),
                indent: 0,
            };
            scalar::text(self.source, &node)
        } else {
            Cow::Borrowed(&self.source[start + 1..key.end - 1])
        };
        self.builder.key(key.form, start, key.end, &text);
        Some(key.end)
    }

    /// Reads a value that begins here, and what is left of its last line.
    #[inline]
    pub(super) fn value(&mut self, start: usize) -> Option<usize> {
        let least = self.top().indent as usize;
        match self.bytes.get(start)? {
            b'"' | b'\'' => {
                let value = quoted(self.bytes, start, least)?;
                self.leaf(value.form, start, value.end, 0);
                self.plain_is_open = false;
                value_ends_line(self.bytes, value.end)
            }
            b'|' | b'>' => {
                let value = block(self.source, start, least)?;
                self.leaf(value.form, start, value.end, value.indent);
                self.plain_is_open = false;
                Some(value.behind)
            }
            b'{' | b'[' => {
                let end = self.flow(start)?;
                self.plain_is_open = false;
                value_ends_line(self.bytes, end).or_else(|| self.object_on_line(end))
            }
            b'&' | b'!' if self.waiting.is_none() => self.properties(start),
            b'*' if self.waiting.is_none() => self.alias(start),
            _ => self.plain_value(start, plain(self.bytes, start)?),
        }
    }

    /// The place of an object that comes on the line on which the document's own one ends.
    fn object_on_line(&self, end: usize) -> Option<usize> {
        let next = spaces(self.bytes, end);
        (self.top().indent == 0 && self.bytes.get(next) == Some(&b'{')).then_some(next)
    }

    /// Adds a plain scalar's first line, and reads what is left of it.
    #[inline]
    pub(super) fn plain_value(&mut self, start: usize, value: Plain) -> Option<usize> {
        self.leaf(Form::Plain, start, value.end, 0);
        self.plain_line_ends(value.stop, value.at)
    }

    /// Reads a further line of a plain scalar.
    pub(super) fn plain_goes_on(&mut self, start: usize) -> Option<usize> {
        let line = plain_line(self.bytes, start);
        self.builder.extend_leaf(line.end);
        self.plain_line_ends(line.stop, line.at)
    }

    #[inline]
    fn plain_line_ends(&mut self, stop: Stop, at: usize) -> Option<usize> {
        self.plain_is_open = stop == Stop::LineEnd;
        match stop {
            Stop::LineEnd => Some((at + 1).min(self.bytes.len())),
            // The parser refuses a further line after a comment.
            Stop::Comment => Some(next_line(self.bytes, at)),
            // A key of several lines, or a mapping on its key's line.
            Stop::Colon => None,
        }
    }

    /// Whether the colon after a block mapping's key is at a place.
    pub(super) fn is_colon(&self, at: usize) -> bool {
        self.bytes.get(at) == Some(&b':') && is_blank(self.bytes, at + 1)
    }
}
