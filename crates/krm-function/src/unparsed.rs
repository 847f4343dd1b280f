//! The line of a text that cannot be parsed. Which of its values are secret is only known of a text that can
//! be read: of this one, a line shows indentation, indicators and keys, and a sign in place of every value.

use std::ops::Range;

use krm_package::Position;

use super::place::{HIDDEN, LONGEST_LINE, SourceLine};

/// In a longer text nothing is looked for, so that a report takes no time.
const LONGEST_TEXT: usize = 1 << 20;

/// The line of a position, and what of it is meant.
pub(super) fn source_line(text: &str, position: Position) -> Option<SourceLine> {
    if text.len() > LONGEST_TEXT {
        return None;
    }
    let line = text.split('\n').nth(position.line.checked_sub(1)?)?.trim_start_matches('\u{feff}');
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.len() > LONGEST_LINE {
        return None;
    }
    let letters = line.char_indices().map(|(at, _)| at);
    let meant = letters.chain([line.len()]).nth(position.column.checked_sub(1)?)?;
    let mut shown = SourceLine { text: String::new(), marked: 0..0 };
    for (part, is_value) in parts(text, line) {
        let start = shown.text.len();
        if is_value {
            shown.text.push_str(HIDDEN);
        } else {
            shown.text.push_str(&line[part.clone()]);
        }
        if part.contains(&meant) {
            let before = if is_value { 0 } else { meant - part.start };
            let letter = shown.text[start + before..].chars().next().map_or(0, char::len_utf8);
            shown.marked = start + before..start + before + letter;
        }
    }
    if meant == line.len() {
        shown.marked = shown.text.len()..shown.text.len();
    }
    Some(shown.visible())
}

/// The parts of a line in order, and whether each is a value.
fn parts(text: &str, line: &str) -> Vec<(Range<usize>, bool)> {
    let mut parts = Vec::new();
    let mut at = 0;
    while at < line.len() {
        let rest = &line[at..];
        if rest.starts_with('#') && line[..at].chars().next_back().is_none_or(char::is_whitespace) {
            parts.push((at..at + 1, false));
            if rest.len() > 1 {
                parts.push((at + 1..line.len(), true));
            }
            break;
        }
        let indicators = rest.find(|c| !is_indicator(c)).unwrap_or(rest.len());
        if indicators > 0 {
            parts.push((at..at + indicators, false));
            at += indicators;
            continue;
        }
        let length = rest.find(is_end).unwrap_or(rest.len());
        let word = &rest[..length];
        // The colon after a key is an indicator.
        let name = word.strip_suffix(':').unwrap_or(word);
        let is_shown = matches!(word, "-" | "---" | "..." | "|" | "|-" | "|+" | ">" | ">-" | ">+")
            || (is_name(name) && is_key(line, at + name.len()) && is_key_only(text, name));
        if is_shown || name.is_empty() {
            parts.push((at..at + length, false));
        } else {
            parts.push((at..at + name.len(), true));
            if name.len() < length {
                parts.push((at + name.len()..at + length, false));
            }
        }
        at += length;
    }
    parts
}

/// Blanks, and the characters that hold collections and quoted texts together.
fn is_indicator(c: char) -> bool {
    c.is_whitespace() || is_end(c)
}

fn is_end(c: char) -> bool {
    c.is_whitespace() || "[]{},\"'".contains(c)
}

fn is_name(word: &str) -> bool {
    !word.is_empty() && word.chars().all(is_of_name)
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_./".contains(c)
}

/// Whether a word that ends here is a key: a colon follows, after the quote where there is one.
fn is_key(text: &str, end: usize) -> bool {
    let rest = &text[end..];
    let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
    rest.strip_prefix(':').is_some_and(|rest| rest.is_empty() || rest.starts_with(is_end))
}

/// Whether a word is a key wherever it is a word of the text. One that is a value elsewhere may be a secret.
fn is_key_only(text: &str, word: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(is_of_name);
    text.match_indices(word).all(|(at, _)| {
        let end = at + word.len();
        let is_word =
            !is_part(text[..at].chars().next_back()) && !is_part(text[end..].chars().next());
        !is_word || is_key(text, end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, line: usize, column: usize) -> (String, String) {
        let line = source_line(text, Position { line, column }).unwrap();
        (line.text[line.marked.clone()].to_owned(), line.text)
    }

    fn same(marked: &str, text: &str) -> (String, String) {
        (marked.to_owned(), text.to_owned())
    }

    #[test]
    fn a_line_shows_its_keys_and_no_value() {
        let text = "kind: Secret\ndata: [abc # x\nmore: {a: 'b c', \"d\": e}\n";
        assert_eq!(shown(text, 3, 5), same(":", "more: {a: '… …', \"d\": …}"));
        assert_eq!(shown(text, 3, 7), same("{", "more: {a: '… …', \"d\": …}"));
        assert_eq!(shown(text, 2, 8), same("…", "data: [… #…"));
        assert_eq!(shown("a: b\n- *token", 2, 3), same("…", "- …"));
    }

    #[test]
    fn what_is_a_value_elsewhere_is_no_key() {
        let text = "values: [q8Zr2kLm]\nq8Zr2kLm: x\n\tkey: *q8Zr2kLm\n";
        assert_eq!(shown(text, 2, 1), same("…", "…: …"));
        assert_eq!(shown(text, 3, 1), same("→", "→key: …"));
        assert_eq!(shown(text, 3, 7), same("…", "→key: …"));
    }

    #[test]
    fn the_end_of_a_line_is_a_place() {
        assert_eq!(shown("\u{feff}a: \"b\r\n", 1, 6), same("", "a: \"…"));
        assert_eq!(shown("a: [\n", 2, 1), same("", ""));
        assert_eq!(source_line("a", Position { line: 3, column: 1 }), None);
        let long = format!("a: {}\n", "b".repeat(500));
        assert_eq!(source_line(&long, Position { line: 1, column: 1 }), None);
    }
}
