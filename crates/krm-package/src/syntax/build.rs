//! Builds a tree from nodes in document order, and refuses what no reader agrees on: duplicate
//! keys, and aliases that expand without measure.

use std::collections::HashMap;

use super::keys::{self, Key};
use super::tree::{AliasLink, Form, Marks, Node, NodeId, Properties, Tree};
use crate::error::SourceError;

/// More nodes than any manifest has once its aliases are followed; a document of a few hundred
/// bytes can expand to billions.
const MAX_EXPANDED_NODES: u64 = 1_000_000;
/// How often an honest document repeats its own nodes through aliases.
const MAX_EXPANSION_RATIO: u64 = 10;

pub(super) struct Builder<'s> {
    source: &'s str,
    tree: Tree,
    open: Vec<Collection<'s>>,
    keys: Vec<Key>,
    /// Nodes that the aliases so far repeat.
    repeated: u64,
    /// By name, those of the document that is read.
    anchors: HashMap<&'s str, Anchor>,
    /// Their names in the order in which they were set.
    anchored: Vec<&'s str>,
    /// Where the last finished node ends.
    last_end: u32,
    /// Whether a key may be twice in its mapping.
    takes_duplicates: bool,
}

#[derive(Clone, Copy)]
struct Collection<'s> {
    id: NodeId,
    first_key: usize,
    is_mapping: bool,
    /// In a mapping: the next node is a key.
    at_key: bool,
    anchor: Option<&'s str>,
}

struct Anchor {
    target: NodeId,
    expanded_before: u64,
    /// `None` while the node is still open.
    expanded: Option<u64>,
}

/// A place between two nodes to which a builder can go back.
pub(super) struct Mark {
    nodes: usize,
    properties: usize,
    aliases: usize,
    roots: usize,
    open: usize,
    keys: usize,
    repeated: u64,
    anchored: usize,
    last_end: u32,
}

/// A node as a parser hands it over.
pub(super) struct Parsed<'s> {
    pub(super) form: Form,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) indent: usize,
    pub(super) properties: Properties,
    /// The anchor's name.
    pub(super) anchor: Option<&'s str>,
}

impl Parsed<'_> {
    pub(super) fn plain(form: Form, start: usize, end: usize) -> Self {
        Self { form, start, end, indent: 0, properties: Properties::default(), anchor: None }
    }
}

impl<'s> Builder<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        let mut tree = Tree::default();
        // Manifests have a node for every 36 bytes or so.
        tree.nodes.reserve(source.len() / 36 + 16);
        Self {
            source,
            tree,
            open: Vec::new(),
            keys: Vec::new(),
            repeated: 0,
            anchors: HashMap::new(),
            anchored: Vec::new(),
            last_end: 0,
            takes_duplicates: false,
        }
    }

    /// Takes a key that is twice, for a text that one reader alone reads.
    pub(super) fn taking_duplicates(mut self) -> Self {
        self.takes_duplicates = true;
        self
    }

    pub(super) fn finish(self) -> Tree {
        self.tree
    }

    /// Nodes so far with every alias followed.
    fn expanded(&self) -> u64 {
        self.repeated.saturating_add(self.tree.nodes.len() as u64)
    }

    /// Whether the next node is a mapping's key.
    pub(super) fn at_key(&self) -> bool {
        self.open.last().is_some_and(|collection| collection.at_key)
    }

    /// A scalar; `text` is what it says, needed where it is a key.
    pub(super) fn scalar(&mut self, node: &Parsed<'s>, text: &str) {
        let is_key = self.at_key();
        let id = self.push(node);
        if is_key {
            self.keys.push(Key::new(text, id));
        }
        if let Some(name) = node.anchor {
            self.anchor(name, Anchor { target: id, expanded_before: 0, expanded: Some(1) });
        }
        self.finish_node(id);
    }

    /// A scalar that is not a key and has neither anchor nor tag.
    #[inline]
    pub(super) fn leaf(&mut self, form: Form, start: usize, end: usize, indent: usize) {
        let id = self.push_node(form, start, end, indent, Marks::default());
        self.finish_node(id);
    }

    /// A scalar that is a key and has neither anchor nor tag; `text` is what it says.
    #[inline]
    pub(super) fn key(&mut self, form: Form, start: usize, end: usize, text: &str) {
        let id = self.push_node(form, start, end, 0, Marks::default());
        self.keys.push(Key::new(text, id));
        self.finish_node(id);
    }

    /// Moves the end of the last node, a scalar, further on.
    pub(super) fn extend_leaf(&mut self, end: usize) {
        if let Some(node) = self.tree.nodes.last_mut() {
            node.end = end as u32;
            self.last_end = node.end;
        }
    }

    pub(super) fn alias(&mut self, node: &Parsed<'s>, name: &str) -> Result<(), SourceError> {
        let found = self.anchors.get(name);
        let Some((target, expanded)) = found.map(|known| (known.target, known.expanded)) else {
            return Err(
                self.refuse(node.start, "this alias has no anchor before it in its document")
            );
        };
        let Some(expanded) = expanded else {
            return Err(self.refuse(node.start, "this alias is inside the node that it repeats"));
        };
        let id = self.push(node);
        self.tree.aliases.push(AliasLink { alias: id, target });
        self.repeated = self.repeated.saturating_add(expanded);
        let written = self.tree.nodes.len() as u64;
        if self.expanded() > MAX_EXPANDED_NODES
            && self.expanded() > written.saturating_mul(MAX_EXPANSION_RATIO)
        {
            return Err(self.refuse(
                node.start,
                "aliases up to here expand to more than 1,000,000 nodes; write the values out",
            ));
        }
        self.finish_node(id);
        Ok(())
    }

    pub(super) fn open(&mut self, node: &Parsed<'s>) {
        let before = self.expanded();
        let id = self.push(node);
        if let Some(name) = node.anchor {
            self.anchor(name, Anchor { target: id, expanded_before: before, expanded: None });
        }
        self.enter(id, node.form, node.anchor);
    }

    /// Begins a collection that has neither anchor nor tag.
    #[inline]
    pub(super) fn open_bare(&mut self, form: Form, start: usize) {
        let id = self.push_node(form, start, start, 0, Marks::default());
        self.enter(id, form, None);
    }

    fn enter(&mut self, id: NodeId, form: Form, anchor: Option<&'s str>) {
        let is_mapping = form.is_mapping();
        self.open.push(Collection {
            id,
            first_key: self.keys.len(),
            is_mapping,
            at_key: is_mapping,
            anchor,
        });
    }

    /// Ends the innermost collection; `end` is given for flow style, else it ends with its last
    /// node.
    pub(super) fn close(&mut self, end: Option<usize>) -> Result<(), SourceError> {
        let Some(collection) = self.open.pop() else {
            return Ok(());
        };
        let next = self.tree.nodes.len() as u32;
        let node = &mut self.tree.nodes[collection.id.0 as usize];
        node.next = next;
        node.end = end.map_or(self.last_end, |end| end as u32);
        if collection.is_mapping {
            if !self.takes_duplicates {
                keys::check(self.source, &self.tree, &mut self.keys[collection.first_key..])?;
            }
            self.keys.truncate(collection.first_key);
        }
        if let Some(name) = collection.anchor {
            let expanded = self.expanded();
            // The name may be another node's by now.
            let anchor = self.anchors.get_mut(name);
            if let Some(anchor) = anchor.filter(|anchor| anchor.target == collection.id) {
                anchor.expanded = Some(expanded - anchor.expanded_before);
            }
        }
        self.finish_node(collection.id);
        Ok(())
    }

    /// Marks the innermost mapping as one that has a `? key`.
    pub(super) fn mark_explicit_key(&mut self) {
        if let Some(collection) = self.open.last() {
            self.tree.nodes[collection.id.0 as usize].marks.add(Marks::EXPLICIT_KEY);
        }
    }

    /// The documents so far.
    pub(super) fn roots(&self) -> usize {
        self.tree.roots.len()
    }

    /// Forgets the anchors: they end with their document.
    pub(super) fn end_document(&mut self) {
        if !self.anchored.is_empty() {
            self.anchors.clear();
            self.anchored.clear();
        }
    }

    fn anchor(&mut self, name: &'s str, anchor: Anchor) {
        self.anchors.insert(name, anchor);
        self.anchored.push(name);
    }

    /// The place after the last node. Going back to it is right as long as no collection that is
    /// open here was closed.
    pub(super) fn mark(&self) -> Mark {
        Mark {
            nodes: self.tree.nodes.len(),
            properties: self.tree.properties.len(),
            aliases: self.tree.aliases.len(),
            roots: self.tree.roots.len(),
            open: self.open.len(),
            keys: self.keys.len(),
            repeated: self.repeated,
            anchored: self.anchored.len(),
            last_end: self.last_end,
        }
    }

    /// Forgets every node after a mark, which lies in a sequence or outside all nodes.
    pub(super) fn go_back(&mut self, mark: &Mark) {
        self.tree.nodes.truncate(mark.nodes);
        self.tree.properties.truncate(mark.properties);
        self.tree.aliases.truncate(mark.aliases);
        self.tree.roots.truncate(mark.roots);
        self.open.truncate(mark.open);
        self.keys.truncate(mark.keys);
        self.repeated = mark.repeated;
        self.last_end = mark.last_end;
        // What a name stood for before is not known any more; an alias that uses it is refused, and
        // the whole text is read anew.
        for name in self.anchored.drain(mark.anchored.min(self.anchored.len())..) {
            self.anchors.remove(name);
        }
    }

    fn push(&mut self, node: &Parsed<'s>) -> NodeId {
        let has_properties = node.properties != Properties::default();
        let marks = if has_properties { Marks::PROPERTIES } else { Marks::default() };
        let id = self.push_node(node.form, node.start, node.end, node.indent, marks);
        if has_properties {
            self.tree.properties.push((id, node.properties.clone()));
        }
        id
    }

    #[inline]
    fn push_node(
        &mut self,
        form: Form,
        start: usize,
        end: usize,
        indent: usize,
        marks: Marks,
    ) -> NodeId {
        let id = NodeId(self.tree.nodes.len() as u32);
        self.tree.nodes.push(Node {
            start: start as u32,
            end: end as u32,
            next: id.0 + 1,
            form,
            marks,
            indent: u16::try_from(indent).unwrap_or(u16::MAX),
        });
        if self.open.is_empty() {
            self.tree.roots.push(id);
        }
        id
    }

    #[inline]
    fn finish_node(&mut self, id: NodeId) {
        self.last_end = self.tree.node(id).end;
        if let Some(parent) = self.open.last_mut() {
            parent.at_key = parent.is_mapping && !parent.at_key;
        }
    }

    fn refuse(&self, offset: usize, message: &str) -> SourceError {
        SourceError::at(self.source, offset, message)
    }
}
