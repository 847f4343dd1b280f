//! Typed reads: a node of the tree as any `serde` type, with the path and the place of what does
//! not fit.

mod collections;
pub(crate) mod contents;
mod cursor;
mod error;
mod located;
mod node;
mod reader;
pub(crate) mod resource_list;
mod same;
mod unplaced;

use serde::de::{self, DeserializeSeed};

use cursor::Cursor;
use same::Same;

use crate::error::Position;
use crate::flow::flow;
use crate::path::FieldPath;
use crate::syntax::parse::parse_part;

pub use error::{Correction, ReadError};
pub use node::NodeRef;

impl<'t> NodeRef<'t> {
    /// Reads the node as a type.
    ///
    /// A plain scalar is what `kubectl apply` takes it for: `yes` is a boolean, `0644` a number.
    ///
    /// # Errors
    /// What does not fit the type, with its path and place.
    pub fn read<T: de::Deserialize<'t>>(self) -> Result<T, ReadError> {
        T::deserialize(Cursor::of(self)).map_err(|error| error.place(self.source))
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
        Same(value).deserialize(Cursor::of(self)).map_err(|error| error.place(self.source))
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
    let source = flow(value);
    let tree = parse_part(&source).map_err(|error| ReadError {
        path: FieldPath::root(),
        position: error.position,
        message: error.message,
        correction: None,
        is_about_key: false,
        keys: &[],
    })?;
    let Some(id) = tree.roots.first().copied() else {
        let message = "nothing is written".to_owned();
        let (path, position) = (FieldPath::root(), Position::of("", 0));
        return Err(ReadError {
            path,
            position,
            message,
            correction: None,
            is_about_key: false,
            keys: &[],
        });
    };
    NodeRef { source: &source, tree: &tree, id }.read()
}
