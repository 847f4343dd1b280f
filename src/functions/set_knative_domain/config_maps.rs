//! Knative Serving's ConfigMaps among the objects.

use std::collections::BTreeMap;

use json_patch::Patch;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::engine::{Edit, operation};
use crate::finding::{Code, Finding};
use crate::k8s::{ObjectMeta, ResourceRef, empty_if_null};
use crate::knative::{self, DomainRewrite};
use crate::kserve::{ServingItems, ServingModel, ServingOptions, VersionSource};
use crate::release::Release;
use crate::runtime::{Item, Items, Plan};

/// A ConfigMap.
#[derive(Default, Deserialize)]
pub(super) struct ConfigMap {
    #[serde(default, deserialize_with = "empty_if_null")]
    pub(super) metadata: ObjectMeta,
    /// A `null` is the empty string to the API server when it makes the object, and removes the key
    /// when it changes one.
    #[serde(default, deserialize_with = "empty_if_null")]
    data: BTreeMap<String, Option<String>>,
}

impl ConfigMap {
    pub(super) fn data(&self) -> BTreeMap<String, String> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        self.data.iter().map(|(key, value)| (key.clone(), text(value))).collect()
    }
}

/// What becomes of one ConfigMap.
pub(super) struct Change {
    pub(super) rewrite: DomainRewrite,
    pub(super) findings: Vec<Finding>,
}

impl Change {
    /// The data afterwards.
    fn data(&self, map: &ConfigMap) -> BTreeMap<String, String> {
        let mut data = map.data();
        data.retain(|key, _| !self.rewrite.remove.contains(key));
        data.extend(self.rewrite.set.clone());
        data
    }

    /// New keys first, so that `data` is never empty between two operations.
    fn operations(&self, map: &ConfigMap) -> Patch {
        let DomainRewrite { set, remove, remove_annotations } = &self.rewrite;
        // A key that stays and is null becomes what it stands for.
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
        Patch(operations)
    }
}

/// Knative Serving's ConfigMaps among the objects.
pub(super) struct Serving<'a, 'p> {
    pub(super) namespace: &'a str,
    pub(super) create: bool,
    pub(super) items: &'a Items<'p>,
}

impl Serving<'_, '_> {
    /// Changes every ConfigMap of a name in the namespace, or makes one; the data of the first one
    /// afterwards. kpt may pass one name twice, and each of them is what a cluster may get.
    pub(super) fn each(
        &self,
        name: &str,
        component: &str,
        plan: &mut Plan,
        change: impl Fn(&ConfigMap) -> Result<Change, Finding>,
    ) -> Option<BTreeMap<String, String>> {
        let named = self.items.of_kind("", "ConfigMap").filter(|item| item.resource.name == name);
        let (here, elsewhere): (Vec<&Item<'_>>, Vec<&Item<'_>>) =
            named.partition(|item| self.is_here(&item.resource));
        let mut first = None;
        for item in &here {
            let planned =
                item.read::<ConfigMap>().and_then(|map| change(&map).map(|change| (map, change)));
            match planned {
                Ok((map, change)) => {
                    first.get_or_insert_with(|| change.data(&map));
                    let operations = change.operations(&map);
                    let findings = change.findings.into_iter();
                    plan.findings.extend(findings.map(|finding| finding.on(&item.resource)));
                    if !operations.0.is_empty() {
                        plan.edits.push(Edit::Patch { item: item.id, operations });
                    }
                }
                Err(finding) => plan.findings.push(finding.on(&item.resource)),
            }
        }
        if !here.is_empty() {
            return first;
        }
        let elsewhere = elsewhere.first().and_then(|item| item.resource.namespace.as_deref());
        if !self.create {
            plan.findings.push(self.missing(name, elsewhere));
            return None;
        }
        self.make(name, component, plan, change)
    }

    /// An object without a namespace gets one from its kustomization.
    fn is_here(&self, resource: &ResourceRef) -> bool {
        resource.namespace.as_deref().is_none_or(|namespace| namespace == self.namespace)
    }

    fn missing(&self, name: &str, elsewhere: Option<&str>) -> Finding {
        let instead = match elsewhere {
            Some(namespace) => format!("write namespace: {namespace}, where there is one"),
            None => "add Knative Serving's manifests, or write createIfMissing: true".to_owned(),
        };
        let message =
            format!("there is no ConfigMap {name} in namespace {}; {instead}", self.namespace);
        Finding::error(Code::ConfigMapMissing, message).field("spec.namespace")
    }

    fn make(
        &self,
        name: &str,
        component: &str,
        plan: &mut Plan,
        change: impl Fn(&ConfigMap) -> Result<Change, Finding>,
    ) -> Option<BTreeMap<String, String>> {
        let resource = ResourceRef {
            api_version: "v1".to_owned(),
            kind: "ConfigMap".to_owned(),
            namespace: Some(self.namespace.to_owned()),
            name: name.to_owned(),
        };
        let made = match change(&ConfigMap::default()) {
            Ok(made) => made,
            Err(finding) => {
                plan.findings.push(finding.on(&resource));
                return None;
            }
        };
        let data = made.data(&ConfigMap::default());
        let labels: Map<String, Value> = knative::stock_labels(component, self.release())
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.into()))
            .collect();
        plan.edits.push(Edit::AddItem(json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": { "name": name, "namespace": self.namespace, "labels": labels },
            "data": data,
        })));
        let message = "made, because it is not among the objects";
        plan.findings.push(Finding::info(Code::ConfigMapCreated, message).on(&resource));
        plan.findings.extend(made.findings.into_iter().map(|finding| finding.on(&resource)));
        Some(data)
    }

    /// The release of Knative Serving that the objects name.
    fn release(&self) -> Option<Release> {
        let items = ServingItems::of(self.items);
        let knative = ServingModel::build(&items, &ServingOptions::default()).knative;
        matches!(knative.source, VersionSource::Manifests(_)).then_some(knative.release)
    }
}
