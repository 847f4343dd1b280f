//! Knative Serving's configuration where the operator writes it: `spec.config` of `KnativeServing`.

use json_patch::Patch;

use super::config_map::{Change, ConfigMap, Outcome};
use crate::controllers::knative::KnativeServing;
use crate::finding::{FieldPath, Finding};
use crate::runtime::{Item, Plan};
use crate::serving::knative_entries::set_entries;
use krm_package::{Edit, operation};

/// Changes the entries of a ConfigMap in the operator's object.
pub(super) fn configure(
    item: &Item<'_>,
    name: &str,
    plan: &mut Plan,
    change: impl Fn(&ConfigMap) -> Result<Change, Finding>,
) -> Outcome {
    let serving = match item.read::<KnativeServing>() {
        Ok(serving) => serving,
        Err(misread) => {
            plan.findings.push(misread.into());
            return Outcome::AsItWas;
        }
    };
    let short = name.strip_prefix("config-").unwrap_or(name);
    let key = serving.key(name).unwrap_or(short);
    let place = FieldPath::from("spec").key("config").key(key);
    let entries = serving.entries(name).unwrap_or_default();
    let map = ConfigMap::of_entries(entries);
    let here = |finding: Finding| moved(finding, &place).on(&item.resource);
    let change = match change(&map) {
        Ok(change) => change,
        Err(finding) => {
            plan.findings.push(here(finding));
            return Outcome::AsItWas;
        }
    };
    let data = change.data(&map);
    let set = change.rewrite.set.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
    let mut operations = set_entries(item, &serving, key, &set, &plan.edits);
    let removed = change.rewrite.remove.iter();
    operations
        .extend(removed.map(|entry| operation::remove(&["spec", "config", key, entry.as_str()])));
    plan.findings.extend(change.findings.into_iter().map(here));
    if !operations.is_empty() {
        let operations = Patch(operations);
        plan.edits.push(Edit::Patch { item: item.id, operations });
    }
    Outcome::Data(data)
}

/// A finding on a ConfigMap's `data` as one on the operator's entries.
fn moved(finding: Finding, place: &FieldPath) -> Finding {
    let below = finding.field.as_ref().and_then(|field| field.path.below(&FieldPath::from("data")));
    match below {
        Some(below) => finding.field(place.clone().join(&below)),
        None => finding,
    }
}
