//! Scalars in every style that fits their text.

use crate::Dice;

/// A scalar on one line or more, outside block style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalar {
    Plain,
    Single,
    Double,
}

impl Scalar {
    pub(super) fn all_for(text: &str, in_flow: bool) -> impl Iterator<Item = Self> {
        let plain = is_plain(text, in_flow);
        let single = text.chars().all(is_printable);
        [(Self::Plain, plain), (Self::Single, single), (Self::Double, true)]
            .into_iter()
            .filter(|(_, fits)| *fits)
            .map(|(style, _)| style)
    }

    /// `fold` is the column of the lines that the scalar may go on over.
    pub(super) fn write(self, text: &str, fold: Option<usize>, dice: &mut Dice) -> String {
        let characters: Vec<char> = text.chars().collect();
        let mut out = String::new();
        for (place, c) in characters.iter().copied().enumerate() {
            let before = place.checked_sub(1).map(|before| characters[before]);
            let behind = characters.get(place + 1).copied();
            let is_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
            if let Some(column) =
                fold.filter(|_| c == ' ' && is_word(before) && is_word(behind) && dice.hits(2))
            {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', column));
                continue;
            }
            match self {
                Self::Plain => out.push(c),
                Self::Single if c == '\'' => out.push_str("''"),
                Self::Single => out.push(c),
                Self::Double => {
                    if let Some(column) = fold.filter(|_| is_word(Some(c)) && dice.hits(12)) {
                        out.push_str("\\\n");
                        out.extend(std::iter::repeat_n(' ', column));
                    }
                    push_escaped(c, &mut out, dice);
                }
            }
        }
        match self {
            Self::Plain => out,
            Self::Single => format!("'{out}'"),
            Self::Double => format!("\"{out}\""),
        }
    }
}

fn push_escaped(c: char, out: &mut String, dice: &mut Dice) {
    let code = u32::from(c);
    match c {
        '"' | '\\' => out.extend(['\\', c]),
        '\n' => out.push_str("\\n"),
        '\t' => out.push_str("\\t"),
        '\u{0}' => out.push_str("\\0"),
        '\u{85}' => out.push_str("\\N"),
        '\u{2028}' => out.push_str("\\L"),
        _ if is_printable(c) && !dice.hits(16) => out.push(c),
        _ if code < 0x100 && dice.hits(2) => out.push_str(&format!("\\x{code:02X}")),
        _ if code < 0x10000 => out.push_str(&format!("\\u{code:04x}")),
        _ => out.push_str(&format!("\\U{code:08x}")),
    }
}

pub(super) fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..)
}

fn is_plain(text: &str, in_flow: bool) -> bool {
    let begins = text
        .starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '\u{e9}' | '/' | '$' | '<'));
    let readable = text
        .chars()
        .all(|c| is_printable(c) && !(in_flow && matches!(c, ',' | '[' | ']' | '{' | '}' | '?')));
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    begins
        && readable
        && text.trim() == text
        && text != "<<"
        && !text.ends_with(':')
        && !text.contains(": ")
        && !text.contains(" #")
        && !(in_flow && text.contains(':'))
        && !words.iter().any(|word| text.eq_ignore_ascii_case(word))
}
