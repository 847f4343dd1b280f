//! Source text to a tree of spans.

pub(crate) mod build;
mod characters;
pub(crate) mod compose;
pub(crate) mod events;
pub(crate) mod json;
mod keys;
pub(crate) mod lines;
pub(crate) mod parse;
pub(crate) mod scalar;
mod scan;
pub(crate) mod skim;
pub(crate) mod tree;
