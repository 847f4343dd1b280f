//! Documents of a stream that come and go.

use krm_package::{Edit, ItemId, Package};
use serde_json::json;

use super::listed;

#[test]
fn documents_come_and_go() {
    let source = "# head\na: 1\n---\n# about b\nb: 1\n---\nc: 1\n";
    let package = Package::stream(source).unwrap();
    let text = |edits: &[Edit]| package.apply(edits, &[]).unwrap().to_string();
    assert_eq!(text(&[Edit::RemoveItem(ItemId(1))]), "# head\na: 1\n---\nc: 1\n");
    assert_eq!(text(&[Edit::RemoveItem(ItemId(0))]), "---\n# about b\nb: 1\n---\nc: 1\n");
    assert_eq!(text(&[Edit::add_item(json!({"d": 1}))]), format!("{source}---\nd: 1\n"));
    // What is blank to Unicode is text to YAML.
    for source in ["\u{a0}\n", "\u{2003}\n", "a: 1\n---\n\u{a0}\n"] {
        let added = Package::stream(source).unwrap().apply(&[Edit::add_item(json!({"d": 1}))], &[]);
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
            .apply(&[Edit::add_item(json!({"d": 1}))], &[])
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
fn a_block_scalar_that_the_text_ends_in_gets_no_line_break() {
    for source in ["a: |\n  x", "a: >+\n  x", "a: |+\n  x\n ", "a: >\n  x\n    "] {
        let error = Package::stream(source).unwrap_err().to_string();
        assert!(error.contains("end its last line with one"), "{source:?}: {error}");
    }
    let added = Edit::add_item(json!({"b": 1}));
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
        let text = package.apply(&[Edit::add_item(json!({"d": 1}))], &[]).unwrap().to_string();
        assert_eq!(text, expected);
    }
    let package = Package::stream("a: 1\n").unwrap();
    let edits = [Edit::RemoveItem(ItemId(0)), Edit::add_item(json!({"d": 1}))];
    assert_eq!(package.apply(&edits, &[]).unwrap().to_string(), "d: 1\n");
}
