//! What did not fit, on its way up to the place where its path is whole.

use std::fmt;

use serde::de;

use super::error::{Correction, ReadError};
use crate::error::Position;
use crate::path::Segment;
use crate::text::suggest;

/// A read error on its way up, gathering its path. One word long: each type that is read moves it at
/// every field.
#[derive(Debug)]
pub(crate) struct Unplaced(Box<Fault>);

#[derive(Debug)]
struct Fault {
    message: String,
    offset: Option<usize>,
    /// Innermost first.
    path: Vec<Segment>,
    correction: Option<Correction>,
    is_about_key: bool,
    keys: &'static [&'static str],
}

impl Unplaced {
    pub(super) fn new(message: String, offset: Option<usize>) -> Self {
        let path = Vec::new();
        Self(Box::new(Fault {
            message,
            offset,
            path,
            correction: None,
            is_about_key: false,
            keys: &[],
        }))
    }

    /// Says what would be right.
    pub(super) fn corrected(mut self, correction: Option<Correction>) -> Self {
        self.0.correction = correction;
        self
    }

    /// Says which keys the mapping would have that is expected.
    pub(super) fn of_mapping(mut self, keys: &'static [&'static str]) -> Self {
        self.0.keys = keys;
        self
    }

    /// The keys of the mapping that is expected as the entry of a list, itself and not below it.
    pub(super) fn keys_of_entry(&self) -> &'static [&'static str] {
        if self.0.path.len() == 1 { self.0.keys } else { &[] }
    }

    /// Says where the value is, if nothing inside it has.
    pub(super) fn stands_at(&mut self, offset: usize) {
        self.0.offset.get_or_insert(offset);
    }

    pub(super) fn below_key(self, key: &str, offset: usize) -> Self {
        self.below(Segment::Key(key.to_owned()), offset)
    }

    #[cold]
    #[inline(never)]
    pub(super) fn below_entry(self, place: usize, offset: usize) -> Self {
        self.below(Segment::Index(place), offset)
    }

    pub(super) fn below(mut self, segment: Segment, offset: usize) -> Self {
        self.0.path.push(segment);
        self.0.offset.get_or_insert(offset);
        self
    }

    #[cold]
    #[inline(never)]
    pub(super) fn place(self, source: &str) -> ReadError {
        let path = self.0.path.into_iter().rev().collect();
        ReadError {
            path,
            position: Position::of(source, self.0.offset.unwrap_or(0)),
            message: self.0.message,
            correction: self.0.correction,
            is_about_key: self.0.is_about_key,
            keys: self.0.keys,
        }
    }
}

impl fmt::Display for Unplaced {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.message)
    }
}

impl std::error::Error for Unplaced {}

impl de::Error for Unplaced {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string(), None)
    }

    /// The value may be a token: only what kind of value was found is said.
    #[cold]
    #[inline(never)]
    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let expected = in_words(expected.to_string());
        let is_quoted = |text: &str| match expected.as_str() {
            "a boolean" => matches!(text, "true" | "false"),
            _ => expected.starts_with("an integer") && text.parse::<i64>().is_ok(),
        };
        let advice = match found {
            de::Unexpected::Str(text) if is_quoted(text) => "; write it without quotes",
            de::Unexpected::Bool(_)
            | de::Unexpected::Unsigned(_)
            | de::Unexpected::Signed(_)
            | de::Unexpected::Float(_)
                if expected == "a string" =>
            {
                "; write it in quotes"
            }
            _ => "",
        };
        let found = match found {
            de::Unexpected::Bool(_) => "a boolean",
            de::Unexpected::Unsigned(_) | de::Unexpected::Signed(_) | de::Unexpected::Float(_) => {
                "a number"
            }
            de::Unexpected::Char(_) | de::Unexpected::Str(_) => "a string",
            de::Unexpected::Unit | de::Unexpected::Option => "null",
            de::Unexpected::Seq => "a list",
            de::Unexpected::Map => "a mapping",
            _ => "another type",
        };
        Self::custom(format_args!("found {found}, expected {expected}{advice}"))
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    #[cold]
    #[inline(never)]
    fn missing_field(field: &'static str) -> Self {
        Self::custom(format_args!("missing field `{field}`; add it"))
    }

    #[cold]
    #[inline(never)]
    fn duplicate_field(field: &'static str) -> Self {
        Self::custom(format_args!("duplicate field `{field}`"))
    }

    #[cold]
    #[inline(never)]
    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let meant = suggest::nearest(field, expected)
            .map(|meant| Correction::Key { found: field.to_owned(), meant: meant.to_owned() });
        let mut error = Self::custom(format_args!(
            "unknown field \"{field}\"; {}",
            suggest::hint(field, expected)
        ))
        .corrected(meant);
        error.0.is_about_key = true;
        error
    }

    #[cold]
    #[inline(never)]
    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(format_args!(
            "unknown value \"{variant}\"; {}",
            suggest::hint(variant, expected)
        ))
        .corrected(
            suggest::nearest(variant, expected).map(|meant| Correction::Value(meant.to_owned())),
        )
    }
}

/// What a type expects, in words of YAML where serde has Rust's own.
fn in_words(expected: String) -> String {
    let integer = |least: i128, most: i128| format!("an integer from {least} to {most}");
    match expected.as_str() {
        "i8" => integer(i8::MIN.into(), i8::MAX.into()),
        "i16" => integer(i16::MIN.into(), i16::MAX.into()),
        "i32" => integer(i32::MIN.into(), i32::MAX.into()),
        "i64" | "isize" => integer(i64::MIN.into(), i64::MAX.into()),
        "u8" => integer(0, u8::MAX.into()),
        "u16" => integer(0, u16::MAX.into()),
        "u32" => integer(0, u32::MAX.into()),
        "u64" | "usize" => integer(0, u64::MAX.into()),
        "f32" | "f64" => "a number".to_owned(),
        "a map" => "a mapping".to_owned(),
        other if other.starts_with("struct ") => "a mapping".to_owned(),
        _ => expected,
    }
}

#[cfg(test)]
mod tests {
    use serde::de::{Error as _, Unexpected};

    use super::{Unplaced, in_words};

    #[test]
    fn a_value_of_another_type_is_named_without_itself() {
        for (found, expected, message) in [
            (
                Unexpected::Bool(true),
                "a string",
                "found a boolean, expected a string; write it in quotes",
            ),
            (
                Unexpected::Unsigned(7),
                "a string",
                "found a number, expected a string; write it in quotes",
            ),
            (
                Unexpected::Signed(-7),
                "a string",
                "found a number, expected a string; write it in quotes",
            ),
            (
                Unexpected::Float(0.5),
                "a string",
                "found a number, expected a string; write it in quotes",
            ),
            (Unexpected::Float(0.5), "a map", "found a number, expected a mapping"),
            (Unexpected::Unit, "a string", "found null, expected a string"),
            (Unexpected::Option, "a string", "found null, expected a string"),
            (Unexpected::Seq, "a string", "found a list, expected a string"),
            (Unexpected::Map, "a string", "found a mapping, expected a string"),
            (Unexpected::Bytes(b"a"), "a string", "found another type, expected a string"),
            (
                Unexpected::Str("true"),
                "a boolean",
                "found a string, expected a boolean; write it without quotes",
            ),
            (Unexpected::Str("yes"), "a boolean", "found a string, expected a boolean"),
            (Unexpected::Str("7"), "a boolean", "found a string, expected a boolean"),
            (
                Unexpected::Str("7"),
                "u8",
                "found a string, expected an integer from 0 to 255; write it without quotes",
            ),
            (Unexpected::Str("x"), "u8", "found a string, expected an integer from 0 to 255"),
        ] {
            assert_eq!(Unplaced::invalid_type(found, &expected).to_string(), message);
        }
    }

    #[test]
    fn no_message_has_a_type_of_rust() {
        for (found, words) in [
            ("struct MutualTls", "a mapping"),
            ("i8", "an integer from -128 to 127"),
            ("i16", "an integer from -32768 to 32767"),
            ("i32", "an integer from -2147483648 to 2147483647"),
            ("i64", "an integer from -9223372036854775808 to 9223372036854775807"),
            ("isize", "an integer from -9223372036854775808 to 9223372036854775807"),
            ("u8", "an integer from 0 to 255"),
            ("u16", "an integer from 0 to 65535"),
            ("u32", "an integer from 0 to 4294967295"),
            ("u64", "an integer from 0 to 18446744073709551615"),
            ("f64", "a number"),
            ("a map", "a mapping"),
            ("a string", "a string"),
        ] {
            assert_eq!(in_words(found.to_owned()), words);
        }
    }
}
