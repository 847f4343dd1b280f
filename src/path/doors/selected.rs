//! Objects of kinds that this project does not know and that select protected pods by their labels, as a Service
//! does: the field has `selector` in its name.
//!
//! What has a pod template selects its own pods. A kind that ends in `Policy` changes what reaches pods and leads
//! nothing to them.

use std::collections::HashSet;

use serde_json::Value;

use super::context::DoorContext;
use super::door::Door;
use super::kinds::DoorKind;
use super::other_kinds::{door_through, leads_nothing};
use super::reach::{Hit, Why};
use super::selection::{Labels, PodLabels, Selection, is_named_after, is_within};
use super::set_index::SetIndex;
use krm_package::ItemId;

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    if !context.readers.has(DoorKind::SelectedPods) {
        return;
    }
    let objects = &context.cluster.objects;
    let workloads: HashSet<Option<ItemId>> = objects.workloads.iter().map(|one| one.id).collect();
    let index = SetIndex::of(&context.reach.sets);
    for kept in &objects.others {
        let resource = &kept.resource;
        if leads_nothing(resource) || workloads.contains(&kept.id) {
            continue;
        }
        let Ok(value) = kept.object.value() else { continue };
        let namespace = &resource.namespace;
        let mut search = Search { context, index: &index, namespace, found: None, on_node: None };
        for (key, part) in value.as_object().into_iter().flatten() {
            if !matches!(key.as_str(), "apiVersion" | "kind" | "metadata" | "status") {
                search.walk(key, part, &mut vec![key.clone()]);
            }
        }
        if let Some((field, hit)) = search.on_node {
            let why = "its pods take their node's network or a port of it; remove hostNetwork and hostPort".to_owned();
            doors.push(Door {
                kind: DoorKind::SelectedPods,
                resource: resource.clone(),
                created: None,
                field,
                to: context.name_of(hit),
                verdict: context.judged(hit, why, String::new()),
            });
        }
        let Some((field, hit)) = search.found else { continue };
        let reader = format!("{} of {}", resource.kind, resource.group());
        let door = door_through(&reader, context, resource, (field, hit));
        doors.push(Door { kind: DoorKind::SelectedPods, ..door });
    }
}

struct Search<'s, 'w, 'p> {
    context: &'s DoorContext<'w, 'p>,
    index: &'s SetIndex<'s>,
    namespace: &'s Option<String>,
    /// The first selector of protected pods, with its field.
    found: Option<(String, Hit)>,
    /// The first template of protected pods that are on their node's network, or take a port of it.
    on_node: Option<(String, Hit)>,
}

impl Search<'_, '_, '_> {
    fn walk(&mut self, key: &str, value: &Value, path: &mut Vec<String>) {
        if crate::cluster::is_object(value) {
            return;
        }
        match value {
            Value::Array(list) => {
                for (place, entry) in list.iter().enumerate() {
                    path.push(format!("[{place}]"));
                    self.walk(key, entry, path);
                    path.pop();
                }
            }
            Value::Object(fields) => {
                if self.found.is_none() && speaks_of_a_selector(key) {
                    self.select(value, path);
                }
                if self.on_node.is_none() && is_on_node(value) {
                    self.template(value, path);
                }
                for (name, field) in fields {
                    path.push(name.clone());
                    self.walk(name, field, path);
                    path.pop();
                }
            }
            // As kubectl takes it: `app=web,tier=front`.
            Value::String(text) if self.found.is_none() && speaks_of_a_selector(key) => {
                let pairs: Option<serde_json::Map<String, Value>> = text
                    .split(',')
                    .map(|pair| pair.trim().split_once('='))
                    .map(|pair| Some((pair?.0.to_owned(), pair?.1.trim_start_matches('=').into())))
                    .collect();
                if let Some(pairs) = pairs {
                    self.select(&Value::Object(pairs), path);
                }
            }
            _ => {}
        }
    }

    /// A pod template, wherever a kind has it: the leader's of a `LeaderWorkerSet`, a group's of a `RayCluster`.
    fn template(&mut self, template: &Value, path: &[String]) {
        let labels = template.pointer("/metadata/labels").and_then(Value::as_object);
        let texts = labels.into_iter().flatten();
        let labels: Labels = texts
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect();
        let mut sets = self.context.reach.sets.iter().enumerate();
        let own = sets.find(|(_, set)| {
            let is_own = match &set.labels {
                PodLabels::Known(all) => all.iter().any(|one| **one == labels),
                PodLabels::Selected(selector) => is_within(selector, &labels),
                PodLabels::OfService(name) => is_named_after(&labels, name),
            };
            is_own && self.context.reach.may_be_one(&set.namespace, self.namespace)
        });
        self.on_node = own.map(|(set, own)| {
            let selection = match own.labels {
                PodLabels::OfService(_) => Selection::Undecided,
                _ => Selection::Same,
            };
            (path.join(".").replace(".[", "["), Hit::of(set, selection))
        });
    }

    fn select(&mut self, selector: &Value, path: &[String]) {
        let labels = selector.get("matchLabels").unwrap_or(selector).as_object();
        let texts = labels.into_iter().flatten();
        let texts: Option<Labels> =
            texts.map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect();
        let Some(labels) = texts else { return };
        let (selected, _) = self.index.selected(self.namespace.as_deref(), &labels);
        let shown = selected.into_iter().find(|(set, selection)| {
            let set = &self.context.reach.sets[*set];
            *selection == Selection::Same
                && (set.why == Why::OtherGateway
                    || self.context.reach.may_be_one(&set.namespace, self.namespace))
        });
        self.found = shown
            .map(|(set, _)| (path.join(".").replace(".[", "["), Hit::of(set, Selection::Same)));
    }
}

/// Whether a field's name is one that selectors are under.
fn speaks_of_a_selector(key: &str) -> bool {
    key.to_ascii_lowercase().contains("selector")
}

/// Whether a value is the template of pods that use their node's network or a port of it.
fn is_on_node(value: &Value) -> bool {
    let Some(spec) = value.get("spec") else { return false };
    let lists = ["containers", "initContainers"].into_iter().filter_map(|key| spec.get(key));
    let containers = lists.filter_map(Value::as_array).flatten();
    let mut ports = containers.filter_map(|one| one.get("ports")?.as_array()).flatten();
    spec.get("containers").is_some()
        && (spec.get("hostNetwork").and_then(Value::as_bool) == Some(true)
            || ports.any(|port| port.get("hostPort").and_then(Value::as_i64) > Some(0)))
}
