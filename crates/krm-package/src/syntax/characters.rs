//! Characters that mean different things to readers of YAML, or nothing.

use std::ops::Range;

use crate::error::SourceError;

/// Pieces of ASCII alone, as nearly all of a manifest is, are looked through fast.
const PIECE: usize = 4096;

/// Checks that a part of a text has no character that a reader refuses, or that only some take for a
/// line break, and no line that some take for a document marker.
///
/// U+0085, U+2028 and U+2029 are line breaks to YAML 1.1, which kubectl, kustomize and kpt read
/// (go.yaml.in/yaml/v3, `yamlprivateh.go`: `is_break`), and ordinary characters to YAML 1.2. What is a
/// comment to one reader can be a key to the other. So it is with a carriage return alone, which ends a
/// line to a parser of YAML, and does not to what cuts a stream into documents. Before a line, Go's
/// readers pass over a byte-order mark and count it as a column (`scannerc.go`:
/// `yaml_parser_scan_to_next_token`), so that a `---` after it is text to them.
///
/// # Errors
/// The first one, with its place.
pub(super) fn check(source: &str, part: Range<usize>) -> Result<(), SourceError> {
    let bytes = source.as_bytes();
    let mut start = part.start;
    while start < part.end {
        let end = (start + PIECE).min(part.end);
        if !bytes[start..end].iter().fold(true, |clean, byte| clean & is_clean(*byte)) {
            for at in start..end {
                if let Some(message) = fault(bytes, at) {
                    return Err(SourceError::at(source, at, message));
                }
            }
        }
        start = end;
    }
    let mut line = part.start;
    while let Some(found) = crate::find::one(b'-', &bytes[line..part.end]) {
        let at = line + found;
        let begins_line =
            at == 0 || bytes[at - 1] == b'\n' || (at == 3 && source.starts_with('\u{feff}'));
        if begins_line
            && bytes[at..part.end].starts_with(b"---")
            && !is_marker(&bytes[at + 3..part.end])
        {
            let message = "kubectl and kpt split the document at a line that begins with `---`, and other readers do not; indent the line";
            return Err(SourceError::at(source, at, message));
        }
        line = at + 1;
    }
    Ok(())
}

fn is_marker(behind: &[u8]) -> bool {
    matches!(behind.first(), None | Some(b' ' | b'\t' | b'\n' | b'\r'))
}

/// A printable character of ASCII, a blank or a line feed.
pub(super) fn is_clean(byte: u8) -> bool {
    byte.wrapping_sub(b' ') < 0x5F || byte == b'\n' || byte == b'\t'
}

/// What is wrong with the character that begins here.
fn fault(bytes: &[u8], at: usize) -> Option<String> {
    let next = |ahead: usize| bytes.get(at + ahead).copied().unwrap_or(0);
    let unicode_break = |name: &str| {
        format!(
            "the character U+{name} ends a line for some YAML readers and not for others; write it as \\u{name} in double quotes"
        )
    };
    let control = || {
        "control characters are not allowed in YAML; write it as an escape in double quotes"
            .to_owned()
    };
    match bytes[at] {
        b'\r' if next(1) == b'\n' => None,
        b'\r' => Some("a lone carriage return ends a line for some YAML readers and not for others; end the line with a line feed".to_owned()),
        byte if byte.is_ascii() && !is_clean(byte) => Some(control()),
        0xC2 if next(1) == 0x85 => Some(unicode_break("0085")),
        0xC2 if next(1) < 0xA0 => Some(control()),
        0xE2 if next(1) == 0x80 && next(2) == 0xA8 => Some(unicode_break("2028")),
        0xE2 if next(1) == 0x80 && next(2) == 0xA9 => Some(unicode_break("2029")),
        0xEF if next(1) == 0xBF && next(2) >= 0xBE => Some(control()),
        0xEF if next(1) == 0xBB && next(2) == 0xBF => {
            let begins_line = at > 0 && (bytes[at - 1] == b'\n' || bytes[at - 1] == b'\r');
            let is_second = at == 3 && bytes.starts_with("\u{feff}".as_bytes());
            (begins_line || is_second).then(|| {
                "a byte-order mark shifts its line for some YAML readers and not for others; remove it".to_owned()
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(source: &str) -> Result<(), SourceError> {
        check(source, 0..source.len())
    }

    #[test]
    fn each_is_found_wherever_it_stands() {
        for (character, name) in [('\u{85}', "0085"), ('\u{2028}', "2028"), ('\u{2029}', "2029")] {
            for before in [0, 1, PIECE - 3, PIECE - 2, PIECE - 1, PIECE, 3 * PIECE - 1] {
                let source = format!("{}{character}\n", "a".repeat(before));
                let error = whole(&source).unwrap_err();
                assert_eq!(error.position.column, before + 1);
                assert!(error.message.contains(name), "{error}");
            }
        }
        for before in ["\n", "a: 1\r\n", &"a\n".repeat(PIECE / 2)] {
            let error = whole(&format!("{before}\u{feff}---\n")).unwrap_err();
            assert!(error.message.starts_with("a byte-order mark"), "{error}");
        }
        for control in
            ['\0', '\u{1}', '\u{1b}', '\u{7f}', '\u{80}', '\u{9f}', '\u{fffe}', '\u{ffff}']
        {
            let error = whole(&format!("a: b{control}\n")).unwrap_err();
            assert_eq!((error.position.line, error.position.column), (1, 5), "{error}");
        }
        assert!(whole("a: 1\r").is_err() && whole("a: 1\r\r\n").is_err());
        assert_eq!(whole("\u{feff}a: \u{feff}b # \u{feff}\r\n"), Ok(()));
        assert_eq!(whole("\u{a0}\u{2027}\u{202a}\u{c5}\u{1f600}"), Ok(()));
    }

    #[test]
    fn a_line_that_only_looks_like_a_marker_is_refused() {
        for source in ["---a", "b\n---\u{e9}", "a: |\n ---\n-----BEGIN", "\u{feff}---#", "----"] {
            let error = whole(source).unwrap_err();
            assert!(error.message.contains("split the document"), "{source:?}: {error}");
        }
        for source in ["---", "--- ", "---\r\n", "a: ---b", " ---b", "--", "a\n--- # c\n"] {
            assert_eq!(whole(source), Ok(()), "{source:?}");
        }
    }
}
