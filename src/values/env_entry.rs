//! What of a line of a `params.env` becomes part of a key or a value, and is not meant to be.
//!
//! Generators of ConfigMaps take everything before and after the first `=` as it is (`api/kv/kv.go` of
//! kustomize 5.8); a shell, for which such files are often written too, would not.

/// What was not meant to be part of an entry. No value is quoted: it may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Misread {
    #[error(
        "the key has a blank before \"=\", which is part of it; remove the blanks around \"=\""
    )]
    BlankInKey,
    #[error("the key has the word \"export\" before it, which is part of it; remove the word")]
    ExportInKey,
    #[error("the value ends with a carriage return; save the file with LF line ends, not CRLF")]
    CarriageReturn,
    #[error("the value is in quotes, which are part of it; remove the quotes")]
    InQuotes,
    #[error("the value starts with a blank, which is part of it; remove the blanks around \"=\"")]
    LeadingBlank,
    #[error("the value ends with a blank, which is part of it; remove it")]
    TrailingBlank,
}

/// What of an entry's key or value is not meant to be part of it.
pub(crate) fn misread(key: &str, text: &str) -> Option<Misread> {
    let is_blank = |letter: char| matches!(letter, ' ' | '\t');
    let line = text.trim_end_matches(is_blank);
    let is_quoted = |quote| line.len() > 1 && line.starts_with(quote) && line.ends_with(quote);
    // Blanks around a list or an object change nothing.
    let is_json = text.trim_start().starts_with(['[', '{']);
    if key.starts_with("export ") {
        Some(Misread::ExportInKey)
    } else if key.trim() != key {
        Some(Misread::BlankInKey)
    } else if text.ends_with('\r') {
        Some(Misread::CarriageReturn)
    } else if is_quoted('"') || is_quoted('\'') {
        Some(Misread::InQuotes)
    } else if !is_json && text.starts_with(is_blank) {
        Some(Misread::LeadingBlank)
    } else if !is_json && text.ends_with(is_blank) {
        Some(Misread::TrailingBlank)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_a_generator_takes_literally() {
        for (key, text, expected) in [
            ("certArn", "arn:aws", None),
            ("certArn", "", None),
            ("certArn", "\"", None),
            ("tokens", " [\"a\"] ", None),
            ("tags", "{\"a\": \"b\"} ", None),
            ("certArn ", "arn:aws", Some(Misread::BlankInKey)),
            ("export certArn", "arn:aws", Some(Misread::ExportInKey)),
            ("certArn", "arn:aws\r", Some(Misread::CarriageReturn)),
            ("certArn", "\"arn:aws\"", Some(Misread::InQuotes)),
            ("certArn", "'arn:aws' ", Some(Misread::InQuotes)),
            ("tokens", "'[\"a\"]'", Some(Misread::InQuotes)),
            ("certArn", " arn:aws", Some(Misread::LeadingBlank)),
            ("certArn", "arn:aws\t", Some(Misread::TrailingBlank)),
        ] {
            assert_eq!(misread(key, text), expected, "{key:?}={text:?}");
        }
    }
}
