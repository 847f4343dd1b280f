//! Places in a text: blanks, line ends, dashes, document markers, plain scalars.

use crate::find;

/// Eight bytes in one word, the first one lowest.
#[inline]
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

/// The same byte eight times.
const fn all(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The highest bit of each byte that is zero. Bits above the lowest one set may be wrong.
#[inline]
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(all(1)) & !word & all(0x80)
}

/// Skips spaces.
#[inline]
pub(super) fn spaces(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = word(bytes, at) {
        let different = word ^ all(b' ');
        if different != 0 {
            return at + (different.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while bytes.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}

/// The next place of a byte that can end a plain scalar's line. Most keys and values are short: the
/// first words are looked at without a call.
#[inline]
fn plain_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    for _ in 0..4 {
        let Some(word) = word(bytes, at) else {
            break;
        };
        let found = zeros(word ^ all(b':')) | zeros(word ^ all(b'#')) | zeros(word ^ all(b'\n'));
        if found != 0 {
            return Some(at + (found.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
    find::any(b':', b'#', b'\n', bytes.get(at..)?).map(|offset| at + offset)
}

/// The end of the line, before its line break.
#[inline]
pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    let Some(offset) = find::one(b'\n', &bytes[at..]) else { return bytes.len() };
    let end = at + offset;
    if offset > 0 && bytes[end - 1] == b'\r' { end - 1 } else { end }
}

/// The place after the line break that is here. A carriage return is before a line feed alone, in
/// what is known to be clean.
#[inline]
pub(super) fn after_break(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'\n' => Some(at + 1),
        b'\r' => Some(at + 2),
        _ => None,
    }
}

/// The start of the next line.
#[inline]
pub(super) fn next_line(bytes: &[u8], at: usize) -> usize {
    find::one(b'\n', &bytes[at..]).map_or(bytes.len(), |offset| at + offset + 1)
}

/// Whether nothing, or what separates tokens, is at a place.
#[inline]
pub(super) fn is_blank(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at), None | Some(b' ' | b'\n' | b'\t' | b'\r'))
}

/// Whether the dash of a block sequence's entry is at a place.
#[inline]
pub(super) fn is_dash(bytes: &[u8], at: usize) -> bool {
    bytes.get(at) == Some(&b'-') && is_blank(bytes, at + 1)
}

/// The document marker, `---` or `...`, that begins a line.
pub(super) fn marker(bytes: &[u8], line: usize) -> Option<&'static [u8; 3]> {
    let found = match bytes.get(line..line + 3)? {
        b"---" => b"---",
        b"..." => b"...",
        _ => return None,
    };
    is_blank(bytes, line + 3).then_some(found)
}

/// The start of the next line, if nothing but spaces and a comment is before.
#[inline]
pub(super) fn rest_is_blank(bytes: &[u8], at: usize) -> Option<usize> {
    let start = spaces(bytes, at);
    match bytes.get(start) {
        None => Some(start),
        Some(b'#') if start > at => Some(next_line(bytes, start)),
        Some(_) => after_break(bytes, start),
    }
}

/// The same after a value, where a tab may be at the end of the line.
#[inline]
pub(super) fn value_ends_line(bytes: &[u8], at: usize) -> Option<usize> {
    rest_is_blank(bytes, at).or_else(|| after_break(bytes, tabs(bytes, at)))
}

/// Skips spaces and tabs.
fn tabs(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t')) {
        at += 1;
    }
    at
}

/// What ends a line of a plain scalar in a block collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// A `:` that makes it a key.
    Colon,
    Comment,
    LineEnd,
}

/// A line of a plain scalar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plain {
    /// After its last character that is not a blank.
    pub(super) end: usize,
    pub(super) stop: Stop,
    /// The place of the colon, the `#` or the line feed.
    pub(super) at: usize,
}

/// The bytes with which no plain scalar begins, or only before some others. A table: the question comes
/// at every scalar.
static INDICATORS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = matches!(
            byte as u8,
            0..=b' '
                | b'-'
                | b':'
                | b'?'
                | b','
                | b'['
                | b']'
                | b'{'
                | b'}'
                | b'#'
                | b'&'
                | b'*'
                | b'!'
                | b'|'
                | b'>'
                | b'\''
                | b'"'
                | b'%'
                | b'@'
                | b'`'
        );
        byte += 1;
    }
    table
};

/// Whether no plain scalar begins with this byte, or only before some others.
#[inline]
pub(super) fn is_indicator(byte: u8) -> bool {
    INDICATORS[usize::from(byte)]
}

/// Reads a plain scalar's first line, which begins at a place; `None` where none can.
#[inline]
pub(super) fn plain(bytes: &[u8], start: usize) -> Option<Plain> {
    match bytes.get(start)? {
        b'-' | b':' if !is_blank(bytes, start + 1) => {}
        byte if is_indicator(*byte) => return None,
        _ => {}
    }
    Some(plain_line(bytes, start))
}

/// Reads on, to the end of a plain scalar's line, from its first character that is not a blank.
#[inline]
pub(super) fn plain_line(bytes: &[u8], start: usize) -> Plain {
    let mut at = start;
    let stop = loop {
        let Some(found) = plain_end(bytes, at) else {
            at = bytes.len();
            break Stop::LineEnd;
        };
        at = found;
        match bytes[at] {
            b'\n' => break Stop::LineEnd,
            b':' if is_blank(bytes, at + 1) => break Stop::Colon,
            b'#' if at > start && matches!(bytes[at - 1], b' ' | b'\t') => break Stop::Comment,
            _ => at += 1,
        }
    };
    let mut end = at;
    while end > start && matches!(bytes[end - 1], b' ' | b'\t' | b'\r') {
        end -= 1;
    }
    Plain { end, stop, at }
}
