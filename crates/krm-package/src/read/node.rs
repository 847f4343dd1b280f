//! A node of a parsed source, and the way from it to others.

use std::borrow::Cow;

use crate::error::Position;
use crate::path::{FieldPath, Segment};
use crate::syntax::scalar::{self, Plain};
use crate::syntax::tree::{Form, NodeId, Tree};

/// A node of a parsed source, to be read and never changed.
#[derive(Debug, Clone, Copy)]
pub struct NodeRef<'t> {
    pub(crate) source: &'t str,
    pub(crate) tree: &'t Tree,
    pub(crate) id: NodeId,
}

impl<'t> NodeRef<'t> {
    /// The entries of a list, aliases followed; none where the node is not a list.
    pub fn elements(self) -> impl Iterator<Item = Self> {
        let list = self.followed();
        let is_list = list.tree.node(list.id).form.is_sequence();
        let entries = is_list.then(|| list.tree.children(list.id));
        entries.into_iter().flatten().map(move |id| list.at(id).followed())
    }

    /// The value of a mapping's own key, aliases followed; `None` where the node is not a mapping or
    /// has no such key.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Self> {
        let node = self.followed();
        let (_, value) = node.tree.entries(node.id).find(|(name, _)| node.at(*name).says(key))?;
        Some(node.at(value).followed())
    }

    /// The node at a path below this one, aliases followed; `None` where there is none.
    ///
    /// ```
    /// use krm_package::Package;
    ///
    /// let package = Package::stream("kind: A\nspec:\n  hosts: [one, two]\n").unwrap();
    /// let (_, node) = package.items().next().unwrap();
    /// let host = node.find(&"spec.hosts[1]".into()).unwrap();
    /// assert_eq!(host.as_str().unwrap(), "two");
    /// assert_eq!(host.position().to_string(), "line 3, column 16");
    /// assert_eq!(node.position_of(&"spec.paths[0]".into()).to_string(), "line 3, column 3");
    /// ```
    #[must_use]
    pub fn find(self, path: &FieldPath) -> Option<Self> {
        path.segments().iter().try_fold(self, Self::step)
    }

    /// Where the node at a path is, or where it is missing, what it would be in.
    #[must_use]
    pub fn position_of(self, path: &FieldPath) -> Position {
        let mut node = self;
        for segment in path.segments() {
            match node.step(segment) {
                Some(below) => node = below,
                None => break,
            }
        }
        node.position()
    }

    fn step(self, segment: &Segment) -> Option<Self> {
        match segment {
            Segment::Key(key) => self.get(key),
            Segment::Index(index) => self.elements().nth(*index),
        }
    }

    /// The keys and values of a mapping, in order, aliases followed; none where the node is not a mapping.
    pub fn fields(self) -> impl Iterator<Item = (Cow<'t, str>, Self)> {
        let node = self.followed();
        let text = move |key| scalar::text(node.source, node.tree.node(key));
        node.tree.entries(node.id).map(move |(key, value)| (text(key), node.at(value).followed()))
    }

    /// The keys of a mapping, in order; none where the node is not a mapping.
    #[must_use]
    pub fn keys(self) -> Vec<String> {
        self.fields().map(|(key, _)| key.into_owned()).collect()
    }

    /// The text of a string; `None` for what is not a string to `kubectl apply`.
    #[must_use]
    pub fn as_str(self) -> Option<Cow<'t, str>> {
        let node = self.tree.node(self.id);
        let text = scalar::text(self.source, node);
        match node.form {
            Form::SingleQuoted | Form::DoubleQuoted | Form::Literal | Form::Folded => Some(text),
            Form::Plain if scalar::resolve(&text) == Plain::Text => Some(text),
            _ => None,
        }
    }

    /// The text of a plain number or boolean, as it is written; `None` for everything else.
    ///
    /// ```
    /// use krm_package::Package;
    ///
    /// let package = Package::stream("kind: A\nmode: 0644\nname: a\n").unwrap();
    /// let (_, node) = package.items().next().unwrap();
    /// let unquoted = |key| node.get(key).unwrap().unquoted();
    /// assert_eq!(unquoted("mode").unwrap(), "0644");
    /// assert_eq!(unquoted("name"), None);
    /// ```
    #[must_use]
    pub fn unquoted(self) -> Option<Cow<'t, str>> {
        let node = self.tree.node(self.id);
        let text = scalar::text(self.source, node);
        let is_other = !matches!(scalar::resolve(&text), Plain::Text | Plain::Null);
        (node.form == Form::Plain && self.tag().is_none() && is_other).then_some(text)
    }

    /// Whether the node is a mapping.
    #[must_use]
    pub fn is_mapping(self) -> bool {
        self.tree.node(self.followed().id).form.is_mapping()
    }

    /// Whether nothing is written, or `null`.
    #[must_use]
    pub fn is_null(self) -> bool {
        let node = self.tree.node(self.id);
        let text = scalar::text(self.source, node);
        matches!(node.form, Form::Empty | Form::Plain) && scalar::resolve(&text) == Plain::Null
    }

    /// Where the node is.
    #[must_use]
    pub fn position(self) -> Position {
        Position::of(self.source, self.start())
    }

    /// The byte of the source at which the node begins, for [`LineIndex`](crate::LineIndex) where many are
    /// asked.
    #[must_use]
    pub fn start(self) -> usize {
        self.tree.span(self.id).start
    }

    pub(crate) fn at(self, id: NodeId) -> Self {
        Self { id, ..self }
    }

    pub(crate) fn followed(self) -> Self {
        self.tree.target(self.id).map_or(self, |target| self.at(target))
    }

    /// Whether the node is a scalar with this text.
    #[must_use]
    pub fn says(self, text: &str) -> bool {
        let node = self.tree.node(self.id);
        // A plain scalar starts with the first letter of its text: most keys need no further look.
        let first = self.source.as_bytes().get(node.start as usize);
        if node.form == Form::Plain && first != text.as_bytes().first() {
            return false;
        }
        node.form.is_scalar() && scalar::text(self.source, node) == text
    }

    pub(super) fn tag(self) -> Option<&'t str> {
        let tag = self.tree.properties(self.id)?.tag.as_ref()?;
        self.source.get(tag.start as usize..tag.end as usize)
    }
}
