//! How Go compares a key with the name of a field.

/// Whether a JSON key names a Go struct field, as Go folds names.
#[must_use]
pub(crate) fn names_field(key: &str, field: &str) -> bool {
    let mut folded = key.chars().map(|letter| match letter {
        'ſ' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    });
    let mut wanted = field.chars().map(|letter| letter.to_ascii_lowercase());
    loop {
        match (folded.next(), wanted.next()) {
            (None, None) => return true,
            (left, right) if left != right => return false,
            _ => {}
        }
    }
}
