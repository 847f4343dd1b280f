//! Builds a tree from nodes in document order, and refuses what no reader agrees on: duplicate
//! keys, and aliases that expand without measure.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::error::SourceError;
use super::tree::{AliasLink, Form, Node, NodeId, Properties, Tree};

/// More nodes than any manifest has once its aliases are followed; a document of a few hundred
/// bytes can expand to billions.
const MAX_EXPANDED_NODES: u64 = 1_000_000;
/// How often an honest document repeats its own nodes through aliases.
const MAX_EXPANSION_RATIO: u64 = 10;

pub(super) struct Builder<'s> {
    source: &'s str,
    tree: Tree,
    open: Vec<Collection>,
    keys: Vec<Key>,
    /// Nodes so far with every alias followed, and where each open or anchored node began to count.
    expanded: u64,
    anchors: Vec<Anchor>,
    /// Where the last finished node ends.
    last_end: u32,
}

struct Collection {
    id: NodeId,
    first_key: usize,
    /// In a mapping: the next node is a key.
    at_key: bool,
    anchor: Option<usize>,
}

#[derive(Clone, Copy)]
struct Key {
    hash: u64,
    id: NodeId,
}

struct Anchor {
    number: usize,
    target: NodeId,
    expanded_before: u64,
    /// `None` while the node is still open.
    expanded: Option<u64>,
}

/// A node as a parser hands it over.
pub(super) struct Parsed {
    pub(super) form: Form,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) indent: usize,
    pub(super) properties: Properties,
    /// The parser's number for the anchor, from 1; 0 for none.
    pub(super) anchor: usize,
}

impl Parsed {
    pub(super) fn plain(form: Form, start: usize, end: usize) -> Self {
        Self { form, start, end, indent: 0, properties: Properties::default(), anchor: 0 }
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
            expanded: 0,
            anchors: Vec::new(),
            last_end: 0,
        }
    }

    pub(super) fn finish(self) -> Tree {
        self.tree
    }

    /// The collection that the next node goes into.
    pub(super) fn parent(&self) -> Option<NodeId> {
        self.open.last().map(|collection| collection.id)
    }

    pub(super) fn form(&self, id: NodeId) -> Form {
        self.tree.node(id).form
    }

    /// Whether the next node is a mapping's key.
    pub(super) fn at_key(&self) -> bool {
        self.open.last().is_some_and(|collection| collection.at_key)
    }

    /// A scalar; `text` is what it says, needed where it is a key.
    pub(super) fn scalar(&mut self, node: &Parsed, text: &str) {
        let is_key = self.at_key();
        let id = self.push(node);
        if is_key {
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            self.keys.push(Key { hash: hasher.finish(), id });
        }
        if node.anchor > 0 {
            self.anchors.push(Anchor {
                number: node.anchor,
                target: id,
                expanded_before: 0,
                expanded: Some(1),
            });
        }
        self.finish_node(id);
    }

    pub(super) fn alias(&mut self, node: &Parsed, anchor: usize) -> Result<(), SourceError> {
        let found = self.anchors.iter().rev().find(|known| known.number == anchor);
        let Some((target, expanded)) = found.map(|known| (known.target, known.expanded)) else {
            return Err(
                self.refuse(node.start, "this alias has no anchor before it in its document")
            );
        };
        let Some(expanded) = expanded else {
            return Err(
                self.refuse(node.start, "this alias stands inside the node that it repeats")
            );
        };
        let id = self.push(node);
        self.tree.aliases.push(AliasLink { alias: id, target });
        self.expanded = self.expanded.saturating_add(expanded);
        let written = self.tree.nodes.len() as u64;
        if self.expanded > MAX_EXPANDED_NODES
            && self.expanded > written.saturating_mul(MAX_EXPANSION_RATIO)
        {
            return Err(self.refuse(
                node.start,
                "aliases up to here expand to more than 1,000,000 nodes; write the values out",
            ));
        }
        self.finish_node(id);
        Ok(())
    }

    pub(super) fn open(&mut self, node: &Parsed) {
        let anchor = (node.anchor > 0).then_some(self.anchors.len());
        let before = self.expanded;
        let id = self.push(node);
        if node.anchor > 0 {
            self.anchors.push(Anchor {
                number: node.anchor,
                target: id,
                expanded_before: before,
                expanded: None,
            });
        }
        self.open.push(Collection {
            id,
            first_key: self.keys.len(),
            at_key: node.form.is_mapping(),
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
        self.check_keys(collection.first_key)?;
        self.keys.truncate(collection.first_key);
        if let Some(place) = collection.anchor {
            let anchor = &mut self.anchors[place];
            anchor.expanded = Some(self.expanded - anchor.expanded_before);
        }
        self.finish_node(collection.id);
        Ok(())
    }

    /// Marks the innermost mapping as one that has a `? key`.
    pub(super) fn mark_explicit_key(&mut self) {
        if let Some(collection) = self.open.last() {
            self.tree.nodes[collection.id.0 as usize].explicit_key = true;
        }
    }

    /// Forgets the anchors: they end with their document.
    pub(super) fn end_document(&mut self) {
        self.anchors.clear();
    }

    fn push(&mut self, node: &Parsed) -> NodeId {
        let id = NodeId(self.tree.nodes.len() as u32);
        let has_properties = node.properties != Properties::default();
        if has_properties {
            self.tree.properties.push(node.properties.clone());
        }
        self.tree.nodes.push(Node {
            start: node.start as u32,
            end: node.end as u32,
            next: id.0 + 1,
            properties: if has_properties { self.tree.properties.len() as u32 } else { 0 },
            form: node.form,
            explicit_key: false,
            indent: u16::try_from(node.indent).unwrap_or(u16::MAX),
        });
        self.expanded = self.expanded.saturating_add(1);
        if self.open.is_empty() {
            self.tree.roots.push(id);
        }
        id
    }

    fn finish_node(&mut self, id: NodeId) {
        self.last_end = self.tree.node(id).end;
        if let Some(parent) = self.open.last_mut()
            && self.tree.nodes[parent.id.0 as usize].form.is_mapping()
        {
            parent.at_key = !parent.at_key;
        }
    }

    /// Kustomize refuses a duplicate key and `kubectl apply` takes the last: no edit is right for
    /// both.
    fn check_keys(&mut self, first: usize) -> Result<(), SourceError> {
        let source = self.source;
        let tree = &self.tree;
        let keys = &mut self.keys[first..];
        let twin = if keys.len() <= 8 {
            (1..keys.len()).find_map(|later| {
                let same = (0..later).find(|earlier| keys[*earlier].hash == keys[later].hash)?;
                Some((keys[same].id, keys[later].id))
            })
        } else {
            keys.sort_unstable_by_key(|key| (key.hash, key.id));
            let pairs = keys.windows(2).filter(|pair| pair[0].hash == pair[1].hash);
            pairs.map(|pair| (pair[0].id, pair[1].id)).min_by_key(|pair| pair.1)
        };
        let Some((earlier, later)) = twin else {
            return Ok(());
        };
        let before = super::error::Position::of(source, tree.span(earlier).start);
        Err(SourceError::at(
            source,
            tree.span(later).start,
            format!("this key stands already at {before}; keep one of the two"),
        ))
    }

    fn refuse(&self, offset: usize, message: &str) -> SourceError {
        SourceError::at(self.source, offset, message)
    }
}
