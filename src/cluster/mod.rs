//! The package as one world: every object read once, typed, with what kustomize will call it and
//! with what the controllers create of it.
//!
//! [`Cluster::of`] reads the items; [`Cluster::after`] is the world that edits leave. Neither judges
//! anything: an object that is not what its kind says is named in [`Objects::unreadable`], and the
//! findings say why.

mod diags;
mod embedded;
pub(crate) mod endpoints;
mod gateway_services;
mod installed;
mod kept;
mod knative_classes;
mod kserve;
mod kserve_pods;
mod objects;
mod open_paths;
pub(crate) mod plain;
mod pod_templates;
mod release;
pub(crate) mod removed_ingress;
mod renames;
mod service_entry;
mod serving;
pub(crate) mod target_group_binding;
pub(crate) mod workload;

pub(crate) use embedded::{Embedded, Template, is_object};
pub(crate) use gateway_services::{GatewayService, GatewayServices};
pub(crate) use kept::{Kept, Source};
pub(crate) use knative_classes::IngressClassOf;
pub(crate) use kserve::KserveRoute;
pub use kserve::KserveWorld;
pub(crate) use kserve_pods::is_generation;
pub(crate) use objects::Objects;
pub(crate) use pod_templates::PodsOf;
pub(crate) use release::{Release, parsed, releases_of};
pub(crate) use renames::Renames;

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use self::diags::Misread;
use crate::finding::Finding;
use crate::runtime::{Item, Items};
use crate::values::k8s::ResourceRef;
use krm_package::{Edit, ItemId};

/// The package as one world.
#[derive(Clone, Default)]
pub struct Cluster<'p> {
    /// The objects.
    pub(crate) objects: Objects<'p>,
    renames: Renames,
    /// What the objects are read from, in the order of the items.
    sources: Vec<Read<'p>>,
}

/// An item, and what it is read from.
#[derive(Clone)]
pub(crate) struct Read<'p> {
    id: ItemId,
    pub(crate) resource: Rc<ResourceRef>,
    source: Source<'p>,
}

impl Read<'_> {
    /// What it says, without the annotations by which hosts know the item.
    pub(crate) fn content(&self) -> Option<Value> {
        let mut value = self.source.value().ok()?;
        let annotations = value.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut);
        if let Some(annotations) = annotations {
            annotations.retain(|key, _| !OF_HOSTS.iter().any(|prefix| key.starts_with(prefix)));
        }
        Some(value)
    }
}

/// How the annotations begin by which hosts know an item.
const OF_HOSTS: [&str; 3] =
    ["config.kubernetes.io/", "internal.config.kubernetes.io/", "config.k8s.io/"];

impl<'p> Cluster<'p> {
    /// Reads every object once.
    ///
    /// An object that is not what its kind says gives a finding and is left out: the API server
    /// refuses it.
    #[must_use]
    pub fn of(items: &Items<'p>) -> (Self, Vec<Finding>) {
        Self::of_those(items, |_| true)
    }

    /// The same of some objects, for who needs few kinds of a package with thousands of others.
    #[must_use]
    pub(crate) fn of_those(
        items: &Items<'p>,
        is_read: impl Fn(&Item<'_>) -> bool,
    ) -> (Self, Vec<Finding>) {
        Self::keeping(items.iter().filter(|item| is_read(item)), |_| true)
    }

    /// The same without what `InferenceServices` say, for [`KserveWorld::of_package`], which reads each by itself.
    #[must_use]
    pub(crate) fn without_services(items: &Items<'p>) -> (Self, Vec<Finding>) {
        Self::keeping(items.iter(), |resource| !objects::is_inference_service(resource))
    }

    fn keeping<'i>(
        items: impl Iterator<Item = &'i Item<'p>>,
        is_kept: impl Fn(&ResourceRef) -> bool,
    ) -> (Self, Vec<Finding>)
    where
        'p: 'i,
    {
        let mut cluster = Self::default();
        let mut findings = Vec::new();
        for item in items {
            let resource = Rc::new(item.resource.clone());
            let source = Source::Text(item.node);
            if is_kept(&resource)
                && let Err(error) = cluster.objects.add(Some(item.id), &resource, &source)
            {
                findings.push(item.misread(error).into());
            }
            cluster.renames.add(&resource, &source);
            cluster.sources.push(Read { id: item.id, resource, source });
        }
        cluster.rename_references();
        (cluster, findings)
    }

    /// The world as edits leave it. What is not edited is shared with this one.
    ///
    /// An edit that does not apply is left to the engine, which says so; the object stays as it is.
    #[must_use]
    pub fn after(&self, edits: &[Edit]) -> (Self, Vec<Finding>) {
        let mut changed: BTreeMap<ItemId, Option<Value>> = BTreeMap::new();
        let mut added: Vec<Value> = Vec::new();
        for edit in edits {
            match edit {
                Edit::AddItem(object) => added.push(object.value()),
                Edit::RemoveItem(item) => {
                    changed.insert(*item, None);
                }
                Edit::Patch { item, operations } => {
                    let known = changed.remove(item);
                    let value = known.unwrap_or_else(|| {
                        let place = self.sources.binary_search_by_key(item, |read| read.id).ok()?;
                        self.sources[place].source.value().ok()
                    });
                    let Some(mut value) = value else { continue };
                    // Whole or not at all, as the engine applies it.
                    let before = value.clone();
                    if json_patch::patch(&mut value, operations).is_err() {
                        value = before;
                    }
                    changed.insert(*item, Some(value));
                }
            }
        }
        let mut after = self.clone();
        let mut findings = Vec::new();
        after.objects.retain(|id| id.is_none_or(|id| !changed.contains_key(&id)));
        for (id, value) in changed {
            let place = after.sources.binary_search_by_key(&id, |read| read.id);
            let Some(value) = value else {
                after.sources.retain(|read| read.id != id);
                continue;
            };
            let resource = Rc::new(reference(&value));
            after.objects.unreadable.retain(|other| *other != *resource);
            let source = Source::Value(Rc::new(value));
            if let Err(error) = after.objects.add(Some(id), &resource, &source) {
                findings.push(Misread { object: &resource, error }.into());
            }
            if let Ok(place) = place {
                after.sources[place] = Read { id, resource, source };
            }
        }
        after.objects.sort();
        for value in added {
            let resource = Rc::new(reference(&value));
            let source = Source::Value(Rc::new(value));
            if let Err(error) = after.objects.add(None, &resource, &source) {
                findings.push(Misread { object: &resource, error }.into());
            }
        }
        after.rename_references();
        (after, findings)
    }

    /// Gives references the names that kustomize will write, so that every reader of the world finds
    /// what they will lead to.
    fn rename_references(&mut self) {
        if self.renames.is_empty() {
            return;
        }
        for kept in &mut self.objects.ingresses {
            let kept = Rc::make_mut(kept);
            self.renames.rename_backends(&kept.resource, &mut kept.object);
        }
        // kustomize leaves those of ReplicaSets.
        let is_rewritten = |kind: &str| kind != "ReplicaSet";
        let workloads = self.objects.workloads.iter_mut();
        for kept in workloads.filter(|one| is_rewritten(&one.resource.kind)) {
            let named = &kept.object.spec.template.spec.service_account_name;
            let coming = self.renames.coming_name(&kept.resource, "ServiceAccount", named);
            if let Some(coming) = coming.map(str::to_owned) {
                Rc::make_mut(kept).object.spec.template.spec.service_account_name = coming;
            }
        }
    }

    /// What kustomize will call the objects.
    #[must_use]
    pub(crate) fn renames(&self) -> &Renames {
        &self.renames
    }

    /// Objects that are there more than once: the same group, kind, namespace and name. Of two that
    /// differ, `kubectl apply` leaves the last. One without a namespace may be that of any.
    #[must_use]
    pub(crate) fn duplicates(&self) -> Vec<Vec<&Read<'p>>> {
        fn key<'r>(read: &&'r Read<'_>) -> (&'r str, &'r str, &'r str) {
            let resource = &read.resource;
            (resource.group(), &resource.kind, &resource.name)
        }
        // What has `generateName` gets a name of its own each time.
        let named = self.sources.iter().filter(|read| !read.resource.name.is_empty());
        let mut named: Vec<&Read<'p>> = named.collect();
        named.sort_by(|one, other| key(one).cmp(&key(other)));
        let mut found = Vec::new();
        let by_name = named.chunk_by(|one, other| key(one) == key(other));
        for same in by_name.filter(|same| same.len() > 1) {
            let mut left = same.to_vec();
            // One without a namespace first: it may be that of each of the others.
            left.sort_by(|one, other| one.resource.namespace.cmp(&other.resource.namespace));
            while let Some(first) = left.first().copied() {
                let first = &first.resource.namespace;
                let (together, others): (Vec<_>, Vec<_>) =
                    left.into_iter().partition(|one| may_be_one(first, &one.resource.namespace));
                if together.len() > 1 {
                    found.push(together);
                }
                left = others;
            }
        }
        found
    }
}

/// Whether two namespaces may be one: one that is not given may become any.
#[must_use]
pub(crate) fn may_be_one(left: &Option<String>, right: &Option<String>) -> bool {
    left.is_none() || right.is_none() || left == right
}

/// How findings refer to an object.
pub(crate) fn reference(value: &Value) -> ResourceRef {
    let text =
        |place: &str| value.pointer(place).and_then(Value::as_str).filter(|text| !text.is_empty());
    ResourceRef {
        api_version: text("/apiVersion").unwrap_or_default().to_owned(),
        kind: text("/kind").unwrap_or_default().to_owned(),
        namespace: text("/metadata/namespace").map(str::to_owned),
        name: text("/metadata/name").unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests;
