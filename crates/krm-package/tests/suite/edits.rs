//! Every way of writing that an edit meets, and the exact text that it leaves.

use krm_package::{Edit, ItemId, Package};
use serde_json::{Value, json};

fn operations(operations: Value) -> Edit {
    Edit::Patch { item: ItemId(0), operations: serde_json::from_value(operations).unwrap() }
}

fn edited(source: &str, ops: Value) -> Result<String, String> {
    let package = Package::stream(source).map_err(|error| error.to_string())?;
    let spliced = package.apply(&[operations(ops)], &[]);
    spliced.map(|text| text.to_string()).map_err(|error| error.error.to_string())
}

#[track_caller]
fn assert_edit(source: &str, ops: Value, expected: &str) {
    assert_eq!(edited(source, ops).as_deref(), Ok(expected));
}

#[track_caller]
fn assert_refused(source: &str, ops: Value, place: &str, words: &str) {
    let error = edited(source, ops).unwrap_err();
    assert!(error.starts_with(place) && error.contains(words), "{error}");
}

fn set(path: &str, value: impl Into<Value>) -> Value {
    json!([{"op": "replace", "path": path, "value": value.into()}])
}

fn add(path: &str, value: impl Into<Value>) -> Value {
    json!([{"op": "add", "path": path, "value": value.into()}])
}

fn remove(path: &str) -> Value {
    json!([{"op": "remove", "path": path}])
}

#[test]
fn scalars_of_every_form_are_replaced_in_place() {
    assert_edit("a: 1 # one\nb: 2\n", set("/a", "x"), "a: x # one\nb: 2\n");
    assert_edit("a: 'it''s' # one\n", set("/a", "on"), "a: 'on' # one\n");
    assert_edit("a: \"q\\n\" # c\n", set("/a", "l1\nl2"), "a: \"l1\\nl2\" # c\n");
    assert_edit("a: plain\n  goes on\n  here # c\nb: 2\n", set("/a", 5), "a: 5 # c\nb: 2\n");
    assert_edit(
        "a: | # head\n  text\n  more\n\n# below\nb: 2\n",
        set("/a", "x"),
        "a: x # head\n\n# below\nb: 2\n",
    );
    assert_edit("a: >-\n  text\n\n  more\nb: 2\n", set("/a", "x"), "a: x\nb: 2\n");
    assert_edit("a: |+\n  text\n\nb: 2\n", set("/a", "x"), "a: x\nb: 2\n");
    assert_edit("a:\nb: 2\n", set("/a", "x"), "a: x\nb: 2\n");
    assert_edit("a: # note\nb: 2\n", set("/a", "x"), "a: x # note\nb: 2\n");
    assert_edit("a: ~\n", set("/a", Value::Null), "a: null\n");
    assert_edit("a:\n  value\nb: 2\n", set("/a", "x"), "a: x\nb: 2\n");
    assert_edit("a: !!int 7\n", set("/a", "x"), "a: x\n");
    assert_edit("a: 1", set("/a", "x"), "a: x");
}

#[test]
fn texts_of_several_lines_stand_on_their_own_lines() {
    let text = "selector:\n  app: iris\n";
    let quoted = "\"selector:\\n  app: iris\\n\"";
    let literal = "|\n    selector:\n      app: iris";
    assert_edit(
        "data:\n  a: b\n# c\nz: 1\n",
        add("/data/k", text),
        &format!("data:\n  a: b\n  k: {literal}\n# c\nz: 1\n"),
    );
    assert_edit(
        "data:\n  a: b\n",
        add("/data/k", text),
        &format!("data:\n  a: b\n  k: {literal}\n"),
    );
    assert_edit("data: {}\n", add("/data/k", text), &format!("data:\n  k: {literal}\n"));
    assert_edit(
        "data:\n  k: old\n  l: b\n",
        set("/data/k", text),
        &format!("data:\n  k: {literal}\n  l: b\n"),
    );
    assert_edit(
        "data:\n  k: | # c\n   old\n   x\n  l: b\n",
        set("/data/k", text),
        "data:\n  k: | # c\n    selector:\n      app: iris\n  l: b\n",
    );
    assert_edit(
        "data:\n  k:\n    old\n  l: b\n",
        set("/data/k", "a\nb"),
        "data:\n  k: |-\n    a\n    b\n  l: b\n",
    );
    assert_edit(
        "data:\n  k: old\n\n\n---\nb: 1\n",
        set("/data/k", text),
        &format!("data:\n  k: {literal}\n\n\n---\nb: 1\n"),
    );
    // What would become a line of the block, or take its last line break, and what is flow style.
    for behind in [
        "",
        " # note\n",
        "\n    # further in\nz: 1\n",
        "\n     \nz: 1\n",
        "\n\n   # further in\n",
        "\r\nz: 1\r\n",
    ] {
        assert_edit(
            &format!("data:\n  k: old{behind}"),
            set("/data/k", text),
            &format!("data:\n  k: {quoted}{behind}"),
        );
    }
    assert_edit("data: {k: old}\n", set("/data/k", text), &format!("data: {{k: {quoted}}}\n"));
    assert_edit("- old\n", set("/0", text), &format!("- {quoted}\n"));
    // Behind an object stands what is not its own.
    let list = |behind: &str| {
        let source = format!(
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- data:\n    k: old\n{behind}"
        );
        listed(&source, &[operations(set("/data/k", text))], &[])
    };
    assert!(list("- b: 1\n").contains("    k: |\n      selector:\n        app: iris\n- b: 1\n"));
    assert!(list("  # c\n- b: 1\n").contains("        app: iris\n  # c\n"));
    assert!(list("      # c\n- b: 1\n").contains(quoted));
    assert!(list("").ends_with("        app: iris\n"));
    let added = Edit::AddItem(json!({"data": {"k": text}}));
    let source = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- a: 1";
    assert!(listed(source, std::slice::from_ref(&added), &[]).contains(quoted));
    let listed = listed(&format!("{source}\nresults: []\n"), &[added], &[]);
    assert!(
        listed.contains("    k: |\n      selector:\n        app: iris\nresults: []\n"),
        "{listed}"
    );
}

#[test]
fn collections_become_scalars_and_back() {
    assert_edit("a: # c\n  b: 1\n  d: 2\ne: 3\n", set("/a", "x"), "a: x # c\ne: 3\n");
    assert_edit(
        "a: old # c\nb: 1\n",
        set("/a", json!({"x": {"z": 1}})),
        "a:\n  x:\n    z: 1 # c\nb: 1\n",
    );
    assert_edit(
        "a: 1\n",
        set("/a", json!([1, {"b": 2, "c": [3]}])),
        "a:\n- 1\n- b: 2\n  c:\n  - 3\n",
    );
    assert_edit("z:\n  - 1\na: 1\n", set("/a", json!([1])), "z:\n  - 1\na:\n  - 1\n");
    assert_edit("a:\n- 1\n- 2\n", set("/a", json!([])), "a: []\n");
    assert_edit("- a: 1\n  b: 2\n- c\n", set("/0", "x"), "- x\n- c\n");
    assert_edit("- x\n- c\n", set("/0", json!({"a": 1, "b": 2})), "- a: 1\n  b: 2\n- c\n");
}

#[test]
fn keys_are_added_behind_the_last() {
    assert_edit(
        "a:\n  b: 1 # one\n  # foot\nc: 2\n",
        add("/a/d", "x"),
        "a:\n  b: 1 # one\n  d: x\n  # foot\nc: 2\n",
    );
    assert_edit(
        "- a: 1\n  b:\n  - 2\n- c: 1\n",
        add("/0/d", "x"),
        "- a: 1\n  b:\n  - 2\n  d: x\n- c: 1\n",
    );
    assert_edit("-   a: 1\n", add("/0/d", "x"), "-   a: 1\n    d: x\n");
    assert_edit("a: {}\n", add("/a/b", "x"), "a:\n  b: x\n");
    assert_edit(
        "a: {} # c\nd: 1\n",
        add("/a/b", json!({"e": []})),
        "a: # c\n  b:\n    e: []\nd: 1\n"
            .replace("a: # c\n  b:\n    e: []", "a:\n  b:\n    e: [] # c")
            .as_str(),
    );
    assert_edit(
        "a:\n  b: |\n    text\n\nc: 1\n",
        add("/a/d", "x"),
        "a:\n  b: |\n    text\n  d: x\n\nc: 1\n",
    );
    assert_edit(
        "a:\n  b: |+\n    text\n\nc: 1\n",
        add("/a/d", "x"),
        "a:\n  b: |+\n    text\n\n  d: x\nc: 1\n",
    );
    assert_edit("a:\n  b: 1", add("/a/d", "x"), "a:\n  b: 1\n  d: x");
    assert_edit("a:\n  b:\n", add("/a/d", "x"), "a:\n  b:\n  d: x\n");
    assert_edit("a: 1\n", add("/a", 2), "a: 2\n");
    assert_edit(
        "a:\n  <<: &m {k: 1}\n  b: 1\n",
        add("/a/k", 2),
        "a:\n  <<: &m {k: 1}\n  b: 1\n  k: 2\n",
    );
}

#[test]
fn flow_style_stays_flow_and_json_stays_json() {
    assert_edit("a: {b: 1, c: 2}\n", add("/a/d", "x"), "a: {b: 1, c: 2, \"d\": \"x\"}\n");
    assert_edit("a: {b: 1, c: 2}\n", remove("/a/b"), "a: {c: 2}\n");
    assert_edit("a: {b: 1, c: 2}\n", remove("/a/c"), "a: {b: 1}\n");
    assert_edit("a: {b: 1}\n", remove("/a/b"), "a: {}\n");
    assert_edit("a: [1, 2]\n", add("/a/-", json!({"x": [true]})), "a: [1, 2, {\"x\": [true]}]\n");
    assert_edit("a: [1, 2]\n", add("/a/0", 0), "a: [0, 1, 2]\n");
    assert_edit("a: [1, 2,]\n", add("/a/-", 3), "a: [1, 2, 3,]\n");
    assert_edit("a: {b: , c}\n", set("/a/b", 1), "a: {b: 1 , c}\n");
    assert_edit(
        "{\"a\": {}, \"b\": []}\n",
        add("/a/x", "on"),
        "{\"a\": {\"x\": \"on\"}, \"b\": []}\n",
    );
    assert_edit("{\"a\": {}, \"b\": []}\n", add("/b/-", "on"), "{\"a\": {}, \"b\": [\"on\"]}\n");
    assert_edit(
        "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": 2\n  }\n}\n",
        add("/b/d", "x"),
        "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": 2,\n    \"d\": \"x\"\n  }\n}\n",
    );
    assert_edit(
        "{\"a\":1}",
        add("/b", "\u{1f600}\u{7f}"),
        "{\"a\":1, \"b\": \"\u{1f600}\\u007f\"}",
    );
}

#[test]
fn sequences_compact_and_indented() {
    assert_edit("a:\n- 1\n- 2 # two\nb: 1\n", add("/a/-", 3), "a:\n- 1\n- 2 # two\n- 3\nb: 1\n");
    assert_edit(
        "a:\n  - 1\n  # above two\n  - 2\n",
        add("/a/1", json!({"x": 1, "z": 2})),
        "a:\n  - 1\n  # above two\n  - x: 1\n    z: 2\n  - 2\n",
    );
    assert_edit("a:\n  - 1\n  - 2\n  - 3\n", remove("/a/1"), "a:\n  - 1\n  - 3\n");
    assert_edit("a:\n- 1\n", remove("/a/0"), "a: []\n");
    assert_edit("- - 1\n  - 2\n- 3\n", remove("/0/0"), "- - 2\n- 3\n");
    assert_edit("- - 1\n  - 2\n- 3\n", add("/0/0", 0), "- - 0\n  - 1\n  - 2\n- 3\n");
    assert_edit("-\n  a: 1\n- b: 2\n", set("/0/a", 3), "-\n  a: 3\n- b: 2\n");
    assert_edit("-\n- 1\n", set("/0", "x"), "- x\n- 1\n");
}

#[test]
fn entries_are_removed_with_their_lines_and_no_others() {
    assert_edit("a: 1\n# about b\nb: 2 # two\nc: 3\n", remove("/b"), "a: 1\n# about b\nc: 3\n");
    assert_edit("- a: 1\n  b: 2\n", remove("/0/a"), "- b: 2\n");
    assert_edit("- a: 1\n  # c\n  b: 2\n", remove("/0/a"), "- # c\n  b: 2\n");
    assert_edit("a:\n  b: 1\nc: 2\n", remove("/a/b"), "a: {}\nc: 2\n");
    assert_edit("a: 1\nb:\n  c: |\n    x\n\n  d: 1", remove("/b/d"), "a: 1\nb:\n  c: |\n    x\n");
    assert_edit("a: 1\nb: 2", remove("/b"), "a: 1");
}

#[test]
fn line_endings_marks_and_markers_stay() {
    assert_edit(
        "\u{feff}a: 1\r\nb:\r\n  c: 2\r\n",
        add("/b/d", "x"),
        "\u{feff}a: 1\r\nb:\r\n  c: 2\r\n  d: x\r\n",
    );
    assert_edit("\u{feff}a: 1\r\nb: 2\r\n", remove("/a"), "\u{feff}b: 2\r\n");
    assert_edit("# c\n---\na: 1\n...\n", set("/a", 2), "# c\n---\na: 2\n...\n");
    assert_edit(
        "--- # first\na: 1\n---\nb: 1\n",
        add("/c", 2),
        "--- # first\na: 1\nc: 2\n---\nb: 1\n",
    );
}

#[test]
fn a_new_line_ends_as_its_neighbour_does() {
    assert_edit("a:\r\n- 1\n- 2\nb: 1\r\n", add("/a/-", 3), "a:\r\n- 1\n- 2\n- 3\nb: 1\r\n");
    assert_edit("a: 1\nb: 2\r\n", add("/c", 3), "a: 1\nb: 2\r\nc: 3\r\n");
    assert_edit("a: 1\r\nb: 2\nc: 3\r\n", remove("/c"), "a: 1\r\nb: 2\n");
}

#[test]
fn a_block_scalar_keeps_the_line_break_that_it_ends_with() {
    assert_edit("a: |\n  x\nb: 1\n", remove("/b"), "a: |\n  x\n");
    assert_edit("- |+\n  x\n\n- 1\n", remove("/1"), "- |+\n  x\n\n");
    assert_edit("a: |\n  x\n", add("/b", 1), "a: |\n  x\nb: 1\n");
    assert_edit("a: >\n  x\n\n# c\n", add("/b", 1), "a: >\n  x\nb: 1\n\n# c\n");
    assert_edit("a: |-\n  x", add("/b", 1), "a: |-\n  x\nb: 1");
}

#[test]
fn json_stays_json_between_objects_that_nothing_parts() {
    let source = "{\"a\": 1}\n{}\n{\"c\": 3}";
    let package = Package::stream(source).unwrap();
    let text = |edits: &[Edit]| package.apply(edits, &[]).unwrap().to_string();
    let operations =
        serde_json::from_value(json!([{"op": "add", "path": "/b", "value": {"c": [1]}}])).unwrap();
    let patched = text(&[Edit::Patch { item: ItemId(1), operations }]);
    assert_eq!(patched, "{\"a\": 1}\n{\"b\": {\"c\": [1]}}\n{\"c\": 3}");
    assert_eq!(text(&[Edit::RemoveItem(ItemId(1))]), "{\"a\": 1}\n{\"c\": 3}");
    let added = text(&[Edit::AddItem(json!({"d": 1})), Edit::RemoveItem(ItemId(2))]);
    assert_eq!(added, "{\"a\": 1}\n{}\n{\"d\": 1}\n");
    assert_eq!(text(&[Edit::AddItem(json!({"d": 1}))]), format!("{source}\n{{\"d\": 1}}\n"));
    assert_edit("--- # c\n{}\n", add("/b", 1), "--- # c\nb: 1\n");
    // kubectl would take what is left for JSON.
    assert_refused("a: 1\n...\n", remove("/a"), "line 1, column 1", "JSON");
    assert_refused("a: 1 # c\n", remove("/a"), "line 1, column 1", "JSON");
}

#[test]
fn a_mark_stays_where_the_first_line_goes() {
    assert_edit("\u{feff}a: 1\n\n# c\nb: 2\n", remove("/a"), "\u{feff}\n# c\nb: 2\n");
}

#[test]
fn nulls_of_flow_style_keep_a_blank_behind_their_colon() {
    assert_edit("a: {b: }\n", add("/a/c", 1), "a: {b: , \"c\": 1 }\n");
    assert_edit("a: {b: , c: 1}\n", remove("/a/c"), "a: {b: }\n");
    assert_edit("a: {b c}\n", set("/a/b c", 1), "a: {b c: 1}\n");
    assert_edit("a: {'b', c}\n", set("/a/b", json!([])), "a: {'b': [], c}\n");
}

#[test]
fn several_operations_build_on_one_another() {
    let ops = json!([
        {"op": "add", "path": "/metadata/annotations", "value": {}},
        {"op": "add", "path": "/metadata/annotations/a.b~1c", "value": "[{\"HTTPS\":443}]"},
        {"op": "remove", "path": "/metadata/labels"},
    ]);
    assert_edit(
        "kind: X\nmetadata:\n  name: n\n  labels: {a: b}\nspec: {}\n",
        ops,
        "kind: X\nmetadata:\n  name: n\n  annotations:\n    a.b/c: '[{\"HTTPS\":443}]'\nspec: {}\n",
    );
}

#[test]
fn what_an_alias_repeats_is_not_changed_behind_its_back() {
    assert_refused("a: &x {k: 1}\nb: *x\n", set("/a/k", 2), "line 1, column 7", "alias repeats");
    assert_refused("a: &x {k: 1}\nb: *x\n", set("/b/k", 2), "line 2, column 4", "alias");
    assert_refused("a: &x 1\nb: *x\n", set("/a", 2), "line 1, column 7", "would lose it");
    assert_refused("a: {c: &x 1}\nb: *x\n", remove("/a"), "line 1, column 11", "would lose it");
    assert_edit("a: &x 1\nb: *x\n", set("/b", 2), "a: &x 1\nb: 2\n");
    assert_edit("a: &x 1\nb: 2\n", set("/a", 2), "a: 2\nb: 2\n");
    assert_edit("a: [&x 1, *x]\nb: 2\n", remove("/a"), "b: 2\n");
    let source = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- a: &x {k: 1}\n- b: *x\n";
    let package = Package::resource_list(source).unwrap();
    let error = package.apply(&[operations(set("/a/k", 2))], &[]).unwrap_err();
    assert_eq!(error.item, Some(ItemId(0)));
    assert!(
        error.error.to_string().starts_with("line 4, column 9: an alias repeats"),
        "{}",
        error.error
    );
}

#[test]
fn what_can_not_be_edited_safely_is_refused() {
    assert_refused("? a\n: 1\nb: 2\n", set("/b", 3), "line 1, column 1", "? key");
    assert_refused("a:\n  <<: {k: 1}\n", set("/a/k", 2), "line 2, column 3", "/a/k does not exist");
    assert_refused("a: 1\n", set("/b/c", 2), "line 1, column 1", "/b/c does not exist");
    assert_refused("a: 1\n", add("/a/b", 2), "line 1, column 4", "neither a mapping");
    assert_refused("a: [1]\n", add("/a/7", 2), "line 1, column 4", "1 entries");
    assert_refused("a: .nan\n", set("/a", 2), "line 1, column 4", "finite");
}

const LIST: &str = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- kind: A # a\n  x: 1 # last\n# about b\n- kind: B\n  x: 1\n- kind: C\n  x: 1\nfunctionConfig:\n  kind: F\n";

fn listed(source: &str, edits: &[Edit], results: &[Value]) -> String {
    Package::resource_list(source).unwrap().apply(edits, results).unwrap().to_string()
}

#[test]
fn items_come_and_go() {
    let added = Edit::AddItem(json!({"kind": "D", "data": {"on": "yes"}}));
    let text = listed(LIST, &[Edit::RemoveItem(ItemId(1)), added.clone()], &[]);
    assert_eq!(
        text,
        LIST.replace("# about b\n- kind: B\n  x: 1\n", "")
            .replace("function", "- kind: D\n  data:\n    'on': 'yes'\nfunction")
    );
    let all = [0, 1, 2].map(|place| Edit::RemoveItem(ItemId(place)));
    assert!(listed(LIST, &all, &[]).contains("items: []\nfunctionConfig"));
    let replaced: Vec<Edit> = all.into_iter().chain([added.clone()]).collect();
    assert!(
        listed(LIST, &replaced, &[])
            .contains("items:\n- kind: D\n  data:\n    'on': 'yes'\nfunctionConfig")
    );
    let head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n";
    for empty in ["", "items: []\n", "items:\n"] {
        assert_eq!(
            listed(&format!("{head}{empty}"), std::slice::from_ref(&added), &[]),
            format!("{head}items:\n- kind: D\n  data:\n    'on': 'yes'\n")
        );
    }
    let last = listed(LIST, &[Edit::RemoveItem(ItemId(2)), added.clone()], &[]);
    assert_eq!(last, LIST.replace("- kind: C\n  x: 1\n", "- kind: D\n  data:\n    'on': 'yes'\n"));
    let at_end = LIST.replace("functionConfig:\n  kind: F\n", "");
    let cut = at_end.trim_end();
    assert_eq!(
        listed(cut, &[Edit::RemoveItem(ItemId(2))], &[]),
        at_end.replace("\n- kind: C\n  x: 1\n", "")
    );
    assert_eq!(
        listed(cut, &[Edit::RemoveItem(ItemId(2)), Edit::AddItem(json!({"d": 1}))], &[]),
        at_end.replace("- kind: C\n  x: 1\n", "- d: 1")
    );
    let json = r#"{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"kind":"A"},{"kind":"B"},{"kind":"C"}]}"#;
    assert_eq!(
        listed(
            json,
            &[
                Edit::RemoveItem(ItemId(2)),
                Edit::RemoveItem(ItemId(1)),
                added,
                operations(add("/x", 1))
            ],
            &[]
        ),
        r#"{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"kind":"A", "x": 1}, {"kind": "D", "data": {"on": "yes"}}]}"#
    );
}

#[test]
fn an_edit_keeps_the_comment_behind_the_last_line() {
    assert_eq!(
        listed(LIST, &[operations(add("/z", 2))], &[]),
        LIST.replace("# last\n", "# last\n  z: 2\n")
    );
}

#[test]
fn results_are_added_once() {
    let result = json!({"message": "m", "severity": "info"});
    let once = listed(LIST, &[], std::slice::from_ref(&result));
    assert_eq!(once, format!("{LIST}results:\n- message: m\n  severity: info\n"));
    assert_eq!(listed(&once, &[], std::slice::from_ref(&result)), once);
    let other = json!({"message": "other"});
    assert_eq!(listed(&once, &[], &[result, other]), format!("{once}- message: other\n"));
}

/// The lines of the last object, and the results that go behind it, are at one place.
#[test]
fn results_stand_where_the_last_object_went() {
    let list = LIST.replace("functionConfig:\n  kind: F\n", "");
    let results = [json!({"message": "m"})];
    let text = "results:\n- message: m\n";
    let gone = |places: &[usize]| -> Vec<Edit> {
        places.iter().map(|place| Edit::RemoveItem(ItemId(*place))).collect()
    };
    let (first_two, _) = list.split_once("- kind: C").unwrap();
    let (first, _) = list.split_once("# about b").unwrap();
    let (head, _) = list.split_once("items:").unwrap();
    assert_eq!(listed(&list, &gone(&[2]), &results), format!("{first_two}{text}"));
    assert_eq!(listed(&list, &gone(&[1, 2]), &results), format!("{first}{text}"));
    assert_eq!(listed(&list, &gone(&[0, 1, 2]), &results), format!("{head}items: []\n{text}"));
    let cut = list.trim_end();
    let text = text.trim_end();
    assert_eq!(listed(cut, &gone(&[2]), &results), format!("{first_two}{text}"));
    assert_eq!(listed(cut, &gone(&[1, 2]), &results), format!("{first}{text}"));
    let added: Vec<Edit> = gone(&[2]).into_iter().chain([Edit::AddItem(json!({"d": 1}))]).collect();
    assert_eq!(listed(&list, &added, &results), format!("{first_two}- d: 1\n{text}\n"));
    assert_eq!(listed(cut, &added, &results), format!("{first_two}- d: 1\n{text}"));
}

/// Without a line break at the end, the last object takes the one before it along.
#[test]
fn the_object_before_the_last_changes_as_the_last_goes() {
    let cut = LIST.replace("functionConfig:\n  kind: F\n", "");
    let cut = cut.trim_end();
    let change = |place: usize| {
        let operations = json!([{"op": "add", "path": "/y", "value": "new"}]);
        let operations = serde_json::from_value(operations).unwrap();
        Edit::Patch { item: ItemId(place), operations }
    };
    let gone = |place: usize| Edit::RemoveItem(ItemId(place));
    for line_break in ["\n", "\r\n"] {
        let cut = cut.replace('\n', line_break);
        for results in [&[][..], &[json!({"message": "m"})]] {
            for edits in [vec![change(1), gone(2)], vec![change(0), gone(1), gone(2)]] {
                let together = listed(&cut, &edits, results);
                // One after the other is the same, but for the line break that the changed one keeps.
                let changed = listed(&cut, &edits[..1], &[]);
                let apart = listed(&changed, &edits[1..], results);
                let end = if results.is_empty() { line_break } else { "" };
                assert_eq!(together, format!("{apart}{end}"), "{edits:?}");
                assert!(Package::resource_list(&together).is_ok(), "{together}");
            }
        }
    }
}

/// A comment may stand further out than the object that it is in.
#[test]
fn the_first_entry_behind_a_dash_goes_and_a_comment_comes_first() {
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n";
    let without_a = serde_json::from_value(json!([{"op": "remove", "path": "/a"}])).unwrap();
    let edits = [Edit::Patch { item: ItemId(0), operations: without_a }];
    for (before, after) in [
        ("  - a: 1\n# - b\n    # note\n    c: 1\n", "  - # - b\n    # note\n    c: 1\n"),
        ("  - a: 1\n  # note\n    c: 1\n", "  - # note\n    c: 1\n"),
        ("  - a: 1\n    # note\n    c: 1\n", "  - # note\n    c: 1\n"),
        ("- a: 1\n# note\n\n  c: 1\n", "- # note\n\n  c: 1\n"),
    ] {
        let after_list = listed(&format!("{list}{before}"), &edits, &[]);
        assert_eq!(after_list, format!("{list}{after}"));
        let package = Package::resource_list(&after_list).unwrap();
        let values: Vec<_> = package.items().map(|(_, item)| item.value().unwrap()).collect();
        assert_eq!(values, [json!({"c": 1})]);
    }
}

/// What stands behind the old value on its line is no part of a text of several lines.
#[test]
fn a_blank_behind_an_empty_list_is_no_part_of_what_is_added() {
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []";
    let added = [Edit::AddItem(json!({"a": "x\ny\n"}))];
    assert!(listed(&format!("{list}\n"), &added, &[]).ends_with("- a: |\n    x\n    y\n"));
    for behind in [" ", "  # none yet"] {
        let after = listed(&format!("{list}{behind}\n"), &added, &[]);
        let package = Package::resource_list(&after).unwrap();
        let values: Vec<_> = package.items().map(|(_, item)| item.value().unwrap()).collect();
        assert_eq!(values, [json!({"a": "x\ny\n"})], "{after}");
    }
}

/// What stands below an object that goes must not become text of the object above.
#[test]
fn a_block_scalar_takes_no_line_that_an_object_leaves() {
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n";
    let gone = |places: &[usize]| -> Vec<Edit> {
        places.iter().map(|place| Edit::RemoveItem(ItemId(*place))).collect()
    };
    for (before, places, after) in [
        ("- a: |+\n    x\n- b: 1\n\n- c: 1\n", &[1][..], "- a: |+\n    x\n- c: 1\n"),
        ("- a: |\n    x\n- b: 1\n    # deep\n- c: 1\n", &[1], "- a: |\n    x\n- c: 1\n"),
        ("- a: |\n    x\n- b: 1\n      \n- c: 1\n", &[1], "- a: |\n    x\n- c: 1\n"),
        ("- a: |\n    x\n- b: 1\n\n    # deep\n\n- c: 1\n", &[1], "- a: |\n    x\n\n- c: 1\n"),
        ("- a: >+\n    x\n- b: 1\n\n- c: 1\n\n- d: 1\n", &[1, 2], "- a: >+\n    x\n- d: 1\n"),
        ("- a: |+\n    x\n- b: 1\n\n- c: 1\n\n", &[1, 2], "- a: |+\n    x\n"),
        // The same where the object above gets such a scalar in the same run, or has none.
        ("- a: x\n- b: 1\n    # deep\n\n- c: 1\n", &[1], "- a: x\n\n- c: 1\n"),
        ("- a: |\n    x\n- b: 1\n  # out\n- c: 1\n", &[1], "- a: |\n    x\n- c: 1\n"),
        // What belongs to nobody stays.
        ("- a: |\n    x\n- b: 1\n\n- c: 1\n", &[1], "- a: |\n    x\n\n- c: 1\n"),
        ("- a: |+\n    x\n# e\n\n- b: 1\n\n- c: 1\n", &[1], "- a: |+\n    x\n# e\n\n\n- c: 1\n"),
    ] {
        let source = format!("{list}{before}");
        assert_eq!(listed(&source, &gone(places), &[]), format!("{list}{after}"));
    }
}

#[test]
fn an_object_comes_behind_the_comments_of_the_one_that_goes() {
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- a: 1\n";
    let edits = [Edit::RemoveItem(ItemId(1)), Edit::AddItem(json!({"c": 1}))];
    for behind in ["", "functionConfig:\n  kind: F\n"] {
        let source = format!("{list}- b: 1\n  # about b\n{behind}");
        assert_eq!(listed(&source, &edits, &[]), format!("{list}- c: 1\n{behind}"));
    }
}

/// A block scalar ends with its line break, also where it stands in a changed object.
#[test]
fn the_text_above_the_last_object_keeps_its_line_break() {
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n";
    let scalar = "- a: |\n    x\n";
    let gone = |place: usize| Edit::RemoveItem(ItemId(place));
    assert_eq!(
        listed(&format!("{list}{scalar}- b: 1\n- c: 1"), &[gone(1), gone(2)], &[]),
        format!("{list}{scalar}")
    );
    let set = serde_json::from_value(json!([{"op": "replace", "path": "/a", "value": "x\ny\n"}]));
    let set = Edit::Patch { item: ItemId(0), operations: set.unwrap() };
    let after = format!("{list}- a: |\n    x\n    y\n");
    for before in ["- a: 1\n- b: 1", "- a: |\n    z\n# about b\n- b: 1"] {
        let source = format!("{list}{before}");
        assert_eq!(listed(&source, &[set.clone(), gone(1)], &[]), after);
        let results = [json!({"message": "m"})];
        let with_results = listed(&source, &[set.clone(), gone(1)], &results);
        assert_eq!(with_results, format!("{after}results:\n- message: m"));
    }
}

/// Each line break is taken as it is written.
#[test]
fn the_last_objects_go_from_lines_that_end_in_two_ways() {
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- {a: 1}";
    let gone = [Edit::RemoveItem(ItemId(1)), Edit::RemoveItem(ItemId(2))];
    for (first, second) in [("\n", "\r\n"), ("\r\n", "\n"), ("\r\n", "\r\n")] {
        assert_eq!(listed(&format!("{list}{first}- b: 1{second}- c: 1"), &gone, &[]), list);
    }
}

#[test]
fn the_last_object_goes_with_its_comment_and_leaves_no_line() {
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- a: 1";
    let source = format!("{list}\n# about b\n- b: 1");
    let gone = [Edit::RemoveItem(ItemId(1))];
    assert_eq!(listed(&source, &gone, &[]), list);
    let results = [json!({"message": "m"})];
    assert_eq!(listed(&source, &gone, &results), format!("{list}\nresults:\n- message: m"));
    // A comment that an empty line parts from the object is not its own.
    let source = format!("{list}\n# about more\n\n- b: 1");
    assert_eq!(listed(&source, &gone, &[]), format!("{list}\n# about more\n"));
    let after = format!("{list}\n# about more\n\nresults:\n- message: m");
    assert_eq!(listed(&source, &gone, &results), after);
    // The line before keeps its line break, whatever the others have.
    let after = format!("{list}\r\nresults:\n- message: m");
    assert_eq!(listed(&format!("{list}\r\n- b: 1"), &gone, &results), after);
}

#[test]
fn documents_come_and_go() {
    let source = "# head\na: 1\n---\n# about b\nb: 1\n---\nc: 1\n";
    let package = Package::stream(source).unwrap();
    let text = |edits: &[Edit]| package.apply(edits, &[]).unwrap().to_string();
    assert_eq!(text(&[Edit::RemoveItem(ItemId(1))]), "# head\na: 1\n---\nc: 1\n");
    assert_eq!(text(&[Edit::RemoveItem(ItemId(0))]), "---\n# about b\nb: 1\n---\nc: 1\n");
    assert_eq!(text(&[Edit::AddItem(json!({"d": 1}))]), format!("{source}---\nd: 1\n"));
    // What is blank to Unicode is text to YAML.
    for source in ["\u{a0}\n", "\u{2003}\n", "a: 1\n---\n\u{a0}\n"] {
        let added = Package::stream(source).unwrap().apply(&[Edit::AddItem(json!({"d": 1}))], &[]);
        assert_eq!(added.unwrap().to_string(), format!("{source}---\nd: 1\n"));
    }
    // Blanks at the end, of which readers differ, are refused; an edit leaves none.
    for header in ["|", "|-", ">+"] {
        let is_open = |blanks| Package::stream(&format!("a: {header}\n  b\n{blanks}")).is_err();
        assert_eq!(is_open("    "), header != "|-", "{header}");
        assert_eq!(is_open("  "), header == ">+", "{header}");
        assert!(Package::stream(&format!("a: {header}\n  b\n    \n")).is_ok(), "{header}");
        let source = format!("a: {header}\n  b\nc:\n    ");
        let without_c = serde_json::from_value(json!([{"op": "remove", "path": "/c"}])).unwrap();
        let edit = Edit::Patch { item: ItemId(0), operations: without_c };
        let after = Package::stream(&source).unwrap().apply(&[edit], &[]);
        assert_eq!(after.unwrap().to_string(), format!("a: {header}\n  b\n"));
    }
    // Lines below an object that would become its text go with the entry.
    for (header, below) in [("|+", "\n"), ("|", "      # deep\n"), (">-", "\n     \n")] {
        let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n";
        let list = format!("{list}- a: {header}\n    b\n  c: 1\n{below}- d: 1\n");
        let without_c = serde_json::from_value(json!([{"op": "remove", "path": "/c"}])).unwrap();
        let edit = Edit::Patch { item: ItemId(0), operations: without_c };
        let after = listed(&list, &[edit], &[]);
        assert_eq!(after, list.replace(&format!("  c: 1\n{below}"), ""), "{header}");
    }
    // What ends no document is refused, whatever stands behind it.
    for behind in ["a\n", "a: 1\n", "!!str a\n", "! a\n", "&a b\n"] {
        assert!(Package::stream(&format!("\n...\n {behind}")).is_err(), "{behind}");
    }
    assert_eq!(
        Package::stream("")
            .unwrap()
            .apply(&[Edit::AddItem(json!({"d": 1}))], &[])
            .unwrap()
            .to_string(),
        "d: 1\n"
    );
}

#[test]
fn what_is_replaced_does_not_say_how_lists_are_indented() {
    let edit = |source: &str| {
        let value = json!([{"op": "replace", "path": "/a", "value": {"c": [1]}}]);
        let operations = serde_json::from_value(value).unwrap();
        let edit = Edit::Patch { item: ItemId(0), operations };
        Package::stream(source).unwrap().apply(&[edit], &[]).unwrap().to_string()
    };
    let once = edit("a:\n  - x\nb:\n- y\n");
    assert_eq!(once, "a:\n  c:\n  - 1\nb:\n- y\n");
    assert_eq!(edit(&once), once);
    assert_eq!(edit("a:\n  - x\n"), "a:\n  c:\n    - 1\n");
}

#[test]
fn the_first_entry_goes_with_its_whole_line() {
    let gone = |source: &str| {
        let operations = serde_json::from_value(json!([{"op": "remove", "path": "/a"}])).unwrap();
        let package = Package::stream(source).or_else(|_| Package::resource_list(source)).unwrap();
        let edit = Edit::Patch { item: ItemId(0), operations };
        package.apply(&[edit], &[]).unwrap().to_string()
    };
    assert_eq!(gone(" a: 1\n # about b\n b: 2\n"), " # about b\n b: 2\n");
    assert_eq!(gone("---\n 'a': >-\n   x\n\n # b\n b: 2\n"), "---\n\n # b\n b: 2\n");
}

#[test]
fn lists_of_every_version_and_nothing_else() {
    for version in ["v1", "v1beta1", "v1alpha1"] {
        let source = LIST.replace("io/v1", &format!("io/{version}"));
        assert_eq!(listed(&source, &[], &[]), source);
    }
    for (source, words) in [
        ("", "line 1, column 1: the input is empty"),
        ("kind: List\n", "expected kind: ResourceList"),
        ("- a\n", "other than a mapping"),
        ("apiVersion: v1\nkind: ResourceList\n", "expected apiVersion"),
        (
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: {}\n",
            "line 3, column 8: items must be a list",
        ),
        (
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n---\na: 1\n",
            "line 4, column 1: expected one",
        ),
    ] {
        let error = Package::resource_list(source).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

fn list_refused(source: &str, edits: &[Edit], results: &[Value]) -> String {
    Package::resource_list(source).unwrap().apply(edits, results).unwrap_err().error.to_string()
}

#[test]
fn an_object_goes_without_what_looks_like_a_comment_in_the_one_before() {
    let list =
        LIST.replace("  x: 1 # last\n# about b\n", "  x: |\n    text\n    # text too\n# about b\n");
    let gone = listed(&list, &[Edit::RemoveItem(ItemId(1))], &[]);
    assert_eq!(gone, list.replace("# about b\n- kind: B\n  x: 1\n", ""));
    let source = "a: |\n  text\n\n  # text too\n---\n{b: 1}\n---\nc: |\n  text\n  # text too\n---\n# about d\nd: 1\n";
    let package = Package::stream(source).unwrap();
    let text = |item| package.apply(&[Edit::RemoveItem(ItemId(item))], &[]).unwrap().to_string();
    assert_eq!(text(1), source.replace("---\n{b: 1}\n", ""));
    assert_eq!(text(3), source.replace("---\n# about d\nd: 1\n", ""));
}

#[test]
fn objects_that_share_values_stay_together() {
    let head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n";
    let list = format!("{head}- a: &x {{k: 1}}\n- b: *x\n");
    let error = list_refused(&list, &[Edit::RemoveItem(ItemId(0))], &[]);
    assert!(error.starts_with("line 5, column 6: this alias repeats"), "{error}");
    let both = [0, 1].map(|place| Edit::RemoveItem(ItemId(place)));
    assert_eq!(listed(&list, &both, &[]), format!("{}\n", head.trim_end().to_owned() + " []"));
    assert_eq!(listed(&list, &[Edit::RemoveItem(ItemId(1))], &[]), list.replace("- b: *x\n", ""));
    let list = format!("{}\nother: *x\n", head.trim_end().to_owned() + " &x\n- a: 1");
    let error = list_refused(&list, &[Edit::AddItem(json!({"b": 1}))], &[]);
    assert!(error.starts_with("line 4, column 1: an alias repeats the value of items"), "{error}");
}

#[test]
fn lists_without_items_and_odd_results_are_left_as_they_are() {
    let head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n";
    for list in [head.to_owned(), format!("{head}items:\n"), format!("{head}items: ~ # none\n")] {
        assert_eq!(listed(&list, &[], &[]), list);
    }
    let result = json!({"message": "m"});
    let list = format!("{head}results: {{a: 1}}\nitems: []\n");
    let error = list_refused(&list, &[], std::slice::from_ref(&result));
    assert!(error.starts_with("line 3, column 10: results must be a list"), "{error}");
    // The next run could not place what this one had added.
    let list = format!("{head}? data:\n    a: b\nitems: []\n");
    let error = list_refused(&list, &[], std::slice::from_ref(&result));
    assert!(error.starts_with("line 1, column 1: the list has a `? key`"), "{error}");
    for odd in ["results:\n", "results: []\n", "results: null\n"] {
        assert_eq!(
            listed(&format!("{head}{odd}items: []\n"), &[], std::slice::from_ref(&result)),
            format!("{head}results:\n- message: m\nitems: []\n")
        );
    }
    assert_eq!(
        listed(
            &format!("{head}results: [{{message: a}}]\nitems:\n    # c\n    - a: 1"),
            &[Edit::AddItem(json!({"b": 1}))],
            &[result]
        ),
        format!(
            "{head}results: [{{message: a}}, {{\"message\": \"m\"}}]\nitems:\n    # c\n    - a: 1\n    - b: 1"
        )
    );
}

#[test]
fn a_block_scalar_that_the_text_ends_in_gets_no_line_break() {
    for source in ["a: |\n  x", "a: >+\n  x", "a: |+\n  x\n ", "a: >\n  x\n    "] {
        let error = Package::stream(source).unwrap_err().to_string();
        assert!(error.contains("end its last line with one"), "{source:?}: {error}");
    }
    let added = Edit::AddItem(json!({"b": 1}));
    let package = Package::stream("a: >-\n  x").unwrap();
    assert_eq!(
        package.apply(std::slice::from_ref(&added), &[]).unwrap().to_string(),
        "a: >-\n  x\n---\nb: 1\n"
    );
    let package = Package::stream("a: >\n  x\n  ").unwrap();
    let text = package.apply(&[added], &[]).unwrap().to_string();
    assert_eq!(text, "a: >\n  x\n  \n---\nb: 1\n");
}

#[test]
fn a_new_document_stands_apart_from_what_is_no_object() {
    for (source, expected) in [
        ("", "d: 1\n"),
        (" ", " \nd: 1\n"),
        ("# c", "# c\n---\nd: 1\n"),
        ("---\n", "---\n---\nd: 1\n"),
        ("a: 1", "a: 1\n---\nd: 1\n"),
        ("\u{feff}", "\u{feff}d: 1\n"),
        ("a: 1\n# \u{feff}", "a: 1\n# \u{feff}\n---\nd: 1\n"),
    ] {
        let package = Package::stream(source).unwrap();
        let text = package.apply(&[Edit::AddItem(json!({"d": 1}))], &[]).unwrap().to_string();
        assert_eq!(text, expected);
    }
    let package = Package::stream("a: 1\n").unwrap();
    let edits = [Edit::RemoveItem(ItemId(0)), Edit::AddItem(json!({"d": 1}))];
    assert_eq!(package.apply(&edits, &[]).unwrap().to_string(), "d: 1\n");
}

#[test]
fn keys_that_no_reader_takes_are_not_written() {
    let long = "k".repeat(1_001);
    assert_refused("a: 1\n", add(&format!("/{long}"), 1), "line 1, column 1", "1,000 characters");
    assert_refused("a: 1\n", set("/a", json!([{ long.as_str(): 1 }])), "line 1, column 1", "1,000");
    let package = Package::stream("a: 1\n").unwrap();
    assert!(package.apply(&[Edit::AddItem(json!({ long: 1 }))], &[]).is_err());
    let escaped = "\u{7}".repeat(200);
    assert_refused("a: {}\n", add(&format!("/a/{escaped}"), 1), "line 1, column 4", "1,000");
    assert!(edited("a: 1\n", add(&format!("/{}", "k".repeat(1_000)), 1)).is_ok());
}
