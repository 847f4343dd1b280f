//! Where things are in a text, as messages and editors ask.

use krm_package::{ItemId, LineIndex, Package, Position};
use serde_json::json;

const TEXT: &str = "\u{feff}kind: A # é\nspec:\n  hosts: [one, &two two]\n  text: |\n    a\n    b\n  again: *two\n  list:\n  - a: 1\n    b: 2\n  - |\n    c\n---\nkind: B\r\nname: ünder\r\nlast: 1";

/// The byte at which a part of the text begins.
fn at(part: &str) -> usize {
    TEXT.find(part).unwrap()
}

#[test]
fn a_position_is_counted_in_characters_from_one() {
    for (offset, line, column) in [
        (0, 1, 1),
        // The mark of the byte order is no character to an editor.
        (at("kind: A"), 1, 1),
        (at("é"), 1, 11),
        (at("é") + 1, 1, 11),
        (at("é") + 2, 1, 12),
        (at("spec"), 2, 1),
        (at("hosts"), 3, 3),
        (at("nder"), 15, 8),
        (TEXT.len(), 16, 8),
        (TEXT.len() + 9, 16, 8),
    ] {
        assert_eq!(Position::of(TEXT, offset), Position { line, column }, "{offset}");
    }
    let lines = LineIndex::of(TEXT);
    for offset in 0..TEXT.len() + 2 {
        assert_eq!(lines.position(offset), Position::of(TEXT, offset), "{offset}");
    }
}

#[test]
fn a_line_is_without_its_line_break() {
    let lines = LineIndex::of(TEXT);
    for (part, line) in [
        ("kind: A", "\u{feff}kind: A # é"),
        ("one", "  hosts: [one, &two two]"),
        ("kind: B", "kind: B"),
        ("ünder", "name: ünder"),
        ("last", "last: 1"),
    ] {
        assert_eq!(&TEXT[lines.line(at(part))], line);
    }
    // Its break is of the line.
    assert_eq!(lines.line(at("\nspec")), 0..at("\nspec"));
}

#[test]
fn a_node_knows_where_it_begins() {
    let package = Package::stream(TEXT).unwrap();
    let node = package.item(ItemId(0)).unwrap();
    let spec = node.get("spec").unwrap();
    let hosts = spec.get("hosts").unwrap();
    assert_eq!(hosts.start(), at("[one"));
    assert_eq!(hosts.position(), Position { line: 3, column: 10 });
    assert_eq!(package.item(ItemId(1)).unwrap().get("last").unwrap().start(), TEXT.len() - 1);
    assert!(package.item(ItemId(2)).is_none());
    assert_eq!(node.source(), TEXT);
}

#[test]
fn the_value_of_a_field_is_marked_where_it_is_on_one_line() {
    let package = Package::stream(TEXT).unwrap();
    let node = package.item(ItemId(0)).unwrap();
    for (path, value, key) in [
        ("kind", "A", "kind"),
        ("spec", "spec", "spec"),
        ("spec.hosts", "hosts", "hosts"),
        ("spec.hosts[0]", "one", "one"),
        ("spec.hosts[1]", "two", "two"),
        ("spec.hosts[2]", "hosts", "hosts"),
        ("spec.text", "text", "text"),
        ("spec.text[0]", "text", "text"),
        ("spec.again", "two", "again"),
        ("spec.list[0]", "a", "a"),
        ("spec.list[0].b", "2", "b"),
        ("spec.list[1]", "|", "|"),
        ("spec.absent.b", "spec", "spec"),
        ("absent", "kind", "kind"),
    ] {
        assert_eq!(&TEXT[node.marked(&path.into())], value, "{path}");
        assert_eq!(&TEXT[node.marked_key(&path.into())], key, "{path}");
    }
}

#[test]
fn the_scalars_of_a_part_are_those_that_reach_into_it() {
    let package = Package::stream(TEXT).unwrap();
    let node = package.item(ItemId(0)).unwrap();
    let texts = |start: usize, end: usize| -> Vec<String> {
        let found = node.scalars_in(&(start..end)).into_iter();
        found
            .map(|(span, text)| {
                assert!(span.start < end && span.end > start);
                text.into_owned()
            })
            .collect()
    };
    assert_eq!(texts(at("one") + 1, at("one") + 2), ["one"]);
    assert_eq!(texts(at("one") + 3, at("two]")), [""; 0]);
    assert_eq!(texts(at("osts"), at("one") + 1), ["hosts", "one"]);
    assert_eq!(texts(at("one"), at("two]") + 1), ["one", "two"]);
    // A text over several lines, as its reader has it.
    assert_eq!(texts(at("    b\n"), at("  again")), ["a\nb\n"]);
    assert_eq!(texts(at("---"), at("---") + 3), [""; 0]);
}

/// Only a ResourceList has fields of its own, and `null` is none.
#[test]
fn a_field_of_a_list_is_found() {
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nfunctionConfig: {a: 1}\nresults: null\n";
    let package = Package::resource_list(list).unwrap();
    let config = package.list_field("functionConfig").unwrap();
    assert_eq!(config.value().unwrap(), json!({"a": 1}));
    assert!(package.list_field("results").is_none());
    assert!(package.list_field("absent").is_none());
    let stream = Package::stream("kind: A\nfunctionConfig: {a: 1}\n").unwrap();
    assert!(stream.list_field("functionConfig").is_none());
}

/// What a plain scalar without a tag says where it is neither text nor null.
#[test]
fn what_quotes_would_make_a_text_is_given_as_it_is_written() {
    let text = "a: 0644\nb: yes\nc: 1.50\nd: word\ne: '0644'\nf: !!int 12\ng: !own 12\nh: null\ni:\nj: [1]\n";
    let package = Package::stream(text).unwrap();
    let (_, node) = package.items().next().unwrap();
    for (key, unquoted) in [
        ("a", Some("0644")),
        ("b", Some("yes")),
        ("c", Some("1.50")),
        ("d", None),
        ("e", None),
        ("f", None),
        ("g", None),
        ("h", None),
        ("i", None),
        ("j", None),
    ] {
        assert_eq!(node.get(key).unwrap().unquoted().as_deref(), unquoted, "{key}");
    }
}
