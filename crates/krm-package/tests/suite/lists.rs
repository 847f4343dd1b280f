//! `kind: List`, and every other `…List`, is its items.

use json_patch::Patch;
use krm_package::operation::{add, remove};
use krm_package::{Edit, ItemId, Package};
use serde_json::json;

/// As `kubectl get -o yaml` prints one.
const LIST: &str = "apiVersion: v1\nitems:\n# the first\n- apiVersion: v1\n  kind: A\n  metadata:\n    name: a\n- apiVersion: v1\n  kind: B\n  metadata:\n    name: b # two\nkind: List\nmetadata:\n  resourceVersion: \"\"\n";

fn patch(item: usize, operation: json_patch::PatchOperation) -> Edit {
    Edit::Patch { item: ItemId(item), operations: Patch(vec![operation]) }
}

fn kinds(package: &Package<'_>) -> Vec<String> {
    let kind = |item: krm_package::NodeRef<'_>| {
        item.get("kind")
            .and_then(|kind| kind.as_str())
            .unwrap_or_else(|| panic!("{item:?}"))
            .into_owned()
    };
    package.items().map(|(_, item)| kind(item)).collect()
}

fn edited(source: &str, edits: &[Edit]) -> String {
    Package::stream(source).unwrap().apply(edits, &[]).unwrap().to_string()
}

#[test]
fn a_list_is_its_items() {
    let package = Package::stream(LIST).unwrap();
    assert_eq!(kinds(&package), ["A", "B"]);
    assert_eq!(edited(LIST, &[]), LIST);
    for kind in ["IngressList", "ConfigMapList"] {
        let source = LIST.replace("kind: List", &format!("kind: {kind}"));
        assert_eq!(kinds(&Package::stream(&source).unwrap()), ["A", "B"]);
    }
    // An object that has a name, or no sequence, is none.
    for (from, to) in [
        ("  resourceVersion: \"\"", "  name: todo"),
        ("kind: List", "kind: Listing"),
        ("items:", "things:"),
    ] {
        let source = LIST.replace(from, to);
        assert_eq!(Package::stream(&source).unwrap().items().count(), 1, "{source}");
    }
}

#[test]
fn items_of_a_list_are_edited_where_they_stand() {
    assert_eq!(
        edited(LIST, &[patch(1, add(&["metadata", "labels"], json!({"x": "y"})))]),
        LIST.replace("    name: b # two\n", "    name: b # two\n    labels:\n      x: 'y'\n")
    );
    assert_eq!(
        edited(LIST, &[Edit::RemoveItem(ItemId(0)), patch(1, remove(&["kind"]))]),
        LIST.replace("# the first\n- apiVersion: v1\n  kind: A\n  metadata:\n    name: a\n", "")
            .replace("  kind: B\n", "")
    );
    let new = Edit::add_item(json!({"kind": "C"}));
    assert_eq!(
        edited(LIST, std::slice::from_ref(&new)),
        LIST.replace("kind: List", "- kind: C\nkind: List")
    );
    let all = [Edit::RemoveItem(ItemId(0)), Edit::RemoveItem(ItemId(1))];
    let empty = "apiVersion: v1\nitems: []\nkind: List\nmetadata:\n  resourceVersion: \"\"\n";
    assert_eq!(edited(LIST, &all), empty);
    assert_eq!(edited(empty, &[new]), empty.replace(" []", "\n- kind: C"));
}

#[test]
fn lists_stand_among_documents_and_in_other_lists() {
    let stream = format!("kind: X\n---\n{LIST}---\nkind: Q\n");
    let package = Package::stream(&stream).unwrap();
    assert_eq!(kinds(&package), ["X", "A", "B", "Q"]);
    let edits = [
        Edit::RemoveItem(ItemId(1)),
        Edit::RemoveItem(ItemId(3)),
        Edit::add_item(json!({"kind": "Z"})),
        patch(0, add(&["a"], 1)),
    ];
    let without_a =
        LIST.replace("# the first\n- apiVersion: v1\n  kind: A\n  metadata:\n    name: a\n", "");
    assert_eq!(edited(&stream, &edits), format!("kind: X\na: 1\n---\n{without_a}---\nkind: Z\n"));

    let head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n";
    let inner = LIST.trim_end().replace('\n', "\n  ");
    let source = format!("{head}- {inner}\n- kind: Q\n");
    let package = Package::resource_list(&source).unwrap();
    assert_eq!(kinds(&package), ["A", "B", "Q"]);
    let edits =
        [Edit::RemoveItem(ItemId(0)), patch(1, add(&["a"], 1)), Edit::RemoveItem(ItemId(2))];
    let after = package.apply(&edits, &[json!({"message": "m"})]).unwrap().to_string();
    let inner = without_a.trim_end().replace('\n', "\n  ");
    let inner = inner.replace("      name: b # two\n", "      name: b # two\n    a: 1\n");
    assert_eq!(after, format!("{head}- {inner}\nresults:\n- message: m\n"));
}

#[test]
fn a_list_in_json_stays_json() {
    let source = "{\"kind\":\"List\",\"items\":[{\"kind\":\"A\"},{\"kind\":\"B\"}]}\n";
    let edits = [
        patch(0, add(&["a"], json!({"b": []}))),
        Edit::RemoveItem(ItemId(1)),
        Edit::add_item(json!({})),
    ];
    assert_eq!(
        edited(source, &edits),
        "{\"kind\":\"List\",\"items\":[{\"kind\":\"A\", \"a\": {\"b\": []}}, {}]}\n"
    );
    let empty = "{\"items\": [{}], \"kind\": \"XList\"}";
    let added = edited(empty, &[patch(0, add(&["a"], json!({"b": 1})))]);
    assert_eq!(added, "{\"items\": [{\"a\": {\"b\": 1}}], \"kind\": \"XList\"}");
}
