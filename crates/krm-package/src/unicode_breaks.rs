//! Characters that end a line, or stand before it, to some readers of YAML and to others do not.

use super::error::SourceError;

/// Pieces of ASCII alone, as nearly all of a manifest is, are passed over fast.
const PIECE: usize = 4096;

/// Checks that a text has no character that only some readers take for a line break, and no
/// byte-order mark that begins a line other than the first.
///
/// U+0085, U+2028 and U+2029 are line breaks to YAML 1.1, which kubectl, kustomize and kpt read
/// (go.yaml.in/yaml/v3, `yamlprivateh.go`: `is_break`), and ordinary characters to YAML 1.2. What
/// is a comment to one reader can be a key to the other. Before a line, those readers pass over a
/// byte-order mark and count it as a column (`scannerc.go`: `yaml_parser_scan_to_next_token`), so that
/// a `---` behind it is text to them.
///
/// # Errors
/// The first one, with its place.
pub(super) fn refuse_unicode_breaks(source: &str) -> Result<(), SourceError> {
    let bytes = source.as_bytes();
    for (place, piece) in bytes.chunks(PIECE).enumerate() {
        if piece.is_ascii() {
            continue;
        }
        let start = place * PIECE;
        // A character can begin in one piece and end in the next.
        let end = (start + PIECE + 2).min(bytes.len());
        let found = bytes[start..end].windows(2).enumerate().find(|(at, pair)| match pair {
            [0xc2, 0x85] => true,
            [0xe2, 0x80] => matches!(bytes.get(start + at + 2), Some(0xa8 | 0xa9)),
            [0xef, 0xbb] => {
                let before = (start + at).checked_sub(1).map(|before| bytes[before]);
                bytes.get(start + at + 2) == Some(&0xbf) && matches!(before, Some(b'\n' | b'\r'))
            }
            _ => false,
        });
        if let Some((at, pair)) = found {
            if pair[0] == 0xef {
                let words = "a byte-order mark shifts its line for some readers and for others does not; remove it";
                return Err(SourceError::at(source, start + at, words));
            }
            let name = match (pair[0], bytes.get(start + at + 2)) {
                (0xc2, _) => "0085",
                (_, Some(0xa8)) => "2028",
                _ => "2029",
            };
            return Err(SourceError::at(
                source,
                start + at,
                format!(
                    "the character U+{name} ends a line to some readers and to others does not; write it as \\u{name} in double quotes"
                ),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_wherever_it_stands() {
        for (character, name) in [('\u{85}', "0085"), ('\u{2028}', "2028"), ('\u{2029}', "2029")] {
            for before in [0, 1, PIECE - 3, PIECE - 2, PIECE - 1, PIECE, 3 * PIECE - 1] {
                let source = format!("{}{character}\n", "a".repeat(before));
                let error = refuse_unicode_breaks(&source).unwrap_err();
                assert_eq!(error.position.column, before + 1);
                assert!(error.message.contains(name), "{error}");
            }
        }
        for before in ["\n", "a: 1\r", &"a\n".repeat(PIECE / 2)] {
            let error = refuse_unicode_breaks(&format!("{before}\u{feff}---\n")).unwrap_err();
            assert!(error.message.starts_with("a byte-order mark"), "{error}");
        }
        assert_eq!(refuse_unicode_breaks("\u{feff}a: \u{feff}b # \u{feff}\n"), Ok(()));
        assert_eq!(
            refuse_unicode_breaks("\u{a0}\u{2027}\u{202a}\u{c5}\u{1f600}\u{e2}\u{80}"),
            Ok(())
        );
    }
}
