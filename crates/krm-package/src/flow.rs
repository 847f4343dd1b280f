//! New text in flow style.

use serde_json::Value;

/// JSON in which every YAML reader finds the same text.
pub(crate) fn flow(value: &Value) -> String {
    let mut out = String::new();
    push_flow(value, &mut out);
    out
}

fn push_flow(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => push_double_quoted(text, out),
        Value::Array(entries) => {
            out.push('[');
            for (place, entry) in entries.iter().enumerate() {
                if place > 0 {
                    out.push_str(", ");
                }
                push_flow(entry, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            out.push('{');
            for (place, (key, field)) in fields.iter().enumerate() {
                if place > 0 {
                    out.push_str(", ");
                }
                push_double_quoted(key, out);
                out.push_str(": ");
                push_flow(field, out);
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// What single quotes can hold on one line: no controls, no line breaks of Unicode, no byte-order
/// mark, nothing outside the basic plane (kustomize's writer escapes those anyway).
pub(crate) fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// A string in double quotes.
pub(crate) fn push_double_quoted(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_printable(c) => out.push(c),
            // Beyond U+FFFF a JSON reader takes two surrogates and a YAML reader does not, so the
            // character represents itself.
            c if u32::from(c) > 0xffff => out.push(c),
            c => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_is_not_printable_is_escaped_up_to_the_last_of_four_digits() {
        let mut out = String::new();
        push_double_quoted("\u{7f}\u{feff}\u{ffff}\u{10000}\u{1f600}", &mut out);
        assert_eq!(out, "\"\\u007f\\ufeff\\uffff\u{10000}\u{1f600}\"");
    }
}
