//! Texts that are not quite what they were.

use test_support::Dice;

/// One to three small damages of a text, each of which may or may not leave it YAML.
pub(crate) fn damaged(text: &str, dice: &mut Dice) -> String {
    const INSERTED: &[&str] = &[
        " ", "  ", "\n", "\n\n", "\r\n", "\t", "-", "- ", ": ", ":", "#", " #", ",", "[", "]", "{",
        "}", "? ", "?", "&a ", "*a", "!!str ", "! ", "!x ", "|\n", ">-\n", "'", "\"", "\\", "---",
        "---\n", "...", "...\n", "%", "@", "a", "b: ", "\u{feff}", "\u{85}", "é", "\r", "\u{7}",
    ];
    let mut text: Vec<char> = text.chars().collect();
    for _ in 0..1 + dice.below(3) {
        let at = dice.below(text.len() + 1);
        match dice.below(6) {
            0 => {
                text.splice(at..(at + 1 + dice.below(3)).min(text.len()), []);
            }
            1..=3 => {
                let new = INSERTED[dice.below(INSERTED.len())];
                text.splice(at..at, new.chars());
            }
            4 => {
                let from = dice.below(text.len() + 1);
                let piece = text[from..(from + dice.below(20)).min(text.len())].to_vec();
                text.splice(at..at, piece);
            }
            _ => text.truncate(at.max(text.len() / 2)),
        }
    }
    text.into_iter().collect()
}
