//! What aliases tie together: an edit of one object must not change another, or take from it what it
//! repeats.

use std::collections::{HashMap, HashSet};

use crate::error::SourceError;
use crate::read::contents::Contents;
use crate::syntax::tree::Tree;

/// The names of each object's anchors that aliases outside it use.
pub(crate) fn shared_anchors(
    source: &str,
    tree: &Tree,
    contents: &Contents,
) -> HashMap<usize, HashSet<String>> {
    let mut shared: HashMap<usize, HashSet<String>> = HashMap::new();
    for link in &tree.aliases {
        let Some(item) = contents.item_around(tree, link.target) else { continue };
        let anchor = tree.properties(link.target).and_then(|own| own.anchor.as_ref());
        let is_inside = contents.item_around(tree, link.alias) == Some(item);
        if let Some(anchor) = anchor.filter(|_| !is_inside) {
            let name = &source[anchor.start as usize + 1..anchor.end as usize];
            shared.entry(item).or_default().insert(name.to_owned());
        }
    }
    shared
}

/// An object whose value an alias in another repeats cannot leave without it.
///
/// # Errors
/// The object, and where the alias is.
pub(crate) fn check_none_is_lost(
    source: &str,
    tree: &Tree,
    contents: &Contents,
    removed: &[bool],
) -> Result<(), (usize, SourceError)> {
    if !removed.contains(&true) {
        return Ok(());
    }
    let leaves = |item: Option<usize>| item.filter(|item| removed[*item]);
    for link in &tree.aliases {
        let target = leaves(contents.item_around(tree, link.target));
        let alias = leaves(contents.item_around(tree, link.alias));
        if let (Some(item), None) = (target, alias) {
            let start = tree.span(link.alias).start;
            let message = "this alias repeats a value of an object that is being removed; write the value out";
            return Err((item, SourceError::at(source, start, message)));
        }
    }
    Ok(())
}
