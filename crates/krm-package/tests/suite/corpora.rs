//! Real manifests through the engine: untouched bytes stay, an edit changes the lines that it
//! names, and what is read afterwards is what RFC 6902 says.

use std::collections::BTreeMap;

use krm_package::{Edit, ItemId, Package};
use serde_json::{Value, json};
use test_support::{Dice, corpora};

use crate::proof::{Change, Operation, Outcome, documents, judged, named_lines};

/// Objects up to this size get several plans each, larger ones one: the tests are not optimised.
const SMALL: usize = 6_000;

/// The documents of a file, each with its marker line.
fn cut(text: &str) -> Vec<&str> {
    let mut starts = vec![0];
    starts.extend(text.match_indices("\n---").map(|(at, _)| at + 1));
    starts.push(text.len());
    starts
        .windows(2)
        .map(|pair| &text[pair[0]..pair[1]])
        .filter(|piece| !piece.is_empty())
        .collect()
}

/// A document as an entry of a list; `None` where it holds no object.
fn entry(document: &str) -> Option<String> {
    let mut lines = document.lines().peekable();
    if lines.peek().is_some_and(|line| line.starts_with("---")) {
        lines.next();
    }
    let mut entry = String::new();
    let mut begun = false;
    for line in lines {
        let is_content = !line.trim_start().is_empty() && !line.starts_with('#');
        let lead = match (begun, is_content) {
            (false, true) => "- ",
            (true, _) if !line.is_empty() => "  ",
            _ => "",
        };
        begun |= is_content;
        entry.push_str(lead);
        entry.push_str(line);
        entry.push('\n');
    }
    begun.then_some(entry)
}

/// A plan of one operation on a manifest, of a kind that functions make or at a place of chance.
fn operation(object: &Value, dice: &mut Dice) -> Operation {
    let words = |path: &[&str]| path.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
    let metadata = &object["metadata"];
    let texts = ["on", "0644", "internet-facing", "[{\"HTTPS\":443}]", "two\nlines", ""];
    let text = Value::from(*dice.pick(&texts));
    let set = |change, path, value| Operation { change, path, value };
    for _ in 0..20 {
        match dice.below(10) {
            0 if metadata["name"].is_string() => {
                return set(Change::Replace, words(&["metadata", "name"]), json!("renamed"));
            }
            1 if metadata.is_object() && metadata.get("annotations").is_none() => {
                let value = json!({"example.com/note": text});
                return set(Change::Add, words(&["metadata", "annotations"]), value);
            }
            2 if metadata["annotations"].is_object() => {
                return set(
                    Change::Add,
                    words(&["metadata", "annotations", "example.com/note"]),
                    text,
                );
            }
            3 => {
                let Some(annotations) = metadata["annotations"].as_object() else { continue };
                let keys: Vec<&String> = annotations.keys().collect();
                let key = dice.pick(&keys).as_str();
                let change = if dice.hits(2) { Change::Remove } else { Change::Replace };
                return set(change, words(&["metadata", "annotations", key]), text);
            }
            4 if metadata.is_object() && metadata.get("labels").is_none() => {
                let value = json!({"app.kubernetes.io/part-of": "proofs", "tier": text});
                return set(Change::Add, words(&["metadata", "labels"]), value);
            }
            5 => {
                let Some(path) = place(object, dice, &|value| value.is_array()) else { continue };
                let value =
                    if dice.hits(2) { text } else { json!({"name": "x", "ports": [1, {"a": []}]}) };
                let last = if dice.hits(3) { "0" } else { "-" };
                return set(
                    Change::Add,
                    path.into_iter().chain([last.to_owned()]).collect(),
                    value,
                );
            }
            6 => {
                let Some(path) = place(object, dice, &|value| value.is_object()) else { continue };
                let path = path.into_iter().chain(["added".to_owned()]).collect();
                return set(
                    Change::Add,
                    path,
                    if dice.hits(2) { text } else { json!({"a": [text]}) },
                );
            }
            7 => {
                let Some(path) = place(object, dice, &|_| true).filter(|path| !path.is_empty())
                else {
                    continue;
                };
                return set(Change::Remove, path, Value::Null);
            }
            _ => {
                let is_scalar = |value: &Value| !value.is_object() && !value.is_array();
                let Some(path) = place(object, dice, &is_scalar) else { continue };
                return set(Change::Replace, path, text);
            }
        }
    }
    set(Change::Add, words(&["added"]), text)
}

/// The path of a value of chance that fits, found on one way down.
fn place(object: &Value, dice: &mut Dice, fits: &dyn Fn(&Value) -> bool) -> Option<Vec<String>> {
    let mut path = Vec::new();
    let mut at = object;
    let mut found = fits(at).then(Vec::new);
    loop {
        let (token, below) = match at {
            Value::Object(fields) if !fields.is_empty() => {
                let (key, value) = fields.iter().nth(dice.below(fields.len()))?;
                (key.clone(), value)
            }
            Value::Array(entries) if !entries.is_empty() => {
                let place = dice.below(entries.len());
                (place.to_string(), &entries[place])
            }
            _ => return found,
        };
        path.push(token);
        at = below;
        if fits(at) && (found.is_none() || !dice.hits(3)) {
            found = Some(path.clone());
        }
    }
}

#[derive(Debug, Default)]
struct Count {
    objects: usize,
    bytes: usize,
    plans: usize,
    made: usize,
    impossible: usize,
    refused: BTreeMap<String, usize>,
}

#[test]
fn an_empty_plan_changes_no_byte() {
    let (mut files, mut bytes, mut objects) = (0, 0, 0);
    let mut list =
        String::from("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n");
    for file in corpora::files() {
        let package = Package::stream(&file.text).unwrap();
        assert!(package.apply(&[], &[]).unwrap().to_string() == file.text, "{}", file.name);
        files += 1;
        bytes += file.text.len();
        objects += package.items().count();
        list.extend(cut(&file.text).into_iter().filter_map(entry));
    }
    let package = Package::resource_list(&list).unwrap();
    assert_eq!(package.items().count(), objects);
    assert!(package.apply(&[], &[]).unwrap().to_string() == list);
    eprintln!(
        "{files} files, {bytes} bytes and {objects} objects, and a list of {} bytes",
        list.len()
    );
}

#[test]
fn each_object_of_a_list_takes_an_edit_and_no_other_line_changes() {
    let mut dice = Dice::new(11);
    let mut list =
        String::from("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n");
    let mut values = Vec::new();
    for file in corpora::files() {
        list.extend(cut(&file.text).into_iter().filter_map(entry));
        let package = Package::stream(&file.text).unwrap();
        values.extend(package.items().map(|(_, item)| item.value().unwrap()));
    }
    list.push_str("functionConfig:\n  kind: Proof # stays\n");
    let package = Package::resource_list(&list).unwrap();
    let root = &documents(&list).unwrap()[0];
    let lines: Vec<&str> = list.split('\n').collect();
    let mut count = Count::default();
    let mut edits = Vec::new();
    let mut named = Vec::new();
    for (place, value) in values.iter_mut().enumerate() {
        let Operation { change, path, value: new } = operation(value, &mut dice);
        let operation = Operation { change, path: path.clone(), value: new };
        count.plans += 1;
        let patch = operation.patch();
        json_patch::patch(value, &patch).unwrap();
        let path: Vec<String> =
            ["items".to_owned(), place.to_string()].into_iter().chain(path).collect();
        named.push(named_lines(root, &path, change, &lines).unwrap());
        edits.push(Edit::Patch { item: ItemId(place), operations: patch });
    }
    let after = package.apply(&edits, &[]).unwrap().to_string();
    // Between two edits every line is as it was, and in the same order.
    let new: Vec<&str> = after.split('\n').collect();
    let (mut old_at, mut new_at) = (0, 0);
    for (place, named) in named.iter().enumerate() {
        let kept = &lines[old_at..named.first];
        let found = (new_at..new.len()).find(|at| new[*at..].starts_with(kept));
        let found = found.unwrap_or_else(|| {
            panic!("lines before {named:?} of object {place} changed: {:?}", edits[place])
        });
        assert!(found - new_at <= 12, "{} lines more before {named:?}", found - new_at);
        new_at = found + kept.len();
        old_at = named.end;
        count.made += 1;
    }
    assert!(new[new_at..].ends_with(&lines[old_at..]));
    let edited = Package::resource_list(&after).unwrap();
    for ((id, item), wanted) in edited.items().zip(&values) {
        assert!(item.value().as_ref() == Ok(wanted), "object {id:?} after {:?}", edits[id.0]);
    }
    count.objects = values.len();
    count.bytes = list.len();
    eprintln!("one list: {count:?}");
}

#[test]
fn several_plans_on_each_small_object() {
    let mut dice = Dice::new(12);
    let mut count = Count::default();
    for file in corpora::files() {
        for document in cut(&file.text).into_iter().filter(|document| document.len() <= SMALL) {
            let Some(value) = Package::stream(document)
                .unwrap()
                .items()
                .next()
                .map(|(_, item)| item.value().unwrap())
            else {
                continue;
            };
            count.objects += 1;
            count.bytes += document.len();
            let mut texts = vec![document.to_owned()];
            match dice.below(12) {
                0 => texts.push(value.to_string()),
                1 => texts.push(serde_json::to_string_pretty(&value).unwrap()),
                2 => texts.push(document.replace('\n', "\r\n")),
                3 => texts.push(format!("\u{feff}{document}")),
                4 => texts.push(document.trim_end().to_owned()),
                _ => {}
            }
            for text in texts {
                let operation = operation(&value, &mut dice);
                count.plans += 1;
                match judged(&text, &value, &operation) {
                    Ok(Outcome::Made(_)) => count.made += 1,
                    Ok(Outcome::Impossible) => count.impossible += 1,
                    Ok(Outcome::Refused(error)) => {
                        *count.refused.entry(error.error.message).or_default() += 1
                    }
                    Err(error) => panic!("{}: {operation:?}\n{text}\n{error}", file.name),
                }
            }
        }
    }
    eprintln!("small objects: {count:?}");
}
