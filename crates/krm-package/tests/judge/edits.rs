//! Edits that nobody thought of, and the values that they are to give.

use json_patch::{Patch, PatchOperation};
use krm_package::{Edit, ItemId, Package, operation};
use serde_json::{Value, json};
use test_support::Dice;

/// An edited text, and what its objects are to be.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) text: String,
    pub(crate) planned: Vec<Value>,
    pub(crate) what: Vec<Edit>,
}

/// Makes an edit; `None` where the engine refuses it.
pub(crate) fn edit(text: &str, values: &[Value], dice: &mut Dice) -> Option<Made> {
    let package = Package::stream(text).ok()?;
    // Documents that are null are items, too.
    let items: Vec<ItemId> = package
        .items()
        .filter(|(_, item)| !item.value().is_ok_and(|value| value.is_null()))
        .map(|(id, _)| id)
        .collect();
    let mut planned: Vec<Option<Value>> = values.iter().cloned().map(Some).collect();
    let mut added = Vec::new();
    let mut what = Vec::new();
    for _ in 0..1 + dice.below(3) {
        let place = dice.below(items.len());
        match dice.below(10) {
            0 => {
                let value = json!({"kind": "New", "list": [1, "two"], "text": "a\nb\n"});
                added.push(value.clone());
                what.push(Edit::add_item(value));
            }
            1 if items.len() > 1 => {
                planned[place] = None;
                what.push(Edit::RemoveItem(items[place]));
            }
            _ => {
                let Some(value) = planned.get_mut(place).and_then(Option::as_mut) else { continue };
                let operations = Patch(vec![operation(value, dice)?]);
                json_patch::patch(value, &operations).ok()?;
                what.push(Edit::Patch { item: items[place], operations });
            }
        }
    }
    let text = package.apply(&what, &[]).ok()?.to_string();
    let mut planned: Vec<Value> = planned.into_iter().flatten().collect();
    planned.extend(added);
    planned.retain(|value| !value.is_null());
    Some(Made { text, planned, what })
}

fn operation(root: &Value, dice: &mut Dice) -> Option<PatchOperation> {
    let mut path: Vec<String> = Vec::new();
    let mut at = root;
    loop {
        let stops = !path.is_empty() && dice.hits(3);
        let next = match at {
            Value::Object(fields) if !fields.is_empty() && !stops => {
                let key = fields.keys().nth(dice.below(fields.len()))?;
                (key.clone(), &fields[key])
            }
            Value::Array(entries) if !entries.is_empty() && !stops => {
                let place = dice.below(entries.len());
                (place.to_string(), &entries[place])
            }
            _ => break,
        };
        path.push(next.0);
        at = next.1;
    }
    let mut keys: Vec<&str> = path.iter().map(String::as_str).collect();
    let new = value(dice);
    Some(match dice.below(4) {
        0 if !keys.is_empty() => operation::remove(&keys),
        1 => operation::replace(&keys, new),
        _ => {
            let added = match at {
                Value::Array(entries) => {
                    [dice.below(entries.len() + 1).to_string(), "-".to_owned()][dice.below(2)]
                        .clone()
                }
                _ => ["zz", "new key", "yes", "a: b", "#"][dice.below(5)].to_owned(),
            };
            if at.is_array() || at.is_object() {
                keys.push(&added);
                operation::add(&keys, new)
            } else {
                operation::replace(&keys, new)
            }
        }
    })
}

fn value(dice: &mut Dice) -> Value {
    match dice.below(14) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(7),
        3 => json!("yes"),
        4 => json!("a: b # c"),
        5 => json!("one\ntwo\n"),
        6 => json!("one\n\n  two"),
        7 => json!([]),
        8 => json!({}),
        9 => json!([1, {"a": "b"}]),
        10 => json!({"x": {"y": ["z"]}, "1": 2}),
        11 => json!(" é\u{85}\t"),
        12 => json!({"text": "x\ny\n"}),
        _ => json!("plain"),
    }
}
