//! Words of sh.

use std::path::Path;

/// A text as one word of sh.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A text as one word of sh, without quotes where it needs none.
pub(super) fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./+,:@%=".contains(c);
    // zsh expands a leading "=".
    let needs_none = !text.is_empty() && !text.starts_with('=') && text.chars().all(is_plain);
    if needs_none { text.to_owned() } else { quoted(text) }
}

/// A path as a word of sh that no command takes for a flag.
pub(super) fn path(path: &Path) -> String {
    let text = path.display().to_string();
    if text.starts_with('-') { word(&format!("./{text}")) } else { word(&text) }
}

/// A comment of sh: one line, whatever the text has.
pub(super) fn comment(text: &str) -> String {
    let shown: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("# {shown}")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{comment, path, quoted, word};

    #[test]
    fn a_text_is_one_word() {
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("a'; rm -rf /; '"), "'a'\\''; rm -rf /; '\\'''");
    }

    #[test]
    fn a_comment_is_one_line() {
        assert_eq!(comment("a\nreboot\r\u{1b}[2J"), "# a reboot  [2J");
        assert_eq!(
            word("https://a.example.com/v1/models/a:predict?b=c&d"),
            "'https://a.example.com/v1/models/a:predict?b=c&d'"
        );
    }

    #[test]
    fn a_path_has_quotes_where_it_needs_them() {
        assert_eq!(path(Path::new("../a/b-1.yaml")), "../a/b-1.yaml");
        assert_eq!(path(Path::new("a b/$c")), "'a b/$c'");
        assert_eq!(path(Path::new("-x")), "./-x");
        assert_eq!(path(Path::new("~a")), "'~a'");
    }
}
