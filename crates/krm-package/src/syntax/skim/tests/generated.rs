//! Texts put together by chance.

use proptest::prelude::*;
use proptest::sample::select;

use super::read_as_parser_does;

/// What texts are made of at random; each has stopped some reader.
const FRAGMENTS: &[&[&str]] = &[
    &["\n", "\n", "\n\n", "\n  ", "\n    ", "\n      ", "\n ", "\n- ", "\n  - ", "\n \n"],
    &["\n", "\n  ", "\n    ", "\n  ", "\n      \n", "\r\n", "\r", "\n\t", "\t", " ", "   "],
    &["a", "b", "kind", "a b", "1", "~", "<<", "x.y/z", "\u{e9}", "\u{1f600}", "\u{a0}"],
    &["a", "b", "c", "d", "e", "f", "\u{feff}", "\u{85}", "\u{2028}", "\u{7f}", "\u{3000}"],
    &[": ", ": ", ":", ":\n", ":\n  ", ":\n- ", " : ", "::", ":\t", ": \n", ":\n    "],
    &["- ", "-", "--", "- - ", "-\n", "-   ", "? ", "?", "- a: ", "\n- a: ", "- a:\n  "],
    &["'", "''", "\"", "\"\"", "\\", "\\\n", "\\n", "\\x41", "\\q", "\\u12", "\\ "],
    &["'a'", "\"a\"", "\"a\\\"b\"", "'a\n  b'", "\"a\n\n   b\"", "'a\nb'", "'a''b'"],
    &["{", "}", "[", "]", ",", ", ", "{}", "[]", "[a, b]", "{a: b}", "{\"a\":1}", "[a,\n  b]"],
    &["#", " #", " # c", "# c\n", "\n# c\n", "\n  # c\n", "&a ", "*a", "!t ", "%", "@", "`"],
    &[
        "|\n",
        "|-\n",
        "|+\n",
        ">\n",
        "|2\n",
        "|1-\n",
        "| # c\n",
        "|\n  a\n",
        "|+\n  a\n\n",
        ">",
        "|",
    ],
    &["\n---\n", "---", "---\n", "\n...\n", "--- ", "\n%YAML 1.2\n---\n", "\n---\n- "],
];

/// Values of `key: value` and `- value` lines.
const VALUES: &[&str] = &[
    "",
    "a",
    "a b",
    "'a'",
    "\"a\"",
    "1",
    "a #c",
    "a: b",
    "- a",
    "{}",
    "[]",
    "[a, 'b']",
    "[a,",
    "b]",
    "{a: b}",
    "{\"a\":1}",
    "{a}",
    "'a",
    "b'",
    "\"a",
    "b\"",
    "|",
    "|-",
    "|+",
    ">",
    ">-",
    "|2",
    "|2-",
    "&x a",
    "&x",
    "*x",
    "!t a",
    "a\\",
    "\"\\n\"",
    "\"\\",
    "? a",
    "#c",
    "# c",
    "a:",
    ":a",
    "-a",
    "%a",
    "---",
    "...",
    "a\t",
    "\ta",
    "a\r",
    "\u{e9}",
    "\u{85}",
    "  a",
    "a  ",
    "[\n  a\n]",
    "{\n  a: b }",
];

fn soup() -> impl Strategy<Value = String> {
    let fragment = select(FRAGMENTS).prop_flat_map(select);
    prop::collection::vec(fragment, 0..20).prop_map(|parts| parts.concat())
}

fn lines() -> impl Strategy<Value = String> {
    let indent = prop_oneof![4 => (0usize..4).prop_map(|level| 2 * level), 1 => 0usize..9];
    let lead = select(&["", "", "", "- ", "- ", "- - ", "-   ", "? "][..]);
    let key =
        select(&["", "a: ", "b: ", "c: ", "d:", "'e': ", "\"f\": ", "g : ", "a b: ", "h:\n"][..]);
    let line = (
        indent,
        lead,
        key,
        select(VALUES),
        select(&["\n", "\n", "\n", "\n", "\r\n", "\n\n", "\n \n"][..]),
    );
    let line = line.prop_map(|(indent, lead, key, value, end)| {
        format!("{:indent$}{lead}{key}{value}{end}", "")
    });
    let head = select(&["", "", "items:\n", "items:\n- a\n", "---\n", "a: 1\n---\n"][..]);
    let lines = prop::collection::vec(line, 0..9);
    (head, lines, any::<bool>()).prop_map(|(head, lines, is_cut)| {
        let mut text = format!("{head}{}", lines.concat());
        if is_cut {
            text.truncate(text.trim_end_matches(['\n', '\r', ' ']).len());
        }
        text
    })
}

fn objects() -> impl Strategy<Value = String> {
    const OBJECTS: &[&str] = &[
        "{}",
        "{\"a\":1}",
        "{\"a\": [1, {\"b\": null}], \"c\": \"}{\"}",
        "{\n  \"a\": {\n    \"b\": -1.5e3\n  }\n}",
        "{\"a\":\t1}",
        "{\"a\": \"\\u00e9\\n\"}",
        "{a: 1}",
        "{'a': 1}",
        "[1]",
        "a: 1",
        "{\"a\": 1",
    ];
    let between =
        select(&["\n", "\n", "", " ", "\n\n", "\r\n", "\n  ", "\t", "\n---\n", " # c\n", ","][..]);
    let usual = select(&OBJECTS[..6]);
    let object = prop_oneof![12 => usual, 1 => select(OBJECTS)];
    let parts = prop::collection::vec(
        (object, between).prop_map(|parts| [parts.0, parts.1].concat()),
        0..5,
    );
    parts.prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn fragments_in_any_order_are_read_as_the_parser_does(text in soup()) {
        read_as_parser_does(&text);
    }

    #[test]
    fn lines_in_any_order_are_read_as_the_parser_does(text in lines()) {
        read_as_parser_does(&text);
    }

    #[test]
    fn objects_behind_each_other_are_read_as_the_parser_does(text in objects()) {
        read_as_parser_does(&text);
    }
}
