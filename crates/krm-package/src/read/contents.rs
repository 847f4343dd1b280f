//! Which objects a text holds, and in which lists they are.

use super::node::NodeRef;
use crate::syntax::tree::{Form, NodeId, Tree};

/// An entry of a list, or a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) node: NodeId,
    pub(crate) holds: Holds,
}

/// What an entry is, by its place among those of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    Object(usize),
    /// Its items.
    List(usize),
}

impl Entry {
    /// The object that it is.
    pub(crate) fn item(&self) -> Option<usize> {
        match self.holds {
            Holds::Object(item) => Some(item),
            Holds::List(_) => None,
        }
    }

    pub(crate) fn leaves(&self, removed: &[bool]) -> bool {
        self.item().is_some_and(|item| removed[item])
    }
}

/// A ResourceList, a `kind: List` or another `…List`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct List {
    pub(crate) list: NodeId,
    /// The sequence; only a ResourceList can be without.
    pub(crate) items: Option<NodeId>,
    pub(crate) entries: Vec<Entry>,
}

/// The objects found so far, in order, and the lists, each after those inside it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Contents {
    pub(crate) items: Vec<NodeId>,
    pub(crate) lists: Vec<List>,
    /// The documents of a stream that are not empty.
    pub(crate) documents: Vec<Entry>,
}

impl Contents {
    pub(crate) fn of_stream(source: &str, tree: &Tree) -> Self {
        let mut found = Self::default();
        let documents = written_roots(tree).map(|root| found.entry(source, tree, root)).collect();
        found.documents = documents;
        found
    }

    pub(crate) fn of_list(source: &str, tree: &Tree, list: NodeId, items: Option<NodeId>) -> Self {
        let mut found = Self::default();
        found.list(source, tree, list, items);
        found
    }

    fn entry(&mut self, source: &str, tree: &Tree, node: NodeId) -> Entry {
        let items = items_of_list(NodeRef { source, tree, id: node });
        if items.is_some() {
            self.list(source, tree, node, items);
            return Entry { node, holds: Holds::List(self.lists.len() - 1) };
        }
        self.items.push(node);
        Entry { node, holds: Holds::Object(self.items.len() - 1) }
    }

    fn list(&mut self, source: &str, tree: &Tree, list: NodeId, items: Option<NodeId>) {
        let entries = items.into_iter().flat_map(|items| tree.children(items));
        let entries = entries.map(|entry| self.entry(source, tree, entry)).collect();
        self.lists.push(List { list, items, entries });
    }

    /// The object that a node is, or lies in.
    pub(crate) fn item_around(&self, tree: &Tree, node: NodeId) -> Option<usize> {
        let place = self.items.partition_point(|item| *item <= node).checked_sub(1)?;
        tree.contains(self.items[place], node).then_some(place)
    }
}

/// The roots of the documents that are not empty.
pub(crate) fn written_roots(tree: &Tree) -> impl Iterator<Item = NodeId> {
    let roots = tree.roots.iter().copied();
    roots.filter(|root| tree.node(*root).form != Form::Empty || tree.has_tag(*root))
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
