//! New YAML text: a string comes back as that string from every reader, and no line is folded.

use serde_json::Value;

use crate::error::SourceError;
use crate::flow::{flow, is_printable, push_double_quoted};

/// How the text around is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    /// CRLF in a source that has it.
    pub(crate) line_break: &'static str,
    /// A sequence below a key is two columns further in than the key.
    pub(crate) indented_sequences: bool,
    /// A text of several lines may be on lines of its own: nothing after it can be taken for one
    /// more of them.
    pub(crate) literals: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { line_break: "\n", indented_sequences: false, literals: false }
    }
}

/// What is written as a new value.
pub(crate) trait Written {
    /// Adds it in block style: the first line has no blanks before it, each further one `column`.
    fn push_block(&self, column: usize, style: Style, out: &mut String) -> Result<(), SourceError>;

    /// It in flow style.
    fn flow(&self) -> Result<String, SourceError>;
}

impl Written for Value {
    fn push_block(&self, column: usize, style: Style, out: &mut String) -> Result<(), SourceError> {
        self::push_block(self, column, style, out);
        Ok(())
    }

    fn flow(&self) -> Result<String, SourceError> {
        Ok(flow(self))
    }
}

/// Go's readers look no further than 1,024 characters for the colon after a key
/// (go.yaml.in/yaml/v3, `scannerc.go`: `yaml_simple_key_is_valid`).
const LONGEST_KEY: usize = 1_000;

/// Checks that every reader finds the end of a key.
///
/// # Errors
/// Why the key cannot be written.
pub(crate) fn check_key(key: &str) -> Result<(), &'static str> {
    if key.len() <= LONGEST_KEY / 8 || inline(&Value::from(key)).chars().count() <= LONGEST_KEY {
        return Ok(());
    }
    Err("the key to be added has more than 1,000 characters, which YAML readers refuse")
}

/// Checks all keys of some values; gives how many levels are below the deepest.
///
/// # Errors
/// Why one of them cannot be written.
pub(crate) fn check_keys(values: &[&Value]) -> Result<usize, &'static str> {
    let mut deepest = 0;
    let mut open: Vec<(&Value, usize)> = values.iter().map(|value| (*value, 0)).collect();
    while let Some((value, depth)) = open.pop() {
        deepest = deepest.max(depth);
        match value {
            Value::Array(entries) => open.extend(entries.iter().map(|entry| (entry, depth + 1))),
            Value::Object(fields) => {
                fields.keys().try_for_each(|key| check_key(key))?;
                open.extend(fields.values().map(|field| (field, depth + 1)));
            }
            _ => {}
        }
    }
    Ok(deepest)
}

/// A scalar or an empty collection on one line; a larger collection as JSON, which is YAML's flow
/// style.
pub(crate) fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => string(text),
        other => flow(other),
    }
}

/// Whether a value takes lines of its own in block style.
pub(crate) fn takes_lines(value: &Value) -> bool {
    match value {
        Value::Array(entries) => !entries.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => false,
    }
}

/// A value in block style. Its first line has no blanks before it, each further one `column`; the
/// last has no line break.
pub(crate) fn block(value: &Value, column: usize, style: Style) -> String {
    let mut out = String::new();
    push_block(value, column, style, &mut out);
    out
}

fn push_block(value: &Value, column: usize, style: Style, out: &mut String) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (place, (key, field)) in fields.iter().enumerate() {
                if place > 0 {
                    push_line(column, style, out);
                }
                push_entry(key, field, column, style, out);
            }
        }
        Value::Array(entries) if !entries.is_empty() => {
            for (place, entry) in entries.iter().enumerate() {
                if place > 0 {
                    push_line(column, style, out);
                }
                out.push_str("- ");
                push_block(entry, column + 2, style, out);
            }
        }
        Value::String(text) => push_string(text, out),
        other => out.push_str(&inline(other)),
    }
}

/// `key: value`, with the key's first byte at `column`.
pub(crate) fn push_entry(key: &str, value: &Value, column: usize, style: Style, out: &mut String) {
    push_string(key, out);
    out.push(':');
    push_value(value, column, style, out);
}

/// What is after `key:`, with its leading blank or line break.
pub(crate) fn push_value(value: &Value, column: usize, style: Style, out: &mut String) {
    if let Some(lines) = literal(value, column, style) {
        out.push(' ');
        out.push_str(&lines);
        return;
    }
    if !takes_lines(value) {
        out.push(' ');
        push_block(value, column, style, out);
        return;
    }
    let further_in = if value.is_array() && !style.indented_sequences { 0 } else { 2 };
    push_line(column + further_in, style, out);
    push_block(value, column + further_in, style, out);
}

/// A text of several lines as the value of a key at `column`: a literal block, without the line
/// break after its last line.
///
/// Only what every reader takes for the same text: the first line says how far in the block is,
/// no line ends with a blank that somebody's editor removes, at most one line break ends the text, the
/// lines end as those of the file do, where CRLF would be read as LF, and have ASCII alone.
pub(crate) fn literal(value: &Value, column: usize, style: Style) -> Option<String> {
    let text = value.as_str().filter(|_| style.literals && style.line_break == "\n")?;
    if !text.contains('\n') {
        return None;
    }
    let (lines, header) = text.strip_suffix('\n').map_or((text, "|-"), |lines| (lines, "|"));
    let starts_at_once = !lines.starts_with([' ', '\n']);
    let ends_at_once = !lines.is_empty() && !lines.ends_with('\n');
    let every_line_is_plain = lines
        .split('\n')
        .all(|line| !line.ends_with(' ') && line.bytes().all(|b| matches!(b, b' '..=b'~')));
    if !starts_at_once || !ends_at_once || !every_line_is_plain {
        return None;
    }
    let mut out = header.to_owned();
    for line in lines.split('\n') {
        if line.is_empty() {
            out.push('\n');
        } else {
            push_line(column + 2, style, &mut out);
            out.push_str(line);
        }
    }
    Some(out)
}

fn push_line(column: usize, style: Style, out: &mut String) {
    const BLANKS: &str = "                                ";
    out.push_str(style.line_break);
    let mut rest = column;
    while rest > 0 {
        let some = rest.min(BLANKS.len());
        out.push_str(&BLANKS[..some]);
        rest -= some;
    }
}

/// A string on one line, in quotes unless every reader of YAML 1.1 and 1.2 takes it for that
/// string without.
pub(crate) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_string(text, &mut out);
    out
}

fn push_string(text: &str, out: &mut String) {
    if is_plain(text) {
        out.push_str(text);
    } else if text.chars().all(is_printable) {
        out.push('\'');
        out.push_str(&text.replace('\'', "''"));
        out.push('\'');
    } else {
        push_double_quoted(text, out);
    }
}

/// Narrow on purpose: what starts with a letter and is not a word of any schema cannot be a number,
/// date or indicator.
fn is_plain(text: &str) -> bool {
    let mut bytes = text.bytes();
    let starts = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'/');
    let goes_on = bytes.clone().all(|b| {
        b.is_ascii_alphanumeric()
            || matches!(b, b'/' | b'.' | b'-' | b'_' | b':' | b'+' | b'@' | b' ')
    });
    starts
        && goes_on
        && !text.ends_with([':', ' '])
        && !text.as_bytes().windows(2).any(|pair| pair == b": ")
        && !is_schema_word(text)
}

fn is_schema_word(text: &str) -> bool {
    const LONGEST: usize = "infinity".len();
    if text.len() > LONGEST {
        return false;
    }
    let words =
        ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"];
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn plain_only_where_no_reader_differs() {
        for plain in [
            "internet-facing",
            "x-api-key",
            "arn:aws:acm:us-west-2:123456789012:certificate/a",
            "hello world",
            "/tmp",
        ] {
            assert_eq!(string(plain), plain);
        }
        for quoted in [
            "",
            "y",
            "NO",
            "on",
            "Null",
            "1",
            "0x1f",
            "1_000",
            "2012-10-17",
            "1:30",
            "-",
            "a: b",
            "a:",
            " a",
            "a ",
            "a #b",
            "*a",
            "&a",
            "!a",
            "%",
            "@a",
            "`a",
            "{}",
            "[]",
            "~",
            "=",
            "<<",
            ".5",
            "e3\u{e9}",
        ] {
            assert!(string(quoted).starts_with(['\'', '"']), "{quoted:?}");
        }
        assert_eq!(string("it's"), "'it''s'");
        assert_eq!(string("a\nb\u{85}"), "\"a\\nb\\u0085\"");
    }

    #[test]
    fn texts_of_several_lines_are_literal_blocks_where_nobody_can_differ() {
        let style = Style { literals: true, ..Style::default() };
        let written = |text: &str, style| literal(&json!(text), 2, style);
        assert_eq!(
            written("selector:\n  a: b\n", style).as_deref(),
            Some("|\n    selector:\n      a: b")
        );
        assert_eq!(
            written("# a\n\n---\n'b'", style).as_deref(),
            Some("|-\n    # a\n\n    ---\n    'b'")
        );
        for text in [
            "a",
            "\na\n",
            " a\nb\n",
            "a\n\n",
            "\n",
            "a \nb\n",
            "a\n \nb\n",
            "a\r\nb\n",
            "a\tb\nc\n",
            "a\u{a0}\nb\n",
            "a\u{85}\nb\n",
            "a\u{feff}\nb\n",
            "a\u{1f600}\nb\n",
        ] {
            assert_eq!(written(text, style), None, "{text:?}");
        }
        assert_eq!(written("a\nb\n", Style::default()), None);
        assert_eq!(written("a\nb\n", Style { line_break: "\r\n", ..style }), None);
        let value = json!({"a": {"b": "c\nd\n"}, "e": ["f\ng\n"]});
        assert_eq!(block(&value, 0, style), "a:\n  b: |\n    c\n    d\ne:\n- \"f\\ng\\n\"");
    }

    #[test]
    fn block_style() {
        let value = json!({"a": {"b": [1, {"c": "d", "e": []}], "f": {}}, "1": null});
        let text = block(&value, 2, Style::default());
        assert_eq!(text, "a:\n    b:\n    - 1\n    - c: d\n      e: []\n    f: {}\n  '1': null");
    }
}
