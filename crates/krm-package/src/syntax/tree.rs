//! The span tree: what is where in the source, and nothing of what it means.

use std::ops::Range;

/// How a node is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// Nothing is written: the value of `key:`. Its place is right after the `:` or the `-`.
    Empty,
    /// An unquoted scalar, on one line or more.
    Plain,
    /// A scalar in single quotes.
    SingleQuoted,
    /// A scalar in double quotes.
    DoubleQuoted,
    /// A `|` scalar; its span starts at the `|`.
    Literal,
    /// A `>` scalar; its span starts at the `>`.
    Folded,
    /// `key: value` lines.
    BlockMapping,
    /// `- entry` lines; its span starts at the first `-`.
    BlockSequence,
    /// `{…}`
    FlowMapping,
    /// `[…]`
    FlowSequence,
    /// `*name`
    Alias,
}

impl Form {
    /// Whether it is a mapping of either style.
    #[must_use]
    pub fn is_mapping(self) -> bool {
        matches!(self, Self::BlockMapping | Self::FlowMapping)
    }

    /// Whether it is a sequence of either style.
    #[must_use]
    pub fn is_sequence(self) -> bool {
        matches!(self, Self::BlockSequence | Self::FlowSequence)
    }

    /// Whether it is a scalar of any style.
    #[must_use]
    pub fn is_scalar(self) -> bool {
        !self.is_mapping() && !self.is_sequence() && self != Self::Alias
    }

    pub(crate) fn is_flow(self) -> bool {
        matches!(self, Self::FlowMapping | Self::FlowSequence)
    }

    pub(crate) fn is_block_scalar(self) -> bool {
        matches!(self, Self::Literal | Self::Folded)
    }
}

/// The place of a node in its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(pub(crate) u32);

impl NodeId {
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// One node; 16 bytes, because a build of a platform has half a million.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Node {
    /// First byte of the node's own text, after its anchor and tag.
    pub(crate) start: u32,
    /// One past the last byte; never a line break, so that a line can be added after it.
    pub(crate) end: u32,
    /// The node after this one and all below it: nodes lie in document order.
    pub(crate) next: u32,
    /// How it is written.
    pub(crate) form: Form,
    /// What is rare.
    pub(crate) marks: Marks,
    /// Columns before the content of a block scalar.
    pub(crate) indent: u16,
}

const _: () = assert!(size_of::<Node>() == 16, "a node is 16 bytes");

/// What few nodes have, a bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Marks(u8);

impl Marks {
    /// The node has an anchor or a tag.
    pub(crate) const PROPERTIES: Self = Self(1);
    /// It is a mapping that has a `? key`, which no edit touches.
    pub(crate) const EXPLICIT_KEY: Self = Self(2);

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// The anchor and the tag before a node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Properties {
    /// `&name`
    pub(crate) anchor: Option<Range<u32>>,
    /// `!tag`
    pub(crate) tag: Option<Range<u32>>,
}

impl Properties {
    /// The first byte of the anchor or the tag.
    pub(crate) fn start(&self) -> Option<u32> {
        match (&self.anchor, &self.tag) {
            (Some(anchor), Some(tag)) => Some(anchor.start.min(tag.start)),
            (Some(one), None) | (None, Some(one)) => Some(one.start),
            (None, None) => None,
        }
    }
}

/// An alias and the anchored node that it represents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AliasLink {
    pub(crate) alias: NodeId,
    pub(crate) target: NodeId,
}

/// All nodes of a source, in document order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
    /// Sorted by node: of those that have some.
    pub(crate) properties: Vec<(NodeId, Properties)>,
    /// Sorted by alias.
    pub(crate) aliases: Vec<AliasLink>,
    /// The root of each document that has one.
    pub(crate) roots: Vec<NodeId>,
}

impl Tree {
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    pub(crate) fn span(&self, id: NodeId) -> Range<usize> {
        let node = self.node(id);
        node.start as usize..node.end as usize
    }

    /// The node's span with its anchor and tag.
    pub(crate) fn outer_span(&self, id: NodeId) -> Range<usize> {
        let span = self.span(id);
        let start = self.properties(id).and_then(Properties::start);
        start.map_or(span.start, |start| start as usize)..span.end
    }

    pub(crate) fn properties(&self, id: NodeId) -> Option<&Properties> {
        if !self.node(id).marks.has(Marks::PROPERTIES) {
            return None;
        }
        let place = self.properties.binary_search_by_key(&id, |(node, _)| *node).ok()?;
        Some(&self.properties[place].1)
    }

    pub(crate) fn has_tag(&self, id: NodeId) -> bool {
        self.properties(id).is_some_and(|own| own.tag.is_some())
    }

    /// The nodes right below a mapping (key, value, key, value, …) or a sequence.
    pub(crate) fn children(&self, id: NodeId) -> Children<'_> {
        let node = self.node(id);
        let leaf = node.form.is_scalar() || node.form == Form::Alias;
        Children { tree: self, at: if leaf { node.next } else { id.0 + 1 }, end: node.next }
    }

    /// The keys of a mapping with their values.
    pub(crate) fn entries(&self, id: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> + '_ {
        let mut children =
            if self.node(id).form.is_mapping() { Some(self.children(id)) } else { None };
        std::iter::from_fn(move || {
            let children = children.as_mut()?;
            Some((children.next()?, children.next()?))
        })
    }

    /// What an alias represents.
    pub(crate) fn target(&self, alias: NodeId) -> Option<NodeId> {
        let place = self.aliases.binary_search_by_key(&alias, |link| link.alias).ok()?;
        Some(self.aliases[place].target)
    }

    /// The aliases that a node is or holds.
    pub(crate) fn links(&self, id: NodeId) -> &[AliasLink] {
        let place = |id: u32| self.aliases.partition_point(|link| link.alias.0 < id);
        &self.aliases[place(id.0)..place(self.node(id).next)]
    }

    /// Whether the node, or one below it, is what `other` is or lies in.
    pub(crate) fn contains(&self, outer: NodeId, inner: NodeId) -> bool {
        outer <= inner && inner.0 < self.node(outer).next
    }
}

/// See [`Tree::children`].
#[derive(Debug, Clone)]
pub(crate) struct Children<'t> {
    tree: &'t Tree,
    at: u32,
    end: u32,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        if self.at >= self.end {
            return None;
        }
        let id = NodeId(self.at);
        self.at = self.tree.node(id).next;
        Some(id)
    }
}
