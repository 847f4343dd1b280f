//! What every type that is a checked text has in common.

/// Gives a `struct Name(String)` that has [`FromStr`](std::str::FromStr) its other conversions:
/// `as_str`, `Display`, `AsRef<str>`, `TryFrom<String>` (which serde reads it through) and
/// `From<Name> for String` (which serde writes it through).
macro_rules! parsed_text {
    ($visibility:vis $name:ident) => {
        impl $name {
            /// The text, as it was written.
            #[must_use]
            $visibility fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(self.as_str())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl TryFrom<String> for $name {
            type Error = <$name as std::str::FromStr>::Err;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

pub(crate) use parsed_text;
