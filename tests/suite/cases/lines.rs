//! What a plan says against what the text shows.

use json_patch::Patch;
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

/// The lines that differ, with `-` and `+`.
pub(crate) fn shown_difference(before: &str, after: &str) -> String {
    TextDiff::from_lines(before, after).unified_diff().context_radius(1).to_string()
}

/// The objects that the dry run's changes make of the objects before.
pub(crate) fn patched(before: &[Value], plan: &[Value]) -> Result<Vec<Value>, String> {
    let mut objects: Vec<Option<Value>> = before.iter().cloned().map(Some).collect();
    let mut added = Vec::new();
    for change in plan {
        if let Some(object) = change.get("add") {
            added.push(Some(object.clone()));
            continue;
        }
        let place = change["item"].as_u64().ok_or("a change does not say of which item")?;
        let object =
            objects.get_mut(place as usize).ok_or("a change of an item that is not there")?;
        let value = object.as_mut().ok_or("a change of an item that was removed")?;
        if change["resource"] != resource(value) {
            return Err(format!("{} is called {}", resource(value), change["resource"]));
        }
        if change.get("remove").is_some() {
            *object = None;
        } else {
            let patch: Patch =
                serde_json::from_value(change["patch"].clone()).map_err(|e| e.to_string())?;
            json_patch::patch(value, &patch).map_err(|error| error.to_string())?;
        }
    }
    Ok(objects.into_iter().chain(added).flatten().collect())
}

fn resource(object: &Value) -> Value {
    let text = |pointer: &str| object.pointer(pointer).cloned().unwrap_or_default();
    serde_json::json!({
        "apiVersion": text("/apiVersion"),
        "kind": text("/kind"),
        "namespace": text("/metadata/namespace"),
        "name": text("/metadata/name"),
    })
}

/// Whether each line that differs has a word of the plan, a key of a path or a text of a value; lies in
/// an object that goes; or is still there, with something new in it.
pub(crate) fn are_named(before: &str, after: &str, plan: &[Value]) -> Result<(), String> {
    let objects = super::forms::objects(before);
    let mut words = Vec::new();
    let mut replaced = Vec::new();
    let mut replaced_keys = Vec::new();
    for change in plan {
        if let Some(added) = change.get("add") {
            words_of(added, &mut words);
            words.push("---".to_owned());
        }
        let object = change["item"].as_u64().and_then(|place| objects.get(place as usize));
        for operation in change["patch"].as_array().into_iter().flatten() {
            let path = operation["path"].as_str().unwrap_or_default();
            let token = path.rsplit('/').next().unwrap_or_default();
            words.extend((token != "-").then(|| token.replace("~1", "/").replace("~0", "~")));
            words_of(&operation["value"], &mut words);
            if let Some(old) = object.and_then(|object| object.pointer(path)) {
                words_of(old, &mut replaced);
                replaced_keys.extend(old.as_object().into_iter().flatten().map(|(key, _)| key));
            }
        }
    }
    let removed = removed_lines(before, plan);
    let diff = TextDiff::from_lines(before, after);
    for hunk in diff.grouped_ops(0) {
        let changes = hunk.iter().flat_map(|operation| diff.iter_changes(operation));
        let changes: Vec<_> = changes.collect();
        let all = |tag| -> String {
            changes
                .iter()
                .filter(|change| change.tag() == tag)
                .map(|change| change.value())
                .collect()
        };
        let (inserted, deleted) = (all(ChangeTag::Insert), all(ChangeTag::Delete));
        for change in changes {
            let line = change.value().trim();
            let is_named = || words.iter().any(|word| line.contains(word.as_str()));
            // A text of several lines stands on lines of its own.
            let is_line_of = |text: &String| text.lines().any(|one| one.trim() == line);
            let fine = match change.tag() {
                ChangeTag::Equal => true,
                // In flow style the line before an addition gets a comma.
                ChangeTag::Insert => {
                    is_named()
                        || words.iter().any(is_line_of)
                        || deleted.contains(line.trim_end_matches(','))
                }
                ChangeTag::Delete => {
                    is_named()
                        || removed.iter().any(|known| known == line)
                        || replaced.iter().any(|old| old.contains(line))
                        || replaced_keys.iter().any(|key| line.starts_with(key.as_str()))
                        || has_all_of(&inserted, line)
                }
            };
            if !fine {
                return Err(format!(
                    "no change of the plan names the line {line:?}:\n{}",
                    shown_difference(before, after)
                ));
            }
        }
    }
    Ok(())
}

/// Whether a text has the characters of another in their order.
fn has_all_of(text: &str, part: &str) -> bool {
    let mut characters = text.chars();
    part.chars().all(|wanted| characters.any(|found| found == wanted))
}

fn words_of(value: &Value, words: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                words.push(key.clone());
                words_of(value, words);
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| words_of(entry, words)),
        Value::String(text) => words.push(text.clone()),
        other => words.push(other.to_string()),
    }
}

/// The lines of the documents that the plan removes, found by their place.
fn removed_lines(before: &str, plan: &[Value]) -> Vec<String> {
    let places: Vec<usize> = plan
        .iter()
        .filter(|change| change.get("remove").is_some())
        .filter_map(|change| change["item"].as_u64())
        .map(|place| place as usize)
        .collect();
    let start = |line: &str| {
        line.starts_with("- apiVersion:")
            || line.starts_with("  - apiVersion:")
            || line.trim_end() == "---"
    };
    let mut lines = Vec::new();
    let is_stream = !super::forms::is_list(before);
    let mut place: Option<usize> = is_stream.then_some(0);
    let mut seen = false;
    for line in before.lines() {
        if start(line) {
            place = Some(match place {
                // A marker before the first document starts it.
                Some(0) if is_stream && !seen => 0,
                known => known.map_or(0, |known| known + 1),
            });
        }
        seen |= !line.trim().is_empty() && !line.starts_with('#');
        if place.is_some_and(|place| places.contains(&place)) {
            lines.push(line.trim().to_owned());
        }
    }
    lines
}
