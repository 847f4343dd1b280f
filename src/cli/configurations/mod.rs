//! The configurations of a package, each run again over its final output: a configuration that has been
//! run changes nothing any more. One that does was run before what it reads was final, or another one
//! undoes what it sets.

mod diags;
mod pipeline;

use std::collections::BTreeSet;

use super::manifests::{Manifests, items, parse};
use crate::finding::Finding;
use crate::functions;
use crate::runtime::{API_VERSION, ConfigSource, FunctionConfig, Item, Items, Plan, Registered};
use crate::values::k8s::ResourceRef;
use diags::{Disagreement, NotRun, RunTooEarly};
use krm_package::Package;

/// A configuration and its function.
struct Configuration<'p> {
    config: FunctionConfig<'p>,
    resource: ResourceRef,
    function: &'static Registered,
    /// The place of its function among those that a pipeline runs.
    place: usize,
}

/// The order in which the functions read what others of them write.
const ORDER: [&str; 5] = [
    "set-knative-domain",
    "plan-certificate",
    "set-ingress-params",
    "generate-authorization-policies",
    "generate-dns-records",
];

/// What the configurations of a package would still change in it.
pub(super) fn findings(manifests: &Manifests) -> Result<Vec<Finding>, Vec<Finding>> {
    // Looking is faster than reading.
    if !manifests.text.contains(API_VERSION) && !manifests.text.contains("kpt.dev/") {
        return Ok(Vec::new());
    }
    let package = parse(manifests).map_err(|finding| vec![finding])?;
    let objects = items(&package, &manifests.files)?;
    let configurations: Vec<Configuration<'_>> =
        objects.iter().filter_map(Configuration::of).collect();
    let mut found = pipeline::findings(&objects);
    // What runs too early by its Kptfile is reported there.
    let is_in_order = found.is_empty();
    let mut reported: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (index, one) in configurations.iter().enumerate() {
        let plan = one.plan(&objects);
        if plan.edits.is_empty() || !plan.is_sound() {
            continue;
        }
        let Ok(after) = package.apply(&plan.edits, &[]) else { continue };
        let after: String = after.pieces().collect();
        match undone_by(&after, index, configurations.len()) {
            Some(other) if reported.insert((index.min(other), index.max(other))) => {
                let other = &configurations[other].resource;
                found.push(Finding::from(Disagreement { other }).on(&one.resource));
            }
            None if is_in_order => found.push(one.too_early(&configurations)),
            Some(_) | None => {}
        }
    }
    Ok(found)
}

/// The steps of Kptfiles in a folder that run before what they read is written. What cannot be read is for
/// others to refuse.
pub(super) fn out_of_order(manifests: &Manifests) -> Vec<Finding> {
    let Ok(package) = parse(manifests) else { return Vec::new() };
    items(&package, &manifests.files)
        .map(|objects| pipeline::findings(&objects))
        .unwrap_or_default()
}

/// The configuration that changes what another one has just set.
fn undone_by(text: &str, index: usize, count: usize) -> Option<usize> {
    let package = Package::manifests(text).ok()?;
    let objects = Items::of(&package).ok()?;
    let again: Vec<Configuration<'_>> = objects.iter().filter_map(Configuration::of).collect();
    let mut others = again.iter().enumerate().filter(|(place, _)| *place != index);
    let found = others.find(|(_, one)| {
        let plan = one.plan(&objects);
        plan.is_sound() && !plan.edits.is_empty()
    });
    found.map(|(place, _)| place).filter(|place| *place < count)
}

impl<'p> Configuration<'p> {
    fn of(item: &Item<'p>) -> Option<Self> {
        if item.resource.api_version != API_VERSION {
            return None;
        }
        let function = functions::ALL.of_kind(&item.resource.kind).ok()?;
        let place = ORDER.iter().position(|name| *name == function.name)?;
        let config =
            FunctionConfig::new::<crate::finding::Code>(item.node, ConfigSource::ResourceList);
        Some(Self { config: config.ok()?, resource: item.resource.clone(), function, place })
    }

    fn plan(&self, objects: &Items<'_>) -> Plan {
        let mut objects = objects.clone();
        objects.for_configuration(self.config.name());
        self.function.plan(Some(&self.config), &objects)
    }

    fn too_early(&self, all: &[Self]) -> Finding {
        let before = all.iter().filter(|one| one.place < self.place);
        let before: BTreeSet<&str> = before.map(|one| one.function.name).collect();
        let before: Vec<&str> = before.into_iter().collect();
        let function = self.function.name;
        let finding: Finding = if before.is_empty() {
            NotRun { function }.into()
        } else {
            RunTooEarly { function, before: &before.join(", ") }.into()
        };
        finding.on(&self.resource)
    }
}
