//! What the engine writes comes back as it was from the programs that read manifests: kubectl
//! apply's reader, kustomize's and kpt's.

use std::collections::BTreeMap;

use krm_package::{Edit, ItemId, Package};
use serde_json::{Map, Value, json};
use test_support::hosts::{Folder, is_installed, run};

use crate::strings;

/// Random strings beside those of the table.
const RANDOM: usize = 6_000;
/// Objects with one operation a string hold so few, because every operation reads its object.
const PATCHED_AT_ONCE: usize = 16;
/// `kubectl` and kustomize refuse longer keys, however they are written.
const LONGEST_KEY: usize = 1_000;

/// What is not a string.
fn others() -> Value {
    json!([
        0, -1, 1.5, -0.25, 1e21, 1.5e-7, 9_007_199_254_740_991_i64, true, false, null, {}, [], [[]],
        {"a": {}, "b": [], "c": [{}], "d": [[1, [2]], {"e": false}]}, [[{"a": 1, "b": [{"c": 2}]}]]
    ])
}

/// An object's fields that hold the strings.
fn fields(strings: &[String]) -> Map<String, Value> {
    let names = || (0..strings.len()).map(|place| format!("k{place}"));
    let values: Map<String, Value> =
        names().zip(strings).map(|(name, text)| (name, Value::from(text.as_str()))).collect();
    let keys: Map<String, Value> = names()
        .zip(strings)
        .filter(|(_, text)| text.len() <= LONGEST_KEY)
        .map(|(name, text)| (text.clone(), Value::from(name)))
        .collect();
    let nested: Vec<Value> =
        strings.iter().map(|text| json!([[text.as_str()], {"v": text.as_str()}])).collect();
    let list: Vec<&str> = strings.iter().map(String::as_str).collect();
    let fields =
        json!({"values": values, "keys": keys, "list": list, "nested": nested, "others": others()});
    fields.as_object().unwrap().clone()
}

fn object(name: &str, fields: Map<String, Value>) -> Value {
    let head =
        json!({"apiVersion": "example.com/v1", "kind": "Carrier", "metadata": {"name": name}});
    Value::Object(head.as_object().unwrap().clone().into_iter().chain(fields).collect())
}

fn operation(op: &str, path: String, value: &Value) -> Value {
    json!({"op": op, "path": path, "value": value})
}

fn edit(item: usize, operations: Vec<Value>) -> Edit {
    let operations = serde_json::from_value(Value::Array(operations)).unwrap();
    Edit::Patch { item: ItemId(item), operations }
}

/// A carrier as it stands before the strings come.
struct Blank {
    name: &'static str,
    text: &'static str,
}

const BLOCK: Blank = Blank {
    name: "block",
    text: "apiVersion: example.com/v1\nkind: Carrier\nmetadata:\n  name: block\n# in front\nspec: 1 # behind\n",
};
const FLOW: Blank = Blank {
    name: "flow",
    // What begins with a brace is JSON to kubectl.
    text: "# in flow style\n{apiVersion: example.com/v1, kind: Carrier, metadata: {name: flow}, spec: 1}\n",
};
const JSON: Blank = Blank {
    name: "json",
    text: "{\"apiVersion\": \"example.com/v1\", \"kind\": \"Carrier\", \"metadata\": {\"name\": \"json\"}, \"spec\": 1}\n",
};

/// Adds each field as a whole.
fn fill(item: usize, strings: &[String]) -> Edit {
    let fields = fields(strings);
    edit(
        item,
        fields.iter().map(|(name, value)| operation("add", format!("/{name}"), value)).collect(),
    )
}

fn written(source: &str, edits: &[Edit]) -> String {
    Package::stream(source).unwrap().apply(edits, &[]).unwrap().to_string()
}

/// Scalars of every style, each of them replaced by a string, and as many keys and entries added
/// one by one.
fn patched(strings: &[String]) -> String {
    let mut source = String::new();
    let mut edits = Vec::new();
    for (part, some) in strings.chunks(PATCHED_AT_ONCE).enumerate() {
        source.push_str(&format!(
            "---\napiVersion: example.com/v1\nkind: Carrier\nmetadata:\n  name: patched-{part}\nvalues:\n"
        ));
        let styles = [
            "old",
            "'old'",
            "\"old\" # note",
            "|\n    old\n",
            "old\n    lines",
            "[old]",
            "",
            "{a: b}",
        ];
        let mut operations = Vec::new();
        for (place, text) in some.iter().enumerate() {
            let style = styles[place % styles.len()];
            source.push_str(&format!("  k{place}: {style}\n"));
            let text = Value::from(text.as_str());
            operations.push(operation("replace", format!("/values/k{place}"), &text));
            operations.push(operation("add", "/list/-".into(), &text));
            operations.push(operation("add", "/flow/-".into(), &text));
            if let Some(key) = text.as_str().filter(|key| key.len() <= LONGEST_KEY) {
                let key = key.replace('~', "~0").replace('/', "~1");
                operations.push(operation(
                    "add",
                    format!("/keys/{key}"),
                    &Value::from(format!("k{place}")),
                ));
            }
        }
        source.push_str("list:\n- a\nflow: [a]\nkeys: {}\n");
        edits.push(edit(part, operations));
    }
    written(&source, &edits)
}

/// Every way in which the engine writes new text, as one stream of documents.
fn documents(strings: &[String]) -> String {
    let source = format!("{}---\n{}", BLOCK.text, FLOW.text);
    let added = Edit::add_item(object("added", fields(strings)));
    let text = written(&source, &[fill(0, strings), fill(1, strings), added]);
    format!("{text}{}", patched(strings))
}

/// The strings that an object does not give back.
fn lost(objects: &BTreeMap<String, Value>, strings: &[String]) -> Vec<String> {
    let expected: Vec<Value> = strings.iter().map(|text| Value::from(text.as_str())).collect();
    let mut lost = Vec::new();
    let mut check =
        |object: &str, field: &str, found: Option<&Value>, place: usize, wanted: &Value| {
            if found != Some(wanted) {
                lost.push(format!("{:?} in {object} {field}: {found:?}", &strings[place]));
            }
        };
    for (name, object) in objects {
        if !name.starts_with("patched-") {
            assert_eq!(object["others"], others(), "{name}");
        }
        let part = name.strip_prefix("patched-").map(|part| part.parse::<usize>().unwrap());
        let first = part.map_or(0, |part| part * PATCHED_AT_ONCE);
        let last = part.map_or(strings.len(), |_| (first + PATCHED_AT_ONCE).min(strings.len()));
        for place in first..last {
            let wanted = &expected[place];
            let own = place - first;
            let key = format!("k{own}");
            check(name, "values", object["values"].get(&key), place, wanted);
            if strings[place].len() <= LONGEST_KEY {
                check(name, "keys", object["keys"].get(&strings[place]), place, &Value::from(key));
            }
            if part.is_some() {
                check(name, "list", object["list"].get(own + 1), place, wanted);
                check(name, "flow", object["flow"].get(own + 1), place, wanted);
            } else {
                check(name, "list", object["list"].get(own), place, wanted);
                let nested = json!([[wanted], {"v": wanted}]);
                check(name, "nested", object["nested"].get(own), place, &nested);
            }
        }
    }
    lost
}

/// The carriers among the objects that kubectl printed, by name.
fn by_name(json: &[u8]) -> BTreeMap<String, Value> {
    let objects = serde_json::Deserializer::from_slice(json).into_iter::<Value>();
    let carriers = objects.map(Result::unwrap).filter(|object| object["kind"] == "Carrier");
    carriers
        .map(|object| (object["metadata"]["name"].as_str().unwrap().to_owned(), object))
        .collect()
}

type Objects = Result<BTreeMap<String, Value>, String>;

fn printed(program: &str, arguments: &[&str], input: &str) -> Result<String, String> {
    let output = run(program, arguments, input);
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout).unwrap());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// What `kubectl apply` makes of a text, before it asks a cluster.
fn applied(text: &str) -> Objects {
    let arguments = ["label", "--local", "-f", "-", "-o", "json", "read=by-apply"];
    Ok(by_name(printed("kubectl", &arguments, text)?.as_bytes()))
}

fn applied_folder(folder: &Folder) -> Objects {
    let arguments = ["label", "--local", "-R", "-f", folder.path(), "-o", "json", "read=by-apply"];
    Ok(by_name(printed("kubectl", &arguments, "")?.as_bytes()))
}

/// Fails with every string that does not come back. Where a reader refuses all of them, halves
/// are tried until it is known which one it was.
fn assert_all_come_back(reader: &str, strings: &[String], read: &dyn Fn(&[String]) -> Objects) {
    let mut lost_strings = Vec::new();
    let mut parts = vec![strings];
    while let Some(part) = parts.pop() {
        match read(part) {
            Ok(objects) => {
                assert!(!objects.is_empty(), "{reader} printed no carrier");
                lost_strings.extend(lost(&objects, part));
            }
            Err(error) if part.len() == 1 => lost_strings.push(format!("{:?}: {error}", part[0])),
            Err(_) => {
                let (left, right) = part.split_at(part.len() / 2);
                parts.extend([left, right]);
            }
        }
        if lost_strings.len() > 40 {
            break;
        }
    }
    assert!(lost_strings.is_empty(), "{reader} loses:\n{}", lost_strings.join("\n"));
    eprintln!("{reader}: {} strings came back", strings.len());
}

/// What kustomize itself breaks, however it is written: it goes through JSON, where these stand
/// unescaped, and then through a YAML reader that takes no such characters, takes U+0085 for a
/// line break, and merges a quoted `<<`.
fn kustomize_breaks(text: &str) -> bool {
    let unreadable = |c| matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    text == "<<" || text.contains(unreadable)
}

#[test]
fn kubectl_apply_reads_every_string_back() {
    if !is_installed("kubectl") {
        return;
    }
    let strings = strings::strings(RANDOM);
    assert_all_come_back("kubectl apply", &strings, &|some| applied(&documents(some)));
    let json = |some: &[String]| applied(&written(JSON.text, &[fill(0, some)]));
    assert_all_come_back("kubectl apply, from JSON", &strings, &json);
}

#[test]
fn kustomize_reads_every_string_back() {
    if !is_installed("kubectl") {
        return;
    }
    let all = strings::strings(RANDOM);
    for known in ["\u{7f}", "\u{85}", "a\u{85}b", "<<"] {
        assert!(kustomize_breaks(known) && all.iter().any(|text| text == known), "{known:?}");
    }
    let strings: Vec<String> = all.into_iter().filter(|text| !kustomize_breaks(text)).collect();
    assert_all_come_back("kubectl kustomize", &strings, &|some| {
        let folder = Folder::new("kustomize-reads");
        folder.write("documents.yaml", &documents(some));
        folder.write("object.json", &written(JSON.text, &[fill(0, some)]));
        folder.write("kustomization.yaml", "resources: [documents.yaml, object.json]\n");
        applied(&printed("kubectl", &["kustomize", folder.path()], "")?)
    });
}

#[test]
fn kpt_reads_every_string_back() {
    if !is_installed("kpt") || !is_installed("kubectl") {
        return;
    }
    let strings = strings::strings(RANDOM);
    // As a function does: kpt gives a list, the engine edits it, kpt writes the package.
    assert_all_come_back("kpt fn eval", &strings, &|some| {
        let folder = Folder::new("kpt-evaluates");
        let out = Folder::new("kpt-evaluates-list");
        folder.write("block.yaml", BLOCK.text);
        folder.write("flow.yaml", FLOW.text);
        let list = printed("kpt", &["fn", "source", folder.path()], "")?;
        let package = Package::resource_list(&list).unwrap();
        let names: Vec<String> = package
            .items()
            .map(|(_, item)| {
                item.get("metadata").unwrap().get("name").unwrap().as_str().unwrap().into_owned()
            })
            .collect();
        assert_eq!(names, [BLOCK.name, FLOW.name]);
        let added = Edit::add_item(object("added", fields(some)));
        let edited = package.apply(&[fill(0, some), fill(1, some), added], &[]).unwrap();
        let edited = out.write("list.yaml", &edited.to_string());
        let function = format!("cat {}", edited.display());
        printed("kpt", &["fn", "eval", folder.path(), "--exec", &function], "")?;
        applied_folder(&folder)
    });
    // What kpt passes on from files that the engine wrote, as a function reads it, and back.
    assert_all_come_back("kpt fn source", &strings, &|some| {
        let folder = Folder::new("kpt-passes-on");
        folder.write("documents.yaml", &documents(some));
        let list = printed("kpt", &["fn", "source", folder.path()], "")?;
        let package = Package::resource_list(&list).map_err(|error| error.to_string())?;
        let items = package.items().map(|(_, item)| item.value().unwrap());
        Ok(items
            .map(|item| (item["metadata"]["name"].as_str().unwrap().to_owned(), item))
            .collect())
    });
    assert_all_come_back("kpt fn sink", &strings, &|some| {
        let head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n";
        let added = Edit::add_item(object("added", fields(some)));
        let list = Package::resource_list(head).unwrap().apply(&[added], &[]).unwrap().to_string();
        let folder = Folder::new("kpt-sinks");
        let package = format!("{}/package", folder.path());
        printed("kpt", &["fn", "sink", &package], &list)?;
        applied_folder(&folder)
    });
}
