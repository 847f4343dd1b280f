//! One ConfigMap of Knative Serving, and its edits.

use std::collections::BTreeMap;

use json_patch::Patch;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::spec::SetKnativeDomain;
use crate::controllers::knative::DomainRewrite;
use crate::finding::Finding;
use crate::runtime::{Item, Owned, Owner};
use crate::values::k8s::{ObjectMeta, empty_if_null};
use krm_package::operation;

/// The ConfigMaps that the function created where there were none. One that somebody else wrote is
/// rewritten and never marked, so that it is never removed either.
pub(super) const CREATED: Owned = Owned::by::<SetKnativeDomain>(&[("", "ConfigMap")]);

/// A ConfigMap.
#[derive(Default, Deserialize)]
pub(super) struct ConfigMap {
    #[serde(default, deserialize_with = "empty_if_null")]
    pub(super) metadata: ObjectMeta,
    /// A `null` is the empty string to the API server when it makes the object, and removes the key
    /// when it changes one.
    #[serde(default, deserialize_with = "empty_if_null")]
    pub(super) data: BTreeMap<String, Option<String>>,
    /// Whether the function created it: it holds what was required, and nothing else.
    #[serde(skip)]
    pub(super) is_created: bool,
    /// The configuration that takes it over, where an earlier release named none.
    #[serde(skip)]
    claim: Option<String>,
}

impl ConfigMap {
    /// One that the operator writes of these entries.
    pub(super) fn of_entries(entries: BTreeMap<String, String>) -> Self {
        let data = entries.into_iter().map(|(key, value)| (key, Some(value))).collect();
        Self { data, ..Self::default() }
    }

    /// The ConfigMap of an item, as a configuration sees it.
    pub(super) fn of(item: &Item<'_>, configuration: Option<&str>) -> Result<Self, Finding> {
        let owner = CREATED.owner(item, configuration);
        let claim = configuration.filter(|_| owner == Owner::Unclaimed).map(str::to_owned);
        let is_created = matches!(owner, Owner::Own | Owner::Unclaimed);
        Ok(Self { is_created, claim, ..item.read()? })
    }

    pub(super) fn data(&self) -> BTreeMap<String, String> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        self.data.iter().map(|(key, value)| (key.clone(), text(value))).collect()
    }
}

/// The edits of the ConfigMaps of a name.
#[derive(Default)]
pub(super) enum Outcome {
    /// Nothing.
    #[default]
    AsItWas,
    /// This is the data of the first one.
    Data(BTreeMap<String, String>),
    /// There is none.
    Gone,
}

/// The edits of one ConfigMap.
pub(super) struct Change {
    pub(super) rewrite: DomainRewrite,
    pub(super) findings: Vec<Finding>,
}

impl Change {
    /// The data afterwards.
    pub(super) fn data(&self, map: &ConfigMap) -> BTreeMap<String, String> {
        let mut data = map.data();
        data.retain(|key, _| !self.rewrite.remove.contains(key));
        data.extend(self.rewrite.set.clone());
        data
    }

    /// New keys first, so that `data` is never empty between two operations.
    pub(super) fn operations(&self, map: &ConfigMap) -> Patch {
        let DomainRewrite { set, remove, remove_annotations } = &self.rewrite;
        // A key that stays and is null becomes what it represents.
        let nulls = map.data.iter().filter(|(key, value)| value.is_none() && !remove.contains(key));
        let mut texts: BTreeMap<&str, &str> = nulls.map(|(key, _)| (key.as_str(), "")).collect();
        let new =
            set.iter().filter(|(key, text)| map.data.get(*key) != Some(&Some((*text).clone())));
        texts.extend(new.map(|(key, text)| (key.as_str(), text.as_str())));
        let mut operations = Vec::new();
        if map.data.is_empty() && !texts.is_empty() {
            let data: Map<String, Value> =
                texts.iter().map(|(key, text)| ((*key).to_owned(), (*text).into())).collect();
            operations.push(operation::add(&["data"], data));
        } else {
            operations
                .extend(texts.iter().map(|(key, text)| operation::add(&["data", key], *text)));
        }
        operations.extend(remove.iter().map(|key| operation::remove(&["data", key])));
        if remove_annotations.len() == map.metadata.annotations.len()
            && !remove_annotations.is_empty()
        {
            operations.push(operation::remove(&["metadata", "annotations"]));
        } else {
            let paths = remove_annotations.iter().map(|key| ["metadata", "annotations", key]);
            operations.extend(paths.map(|path| operation::remove(&path)));
        }
        if let Some(configuration) = &map.claim {
            let path = ["metadata", "annotations", &CREATED.configuration_annotation()];
            operations.push(operation::add(&path, configuration.as_str()));
        }
        Patch(operations)
    }
}
