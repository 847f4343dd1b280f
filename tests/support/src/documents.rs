//! YAML as a reader that is not the engine's has it.

use serde::Deserialize;
use serde_json::Value;

/// The documents of a stream, without the empty ones.
pub fn documents(text: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(text);
    documents
        .map(|document| Value::deserialize(document).unwrap_or_else(|e| panic!("{e}:\n{text}")))
        .filter(|document| !document.is_null())
        .collect()
}
