//! Keys as people write them.

/// A key without what people write in another way: case, `-`, `_` and `.`.
pub(super) fn folded(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
