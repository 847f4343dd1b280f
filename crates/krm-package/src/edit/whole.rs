//! The proof of a whole text, where edits of several objects meet: each object that stays is written as
//! before, each changed one is what its own proof wants, each new one reads as its value, and everything
//! else in a list is written as before.

use serde_json::Value;

use super::new_object::NewObject;
use super::page::Page;
use super::proof::{Wanted, is_written_alike};
use crate::error::SourceError;
use crate::read::contents::{Contents, Entry, Holds, List, written_roots};
use crate::read::{NodeRef, ReadError};
use crate::syntax::tree::NodeId;

/// What is to come out of several edits.
pub(crate) struct WholeProof<'p> {
    pub(crate) before: Page<'p>,
    pub(crate) contents: &'p Contents,
    /// For each object what its patch makes of it.
    pub(crate) wanted: &'p [Option<Wanted>],
    pub(crate) removed: &'p [bool],
    pub(crate) added: &'p [&'p NewObject],
    pub(crate) results: &'p [Value],
    /// The list that the new objects go into; none for a stream of documents.
    pub(crate) outer: Option<&'p List>,
    /// The text is a ResourceList.
    pub(crate) is_list: bool,
}

impl WholeProof<'_> {
    /// Whether a text is what the edits make of the one before.
    ///
    /// # Errors
    /// An object that cannot be read.
    pub(crate) fn holds(&self, after: Page<'_>) -> Result<bool, SourceError> {
        let mut roots = written_roots(after.tree).map(|root| after.node(root));
        if let Some(list) = self.contents.lists.last().filter(|_| self.is_list) {
            let root = roots.next().filter(|_| after.tree.roots.len() == 1);
            return root.map_or(Ok(false), |root| self.list(list, root));
        }
        let added = if self.outer.is_none() { self.added } else { &[] };
        self.entries(&self.contents.documents, &mut roots, added)
    }

    /// Whether the entries that stay, and what is new after them, are those of the text after.
    fn entries<'a>(
        &self,
        entries: &[Entry],
        after: &mut dyn Iterator<Item = NodeRef<'a>>,
        added: &[&NewObject],
    ) -> Result<bool, SourceError> {
        for entry in entries.iter().filter(|entry| !entry.leaves(self.removed)) {
            let Some(node) = after.next() else { return Ok(false) };
            if !self.entry(*entry, node)? {
                return Ok(false);
            }
        }
        for object in added {
            let Some(node) = after.next() else { return Ok(false) };
            if !node.is(&object.value()).map_err(unplaced)? {
                return Ok(false);
            }
        }
        Ok(after.next().is_none())
    }

    fn entry(&self, entry: Entry, after: NodeRef<'_>) -> Result<bool, SourceError> {
        let before = self.before.node(entry.node);
        match entry.holds {
            Holds::List(list) => self.list(&self.contents.lists[list], after),
            Holds::Object(item) => match &self.wanted[item] {
                Some(wanted) => wanted.is(before, after),
                None => Ok(is_written_alike(before, after, None)),
            },
        }
    }

    fn list(&self, list: &List, after: NodeRef<'_>) -> Result<bool, SourceError> {
        let is_outer = self.outer.is_some_and(|outer| outer.list == list.list);
        let has_results = self.is_list && is_outer && !self.results.is_empty();
        let before = self.before.node(list.list);
        let around = |list: NodeRef<'_>| {
            let is_kept = |key: NodeId| {
                let key = list.at(key);
                let is_own = key.says("items") || (has_results && key.says("results"));
                !is_own
            };
            let entries = list.tree.entries(list.id).filter(|(key, _)| is_kept(*key));
            entries.flat_map(|(key, value)| [key, value]).collect::<Vec<_>>()
        };
        let (kept, found) = (around(before), around(after));
        let mut pairs = kept.iter().zip(&found);
        let is_alike = kept.len() == found.len()
            && pairs.all(|(one, other)| is_written_alike(before.at(*one), after.at(*other), None));
        if !is_alike || (has_results && !self.has_results(before, after)?) {
            return Ok(false);
        }
        let items = after.get("items");
        let mut entries = items
            .into_iter()
            .flat_map(|items| items.tree.children(items.id).map(move |entry| items.at(entry)));
        self.entries(&list.entries, &mut entries, if is_outer { self.added } else { &[] })
    }

    /// Whether the results are those that were there, and after them the new ones.
    fn has_results(&self, before: NodeRef<'_>, after: NodeRef<'_>) -> Result<bool, SourceError> {
        let read = |list: NodeRef<'_>| {
            let results = list.get("results").filter(|results| !results.is_null());
            results.map_or(Ok(Vec::new()), NodeRef::read::<Vec<Value>>).map_err(unplaced)
        };
        let (known, found) = (read(before)?, read(after)?);
        let (Some(old), Some(new)) = (found.get(..known.len()), found.get(known.len()..)) else {
            return Ok(false);
        };
        let mut wanted = self.results.iter().filter(|result| !known.contains(result));
        Ok(old == known && new.iter().all(|result| wanted.next() == Some(result)))
    }
}

fn unplaced(error: ReadError) -> SourceError {
    SourceError { position: error.position, message: error.message }
}
