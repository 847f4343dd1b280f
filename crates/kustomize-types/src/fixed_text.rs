//! A field that has one value only.

/// Declares a type of one value, which is written as `$text` and read from nothing else.
macro_rules! fixed_text {
    ($(#[$doc:meta])* $name:ident = $text:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
        pub struct $name;

        impl $name {
            /// The text.
            pub const TEXT: &'static str = $text;
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(Self::TEXT)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                if text == Self::TEXT {
                    return Ok(Self);
                }
                let found = serde::de::Unexpected::Str(&text);
                Err(serde::de::Error::invalid_value(found, &concat!("\"", $text, "\"")))
            }
        }
    };
}

pub(crate) use fixed_text;
