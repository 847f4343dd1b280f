//! JSON as Go's `encoding/json` reads it into typed values.
//!
//! The load balancer controller's annotations and `KServe`'s configuration are JSON for Go, which is wider and
//! odder than JSON as such: a struct's keys are compared without case (also `ſ` for `s` and the
//! Kelvin sign for `k`), unknown keys are skipped, a repeated key is decoded into the value that
//! its first occurrence left (the last string wins, objects merge, list elements are overwritten
//! in place), `null` leaves strings and numbers alone, and half a surrogate pair becomes U+FFFD.
//! The rules here are those of `encoding/json` of Go 1.26 (`scanner.go`, `decode.go`), with its
//! error texts.

mod decode;
mod fields;
mod scan;
mod targets;

pub use decode::{Decoder, GoTarget, NumberFit, unmarshal};
pub use fields::{Found, GoFields};
pub use targets::{GoSlice, KeySpellings};

use std::fmt;

/// Why Go refuses a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GoJsonError {
    /// The text is not JSON. Holds Go's words, which quote at most one character of the text.
    Syntax(String),
    /// A value has another type than the field it is meant for.
    Type {
        /// What was found: `string`, `array`, `number 443.0`.
        value: String,
        /// The Go type it was meant for: `[]string`.
        target: String,
        /// The Go struct and the path of the field in it, where there is one.
        field: Option<(String, String)>,
    },
}

impl fmt::Display for GoJsonError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(words) => out.write_str(words),
            Self::Type { value, target, field: Some((name, path)) } => write!(
                out,
                "json: cannot unmarshal {value} into Go struct field {name}.{path} of type {target}"
            ),
            Self::Type { value, target, field: None } => {
                write!(out, "json: cannot unmarshal {value} into Go value of type {target}")
            }
        }
    }
}

impl std::error::Error for GoJsonError {}

/// Whether a JSON key names a Go struct field, as Go folds names.
#[must_use]
pub fn names_field(key: &str, field: &str) -> bool {
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

/// Makes a struct readable as Go reads a struct with these JSON names.
///
/// `go_struct!(Type as "package", "GoName" { "jsonName" => rust_field, … });`
#[macro_export]
macro_rules! go_struct {
    ($type:ty as $package:literal, $name:literal { $($key:literal => $field:ident,)* }) => {
        impl $crate::go::json::GoTarget for $type {
            fn go_type(&self) -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(concat!($package, ".", $name))
            }
            fn object(&mut self, decoder: &mut $crate::go::json::Decoder<'_>) -> bool {
                decoder.members(&mut |decoder, key| {
                    $(if $crate::go::json::names_field(key, $key) {
                        return decoder.field($name, $key, &mut self.$field);
                    })*
                    decoder.skip();
                });
                true
            }
        }
    };
}

#[cfg(test)]
mod tests;
