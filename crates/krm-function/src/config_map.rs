//! A configuration's fields in the flat form of a ConfigMap: every value a string, a list a JSON
//! array, a nested field written with dots.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::diags::{WrongField, WrongValue};
use super::field_types::{FieldTypes, JsonTypes};

/// A key that does not become a field. No value is quoted: it may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongKey {
    /// The key.
    pub key: String,
    /// Why, and what to write instead.
    pub message: String,
    /// Whether no field has that name; else its value is wrong.
    pub is_unknown: bool,
}

/// Turns flat keys into the nested fields of a schema.
///
/// `aliases` are other names for a field: `("POOL_ARN", "login.poolArn")`.
///
/// # Errors
/// The keys that are unknown, or whose value is not what the schema takes.
pub fn fields_of(
    data: &BTreeMap<String, String>,
    schema: &FieldTypes,
    aliases: &[(&str, &str)],
) -> Result<Value, Vec<WrongKey>> {
    let known = schema.flat();
    let mut fields = Value::Object(Map::new());
    let mut problems = Vec::new();
    for (key, text) in data {
        let wrong = |why: WrongField<'_>| WrongKey {
            key: key.clone(),
            message: why.to_string(),
            is_unknown: matches!(why, WrongField::UnknownKey { .. }),
        };
        let path =
            aliases.iter().find(|(alias, _)| alias == key).map_or(key.as_str(), |(_, path)| path);
        let Some((_, types)) = known.iter().find(|(name, _)| name == path) else {
            let known: Vec<&str> = known
                .iter()
                .map(|(name, _)| name.as_str())
                .chain(aliases.iter().map(|(alias, _)| *alias))
                .collect();
            problems.push(wrong(WrongField::UnknownKey { key, known: &known }));
            continue;
        };
        if let Some((alias, _)) = aliases
            .iter()
            .find(|(alias, name)| alias != key && *name == path && data.contains_key(*alias))
        {
            problems.push(wrong(WrongField::Twice(alias)));
            continue;
        }
        match value_of(text, *types) {
            Ok(value) => set(&mut fields, path, value),
            Err(value) => problems.push(wrong(value.into())),
        }
    }
    if problems.is_empty() { Ok(fields) } else { Err(problems) }
}

fn set(fields: &mut Value, path: &str, value: Value) {
    let mut place = fields;
    for name in path.split('.') {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[name];
    }
    *place = value;
}

fn value_of(text: &str, types: JsonTypes) -> Result<Value, WrongValue> {
    let trimmed = text.trim();
    if types.array && (trimmed.starts_with('[') || !types.string) {
        let list = serde_json::from_str::<Vec<Value>>(trimmed);
        return list
            .map(Value::Array)
            .map_err(|error| WrongValue::Array { column: error.column() });
    }
    if types.object {
        let map = serde_json::from_str::<Map<String, Value>>(trimmed);
        return map
            .map(Value::Object)
            .map_err(|error| WrongValue::Object { column: error.column() });
    }
    if types.boolean {
        return match trimmed {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(WrongValue::Boolean),
        };
    }
    if types.integer {
        let number = trimmed.parse::<i64>();
        return number.map(Value::from).map_err(|_| WrongValue::Integer);
    }
    Ok(Value::from(text))
}
