//! A configuration's fields in the flat form of a ConfigMap: every value a string, a list a JSON
//! array, a nested field written with dots.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::suggest;

/// Turns flat keys into the nested fields of a schema.
///
/// `aliases` are other names for a field: `("CognitoUserPoolArn", "cognito.userPoolArn")`.
///
/// # Errors
/// For each bad key, the key and why: it is unknown, or its value is not what the schema takes.
/// No value is quoted: it may be a token.
pub fn fields_of(
    data: &BTreeMap<String, String>,
    schema: &Value,
    aliases: &[(&str, &str)],
) -> Result<Value, Vec<(String, String)>> {
    let known = flat_fields(schema, String::new());
    let mut fields = Value::Object(Map::new());
    let mut problems = Vec::new();
    for (key, text) in data {
        let path =
            aliases.iter().find(|(alias, _)| alias == key).map_or(key.as_str(), |(_, path)| path);
        let Some((_, field)) = known.iter().find(|(name, _)| name == path) else {
            let names: Vec<&str> = known
                .iter()
                .map(|(name, _)| name.as_str())
                .chain(aliases.iter().map(|(alias, _)| *alias))
                .collect();
            problems.push((key.clone(), format!("unknown key; {}", suggest::hint(key, &names))));
            continue;
        };
        if let Some((alias, _)) = aliases
            .iter()
            .find(|(alias, name)| alias != key && *name == path && data.contains_key(*alias))
        {
            problems.push((key.clone(), format!("{alias} is the same field; keep one of the two")));
            continue;
        }
        match value_of(text, field) {
            Ok(value) => set(&mut fields, path, value),
            Err(message) => problems.push((key.clone(), message)),
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

/// Every field that has a value of its own, with its schema: `certArn`, `cognito.userPoolArn`.
fn flat_fields(schema: &Value, prefix: String) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return found;
    };
    for (name, field) in properties {
        let name = format!("{prefix}{name}");
        let nested = flat_fields(field, format!("{name}."));
        if nested.is_empty() {
            found.push((name, field));
        } else {
            found.extend(nested);
        }
    }
    found
}

fn value_of(text: &str, field: &Value) -> Result<Value, String> {
    let trimmed = text.trim();
    if takes(field, "array") && (trimmed.starts_with('[') || !takes(field, "string")) {
        let list = serde_json::from_str::<Vec<Value>>(trimmed);
        return list.map(Value::Array).map_err(|error| {
            format!(
                "expected a JSON array with strings in double quotes, as in [\"value\"]; the text is none from column {}",
                error.column()
            )
        });
    }
    if takes(field, "object") {
        let map = serde_json::from_str::<Map<String, Value>>(trimmed);
        return map.map(Value::Object).map_err(|error| {
            format!(
                "expected a JSON object, as in {{\"key\": \"value\"}}; the text is none from column {}",
                error.column()
            )
        });
    }
    if takes(field, "boolean") {
        return match trimmed {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err("expected true or false".to_owned()),
        };
    }
    if takes(field, "integer") {
        let number = trimmed.parse::<i64>();
        return number.map(Value::from).map_err(|_| "expected a whole number".to_owned());
    }
    Ok(Value::from(text))
}

/// Whether a schema, or one of its choices, is of a JSON type.
fn takes(field: &Value, kind: &str) -> bool {
    let is = match field.get("type") {
        Some(Value::String(one)) => one == kind,
        Some(Value::Array(several)) => several.iter().any(|one| one == kind),
        _ => false,
    };
    let choices = ["anyOf", "oneOf", "allOf"].iter().filter_map(|key| field.get(key)?.as_array());
    is || choices.flatten().any(|choice| takes(choice, kind))
}
