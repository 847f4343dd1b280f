//! What we say of a controller against the controller's own code; `make oracle` runs this.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking, and counts what it tried"
)]

#[path = "../suite/cases/mod.rs"]
#[allow(dead_code)]
mod cases;
mod certificate;
mod dns;
mod evaluation;
mod istio;
mod knative;
mod mesh;
#[path = "../suite/reach/mod.rs"]
#[allow(dead_code)]
mod reach;
