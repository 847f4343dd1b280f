//! The lossless engine: source text in, source text out, and only what an edit names is written
//! anew.
//!
//! [`Package`] parses a ResourceList, or a stream of documents, into spans over its text. Nothing is
//! resolved until a function reads it through a [`NodeRef`]. [`Package::apply`] splices edits in:
//! RFC 6902 operations on one object, new objects, removed objects. Each patched object is read
//! back and compared with what the `json-patch` crate makes of the old value, so that a text that
//! can't be edited safely is refused, with line and column, and never written wrongly.

mod edit;
mod error;
mod find;
pub mod operation;
mod package;
mod path;
mod read;
mod syntax;
pub mod text;

pub use error::{Position, SourceError};
pub use package::{Edit, EditError, ItemId, Package, Spliced};
pub use path::{FieldPath, Segment};
pub use read::{NodeRef, ReadError, read_value};
#[doc(hidden)]
pub use syntax::events::{Event, events};
#[doc(hidden)]
pub use syntax::tree::Form;

/// Whether the two readers behind [`Package`] agree on a text: for the fuzz target.
///
/// The fast one may give up; what it reads must be the tree that the event parser gives.
#[doc(hidden)]
#[must_use]
pub fn readers_agree(source: &str) -> bool {
    syntax::skim::read_within(source, usize::MAX)
        .is_none_or(|skimmed| syntax::parse::compose(source).is_ok_and(|tree| tree == skimmed.tree))
}

/// The README's example is tried like the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
