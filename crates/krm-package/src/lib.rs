#![doc = include_str!("../README.md")]

mod document;
mod edit;
mod error;
mod find;
mod flow;
mod line_index;
pub mod operation;
mod package;
mod path;
mod read;
mod syntax;
pub mod text;

pub use document::Document;
pub use edit::new_object::NewObject;
pub use edit::rewrite::Spliced;
pub use error::{Position, SourceError};
pub use line_index::LineIndex;
pub use package::{Edit, EditError, ItemId, Package};
pub use path::{FieldPath, Segment};
pub use read::{Correction, NodeRef, ReadError, read_value};
#[doc(hidden)]
pub use syntax::events::events;

/// The YAML of a value inside an object, for who reads it by other rules than an object's.
pub mod yaml {
    pub use crate::syntax::events::{Event, first_document};
    pub use crate::syntax::scalar::Plain;
    pub use crate::syntax::tree::Form;
}

/// Whether the two readers behind [`Package`] agree on a text: for the fuzz target.
///
/// The fast one may give up; what it reads must be the tree that the event parser gives.
#[doc(hidden)]
#[must_use]
pub fn readers_agree(source: &str) -> bool {
    syntax::skim::read_within(source, usize::MAX).is_none_or(|skimmed| {
        syntax::compose::compose(source).is_ok_and(|tree| tree == skimmed.tree)
    })
}

/// The README's example is tried like the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
