//! The hash behind a generated object's name (`api/hasher/hasher.go` of kustomize).

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// The hash of a ConfigMap or a Secret.
pub(super) fn hash(object: &Value) -> String {
    let field = |name: &str| match object.get(name) {
        None | Some(Value::Null) => json!(""),
        Some(value) => value.clone(),
    };
    let kind = object.get("kind").and_then(Value::as_str).unwrap_or_default();
    // kustomize looks for the name at a path that no object has, and hashes an empty one.
    let mut hashed = json!({ "kind": kind, "name": "", "data": field("data") });
    let more = if kind == "Secret" {
        hashed["type"] = field("type");
        "stringData"
    } else {
        "binaryData"
    };
    if let Some(Value::Object(entries)) = object.get(more) {
        hashed[more] = Value::Object(entries.clone());
    }
    let digest = Sha256::digest(go_json(&hashed).as_bytes());
    let hex: String = digest.iter().take(5).map(|byte| format!("{byte:02x}")).collect();
    let letter = |c: char| match c {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    };
    hex.chars().map(letter).collect()
}

/// JSON as Go's `encoding/json` writes it: keys in order, and what HTML takes for markup escaped.
fn go_json(value: &Value) -> String {
    let text = sorted(value).to_string();
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            other => out.push(other),
        }
    }
    out
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut all: Vec<(&String, &Value)> = fields.iter().collect();
            all.sort_by_key(|(key, _)| *key);
            let all = all.into_iter().map(|(key, value)| (key.clone(), sorted(value)));
            Value::Object(all.collect::<Map<_, _>>())
        }
        Value::Array(entries) => entries.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hashes of kustomize's own tests (`api/hasher/hasher_test.go`).
    #[test]
    fn is_that_of_kustomize() {
        let config_map = |data: Value| json!({ "kind": "ConfigMap", "data": data });
        let mut one = config_map(json!({ "one": "" }));
        one["metadata"] = json!({ "name": "" });
        assert_eq!(hash(&one), "9g67k2htb6");
        let mut secret = json!({ "kind": "Secret", "type": "my-type", "data": { "one": "" } });
        secret["metadata"] = json!({ "name": "" });
        assert_eq!(hash(&secret), "74bd68bm66");
    }
}
