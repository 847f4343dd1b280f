//! The part of a JSON Schema by which texts are read: its fields and their types. What is said about
//! them is most of it, and passed over.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The JSON types that a field takes, in itself or as one of its choices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct JsonTypes {
    pub(super) array: bool,
    pub(super) object: bool,
    pub(super) boolean: bool,
    pub(super) integer: bool,
    pub(super) string: bool,
}

/// What a schema says of one field, or of a whole configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldTypes {
    pub(super) types: JsonTypes,
    /// The fields below, in the schema's order.
    fields: Vec<(String, Self)>,
}

impl FieldTypes {
    /// Reads them; none where the text is not JSON.
    pub(super) fn of(schema: &str) -> Self {
        Part::Schema
            .deserialize(&mut serde_json::Deserializer::from_str(schema))
            .unwrap_or_default()
    }

    /// The field below with a name; one without types where there is none.
    pub(super) fn into_field(self, name: &str) -> Self {
        let found = self.fields.into_iter().find(|(known, _)| known == name);
        found.map(|(_, field)| field).unwrap_or_default()
    }

    /// Leaves out some fields below.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        self.fields.retain(|(name, _)| !names.contains(&name.as_str()));
        self
    }

    /// The fields below.
    pub(super) fn names(&self) -> Vec<String> {
        self.fields.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Every field below that has a value of its own: `replicas`, `login.poolArn`.
    pub(super) fn flat(&self) -> Vec<(String, JsonTypes)> {
        let mut found = Vec::new();
        self.push_flat("", &mut found);
        found
    }

    fn push_flat(&self, prefix: &str, found: &mut Vec<(String, JsonTypes)>) {
        for (name, field) in &self.fields {
            let name = format!("{prefix}{name}");
            if field.fields.is_empty() {
                found.push((name, field.types));
            } else {
                field.push_flat(&format!("{name}."), found);
            }
        }
    }
}

/// A place in a schema. Each is read as a schema in which the rest is empty.
#[derive(Clone, Copy)]
enum Part {
    Schema,
    /// `properties`, whose keys are the fields' own.
    Fields,
    /// `type`: one, or a list of them.
    Types,
    /// `anyOf` and its like.
    Choices,
}

impl<'de> DeserializeSeed<'de> for Part {
    type Value = FieldTypes;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part {
    type Value = FieldTypes;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON Schema")
    }

    /// A schema that takes everything.
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(FieldTypes::default())
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let types = JsonTypes {
            array: name == "array",
            object: name == "object",
            boolean: name == "boolean",
            integer: name == "integer",
            string: name == "string",
        };
        Ok(FieldTypes { types, ..FieldTypes::default() })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let entry = if matches!(self, Self::Choices) { Self::Schema } else { self };
        let mut read = FieldTypes::default();
        while let Some(choice) = entries.next_element_seed(entry)? {
            read.types = read.types.or(choice.types);
        }
        Ok(read)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut read = FieldTypes::default();
        while let Some(key) = fields.next_key::<String>()? {
            let part = match key.as_str() {
                _ if matches!(self, Self::Fields) => {
                    read.fields.push((key, fields.next_value_seed(Self::Schema)?));
                    continue;
                }
                "properties" => Self::Fields,
                "type" => Self::Types,
                "anyOf" | "oneOf" | "allOf" => Self::Choices,
                _ => {
                    fields.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            let part = fields.next_value_seed(part)?;
            read.types = read.types.or(part.types);
            read.fields.extend(part.fields);
        }
        Ok(read)
    }
}

impl JsonTypes {
    fn or(self, other: Self) -> Self {
        Self {
            array: self.array || other.array,
            object: self.object || other.object,
            boolean: self.boolean || other.boolean,
            integer: self.integer || other.integer,
            string: self.string || other.string,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_types_are_left() {
        let schema = r#"{"type": "object", "title": "x", "properties": {
            "type": {"type": ["string", "null"], "description": "a \"long\" one"},
            "title": {"anyOf": [{"type": "array", "maxItems": 3}, {"type": "string"}]},
            "any": true,
            "below": {"type": "object", "properties": {"it": {"type": "integer"}}, "required": ["it"]}
        }}"#;
        let read = FieldTypes::of(schema);
        let none = JsonTypes::default();
        assert_eq!(
            read.flat(),
            [
                ("type".to_owned(), JsonTypes { string: true, ..none }),
                ("title".to_owned(), JsonTypes { array: true, string: true, ..none }),
                ("any".to_owned(), none),
                ("below.it".to_owned(), JsonTypes { integer: true, ..none }),
            ]
        );
        assert_eq!(read.types, JsonTypes { object: true, ..none });
        assert_eq!(read.clone().into_field("below").flat().len(), 1);
        assert_eq!(read.without(&["type", "below"]).flat().len(), 2);
        assert_eq!(FieldTypes::of("{"), FieldTypes::default());
    }
}
