mod generated;
mod tricky;

use std::fmt::Write;

use super::{read, read_within};
use crate::syntax::compose::compose;
use tricky::TRICKY;

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
        "{\"a\": 1}\n{\"b\": [2, {}]}\n\n {\"c\": \"3\"}\n",
        "{\"a\": 1}{\"b\": 2} {\n  \"c\": {\n    \"d\": 3}}\r\n{}",
    ] {
        assert_eq!(read_as_parser_does(source), Some(0), "{source:?}");
    }
}

#[test]
fn only_objects_of_json_are_read_one_behind_the_other() {
    for source in [
        "{\"a\": 1}\n{b: 2}\n",
        "{a: 1}\n{\"b\": 2}\n",
        "{\"a\": 1}\n# c\n{\"b\": 2}\n",
        "{\"a\": 1}\n{\"b\": 2}\n---\n{\"c\": 3}\n",
        "---\n{\"a\": 1}\n{\"b\": 2}\n",
        "{\"a\": 1}\n{\"b\": 2}\nc: 3\n",
        "{\"a\": 1}, {\"b\": 2}\n",
        "[{\"a\": 1}]\n{\"b\": 2}\n",
        "a: {\"b\": 1} {\"c\": 2}\n",
    ] {
        assert!(read_within(source, usize::MAX).is_none(), "{source:?}");
    }
    // An object that this reader leaves is read by the parser, where it is the last.
    assert_eq!(read_as_parser_does("{\"a\": 1}\n{\"b\":\t2}\n"), Some("{\"b\":\t2}\n".len()));
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
