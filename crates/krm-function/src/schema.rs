//! The schema of a configuration, as OpenAPI v3 has it in a CustomResourceDefinition.

use schemars::transform::transform_subschemas;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::accept::{self, Acceptance};

/// The schema of a whole configuration, as a `KRMFunctionDefinition` has it, of the Rust type of its
/// `spec`.
pub(super) fn configuration<T: JsonSchema>(api_version: &str, kind: &str, summary: &str) -> Value {
    let mut spec = json!(of::<T>());
    if let Some(fields) = spec.get_mut("properties").and_then(Value::as_object_mut) {
        fields.insert(accept::FIELD.to_owned(), accept_schema());
    }
    json!({
        "type": "object",
        "description": summary,
        "required": ["apiVersion", "kind"],
        "additionalProperties": false,
        "properties": {
            "apiVersion": { "type": "string", "enum": [api_version] },
            "kind": { "type": "string", "enum": [kind] },
            "metadata": { "type": "object" },
            "spec": spec,
        },
    })
}

/// The schema of the field that every `spec` has.
fn accept_schema() -> Value {
    json!({
        "description": "Findings that are accepted, each by name and with its reason: they become information. An error's object and field are exact; `*` matches warnings only.",
        "type": "array",
        "items": of::<Acceptance>(),
    })
}

/// The schema of a type, without references.
fn of<T: JsonSchema>() -> Schema {
    let mut settings = schemars::generate::SchemaSettings::openapi3();
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    settings.transforms.push(Box::new(tidy as fn(&mut Schema)));
    settings.into_generator().into_root_schema_for::<T>()
}

/// Leaves what a user of the configuration can act on: a field that may be left out is not a union with
/// `null`, a choice of words is one `enum`, and a description is the first paragraph of the Rust
/// type's documentation.
fn tidy(schema: &mut Schema) {
    transform_subschemas(&mut (tidy as fn(&mut Schema)), schema);
    let Some(fields) = schema.as_object_mut() else {
        return;
    };
    fields.remove("title");
    fields.remove("nullable");
    if fields.get("default") == Some(&Value::Null) {
        fields.remove("default");
    }
    if let Some(words) = fields.get_mut("enum").and_then(Value::as_array_mut) {
        words.retain(|word| !word.is_null());
    }
    if fields.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("uint"))
    {
        fields.remove("format");
    }
    if let Some(text) = fields.get_mut("description") {
        *text = first_paragraph(text.as_str().unwrap_or_default()).into();
    }
    unwrap_optional(fields);
    join_words(fields);
    // The alternatives of a field say what they are by their types.
    for choice in fields.get_mut("anyOf").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(choice) = choice.as_object_mut() {
            choice.remove("description");
        }
    }
}

fn first_paragraph(text: &str) -> String {
    let paragraph: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).collect();
    paragraph.join(" ").replace("[`", "`").replace("`]", "`")
}

/// `anyOf: [T, null]` as `T`.
fn unwrap_optional(fields: &mut Map<String, Value>) {
    let Some(choices) = fields.get_mut("anyOf").and_then(Value::as_array_mut) else {
        return;
    };
    let is_null = |choice: &Value| {
        let words = choice.get("enum").and_then(Value::as_array);
        words.is_some_and(Vec::is_empty)
    };
    choices.retain(|choice| !is_null(choice));
    if let [Value::Object(only)] = choices.as_mut_slice() {
        let only = std::mem::take(only);
        fields.remove("anyOf");
        for (key, value) in only {
            match fields.get_mut(&key) {
                // What the type says of its words goes after what the field says.
                Some(said) if key == "description" => {
                    let words =
                        value.as_str().and_then(|text| text.find('`').map(|at| &text[at..]));
                    if let (Some(words), Some(text)) = (words, said.as_str()) {
                        *said = format!("{text} {words}").into();
                    }
                }
                Some(_) => {}
                None => {
                    fields.insert(key, value);
                }
            }
        }
    }
}

/// `oneOf` of single words, each with its description, as one `enum` with all of them in its own.
fn join_words(fields: &mut Map<String, Value>) {
    let Some(choices) = fields.get("oneOf").and_then(Value::as_array) else {
        return;
    };
    let mut words = Vec::new();
    let mut text = String::new();
    for choice in choices {
        let word = match choice.get("enum").and_then(Value::as_array).map(Vec::as_slice) {
            Some([Value::String(word)]) => word,
            _ => return,
        };
        let description = choice.get("description").and_then(Value::as_str).unwrap_or_default();
        text.push_str(&format!(" `{word}`: {description}"));
        words.push(Value::from(word.as_str()));
    }
    let own = fields.get("description").and_then(Value::as_str).unwrap_or_default();
    let text = format!("{own}{text}").trim().to_owned();
    fields.remove("oneOf");
    fields.insert("description".to_owned(), text.into());
    fields.insert("type".to_owned(), "string".into());
    fields.insert("enum".to_owned(), words.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How to greet.
    ///
    /// Not for users.
    #[allow(dead_code, reason = "only its schema is looked at")]
    #[derive(JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Greeting {
        /// Good day.
        Formal,
        /// Hi.
        Short,
    }

    /// See [`Greeting`].
    #[derive(JsonSchema)]
    #[serde(default)]
    #[allow(dead_code, reason = "only its schema is looked at")]
    struct Config {
        /// What to
        /// say.
        greeting: Option<Greeting>,
        /// To whom.
        name: Option<String>,
        times: u16,
    }

    impl Default for Config {
        fn default() -> Self {
            Self { greeting: None, name: None, times: 1 }
        }
    }

    #[test]
    fn says_what_a_user_can_act_on() {
        assert_eq!(
            of::<Config>().to_value(),
            json!({
                "description": "See `Greeting`.",
                "type": "object",
                "properties": {
                    "greeting": {
                        "description": "What to say. `formal`: Good day. `short`: Hi.",
                        "type": "string",
                        "enum": ["formal", "short"],
                    },
                    "name": { "description": "To whom.", "type": "string" },
                    "times": { "type": "integer", "minimum": 0, "maximum": 65535, "default": 1 },
                },
            })
        );
    }
}
