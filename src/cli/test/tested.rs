//! The result of one test.

use std::path::PathBuf;

/// A folder that was tested.
pub(super) struct Tested {
    pub(super) folder: PathBuf,
    /// Why it failed; empty where it passed.
    pub(super) failure: String,
}
