use super::*;
use crate::syntax::tree::Form;

#[test]
fn spans_are_exact() {
    let source = "---\n# head\na: &x 1 # c\nb:   # empty\nc: !!str foo\nd: | # hdr\n  text\n   more\n\ne: >-\n  fold\n  ed\n\n   more\n  \n  x\nf:\n- 1\n-\n- - x\n  - y\n- k: v\n  l: *x\n- ! &q \"dq\\n\n   c\\x41ont \\\n   z\"\ng: {a: 1, b, \"c\":2, d: , e: [1,2,], f: [g: 1, ? h : i]}\n? complex\n: value\n? only\nh: plain\n  multi\n\n  line\ni: |+\n  keep\n\nj: ~\nk: 'it''s'\n&anch l: |2\n    deep\n";
    let tree = parse(source).unwrap();
    let raw = |form: Form| -> Vec<&str> {
        let of_form = tree.nodes.iter().filter(|node| node.form == form);
        of_form.map(|node| &source[node.start as usize..node.end as usize]).collect()
    };
    assert_eq!(raw(Form::Literal), ["| # hdr\n  text\n   more", "|+\n  keep\n", "|2\n    deep"]);
    assert_eq!(raw(Form::Folded), [">-\n  fold\n  ed\n\n   more\n  \n  x"]);
    assert_eq!(raw(Form::SingleQuoted), ["'it''s'"]);
    assert_eq!(raw(Form::Alias), ["*x"]);
    assert_eq!(raw(Form::FlowSequence), ["[1,2,]", "[g: 1, ? h : i]"]);
    assert_eq!(
        raw(Form::BlockSequence)[0],
        "- 1\n-\n- - x\n  - y\n- k: v\n  l: *x\n- ! &q \"dq\\n\n   c\\x41ont \\\n   z\""
    );
    let empties: Vec<_> = tree
        .nodes
        .iter()
        .filter(|node| node.form == Form::Empty)
        .map(|node| &source[node.start as usize - 1..node.start as usize])
        .collect();
    assert_eq!(empties, [":", "-", "b", ":", "y"]);
}

#[test]
fn a_pair_whose_key_has_brackets_begins_where_its_key_does() {
    for source in ["a: [{b: c}: d]\n", "a: [[b]: d, ? {b: c} : d]\n", "a: [{}: , {}]\n"] {
        let tree = parse(source).unwrap();
        let spans: Vec<_> = tree.nodes[2..5].iter().map(|node| (node.start, node.form)).collect();
        assert_eq!(spans[0], (3, Form::FlowSequence), "{source}");
        assert_eq!(spans[1], (4, Form::FlowMapping), "{source}");
        assert_eq!(spans[2].0, 4, "{source}");
    }
}

#[test]
fn a_colon_that_begins_a_key_leads_to_no_value() {
    let tree = parse("? a\n:b: c\n").unwrap();
    assert_eq!((tree.nodes[2].form, tree.nodes[2].start), (Form::Empty, 3));
}

#[test]
fn every_file_of_the_corpora_is_read_alike_by_both_readers() {
    for file in test_support::corpora::files() {
        let tree = parse(&file.text).unwrap_or_else(|error| panic!("{}: {error}", file.name));
        assert_eq!(Ok(tree), compose(&file.text), "{}", file.name);
    }
}

#[test]
fn refuses_with_a_place() {
    for (source, place, words) in [
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1", "line 1, column 1"),
        ("a: [1, 2\n", "line 1, column 4", "not closed"),
        ("a: {b: c\n", "line 1, column 4", "not closed"),
        ("a: [b}\n", "line 1, column 6", "a comma or a `]`"),
        ("a: &a [*a]\n", "line 1, column 8", "inside the node"),
        ("a: *b\n", "line 1, column 4", "no anchor"),
        ("a: 1\n\u{feff}---\n", "line 2, column 1", "byte-order mark"),
        ("|\n# b\nc\n", "line 3, column 1", "the document ends"),
        ("'a': 1\n\"\\x61\": 2\n", "line 2, column 1", "duplicate key"),
        ("a: 1\n...\nb: 2\n", "line 2, column 1", "nothing after a `...`"),
        ("%YAML 1.1\n---\na: 1\n", "line 1, column 1", "directive"),
        ("a: 1\n--- b\n", "line 2, column 1", "no value on the line"),
        ("a: 1\n---b\n", "line 2, column 1", "begins with `---`"),
        ("a: 1\rb: 2\n", "line 1, column 5", "carriage return"),
        ("a: \u{7}\n", "line 1, column 4", "control character"),
        ("a: \"b\n", "line 1, column 4", "not closed"),
        ("a: \"\\/\"\n", "line 1, column 5", "the slash itself"),
        ("a: |\n  b", "line 2, column 4", "with a line break"),
        ("a: b: c\n", "line 1, column 5", "a colon followed by a space"),
        ("a:\n\t- b\n", "line 2, column 1", "tab"),
        ("a: !x!y z\n", "line 1, column 4", "this tag"),
        ("{}\n...\n", "line 2, column 1", "JSON"),
        ("{\"a\": 1}\n{b: 2}\n", "line 2, column 1", "the document ends"),
    ] {
        let error = parse(source).unwrap_err().to_string();
        assert!(error.starts_with(place) && error.contains(words), "{source:?}: {error}");
    }
}

#[test]
fn alias_bombs_and_deep_nesting_are_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let row = format!("*a{}, ", level - 1).repeat(9);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", row.trim_end_matches(", ")));
    }
    assert!(parse(&bomb).unwrap_err().message.contains("1,000,000"));
    for deep in ["[".repeat(10_000), "- ".repeat(10_000), "{a: ".repeat(10_000)] {
        assert!(parse(&deep).is_err());
    }
}

#[test]
fn what_all_of_gos_readers_take_is_taken() {
    for source in [
        "a: [-]\n",
        "a: \"v\"# c\n",
        "a: !local b\n",
        "a: !local {b: c}\n",
        "a:\n- [\n\tb,\n\tc ]\n",
        "a:\n  |\n  b\n",
        "a: >\n\n b\n",
        "{\"a\": 1}\n{\"b\": 2}\n",
        "{\"a\": 1}{\"b\": 2}",
        "a: [http:, b]\n",
        "a: [x, !, y]\n",
        "a: &b:c d\n",
        "a: |+\n   \nb: 1\n",
    ] {
        assert!(parse(source).is_ok(), "{source:?}: {:?}", parse(source));
    }
}
