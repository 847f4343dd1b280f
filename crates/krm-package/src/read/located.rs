//! Where a field is in its source, as a person looks for it.

use std::borrow::Cow;
use std::ops::Range;

use super::node::NodeRef;
use crate::path::{FieldPath, Segment};
use crate::syntax::scalar;
use crate::syntax::tree::{Form, NodeId};

impl<'t> NodeRef<'t> {
    /// The source that the node is in.
    #[must_use]
    pub fn source(self) -> &'t str {
        self.source
    }

    /// What to mark for a field: its value where that is on one line, else its key; where the field is
    /// missing, the key of what it would be in. Never more than one line.
    ///
    /// ```
    /// use krm_package::Package;
    ///
    /// let text = "kind: A\nspec:\n  hosts: [one, two]\n";
    /// let package = Package::stream(text).unwrap();
    /// let (_, node) = package.items().next().unwrap();
    /// let marked = |path: &str| &text[node.marked(&path.into())];
    /// assert_eq!(marked("spec.hosts[1]"), "two");
    /// assert_eq!(marked("spec"), "spec");
    /// assert_eq!(marked("spec.hosts[7]"), "hosts");
    /// assert_eq!(marked("metadata.name"), "kind");
    /// ```
    #[must_use]
    pub fn marked(self, path: &FieldPath) -> Range<usize> {
        let mut node = self.followed();
        let mut marked = node.beginning();
        for segment in path.segments() {
            let found = match segment {
                Segment::Key(key) => {
                    let mut entries = node.tree.entries(node.id);
                    entries.find(|(name, _)| node.at(*name).says(key)).map(|(name, value)| {
                        let span = node.tree.span(name);
                        (node.at(value).one_line().unwrap_or(span), value)
                    })
                }
                Segment::Index(index) => {
                    let is_list = node.tree.node(node.id).form.is_sequence();
                    let entry = is_list.then(|| node.tree.children(node.id).nth(*index)).flatten();
                    entry.map(|entry| {
                        let own = node.at(entry);
                        (own.one_line().unwrap_or_else(|| own.followed().beginning()), entry)
                    })
                }
            };
            let Some((span, value)) = found else { break };
            marked = span;
            node = node.at(value).followed();
        }
        marked
    }

    /// What to mark for a field's key; where the field is missing, as [`NodeRef::marked`].
    ///
    /// ```
    /// use krm_package::Package;
    ///
    /// let text = "kind: A\nspec:\n  hosts: [one, two]\n";
    /// let package = Package::stream(text).unwrap();
    /// let (_, node) = package.items().next().unwrap();
    /// let marked = |path: &str| &text[node.marked_key(&path.into())];
    /// assert_eq!(marked("kind"), "kind");
    /// assert_eq!(marked("spec.hosts"), "hosts");
    /// assert_eq!(marked("spec.host"), "spec");
    /// ```
    #[must_use]
    pub fn marked_key(self, path: &FieldPath) -> Range<usize> {
        let key = path.segments().split_last().and_then(|(last, parents)| {
            let Segment::Key(key) = last else { return None };
            let parent = self.find(&parents.iter().cloned().collect())?.followed();
            let mut entries = parent.tree.entries(parent.id);
            let (name, _) = entries.find(|(name, _)| parent.at(*name).says(key))?;
            Some(parent.tree.span(name))
        });
        key.unwrap_or_else(|| self.marked(path))
    }

    /// The scalars, keys included, that lie in a part of the source or reach into it, each with its text.
    #[must_use]
    pub fn scalars_in(self, part: &Range<usize>) -> Vec<(Range<usize>, Cow<'t, str>)> {
        let nodes = &self.tree.nodes;
        let first = nodes.partition_point(|node| (node.start as usize) < part.start);
        // Of the nodes before, only the last scalar can reach into the part.
        let before = (0..first).rev().find(|place| nodes[*place].form.is_scalar());
        let within =
            (first..nodes.len()).take_while(|place| (nodes[*place].start as usize) < part.end);
        let all = before.into_iter().chain(within).filter_map(|place| u32::try_from(place).ok());
        let scalars = all.map(NodeId).filter(|id| self.tree.node(*id).form.is_scalar());
        let spans = scalars.map(|id| (self.tree.span(id), id));
        spans
            .filter(|(span, _)| span.end > part.start)
            .map(|(span, id)| (span, scalar::text(self.source, self.tree.node(id))))
            .collect()
    }

    /// The span of a scalar that is on one line.
    fn one_line(self) -> Option<Range<usize>> {
        let node = self.followed();
        let form = node.tree.node(node.id).form;
        let span = node.tree.span(node.id);
        let is_written = form.is_scalar() && form != Form::Empty && !form.is_block_scalar();
        (is_written && !self.source[span.clone()].contains('\n')).then_some(span)
    }

    /// The first key of a mapping, or the first character of anything else.
    fn beginning(self) -> Range<usize> {
        let span = self.tree.span(self.id);
        let first = self.tree.entries(self.id).next().map(|(key, _)| self.at(key));
        if let Some(key) = first.and_then(Self::one_line) {
            return key;
        }
        let length = self.source[span.start..].chars().next().map_or(0, char::len_utf8);
        span.start..span.start + length
    }
}
