//! The part of a JSON Schema by which texts are read: its fields and their types. What is said about
//! them is most of it, and passed over.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Reads that part, in the schema's own form; nothing where the text is no JSON.
pub(super) fn field_types(schema: &str) -> Value {
    let mut json = serde_json::Deserializer::from_str(schema);
    Part { of_fields: false }.deserialize(&mut json).unwrap_or_default()
}

/// A schema, or the map of a schema's `properties`, whose keys are the fields' own.
struct Part {
    of_fields: bool,
}

const PROPERTIES: &str = "properties";
const KEPT: [&str; 5] = [PROPERTIES, "type", "anyOf", "oneOf", "allOf"];

impl<'de> DeserializeSeed<'de> for Part {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON Schema")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut kept = Vec::new();
        while let Some(entry) = entries.next_element_seed(Self { of_fields: false })? {
            kept.push(entry);
        }
        Ok(kept.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut kept = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            if self.of_fields || KEPT.contains(&key.as_str()) {
                let part = Self { of_fields: !self.of_fields && key == PROPERTIES };
                let value = fields.next_value_seed(part)?;
                kept.insert(key, value);
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        Ok(kept.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_and_types_are_left() {
        let schema = r#"{"type": "object", "title": "x", "properties": {
            "type": {"type": ["string", "null"], "description": "long"},
            "title": {"anyOf": [{"type": "array", "maxItems": 3}, {"type": "string"}]},
            "any": true
        }}"#;
        assert_eq!(
            field_types(schema),
            json!({"type": "object", "properties": {
                "type": {"type": ["string", "null"]},
                "title": {"anyOf": [{"type": "array"}, {"type": "string"}]},
                "any": null,
            }})
        );
        assert_eq!(field_types("{"), Value::Null);
    }
}
