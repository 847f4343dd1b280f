//! Rust types of the KRM function world.
