//! Texts that are not quite what they were.

use test_support::Dice;

/// One to three small damages of a text, each of which may or may not leave it YAML.
pub(crate) fn damaged(text: &str, dice: &mut Dice) -> String {
    const INSERTED: &[&str] = &[
        " ", "  ", "\n", "\n\n", "\r\n", "\t", "-", "- ", ": ", ":", "#", " #", ",", "[", "]", "{",
        "}", "? ", "?", "&a ", "*a", "!!str ", "! ", "!x ", "|\n", ">-\n", "'", "\"", "\\", "---",
        "---\n", "...", "...\n", "%", "@", "a", "b: ", "\u{feff}", "\u{85}", "é", "\r", "\u{7}",
    ];
    test_support::damaged(text, 3, INSERTED, dice)
}
