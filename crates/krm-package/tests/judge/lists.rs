//! A ResourceList, a `kind: List` and another `…List`, with their objects changed, removed and added:
//! Go's readers find the list that was planned.

use json_patch::Patch;
use krm_package::{Edit, ItemId, Package, operation};
use proptest::prelude::*;
use serde_json::{Value, json};
use test_support::{Dice, cases, values, yaml_text};

use super::go::Answer;
use super::reading::{Reading, same, shapes};
use super::started;

/// The list around some objects, by its number.
fn list(kind: usize, items: &[Value]) -> Value {
    match kind {
        0 => {
            json!({"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": items})
        }
        1 => {
            json!({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}})
        }
        _ => json!({"kind": "ThingList", "apiVersion": "a/v1", "metadata": {}, "items": items}),
    }
}

fn read(kind: usize, text: &str) -> Result<Package<'_>, krm_package::SourceError> {
    if kind == 0 { Package::resource_list(text) } else { Package::stream(text) }
}

/// Edits, and the objects that they are to leave.
fn edits(objects: &[Value], dice: &mut Dice) -> (Vec<Edit>, Vec<Value>) {
    let (mut edits, mut planned) = (Vec::new(), Vec::new());
    for (place, object) in objects.iter().enumerate() {
        let item = ItemId(place);
        match dice.below(4) {
            0 => edits.push(Edit::RemoveItem(item)),
            1 => planned.push(object.clone()),
            _ => {
                let key = ["a", "new key", "yes", "0644"][dice.below(4)];
                let value = [json!(1), json!("two\nlines\n"), json!({"b": ["c"]}), json!([])];
                let value = value[dice.below(4)].clone();
                let mut object = object.clone();
                object[key] = value.clone();
                planned.push(object);
                let operations = Patch(vec![operation::add(&[key], value)]);
                edits.push(Edit::Patch { item, operations });
            }
        }
    }
    for _ in 0..dice.below(3) {
        let new = json!({"kind": "New", "data": {"on": "yes"}});
        edits.push(Edit::add_item(new.clone()));
        planned.push(new);
    }
    (edits, planned)
}

#[test]
fn lists_are_what_was_planned() {
    let Some(go) = started() else { return };
    let go = std::cell::RefCell::new(go);
    let (mut made, mut refused) = (0, 0);
    let counts = std::cell::RefCell::new((&mut made, &mut refused));
    let case = (prop::collection::vec(values::object(), 0..5), 0..3usize, any::<u64>());
    let outcome = cases(3_000).run(&case, |(objects, kind, seed)| {
        let text = yaml_text(&list(kind, &objects), seed);
        let mut counts = counts.borrow_mut();
        let Ok(package) = read(kind, &text) else { return Ok(()) };
        // What the engine can't read, or reads as less objects than there are, is tried elsewhere.
        let found: Result<Vec<Value>, _> = package.items().map(|(_, item)| item.value()).collect();
        if found.as_ref() != Ok(&objects) {
            return Ok(());
        }
        let (edits, planned) = edits(&objects, &mut Dice::new(seed));
        let Ok(after) = package.apply(&edits, &[]) else {
            *counts.1 += 1;
            return Ok(());
        };
        let after = after.to_string();
        let answer = go.borrow_mut().ask(std::slice::from_ref(&after)).remove(0);
        let reading = Reading { values: vec![list(kind, &planned)], shapes: shapes(&after) };
        // kyaml takes a list apart, as the engine does.
        let answer = Answer { kyaml: answer.yaml.clone(), ..answer };
        *counts.0 += 1;
        same(&reading, &answer, &after).map_err(|why| {
            TestCaseError::fail(format!("{why}\n{text}\nbecame\n{after}\n{answer:?}"))
        })
    });
    eprintln!("{made} lists read as planned, {refused} refused");
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(made > 1_000);
}
