//! A configuration's text that is checked where it is read.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that is a `T`, or why it is none.
///
/// A field of this type deserialises from every string, so that all wrong fields of a configuration are
/// reported together, each with its place, by a [`Reading`](crate::Reading). Its schema is that of `T`.
///
/// ```
/// use std::net::IpAddr;
/// use krm_function::Checked;
///
/// assert!(matches!(Checked::<IpAddr>::of("10.0.0.1"), Checked::Valid(_)));
/// let Checked::Invalid(wrong) = Checked::<IpAddr>::of("10.0.0") else { panic!() };
/// assert_eq!(wrong.error, "invalid IP address syntax");
/// assert_eq!(wrong.text(), "10.0.0");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked<T> {
    /// It is one.
    Valid(T),
    /// It is none.
    Invalid(Invalid),
}

/// A text that is not what its field takes.
#[derive(Clone, PartialEq, Eq)]
pub struct Invalid {
    /// Why it is not, and what to write instead.
    pub error: String,
    text: String,
}

impl Invalid {
    /// The text itself, which may be a secret: it has no `Debug`.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Invalid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Invalid").field("error", &self.error).finish_non_exhaustive()
    }
}

impl<T: FromStr<Err: fmt::Display>> Checked<T> {
    /// Checks a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        match text.parse() {
            Ok(value) => Self::Valid(value),
            Err(error) => Self::Invalid(Invalid {
                error: <T::Err as ToString>::to_string(&error),
                text: text.to_owned(),
            }),
        }
    }
}

impl<T> Checked<T> {
    /// The value, where the text is one.
    ///
    /// # Errors
    /// Why the text is none.
    pub fn get(&self) -> Result<&T, &Invalid> {
        match self {
            Self::Valid(value) => Ok(value),
            Self::Invalid(invalid) => Err(invalid),
        }
    }
}

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Checked<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::of(&text))
    }
}

/// Its text, of a type that may be shown.
impl<T: fmt::Display> fmt::Display for Checked<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Valid(value) => value.fmt(out),
            Self::Invalid(invalid) => out.write_str(invalid.text()),
        }
    }
}

/// As its text, which a schema's default shows.
impl<T: fmt::Display> Serialize for Checked<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Valid(value) => serializer.collect_str(value),
            Self::Invalid(invalid) => serializer.serialize_str(invalid.text()),
        }
    }
}

impl<T: JsonSchema> JsonSchema for Checked<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}
