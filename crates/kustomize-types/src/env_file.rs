//! The file that `envs:` of a ConfigMap or Secret generator names, such as `params.env`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::str;

/// Line feeds aside, kustomize reads no line of this many bytes or more.
const LINE_LIMIT: usize = 65_536;
/// The most characters of a key of a ConfigMap or Secret.
const KEY_LIMIT: usize = 253;
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The lines `KEY=VALUE` of an env file, in their order, as kustomize's generators read them
/// (`api/kv/kv.go`, v0.18.0 and v0.21.1, and measured with `kubectl kustomize`).
///
/// - A byte order mark before the first line is dropped; so is `\r` before `\n`.
/// - Blanks before a line are dropped; then an empty line and one that starts with `#` count for
///   nothing.
/// - The key is what is before the first `=`. The value is the rest, as it is: quotes,
///   blanks at its end, `#` and `$` are part of it.
///
/// What kustomize reads as something else than its author meant, or drops without a word, is an
/// error here: see [`EnvFileError`].
///
/// The values may be secrets: `Debug` shows the number of lines only, and no error holds any text
/// of the file.
///
/// ```
/// use kustomize_types::EnvFile;
///
/// let file = EnvFile::parse(b"\n# the certificate\ncertArn=arn:aws:acm:us-west-2\nempty=\n")?;
/// assert_eq!(file.get("certArn"), Some("arn:aws:acm:us-west-2"));
/// assert_eq!(file.get("empty"), Some(""));
/// assert_eq!(file.entries()[0].line, 3);
///
/// let error = EnvFile::parse(b"A=1\nA=2\n").unwrap_err();
/// assert_eq!(error.to_string(), "line 2 repeats the key of line 1; remove one of them");
/// # Ok::<(), kustomize_types::env_file::EnvFileError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct EnvFile {
    entries: Vec<EnvEntry>,
}

/// A line of an [`EnvFile`].
#[derive(Clone, PartialEq, Eq)]
pub struct EnvEntry {
    /// The line's number, from 1.
    pub line: usize,
    /// The key: letters, digits, `-`, `_` and `.`.
    pub key: String,
    /// The value, as it is after `=`.
    pub value: String,
}

impl fmt::Debug for EnvEntry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("EnvEntry").field("line", &self.line).finish_non_exhaustive()
    }
}

impl fmt::Debug for EnvFile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "EnvFile({} entries)", self.entries.len())
    }
}

impl EnvFileError {
    /// The line that is wrong, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        match self {
            Self::NotUtf8 { line }
            | Self::LongLine { line, .. }
            | Self::NoEquals { line }
            | Self::NoKey { line }
            | Self::KeyCharacter { line, .. }
            | Self::KeyForm { line, .. }
            | Self::Repeated { line, .. } => *line,
        }
    }
}

/// Why a file is not an env file, by line, from 1. No error holds text of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvFileError {
    /// Bytes that are not UTF-8, which kustomize refuses too.
    #[error("line {line} is not UTF-8 text")]
    NotUtf8 {
        /// The line.
        line: usize,
    },
    /// A line at which kustomize stops reading and says nothing, so that it and all lines after it
    /// are lost.
    #[error(
        "line {line} has {bytes} bytes; kustomize drops a line of 65536 bytes or more and everything after it; shorten it"
    )]
    LongLine {
        /// The line.
        line: usize,
        /// Its length.
        bytes: usize,
    },
    /// A line without `=`, which kustomize takes for a key with an empty value.
    #[error("line {line} has no \"=\"; write KEY=VALUE, or KEY= for an empty value")]
    NoEquals {
        /// The line.
        line: usize,
    },
    /// A line that starts with `=`, which kustomize drops.
    #[error("line {line} has no key before \"=\"; write KEY=VALUE")]
    NoKey {
        /// The line.
        line: usize,
    },
    /// A key that kustomize writes into a ConfigMap which the API server then refuses.
    #[error(
        "line {line} has {what} as character {position} of its key; write letters, digits, \"-\", \"_\" and \".\" only, and no space before \"=\""
    )]
    KeyCharacter {
        /// The line.
        line: usize,
        /// The position in the key, from 1.
        position: usize,
        /// The kind of character.
        what: &'static str,
    },
    /// A key over 253 characters, `.`, or one that starts with `..`: no ConfigMap has it.
    #[error("line {line} has {what}, which ConfigMaps do not allow; use another key")]
    KeyForm {
        /// The line.
        line: usize,
        /// What is wrong with the key.
        what: &'static str,
    },
    /// A key that an earlier line has, which kustomize refuses too.
    #[error("line {line} repeats the key of line {first}; remove one of them")]
    Repeated {
        /// The line.
        line: usize,
        /// The earlier line.
        first: usize,
    },
}

impl EnvFile {
    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// The first line that is wrong; [`EnvFileError`] says how.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvFileError> {
        let mut entries = Vec::new();
        let mut lines_of_keys: HashMap<&str, usize> = HashMap::new();
        for (index, bytes) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let line = index + 1;
            if bytes.len() >= LINE_LIMIT {
                return Err(EnvFileError::LongLine { line, bytes: bytes.len() });
            }
            let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
            let mut text = str::from_utf8(bytes).map_err(|_| EnvFileError::NotUtf8 { line })?;
            if line == 1 {
                text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
            }
            let text = text.trim_start();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let (key, value) = text.split_once('=').ok_or(EnvFileError::NoEquals { line })?;
            check_key(key, line)?;
            match lines_of_keys.entry(key) {
                Entry::Occupied(first) => {
                    return Err(EnvFileError::Repeated { line, first: *first.get() });
                }
                Entry::Vacant(place) => place.insert(line),
            };
            entries.push(EnvEntry { line, key: key.to_owned(), value: value.to_owned() });
        }
        Ok(Self { entries })
    }

    /// The lines that have a key, in the file's order.
    #[must_use]
    pub fn entries(&self) -> &[EnvEntry] {
        &self.entries
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| entry.value.as_str())
    }
}

/// Checks a key by Kubernetes' own rule (`IsConfigMapKey` of apimachinery), which kustomize leaves
/// to the API server.
fn check_key(key: &str, line: usize) -> Result<(), EnvFileError> {
    if key.is_empty() {
        return Err(EnvFileError::NoKey { line });
    }
    for (index, character) in key.chars().enumerate() {
        let what = match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' => continue,
            BYTE_ORDER_MARK => "a byte order mark",
            _ if character.is_whitespace() => "a blank",
            _ if character.is_control() => "a control character",
            _ if !character.is_ascii() => "a character outside ASCII",
            _ => "a punctuation mark",
        };
        return Err(EnvFileError::KeyCharacter { line, position: index + 1, what });
    }
    let what = match key {
        "." => "the key \".\"",
        _ if key.starts_with("..") => "a key that starts with \"..\"",
        _ if key.len() > KEY_LIMIT => "a key of over 253 characters",
        _ => return Ok(()),
    };
    Err(EnvFileError::KeyForm { line, what })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
        let file = EnvFile::parse(bytes).unwrap();
        file.entries().iter().map(|entry| (entry.key.clone(), entry.value.clone())).collect()
    }

    #[test]
    fn reads_as_kustomize_reads() {
        type Case = (&'static [u8], &'static [(&'static str, &'static str)]);
        let cases: &[Case] = &[
            (b"", &[]),
            (b"\n", &[]),
            (b"\nA=1\nB=2", &[("A", "1"), ("B", "2")]),
            (b"\xef\xbb\xbfA=1\n", &[("A", "1")]),
            (b"\xef\xbb\xbf\nA=1\n", &[("A", "1")]),
            (b"\xef\xbb\xbf# c\nA=1\n", &[("A", "1")]),
            (b"A=1\r\nB=2\r\n", &[("A", "1"), ("B", "2")]),
            (b"A=1\r\r\n", &[("A", "1\r")]),
            (b"A=1\rB=2\n", &[("A", "1\rB=2")]),
            (b"A=1  \t\nB= 2\n", &[("A", "1  \t"), ("B", " 2")]),
            (b"A=\"x\"\nB='y'\n", &[("A", "\"x\""), ("B", "'y'")]),
            (b"  \tA=1\n", &[("A", "1")]),
            (b"  # x\nA=1 # not a comment\n", &[("A", "1 # not a comment")]),
            (b"A=\n", &[("A", "")]),
            (b"A=b=c\n", &[("A", "b=c")]),
            (b"A=x\0y\n", &[("A", "x\0y")]),
            (b"A=$(B)\n", &[("A", "$(B)")]),
            (b"\xc2\xa0A=1\n\xc2\x85B=2\n\xe2\x80\x83C=3\n", &[("A", "1"), ("B", "2"), ("C", "3")]),
            (b"a-b_c.d=1\n9=2\n.x=3\n", &[("a-b_c.d", "1"), ("9", "2"), (".x", "3")]),
        ];
        for (bytes, expected) in cases {
            let expected: Vec<_> =
                expected.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
            assert_eq!(pairs(bytes), expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn reads_the_guides_files() {
        let file = EnvFile::parse(
            b"\ncertArn=arn:aws:acm:us-west-2:123456789012:certificate/x\nhttpHeaderName=x-api-key\nhttpHeaderValues=[\"token1\"]\n",
        )
        .unwrap();
        assert_eq!(file.get("httpHeaderValues"), Some("[\"token1\"]"));
        assert_eq!(file.get("loadBalancerScheme"), None);
        assert_eq!(file.entries()[0].line, 2);
    }

    #[test]
    fn refuses_what_kustomize_refuses_or_changes_in_silence() {
        let key = "k".repeat(254) + "=1";
        let cases: &[(&[u8], &str)] = &[
            (b"SECRET\n", "line 1 has no \"=\"; write KEY=VALUE, or KEY= for an empty value"),
            (b"A=1\n=SECRET\n", "line 2 has no key before \"=\"; write KEY=VALUE"),
            (
                b"SECRET =1\n",
                "line 1 has a blank as character 7 of its key; write letters, digits, \"-\", \"_\" and \".\" only, and no space before \"=\"",
            ),
            (
                b"export SECRET=1\n",
                "line 1 has a blank as character 7 of its key; write letters, digits, \"-\", \"_\" and \".\" only, and no space before \"=\"",
            ),
            (
                b"A=1\n\xef\xbb\xbfB=1\n",
                "line 2 has a byte order mark as character 1 of its key; write letters, digits, \"-\", \"_\" and \".\" only, and no space before \"=\"",
            ),
            (
                b"\x1cB=1\n",
                "line 1 has a control character as character 1 of its key; write letters, digits, \"-\", \"_\" and \".\" only, and no space before \"=\"",
            ),
            (
                b"\"SECRET\"=1\n",
                "line 1 has a punctuation mark as character 1 of its key; write letters, digits, \"-\", \"_\" and \".\" only, and no space before \"=\"",
            ),
            (
                "é=1".as_bytes(),
                "line 1 has a character outside ASCII as character 1 of its key; write letters, digits, \"-\", \"_\" and \".\" only, and no space before \"=\"",
            ),
            (b"A=1\nB=2\nA=1\n", "line 3 repeats the key of line 1; remove one of them"),
            (b"A=SECRET\xff\n", "line 1 is not UTF-8 text"),
            (b".=1", "line 1 has the key \".\", which ConfigMaps do not allow; use another key"),
            (
                b"..a=1",
                "line 1 has a key that starts with \"..\", which ConfigMaps do not allow; use another key",
            ),
            (
                key.as_bytes(),
                "line 1 has a key of over 253 characters, which ConfigMaps do not allow; use another key",
            ),
        ];
        for (bytes, message) in cases {
            let error = EnvFile::parse(bytes).unwrap_err();
            assert_eq!(&error.to_string(), message, "{}", bytes.escape_ascii());
            assert!(!format!("{error:?}").contains("SECRET"));
        }
    }

    #[test]
    fn refuses_the_line_at_which_kustomize_stops() {
        let line = |bytes: usize| format!("A={}", "x".repeat(bytes - 2));
        assert_eq!(pairs(line(65_535).as_bytes()).len(), 1);
        assert_eq!(pairs((line(65_535) + "\nB=2\n").as_bytes()).len(), 2);
        for text in [line(65_536), line(65_536) + "\nB=2\n", line(65_535) + "\r\nB=2\n"] {
            let error = EnvFile::parse(text.as_bytes()).unwrap_err();
            assert_eq!(
                error.to_string(),
                "line 1 has 65536 bytes; kustomize drops a line of 65536 bytes or more and everything after it; shorten it"
            );
        }
    }

    #[test]
    fn debug_shows_no_value() {
        let file = EnvFile::parse(b"A=SECRET\n").unwrap();
        assert_eq!(format!("{file:?}"), "EnvFile(1 entries)");
        assert!(!format!("{:?}", file.entries()).contains("SECRET"));
    }

    #[test]
    fn many_keys_take_linear_time() {
        let text: String = (0..200_000).map(|number| format!("k{number}=v\n")).collect();
        assert_eq!(EnvFile::parse(text.as_bytes()).unwrap().entries().len(), 200_000);
    }
}
