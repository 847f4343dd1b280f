//! The objects while one function after another plans on them.

use std::collections::BTreeSet;

use json_patch::Patch;
use krm_package::{Edit, ItemId, NewObject, Package};
use serde_json::Value;

use super::diags::StepFailed;
use super::fields::Fields;
use crate::finding::Finding;
use crate::runtime::{Acceptances, Function, Items, KserveAws, Plan};
use crate::serving::ingress::Target;

/// The objects, and how they change.
pub(super) struct World<'i, 'p> {
    items: &'i Items<'p>,
    /// Each object as it will be; read when the first edit comes.
    objects: Vec<Object>,
    edits: Edits,
    pub(super) findings: Vec<Finding>,
    /// What the steps found, in their own words.
    found: Vec<Finding>,
    /// The Ingresses that a later step sets: what is found on them until then is not reported.
    pub(super) unset: Vec<Target>,
}

/// An object of a later step.
struct Object {
    from: From,
    value: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Item(ItemId),
    /// The place among those that were added.
    Added(usize),
}

#[derive(Default)]
struct Edits {
    patches: Vec<(ItemId, Patch)>,
    added: Vec<Option<NewObject>>,
    removed: BTreeSet<ItemId>,
}

impl<'i, 'p> World<'i, 'p> {
    pub(super) fn of(items: &'i Items<'p>) -> Self {
        Self {
            items,
            objects: Vec::new(),
            edits: Edits::default(),
            findings: Vec::new(),
            found: Vec::new(),
            unset: Vec::new(),
        }
    }

    /// Whether every step so far could be done.
    pub(super) fn is_sound(&self) -> bool {
        self.items.accepted().is_sound(&self.findings)
    }

    /// Runs a function on the objects as the steps before it leave them.
    pub(super) fn step<F: Function<Project = KserveAws>>(
        &mut self,
        configuration: &str,
        spec: F::Spec,
        fields: &Fields,
    ) where
        F::Spec: Clone,
    {
        self.planned(F::NAME, configuration, fields, &|items| F::plan(spec.clone(), items));
    }

    /// Takes a function's plan on the objects as the steps before it leave them. Its findings name the
    /// function and the fields of the outer configuration.
    pub(super) fn planned(
        &mut self,
        function: &str,
        configuration: &str,
        fields: &Fields,
        plan: &dyn Fn(&Items<'_>) -> Plan,
    ) {
        if !self.is_sound() {
            return;
        }
        let accepted = fields.inner(function, self.items.accepted());
        let plan = if self.objects.is_empty() {
            let mut items = self.items.clone().accepting(accepted);
            items.for_configuration(Some(configuration));
            plan(&items)
        } else {
            self.plan_on_objects(configuration, accepted, plan)
        };
        let found: Vec<Finding> =
            plan.findings.into_iter().filter(|finding| !self.is_of_unset(finding)).collect();
        for finding in found {
            let finding = fields.outer(finding);
            // What an earlier step found as well is reported once, as that step's.
            if !self.found.contains(&finding) {
                let message = format!("{function}: {}", finding.message);
                self.findings.push(Finding { message, ..finding.clone() });
                self.found.push(finding);
            }
        }
        if self.is_sound()
            && !plan.edits.is_empty()
            && let Err(finding) = self.take(plan.edits)
        {
            self.findings.push(finding);
        }
    }

    fn is_of_unset(&self, finding: &Finding) -> bool {
        let Some(resource) = finding.resource.as_ref().filter(|one| one.kind == "Ingress") else {
            return false;
        };
        self.unset.iter().any(|target| {
            let is_there = target.namespace.is_none() || target.namespace == resource.namespace;
            target.name.as_ref() == Some(&resource.name) && is_there
        })
    }

    /// The edits of all steps, as edits of the objects that came in.
    pub(super) fn plan(self) -> Plan {
        let Edits { patches, added, removed } = self.edits;
        let stays = |item: &ItemId| !removed.contains(item);
        let patches = patches.into_iter().filter(|(item, _)| stays(item));
        let mut edits: Vec<Edit> =
            patches.map(|(item, operations)| Edit::Patch { item, operations }).collect();
        edits.extend(removed.iter().copied().map(Edit::RemoveItem));
        edits.extend(added.into_iter().flatten().map(Edit::AddItem));
        Plan { edits, findings: self.findings }
    }

    fn plan_on_objects(
        &self,
        configuration: &str,
        accepted: Acceptances,
        plan: &dyn Fn(&Items<'_>) -> Plan,
    ) -> Plan {
        // With a marker before each, the common way of reading manifests takes them.
        let documents: Vec<String> =
            self.objects.iter().map(|object| format!("---\n{}\n", object.value)).collect();
        let text = documents.concat();
        let package = match Package::stream(&text) {
            Ok(package) => package,
            Err(error) => {
                let findings = vec![StepFailed::Objects(error.to_string()).into()];
                return Plan { edits: Vec::new(), findings };
            }
        };
        match Items::of(&package) {
            Ok(items) => {
                let mut items = items.accepting(accepted);
                items.for_configuration(Some(configuration));
                plan(&items)
            }
            Err(others) => Plan {
                edits: Vec::new(),
                findings: others.into_iter().map(Finding::from).collect(),
            },
        }
    }

    /// Makes a step's edits.
    fn take(&mut self, edits: Vec<Edit>) -> Result<(), Finding> {
        if self.objects.is_empty() {
            for item in self.items.iter() {
                let value = item.node.value().map_err(|error| StepFailed::Object {
                    object: &item.resource,
                    why: error.message,
                })?;
                self.objects.push(Object { from: From::Item(item.id), value });
            }
        }
        let mut gone = Vec::new();
        for edit in edits {
            match edit {
                Edit::Patch { item, operations } => {
                    let Some(object) = self.objects.get_mut(item.0) else { continue };
                    json_patch::patch(&mut object.value, &operations).map_err(StepFailed::Patch)?;
                    match object.from {
                        From::Item(item) => self.edits.patches.push((item, operations)),
                        From::Added(place) => {
                            self.edits.added[place] = Some(NewObject::from(&object.value));
                        }
                    }
                }
                Edit::RemoveItem(item) => {
                    let Some(object) = self.objects.get(item.0) else { continue };
                    match object.from {
                        From::Item(item) => {
                            self.edits.removed.insert(item);
                        }
                        From::Added(place) => self.edits.added[place] = None,
                    }
                    gone.push(item.0);
                }
                Edit::AddItem(object) => {
                    let from = From::Added(self.edits.added.len());
                    self.objects.push(Object { from, value: object.value() });
                    self.edits.added.push(Some(object));
                }
            }
        }
        let mut place = 0;
        self.objects.retain(|_| {
            place += 1;
            !gone.contains(&(place - 1))
        });
        Ok(())
    }
}
