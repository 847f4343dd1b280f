//! Random JSON values, and places in them.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Number, Value};

const TEXTS: &[&str] = &[
    "",
    "a",
    "yes",
    "0644",
    "2012-10-17",
    "word and words",
    "a: b",
    "# no comment",
    "it's",
    "say \"x\"",
    "- a",
    "[a]",
    "{a: b}",
    "line\n",
    "two\nlines\n",
    "two\nlines",
    "a\n\nb\n\n",
    "  in\nout\n",
    "a\tb",
    " ",
    "\n",
    "\u{e9}t\u{e9}",
    "\u{4e2d}\u{6587} \u{1f600}",
    "\u{85}",
    "\u{feff}",
    "<<",
    "*a",
    "&a",
    "!a",
    "%",
    "@a",
    "a\\b",
    "several words that go on over more than one line of text",
    "[{\"HTTPS\":443}]",
    "key: value\nother: value\n",
    "#!/bin/sh\nexec true\n",
    "\u{0}",
    "\u{2028}",
    "null",
    "~",
    "1e3",
    "a,b",
    "a]",
];

const KEYS: &[&str] = &[
    "a",
    "b",
    "c",
    "name",
    "app.kubernetes.io/name",
    "alb.ingress.kubernetes.io/conditions.istio",
    "on",
    "0",
    "10",
    "",
    " ",
    "a b",
    "a: b",
    "~",
    "a~b",
    "it's",
    "\"",
    "-",
    "#",
    "\u{e9}",
    "\u{1f600}",
    "k\nl",
    "[x]",
    "{",
    "<<",
    "key",
    "long key with several words",
];

/// A string of the table, or of any characters.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(TEXTS).prop_map(str::to_owned),
        2 => "[a-z]{1,8}( [a-z0-9]{1,8}){0,5}",
        1 => "[ -~]{0,12}",
        1 => "[a-z \n:#'\"-]{0,16}",
        1 => any::<String>(),
    ]
}

pub fn key() -> impl Strategy<Value = String> {
    prop_oneof![6 => select(KEYS).prop_map(str::to_owned), 2 => "[a-z]{1,6}", 1 => "[ -~]{0,8}"]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-1000i64..100_000).prop_map(Value::from),
        prop_oneof![Just(1.5), Just(-0.25), Just(3.125e20)]
            .prop_map(|float| Value::from(Number::from_f64(float).unwrap())),
        text().prop_map(Value::from),
        text().prop_map(Value::from),
        text().prop_map(Value::from),
    ]
}

/// Any value, five levels deep at most.
pub fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            object_of(inner.clone()),
            object_of(inner),
        ]
    })
}

/// A mapping of one key or more, as every manifest is.
pub fn object() -> impl Strategy<Value = Value> {
    prop::collection::vec((key(), value()), 1..6)
        .prop_map(|fields| Value::Object(Map::from_iter(fields)))
}

fn object_of(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop::collection::vec((key(), inner), 0..5)
        .prop_map(|fields| Value::Object(Map::from_iter(fields)))
}
