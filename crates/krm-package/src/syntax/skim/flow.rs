//! Flow collections as JSON has them, and with plain scalars of one line.

use super::quoted::quoted;
use super::scalars::MAX_KEY;
use super::state::Skim;
use super::text::{after_break, is_blank, is_indicator, spaces};
use crate::syntax::tree::Form;

/// Fewer levels than the parser takes, and as many as [`Brackets`] has bits.
const MAX_DEPTH: u32 = u64::BITS;

/// The brackets that are open, a bit each, the innermost lowest: set for a mapping.
#[derive(Default)]
struct Brackets {
    kinds: u64,
    count: u32,
}

impl Brackets {
    fn open(&mut self, is_mapping: bool) -> Option<()> {
        if self.count == MAX_DEPTH {
            return None;
        }
        self.kinds = self.kinds << 1 | u64::from(is_mapping);
        self.count += 1;
        Some(())
    }

    fn close(&mut self) {
        self.kinds >>= 1;
        self.count -= 1;
    }

    fn in_mapping(&self) -> bool {
        self.kinds & 1 == 1
    }
}

/// What comes next in a flow collection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// An entry, or the closing bracket.
    FirstEntry,
    Entry,
    /// The value of a key.
    Value,
    /// A comma or the closing bracket.
    Comma,
}

impl Skim<'_> {
    /// Reads a flow collection; gives the place after it.
    ///
    /// Every entry of a mapping is `key: value` here, none of a sequence is, and there are no
    /// comments: what else the parser takes between brackets, hardly anybody writes.
    pub(super) fn flow(&mut self, start: usize) -> Option<usize> {
        let least = self.top().indent as usize;
        let mut brackets = Brackets::default();
        let mut next = Next::Value;
        let mut at = start;
        loop {
            let byte = *self.bytes.get(at)?;
            let in_mapping = brackets.in_mapping();
            let close = if in_mapping { b'}' } else { b']' };
            match next {
                Next::FirstEntry | Next::Comma if byte == close => {
                    at += 1;
                    self.builder.close(Some(at)).ok()?;
                    brackets.close();
                    if brackets.count == 0 {
                        return Some(at);
                    }
                    next = Next::Comma;
                }
                Next::Comma => {
                    if byte != b',' {
                        return None;
                    }
                    at += 1;
                    next = Next::Entry;
                }
                Next::FirstEntry | Next::Entry if in_mapping => {
                    at = self.flow_key(at)?;
                    next = Next::Value;
                }
                _ if byte == b'{' || byte == b'[' => {
                    let form = if byte == b'{' { Form::FlowMapping } else { Form::FlowSequence };
                    if brackets.count == 0 {
                        self.open_node(form, at);
                    } else {
                        self.builder.open_bare(form, at);
                    }
                    brackets.open(byte == b'{')?;
                    at += 1;
                    next = Next::FirstEntry;
                }
                _ if byte == b'"' || byte == b'\'' => {
                    let value = quoted(self.bytes, at, 0)?;
                    self.builder.leaf(value.form, at, value.end, 0);
                    at = value.end;
                    next = Next::Comma;
                }
                _ => {
                    let (end, stop) = flow_plain(self.bytes, at)?;
                    if self.bytes.get(stop) == Some(&b':') {
                        return None;
                    }
                    self.builder.leaf(Form::Plain, at, end, 0);
                    at = stop;
                    next = Next::Comma;
                }
            }
            at = self.flow_blanks(at, least)?;
        }
    }

    /// Reads a key; gives the place after its colon.
    fn flow_key(&mut self, start: usize) -> Option<usize> {
        if matches!(self.bytes[start], b'"' | b'\'') {
            let colon = self.quoted_key(start, quoted(self.bytes, start, 0)?)?;
            return (self.bytes.get(colon) == Some(&b':')).then_some(colon + 1);
        }
        let (end, stop) = flow_plain(self.bytes, start)?;
        // A plain key's colon is one only before a blank; before a bracket it is an error.
        let is_key = end == stop && self.is_colon(stop) && end - start <= MAX_KEY;
        self.builder.key(Form::Plain, start, end, &self.source[start..end]);
        is_key.then_some(stop + 1)
    }

    /// Skips blanks and line feeds. A further line is indented by `least` blanks; one that begins
    /// with a closing bracket, by one less.
    #[inline]
    fn flow_blanks(&self, at: usize, least: usize) -> Option<usize> {
        match self.bytes.get(at..)? {
            [next, ..] if *next > b' ' => Some(at),
            [b' ', next, ..] if *next > b' ' => Some(at + 1),
            _ => self.flow_lines(at, least),
        }
    }

    fn flow_lines(&self, at: usize, least: usize) -> Option<usize> {
        let mut line = at;
        let mut start = spaces(self.bytes, at);
        let mut is_further = false;
        while let Some(next) = after_break(self.bytes, start) {
            is_further = true;
            line = next;
            start = spaces(self.bytes, line);
        }
        let byte = *self.bytes.get(start)?;
        let column = start - line;
        let is_good = match byte {
            b']' | b'}' => column + 1 >= least,
            // At column 0, at the root, a plain scalar may be a document marker or a directive.
            b'"' | b'\'' | b'[' | b'{' | b',' => column >= least,
            _ => column >= least.max(1),
        };
        (!is_further || is_good).then_some(start)
    }
}

/// Reads a plain scalar between brackets: its end, and the place of what ends it, which is a bracket,
/// a comma, a colon or a line feed. `None` for one that cannot begin so, and before a comment.
fn flow_plain(bytes: &[u8], start: usize) -> Option<(usize, usize)> {
    let is_flow = |at: usize| matches!(bytes.get(at), Some(b',' | b'[' | b']' | b'{' | b'}'));
    match bytes.get(start)? {
        b'-' if !is_blank(bytes, start + 1) && !is_flow(start + 1) => {}
        byte if is_indicator(*byte) => return None,
        _ => {}
    }
    let mut end = start;
    let mut at = start;
    loop {
        match bytes.get(at)? {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => end = at + 1,
            b',' | b'[' | b']' | b'{' | b'}' | b'\n' => return Some((end, at)),
            b':' if is_blank(bytes, at + 1) || is_flow(at + 1) => return Some((end, at)),
            b'#' if end < at => return None,
            // To Go's readers it begins a key.
            b'?' => return None,
            b' ' | b'\t' | b'\r' => {}
            _ => end = at + 1,
        }
        at += 1;
    }
}
