//! New text for what an edit names, and the old text around it.

pub(crate) mod aliases;
pub(crate) mod emit;
pub(crate) mod list;
pub(crate) mod new_object;
pub(crate) mod object;
pub(crate) mod page;
mod patch;
pub(crate) mod proof;
pub(crate) mod ranges;
pub(crate) mod rewrite;
mod splice;
pub(crate) mod stream;
pub(crate) mod whole;
