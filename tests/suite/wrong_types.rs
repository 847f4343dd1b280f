//! A value of another type: the message names what its field takes, in every configuration.

use kserve_aws::functions;
use serde_json::{Value, json};

use crate::cases::command::Memory;

/// A place in a configuration that takes a mapping or a list.
struct Place {
    /// Its way from the configuration: keys, and `[]` for the first entry of a list.
    path: Vec<String>,
    takes: Takes,
}

#[derive(Clone, PartialEq, Eq)]
enum Takes {
    /// A mapping with these keys.
    Mapping(Vec<String>),
    /// A list whose entries have these keys; of texts there are none.
    List(Vec<String>),
}

/// The places of a schema, those below the first ones too.
fn places(schema: &Value, root: &Value, path: &[String], found: &mut Vec<Place>) {
    let schema = match schema["$ref"].as_str() {
        Some(name) => root.pointer(name.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    let choices: Vec<&Value> = ["anyOf", "oneOf", "allOf"]
        .iter()
        .filter_map(|key| schema[key].as_array())
        .flatten()
        .filter(|choice| choice["type"] != "null")
        .collect();
    if !choices.is_empty() {
        // Where a text is right as well, one is not a wrong type.
        if choices.len() == 1 {
            places(choices[0], root, path, found);
        }
        return;
    }
    let below = |key: &str| [path, &[key.to_owned()]].concat();
    if let Some(fields) = schema["properties"].as_object() {
        let keys = fields.keys().cloned().collect();
        found.push(Place { path: path.to_vec(), takes: Takes::Mapping(keys) });
        for (key, field) in fields {
            places(field, root, &below(key), found);
        }
    } else if schema["items"].is_object() {
        let mut entries = Vec::new();
        places(&schema["items"], root, &below("[]"), &mut entries);
        let keys = entries.iter().find(|entry| entry.path.len() == path.len() + 1);
        let keys = keys.map_or(Vec::new(), |entry| match &entry.takes {
            Takes::Mapping(keys) => keys.clone(),
            Takes::List(_) => Vec::new(),
        });
        found.push(Place { path: path.to_vec(), takes: Takes::List(keys) });
        found.extend(entries);
    }
}

/// A configuration with a text at a place.
fn with_text(kind: &str, path: &[String]) -> Value {
    let mut value = json!("text");
    for key in path.iter().rev() {
        value = if key == "[]" { json!([value]) } else { json!({ key: value }) };
    }
    let mut config = json!({
        "apiVersion": "fn.kserve-aws.dev/v1alpha1",
        "kind": kind,
        "metadata": { "name": "config" },
    });
    config["spec"] = value["spec"].take();
    config
}

#[test]
fn what_a_field_takes_is_named_with_its_keys() {
    let (mut mappings, mut lists) = (0, 0);
    for function in functions::ALL.iter() {
        let schema: Value = serde_json::from_str(&function.schema()).unwrap();
        let mut found = Vec::new();
        places(&schema["properties"]["spec"], &schema, &["spec".to_owned()], &mut found);
        for Place { path, takes } in &found {
            let config = with_text(function.kind, path);
            let answer = Memory::default()
                .with_file("config.yaml", config.to_string())
                .with_file("input.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n")
                .run(&["fn", "--config", "config.yaml", "--format", "json", "input.yaml"]);
            let report: Value = serde_json::from_str(&answer.stderr).unwrap();
            let messages: Vec<&str> = report["findings"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|finding| finding["message"].as_str())
                .collect();
            let (what, keys) = match takes {
                Takes::Mapping(keys) => ("expected a mapping with the key", keys),
                Takes::List(keys) => ("expected a list, each entry after \"- \"", keys),
            };
            let place = format!("{} {path:?} {messages:?}", function.kind);
            let message = messages.iter().find(|message| message.contains(what)).expect(&place);
            let shown = message.split_once(" with the key").map_or("", |(_, keys)| keys);
            let shown: Vec<&str> = shown
                .trim_start_matches("s ")
                .trim()
                .split(", ")
                .filter(|key| !key.is_empty())
                .collect();
            let mut expected: Vec<&str> = keys.iter().map(String::as_str).collect();
            let mut sorted = shown.clone();
            sorted.sort_unstable();
            expected.sort_unstable();
            assert_eq!(sorted, expected, "{place}");
            match takes {
                Takes::Mapping(_) => mappings += 1,
                Takes::List(_) => lists += 1,
            }
        }
    }
    assert!(mappings > 40 && lists > 40, "{mappings} mappings and {lists} lists are few");
}
