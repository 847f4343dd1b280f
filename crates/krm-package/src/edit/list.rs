//! Which objects a package holds, and in which lists they stand.

use crate::read::NodeRef;
use crate::syntax::tree::{Form, NodeId, Tree};

/// An entry of a list, or a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) node: NodeId,
    /// The place of the object that it is; none for a list, which is its items.
    pub(crate) item: Option<usize>,
}

impl Entry {
    pub(crate) fn leaves(&self, removed: &[bool]) -> bool {
        self.item.is_some_and(|item| removed[item])
    }
}

/// A ResourceList, a `kind: List` or another `…List`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct List {
    pub(crate) list: NodeId,
    /// The sequence.
    pub(crate) items: NodeId,
    pub(crate) entries: Vec<Entry>,
}

impl List {
    /// For each entry whether it leaves, by the objects that do.
    pub(crate) fn removed(&self, removed: &[bool]) -> Vec<bool> {
        self.entries.iter().map(|entry| entry.leaves(removed)).collect()
    }
}

/// The objects found so far, in order, and the lists, each behind those inside of it.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub(crate) items: Vec<NodeId>,
    pub(crate) lists: Vec<List>,
}

impl Contents {
    pub(crate) fn entry(&mut self, source: &str, tree: &Tree, node: NodeId) -> Entry {
        if let Some(items) = items_of_list(NodeRef { source, tree, id: node }) {
            self.list(source, tree, node, items);
            return Entry { node, item: None };
        }
        self.items.push(node);
        Entry { node, item: Some(self.items.len() - 1) }
    }

    pub(crate) fn list(&mut self, source: &str, tree: &Tree, list: NodeId, items: NodeId) {
        let entries = tree.children(items).map(|entry| self.entry(source, tree, entry)).collect();
        self.lists.push(List { list, items, entries });
    }
}

/// The items of a node that is a list and no object: its kind ends in `List`, and it has no name. A
/// ResourceList is a host's own, and is read as a whole.
fn items_of_list(node: NodeRef<'_>) -> Option<NodeId> {
    if node.tree.node(node.id).form == Form::Alias {
        return None;
    }
    // Most objects have neither: the key is looked for before the kind is read.
    let (_, items) = node.tree.entries(node.id).find(|(key, _)| node.at(*key).says("items"))?;
    let kind = node.get("kind").and_then(NodeRef::as_str)?;
    let is_list = kind.ends_with("List") && kind != "ResourceList";
    let is_named = node.get("metadata").is_some_and(|metadata| metadata.get("name").is_some());
    let is_sequence = node.tree.node(items).form.is_sequence();
    (is_list && !is_named && is_sequence).then_some(items)
}
