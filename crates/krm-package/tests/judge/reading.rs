//! A text as the engine reads it, held against what Go's readers make of it.

use krm_package::yaml::Event;
use krm_package::{Package, events};
use serde_json::{Value, json};

use super::go::Answer;

/// A text as the engine reads it: the values of its objects, and its nodes.
pub(crate) struct Reading {
    pub(crate) values: Vec<Value>,
    pub(crate) shapes: Vec<Value>,
}

pub(crate) fn read(text: &str) -> Result<Reading, String> {
    let package = Package::stream(text).map_err(|error| error.to_string())?;
    let values = package.items().map(|(_, item)| item.value());
    let values: Result<Vec<Value>, _> = values.collect();
    let mut values = values.map_err(|error| format!("{}: {}", error.position, error.message))?;
    values.retain(|value| !value.is_null());
    Ok(Reading { values, shapes: shapes(text) })
}

/// The nodes of each document that is not null, as `oracles/yaml` writes them.
pub(crate) fn shapes(text: &str) -> Vec<Value> {
    let events = events(text).unwrap();
    let mut documents = Vec::new();
    let mut at = 0;
    while at < events.len() {
        // A document's event comes before its root.
        at += 1;
        let is_null = matches!(&events[at], Event::Node { text, tag: None | Some("!!null"), form, .. }
            if matches!(format!("{form:?}").as_str(), "Plain" | "Empty") && matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL"));
        let shape = shape(&events, &mut at);
        if !is_null {
            documents.push(shape);
        }
    }
    documents
}

fn shape(events: &[Event<'_>], at: &mut usize) -> Value {
    let Event::Node { form, text, .. } = &events[*at] else { panic!("{:?}", events[*at]) };
    *at += 1;
    let form = format!("{form:?}");
    let kind = match form.as_str() {
        "Alias" => return json!({ "alias": text }),
        "BlockMapping" | "FlowMapping" => "mapping",
        "BlockSequence" | "FlowSequence" => "sequence",
        _ => return Value::from(text.as_ref()),
    };
    let mut nodes = Vec::new();
    while events[*at] != Event::End {
        nodes.push(shape(events, at));
    }
    *at += 1;
    json!({ kind: nodes })
}

/// Whether each reader reads what the engine does.
pub(crate) fn same(reading: &Reading, answer: &Answer, text: &str) -> Result<(), String> {
    let kubectl = answer.kubectl.as_ref().ok_or("kubectl refuses it")?;
    if kubectl.len() != reading.values.len()
        || !kubectl.iter().zip(&reading.values).all(|(one, other)| is_same(one, other))
    {
        return Err(format!("the engine reads {:?}", reading.values));
    }
    // To kubectl alone, a stream of JSON needs nothing between two objects.
    if reading.values.len() > 1 && answer.yaml.is_none() && text.trim_start().starts_with('{') {
        return Ok(());
    }
    for (name, shapes) in [("yaml", &answer.yaml), ("kyaml", &answer.kyaml)] {
        // kyaml wants objects.
        let objects_only = reading.values.iter().all(Value::is_object);
        match shapes {
            None if name == "kyaml" && !objects_only => {}
            None => return Err(format!("{name} refuses it")),
            Some(_) if name == "kyaml" && !objects_only => {}
            Some(shapes) if *shapes == reading.shapes => {}
            Some(_) => return Err(format!("{name} differs from {:?}", reading.shapes)),
        }
    }
    Ok(())
}

/// Whether Go's readers take a text with one meaning, as far as its nodes tell.
pub(crate) fn agree(answer: &Answer) -> bool {
    let (Some(kubectl), Some(yaml), Some(kyaml)) = (&answer.kubectl, &answer.yaml, &answer.kyaml)
    else {
        return false;
    };
    kubectl.len() == yaml.len() && yaml == kyaml
}

fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || one.as_f64() == other.as_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && other.iter().all(|(key, other)| {
                    one.get(key)
                        .or_else(|| one.get(boolean(key)?))
                        .is_some_and(|value| is_same(value, other))
                })
        }
        _ => one == other,
    }
}

/// What kubectl makes of a plain key that is a boolean of YAML 1.1. kustomize and kpt, and the engine with
/// them, leave it as it is written.
fn boolean(key: &str) -> Option<&'static str> {
    match key {
        "y" | "Y" | "yes" | "Yes" | "YES" | "True" | "TRUE" | "on" | "On" | "ON" => Some("true"),
        "n" | "N" | "no" | "No" | "NO" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some("false"),
        _ => None,
    }
}
