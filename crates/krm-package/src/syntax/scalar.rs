//! What a scalar says: its text, and what the readers of a manifest take a plain one for.

use std::borrow::Cow;

use super::tree::{Form, Node};
use crate::find;

/// What `kubectl apply` takes a plain scalar for.
///
/// The rules are those of `sigs.k8s.io/yaml`, which reads YAML 1.1: `yes` is a boolean, `0644` an
/// octal number, `1_000` a thousand, and a date stays text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Plain {
    /// `~`, `null`, or nothing.
    Null,
    /// `true`, `off`, `Y`.
    Boolean(bool),
    /// A number of 64 bits, with a sign or without.
    Integer(i128),
    /// Any other number, also one that is none or has no end.
    Float(f64),
    /// A text.
    Text,
    /// `<<`
    Merge,
}

impl Plain {
    /// What a plain scalar of this text is.
    #[must_use]
    pub fn of(text: &str) -> Self {
        resolve(text)
    }
}

pub(crate) fn resolve(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Plain::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Plain::Boolean(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Plain::Boolean(false);
        }
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Plain::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Plain::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Plain::Float(f64::NAN),
        "<<" => return Plain::Merge,
        _ => {}
    }
    match text.as_bytes()[0] {
        b'0'..=b'9' | b'+' | b'-' | b'.' => number(text).unwrap_or(Plain::Text),
        _ => Plain::Text,
    }
}

fn number(text: &str) -> Option<Plain> {
    let digits: Cow<'_, str> =
        if text.contains('_') { text.replace('_', "").into() } else { text.into() };
    if let Some(integer) = integer(&digits).filter(|_| !text.starts_with('.')) {
        return Some(Plain::Integer(integer));
    }
    // After a leading point Go takes an underscore only between two digits (`strconv.ParseFloat`). A
    // number too large is text to it.
    let between_digits = |(at, _): (usize, &str)| {
        let digit = |at: Option<usize>| {
            at.and_then(|at| text.as_bytes().get(at)).is_some_and(u8::is_ascii_digit)
        };
        digit(at.checked_sub(1)) && digit(Some(at + 1))
    };
    if text.starts_with('.') && !text.match_indices('_').all(between_digits) {
        return None;
    }
    let float: f64 = is_float(&digits).then(|| digits.parse().ok()).flatten()?;
    float.is_finite().then_some(Plain::Float(float))
}

/// Go's `strconv.ParseInt` with base 0, then `ParseUint`: nothing beyond 64 bits.
fn integer(digits: &str) -> Option<i128> {
    let (negative, rest) = match digits.strip_prefix(['-', '+']) {
        Some(rest) => (digits.starts_with('-'), rest),
        None => (false, digits),
    };
    let lower = rest.to_ascii_lowercase();
    let (radix, rest) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    if rest.starts_with(['-', '+']) {
        return None;
    }
    let magnitude = i128::from(u64::from_str_radix(rest, radix).ok()?);
    let value = if negative { -magnitude } else { magnitude };
    // `ParseUint` takes no sign.
    let most = if digits.starts_with('+') { i128::from(i64::MAX) } else { i128::from(u64::MAX) };
    (i128::from(i64::MIN)..=most).contains(&value).then_some(value)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let exponent_is_good = exponent
        .is_none_or(|exponent| all_digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)));
    let mantissa_is_good = match mantissa.split_once('.') {
        None => all_digits(mantissa),
        Some(("", fraction)) => all_digits(fraction),
        Some((whole, fraction)) => {
            all_digits(whole) && (fraction.is_empty() || all_digits(fraction))
        }
    };
    mantissa_is_good && exponent_is_good
}

/// The text that a scalar represents, as every YAML reader has it.
pub(crate) fn text<'s>(source: &'s str, node: &Node) -> Cow<'s, str> {
    let raw = &source[node.start as usize..node.end as usize];
    match node.form {
        Form::Plain => fold_lines(raw),
        Form::SingleQuoted => single_quoted(raw),
        Form::DoubleQuoted => double_quoted(raw),
        Form::Literal | Form::Folded => {
            Cow::Owned(block(raw, usize::from(node.indent), node.form == Form::Folded))
        }
        _ => Cow::Borrowed(""),
    }
}

/// Line folding of plain and quoted scalars: one line break is a space, each further one a line
/// feed; blanks around breaks go.
fn fold_lines(raw: &str) -> Cow<'_, str> {
    if find::either(b'\n', b'\r', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut breaks = 0;
    for (place, line) in lines(raw).enumerate() {
        let last = line.end == raw.len();
        let mut content = &raw[line];
        if place > 0 {
            content = content.trim_start_matches([' ', '\t']);
        }
        if !last {
            content = content.trim_end_matches([' ', '\t']);
        }
        if place > 0 {
            breaks += 1;
            if content.is_empty() && !last {
                continue;
            }
            push_breaks(&mut out, breaks);
        }
        breaks = 0;
        out.push_str(content);
    }
    Cow::Owned(out)
}

fn push_breaks(out: &mut String, breaks: usize) {
    if breaks == 1 {
        out.push(' ');
    } else {
        out.extend(std::iter::repeat_n('\n', breaks - 1));
    }
}

/// The lines of a text without their line breaks (LF, CRLF or CR); the last has none.
fn lines(raw: &str) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let end = raw[start..].find(['\n', '\r']).map_or(raw.len(), |at| start + at);
        next = match raw.as_bytes().get(end) {
            None => None,
            Some(b'\r') if raw.as_bytes().get(end + 1) == Some(&b'\n') => Some(end + 2),
            Some(_) => Some(end + 1),
        };
        Some(start..end)
    })
}

fn single_quoted(raw: &str) -> Cow<'_, str> {
    let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
    let folded = fold_lines(inner);
    if folded.contains("''") { Cow::Owned(folded.replace("''", "'")) } else { folded }
}

fn double_quoted(raw: &str) -> Cow<'_, str> {
    let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
    if find::any(b'\\', b'\n', b'\r', inner.as_bytes()).is_none() {
        return Cow::Borrowed(inner);
    }
    let mut out = String::with_capacity(inner.len());
    // Blanks that were escaped are content, and are not trimmed before a line break.
    let mut content_end = 0;
    let mut rest = inner.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => {
                unescape(&mut rest, &mut out);
                content_end = out.len();
            }
            '\n' | '\r' => {
                out.truncate(out.trim_end_matches([' ', '\t']).len().max(content_end));
                if c == '\r' && rest.peek() == Some(&'\n') {
                    rest.next();
                }
                let mut breaks = 1;
                loop {
                    match rest.peek() {
                        Some(' ' | '\t') => {}
                        Some('\n') => breaks += 1,
                        Some('\r') => {
                            breaks += 1;
                            rest.next();
                            if rest.peek() == Some(&'\n') {
                                rest.next();
                            }
                            continue;
                        }
                        _ => break,
                    }
                    rest.next();
                }
                push_breaks(&mut out, breaks);
                content_end = out.len();
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn unescape(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    let hex = |rest: &mut std::iter::Peekable<std::str::Chars<'_>>, digits: usize| {
        let mut value = 0u32;
        for _ in 0..digits {
            let digit = rest.next().and_then(|c| c.to_digit(16)).unwrap_or(0);
            value = value.wrapping_mul(16).wrapping_add(digit);
        }
        value
    };
    let c = match rest.next() {
        Some('0') => '\0',
        Some('a') => '\u{7}',
        Some('b') => '\u{8}',
        Some('t' | '\t') => '\t',
        Some('n') => '\n',
        Some('v') => '\u{b}',
        Some('f') => '\u{c}',
        Some('r') => '\r',
        Some('e') => '\u{1b}',
        Some('N') => '\u{85}',
        Some('_') => '\u{a0}',
        Some('L') => '\u{2028}',
        Some('P') => '\u{2029}',
        Some('x') => char::from_u32(hex(rest, 2)).unwrap_or(char::REPLACEMENT_CHARACTER),
        Some('u') => {
            let mut value = hex(rest, 4);
            // JSON writes a character beyond U+FFFF as two surrogates.
            if (0xD800..0xDC00).contains(&value) {
                let mut ahead = rest.clone();
                if ahead.next() == Some('\\') && ahead.next() == Some('u') {
                    let low = hex(&mut ahead, 4);
                    if (0xDC00..0xE000).contains(&low) {
                        value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
                        *rest = ahead;
                    }
                }
            }
            char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        Some('U') => char::from_u32(hex(rest, 8)).unwrap_or(char::REPLACEMENT_CHARACTER),
        // An escaped line break joins the lines without a space; each empty line after it is a
        // line feed.
        Some(c @ ('\n' | '\r')) => {
            if c == '\r' && rest.peek() == Some(&'\n') {
                rest.next();
            }
            while let Some(c @ (' ' | '\t' | '\n' | '\r')) = rest.peek().copied() {
                rest.next();
                if c == '\r' && rest.peek() == Some(&'\n') {
                    rest.next();
                }
                if matches!(c, '\n' | '\r') {
                    out.push('\n');
                }
            }
            return;
        }
        Some(c) => c,
        None => return,
    };
    out.push(c);
}

/// The text of a `|` or `>` scalar. `raw` starts at the indicator and ends before the last line break
/// that is the scalar's own.
///
/// As in go.yaml.in/yaml/v3, `scannerc.go` (`yaml_parser_scan_block_scalar`): a line that begins with a
/// blank after the indentation is neither joined with the one before nor with the one after it.
fn block(raw: &str, indent: usize, folded: bool) -> String {
    let mut rows = lines(raw);
    let header = rows.next().map_or("", |row| &raw[row]);
    let header = header.split('#').next().unwrap_or_default();
    let mut out = String::with_capacity(raw.len());
    let mut empty = 0;
    let mut has_text = false;
    let mut was_blank = false;
    for row in rows {
        let line = &raw[row];
        let blanks = line.bytes().take(indent).take_while(|byte| *byte == b' ').count();
        let line = &line[blanks..];
        if line.is_empty() {
            empty += 1;
            continue;
        }
        let is_blank = line.starts_with([' ', '\t']);
        if folded && has_text && !was_blank && !is_blank {
            if empty == 0 {
                out.push(' ');
            }
        } else if has_text {
            out.push('\n');
        }
        out.extend(std::iter::repeat_n('\n', empty));
        out.push_str(line);
        (empty, has_text, was_blank) = (0, true, is_blank);
    }
    if has_text && !header.contains('-') {
        out.push('\n');
    }
    if header.contains('+') {
        out.extend(std::iter::repeat_n('\n', empty));
    }
    out
}
