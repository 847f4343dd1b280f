//! The tokens of `httpHeaderValues`: those in use, and those that clients are moved away from.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use crate::runtime::Checked;
use crate::values::header::HeaderToken;

/// One token. No `Debug`: it is a secret.
#[derive(Clone, PartialEq, Eq, JsonSchema)]
#[schemars(untagged)]
pub(crate) enum TokenParam {
    /// One that clients send from now on.
    Current(Checked<HeaderToken>),
    /// One that opens the listener until every client sends another.
    Previous(PreviousToken),
}

/// A token that is being replaced: it opens the listener as well, and is reported until it is removed.
#[derive(Clone, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviousToken {
    /// The token.
    previous: Checked<HeaderToken>,
}

impl TokenParam {
    /// One in use.
    #[must_use]
    pub(crate) fn of(text: &str) -> Self {
        Self::Current(Checked::of(text))
    }

    /// Its text.
    #[must_use]
    pub(crate) fn text(&self) -> &Checked<HeaderToken> {
        match self {
            Self::Current(text) => text,
            Self::Previous(token) => &token.previous,
        }
    }

    /// Whether it is one that is being replaced.
    #[must_use]
    pub(crate) fn is_previous(&self) -> bool {
        matches!(self, Self::Previous(_))
    }
}

// Not `#[serde(untagged)]`: a wrong field of `previous` would be reported without its place.
impl<'de> Deserialize<'de> for TokenParam {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = TokenParam;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a string, or previous: with a string")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<TokenParam, E> {
                Ok(TokenParam::of(text))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TokenParam, A::Error> {
                PreviousToken::deserialize(MapAccessDeserializer::new(map))
                    .map(TokenParam::Previous)
            }
        }

        deserializer.deserialize_any(Either)
    }
}
