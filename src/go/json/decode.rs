//! Go's decoding of a checked text into typed values.

use std::borrow::Cow;

use super::error::GoJsonError;
use super::scan;

/// What a number is to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberFit {
    /// It was taken.
    Taken,
    /// The value is of a numeric type that cannot hold it: Go quotes the number.
    OutOfRange,
    /// The value is not of a numeric type.
    Wrong,
}

/// A value that Go's decoder can fill. A method that gives `false` makes it a type error.
pub trait GoTarget {
    /// The Go type's name in error texts: `[]ingress.RuleCondition`.
    fn go_type(&self) -> Cow<'static, str>;
    /// `null`: pointers, lists and maps are emptied, everything else stays.
    fn null(&mut self) {}
    /// `true` or `false`.
    fn boolean(&mut self, _value: bool) -> bool {
        false
    }
    /// A string.
    fn text(&mut self, _value: &str) -> bool {
        false
    }
    /// A number, as written.
    fn number(&mut self, _written: &str) -> NumberFit {
        NumberFit::Wrong
    }
    /// A list: reads it with [`Decoder::elements`], or gives `false` and reads nothing.
    fn array(&mut self, _decoder: &mut Decoder<'_>) -> bool {
        false
    }
    /// An object: reads it with [`Decoder::members`], or gives `false` and reads nothing.
    fn object(&mut self, _decoder: &mut Decoder<'_>) -> bool {
        false
    }
    /// Whether the Go type has its own `UnmarshalJSON`.
    fn is_custom(&self) -> bool {
        false
    }
    /// The Go type's own `UnmarshalJSON`; its error ends the decoding.
    ///
    /// # Errors
    /// Those of the type.
    fn custom(&mut self, _written: &str) -> Result<(), GoJsonError> {
        Ok(())
    }
}

/// A key that names no field of the struct it is in. Go ignores it without a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnknownKey {
    /// The fields that lead to the struct, joined by dots; empty at the top.
    pub within: String,
    /// The key.
    pub key: String,
    /// The fields of the struct.
    pub known: &'static [&'static str],
}

/// The keys of a text that name no field, in its order; none where it is not JSON.
#[must_use]
pub(crate) fn unknown_keys(text: &str, target: &mut dyn GoTarget) -> Vec<UnknownKey> {
    if scan::check(text).is_err() {
        return Vec::new();
    }
    let mut decoder = Decoder::of(text);
    decoder.value(target);
    decoder.unknown
}

/// Reads a text into a value as `json.Unmarshal` does. On an error the value is half filled.
///
/// # Errors
/// The text is not JSON, or a value in it has the wrong type (the first one in the text).
pub fn unmarshal(text: &str, target: &mut dyn GoTarget) -> Result<(), GoJsonError> {
    scan::check(text)?;
    let mut decoder = Decoder::of(text);
    decoder.value(target);
    match decoder.stopped.or(decoder.saved) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// A walk through a text that is known to be JSON. Its depth is that of the target's type: what
/// no target wants is skipped without recursion.
#[derive(Debug)]
pub struct Decoder<'a> {
    text: &'a str,
    at: usize,
    within: Option<&'static str>,
    path: Vec<&'static str>,
    saved: Option<GoJsonError>,
    stopped: Option<GoJsonError>,
    unknown: Vec<UnknownKey>,
}

impl<'a> Decoder<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            within: None,
            path: Vec::new(),
            saved: None,
            stopped: None,
            unknown: Vec::new(),
        }
    }

    /// Reads the next value into a target.
    pub(crate) fn value(&mut self, target: &mut dyn GoTarget) {
        if self.stopped.is_some() {
            return;
        }
        self.space();
        let first = self.peek();
        if first != b'n' && target.is_custom() {
            let start = self.at;
            self.skip();
            if let Err(error) = target.custom(&self.text[start..self.at]) {
                self.stopped = Some(self.in_context(error));
            }
            return;
        }
        match first {
            b'[' => {
                if !target.array(self) {
                    self.mismatch("array", target);
                    self.skip();
                }
            }
            b'{' => {
                if !target.object(self) {
                    self.mismatch("object", target);
                    self.skip();
                }
            }
            _ => self.literal(target),
        }
    }

    fn literal(&mut self, target: &mut dyn GoTarget) {
        let start = self.at;
        self.skip();
        let written = &self.text[start..self.at];
        match written.as_bytes().first() {
            Some(b'n') => target.null(),
            Some(b't') | Some(b'f') => {
                if !target.boolean(written == "true") {
                    self.mismatch("bool", target);
                }
            }
            Some(b'"') => {
                if !target.text(&unquote(written)) {
                    self.mismatch("string", target);
                }
            }
            _ => match target.number(written) {
                NumberFit::Taken => {}
                NumberFit::OutOfRange => self.mismatch(&format!("number {written}"), target),
                NumberFit::Wrong => self.mismatch("number", target),
            },
        }
    }

    /// Reads a list; `element` must read each value, with its index, by [`Decoder::value`] or
    /// [`Decoder::skip`].
    pub(crate) fn elements(&mut self, element: &mut dyn FnMut(&mut Self, usize)) {
        self.at += 1;
        let mut index = 0;
        while self.stopped.is_none() && !self.ends(b']') {
            element(self, index);
            index += 1;
        }
    }

    /// Reads an object; `member` must read the value of each key.
    pub(crate) fn members(&mut self, member: &mut dyn FnMut(&mut Self, &str)) {
        self.at += 1;
        let (within, depth) = (self.within, self.path.len());
        while self.stopped.is_none() && !self.ends(b'}') {
            let start = self.at;
            self.string();
            let key = unquote(&self.text[start..self.at]);
            self.space();
            self.at += 1;
            self.space();
            member(self, &key);
            self.within = within;
            self.path.truncate(depth);
        }
    }

    /// Reads the value of a struct's field, so that errors name both.
    pub(crate) fn field(
        &mut self,
        name: &'static str,
        key: &'static str,
        target: &mut dyn GoTarget,
    ) {
        self.within = Some(name);
        self.path.push(key);
        self.value(target);
    }

    /// Passes over the value of a key that names no field of a struct.
    pub(crate) fn skip_unknown(&mut self, key: &str, known: &'static [&'static str]) {
        let within = self.path.join(".");
        self.unknown.push(UnknownKey { within, key: key.to_owned(), known });
        self.skip();
    }

    /// Passes over the next value.
    pub(crate) fn skip(&mut self) {
        self.space();
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                b'"' => self.string(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    self.at += 1;
                }
                b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                0 => return,
                _ => self.word(),
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// Whether the list or object ends here; else moves to the next element or key.
    fn ends(&mut self, close: u8) -> bool {
        self.space();
        if self.peek() == b',' {
            self.at += 1;
            self.space();
        }
        let ended = matches!(self.peek(), found if found == close || found == 0);
        if ended {
            self.at += 1;
        }
        ended
    }

    fn string(&mut self) {
        self.at += 1;
        while !matches!(self.peek(), b'"' | 0) {
            self.at += if self.peek() == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
    }

    fn word(&mut self) {
        while !matches!(self.peek(), b',' | b':' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n' | 0) {
            self.at += 1;
        }
    }

    fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
    }

    /// The next byte; 0 at the end (which cannot be in JSON).
    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or_default()
    }

    fn mismatch(&mut self, value: &str, target: &dyn GoTarget) {
        if self.saved.is_none() {
            let error = GoJsonError::Type {
                value: value.to_owned(),
                target: target.go_type().into_owned(),
                field: None,
            };
            self.saved = Some(self.in_context(error));
        }
    }

    fn in_context(&self, error: GoJsonError) -> GoJsonError {
        match (error, self.within) {
            (GoJsonError::Type { value, target, .. }, Some(name)) => GoJsonError::Type {
                value,
                target,
                field: Some((name.to_owned(), self.path.join("."))),
            },
            (error, _) => error,
        }
    }
}

/// The text of a JSON string, quotes included; half a surrogate pair becomes U+FFFD.
fn unquote(written: &str) -> Cow<'_, str> {
    let inner = written.strip_prefix('"').unwrap_or(written);
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let mut letters = rest.chars();
        let escape = letters.next().unwrap_or('\\');
        rest = letters.as_str();
        text.push(match escape {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (letter, after) = escaped_letter(rest);
                rest = after;
                letter
            }
            other => other,
        });
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// The letter of `XXXX` after `\u`, with the second half of a pair if it follows.
fn escaped_letter(rest: &str) -> (char, &str) {
    let half = |text: &str| text.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let Some(first) = half(rest) else { return (char::REPLACEMENT_CHARACTER, "") };
    let after = &rest[4..];
    if (0xd800..0xdc00).contains(&first)
        && let Some(second) = after.strip_prefix("\\u").and_then(half)
        && (0xdc00..0xe000).contains(&second)
    {
        let letter = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return (char::from_u32(letter).unwrap_or(char::REPLACEMENT_CHARACTER), &after[6..]);
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), after)
}
