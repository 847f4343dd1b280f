//! What the engine reads and writes, before the judges: kubectl's reader, go.yaml.in/yaml/v3 and
//! kyaml's, as `oracles/yaml` calls them. `make oracle` runs this; `YAML_TEXTS` says how many texts.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "what was tried is counted")]

mod edits;
mod go;
mod grammar;
mod lists;

use std::collections::BTreeMap;

use krm_package::{Event, Package, events};
use serde_json::{Value, json};
use test_support::Dice;

use go::{Answer, Go};
use grammar::{Coverage, Grammar, damaged};

/// How many texts are put to the judges at once.
const BATCH: usize = 500;

/// How many edits each text that is taken gets.
const EDITS: usize = 8;

#[derive(Default)]
struct Count {
    texts: usize,
    taken: usize,
    edits: usize,
    edits_refused: usize,
    /// What Go's readers take, with one meaning, and the engine refuses, by what it says.
    refused_though_fine: BTreeMap<String, (usize, String)>,
    wrong: Vec<String>,
}

/// A text as the engine reads it: the values of its objects, and its nodes.
struct Reading {
    values: Vec<Value>,
    shapes: Vec<Value>,
}

#[test]
fn the_value_read_is_gos_or_the_text_is_refused() {
    let Some(mut go) = Go::start() else { return };
    let texts = std::env::var("YAML_TEXTS").ok().and_then(|text| text.parse().ok());
    let texts: usize = texts.unwrap_or(20_000);
    let seed = std::env::var("YAML_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut dice = Dice::new(seed);
    let mut coverage = Coverage::default();
    let mut count = Count::default();
    while count.texts < texts && count.wrong.len() < 20 {
        let batch: Vec<String> = (0..BATCH).map(|_| text(&mut dice, &mut coverage)).collect();
        let answers = go.ask(&batch);
        let mut edited = Vec::new();
        for (text, answer) in batch.iter().zip(&answers) {
            count.texts += 1;
            match read(text) {
                Ok(reading) => {
                    count.taken += 1;
                    if let Err(why) = same(&reading, answer, text) {
                        count.wrong.push(format!("{why}\n{text}\n{text:?}\n{answer:?}"));
                        continue;
                    }
                    for _ in 0..EDITS {
                        match edits::edit(text, &reading.values, &mut dice) {
                            Some(made) => edited.push((text, made)),
                            None => count.edits_refused += 1,
                        }
                    }
                }
                Err(message) if agree(answer) => {
                    let kind = message.split_once(": ").map_or("", |(_, kind)| kind).to_owned();
                    let entry = count.refused_though_fine.entry(kind);
                    entry.or_insert_with(|| (0, text.clone())).0 += 1;
                }
                Err(_) => {}
            }
        }
        let written: Vec<String> = edited.iter().map(|(_, made)| made.text.clone()).collect();
        for ((text, made), answer) in edited.iter().zip(go.ask(&written)) {
            count.edits += 1;
            let shapes = read(&made.text).map(|reading| reading.shapes);
            let verdict = shapes.and_then(|shapes| {
                same(&Reading { values: made.planned.clone(), shapes }, &answer, &made.text)
            });
            if let Err(why) = verdict {
                count.wrong.push(format!(
                    "edit: {why}\n{:?}\n{text:?}\nbecame {:?}\n{answer:?}",
                    made.what, made.text
                ));
            }
        }
    }
    eprintln!(
        "{} texts, {} taken; {} edits read as planned, {} refused; {} of 211 productions; not reached: {:?}",
        count.texts,
        count.taken,
        count.edits,
        count.edits_refused,
        coverage.reached(),
        coverage.missing()
    );
    for (kind, (times, example)) in &count.refused_though_fine {
        eprintln!("refused though all take it, {times} times: {kind}: {example:?}");
    }
    assert!(count.wrong.is_empty(), "{}", count.wrong.join("\n\n"));
    assert!(count.taken * 10 > count.texts && count.edits > count.taken);
}

fn text(dice: &mut Dice, coverage: &mut Coverage) -> String {
    let text = Grammar::text(dice, coverage);
    if dice.hits(3) { damaged(&text, dice) } else { text }
}

fn read(text: &str) -> Result<Reading, String> {
    let package = Package::stream(text).map_err(|error| error.to_string())?;
    let values = package.items().map(|(_, item)| item.value());
    let values: Result<Vec<Value>, _> = values.collect();
    let mut values = values.map_err(|error| format!("{}: {}", error.position, error.message))?;
    values.retain(|value| !value.is_null());
    Ok(Reading { values, shapes: shapes(text) })
}

/// The nodes of each document that is not null, as `oracles/yaml` writes them.
fn shapes(text: &str) -> Vec<Value> {
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
fn same(reading: &Reading, answer: &Answer, text: &str) -> Result<(), String> {
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
fn agree(answer: &Answer) -> bool {
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
