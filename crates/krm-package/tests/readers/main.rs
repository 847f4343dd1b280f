//! What the engine reads and writes, to the programs that read manifests: `make e2e` runs this, since
//! kubectl and kpt are asked about thousands of texts.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "what was tried is counted")]

mod emitted;
mod scalars;
mod strings;
