//! Knative Serving's ConfigMaps in the input.

use json_patch::Patch;
use serde_json::{Map, Value, json};

use crate::controllers::knative;
use crate::controllers::kserve::{ServingModel, ServingOptions, VersionSource};
use crate::finding::Finding;
use crate::runtime::{Item, Items, Owner, Plan};
use crate::serving::model::serving_items;
use crate::values::k8s::ResourceRef;
use crate::values::release::Release;
use krm_package::{Edit, operation};

use super::config_map::{CREATED, Change, ConfigMap, Outcome};
use super::diags::{CreatedConfigMap, MissingConfigMap, RemovedConfigMap, UnwantedEntry};
use super::operator;

/// Knative Serving's ConfigMaps in the input.
pub(super) struct Serving<'a, 'p> {
    pub(super) namespace: &'a str,
    pub(super) creates: bool,
    pub(super) items: &'a Items<'p>,
}

impl Serving<'_, '_> {
    /// Changes every ConfigMap of a name in the namespace, or creates one. kpt may pass one name twice,
    /// and each of them is what a cluster may get; only of those that an earlier run created one is
    /// enough, and none where somebody else's is there.
    pub(super) fn each(
        &self,
        name: &str,
        component: &str,
        plan: &mut Plan,
        change: impl Fn(&ConfigMap) -> Result<Change, Finding>,
    ) -> Outcome {
        let configuration = self.items.configuration();
        let (created, others): (Vec<&Item<'_>>, Vec<&Item<'_>>) =
            self.named(name).partition(|item| CREATED.has(item, configuration));
        let (mut here, elsewhere): (Vec<&Item<'_>>, Vec<&Item<'_>>) =
            others.into_iter().partition(|item| self.is_here(&item.resource));
        let of_others = here.iter().find_map(|item| {
            let owner = CREATED.owner(item, configuration);
            matches!(owner, Owner::Configuration(_)).then(|| CREATED.refusal(item, &owner))?
        });
        if let Some(refusal) = of_others.filter(|_| self.operator().is_none()) {
            plan.findings.push(refusal);
            return Outcome::AsItWas;
        }
        let kept = created.iter().find(|item| here.is_empty() && self.is_here(&item.resource));
        let kept = kept.copied();
        if let Some(operator) = self.operator() {
            for item in created {
                remove(item, RemovedConfigMap::Replaced, plan);
            }
            return operator::configure(operator, name, plan, change);
        }
        for item in created.into_iter().filter(|item| kept.is_none_or(|kept| kept.id != item.id)) {
            remove(item, RemovedConfigMap::Replaced, plan);
        }
        here.extend(kept);
        let operator = self.operators().find_map(|item| item.resource.namespace.as_deref());
        if here.is_empty() && (!self.creates || operator.is_some()) {
            let elsewhere = elsewhere.first().and_then(|item| item.resource.namespace.as_deref());
            let namespace = self.namespace;
            let missing = MissingConfigMap { name, namespace, elsewhere, operator };
            plan.findings.push(missing.into());
            return Outcome::AsItWas;
        }
        if here.is_empty() {
            return self.create(name, component, plan, change);
        }
        let mut outcome = Outcome::AsItWas;
        for item in &here {
            let planned = ConfigMap::of(item, configuration)
                .and_then(|map| change(&map).map(|change| (map, change)));
            match planned {
                Ok((map, change)) => {
                    if matches!(outcome, Outcome::AsItWas) {
                        outcome = Outcome::Data(change.data(&map));
                    }
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
        outcome
    }

    /// What an earlier run created of a name that this configuration does not require is removed; of
    /// `config-network`, in which other functions have their keys, the one key goes.
    pub(super) fn none(&self, name: &str, own_key: Option<&str>, plan: &mut Plan) -> Outcome {
        let mut outcome = Outcome::AsItWas;
        let configuration = self.items.configuration();
        for item in self.named(name) {
            match CREATED.owner(item, configuration) {
                Owner::Own => {}
                Owner::Unclaimed => {
                    plan.findings.push(CREATED.unclaimed(item, configuration));
                    continue;
                }
                Owner::Configuration(_) | Owner::Others => continue,
            }
            let map = match ConfigMap::of(item, configuration) {
                Ok(map) => map,
                Err(finding) => {
                    plan.findings.push(finding.on(&item.resource));
                    continue;
                }
            };
            let others = map.data.keys().filter(|key| Some(key.as_str()) != own_key).count();
            let Some(key) = own_key.filter(|_| others > 0) else {
                remove(item, RemovedConfigMap::Unwanted, plan);
                outcome = Outcome::Gone;
                continue;
            };
            let mut data = map.data();
            if data.remove(key).is_some() {
                let operations = Patch(vec![operation::remove(&["data", key])]);
                plan.edits.push(Edit::Patch { item: item.id, operations });
                plan.findings.push(Finding::from(UnwantedEntry(key)).on(&item.resource));
            }
            outcome = Outcome::Data(data);
        }
        outcome
    }

    fn named<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Item<'s>> {
        self.items.of_kind("", "ConfigMap").filter(move |item| item.resource.name == name)
    }

    /// The operator's object for Knative Serving, whose `spec.config` the operator writes into the
    /// ConfigMaps.
    fn operator(&self) -> Option<&Item<'_>> {
        self.operators().find(|item| self.is_here(&item.resource))
    }

    fn operators(&self) -> impl Iterator<Item = &Item<'_>> {
        self.items.of_kind("operator.knative.dev", "KnativeServing")
    }

    /// An object without a namespace gets one from its kustomization.
    fn is_here(&self, resource: &ResourceRef) -> bool {
        resource.namespace.as_deref().is_none_or(|namespace| namespace == self.namespace)
    }

    fn create(
        &self,
        name: &str,
        component: &str,
        plan: &mut Plan,
        change: impl Fn(&ConfigMap) -> Result<Change, Finding>,
    ) -> Outcome {
        let resource = ResourceRef {
            api_version: "v1".to_owned(),
            kind: "ConfigMap".to_owned(),
            namespace: Some(self.namespace.to_owned()),
            name: name.to_owned(),
        };
        let created = match change(&ConfigMap::default()) {
            Ok(created) => created,
            Err(finding) => {
                plan.findings.push(finding.on(&resource));
                return Outcome::AsItWas;
            }
        };
        let data = created.data(&ConfigMap::default());
        let labels: Map<String, Value> = knative::stock_labels(component, self.release())
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.into()))
            .collect();
        let created_map = json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": name,
                "namespace": self.namespace,
                "labels": labels,
                "annotations": CREATED.annotations(self.items.configuration()),
            },
            "data": data,
        });
        plan.edits.push(Edit::add_item(created_map));
        plan.findings.push(Finding::from(CreatedConfigMap).on(&resource));
        plan.findings.extend(created.findings.into_iter().map(|finding| finding.on(&resource)));
        Outcome::Data(data)
    }

    /// The release of Knative Serving that the objects name.
    fn release(&self) -> Option<Release> {
        let items = serving_items(self.items);
        let knative = ServingModel::build(&items, &ServingOptions::default()).knative;
        matches!(knative.source, VersionSource::Manifests(_)).then_some(knative.release)
    }
}

fn remove(item: &Item<'_>, why: RemovedConfigMap, plan: &mut Plan) {
    plan.edits.push(Edit::RemoveItem(item.id));
    plan.findings.push(Finding::from(why).on(&item.resource));
}
