//! The keys of a mapping: none is in it twice.

use std::borrow::Cow;

use super::scalar;
use super::tree::{Form, NodeId, Tree};
use crate::error::{Position, SourceError};

/// A key of a mapping that is still open.
#[derive(Clone, Copy)]
pub(super) struct Key {
    hash: u64,
    id: NodeId,
}

impl Key {
    #[inline]
    pub(super) fn new(text: &str, id: NodeId) -> Self {
        Self { hash: hash(text.as_bytes()), id }
    }
}

/// Kustomize refuses a duplicate key and `kubectl apply` takes the last: no edit is right for both.
///
/// # Errors
/// The first key that is in its mapping already.
pub(super) fn check(source: &str, tree: &Tree, keys: &mut [Key]) -> Result<(), SourceError> {
    let twin = if keys.len() <= 8 {
        (1..keys.len()).find_map(|later| {
            let same = (0..later).find(|earlier| {
                keys[*earlier].hash == keys[later].hash
                    && key_text(source, tree, keys[*earlier].id)
                        == key_text(source, tree, keys[later].id)
            })?;
            Some((keys[same].id, keys[later].id))
        })
    } else {
        keys.sort_unstable_by_key(|key| (key.hash, key.id));
        let groups = keys.chunk_by(|one, other| one.hash == other.hash);
        let pairs = groups.filter_map(|group| first_twin(source, tree, group));
        pairs.min_by_key(|pair| pair.1)
    };
    let Some((earlier, later)) = twin else {
        return Ok(());
    };
    let before = Position::of(source, tree.span(earlier).start);
    Err(SourceError::at(
        source,
        tree.span(later).start,
        format!("duplicate key, first set at {before}; remove one of the two"),
    ))
}

/// What a key says, as the parser has it: nothing is null, and `~` too.
fn key_text<'s>(source: &'s str, tree: &Tree, key: NodeId) -> Cow<'s, str> {
    let node = tree.node(key);
    if node.form == Form::Empty { Cow::Borrowed("~") } else { scalar::text(source, node) }
}

/// The first key among those of one hash that is there already, with the key before it. Sorted
/// by text, so that keys made to have one hash cost no more than others.
fn first_twin(source: &str, tree: &Tree, group: &[Key]) -> Option<(NodeId, NodeId)> {
    if group.len() < 2 {
        return None;
    }
    let mut texts: Vec<_> =
        group.iter().map(|key| (key_text(source, tree, key.id), key.id)).collect();
    texts.sort_unstable();
    let pairs = texts.windows(2).filter(|pair| pair[0].0 == pair[1].0);
    pairs.map(|pair| (pair[0].1, pair[1].1)).min_by_key(|pair| pair.1)
}

/// A quick hash that anybody can make collide: whoever compares it compares the texts too.
#[inline]
fn hash(text: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |hash: u64, word: u64| (hash.rotate_left(23) ^ word).wrapping_mul(FACTOR);
    let mut hash = text.len() as u64;
    let mut rest = text;
    while let Some((word, behind)) = rest.split_first_chunk() {
        hash = mix(hash, u64::from_le_bytes(*word));
        rest = behind;
    }
    let last = rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
    mix(hash, last)
}
