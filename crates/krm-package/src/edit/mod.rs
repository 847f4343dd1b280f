//! New text for what an edit names, and the old text around it.

pub(crate) mod emit;
pub(crate) mod list;
pub(crate) mod members;
pub(crate) mod patch;
mod proof;
pub(crate) mod splice;
