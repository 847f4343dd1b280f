//! The patterns of AWS conditions: `*` matches any text, `?` any one letter, and a
//! backslash before either for the letter itself.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Letter(char),
    Any,
    AnyText,
}

/// A pattern, ready to be compared. Its `Debug` hides it: it may be a token.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Piece>);

impl fmt::Debug for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Pattern(…)")
    }
}

impl Pattern {
    /// A pattern that is compared with case: a path.
    #[must_use]
    pub(crate) fn with_case(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            pieces.push(match letter {
                '*' if pieces.last() == Some(&Piece::AnyText) => continue,
                '*' => Piece::AnyText,
                '?' => Piece::Any,
                '\\' => match letters.peek() {
                    Some('*' | '?' | '\\') => Piece::Letter(letters.next().unwrap_or(letter)),
                    _ => Piece::Letter(letter),
                },
                other => Piece::Letter(other),
            });
        }
        Self(pieces)
    }

    /// A pattern that is compared without case: a host, a header's value, a query parameter.
    #[must_use]
    pub(crate) fn without_case(text: &str) -> Self {
        Self::with_case(&text.to_ascii_lowercase())
    }

    /// Whether a text fits (given in lowercase where case does not count).
    #[must_use]
    pub(crate) fn matches(&self, text: &str) -> bool {
        let letters: Vec<Piece> = text.chars().map(Piece::Letter).collect();
        self.covers_pieces(&letters)
    }

    /// Whether every text that fits `other` fits this one, as far as can be seen: `false` does
    /// not prove the opposite.
    #[must_use]
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.covers_pieces(&other.0)
    }

    /// Whether any text fits that is not empty: nothing but wildcards.
    #[must_use]
    pub(crate) fn is_wild(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|piece| !matches!(piece, Piece::Letter(_)))
    }

    /// Whether it has a wildcard, and fewer letters than `fixed` that a text must have to fit.
    #[must_use]
    pub(crate) fn is_guessable(&self, fixed: usize) -> bool {
        let letters = self.0.iter().filter(|piece| matches!(piece, Piece::Letter(_))).count();
        self.has_wildcard() && letters < fixed
    }

    /// Whether it has a wildcard.
    #[must_use]
    pub(crate) fn has_wildcard(&self) -> bool {
        self.0.iter().any(|piece| !matches!(piece, Piece::Letter(_)))
    }

    /// A text that fits: `filler` for every `*`, its first letter for every `?`.
    #[must_use]
    pub(crate) fn example(&self, filler: &str) -> String {
        let one = filler.chars().next().unwrap_or('x');
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Letter(letter) => text.push(*letter),
                Piece::Any => text.push(one),
                Piece::AnyText => text.push_str(filler),
            }
        }
        text
    }

    /// Greedy matching with one point to fall back to: time is the product of the lengths at
    /// worst, memory none.
    fn covers_pieces(&self, text: &[Piece]) -> bool {
        let (mut at, mut read) = (0, 0);
        let mut fallback: Option<(usize, usize)> = None;
        while let Some(piece) = text.get(read) {
            match self.0.get(at) {
                Some(Piece::AnyText) => {
                    fallback = Some((at, read));
                    at += 1;
                    continue;
                }
                Some(Piece::Any) if *piece != Piece::AnyText => {
                    at += 1;
                    read += 1;
                    continue;
                }
                Some(own) if own == piece && *piece != Piece::AnyText => {
                    at += 1;
                    read += 1;
                    continue;
                }
                _ => {}
            }
            let Some((star, from)) = fallback else { return false };
            fallback = Some((star, from + 1));
            at = star + 1;
            read = from + 1;
        }
        self.0[at..].iter().all(|piece| *piece == Piece::AnyText)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_aws_says() {
        let fits = |pattern: &str, text: &str| Pattern::with_case(pattern).matches(text);
        assert!(fits("/*", "/"));
        assert!(fits("*", ""));
        assert!(fits("/v1/models/*", "/v1/models/m:predict"));
        assert!(!fits("/v1/models/*", "/v1/models"));
        assert!(fits("a?c*e", "abcdde"));
        assert!(!fits("a?c", "ac"));
        assert!(fits("tok\\*en", "tok*en"));
        assert!(!fits("tok\\*en", "tokxen"));
        assert!(fits("*a*b*", "xxaxxbxx"));
        assert!(!fits("/V1", "/v1"));
        assert!(Pattern::without_case("TOKEN").matches("token"));
    }

    #[test]
    fn a_pattern_covers_narrower_ones() {
        let covers =
            |wide: &str, narrow: &str| Pattern::with_case(wide).covers(&Pattern::with_case(narrow));
        assert!(covers("/*", "/v1/*"));
        assert!(covers("/*", "/"));
        assert!(covers("*.example.com", "m.example.com"));
        assert!(covers("*", "*.example.com"));
        assert!(covers("/v1/*", "/v1/models/?"));
        assert!(covers("/?*", "/?x*"));
        assert!(!covers("/v1/*", "/*"));
        assert!(!covers("m.example.com", "*.example.com"));
        assert!(!covers("/?", "/*"));
    }

    #[test]
    fn only_wildcards_are_wild() {
        for wild in ["*", "**", "?", "?*", "*?*"] {
            assert!(Pattern::without_case(wild).is_wild(), "{wild}");
        }
        for bound in ["", "t*", "\\*", "*-"] {
            assert!(!Pattern::without_case(bound).is_wild(), "{bound}");
        }
    }

    #[test]
    fn long_texts_take_bounded_time() {
        let pattern = Pattern::with_case(&"*a".repeat(2_000));
        assert!(!pattern.matches(&"a".repeat(1_999)));
    }
}
