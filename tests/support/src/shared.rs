//! Real files and controllers' answers, which lie beside the checkout and are no part of it.

use std::path::{Path, PathBuf};

use crate::skip;

/// A file or folder of `../shared`, or of `KSERVE_AWS_SHARED`. Where it is missing the test is
/// skipped in sight, and fails where `KSERVE_AWS_REQUIRE_SHARED` is set.
pub fn shared(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("KSERVE_AWS_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(
        std::env::var_os("KSERVE_AWS_REQUIRE_SHARED").is_none(),
        "KSERVE_AWS_REQUIRE_SHARED is set and there is no {}",
        path.display()
    );
    skip(&format!("no folder shared/{name} is beside the checkout"));
    None
}
