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
mod error;
mod fields;
mod names;
mod scan;
mod targets;

pub use decode::{Decoder, GoTarget, NumberFit, unmarshal};
pub(crate) use decode::{UnknownKey, unknown_keys};
pub(crate) use error::GoJsonError;
pub(crate) use fields::GoFields;
pub(crate) use names::names_field;
pub use targets::{GoSlice, KeySpellings};

/// Declares a struct that is read as Go reads a struct with these JSON names:
///
/// `go_struct! { struct Type as "package", "GoName" { field: Type = "jsonName", … } }`
macro_rules! go_struct {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $type:ident as $package:literal, $name:literal {
            $($(#[$field_attribute:meta])* $field_visibility:vis $field:ident: $of:ty = $key:literal,)*
        }
    ) => {
        $(#[$attribute])*
        $visibility struct $type {
            $($(#[$field_attribute])* $field_visibility $field: $of,)*
        }

        impl $crate::go::json::GoTarget for $type {
            fn go_type(&self) -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(concat!($package, ".", $name))
            }
            fn object(&mut self, decoder: &mut $crate::go::json::Decoder<'_>) -> bool {
                decoder.members(&mut |decoder, key| {
                    $(if $crate::go::json::names_field(key, $key) {
                        return decoder.field($name, $key, &mut self.$field);
                    })*
                    decoder.skip_unknown(key, &[$($key),*]);
                });
                true
            }
        }
    };
}

pub(crate) use go_struct;

#[cfg(test)]
mod tests;
