//! Scalars in quotes.

use super::text::spaces;
use crate::find;
use crate::syntax::tree::Form;

/// A quoted scalar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quoted {
    pub(super) form: Form,
    /// After the closing quote.
    pub(super) end: usize,
    /// It does not say just what is between its quotes.
    pub(super) has_escapes: bool,
    /// It goes over more than one line.
    pub(super) has_lines: bool,
}

/// Reads a quoted scalar. Its further lines are indented by `least` blanks or more; it has none
/// where that is 0. The parser does not mind their indentation, but a quote that is closed by chance,
/// far below, is seen that way.
pub(super) fn quoted(bytes: &[u8], start: usize, least: usize) -> Option<Quoted> {
    let is_single = *bytes.get(start)? == b'\'';
    let form = if is_single { Form::SingleQuoted } else { Form::DoubleQuoted };
    let (mut has_escapes, mut has_lines) = (false, false);
    let mut at = start + 1;
    loop {
        let rest = bytes.get(at..)?;
        at += if is_single {
            find::either(b'\'', b'\n', rest)?
        } else {
            find::any(b'"', b'\\', b'\n', rest)?
        };
        match (bytes[at], bytes.get(at + 1)) {
            (b'\n', _) => {
                has_lines = true;
                at = continuation(bytes, at, least)?;
            }
            (b'\'', Some(b'\'')) => {
                has_escapes = true;
                at += 2;
            }
            (b'\\', _) => {
                has_escapes = true;
                at += escape_length(&bytes[at..])?;
            }
            _ => return Some(Quoted { form, end: at + 1, has_escapes, has_lines }),
        }
    }
}

/// The first character of a quoted scalar's next line that is not blank.
fn continuation(bytes: &[u8], line_feed: usize, least: usize) -> Option<usize> {
    let mut line = line_feed + 1;
    loop {
        let start = spaces(bytes, line);
        match bytes.get(start)? {
            b'\n' => line = start + 1,
            b'\r' => line = start + 2,
            b'\t' => return None,
            _ if least == 0 || start - line < least => return None,
            _ => return Some(start),
        }
    }
}

/// The length of an escape: of its backslash alone, where a line break is what it escapes.
fn escape_length(escape: &[u8]) -> Option<usize> {
    let hex = |digits: usize| {
        let text = escape.get(2..2 + digits)?;
        let text = str::from_utf8(text).ok().filter(|text| !text.starts_with('+'))?;
        // The parser joins two surrogates, and refuses a single one.
        char::from_u32(u32::from_str_radix(text, 16).ok()?).map(|_| 2 + digits)
    };
    match escape.get(1)? {
        b'\n' | b'\r' => Some(1),
        b'0' | b'a' | b'b' | b't' | b'n' | b'v' | b'f' | b'r' | b'e' | b' ' | b'"' | b'\\'
        | b'N' | b'_' | b'L' | b'P' => Some(2),
        b'x' => hex(2),
        b'u' => hex(4),
        b'U' => hex(8),
        _ => None,
    }
}
