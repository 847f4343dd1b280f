//! Words of sh.

use std::path::Path;

/// A text as one word of sh.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A path as a word of sh that no command takes for a flag; without quotes where it needs none.
pub(super) fn path(path: &Path) -> String {
    let text = path.display().to_string();
    let text = if text.starts_with('-') { format!("./{text}") } else { text };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./+,:@%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) { text } else { quoted(&text) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{path, quoted};

    #[test]
    fn a_text_is_one_word() {
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("a'; rm -rf /; '"), "'a'\\''; rm -rf /; '\\'''");
    }

    #[test]
    fn a_path_has_quotes_where_it_needs_them() {
        assert_eq!(path(Path::new("../a/b-1.yaml")), "../a/b-1.yaml");
        assert_eq!(path(Path::new("a b/$c")), "'a b/$c'");
        assert_eq!(path(Path::new("-x")), "./-x");
        assert_eq!(path(Path::new("~a")), "'~a'");
    }
}
