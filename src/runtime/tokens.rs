//! The tokens of the input, kept out of all that is told.
//!
//! Every rule takes care by itself that its message holds no token. This is what stands behind them
//! all: a token may be pasted where no rule expects one.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::items::Items;
use crate::controllers::alb::{annotations, conditions};
use crate::finding::Finding;
use krm_package::NodeRef;
use krm_package::text::excerpt::{SHORTEST_TOKEN, SHOWN};

/// A load balancer has 100 rules, of five condition values each.
const MOST: usize = 1_000;
const FIELD: &str = "httpHeaderValues";
const HIDDEN: &str = "…";

/// The tokens of one run, in lower case.
pub(super) struct Tokens(BTreeSet<String>);

impl Tokens {
    /// Those of the configuration, of the objects that parameters are taken from, and of the
    /// conditions that stand on Ingresses and Services.
    pub(super) fn of(config: Option<NodeRef<'_>>, items: &Items<'_>) -> Self {
        let mut tokens = Self(BTreeSet::new());
        if let Some(value) = config.and_then(|config| config.value().ok()) {
            tokens.named(&value);
        }
        for item in items.iter() {
            let (node, kind) = (item.node, item.resource.kind.as_str());
            if matches!(kind, "ConfigMap" | "Secret") {
                for field in ["data", "stringData"] {
                    if let Some(text) = item.text(&[field, FIELD]) {
                        tokens.list(&text);
                    }
                }
            } else if matches!(kind, "Ingress" | "Service")
                && let Some(all) =
                    node.get("metadata").and_then(|metadata| metadata.get("annotations"))
            {
                let prefix = annotations::key("conditions.");
                for key in all.keys().iter().filter(|key| key.starts_with(&prefix)) {
                    let text = all.get(key).and_then(NodeRef::as_str);
                    tokens.conditions(&text.unwrap_or_default());
                }
            }
        }
        tokens
    }

    /// Hides the tokens in what findings say.
    pub(super) fn hide(&self, findings: &mut [Finding]) {
        let told: String = findings.iter().map(told).collect::<String>().to_ascii_lowercase();
        let mut stray: Vec<&String> = self.0.iter().filter(|token| told.contains(*token)).collect();
        // One may be the beginning of another, whose end would be left.
        stray.sort_by_key(|token| std::cmp::Reverse(token.len()));
        if stray.is_empty() {
            return;
        }
        for finding in findings {
            for token in &stray {
                hide(&mut finding.message, token);
                if let Some(field) = &mut finding.field {
                    hide(&mut field.path, token);
                    for value in [&mut field.current, &mut field.proposed].into_iter().flatten() {
                        hide_in(value, token);
                    }
                }
            }
        }
    }

    fn add(&mut self, token: &str) {
        if token.len() >= SHORTEST_TOKEN && self.0.len() < MOST {
            let token = token.to_ascii_lowercase();
            // Quoted, and cut, as messages show a text.
            self.0.extend(token.char_indices().nth(SHOWN).map(|(end, _)| token[..end].to_owned()));
            self.0.insert(token.escape_debug().to_string());
            self.0.insert(token);
        }
    }

    /// The values of every field of that name.
    fn named(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    match value {
                        Value::Array(entries) if key == FIELD => {
                            entries
                                .iter()
                                .filter_map(Value::as_str)
                                .for_each(|text| self.add(text));
                        }
                        Value::String(text) if key == FIELD => self.list(text),
                        other => self.named(other),
                    }
                }
            }
            Value::Array(entries) => entries.iter().for_each(|entry| self.named(entry)),
            _ => {}
        }
    }

    /// A list as `params.env` has it, also in Base64, and where it is not quite one.
    fn list(&mut self, text: &str) {
        let decoded = STANDARD.decode(text.trim()).ok();
        let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        for text in [Some(text.to_owned()), decoded].into_iter().flatten() {
            match serde_json::from_str::<Vec<String>>(text.trim()) {
                Ok(list) => list.iter().for_each(|token| self.add(token)),
                Err(_) => text
                    .split(|c: char| c.is_whitespace() || "[]\"',".contains(c))
                    .for_each(|token| self.add(token)),
            }
        }
    }

    fn conditions(&mut self, text: &str) {
        conditions::secrets(text).iter().for_each(|token| self.add(token.expose()));
    }
}

fn told(finding: &Finding) -> String {
    let mut told = finding.message.clone();
    if let Some(field) = &finding.field {
        told.push_str(&field.path);
        for value in [&field.current, &field.proposed].into_iter().flatten() {
            told.push_str(&value.to_string());
        }
    }
    told
}

fn hide(text: &mut String, token: &str) {
    let mut from = 0;
    while let Some(place) = text[from..].to_ascii_lowercase().find(token) {
        let start = from + place;
        text.replace_range(start..start + token.len(), HIDDEN);
        from = start + HIDDEN.len();
    }
}

fn hide_in(value: &mut Value, token: &str) {
    match value {
        Value::String(text) => hide(text, token),
        Value::Array(entries) => entries.iter_mut().for_each(|entry| hide_in(entry, token)),
        Value::Object(fields) => fields.values_mut().for_each(|value| hide_in(value, token)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Code;

    #[test]
    fn a_token_that_begins_another_leaves_no_end_of_it() {
        let mut tokens = Tokens(BTreeSet::new());
        tokens.list("[\"q8Zr2kLm\", \"q8Zr2kLm9xWv4tYp\"]");
        let mut findings = [Finding::error(Code::BadConfig, "Q8ZR2KLM9XWV4TYP, q8Zr2kLm")];
        tokens.hide(&mut findings);
        assert_eq!(findings[0].message, "…, …");
    }
}
