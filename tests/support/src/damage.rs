//! Texts that are not quite what they were.

use crate::Dice;

/// One to `most` small damages of a text, each of which may or may not leave it valid: pieces of
/// `inserted` or of the text itself put in, characters taken out, the end cut off.
pub fn damaged(text: &str, most: usize, inserted: &[&str], dice: &mut Dice) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for _ in 0..1 + dice.below(most) {
        let at = dice.below(text.len() + 1);
        match dice.below(6) {
            0 => {
                text.splice(at..(at + 1 + dice.below(3)).min(text.len()), []);
            }
            1..=3 => {
                let new = *dice.pick(inserted);
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
