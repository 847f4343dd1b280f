//! Inputs that are made to be large, deep or tangled: bounded time, no overflow, a clear answer.

use std::time::{Duration, Instant};

use krm_package::{Edit, ItemId, Package};
use serde_json::{Value, json};

fn patch(operations: Value) -> Edit {
    Edit::Patch { item: ItemId(0), operations: serde_json::from_value(operations).unwrap() }
}

fn edited(source: &str, operations: Value) -> Result<String, String> {
    let package = Package::stream(source).map_err(|error| error.to_string())?;
    let spliced = package.apply(&[patch(operations)], &[]);
    spliced.map(|text| text.to_string()).map_err(|error| error.error.to_string())
}

/// Nanoseconds of this thread on a processor, whatever else the machine does; Linux tells them.
fn clock() -> Option<u64> {
    // Up to now: of a thread that is running the kernel counts only to its last tick.
    std::thread::sleep(Duration::from_nanos(1));
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok()
}

/// How long it takes, at best of three.
fn time(mut work: impl FnMut()) -> Duration {
    let once = |work: &mut dyn FnMut()| {
        let (before, start) = (clock(), Instant::now());
        work();
        match (before, clock()) {
            (Some(before), Some(after)) => Duration::from_nanos(after - before),
            _ => start.elapsed(),
        }
    };
    (0..3).map(|_| once(&mut work)).min().unwrap()
}

/// Fails where eight times the input takes more than linear time, with room for a busy machine.
fn assert_linear(what: &str, mut work: impl FnMut(usize)) {
    let small = time(|| work(1)).max(Duration::from_millis(2));
    let large = time(|| work(8));
    assert!(large < small * 32, "{what}: {small:?}, eight times as much {large:?}");
}

#[test]
fn deep_objects_are_edited_at_the_bottom() {
    let depth = 240;
    let flow = format!("a: {}1{}\n", "{a: ".repeat(depth), "}".repeat(depth));
    let compact = format!("a:\n- {}1\n", "- ".repeat(depth - 1));
    let block: String =
        (0..depth).map(|level| format!("{}a:\n", " ".repeat(level))).collect::<String>()
            + &format!("{}a: 1\n", " ".repeat(depth));
    for (source, token) in [(&flow, "a"), (&compact, "0"), (&block, "a")] {
        let path = format!("/a{}", format!("/{token}").repeat(depth));
        let operation = json!([{"op": "replace", "path": path, "value": "deep"}]);
        let after = edited(source, operation).unwrap();
        assert_eq!(after.replace("\"deep\"", "deep"), source.replace('1', "deep"));
    }
}

#[test]
fn what_would_grow_too_deep_is_refused() {
    let source = format!("a: {}1{}\n", "[".repeat(245), "]".repeat(245));
    let path = format!("/a{}", "/0".repeat(245));
    let mut value = json!(1);
    for _ in 0..20 {
        value = json!([value]);
    }
    let operation = json!([{"op": "replace", "path": path, "value": value}]);
    assert!(edited(&source, operation).is_err());
}

#[test]
fn chains_of_aliases_and_merges_are_read_to_a_depth() {
    for link in ["a{}: &a{} [*a{-}]\n", "a{}: &a{} {<<: *a{-}}\n"] {
        let mut source = String::from("a0: &a0 {k: [v]}\n");
        for level in 1..500 {
            let before = (level - 1).to_string();
            source.push_str(&link.replace("{-}", &before).replace("{}", &level.to_string()));
        }
        let package = Package::stream(&source).unwrap();
        let item = package.items().next().unwrap().1;
        assert!(item.get("a100").unwrap().value().is_ok());
        let error = item.get("a499").unwrap().value().unwrap_err();
        assert!(error.message.contains("300"), "{error}");
        let operation = json!([{"op": "add", "path": "/b", "value": 1}]);
        assert!(edited(&source, operation).unwrap_err().contains("300"));
    }
}

#[test]
fn anchors_and_aliases_without_number_take_linear_time() {
    assert_linear("a list of anchors and aliases", |size| {
        let pairs: String =
            (0..500 * size).map(|pair| format!("- &a{pair} x\n- *a{pair}\n")).collect();
        let source = format!("a:\n{pairs}b: 1\n");
        let operation = json!([{"op": "remove", "path": "/a"}]);
        assert_eq!(edited(&source, operation).unwrap(), "b: 1\n");
    });
    assert_linear("objects that share values", |size| {
        let mut source =
            String::from("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n");
        for item in 0..300 * size {
            source.push_str(&format!("- a: &a{item} x\n  b: *a{item}\n"));
        }
        let package = Package::resource_list(&source).unwrap();
        let operations: json_patch::Patch =
            serde_json::from_value(json!([{"op": "add", "path": "/c", "value": 1}])).unwrap();
        let edits: Vec<Edit> = package
            .items()
            .map(|(item, _)| Edit::Patch { item, operations: operations.clone() })
            .collect();
        assert_eq!(
            package.apply(&edits, &[]).unwrap().to_string().matches("  c: 1\n").count(),
            300 * size
        );
    });
}

#[test]
fn many_objects_come_and_go_in_linear_time() {
    assert_linear("objects added and results", |size| {
        let items = "- a: 1\n".repeat(500 * size);
        let results: String =
            (0..200 * size).map(|result| format!("- message: m{result}\n")).collect();
        let source = format!(
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n{items}results:\n{results}"
        );
        let package = Package::resource_list(&source).unwrap();
        let mut edits: Vec<Edit> =
            (0..250 * size).map(|item| Edit::RemoveItem(ItemId(2 * item))).collect();
        edits.extend((0..500 * size).map(|item| Edit::add_item(json!({"b": item}))));
        let results: Vec<Value> =
            (0..400 * size).map(|result| json!({"message": format!("m{result}")})).collect();
        let after = package.apply(&edits, &results).unwrap().to_string();
        let after = Package::resource_list(&after).unwrap();
        assert_eq!(after.items().count(), 750 * size);
        let results = after.list_field("results").unwrap().value().unwrap();
        assert_eq!(results.as_array().unwrap().len(), 400 * size);
    });
}

/// Also where all of them stand on one line, as JSON without line breaks has them.
#[test]
fn a_patch_of_each_object_on_one_line_takes_linear_time() {
    assert_linear("patches on one line", |size| {
        let items = vec![r#"{"kind":"A","metadata":{"name":"a"}}"#; 200 * size].join(",");
        let source = format!(
            r#"{{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{items}]}}"#
        );
        let package = Package::resource_list(&source).unwrap();
        let edits: Vec<Edit> = (0..200 * size)
            .map(|item| {
                let operations =
                    json!([{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}]);
                let operations = serde_json::from_value(operations).unwrap();
                Edit::Patch { item: ItemId(item), operations }
            })
            .collect();
        let after = package.apply(&edits, &[]).unwrap().to_string();
        assert_eq!(after.matches(r#", "labels": {"a": "b"}"#).count(), 200 * size);
    });
}

#[test]
fn large_scalars_take_linear_time() {
    let line = "some words and a number 0123456789\n";
    for (head, lead, tail) in [
        ("a: |\n", "  ", ""),
        ("a: >-\n", "  ", ""),
        ("a: \"\n", "  ", "  \"\n"),
        ("a: '\n", "  ", "  '\n"),
        ("a: begins\n", "  ", ""),
        ("a: \"\\\n", "  \\n", "  \"\n"),
    ] {
        assert_linear(head, |size| {
            let lines = format!("{lead}{line}").repeat(1_000 * size);
            let source = format!("{head}{lines}{tail}b: 1\n");
            let operation = json!([{"op": "replace", "path": "/b", "value": 2}]);
            assert_eq!(edited(&source, operation).unwrap(), source.replace("b: 1\n", "b: 2\n"));
        });
    }
    assert_linear("one line", |size| {
        let source = format!("a: \"{}\"\nb: 1\n", "\\u00e9 \\\" ".repeat(10_000 * size));
        let operation = json!([{"op": "replace", "path": "/b", "value": 2}]);
        assert!(edited(&source, operation).unwrap().ends_with("\"\nb: 2\n"));
    });
}
