//! What the engine takes an unquoted scalar for is what `kubectl apply` takes it for.

use std::collections::BTreeSet;

use krm_package::yaml::{Event, Form};
use krm_package::{Package, events};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Number, Value, json};
use test_support::hosts::{is_installed, run};
use test_support::{Dice, corpora, values, yaml_text};

use crate::strings;

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

/// Ways of writing that the corpora do not have. Each ends in a line break, because kubectl adds
/// one, and none has a key that YAML 1.1 takes for a boolean, because the engine keeps its text.
const DOCUMENTS: &[&str] = &[
    "x: &x {k: 1, l: 2}\nw: {<<: *x, l: 3, m: 4}\n",
    "x: &x {k: 1, l: 2}\nw:\n  m: 3\n  <<: *x\n",
    "x: &x {k: 1}\nz: &z {k: 2, l: 3}\nw:\n  <<: [*x, *z]\n  m: *z\n",
    "x: &x {k: &k [1, 2]}\nz: &z {<<: *x, l: *k}\nw: {<<: *z, o: [*x, *k]}\n",
    "w: {\"<<\": {a: 1}, '<<x': 1}\n",
    "x: |\n  text\n\n\nw: |+\n  text\n\n\nz: |-\n  text\n\n",
    "x: >\n  one\n  two\n\n  three\n   four\n  five\n\nw: >+\n  a\n\n\nz: 1\n",
    "x: |2\n    in\n  out\nw: |-1\n   in\n",
    "x: |\n\nw: >\n\n\nz: |+\n\n",
    "x: plain\n  goes on\n\n  and on # comment\nw: 'quoted\n  too\n\n  ''x'''\nz: \"a\\\n  b\\  \\\n  c\n\n  d \\\n\n  e\"\n",
    "x:\r\n- |\r\n  text\r\n  more\r\n\r\n- >-\r\n  a\r\n  b\r\n- 'a\r\n\r\n  b'\r\n",
    "? x\n: y\n? z\n",
    "x: !!str 1\nz: ! text\n",
    "x: {a, b: , \"c\":1, ? d : e}\nw: [a: b, ? c : d, [], {}]\n",
    "x: [a, b,]\nw: {a: 1,}\nz: [ ]\n",
    "x: - a\n",
    "x:\n- - - a\n  - b\n-\n  - c\n- \n",
    "x: \"\\x41\\u00e9\\U0001F600\\e\\0\\N\\_\\L\\P\\ \\t\"\n",
    "x: a\u{a0}b\nw: \"a\tb\"\nz: a\tb\n",
];

#[test]
fn odd_ways_of_writing_are_what_kubectl_takes_them_for() {
    if !is_installed("kubectl") {
        return;
    }
    let head = "apiVersion: example.com/v1\nkind: Carrier\nmetadata: {name: a}\n";
    let mut sources: Vec<String> =
        DOCUMENTS.iter().map(|document| format!("{head}{document}")).collect();
    let mut runner = TestRunner::default();
    for seed in 0..80 {
        let own = values::object().new_tree(&mut runner).unwrap().current();
        let object = json!({
            "apiVersion": "example.com/v1", "kind": "Carrier", "metadata": {"name": "a"}, "spec": own,
        });
        let text = yaml_text(&object, seed);
        // kubectl takes what begins with a brace for JSON, and a directive for a document, and
        // refuses what stands behind a marker.
        if !text.contains("%YAML") && !text.contains("--- {") {
            sources.push(format!("# {seed}\n{}\n", text.trim_start_matches('\u{feff}')));
        }
    }
    let mut differ = Vec::new();
    let mut refused = 0;
    for source in &sources {
        let ours = Package::stream(source).map_err(|error| error.to_string()).and_then(|package| {
            let item = package.items().next().unwrap().1;
            item.value().map_err(|error| error.to_string())
        });
        match (ours, applied(source)) {
            (Ok(ours), Ok(mut theirs)) if theirs.len() == 1 => {
                theirs[0]["metadata"].as_object_mut().unwrap().remove("labels");
                if !same(&ours, &theirs[0]) {
                    differ.push(format!("{source:?}\n  is {ours}\n  to kubectl {}", theirs[0]));
                }
            }
            (Err(_), Err(_)) => refused += 1,
            (ours, theirs) => {
                differ.push(format!("{source:?}\n  is {ours:?}\n  to kubectl {theirs:?}"));
            }
        }
    }
    eprintln!("{} documents, {refused} refused by both", sources.len());
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ.join("\n"));
}
