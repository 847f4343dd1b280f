//! One object: its scalars, collections, lines and comments.

use krm_package::{Edit, ItemId, Package};
use serde_json::{Value, json};

use super::{add, assert_edit, assert_refused, edited, listed, operations, remove, set};

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
fn a_key_is_renamed_where_it_stands() {
    let rename = |from: &str, to: &str| json!([{"op": "move", "from": from, "path": to}]);
    assert_edit(
        "m:\n  'a-b': | # one\n    x\n  # two\n  c: 2\n",
        rename("/m/a-b", "/m/ab"),
        "m:\n  ab: | # one\n    x\n  # two\n  c: 2\n",
    );
    assert_edit("{a: 1, \"b\":2}\n", rename("/b", "/c"), "{a: 1, \"c\":2}\n");
    assert_edit("a: &x 1\nb: *x\n", rename("/a", "/n: o"), "'n: o': &x 1\nb: *x\n");
    assert_refused("a: 1\nb: 2\n", rename("/a", "/b"), "line 1", "exists already");
    assert_refused("a: 1\nm: {b: 2}\n", rename("/a", "/m/a"), "line 1", "within one mapping");
    assert_refused("a: 1\n", rename("/b", "/c"), "line 1", "does not exist");
    assert_refused("a: [1]\n", rename("/a/0", "/a/1"), "line 1", "within one mapping");
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
    let added = Edit::add_item(json!({"data": {"k": text}}));
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
    let added = text(&[Edit::add_item(json!({"d": 1})), Edit::RemoveItem(ItemId(2))]);
    assert_eq!(added, "{\"a\": 1}\n{}\n{\"d\": 1}\n");
    assert_eq!(text(&[Edit::add_item(json!({"d": 1}))]), format!("{source}\n{{\"d\": 1}}\n"));
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

#[test]
fn keys_that_no_reader_takes_are_not_written() {
    let long = "k".repeat(1_001);
    assert_refused("a: 1\n", add(&format!("/{long}"), 1), "line 1, column 1", "1,000 characters");
    assert_refused("a: 1\n", set("/a", json!([{ long.as_str(): 1 }])), "line 1, column 1", "1,000");
    let package = Package::stream("a: 1\n").unwrap();
    assert!(package.apply(&[Edit::add_item(json!({ long: 1 }))], &[]).is_err());
    let escaped = "\u{7}".repeat(200);
    assert_refused("a: {}\n", add(&format!("/a/{escaped}"), 1), "line 1, column 4", "1,000");
    assert!(edited("a: 1\n", add(&format!("/{}", "k".repeat(1_000)), 1)).is_ok());
}
