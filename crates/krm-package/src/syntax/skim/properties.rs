//! Anchors, tags and aliases of values.

use super::state::{Skim, Waiting};
use super::text::{is_blank, rest_is_blank, spaces, value_ends_line};
use crate::syntax::build::Parsed;
use crate::syntax::tree::{Form, Properties};

impl<'s> Skim<'s> {
    /// Reads an anchor, a tag or both, and the value after them, unless it is on lines below.
    pub(super) fn properties(&mut self, start: usize) -> Option<usize> {
        let mut waiting = Waiting { properties: Properties::default(), anchor: None };
        let mut at = start;
        loop {
            let end = self.word(at)?;
            let range = at as u32..end as u32;
            match self.bytes[at] {
                b'&' if waiting.anchor.is_none() && end > at + 1 => {
                    waiting.anchor = Some(&self.source[at + 1..end]);
                    waiting.properties.anchor = Some(range);
                }
                b'!' if waiting.properties.tag.is_none() => waiting.properties.tag = Some(range),
                _ => return None,
            }
            if let Some(next) = rest_is_blank(self.bytes, end) {
                self.waiting = Some(waiting);
                self.missing = Some(end);
                return Some(next);
            }
            at = spaces(self.bytes, end);
            if !matches!(self.bytes.get(at), Some(b'&' | b'!')) {
                break;
            }
        }
        self.waiting = Some(waiting);
        self.value(at)
    }

    /// Reads an alias.
    pub(super) fn alias(&mut self, start: usize) -> Option<usize> {
        let end = self.word(start).filter(|end| *end > start + 1)?;
        let node = Parsed::plain(Form::Alias, start, end);
        self.builder.alias(&node, &self.source[start + 1..end]).ok()?;
        self.plain_is_open = false;
        value_ends_line(self.bytes, end)
    }

    /// The end of the letters after an indicator, before a blank: a `!` may come before them.
    fn word(&self, start: usize) -> Option<usize> {
        let is_core_tag = self.bytes[start..].starts_with(b"!!");
        let mut end = start + if is_core_tag { 2 } else { 1 };
        let begin = end;
        while self
            .bytes
            .get(end)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        {
            end += 1;
        }
        let is_word = end > begin || (!is_core_tag && self.bytes[start] == b'!');
        (is_word && is_blank(self.bytes, end)).then_some(end)
    }

    /// Adds a scalar that is not a key.
    #[inline]
    pub(super) fn leaf(&mut self, form: Form, start: usize, end: usize, indent: usize) {
        if self.waiting.is_none() {
            return self.builder.leaf(form, start, end, indent);
        }
        if let Some(Waiting { properties, anchor }) = self.waiting.take() {
            let node = Parsed { form, start, end, indent, properties, anchor };
            self.builder.scalar(&node, "~");
        }
    }

    /// Begins a collection.
    #[inline]
    pub(super) fn open_node(&mut self, form: Form, start: usize) {
        if self.waiting.is_none() {
            return self.builder.open_bare(form, start);
        }
        if let Some(Waiting { properties, anchor }) = self.waiting.take() {
            let node = Parsed { properties, anchor, ..Parsed::plain(form, start, start) };
            self.builder.open(&node);
        }
    }
}
