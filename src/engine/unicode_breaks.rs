//! Characters that end a line to some readers of YAML and to others do not.

use super::error::SourceError;

/// Pieces of ASCII alone, as nearly all of a manifest is, are passed over fast.
const PIECE: usize = 4096;

/// Checks that a text has no character that only some readers take for a line break.
///
/// U+0085, U+2028 and U+2029 are line breaks to YAML 1.1, which kubectl, kustomize and kpt read
/// (go.yaml.in/yaml/v3, `yamlprivateh.go`: `is_break`), and ordinary characters to YAML 1.2. What
/// is a comment to one reader can be a key to the other.
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
            _ => false,
        });
        if let Some((at, pair)) = found {
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
        assert_eq!(
            refuse_unicode_breaks("\u{a0}\u{2027}\u{202a}\u{c5}\u{1f600}\u{e2}\u{80}"),
            Ok(())
        );
    }
}
