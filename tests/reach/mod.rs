//! Who can reach what: the rows of the README's tables, and the mesh that they are about.

#![allow(dead_code, reason = "each test file is a crate of its own, and uses some of this")]

pub(crate) mod corpora;
pub(crate) mod mesh;
pub(crate) mod model;
pub(crate) mod rows;
pub(crate) mod services;

pub(crate) const FUNCTION: &str = "generate-authorization-policies";
pub(crate) const MODES: [&str; 3] = ["guide", "namespace", "strict"];
