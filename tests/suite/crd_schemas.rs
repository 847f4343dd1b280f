//! The objects that are generated have the fields that their CustomResourceDefinitions publish: every
//! expected output of the cases, against the schemas in `fixtures/crds`, which are written out from
//! those fields.

use std::fs;
use std::path::Path;

use krm_package::Package;
use serde_json::{Value, json};

use crate::cases;

/// What a value has that its schema does not, with the path.
fn problems(value: &Value, schema: &Value, path: &str, found: &mut Vec<String>) {
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        found.push(format!("{path} is {value}"));
    }
    let is = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    };
    if !is {
        found.push(format!("{path} is {value}, no {}", schema["type"]));
    }
    for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(key).is_none() {
            found.push(format!("{path}.{key} is missing"));
        }
    }
    for (key, value) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(key) {
            Some(schema) => problems(value, schema, &format!("{path}.{key}"), found),
            None if schema["additionalProperties"] == json!(false) => {
                found.push(format!("{path}.{key} is not a field"));
            }
            None => {}
        }
    }
    for value in value.as_array().into_iter().flatten() {
        problems(value, &schema["items"], &format!("{path}[]"), found);
    }
}

fn schemas() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/crds");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()).collect()
}

#[test]
fn generated_objects_have_published_fields() {
    let schemas = schemas();
    let mut seen = vec![0; schemas.len()];
    for function in ["plan-certificate", "generate-dns-records"] {
        for case in cases::all(function) {
            let answer = case.run(&[]);
            let Ok(package) = Package::stream(&answer.stdout) else {
                panic!("{}: the output can't be read", case.name);
            };
            for (_, node) in package.items() {
                let object = node.value().unwrap();
                let is_of = |schema: &&Value| {
                    let field = |key: &str| &schema["properties"][key]["enum"][0];
                    object["kind"] == *field("kind") && object["apiVersion"] == *field("apiVersion")
                };
                let Some(place) = schemas.iter().position(|schema| is_of(&schema)) else {
                    continue;
                };
                seen[place] += 1;
                let mut found = Vec::new();
                problems(&object, &schemas[place], "", &mut found);
                assert!(found.is_empty(), "{}: {found:?} in\n{object:#}", case.name);
            }
        }
    }
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|seen| *seen >= 3), "{seen:?}");
}

#[test]
fn a_field_that_is_not_published_is_found() {
    let schemas = schemas();
    let certificate = schemas
        .iter()
        .find(|schema| schema["properties"]["kind"]["enum"][0] == "Certificate")
        .unwrap();
    let object = json!({
        "apiVersion": "acm.services.k8s.aws/v1alpha1",
        "kind": "Certificate",
        "metadata": { "name": "a" },
        "spec": { "domainName": 1, "validationMethod": "DNS", "tags": [{ "Key": "a" }] },
    });
    let mut found = Vec::new();
    problems(&object, certificate, "", &mut found);
    assert_eq!(
        found,
        [
            ".spec.domainName is 1, no \"string\"",
            ".spec.validationMethod is not a field",
            ".spec.tags[].Key is not a field",
        ]
    );
}
