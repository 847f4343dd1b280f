//! Source to tokens, as Go's readers cut it (go.yaml.in/yaml/v2 and v3, `scannerc.go`): what a token
//! is depends on the column, on the brackets that are open, and on whether a `:` comes after.
//!
//! A `key` is known for one only at its colon. Tokens therefore wait in a queue while the first of them
//! may still turn out to begin a key; a `Key` token, and with it the start of a block mapping, is then put
//! in before it.

mod fetch;
mod properties;
mod scalars;

use std::collections::VecDeque;

use super::tree::Form;
use crate::error::SourceError;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A `-` further in than what is around it.
    BlockSequenceStart,
    /// A key further in than what is around it.
    BlockMappingStart,
    /// Something further out than the innermost block collection.
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    /// `-`
    BlockEntry,
    /// `,`
    FlowEntry,
    /// What follows is a key: a `?`, or nothing that is written.
    Key {
        is_written: bool,
    },
    /// `:`
    Value,
    Alias,
    Anchor,
    Tag,
    Scalar(Form),
    /// `---`
    DocumentStart,
    /// `...`
    DocumentEnd,
    StreamEnd,
}

/// A token and its bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Blanks before the lines of a block scalar.
    pub(super) indent: usize,
}

/// Why a text has no further token.
#[derive(Debug)]
pub(super) enum Fault {
    At { offset: usize, message: &'static str },
    Placed(SourceError),
}

impl From<SourceError> for Fault {
    fn from(error: SourceError) -> Self {
        Self::Placed(error)
    }
}

pub(super) type Scanned<T> = Result<T, Fault>;

/// A place at which a key may begin.
#[derive(Debug, Clone, Copy, Default)]
struct SimpleKey {
    is_possible: bool,
    /// Nothing but a key can be here.
    is_required: bool,
    token: usize,
    at: usize,
    line_start: usize,
    column: i32,
}

/// How far the colon of a key may be behind its start (`yaml_simple_key_is_valid`), in characters.
const MAX_KEY: usize = 1024;

pub(super) struct Scanner<'s> {
    source: &'s str,
    /// The source up to where this scanner reads.
    bytes: &'s [u8],
    at: usize,
    line_start: usize,
    /// A place on this line whose column is known.
    counted: (usize, i32),
    /// The column of the innermost block collection; -1 for none.
    indent: i32,
    indents: Vec<i32>,
    /// One for each open bracket, and one for what is around them.
    keys: Vec<SimpleKey>,
    key_is_allowed: bool,
    tokens: VecDeque<Token>,
    taken: usize,
}

impl<'s> Scanner<'s> {
    /// Reads from a place that begins a line, to an end.
    pub(super) fn new(source: &'s str, from: usize, end: usize) -> Self {
        let bytes = &source.as_bytes()[..end];
        let at = if from == 0 && source.starts_with('\u{feff}') { 3 } else { from };
        Self {
            source,
            bytes,
            at,
            line_start: at,
            counted: (at, 0),
            indent: -1,
            indents: Vec::new(),
            keys: vec![SimpleKey::default()],
            key_is_allowed: true,
            tokens: VecDeque::new(),
            taken: 0,
        }
    }

    /// The next token, which stays the next.
    #[inline]
    pub(super) fn peek(&mut self) -> Scanned<Token> {
        loop {
            if let Some(first) = self.tokens.front().copied()
                && (first.kind == Kind::StreamEnd || !self.first_may_be_key()?)
            {
                return Ok(first);
            }
            self.fetch()?;
        }
    }

    #[inline]
    pub(super) fn skip(&mut self) {
        self.tokens.pop_front();
        self.taken += 1;
    }

    /// Whether a colon may still make the first token the beginning of a key.
    fn first_may_be_key(&mut self) -> Scanned<bool> {
        for level in 0..self.keys.len() {
            if self.keys[level].is_possible && self.keys[level].token == self.taken {
                return self.key_is_valid(level);
            }
        }
        Ok(false)
    }

    fn key_is_valid(&mut self, level: usize) -> Scanned<bool> {
        let key = self.keys[level];
        if !key.is_possible {
            return Ok(false);
        }
        let is_far = |length: usize| {
            length > MAX_KEY
                && self.source.as_bytes()[key.at..self.at]
                    .iter()
                    .filter(|byte| (**byte as i8) >= -0x40)
                    .nth(MAX_KEY)
                    .is_some()
        };
        if key.line_start != self.line_start || is_far(self.at - key.at) {
            if key.is_required {
                return Err(no_colon(key));
            }
            self.keys[level].is_possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    fn in_flow(&self) -> bool {
        self.keys.len() > 1
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// Whether what separates tokens, or nothing, is some bytes ahead.
    fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), None | Some(b' ' | b'\t' | b'\n' | b'\r'))
    }

    /// The characters before this place on its line.
    fn column(&mut self) -> i32 {
        let (from, column) = self.counted;
        let between = &self.bytes[from..self.at];
        let further = between.iter().filter(|byte| (**byte as i8) >= -0x40).count();
        self.counted = (self.at, column + i32::try_from(further).unwrap_or(i32::MAX / 2));
        self.counted.1
    }

    /// Goes over a line break, if one is here.
    fn line_break(&mut self) -> bool {
        let length = match (self.byte(0), self.byte(1)) {
            (Some(b'\n'), _) => 1,
            (Some(b'\r'), Some(b'\n')) => 2,
            _ => return false,
        };
        self.at += length;
        self.begin_line(self.at);
        true
    }

    fn begin_line(&mut self, at: usize) {
        self.at = at;
        self.line_start = at;
        self.counted = (at, 0);
    }

    fn fault<T>(&self, offset: usize, message: &'static str) -> Scanned<T> {
        Err(Fault::At { offset, message })
    }

    fn push(&mut self, kind: Kind, start: usize) {
        self.tokens.push_back(Token { kind, start, end: self.at, indent: 0 });
    }

    /// A key may begin here.
    fn save_key(&mut self) -> Scanned<()> {
        if !self.key_is_allowed {
            return Ok(());
        }
        let column = if self.in_flow() { 0 } else { self.column() };
        self.drop_key()?;
        let key = SimpleKey {
            is_possible: true,
            is_required: !self.in_flow() && self.indent == column,
            token: self.taken + self.tokens.len(),
            at: self.at,
            line_start: self.line_start,
            column,
        };
        if let Some(last) = self.keys.last_mut() {
            *last = key;
        }
        Ok(())
    }

    /// What began here was no key.
    fn drop_key(&mut self) -> Scanned<()> {
        if let Some(key) = self.keys.last_mut().filter(|key| key.is_possible) {
            if key.is_required {
                return Err(no_colon(*key));
            }
            key.is_possible = false;
        }
        Ok(())
    }

    /// Begins a block collection, if this column is further in; its token comes before the one of that
    /// number, or last.
    fn roll(&mut self, column: i32, number: Option<usize>, kind: Kind, at: usize) {
        if self.in_flow() || self.indent >= column {
            return;
        }
        self.indents.push(self.indent);
        self.indent = column;
        let token = Token { kind, start: at, end: at, indent: 0 };
        let place = number.map_or(self.tokens.len(), |number| number - self.taken);
        self.tokens.insert(place, token);
    }

    /// Ends the block collections further in than a column.
    fn unroll(&mut self, column: i32) {
        if self.in_flow() {
            return;
        }
        while self.indent > column {
            self.push(Kind::BlockEnd, self.at);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }
}

fn no_colon(key: SimpleKey) -> Fault {
    let message = "expected a key followed by a colon on the same line; write `key: value`, or indent text that belongs to the line above";
    Fault::At { offset: key.at, message }
}
