//! Doors through objects that other objects hold: a Service in the manifests of a ConfigMap, an Ingress in a
//! Crossplane `Object`.
//!
//! The package is looked at once more as if they were applied. What is a door then and was none before hangs on
//! whether they are. So it is with what `KServe` creates of a service that another object holds. Policies that another object holds guard nothing. So it is with the gateways that `istioctl`
//! and Helm install, of which it is known that they are.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::context::DoorContext;
use super::door::{Door, Verdict};
use super::embedded_services;
use super::kinds::{DoorKind, Readers};
use super::reach::Reach;
use crate::cluster::{Cluster, Embedded, KserveWorld, Template};
use crate::values::k8s::ResourceRef;
use krm_package::Edit;

/// Kinds whose objects let requests in, as a template that is not YAML writes them.
const OPENING: [&str; 6] =
    ["LoadBalancer", "NodePort", "externalIPs", "kind: Ingress", "Route", "TargetGroupBinding"];

/// Finds out what doors a world has.
type Look<'l> = dyn Fn(&Cluster<'_>, Option<&KserveWorld>, Readers) -> Vec<Door> + 'l;

pub(crate) fn read(context: &DoorContext<'_, '_>, look: &Look<'_>, doors: &mut Vec<Door>) {
    if context.readers.has(DoorKind::InstalledGateway) {
        let installed = context.cluster.installed_gateways();
        with_objects(context, look, (DoorKind::InstalledGateway, &installed), doors);
    }
    if context.readers.has(DoorKind::Embedded) {
        let (objects, templates) = context.cluster.embedded();
        let services = templates.iter().filter_map(embedded_services::of_template);
        let objects = objects.into_iter().filter(opens).chain(services).collect();
        let objects = embedded_services::admitted(objects);
        with_objects(context, look, (DoorKind::Embedded, &objects), doors);
        doors.extend(templates.iter().filter_map(|template| of_template(context, template)));
    }
}

/// Whether an object may open something; what guards is not counted on.
fn opens(one: &Embedded) -> bool {
    let group = one.resource.group();
    group != "security.istio.io" && one.resource.kind != "EnvoyFilter"
}

/// Adds what is a door with further objects, and none without them.
fn with_objects(
    context: &DoorContext<'_, '_>,
    look: &Look<'_>,
    (kind, objects): (DoorKind, &[Embedded]),
    doors: &mut Vec<Door>,
) {
    if objects.is_empty() {
        return;
    }
    let applied = objects.iter().enumerate().map(|(index, one)| one.applied(index));
    let applied: Vec<Embedded> = applied.collect();
    let edits: Vec<Edit> = applied.iter().map(|one| Edit::add_item(&one.value)).collect();
    let without = [DoorKind::Embedded, DoorKind::InstalledGateway, DoorKind::GivenTwice];
    let readers = without.into_iter().fold(context.readers, Readers::without);
    let after = context.cluster.after(&edits).0;
    let kserve = embedded_services::world_with(context.cluster, &after, &applied);
    let found = look(&after, kserve.as_ref(), readers);
    let key = |door: &Door| (door.kind, door.resource.clone(), door.field.clone());
    let known: HashSet<_> = doors.iter().map(key).collect();
    let mut holders: HashMap<&ResourceRef, &Embedded> = HashMap::new();
    for (applied, one) in applied.iter().zip(objects) {
        holders.entry(&applied.resource).or_insert(one);
    }
    // What holds a Service names it, and leads nowhere by that.
    let naming: HashSet<&ResourceRef> = objects.iter().map(|one| &*one.holder).collect();
    let is_own_name =
        |door: &Door| door.kind == DoorKind::OtherKind && naming.contains(&*door.resource);
    let news = found.into_iter().filter(|door| !known.contains(&key(door)) && !is_own_name(door));
    for mut door in news {
        let holder = holders.get(&*door.resource);
        let is_refused = matches!(door.verdict, Verdict::Open { .. } | Verdict::NotJudged { .. });
        match (kind, &mut door.verdict) {
            (DoorKind::Embedded, verdict) if is_refused => {
                let what = holder.map_or_else(
                    || "the objects in other objects of the input are".to_owned(),
                    |one| format!("the {} in this field is", one.resource),
                );
                let missing = format!("knowing whether {what} applied");
                *verdict = Verdict::NotJudged { missing: missing.into() };
            }
            (DoorKind::InstalledGateway, Verdict::Open { why, .. }) => {
                if let Some(one) = holder {
                    *why = format!(
                        "it installs the Service {}, whose address takes every request; set the Service's type to ClusterIP here",
                        one.resource.name
                    );
                }
            }
            _ => {}
        }
        if let Some(one) = holder {
            // By the name that it has in the input.
            door.to = door.to.replace(&door.resource.to_string(), &one.resource.to_string());
            door.created = Some(std::mem::replace(&mut door.resource, one.holder.clone()));
            door.field.clone_from(&one.field);
        }
        doors.push(Door { kind, ..door });
    }
}

/// A text that cannot be read, speaks of what opens a door, and names a Service of protected pods.
fn of_template(context: &DoorContext<'_, '_>, template: &Template) -> Option<Door> {
    if !OPENING.iter().any(|word| template.text.contains(word)) {
        return None;
    }
    let name = words(&template.text).find(|word| context.reach.knows(word))?;
    let hit = hit_of(&context.reach, name)?;
    let verdict =
        context.not_judged(hit.set, format!("the objects of this template, which names {name}"));
    Some(Door {
        kind: DoorKind::Embedded,
        resource: Rc::clone(&template.holder),
        created: None,
        field: template.field.clone(),
        to: context.name_of(hit),
        verdict,
    })
}

fn hit_of(reach: &Reach, name: &str) -> Option<super::reach::Hit> {
    reach.hit(&None, name)
}

/// The words of a text that may be names.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|word| !word.is_empty())
}
