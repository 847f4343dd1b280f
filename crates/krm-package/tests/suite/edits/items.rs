//! Objects of a list that come and go, and the results behind them.

use krm_package::{Edit, ItemId, Package};
use serde_json::json;

use super::{LIST, add, list_refused, listed, operations};

#[test]
fn items_come_and_go() {
    let added = Edit::add_item(json!({"kind": "D", "data": {"on": "yes"}}));
    let text = listed(LIST, &[Edit::RemoveItem(ItemId(1)), added.clone()], &[]);
    assert_eq!(
        text,
        LIST.replace("# about b\n- kind: B\n  x: 1\n", "")
            .replace("function", "- kind: D\n  data:\n    'on': 'yes'\nfunction")
    );
    let all = [0, 1, 2].map(|place| Edit::RemoveItem(ItemId(place)));
    assert!(listed(LIST, &all, &[]).contains("items: []\nfunctionConfig"));
    let replaced: Vec<Edit> = all.into_iter().chain([added.clone()]).collect();
    assert!(
        listed(LIST, &replaced, &[])
            .contains("items:\n- kind: D\n  data:\n    'on': 'yes'\nfunctionConfig")
    );
    let head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n";
    for empty in ["", "items: []\n", "items:\n"] {
        assert_eq!(
            listed(&format!("{head}{empty}"), std::slice::from_ref(&added), &[]),
            format!("{head}items:\n- kind: D\n  data:\n    'on': 'yes'\n")
        );
    }
    let last = listed(LIST, &[Edit::RemoveItem(ItemId(2)), added.clone()], &[]);
    assert_eq!(last, LIST.replace("- kind: C\n  x: 1\n", "- kind: D\n  data:\n    'on': 'yes'\n"));
    let at_end = LIST.replace("functionConfig:\n  kind: F\n", "");
    let cut = at_end.trim_end();
    assert_eq!(
        listed(cut, &[Edit::RemoveItem(ItemId(2))], &[]),
        at_end.replace("\n- kind: C\n  x: 1\n", "")
    );
    assert_eq!(
        listed(cut, &[Edit::RemoveItem(ItemId(2)), Edit::add_item(json!({"d": 1}))], &[]),
        at_end.replace("- kind: C\n  x: 1\n", "- d: 1")
    );
    let json = r#"{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"kind":"A"},{"kind":"B"},{"kind":"C"}]}"#;
    assert_eq!(
        listed(
            json,
            &[
                Edit::RemoveItem(ItemId(2)),
                Edit::RemoveItem(ItemId(1)),
                added,
                operations(add("/x", 1))
            ],
            &[]
        ),
        r#"{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{"kind":"A", "x": 1}, {"kind": "D", "data": {"on": "yes"}}]}"#
    );
}

#[test]
fn an_edit_keeps_the_comment_behind_the_last_line() {
    assert_eq!(
        listed(LIST, &[operations(add("/z", 2))], &[]),
        LIST.replace("# last\n", "# last\n  z: 2\n")
    );
}

#[test]
fn results_are_added_once() {
    let result = json!({"message": "m", "severity": "info"});
    let once = listed(LIST, &[], std::slice::from_ref(&result));
    assert_eq!(once, format!("{LIST}results:\n- message: m\n  severity: info\n"));
    assert_eq!(listed(&once, &[], std::slice::from_ref(&result)), once);
    let other = json!({"message": "other"});
    assert_eq!(listed(&once, &[], &[result, other]), format!("{once}- message: other\n"));
}

/// The lines of the last object, and the results that go behind it, are at one place.
#[test]
fn results_stand_where_the_last_object_went() {
    let list = LIST.replace("functionConfig:\n  kind: F\n", "");
    let results = [json!({"message": "m"})];
    let text = "results:\n- message: m\n";
    let gone = |places: &[usize]| -> Vec<Edit> {
        places.iter().map(|place| Edit::RemoveItem(ItemId(*place))).collect()
    };
    let (first_two, _) = list.split_once("- kind: C").unwrap();
    let (first, _) = list.split_once("# about b").unwrap();
    let (head, _) = list.split_once("items:").unwrap();
    assert_eq!(listed(&list, &gone(&[2]), &results), format!("{first_two}{text}"));
    assert_eq!(listed(&list, &gone(&[1, 2]), &results), format!("{first}{text}"));
    assert_eq!(listed(&list, &gone(&[0, 1, 2]), &results), format!("{head}items: []\n{text}"));
    let cut = list.trim_end();
    let text = text.trim_end();
    assert_eq!(listed(cut, &gone(&[2]), &results), format!("{first_two}{text}"));
    assert_eq!(listed(cut, &gone(&[1, 2]), &results), format!("{first}{text}"));
    let added: Vec<Edit> =
        gone(&[2]).into_iter().chain([Edit::add_item(json!({"d": 1}))]).collect();
    assert_eq!(listed(&list, &added, &results), format!("{first_two}- d: 1\n{text}\n"));
    assert_eq!(listed(cut, &added, &results), format!("{first_two}- d: 1\n{text}"));
}

/// Without a line break at the end, the last object takes the one before it along.
#[test]
fn the_object_before_the_last_changes_as_the_last_goes() {
    let cut = LIST.replace("functionConfig:\n  kind: F\n", "");
    let cut = cut.trim_end();
    let change = |place: usize| {
        let operations = json!([{"op": "add", "path": "/y", "value": "new"}]);
        let operations = serde_json::from_value(operations).unwrap();
        Edit::Patch { item: ItemId(place), operations }
    };
    let gone = |place: usize| Edit::RemoveItem(ItemId(place));
    for line_break in ["\n", "\r\n"] {
        let cut = cut.replace('\n', line_break);
        for results in [&[][..], &[json!({"message": "m"})]] {
            for edits in [vec![change(1), gone(2)], vec![change(0), gone(1), gone(2)]] {
                let together = listed(&cut, &edits, results);
                // One after the other is the same, but for the line break that the changed one keeps.
                let changed = listed(&cut, &edits[..1], &[]);
                let apart = listed(&changed, &edits[1..], results);
                let end = if results.is_empty() { line_break } else { "" };
                assert_eq!(together, format!("{apart}{end}"), "{edits:?}");
                assert!(Package::resource_list(&together).is_ok(), "{together}");
            }
        }
    }
}

/// A comment may stand further out than the object that it is in.
#[test]
fn the_first_entry_behind_a_dash_goes_and_a_comment_comes_first() {
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n";
    let without_a = serde_json::from_value(json!([{"op": "remove", "path": "/a"}])).unwrap();
    let edits = [Edit::Patch { item: ItemId(0), operations: without_a }];
    for (before, after) in [
        ("  - a: 1\n# - b\n    # note\n    c: 1\n", "  - # - b\n    # note\n    c: 1\n"),
        ("  - a: 1\n  # note\n    c: 1\n", "  - # note\n    c: 1\n"),
        ("  - a: 1\n    # note\n    c: 1\n", "  - # note\n    c: 1\n"),
        ("- a: 1\n# note\n\n  c: 1\n", "- # note\n\n  c: 1\n"),
    ] {
        let after_list = listed(&format!("{list}{before}"), &edits, &[]);
        assert_eq!(after_list, format!("{list}{after}"));
        let package = Package::resource_list(&after_list).unwrap();
        let values: Vec<_> = package.items().map(|(_, item)| item.value().unwrap()).collect();
        assert_eq!(values, [json!({"c": 1})]);
    }
}

/// What stands behind the old value on its line is not part of a text of several lines.
#[test]
fn a_blank_behind_an_empty_list_is_no_part_of_what_is_added() {
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []";
    let added = [Edit::add_item(json!({"a": "x\ny\n"}))];
    assert!(listed(&format!("{list}\n"), &added, &[]).ends_with("- a: |\n    x\n    y\n"));
    for behind in [" ", "  # none yet"] {
        let after = listed(&format!("{list}{behind}\n"), &added, &[]);
        let package = Package::resource_list(&after).unwrap();
        let values: Vec<_> = package.items().map(|(_, item)| item.value().unwrap()).collect();
        assert_eq!(values, [json!({"a": "x\ny\n"})], "{after}");
    }
}

/// What stands below an object that goes must not become text of the object above.
#[test]
fn a_block_scalar_takes_no_line_that_an_object_leaves() {
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n";
    let gone = |places: &[usize]| -> Vec<Edit> {
        places.iter().map(|place| Edit::RemoveItem(ItemId(*place))).collect()
    };
    for (before, places, after) in [
        ("- a: |+\n    x\n- b: 1\n\n- c: 1\n", &[1][..], "- a: |+\n    x\n- c: 1\n"),
        ("- a: |\n    x\n- b: 1\n    # deep\n- c: 1\n", &[1], "- a: |\n    x\n- c: 1\n"),
        ("- a: |\n    x\n- b: 1\n      \n- c: 1\n", &[1], "- a: |\n    x\n- c: 1\n"),
        ("- a: |\n    x\n- b: 1\n\n    # deep\n\n- c: 1\n", &[1], "- a: |\n    x\n\n- c: 1\n"),
        ("- a: >+\n    x\n- b: 1\n\n- c: 1\n\n- d: 1\n", &[1, 2], "- a: >+\n    x\n- d: 1\n"),
        ("- a: |+\n    x\n- b: 1\n\n- c: 1\n\n", &[1, 2], "- a: |+\n    x\n"),
        // The same where the object above gets such a scalar in the same run, or has none.
        ("- a: x\n- b: 1\n    # deep\n\n- c: 1\n", &[1], "- a: x\n\n- c: 1\n"),
        ("- a: |\n    x\n- b: 1\n  # out\n- c: 1\n", &[1], "- a: |\n    x\n- c: 1\n"),
        // What belongs to nobody stays.
        ("- a: |\n    x\n- b: 1\n\n- c: 1\n", &[1], "- a: |\n    x\n\n- c: 1\n"),
        ("- a: |+\n    x\n# e\n\n- b: 1\n\n- c: 1\n", &[1], "- a: |+\n    x\n# e\n\n\n- c: 1\n"),
    ] {
        let source = format!("{list}{before}");
        assert_eq!(listed(&source, &gone(places), &[]), format!("{list}{after}"));
    }
}

#[test]
fn an_object_comes_behind_the_comments_of_the_one_that_goes() {
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- a: 1\n";
    let edits = [Edit::RemoveItem(ItemId(1)), Edit::add_item(json!({"c": 1}))];
    for behind in ["", "functionConfig:\n  kind: F\n"] {
        let source = format!("{list}- b: 1\n  # about b\n{behind}");
        assert_eq!(listed(&source, &edits, &[]), format!("{list}- c: 1\n{behind}"));
    }
}

/// A block scalar ends with its line break, also where it stands in a changed object.
#[test]
fn the_text_above_the_last_object_keeps_its_line_break() {
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n";
    let scalar = "- a: |\n    x\n";
    let gone = |place: usize| Edit::RemoveItem(ItemId(place));
    assert_eq!(
        listed(&format!("{list}{scalar}- b: 1\n- c: 1"), &[gone(1), gone(2)], &[]),
        format!("{list}{scalar}")
    );
    let set = serde_json::from_value(json!([{"op": "replace", "path": "/a", "value": "x\ny\n"}]));
    let set = Edit::Patch { item: ItemId(0), operations: set.unwrap() };
    let after = format!("{list}- a: |\n    x\n    y\n");
    for before in ["- a: 1\n- b: 1", "- a: |\n    z\n# about b\n- b: 1"] {
        let source = format!("{list}{before}");
        assert_eq!(listed(&source, &[set.clone(), gone(1)], &[]), after);
        let results = [json!({"message": "m"})];
        let with_results = listed(&source, &[set.clone(), gone(1)], &results);
        assert_eq!(with_results, format!("{after}results:\n- message: m"));
    }
}

/// Each line break is taken as it is written.
#[test]
fn the_last_objects_go_from_lines_that_end_in_two_ways() {
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- {a: 1}";
    let gone = [Edit::RemoveItem(ItemId(1)), Edit::RemoveItem(ItemId(2))];
    for (first, second) in [("\n", "\r\n"), ("\r\n", "\n"), ("\r\n", "\r\n")] {
        assert_eq!(listed(&format!("{list}{first}- b: 1{second}- c: 1"), &gone, &[]), list);
    }
}

#[test]
fn the_last_object_goes_with_its_comment_and_leaves_no_line() {
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- a: 1";
    let source = format!("{list}\n# about b\n- b: 1");
    let gone = [Edit::RemoveItem(ItemId(1))];
    assert_eq!(listed(&source, &gone, &[]), list);
    let results = [json!({"message": "m"})];
    assert_eq!(listed(&source, &gone, &results), format!("{list}\nresults:\n- message: m"));
    // A comment that an empty line parts from the object is not its own.
    let source = format!("{list}\n# about more\n\n- b: 1");
    assert_eq!(listed(&source, &gone, &[]), format!("{list}\n# about more\n"));
    let after = format!("{list}\n# about more\n\nresults:\n- message: m");
    assert_eq!(listed(&source, &gone, &results), after);
    // The line before keeps its line break, whatever the others have.
    let after = format!("{list}\r\nresults:\n- message: m");
    assert_eq!(listed(&format!("{list}\r\n- b: 1"), &gone, &results), after);
}

#[test]
fn lists_of_every_version_and_nothing_else() {
    for version in ["v1", "v1beta1", "v1alpha1"] {
        let source = LIST.replace("io/v1", &format!("io/{version}"));
        assert_eq!(listed(&source, &[], &[]), source);
    }
    for (source, words) in [
        ("", "line 1, column 1: the input is empty"),
        ("kind: List\n", "expected kind: ResourceList"),
        ("- a\n", "other than a mapping"),
        ("apiVersion: v1\nkind: ResourceList\n", "expected apiVersion"),
        (
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: {}\n",
            "line 3, column 8: items must be a list",
        ),
        (
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n---\na: 1\n",
            "line 4, column 1: expected one",
        ),
    ] {
        let error = Package::resource_list(source).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn an_object_goes_without_what_looks_like_a_comment_in_the_one_before() {
    let list =
        LIST.replace("  x: 1 # last\n# about b\n", "  x: |\n    text\n    # text too\n# about b\n");
    let gone = listed(&list, &[Edit::RemoveItem(ItemId(1))], &[]);
    assert_eq!(gone, list.replace("# about b\n- kind: B\n  x: 1\n", ""));
    let source = "a: |\n  text\n\n  # text too\n---\n{b: 1}\n---\nc: |\n  text\n  # text too\n---\n# about d\nd: 1\n";
    let package = Package::stream(source).unwrap();
    let text = |item| package.apply(&[Edit::RemoveItem(ItemId(item))], &[]).unwrap().to_string();
    assert_eq!(text(1), source.replace("---\n{b: 1}\n", ""));
    assert_eq!(text(3), source.replace("---\n# about d\nd: 1\n", ""));
}

#[test]
fn objects_that_share_values_stay_together() {
    let head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n";
    let list = format!("{head}- a: &x {{k: 1}}\n- b: *x\n");
    let error = list_refused(&list, &[Edit::RemoveItem(ItemId(0))], &[]);
    assert!(error.starts_with("line 5, column 6: this alias repeats"), "{error}");
    let both = [0, 1].map(|place| Edit::RemoveItem(ItemId(place)));
    assert_eq!(listed(&list, &both, &[]), format!("{}\n", head.trim_end().to_owned() + " []"));
    assert_eq!(listed(&list, &[Edit::RemoveItem(ItemId(1))], &[]), list.replace("- b: *x\n", ""));
    let list = format!("{}\nother: *x\n", head.trim_end().to_owned() + " &x\n- a: 1");
    let error = list_refused(&list, &[Edit::add_item(json!({"b": 1}))], &[]);
    assert!(error.starts_with("line 4, column 1: an alias repeats the value of items"), "{error}");
}

#[test]
fn lists_without_items_and_odd_results_are_left_as_they_are() {
    let head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n";
    for list in [head.to_owned(), format!("{head}items:\n"), format!("{head}items: ~ # none\n")] {
        assert_eq!(listed(&list, &[], &[]), list);
    }
    let result = json!({"message": "m"});
    let list = format!("{head}results: {{a: 1}}\nitems: []\n");
    let error = list_refused(&list, &[], std::slice::from_ref(&result));
    assert!(error.starts_with("line 3, column 10: results must be a list"), "{error}");
    // The next run could not place what this one had added.
    let list = format!("{head}? data:\n    a: b\nitems: []\n");
    let error = list_refused(&list, &[], std::slice::from_ref(&result));
    assert!(error.starts_with("line 1, column 1: the list has a `? key`"), "{error}");
    for odd in ["results:\n", "results: []\n", "results: null\n"] {
        assert_eq!(
            listed(&format!("{head}{odd}items: []\n"), &[], std::slice::from_ref(&result)),
            format!("{head}results:\n- message: m\nitems: []\n")
        );
    }
    assert_eq!(
        listed(
            &format!("{head}results: [{{message: a}}]\nitems:\n    # c\n    - a: 1"),
            &[Edit::add_item(json!({"b": 1}))],
            &[result]
        ),
        format!(
            "{head}results: [{{message: a}}, {{\"message\": \"m\"}}]\nitems:\n    # c\n    - a: 1\n    - b: 1"
        )
    );
}
