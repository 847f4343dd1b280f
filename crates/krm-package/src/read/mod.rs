//! Typed reads: a node of the tree as any `serde` type, with the path and the place of what does
//! not fit.

mod collections;
pub(crate) mod contents;
mod located;
mod reader;
pub(crate) mod resource_list;
mod same;
mod unplaced;

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeSeed};

use reader::NodeReader;
use same::Same;

use crate::edit::emit;
use crate::error::{Position, SourceError};
use crate::path::{FieldPath, Segment};
use crate::syntax::parse::parse_part;
use crate::syntax::scalar::{self, Plain};
use crate::syntax::tree::{Form, NodeId, Tree};

/// A node of a parsed source, to be read and never changed.
#[derive(Debug, Clone, Copy)]
pub struct NodeRef<'t> {
    pub(crate) source: &'t str,
    pub(crate) tree: &'t Tree,
    pub(crate) id: NodeId,
}

/// A value that is not of the type asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError {
    /// The way to the value: `spec.rules[0].host`. Empty at the root.
    pub path: FieldPath,
    /// Where the value stands.
    pub position: Position,
    /// What was found and what was expected.
    pub message: String,
    /// What would be right, where one change is.
    pub correction: Option<Correction>,
    /// Whether it is about the key that the path ends with, not about its value.
    pub is_about_key: bool,
}

/// One change that makes a value one of the type asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Correction {
    /// Quotes around a plain number or boolean.
    Quotes,
    /// The known key that is nearest to one that is not known.
    Key {
        /// The unknown key.
        found: String,
        /// The known one.
        meant: String,
    },
    /// The known word that is nearest to one that is not known.
    Value(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_root() {
            write!(out, "{}: ", self.path)?;
        }
        write!(out, "{} ({})", self.message, self.position)
    }
}

impl std::error::Error for ReadError {}

/// The same as an error of the text: the field is part of the message.
impl From<ReadError> for SourceError {
    fn from(error: ReadError) -> Self {
        let ReadError { path, position, message, .. } = error;
        let message = if path.is_root() { message } else { format!("{path}: {message}") };
        Self { position, message }
    }
}

impl<'t> NodeRef<'t> {
    /// Reads the node as a type.
    ///
    /// A plain scalar is what `kubectl apply` takes it for: `yes` is a boolean, `0644` a number.
    ///
    /// # Errors
    /// What does not fit the type, with its path and place.
    pub fn read<T: de::Deserialize<'t>>(self) -> Result<T, ReadError> {
        T::deserialize(NodeReader::of(self)).map_err(|error| error.place(self.source))
    }

    /// The entries of a list, aliases followed; none where the node is not a list.
    pub fn elements(self) -> impl Iterator<Item = Self> {
        let list = self.followed();
        let is_list = list.tree.node(list.id).form.is_sequence();
        let entries = is_list.then(|| list.tree.children(list.id));
        entries.into_iter().flatten().map(move |id| list.at(id).followed())
    }

    /// Reads the node as a JSON value.
    ///
    /// # Errors
    /// What JSON has no word for: a key that is a collection, `.nan`, a tag of somebody's own.
    pub fn value(self) -> Result<serde_json::Value, ReadError> {
        self.read()
    }

    /// Whether the node reads as a JSON value.
    ///
    /// # Errors
    /// As [`NodeRef::value`].
    pub(crate) fn is(self, value: &serde_json::Value) -> Result<bool, ReadError> {
        Same(value).deserialize(NodeReader::of(self)).map_err(|error| error.place(self.source))
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

    /// Where the node at a path stands, or where it is missing, what it would stand in.
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

    /// The keys of a mapping, in order; none where the node is not a mapping.
    #[must_use]
    pub fn keys(self) -> Vec<String> {
        let node = self.followed();
        let text = |key| scalar::text(node.source, node.tree.node(key)).into_owned();
        node.tree.entries(node.id).map(|(key, _)| text(key)).collect()
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

    /// Where the node stands.
    #[must_use]
    pub fn position(self) -> Position {
        Position::of(self.source, self.tree.span(self.id).start)
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

    fn tag(self) -> Option<&'t str> {
        let tag = self.tree.properties(self.id)?.tag.as_ref()?;
        self.source.get(tag.start as usize..tag.end as usize)
    }
}

/// Reads a JSON value as a type, as [`NodeRef::read`] reads a node.
///
/// By way of its text, so that a type is read in one way: `serde_json::from_value` would bring the
/// code of every type into the binary again, and quote values in its errors.
///
/// # Errors
/// What does not fit the type, with its path; its position means nothing.
pub fn read_value<T: de::DeserializeOwned>(value: &serde_json::Value) -> Result<T, ReadError> {
    let source = emit::flow(value);
    let tree = parse_part(&source).map_err(|error| ReadError {
        path: FieldPath::root(),
        position: error.position,
        message: error.message,
        correction: None,
        is_about_key: false,
    })?;
    let Some(id) = tree.roots.first().copied() else {
        let message = "nothing is written".to_owned();
        let (path, position) = (FieldPath::root(), Position::of("", 0));
        return Err(ReadError { path, position, message, correction: None, is_about_key: false });
    };
    NodeRef { source: &source, tree: &tree, id }.read()
}
