//! Values of headers in routes and policies.

use krm_function::Secrets;
use serde_json::Value;

/// What a mesh or a Gateway API controller compares a header with. Of these, texts of fewer than eight
/// characters are canary's words, not tokens.
pub(super) fn add_headers(tokens: &mut Secrets, value: &Value) {
    match value {
        Value::Object(fields) => {
            let key = fields.get("key").and_then(Value::as_str).unwrap_or_default();
            if key.starts_with("request.headers") {
                fields.get("values").into_iter().for_each(|values| add_texts(tokens, values));
                fields.get("notValues").into_iter().for_each(|values| add_texts(tokens, values));
            }
            for (key, value) in fields {
                match key.as_str() {
                    "headers" | "withoutHeaders" => add_texts(tokens, value),
                    "httpHeaderConfig" => {
                        value
                            .get("values")
                            .into_iter()
                            .for_each(|values| add_texts(tokens, values));
                    }
                    _ => add_headers(tokens, value),
                }
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| add_headers(tokens, entry)),
        _ => {}
    }
}

fn add_texts(tokens: &mut Secrets, value: &Value) {
    match value {
        Value::String(text) => {
            tokens.add_whole(text);
        }
        Value::Array(entries) => entries.iter().for_each(|entry| add_texts(tokens, entry)),
        Value::Object(fields) => fields
            .iter()
            .filter(|(key, _)| !matches!(key.as_str(), "name" | "type"))
            .for_each(|(_, value)| add_texts(tokens, value)),
        _ => {}
    }
}
