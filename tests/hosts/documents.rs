//! What a host printed, compared by what it means.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::package;

/// The documents of a stream.
#[track_caller]
pub(crate) fn of(stream: &str) -> Vec<Value> {
    serde_yaml::Deserializer::from_str(stream)
        .map(|document| Value::deserialize(document).unwrap_or_else(|e| panic!("{e}\n{stream}")))
        .filter(|document| !document.is_null())
        .collect()
}

/// The manifests of a package, by place.
pub(crate) fn manifests(place: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = package::files(place);
    files.retain(|path, _| path.extension().is_some_and(|end| end == "yaml"));
    files
}

/// The documents of a package.
#[track_caller]
pub(crate) fn in_package(place: &Path) -> Vec<Value> {
    let texts = manifests(place).into_values();
    texts.flat_map(|bytes| of(&String::from_utf8(bytes).unwrap())).collect()
}

/// The name of the configuration that an object was generated for, which kpt chooses for a `configMap`.
const CONFIGURATION: &str = "fn.kserve-aws.dev/configuration";

/// Objects by kind, namespace and name, in the words that two hosts share: what only a host's own
/// bookkeeping needs is left out, and an annotation that is JSON is compared as JSON, whose keys the
/// controller reads in any case.
#[track_caller]
pub(crate) fn meaning(documents: Vec<Value>) -> BTreeMap<String, Value> {
    let mut meaning = BTreeMap::new();
    for mut document in documents {
        let text = |pointer| document.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let [kind, namespace, name] =
            [text("/kind"), text("/metadata/namespace"), text("/metadata/name")];
        let place = format!("{kind} {namespace}/{name}");
        if let Some(Value::Object(all)) = document.pointer_mut("/metadata/annotations") {
            all.retain(|key, _| !key.contains("config.kubernetes.io/") && key != CONFIGURATION);
            for (key, value) in all.iter_mut() {
                let json = value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
                if let Some(json) = json.filter(|json| json.is_array() || json.is_object()) {
                    *value = match json {
                        Value::Object(by_name) if key.starts_with("fn.kserve-aws.dev/dns-") => {
                            by_name.into_iter().map(|(_, value)| value).collect()
                        }
                        json => lower_case_keys(json),
                    };
                }
            }
        }
        // What is given twice has to be the same: which one wins is the host's affair.
        let copies = meaning.get(&place).map_or(0, |first| {
            assert_eq!(*first, document, "two of {place} that differ");
            (2..).find(|copy| !meaning.contains_key(&format!("{place} ({copy})"))).unwrap()
        });
        let place = if copies == 0 { place } else { format!("{place} ({copies})") };
        meaning.insert(place, document);
    }
    meaning
}

fn lower_case_keys(value: Value) -> Value {
    match value {
        Value::Object(entries) => entries
            .into_iter()
            .map(|(key, value)| (key.to_lowercase(), lower_case_keys(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(lower_case_keys).collect(),
        scalar => scalar,
    }
}
