use json_patch::Patch;
use serde_json::json;

use super::*;
use crate::operation::{add, remove, replace};
use crate::syntax::parse::parse;
use crate::syntax::tree::Tree;

fn tree(source: &str) -> Tree {
    parse(source).unwrap_or_else(|error| panic!("{source:?}: {error}"))
}

/// What the proof says of a text, as what an operation makes of another.
fn proved(before: &str, operation: &PatchOperation, after: &str) -> Result<bool, SourceError> {
    let (tree_before, tree_after) = (tree(before), tree(after));
    let node = |source, tree| NodeRef { source, tree, id: NodeId(0) };
    let object = node(before, &tree_before);
    let patch = Patch(vec![operation.clone()]);
    let wanted = Wanted::of(object, &patch)?;
    let wanted = wanted.patched(&patch, || Position::of(before, 0))?;
    wanted.is(object, node(after, &tree_after))
}

const BEFORE: &str = "a: 'x' # one\nb:\n  c: &d 1\n  e: !!str f\n  g: [h, i]\nj: |\n  k\n";

fn set() -> PatchOperation {
    replace(&["b", "c"], 2)
}

#[test]
fn what_is_wanted_holds_however_it_is_written() {
    for (from, to) in [
        ("&d 1", "2"),
        ("&d 1", "0x2 # new"),
        ("&d 1", "+2"),
        ("&d 1\n", "2\n# more\n\n"),
        ("  c: &d 1\n  e: !!str f\n  g: [h, i]\n", "  {c: 2, e: 'f', g: [\"h\", i]}\n"),
        ("  c: &d 1\n  e: !!str f\n", "  e: \"f\"\n  c: 2\n"),
    ] {
        assert_eq!(proved(BEFORE, &set(), &BEFORE.replace(from, to)), Ok(true), "{to}");
    }
}

#[test]
fn a_value_that_is_not_wanted_is_found() {
    for (from, to) in [
        ("&d 1", "1"),
        ("&d 1", "'2'"),
        ("&d 1", "2.5"),
        ("&d 1\n", "2\n  l: 1\n"),
        ("  c: &d 1\n", ""),
        ("&d 1\n  e: !!str f", "2\n  e: f2"),
        ("&d 1\n  e: !!str f\n  g: [h, i]", "2\n  e: f\n  g: [h, i, i]"),
        ("b:\n  c: &d 1\n  e: !!str f\n  g: [h, i]\n", "b: 2\n"),
        ("b:\n", "m:\n"),
    ] {
        let after = BEFORE.replace(from, to);
        assert_ne!(proved(BEFORE, &set(), &after), Ok(true), "{after}");
    }
}

/// The value is as wanted in all of these; what stands around it is not as it was.
#[test]
fn what_no_operation_names_is_written_as_before() {
    let after = BEFORE.replace("&d 1", "2");
    assert_eq!(proved(BEFORE, &set(), &after), Ok(true));
    for (from, to) in [
        ("'x'", "x"),
        ("'x'", "\"x\""),
        ("'x'", "&y 'x'"),
        ("'x'", "!!str 'x'"),
        ("'x'", "['x']"),
        ("a:", "\"a\":"),
        ("j: |\n  k\n", "j: >\n  k\n"),
        ("j: |\n  k\n", "j: |\n   k\n"),
        ("j: |\n  k\n", "j: |\n  k\n  k\n"),
        ("j: |\n  k\n", "? j\n: |\n  k\n"),
        ("j: |\n  k\n", ""),
        ("j: |\n  k\n", "j: |\n  k\nl: 1\n"),
        ("b:\n", "b: &n\n"),
        ("b:\n", "b: !!map\n"),
    ] {
        let other = after.replace(from, to);
        assert_ne!(other, after);
        assert_ne!(proved(BEFORE, &set(), &other), Ok(true), "{other}");
    }
    let moved = "j: |\n  k\na: 'x' # one\nb:\n  c: 2\n  e: !!str f\n  g: [h, i]\n";
    assert_eq!(proved(BEFORE, &set(), moved), Ok(false));
}

#[test]
fn every_operation_has_its_own_part() {
    let added = BEFORE.replace("  g: [h", "  l: {m: 1}\n  g: [h");
    let to_add = add(&["b", "l"], json!({"m": 1}));
    assert_eq!(proved(BEFORE, &to_add, &added), Ok(true));
    assert_eq!(proved(BEFORE, &to_add, BEFORE), Ok(false));
    let removed = BEFORE.replace("  e: !!str f\n", "");
    assert_eq!(proved(BEFORE, &remove(&["b", "e"]), &removed), Ok(true));
    assert_eq!(proved(BEFORE, &remove(&["b", "e"]), BEFORE), Ok(false));
    let entry = BEFORE.replace("[h, i]", "[i]");
    assert_eq!(proved(BEFORE, &remove(&["b", "g", "0"]), &entry), Ok(true));
    assert_eq!(proved(BEFORE, &remove(&["b", "g", "1"]), &entry), Ok(false));
    let whole = json!({"only": true});
    assert_eq!(proved(BEFORE, &replace(&[], whole), "only: yes\n"), Ok(true));
    for missing in [remove(&["b", "z"]), replace(&["z"], 1), add(&["a", "z"], 1)] {
        let error = proved(BEFORE, &missing, BEFORE).unwrap_err();
        assert!(error.message.starts_with("the edit does not fit"), "{error}");
    }
}

/// What is repeated elsewhere is of the whole object.
#[test]
fn a_value_that_an_alias_repeats_is_read_everywhere() {
    let before = "a: &x {k: 1}\nb: *x\nc: {d: 1}\n";
    let after = before.replace("d: 1", "d: 2");
    let set = replace(&["c", "d"], 2);
    assert_eq!(proved(before, &set, &after), Ok(true));
    assert_eq!(proved(before, &set, &after.replace("k: 1", "k: 2")), Ok(false));
    let merged = "a: {<<: {k: 1}, l: 2}\n";
    let key = replace(&["a", "l"], 3);
    assert_eq!(proved(merged, &key, "a: {<<: {k: 1}, l: 3}\n"), Ok(true));
    assert_eq!(proved(merged, &key, "a: {<<: {k: 2}, l: 3}\n"), Ok(false));
}

#[test]
fn what_can_not_be_read_is_told_with_its_path() {
    let error = proved("a: {b: .inf, c: 1}\n", &replace(&["a", "c"], 2), "a: 1\n").unwrap_err();
    assert_eq!(error.position.to_string(), "line 1, column 8");
    assert!(error.message.starts_with("a.b: "), "{error}");
}
