//! The tokens of a case, wherever they stand.

use base64::Engine;
use krm_package::Package;
use serde_json::Value;

/// Shorter ones would be found in any sentence.
const SHORTEST: usize = 5;

/// Every token in a configuration, a ConfigMap or Secret of parameters, or a condition.
pub(crate) fn of(text: &str) -> Vec<String> {
    let package = match Package::resource_list(text) {
        Ok(package) => package,
        Err(_) => match Package::stream(text) {
            Ok(package) => package,
            Err(_) => return Vec::new(),
        },
    };
    let mut found = Vec::new();
    let config = package.list_field("functionConfig");
    for node in package.items().map(|(_, node)| node).chain(config) {
        if let Ok(value) = node.value() {
            gather(&value, &mut found);
        }
    }
    found.retain(|secret| secret.len() >= SHORTEST);
    found
}

fn gather(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                if key == "httpHeaderValues" {
                    tokens(value, found);
                } else if key.starts_with("alb.ingress.kubernetes.io/conditions.") {
                    conditions(value, found);
                } else {
                    gather(value, found);
                }
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| gather(entry, found)),
        _ => {}
    }
}

fn tokens(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(entries) => entries.iter().for_each(|entry| tokens(entry, found)),
        Value::String(text) => {
            let decoded = base64::engine::general_purpose::STANDARD
                .decode(text)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok());
            for text in std::iter::once(text.clone()).chain(decoded) {
                match serde_json::from_str::<Vec<Value>>(text.trim()) {
                    Ok(list) => list.iter().for_each(|entry| listed(entry, found)),
                    Err(_) => found.extend(
                        text.split(|c: char| c.is_whitespace() || "[]\",".contains(c))
                            .map(str::to_owned),
                    ),
                }
            }
        }
        Value::Object(entry) => entry.values().for_each(|value| tokens(value, found)),
        Value::Number(number) => found.push(number.to_string()),
        _ => {}
    }
}

/// An entry of a list that is a text: a token, or one under `previous`.
fn listed(entry: &Value, found: &mut Vec<String>) {
    match entry {
        Value::String(token) => found.push(token.clone()),
        other => tokens(other, found),
    }
}

fn conditions(value: &Value, found: &mut Vec<String>) {
    let conditions: Vec<Value> =
        value.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    for condition in conditions {
        let values = condition.pointer("/httpHeaderConfig/values").and_then(Value::as_array);
        found.extend(values.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
    }
}
