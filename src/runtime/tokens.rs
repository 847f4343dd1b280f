//! The tokens among a run's input, which no finding may show.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use krm_function::{Items, Secrets};
use krm_package::NodeRef;
use serde_json::Value;

use crate::controllers::alb::{annotations, conditions};

const FIELD: &str = "httpHeaderValues";

/// Those of the configuration, of the objects that parameters are taken from, and of the conditions
/// that stand on Ingresses and Services.
pub(super) fn tokens(config: Option<NodeRef<'_>>, items: &Items<'_>) -> Secrets {
    let mut tokens = Secrets::default();
    if let Some(value) = config.and_then(|config| config.value().ok()) {
        add_named(&mut tokens, &value);
    }
    for item in items.iter() {
        let (node, kind) = (item.node, item.resource.kind.as_str());
        if matches!(kind, "ConfigMap" | "Secret") {
            for field in ["data", "stringData"] {
                if let Some(text) = item.text(&[field, FIELD]) {
                    add_list(&mut tokens, &text);
                }
            }
        } else if matches!(kind, "Ingress" | "Service")
            && let Some(all) = node.get("metadata").and_then(|metadata| metadata.get("annotations"))
        {
            let prefix = annotations::key("conditions.");
            for key in all.keys().iter().filter(|key| key.starts_with(&prefix)) {
                let text = all.get(key).and_then(NodeRef::as_str).unwrap_or_default();
                conditions::secrets(&text).iter().for_each(|token| tokens.add(token.expose()));
            }
        }
    }
    tokens
}

/// The values of every field of that name.
fn add_named(tokens: &mut Secrets, value: &Value) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::Array(entries) if key == FIELD => {
                        entries.iter().filter_map(Value::as_str).for_each(|text| tokens.add(text));
                    }
                    Value::String(text) if key == FIELD => add_list(tokens, text),
                    other => add_named(tokens, other),
                }
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| add_named(tokens, entry)),
        _ => {}
    }
}

/// A list as `params.env` has it, also in Base64, and where it is not quite one.
fn add_list(tokens: &mut Secrets, text: &str) {
    let decoded = STANDARD.decode(text.trim()).ok();
    let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    for text in [Some(text.to_owned()), decoded].into_iter().flatten() {
        match serde_json::from_str::<Vec<String>>(text.trim()) {
            Ok(list) => list.iter().for_each(|token| tokens.add(token)),
            Err(_) => text
                .split(|c: char| c.is_whitespace() || "[]\"',".contains(c))
                .for_each(|token| tokens.add(token)),
        }
    }
}
