//! Texts that readers of YAML are known to disagree on, and what the engine makes of each.

use krm_package::Package;
use serde_json::{Value, json};

fn read(source: &str) -> Result<Value, String> {
    let package = Package::stream(source).map_err(|error| error.to_string())?;
    let item = package.items().next().unwrap().1;
    item.value().map_err(|error| error.to_string())
}

#[test]
fn an_escaped_line_break_keeps_the_empty_lines_behind_it() {
    assert_eq!(read("\"a\\\n  b\"\n"), Ok(json!("ab")));
    assert_eq!(read("\"a\\\n\n  b\"\n"), Ok(json!("a\nb")));
    assert_eq!(read("\"a \\\r\n\r\n \t\r\n  b\"\r\n"), Ok(json!("a \n\nb")));
    assert_eq!(read("\"a\\\n\n  \\ b\"\n"), Ok(json!("a\n b")));
}

#[test]
fn what_ends_a_line_to_some_readers_only_is_refused() {
    for (source, place) in [
        ("a: 1 # hidden\u{85}b: 2\n", "line 1, column 14: the character U+0085"),
        ("a: 'x\u{2028}y'\n", "line 1, column 6: the character U+2028"),
        ("a: x\n# \u{2029}b: 1\n", "line 2, column 3: the character U+2029"),
        ("# a\n\u{feff}b: 1\n", "line 2, column 1: a byte-order mark"),
    ] {
        let error = read(source).unwrap_err();
        assert!(error.starts_with(place), "{error}");
    }
    assert_eq!(
        read("\u{feff}a: \"\\u0085\\u2028\u{feff}\"\n"),
        Ok(json!({"a": "\u{85}\u{2028}\u{feff}"}))
    );
}

#[test]
fn a_no_break_space_is_no_indentation() {
    assert_eq!(read("k: |\n  \u{a0}\n"), Ok(json!({"k": "\u{a0}\n"})));
    assert_eq!(read("k:\n  l: >-\n    \u{2003}\n"), Ok(json!({"k": {"l": "\u{2003}"}})));
    assert_eq!(read("k: |\n\n  \u{a0}\n  a\n"), Ok(json!({"k": "\n\u{a0}\na\n"})));
    assert_eq!(read("k: |\n\n   \n"), Ok(json!({"k": ""})));
}

#[test]
fn what_is_no_number_to_go_is_text() {
    for text in ["1e400", "-1E400", ".5_", "._5", ".0__1"] {
        assert_eq!(read(&format!("a: {text}\n")), Ok(json!({"a": text})));
    }
    assert_eq!(read("a: 1_0.5_0\n"), Ok(json!({"a": 10.5})));
    assert_eq!(read("a: .0_1\n"), Ok(json!({"a": 0.01})));
}

#[test]
fn a_merge_behind_a_key_that_it_brings_is_refused() {
    let base = "x: &x {k: 1, l: 2}\n";
    let merged = |own: &str| read(&format!("{base}w: {own}\n")).map(|value| value["w"].clone());
    assert_eq!(merged("{<<: *x, l: 3}"), Ok(json!({"l": 3, "k": 1})));
    assert_eq!(merged("{m: 3, <<: *x}"), Ok(json!({"m": 3, "k": 1, "l": 2})));
    assert_eq!(merged("{<<: [*x, {l: 4, m: 5}]}"), Ok(json!({"k": 1, "l": 2, "m": 5})));
    let error = merged("{l: 3, <<: *x}").unwrap_err();
    assert!(error.contains("write << first"), "{error}");
}

/// kubectl writes a plain `yes` out as `true`.
#[test]
fn keys_that_are_one_to_kubectl_are_refused() {
    let read = |text: &str| {
        let package = Package::stream(text).unwrap();
        package.items().next().unwrap().1.value().map_err(|error| error.message)
    };
    for text in
        ["yes: 1\ntrue: 2\n", "y: 1\n'true': 2\n", "no: 1\noff: 2\n", "a: {on: 1, yes: 2}\n"]
    {
        assert!(read(text).unwrap_err().contains("another one of this mapping"), "{text}");
    }
    for text in ["yes: 1\nno: 2\n", "'yes': 1\ntrue: 2\n", "a: {on: 1}\nb: {yes: 2}\n", "true: 1\n"]
    {
        assert!(read(text).is_ok(), "{text}");
    }
}

/// A tag that YAML defines is right where the value is of it anyway; a whole number is a number with a point, too.
#[test]
fn a_tag_of_another_type_is_refused() {
    for (text, value) in [
        ("!!int 1", json!(1)),
        ("!!float 1", json!(1)),
        ("!!float 1.5", json!(1.5)),
        ("!!bool true", json!(true)),
        ("!!null null", json!(null)),
        ("!!str 1", json!("1")),
        ("!<tag:yaml.org,2002:int> 1", json!(1)),
        ("!own 1", json!("1")),
    ] {
        assert_eq!(read(&format!("a: {text}\n")), Ok(json!({ "a": value })), "{text}");
    }
    for text in
        ["!!int 1.5", "!!int x", "!!int true", "!!float x", "!!bool 1", "!!null 1", "!!null x"]
    {
        let error = read(&format!("a: {text}\n")).unwrap_err();
        assert!(error.contains("this tag has no meaning in a manifest; remove it"), "{error}");
    }
}

/// A document with a tag alone has the value of the tag, and one without anything is none.
#[test]
fn a_tag_alone_is_a_document() {
    let items = |text: &str| Package::stream(text).map(|package| package.items().count());
    for text in ["!!str\n", "!!null\n", "a: 1\n---\n!!str # nothing\n"] {
        assert_eq!(items(text).ok(), Some(1 + usize::from(text.contains("---"))), "{text}");
    }
    assert_eq!(items("--- # nothing\n").ok(), Some(0));
    assert_eq!(items("a: 1\n---\n# nothing\n").ok(), Some(1));
    assert_eq!(read("!!str\n"), Ok(json!("")));
}
