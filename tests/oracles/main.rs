//! What we say of a controller against the controller's own code. What a controller answered once is
//! in `tests/data`, so that a clone shows it; `make oracle` asks the code itself.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod alb;
mod callers;
mod certificate;
mod dns;
mod evaluation;
mod istio;
mod istio_truth;
mod knative;
mod kserve;
mod kserve_truth;
mod mesh;
mod path;
mod reach;
mod tokens;
