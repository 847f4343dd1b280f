//! Empty lines and comments that a tab indents: readers take them below a plain scalar, and nowhere
//! else, so an edit must leave one above them, take them along, or be refused.

use krm_package::{Edit, ItemId, Package};
use serde_json::{Value, json};

use super::{add, assert_edit, assert_refused, operations, set};

#[test]
fn a_root_above_them_stays_a_plain_scalar() {
    for below in ["\n\n\t#x\n", "\n\t#x\n", "\n\t#x\n# y\n", "\n\n\t# x\n---\nb: 1\n"] {
        let source = format!("text{below}");
        assert_edit(&source, set("", "other"), &format!("other{below}"));
        for value in [json!(["a"]), json!([[1]]), json!({"a": "b"}), json!("on"), json!([])] {
            assert_refused(&source, set("", value), "line ", "tabs cannot indent YAML");
        }
    }
    // An empty line goes along where it has to.
    assert_edit("text\n\t\n", set("", json!(["a"])), "- a\n");
}

#[test]
fn the_last_value_above_them_stays_a_plain_scalar() {
    for (lead, below) in [
        ("a: ", "\n \t#x\n"),
        ("a: ", "\n \t#x\nb: 1\n"),
        ("a:\n  - b\n  - ", "\n   \t#x\n"),
        ("- b\n- ", "\n \t#x\n"),
    ] {
        let source = format!("{lead}text{below}");
        let path = match lead {
            "a: " => "/a",
            "- b\n- " => "/1",
            _ => "/a/1",
        };
        assert_edit(&source, set(path, "other"), &format!("{lead}other{below}"));
        for value in [json!("on"), json!({"c": []}), json!(["'"])] {
            let package = Package::stream(&source).unwrap();
            // A comment further in than the object goes along, if nothing of the object is below it.
            match package.apply(&[operations(set(path, value))], &[]) {
                Ok(text) => {
                    assert!(Package::stream(&text.to_string()).is_ok(), "{source:?}: {text}")
                }
                Err(error) => assert!(error.error.to_string().contains("tabs"), "{source:?}"),
            }
        }
    }
    assert_refused("a: text\n \t#x\nb: 1\n", set("/a", "on"), "line 2", "tabs cannot indent YAML");
    assert_refused("{\"a\": 1}\n\t#x\n", add("/b", 1), "line 2", "tabs cannot indent YAML");
}

const HEAD: &str = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n";

fn listed(tail: &str, edits: &[Edit], results: &[Value]) -> Result<String, String> {
    let source = format!("{HEAD}{tail}");
    let text = Package::resource_list(&source).unwrap().apply(edits, results);
    text.map(|text| text.to_string().replace(HEAD, "")).map_err(|error| error.error.to_string())
}

#[test]
fn an_object_of_a_list_takes_them_along() {
    let tail = "items:\n- kind: A\n  x: text\n   \t#x\n- kind: B\n";
    let patched = |path: &str, value: Value| listed(tail, &[operations(set(path, value))], &[]);
    assert_eq!(patched("/kind", json!("on")).unwrap(), tail.replace("kind: A", "kind: 'on'"));
    assert_eq!(patched("/x", json!("z")).unwrap(), tail.replace("text", "z"));
    let without = tail.replace("   \t#x\n", "");
    assert_eq!(patched("/x", json!("on")).unwrap(), without.replace("text", "'on'"));
    assert_eq!(patched("/x", json!(["on"])).unwrap(), without.replace(" text", "\n  - 'on'"));
    let gone = listed(tail, &[Edit::RemoveItem(ItemId(0))], &[]);
    assert_eq!(gone.unwrap(), "items:\n- kind: B\n");
}

#[test]
fn nothing_new_in_a_list_stands_above_them() {
    let results = [json!({"message": "on"})];
    let new = [Edit::add_item(json!({"kind": "on"}))];
    let above_function = "items:\n- kind: A\nfunctionConfig: text\n \t#x\n";
    let above_results = "items:\n- kind: A\nresults: ~\n\n \t#x\n";
    for tail in [above_function, above_results] {
        let error = listed(tail, &[], &results).unwrap_err();
        assert!(error.contains("tabs cannot indent YAML"), "{error}");
        let expected = tail.replace("- kind: A\n", "- kind: A\n- kind: 'on'\n");
        assert_eq!(listed(tail, &new, &[]).unwrap(), expected);
    }
    let error = listed("functionConfig: {}\nitems: ~\n \t#x\n", &new, &[]).unwrap_err();
    assert!(error.contains("tabs cannot indent YAML"), "{error}");
    let new_before = listed("items: ~\n \t#x\nfunctionConfig: {}\n", &[], &results).unwrap();
    assert!(new_before.starts_with("items: ~\n \t#x\nfunctionConfig: {}\nresults:\n"));
}
