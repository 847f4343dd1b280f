//! Whether a node reads as a value, without building a value of it.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Reads whether something is this value; it stops at the first difference.
#[derive(Clone, Copy)]
pub(super) struct Same<'v>(pub(super) &'v Value);

impl<'de> DeserializeSeed<'de> for Same<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, found: D) -> Result<bool, D::Error> {
        found.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Same<'_> {
    type Value = bool;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(self.0.is_null())
    }

    fn visit_bool<E>(self, found: bool) -> Result<bool, E> {
        Ok(*self.0 == found)
    }

    fn visit_i64<E>(self, found: i64) -> Result<bool, E> {
        Ok(*self.0 == found)
    }

    fn visit_u64<E>(self, found: u64) -> Result<bool, E> {
        Ok(*self.0 == found)
    }

    fn visit_f64<E>(self, found: f64) -> Result<bool, E> {
        // A whole number is not a float, nor is it one to `Value`.
        Ok(self.0.as_number() == Number::from_f64(found).as_ref())
    }

    fn visit_str<E>(self, found: &str) -> Result<bool, E> {
        Ok(self.0.as_str() == Some(found))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut found: A) -> Result<bool, A::Error> {
        let Some(wanted) = self.0.as_array() else { return Ok(false) };
        for value in wanted {
            if found.next_element_seed(Same(value))? != Some(true) {
                return Ok(false);
            }
        }
        Ok(found.next_element_seed(Same(&Value::Null))?.is_none())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut found: A) -> Result<bool, A::Error> {
        let Some(wanted) = self.0.as_object() else { return Ok(false) };
        // No mapping has a key twice: the parser refuses it.
        let mut count = 0;
        while let Some(value) = found.next_key_seed(Field(wanted))? {
            let Some(value) = value else { return Ok(false) };
            if !found.next_value_seed(Same(value))? {
                return Ok(false);
            }
            count += 1;
        }
        Ok(count == wanted.len())
    }
}

/// Reads a key, for the value that a mapping has of it.
struct Field<'v>(&'v Map<String, Value>);

impl<'de, 'v> DeserializeSeed<'de> for Field<'v> {
    type Value = Option<&'v Value>;

    fn deserialize<D: Deserializer<'de>>(self, key: D) -> Result<Self::Value, D::Error> {
        key.deserialize_str(self)
    }
}

impl<'v> Visitor<'_> for Field<'v> {
    type Value = Option<&'v Value>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.get(key))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::Package;

    #[test]
    fn only_the_same_value_is_the_same() {
        let values = [
            json!(null),
            json!(true),
            json!(1),
            json!(-1),
            json!(1.5),
            json!(u64::MAX),
            json!("1"),
            json!(""),
            json!([]),
            json!([null]),
            json!([1, [2]]),
            json!([1, [2], 3]),
            json!({}),
            json!({"a": {"b": [1]}}),
            json!({"a": {"b": [2]}}),
            json!({"a": {"b": [1]}, "c": null}),
        ];
        for found in &values {
            let text = json!({ "it": found }).to_string();
            let Ok(package) = Package::stream(&text) else { panic!("{text}") };
            for (_, item) in package.items() {
                for wanted in &values {
                    assert_eq!(
                        item.is(&json!({ "it": wanted })),
                        Ok(found == wanted),
                        "{found} {wanted}"
                    );
                }
            }
        }
        let Ok(package) = Package::stream("1.0") else { panic!() };
        for (_, item) in package.items() {
            assert_eq!((item.is(&json!(1)), item.is(&json!(1.0))), (Ok(false), Ok(true)));
        }
    }
}
