use std::fmt::Write;

use proptest::prelude::*;
use proptest::sample::select;

use super::{read, read_within};
use crate::syntax::parse::compose;

/// How a text was read: `None` where the parser must read all of it, else how many bytes it read.
fn read_as_parser_does(source: &str) -> Option<usize> {
    let skimmed = read_within(source, usize::MAX)?;
    match compose(source) {
        Ok(tree) => assert_eq!(skimmed.tree, tree, "{source:?}"),
        Err(error) => panic!("the parser refuses {source:?}: {error}"),
    }
    Some(skimmed.pieces.iter().map(ExactSizeIterator::len).sum())
}

#[test]
fn every_file_of_the_corpora_is_read_as_the_parser_does() {
    let mut report = String::new();
    let (mut total, mut left) = (0, 0);
    for file in test_support::corpora::files() {
        let bytes = file.text.len();
        let parsed = read_as_parser_does(&file.text).unwrap_or(bytes);
        if parsed > 0 {
            let _ = writeln!(report, "{}: the parser read {parsed} of {bytes} bytes", file.name);
        }
        total += bytes;
        left += parsed;
        if file.name.contains("platform") {
            assert!(parsed * 100 <= bytes, "{}: {parsed} of {bytes}", file.name);
        }
    }
    println!("{report}{} of {total} bytes went the fast way", total - left);
}

/// Each as a document, and each as the value of a key and as an item of a list.
const TRICKY: &[&str] = &[
    "",
    "\n",
    "# c",
    "a",
    "a: b",
    "a: b\n",
    "a:b",
    "a: b: c",
    "a: b:",
    "a: b :c",
    "a : b",
    "a:\tb",
    "a: \tb",
    "a: b\t\n",
    "a: b\t# c\n",
    "a: b #c\n",
    "a: b#c\n",
    "a: #c\n",
    "a:#c\n",
    "a:\n  #c\n  b\n",
    "a: b #c\n  d\n",
    "a: b\n  #c\n  d\n",
    "a: b\n  d #c\n  e\n",
    "a: b\n  c\n\n  d\n\ne: f\n",
    "a: b\n  c: d\n",
    "a: b\n  - c\n",
    "a: b\n - c: d\n",
    "a: b\n\n\n   c\n",
    "a: b\n \tc\n",
    "a: b\n\tc\n",
    "a: b\n\t\n  c\n",
    "a: b\n c\nd: e\n",
    "a:\n  b\n  c\nd: e\n",
    "a:\n  b: c\n d: e\n",
    "a:\n- b\n- c\nd: e\n",
    "a:\n- b\n - c\n",
    "a:\n  - b\n - c\n",
    "a:\n  - b\n  c: d\n",
    "a: - b\n",
    "a: -\n",
    "a: -b\n",
    "a: --- b\n",
    "- a\n- - b\n  - c\n-\n- \n-   d: e\n    f: g\n",
    "- a\nb: c\n",
    "- - - a\n    - b\n  - c\n- d\n",
    "-\ta\n",
    "- \ta\n",
    "-\n- a\n",
    "-\n  - a\n",
    "- # c\n  a: b\n",
    "-# c\n",
    "- a: b\n   c: d\n",
    "- a: b\n c: d\n",
    "- a:\n  - b\n  c:\n   - d\n",
    "- a:\n  b:\n-\n",
    "? a\n: b\n",
    "? a",
    "?a: b\n",
    "? a\n:b: c\n",
    "a:\n- ? b\n:c: d\n",
    "a:\n- \n ? !\n - b\n:c: d\n",
    ":a: b\n",
    ": a\n",
    "a: :b\n",
    "a: ?b\n",
    "a: 'b\n",
    "a: 'b'\n",
    "a: 'b' c\n",
    "a: 'b'#c\n",
    "a: 'b' #c\n",
    "a: 'b''c'\n",
    "a: 'b\n  c'\n",
    "a: 'b\nc'\n",
    "a: 'b\n---\n'\n",
    "a: 'b\n\n  c\n  '\nd: e\n",
    "a: 'b\n  c': d\n",
    "'a': b\n",
    "'a' : b\n",
    "'a':b\n",
    "'a''b': c\n",
    "'a\n  b': c\n",
    "- 'a\n  b': c\n",
    "- 'a\n  b'\n- c\n",
    "a: \"b\\n\\t\\x41\\u00e9\\U0001F600\\\"\\\\\\/\\_\\N\\L\\P\\e\\0\\a\\b\\v\\f\\r\\ \"\n",
    "a: \"\\q\"\n",
    "a: \"\\x4\"\n",
    "a: \"\\x+4\"\n",
    "a: \"\\uD83D\\uDE00\"\n",
    "a: \"\\uD83D\"\n",
    "a: \"\\U00110000\"\n",
    "a: \"b\\\n  c\"\n",
    "a: \"b \\\n\n  \\  c\"\n",
    "a: \"b\n\n c\"\n",
    "a: \"b\nc\"\n",
    "a: \"\n",
    "\"a\\\"b\": c\n",
    "\"a\": b\n\"\\x61\": c\n",
    "a: 1\n'a': 2\n",
    "a: 1\na: 2\n",
    "a: 1\nb: 1\nc: 1\nd: 1\ne: 1\nf: 1\ng: 1\nh: 1\ni: 1\nj: 1\na: 1\n",
    "~: 1\n",
    "a: |\n  b\n",
    "a: |\n  b",
    "a: |\n  b\n  ",
    "a: |\n  b\n   ",
    "a: |\n  b\n   \n",
    "a: |\n  b\n\n\nc: d\n",
    "a: |+\n  b\n\n\nc: d\n",
    "a: |+\n  b\n\n",
    "a: |+\n  b",
    "a: |+\n\n\nb: c\n",
    "a: |-\n  b\n c: d\n",
    "a: |-\n  b\n # c\nd: e\n",
    "a: |-\n  b\n # c\n  d\n",
    "a: >\n  b\n   c\n\n  d\ne: f\n",
    "a: |\nb: c\n",
    "a: |\n\n\nb: c\n",
    "a: |\n    \nb: c\n",
    "a: |\n    \n  b\n",
    "a: |\n  \n  b\n",
    "a: |\n \n  b\n",
    "a: |",
    "a: |\n",
    "a: |\n  ",
    "a: |\n\tb\n",
    "a: |\n \tb\n",
    "a: |\n  b\n \tc\n",
    "a: |\n  b\n\tc\n",
    "a: |2\n    b\n   c\n  d\n",
    "a: |2\n   b\n c\n",
    "a: |1\n      \nb: c\n",
    "a: |2-\n    b\n",
    "a: |-2\n    b\n",
    "a: |0\n  b\n",
    "a: |10\n  b\n",
    "a: |+-\n  b\n",
    "a: | # c\n  b\n",
    "a: |# c\n  b\n",
    "a: | c\n  b\n",
    "a: |\u{a0}\n  b\n",
    "a: | # c \u{a0}\nb: c\n",
    "a: |\n  \u{a0}\nb: c\n",
    "a: |\n  \u{3000}b\n",
    "a: |\n  # b\n  c\n",
    "a: |\n   # b\n  c\n",
    "a: |\n  ---\n  ...\n",
    "a:\n  |\n  b\n",
    "a:\n  |\n b\n",
    "- |\n b\n- |\n  c\n-\n  |\n  d\n",
    "- |\nb\n",
    "- |1\n  b\n",
    "|\n a\n",
    "--- |\n a\n",
    "--- a\n",
    "--- {}\n",
    "--- # c\na: b\n",
    "---# c\n",
    "---\n",
    "---\n---\n",
    "---\n# c\n---\na: b\n",
    "# c\n---\na: b\n---\n",
    "a: b\n---\nc: d\n...\n",
    "a: b\n...\n---\nc: d\n",
    "a:\n---\nb:\n",
    "a: b\n--- \nc: d\n---\t\ne: f\n",
    "a: b\n----\n",
    "----: a\n",
    "a: b\n  ---\n",
    "%YAML 1.2\n---\na: b\n",
    "a: b\n%c: d\n",
    "%a: b\n",
    "a: %b\n",
    "  a: b\n  c: d\n",
    "  a: b\nc: d\n",
    " - a\n - b\n",
    " - a\n- b\n",
    "a: &b c\nd: *b\n",
    "a: !!str b\n",
    "!a b: c\n",
    "a: @b\n",
    "a: `b\n",
    "a: ,b\n",
    "a: ]\n",
    "a: b]\n",
    "a: b, c\n",
    "a: {}\n",
    "a: []\n",
    "a: {} # c\n",
    "a: {}# c\n",
    "a: {} b\n",
    "a: [b, 'c', \"d\", -e, -1, --f, :g, ?h]\n",
    "a: [b c, d:e, f#g]\n",
    "a: [b #c\n]\n",
    "a: [b: c]\n",
    "a: ['b': c]\n",
    "a: [b\n  c]\n",
    "a: [b\n]\n",
    "a: [\n  b,\n  c\n]\nd: e\n",
    "a: [\nb\n]\n",
    "a:\n- [\n  b\n]\n- c\n",
    "a:\n- [\n b\n ]\n- c\n",
    "a: [b,]\n",
    "a: [,]\n",
    "a: [b,,c]\n",
    "a: [-]\n",
    "a: [- b]\n",
    "a: [-,b]\n",
    "a: {b}\n",
    "a: {b, c: d}\n",
    "a: {b: }\n",
    "a: {b: , c: d}\n",
    "a: {b:}\n",
    "a: {b:c}\n",
    "a: {b:[c]}\n",
    "a: {'b':c}\n",
    "a: {\"b\":[1],\"c\":{\"d\":null}}\n",
    "a: {\"b\" : c}\n",
    "a: {\"b\"\n  : c}\n",
    "a: {b: 'c'd}\n",
    "a: {b: c: d}\n",
    "a: {b: \"c\": d}\n",
    "a: {b: c, b: d}\n",
    "a: {b\n: c}\n",
    "a: {b:\n    c}\n",
    "a: {b: 'c\n    d'}\n",
    "a: [a, b]: c\n",
    "[a]: b\n",
    "{a: b}: c\n",
    "{}\n",
    "[]\n{}\n",
    "{\n\"a\": 1,\n\"b\": [\n{\n}\n]\n}\n",
    "{\n  \"a\": 1,\n---: 2\n}\n",
    "[\n---\n]\n",
    "[\n%a\n]\n",
    "{a: 1}\nb: 2\n",
    "a: [\tb]\n",
    "a: [b\t]\n",
    "a: [b,\n\tc]\n",
    "a: <<\n<<: b\n",
    "\u{feff}a: b\n",
    "\u{feff}---\na: b\n---\nc: d\n",
    "a: \u{feff}b\n",
    "a: b\r\nc: d\r\n",
    "a: b\rc: d\n",
    "a: b\n---\rc: d\n---\ne: f\n",
    "a: \"b\rc\"\n",
    "a: \u{85}b\n",
    "a: \u{2028}b\n",
    "a: \u{7f}b\n",
    "a: b \u{1}c\n",
    "# \u{1}\na: b\n",
    "a: \0b\n",
    "a: \u{e9}\u{1f600} \u{ffff}\n",
    "\u{e9}: \u{1f600}\n\u{e9}\u{e9}: b\n",
    "- &a b\n- *a\n",
    "- a\n- &b c\n- d\n- *b\n",
    "- a: 'b\n- c\n- d'\n- e\n",
    "- &a 'b\n- c\n- d'\n- e\n",
    "- &a [b,\n- c]\n- e\n",
    "- &a\n- b\n",
    "- ? a\n  : b\n- c\n",
    "- ? a\n- c\n",
    "- ? a\n: b\n",
    "- !a\n- b\n",
    "- a\n# c\n- &b c\n# d\n\n- e\n",
    "- &b |\n a\n\n- e\n",
    "- &b |+\n a\n\n\n- e\n",
    "- &b a\n\t\n- e\n",
    "- &b a\n\t- e\n",
    "- &b a #c\n- d\n",
    "- &b a\n...\n- c\n",
    "- &b a\n%c\n- d\n",
    "- \"\\\n- a\"\n",
    "&b a: c\nd: e\n",
    "a: *b\n---\nc: d\n",
    "a: &b c\n---\nd: *b\n",
    "a: &b c\n---\nd: e\n",
];

#[test]
fn tricky_texts_are_read_as_the_parser_does() {
    let indented = |text: &str, blanks: &str| text.replace('\n', &format!("\n{blanks}"));
    for text in TRICKY {
        for source in [
            (*text).to_owned(),
            text.trim_end_matches('\n').to_owned(),
            format!("{text}z: y\n"),
            format!("{text}\n---\nz: y\n"),
            format!("x:\n  {}\nz: y\n", indented(text, "  ")),
            format!("x: {}\nz: y\n", indented(text, "  ")),
            format!("items:\n- {}\n- z: y\n", indented(text, "  ")),
            format!("items:\n- x: {}\n- z: y\n", indented(text, "    ")),
            format!("items:\n- a\n- {}\n- z: y\n", indented(text, "")),
            format!("- w\n-   {}\n- z: y\n", indented(text, "    ")),
            format!("items:\n  - w\n  - &w {}\n  - z: y\n", indented(text, "    ")),
        ] {
            read_as_parser_does(&source);
        }
    }
}

#[test]
fn one_odd_item_is_all_that_the_parser_reads() {
    let list = |odd: &str| {
        let item = "- kind: A\n  spec:\n    list:\n    - 1\n";
        format!("kind: List\nitems:\n{item}{item}{odd}# c\n\n{item}{item}other: b\n")
    };
    for odd in [
        "- &a kind: A\n  spec: *a\n",
        "- kind: !<tag:yaml.org,2002:str> A\n",
        "- ? kind\n  : A\n",
        "- kind:\tA\n",
        "- {kind: A, B}\n",
        "- kind: \"A\\\n    B\u{feff}\"\n",
        "- kind: |+\n\n  spec: 1\n",
    ] {
        let piece = odd.len() + "# c\n\n".len();
        assert_eq!(read_as_parser_does(&list(odd)), Some(piece), "{odd:?}");
        let indented = list(odd).replace('\n', "\n  ");
        let indented = indented.replace("\n  items", "\nitems").replace("\n  other", "\nother");
        let parsed = read_as_parser_does(&indented).unwrap();
        assert!((piece..piece + 20).contains(&parsed), "{odd:?}: {parsed}");
    }
    for odd in ["- 'a\n- b'\n", "- &a [b,\n- c]\n", "- *a\n", "- a: 1\n  a: 2\n", "- \u{2028}\n"] {
        assert!(read_within(&list(odd), usize::MAX).is_none(), "{odd:?}");
    }
}

#[test]
fn one_odd_document_is_all_that_the_parser_reads() {
    let odd = "---\n&b a: c\nd: *b\n# c\n";
    let source = format!("a: 1\n---\n{{}}\n{odd}---\na: 2\n");
    assert_eq!(read_as_parser_does(&source), Some(odd.len()));
    for end in ["...\n", "%YAML 1.2\n"] {
        assert!(read_within(&source.replace("# c\n", end), usize::MAX).is_none());
    }
}

/// What is common in some people's files goes the fast way.
#[test]
fn common_ways_of_writing_need_no_parser() {
    for source in [
        "a: 1\r\nb: |\r\n  x\r\n\r\n  y\r\nc: 'd\r\n\r\n  e'\r\n",
        "a: |+\r\n  x\r\n\r\nb:\r\n- 1\r\n-\r\n- \"\\\r\n  x\"\r\n# c\r\n---\r\na: {b: c,\r\n  d: e}\r\n",
        "a: &b\n  c: d\ne: *b\nf: &g !!str 1\nh: !k &i [j]\n",
        "a:\n- &b c\n- *b\n- &d\n  e: f\n- !!str\n  g\n- &h {i: j}\nl: &m\nn: &o |\n  p\n",
        "a: 1\n...\n",
        "a: 1\n...\n# c\n\n---\nb: 1\n",
        "a:\t\n  b: 'c'\t\nd: e\t\n",
    ] {
        assert_eq!(read_as_parser_does(source), Some(0), "{source:?}");
    }
}

#[test]
fn the_parser_reads_all_where_pieces_would_be_many() {
    let items = |odd: &str| format!("{}{}", "- kind: A\n".repeat(1000), odd.repeat(10));
    let odd = "- &a b: c\n";
    assert!(read(&items(odd)).is_some());
    assert!(read(&items(odd).repeat(3)).is_some());
    assert!(read(&format!("{odd}- kind: A\n").repeat(1000)).is_none());
    assert!(read(&format!("---\n{odd}").repeat(1000)).is_none());
}

#[test]
fn depth_is_that_of_the_parser_or_less() {
    let nested =
        |depth: usize| -> String { (0..depth).map(|level| format!("{:level$}a:\n", "")).collect() };
    for depth in [150, 199, 200, 201, 249, 250, 251, 10_000] {
        let deep = nested(depth);
        let item = deep.replace('\n', "\n  ");
        for source in [
            deep.clone(),
            format!("{}a", "- ".repeat(depth)),
            format!("{}{}", "[".repeat(depth), "]".repeat(depth)),
            format!("items:\n- &a b\n- c: &d e\n- {item}\n- z\n"),
            format!("items:\n- &a\n  {item}\n- z\n"),
        ] {
            read_as_parser_does(&source);
        }
    }
}

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
}
