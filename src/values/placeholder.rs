//! What some templating was to fill in, and did not.

use std::borrow::Cow;

use krm_package::text::excerpt::Excerpt;

/// Why a text is not a value yet. Each names what to set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unset {
    #[error("the text is empty; set {0}")]
    Empty(&'static str),
    #[error("{0} is a placeholder that was not replaced; set {1}")]
    Placeholder(Excerpt, &'static str),
}

/// Checks that a text is filled in.
///
/// # Errors
/// An empty text, and a placeholder; `expected` is what to set.
pub(crate) fn check(text: &str, expected: &'static str) -> Result<(), Unset> {
    if text.is_empty() {
        Err(Unset::Empty(expected))
    } else if is_unfilled(text) {
        Err(Unset::Placeholder(Excerpt::new(text), expected))
    } else {
        Ok(())
    }
}

/// Whether a text is still to be filled in: it holds a reference, or a word to be replaced.
#[must_use]
pub(crate) fn is_unfilled(text: &str) -> bool {
    is_in(text) || is_word(text)
}

/// A text as JSON's readers take it: `\u003c` is `<`, as Go and Helm's `toJson` write it.
fn unescaped(text: &str) -> Cow<'_, str> {
    let mut parts = text.split("\\u");
    let Some(first) = parts.next().filter(|first| first.len() < text.len()) else {
        return Cow::Borrowed(text);
    };
    let mut plain = first.to_owned();
    for part in parts {
        let letter = part.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match letter.and_then(char::from_u32) {
            Some(letter) => {
                plain.push(letter);
                plain.push_str(&part[4..]);
            }
            None => {
                plain.push_str("\\u");
                plain.push_str(part);
            }
        }
    }
    Cow::Owned(plain)
}

/// Whether a text holds a reference of some templating: `$(NAME)`, `${NAME}`, `{{ … }}`, `<NAME>` and
/// `#{NAME}#` anywhere; `@NAME@`, `%NAME%`, `__NAME__`, `[[NAME]]`, `((NAME))` and `$NAME` as a part
/// between separators; the address of a secret, as vals (`ref+vault://…`), Bank-Vaults
/// (`vault:secret/…#key`) and 1Password (`op://…`) replace it, where the text or a value in it begins.
#[must_use]
pub(crate) fn is_in(text: &str) -> bool {
    // Names of hosts, of which there are thousands, have no sign of a reference.
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte)) {
        return false;
    }
    let text = &*unescaped(text);
    has_between(text, "$(", ")", "_-.")
        || has_default(text)
        || has_between(text, "#{", "}#", "_-. ")
        || has_braces(text)
        || has_angles(text)
        || has_between(text, "[[ ", "]]", "_-. ")
        || text.split('"').any(is_address)
        || parts(text).any(is_reference)
}

/// Whether a value is the address of a secret.
fn is_address(value: &str) -> bool {
    (value.starts_with("ref+") && value.contains("://"))
        || (value.starts_with("vault:") && value.contains('#'))
        || value.starts_with("op://")
}

/// Whether a part of a text is a word that a guide prints to be replaced: `CHANGEME`,
/// `REPLACE_ME`, `your-certificate`. One that may be a name counts in capitals alone.
#[must_use]
pub(crate) fn is_word(text: &str) -> bool {
    parts(&unescaped(text)).any(|part| {
        let letters = || part.chars().filter(char::is_ascii_alphanumeric);
        let is_spelt = |word: &str| letters().map(|one| one.to_ascii_lowercase()).eq(word.chars());
        ["changeme", "replaceme", "tobereplaced"].into_iter().any(is_spelt)
            || matches!(part, "TODO" | "FIXME" | "PLACEHOLDER" | "TBD")
            || ["your-", "your_", "YOUR_"].iter().any(|begin| part.starts_with(begin))
    })
}

/// The parts of a text between quotes, blanks and separators.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| letter.is_whitespace() || "\"',=/.:".contains(letter))
}

/// Whether a part as a whole is a reference whose signs are otherwise common.
fn is_reference(part: &str) -> bool {
    let inner = |open: &str, close: &str| part.strip_prefix(open)?.strip_suffix(close);
    let is_name = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter))
    };
    let is_capital = |text: &str| is_name(text) && !text.contains(|c: char| c.is_ascii_lowercase());
    inner("@", "@").is_some_and(is_name)
        || inner("%", "%").is_some_and(is_capital)
        || inner("__", "__").is_some_and(is_capital)
        || inner("[[", "]]").is_some_and(is_name)
        || inner("((", "))").is_some_and(is_name)
        || part.strip_prefix('$').is_some_and(is_capital)
}

/// Whether a name is between two signs, of letters, digits and `also`.
fn has_between(text: &str, open: &str, close: &str, also: &str) -> bool {
    text.match_indices(open).any(|(at, _)| {
        let (name, rest) = name(&text[at + open.len()..], also);
        !name.is_empty() && rest.starts_with(close)
    })
}

/// Whether a text holds `${NAME}`, also with a default or another operator of a shell.
fn has_default(text: &str) -> bool {
    const BEHIND: [char; 9] = ['}', ':', '%', '#', '/', '=', '?', '+', '^'];
    text.match_indices("${").any(|(at, _)| {
        let (name, rest) = name(&text[at + 2..], "_-. ");
        !name.is_empty() && rest.starts_with(BEHIND) && rest.contains('}')
    })
}

/// The name at the beginning of a text, and the rest.
fn name<'t>(text: &'t str, also: &str) -> (&'t str, &'t str) {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || also.contains(letter);
    let end = text.find(|letter| !is_of_name(letter)).unwrap_or(text.len());
    text.split_at(end)
}

fn has_braces(text: &str) -> bool {
    text.find("{{").is_some_and(|at| {
        let rest = text[at + 2..].trim_start();
        // JSON has no two braces before a quote.
        !rest.starts_with('"') && rest.contains("}}")
    })
}

/// A word in angle brackets; a regular expression's group has a question mark before it.
fn has_angles(text: &str) -> bool {
    let has_named_group = text.contains("(?<");
    !has_named_group && has_between(text, "<", ">", "_-. ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_recognized() {
        for text in [
            "${TOKEN}",
            "${TOKEN:-none}",
            "{{ .Values.arn }}",
            "[\"<your-token>\"]",
            "$(certARN)",
            "{\"a\":\"$(x.y-z)\"}",
            "@CERT_ARN@",
            "arn:aws:acm:%REGION%:1:x",
            "a=__TEAM__",
            "[\"[[token]]\"]",
            "((token))",
            "#{Token}#",
            "$TOKEN",
            "[[ token ]]",
            "ref+awssecrets://team/token",
            "[\"vault:secret/data/team#token\"]",
            "op://team/api/token",
            r#"["\u003ctoken\u003e"]"#,
            r"\u0024{TOKEN}",
            r"\u007b\u007btoken\u007D\u007d",
        ] {
            assert!(is_in(text), "{text}");
        }
        for text in [
            "[{\"a\":{\"b\":1}}]",
            "[[1],[2]]",
            "[[\"a\"]]",
            "(?<name>a)",
            "a < b",
            "${}",
            "$()",
            "a$(b|c)d",
            "$",
            "/%2Fa%20b",
            "me@example.com, you@example.com",
            "^/(v1|v2)$",
            "__init__",
            "#{host}",
            "[[ 1 ], [ 2 ]]",
            "vault:8200",
            r"\u00",
            r"\uzzzz",
            r"caf\u00e9",
        ] {
            assert!(!is_in(text), "{text}");
        }
    }

    #[test]
    fn words_to_be_replaced_are_recognized() {
        for text in ["CHANGEME", "a=change-me", "arn:aws:acm:REPLACE_ME:1:x", "TODO", "your-bucket"]
        {
            assert!(is_word(text), "{text}");
        }
        for text in ["todo.example.com", "changes", "/placeholder", "yours"] {
            assert!(!is_word(text), "{text}");
        }
    }
}
