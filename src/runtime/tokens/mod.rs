//! The tokens among a run's input, which nothing that is reported may show: whatever a controller would
//! read as one, wherever it is.

mod containers;
mod encoded;
mod headers;
mod keys;

use std::collections::BTreeSet;

use krm_function::{Item, Items, Secrets};
use krm_package::NodeRef;
use serde_json::Value;

use crate::controllers::alb::conditions;
use containers::add_containers;
use encoded::{add, decoded};
use headers::add_headers;
use keys::folded;

/// The field of the configuration and of parameters, without what does not tell keys apart.
const FIELD: &str = "httpheadervalue";
/// The field of `ServingEndpoint`.
const TOKENS: &str = "tokens";

/// The key of a token that is being replaced.
const PREVIOUS: &str = "previous";

/// A list of objects with such a field, which a ConfigMap holds as a text.
const TARGETS: &str = "targets";

/// Fields of parameters that are no secret.
const OPEN_FIELDS: [&str; 28] = [
    "overlay",
    "target",
    "certarn",
    "httpheadername",
    "loadbalancerscheme",
    "hosts",
    "cognito",
    "jwt",
    "oidc",
    "scope",
    "sessiontimeout",
    "onunauthenticatedrequest",
    "cognitouserpoolarn",
    "cognitoappclientid",
    "cognitouserpooldomain",
    "platform",
    "healthcheck",
    "group",
    "sslredirect",
    "sslpolicy",
    "inboundcidrs",
    "securitygroups",
    "wafaclarn",
    "loadbalancerattributes",
    "subnets",
    "tags",
    "paramsfrom",
    "accept",
];

/// Those of the configurations, given or in the input, of the objects that parameters are taken from, of Secrets, of
/// the conditions in annotations, routes and policies, and of the programs in containers.
pub(super) fn tokens(configs: &[NodeRef<'_>], items: &Items<'_>) -> Secrets {
    let mut tokens = Secrets::default();
    let mut params = BTreeSet::new();
    let is_config = |item: &&Item<'_>| item.resource.api_version == crate::runtime::API_VERSION;
    let among_items = items.iter().filter(is_config).map(|item| item.node);
    for config in configs.iter().copied().chain(among_items) {
        if let Ok(value) = config.value() {
            add_named(&mut tokens, &value);
            push_params(&value, &mut params);
        }
    }
    for item in items.iter() {
        // KServe copies those of an InferenceService to the Ingress that it creates.
        add_annotations(&mut tokens, item);
        match item.resource.kind.as_str() {
            kind @ ("ConfigMap" | "Secret") => {
                let is_params = params.contains(&(kind.to_owned(), item.resource.name.clone()));
                add_data(&mut tokens, item, kind == "Secret", is_params);
            }
            "ListenerRuleConfiguration" => add_rule_conditions(&mut tokens, item),
            kind if containers::KINDS.contains(&kind) => add_containers(&mut tokens, item.node),
            "AuthorizationPolicy" | "VirtualService" | "HTTPRoute" | "GRPCRoute" => {
                if let Ok(value) = item.node.value() {
                    add_headers(&mut tokens, &value);
                }
            }
            _ => {}
        }
    }
    tokens
}

/// Whether a key is the field of tokens, or meant to be.
fn is_token_field(key: &str) -> bool {
    let key = folded(key);
    key.contains(FIELD) || key == TOKENS || krm_package::text::suggest::is_within(&key, FIELD, 2)
}

/// The values of every field of that name.
fn add_named(tokens: &mut Secrets, value: &Value) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                if is_token_field(key) {
                    add_leaves(tokens, value);
                } else if let Value::String(text) = value
                    && folded(key) == TARGETS
                {
                    match serde_json::from_str::<Value>(text) {
                        Ok(targets) => add_named(tokens, &targets),
                        Err(_) => add_list(tokens, text),
                    }
                } else {
                    add_named(tokens, value);
                }
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| add_named(tokens, entry)),
        _ => {}
    }
}

fn add_leaves(tokens: &mut Secrets, value: &Value) {
    match value {
        Value::String(text) => {
            add(tokens, text);
            add_list(tokens, text);
        }
        Value::Array(entries) => entries.iter().for_each(|entry| add_leaves(tokens, entry)),
        Value::Object(fields) => {
            for (key, value) in fields {
                if key != PREVIOUS {
                    add(tokens, key);
                }
                add_leaves(tokens, value);
            }
        }
        Value::Number(number) => add(tokens, &number.to_string()),
        Value::Null | Value::Bool(_) => {}
    }
}

/// The objects that `paramsFrom` names, by kind and name.
fn push_params(value: &Value, params: &mut BTreeSet<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let kind = match folded(key).as_str() {
                    "configmap" => Some("ConfigMap"),
                    "secret" => Some("Secret"),
                    _ => None,
                };
                let name = value.get("name").and_then(Value::as_str);
                if let (Some(kind), Some(name)) = (kind, name) {
                    params.insert((kind.to_owned(), name.to_owned()));
                }
                // A ConfigMap has the lists as text.
                let text = value
                    .as_str()
                    .filter(|_| matches!(folded(key).as_str(), "paramsfrom" | TARGETS));
                match text.and_then(|text| serde_json::from_str(text).ok()) {
                    Some(list) => push_params(&list, params),
                    None => push_params(value, params),
                }
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| push_params(entry, params)),
        _ => {}
    }
}

/// The values of a ConfigMap or Secret: of tokens wherever they are, in an object of parameters all
/// that is not a known field, in a Secret all.
fn add_data(tokens: &mut Secrets, item: &Item<'_>, is_secret: bool, is_params: bool) {
    for field in ["data", "stringData"] {
        let Some(data) = item.node.get(field) else { continue };
        for key in data.keys() {
            let is_token = is_token_field(&key);
            if !is_token && !is_secret && !is_params {
                continue;
            }
            let text = data.get(&key).and_then(|node| node.as_str());
            let text = text.unwrap_or_default();
            let is_open = OPEN_FIELDS.iter().any(|open| folded(&key).starts_with(open));
            if is_token || (is_params && !is_open) {
                add(tokens, &text);
                add_list(tokens, &text);
            } else if is_secret && !(is_params && is_open) {
                tokens.add_whole(&text);
                if let Some(decoded) = decoded(&text) {
                    tokens.add_whole(&decoded);
                }
            }
        }
    }
}

/// A list as `params.env` has it, also in Base64, and where it is not quite one.
fn add_list(tokens: &mut Secrets, text: &str) {
    for text in [Some(text.to_owned()), decoded(text)].into_iter().flatten() {
        match serde_json::from_str::<Vec<Value>>(text.trim()) {
            Ok(list) => list.iter().for_each(|entry| add_leaves(tokens, entry)),
            Err(_) => {
                add(tokens, &text);
                text.split(|c: char| c.is_whitespace() || "[]\"',".contains(c))
                    .for_each(|token| add(tokens, token));
            }
        }
    }
}

/// The conditions that the load balancer controller's Gateway API reads.
fn add_rule_conditions(tokens: &mut Secrets, item: &Item<'_>) {
    let conditions = item.node.get("spec").and_then(|spec| spec.get("conditions"));
    if let Some(Ok(conditions)) = conditions.map(NodeRef::value) {
        add_conditions(tokens, &conditions.to_string());
        add_headers(tokens, &conditions);
    }
}

/// Tokens in the annotations of an object, under any key whose value is a condition.
fn add_annotations(tokens: &mut Secrets, item: &Item<'_>) {
    let annotations = item.node.get("metadata").and_then(|metadata| metadata.get("annotations"));
    let Some(annotations) = annotations else { return };
    for key in annotations.keys() {
        let Some(text) = annotations.get(&key).and_then(NodeRef::as_str) else { continue };
        let is_conditions = key.to_ascii_lowercase().contains("condition");
        if is_conditions || text.to_ascii_lowercase().contains("headerconfig") {
            add_conditions(tokens, &text);
        }
        if is_conditions {
            key.split(['/', '.'])
                .filter(|part| looks_random(part))
                .for_each(|part| add(tokens, part));
        }
    }
}

fn add_conditions(tokens: &mut Secrets, text: &str) {
    let read = conditions::secrets(text);
    read.iter().for_each(|token| add(tokens, token.expose()));
    // Swapped, in a path or an expression, or in a text that is not quite a list.
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_+/=~".contains(c);
    let parts = text.split(move |c: char| !is_part(c));
    parts
        .flat_map(|part| part.split('/'))
        .filter(|part| looks_random(part))
        .for_each(|part| add(tokens, part));
    if serde_json::from_str::<Value>(text).is_err() {
        text.split(|c: char| c.is_whitespace() || "[]{}\"'`,:".contains(c))
            .filter(|word| word.len() >= 4 && !is_structure(word))
            .for_each(|word| add(tokens, word));
    }
}

/// The words of a condition that are no value.
fn is_structure(word: &str) -> bool {
    let word = folded(word);
    ["field", "value", "values", "regexvalues", "key", "null", "true", "false"]
        .contains(&word.as_str())
        || ["httpheader", "hostheader", "pathpattern", "querystring", "httprequest", "sourceip"]
            .iter()
            .any(|known| word.starts_with(known))
}

/// Whether a word is a token by its look: long, of letters and digits in no order. Names have words
/// between their hyphens.
fn looks_random(word: &str) -> bool {
    let runs = word.split(|c: char| !c.is_ascii_alphanumeric());
    let is_random = |run: &str| {
        let digits = run.bytes().filter(u8::is_ascii_digit).count();
        run.len() >= 12 && digits >= 2 && run.len() - digits >= 2
    };
    runs.clone().any(is_random) || (word.len() >= 32 && runs.count() == 5)
}
