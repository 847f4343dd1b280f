//! What the engine takes an unquoted scalar for is what `kubectl apply` takes it for.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "what was tried is counted, what was skipped is said")]

#[path = "../src/corpora.rs"]
mod corpora;
#[path = "proofs/dice.rs"]
mod dice;
#[path = "proofs/hosts.rs"]
mod hosts;
#[path = "proofs/strings.rs"]
mod strings;

use std::collections::BTreeSet;

use dice::Dice;
use hosts::{is_installed, run};
use kserve_aws::engine::{Event, Form, Package, events};
use serde_json::{Number, Value};

/// Strings that stand unquoted on one line, as values: those of the table, and numbers and words
/// of chance.
fn plain_scalars() -> Vec<String> {
    let mut dice = Dice::new(5);
    let groups = [
        "0123456789",
        "01_",
        "+-.",
        "eE",
        "xXoObB",
        ":",
        "abcdef",
        "nNaAiIfF",
        "yYeEsS",
        "TtRrUuEe",
        " ",
    ];
    let mut all: BTreeSet<String> = strings::strings(2_000).into_iter().collect();
    for _ in 0..20_000 {
        let length = 1 + dice.below(8);
        let own: Vec<&&str> = (0..1 + dice.below(4)).map(|_| dice.pick(&groups)).collect();
        all.insert(
            (0..length)
                .map(|_| {
                    let group = dice.pick(&own).as_bytes();
                    char::from(*dice.pick(group))
                })
                .collect(),
        );
    }
    let is_plain = |text: &String| {
        let source = format!("k: {text}\n");
        let found = events(&source).ok();
        let found = found.as_ref().and_then(|events| events.get(3));
        matches!(found, Some(Event::Node { form: Form::Plain, text: found, tag: None, .. }) if found == text)
            && events(&source).is_ok_and(|events| events.len() == 5)
    };
    all.into_iter().filter(|text| text.len() < 1_000 && is_plain(text)).collect()
}

fn applied(documents: &str) -> Result<Vec<Value>, String> {
    let arguments = ["label", "--local", "-f", "-", "-o", "json", "read=by-apply"];
    let output = run("kubectl", &arguments, documents);
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let objects = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
    Ok(objects.map(Result::unwrap).collect())
}

/// Go writes a large float without a fraction and reads an integer beyond 64 bits as one; the last
/// bit of a float is lost in reading its JSON.
fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(ours), Value::Number(theirs)) => {
            let is_exact =
                |number: &Number| number.as_f64().is_some_and(|float| float.abs() < 1e15);
            let (Some(a), Some(b)) = (ours.as_f64(), theirs.as_f64()) else { return false };
            let is_near = (a - b).abs() <= a.abs() * 1e-15;
            ours == theirs || is_near && (!is_exact(ours) || ours.is_f64() || theirs.is_f64())
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours
                    .iter()
                    .all(|(key, ours)| theirs.get(key).is_some_and(|theirs| same(ours, theirs)))
        }
        _ => ours == theirs,
    }
}

#[test]
fn plain_scalars_are_what_kubectl_takes_them_for() {
    if !is_installed("kubectl") {
        return;
    }
    let scalars = plain_scalars();
    let mut differ = Vec::new();
    let mut refused = 0;
    let mut parts = vec![scalars.as_slice()];
    while let Some(part) = parts.pop() {
        let lines: String =
            part.iter().enumerate().map(|(place, text)| format!("  k{place}: {text}\n")).collect();
        let head = "apiVersion: example.com/v1\nkind: Carrier\nmetadata:\n  name: a\n";
        match applied(&format!("{head}values:\n{lines}")) {
            Ok(objects) => {
                for (place, text) in part.iter().enumerate() {
                    let source = format!("k: {text}\n");
                    let ours = Package::stream(&source).unwrap().items().next().unwrap().1.value();
                    let theirs = &objects[0]["values"][format!("k{place}")];
                    match ours {
                        Ok(ours) if same(&ours["k"], theirs) => {}
                        ours => differ.push(format!("{text:?} is {ours:?}, to kubectl {theirs}")),
                    }
                }
            }
            Err(error) if part.len() == 1 => {
                let source = format!("k: {}\n", part[0]);
                let ours = Package::stream(&source).unwrap().items().next().unwrap().1.value();
                refused += 1;
                if let Ok(ours) = ours {
                    differ.push(format!("{:?} is {ours}, kubectl says {error}", part[0]));
                }
            }
            Err(_) => {
                let (left, right) = part.split_at(part.len() / 2);
                parts.extend([left, right]);
            }
        }
    }
    eprintln!("{} plain scalars, {refused} refused by both", scalars.len());
    assert!(
        differ.is_empty(),
        "{} differ:\n{}",
        differ.len(),
        differ[..differ.len().min(60)].join("\n")
    );
}

#[test]
fn manifests_are_what_kubectl_takes_them_for() {
    if !is_installed("kubectl") {
        return;
    }
    let mut count = 0;
    for file in corpora::files() {
        let package = Package::stream(&file.text).unwrap();
        let mut ours: Vec<Value> = package.items().map(|(_, item)| item.value().unwrap()).collect();
        // kubectl takes a `List` apart.
        if ours.iter().any(|object| object["kind"].as_str().is_some_and(|kind| kind == "List")) {
            continue;
        }
        let mut theirs =
            applied(&file.text).unwrap_or_else(|error| panic!("{}: {error}", file.name));
        assert_eq!(ours.len(), theirs.len(), "{}", file.name);
        for (ours, theirs) in ours.iter_mut().zip(&mut theirs) {
            for object in [&mut *ours, theirs] {
                object["metadata"].as_object_mut().unwrap().remove("labels");
            }
            assert!(same(ours, theirs), "{}: {ours}\n{theirs}", file.name);
            count += 1;
        }
    }
    eprintln!("{count} objects of the corpora read as kubectl reads them");
}
