//! Short texts that are looked for together, in one pass.

use std::collections::{BTreeMap, HashSet};

/// So many bytes of secrets are looked for; a real package has some hundred.
pub(super) const MOST_BYTES: usize = 1 << 20;

/// Texts by their length. Most places of a text begin none of them, which a look at two bytes tells.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Fragments {
    by_length: BTreeMap<usize, HashSet<Vec<u8>>>,
    beginnings: HashSet<[u8; 2]>,
    single: HashSet<u8>,
}

impl Fragments {
    pub(super) fn add(&mut self, text: &[u8]) {
        match text {
            [] => return,
            [only] => {
                self.single.insert(*only);
            }
            [first, second, ..] => {
                self.beginnings.insert([*first, *second]);
            }
        }
        self.by_length.entry(text.len()).or_default().insert(text.to_vec());
    }

    /// Where one of them is.
    pub(super) fn find<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = (usize, usize)> + 't {
        (0..text.len()).filter(move |&at| self.may_begin(text, at)).flat_map(move |at| {
            self.by_length.iter().filter_map(move |(&length, texts)| {
                let end = at + length;
                text.get(at..end).filter(|part| texts.contains(*part)).map(|_| (at, end))
            })
        })
    }

    fn may_begin(&self, text: &[u8], at: usize) -> bool {
        let Some(&first) = text.get(at) else { return false };
        let pair = text.get(at + 1).map(|&second| [first, second]);
        pair.is_some_and(|pair| self.beginnings.contains(&pair)) || self.single.contains(&first)
    }
}
