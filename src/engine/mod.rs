//! The lossless engine.

mod build;
mod error;
mod parse;
mod scalar;
mod tree;

pub use error::{Position, SourceError};
