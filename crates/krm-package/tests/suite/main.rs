//! The engine from outside: what it reads, what an edit leaves, and the proofs over texts that
//! nobody thought of.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "what was tried is counted")]

mod corpora;
mod edits;
mod generated_edits;
mod generated_packages;
mod limits;
mod lists;
mod parser_differential;
mod places;
mod proof;
mod reads;
