//! Ingresses that are set alike, and the result for all of them.

use std::collections::{BTreeSet, HashMap};

use super::auto_mode::ClassEdits;
use super::classes::Classes;
use super::diags::{LoginLeftAlone, ParamsRead, TargetTwice, WrongTargets};
use super::sources::Sources;
use super::targets::{self, Target};
use crate::cluster::Cluster;
use crate::finding::Finding;
use crate::path::doors;
use crate::runtime::{Item, Items};
use crate::serving::ingress::{self, IngressParams, Layer, Protection, Settings, TargetParams};
use crate::values::k8s::ResourceRef;
use krm_package::{Edit, ItemId};

/// Ingresses that are set alike: all that the configuration means, or those of an entry of `targets`.
pub(super) struct Job<'i, 'p> {
    targets: Vec<Target<'i, 'p>>,
    /// The entry of `targets`, and its field.
    own: Option<(IngressParams, String)>,
}

impl<'i, 'p> Job<'i, 'p> {
    /// Those of a configuration.
    pub(super) fn all(
        spec: &IngressParams,
        items: &'i Items<'p>,
        cluster: &Cluster<'_>,
        unreadable: &[Finding],
    ) -> Result<Vec<Self>, Vec<Finding>> {
        let find = |wanted: Option<&ingress::Target>, field: &str| {
            targets::find(wanted, field, items, cluster, unreadable)
        };
        let Some(entries) = &spec.targets else {
            let targets = find(spec.target.as_ref(), "spec.target")?;
            return Ok(vec![Self { targets, own: None }]);
        };
        well_formed(spec, entries)?;
        let mut jobs: Vec<Self> = Vec::new();
        let mut findings = Vec::new();
        for (place, entry) in entries.iter().enumerate() {
            let field = format!("spec.targets[{place}]");
            match find(Some(&entry.target()), &field) {
                Err(found) => findings.extend(found),
                Ok(targets) => {
                    findings.extend(twice(&jobs, &targets, &field));
                    jobs.push(Self { targets, own: Some((entry.params(), field)) });
                }
            }
        }
        if findings.is_empty() { Ok(jobs) } else { Err(findings) }
    }
}

fn well_formed(spec: &IngressParams, entries: &[TargetParams]) -> Result<(), Vec<Finding>> {
    let mut wrong = Vec::new();
    if spec.target.is_some() {
        wrong.push(WrongTargets::BesideTarget);
    }
    if entries.is_empty() {
        wrong.push(WrongTargets::Empty);
    }
    let nameless = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.name.is_none() && entry.namespace.is_none());
    wrong.extend(nameless.map(|(place, _)| WrongTargets::Nameless(place)));
    if wrong.is_empty() { Ok(()) } else { Err(wrong.into_iter().map(Finding::from).collect()) }
}

/// A finding for each Ingress that an earlier entry sets already.
fn twice(jobs: &[Job<'_, '_>], targets: &[Target<'_, '_>], field: &str) -> Vec<Finding> {
    let earlier = |target: &Target<'_, '_>| {
        let known =
            jobs.iter().find(|job| job.targets.iter().any(|one| one.item.id == target.item.id));
        known.and_then(|job| job.own.as_ref()).map(|(_, field)| field.clone())
    };
    let found = targets.iter().filter_map(|target| Some((target, earlier(target)?)));
    found
        .map(|(target, other)| {
            TargetTwice { ingress: &target.item.resource, other: &other, field }.into()
        })
        .collect()
}

/// The result for all Ingresses that are set.
#[derive(Default)]
pub(super) struct Run<'i, 'p> {
    pub(super) edits: Vec<Edit>,
    /// The Ingresses.
    pub(super) set: BTreeSet<ResourceRef>,
    /// What is set in their classes.
    pub(super) classes: ClassEdits,
    /// The same, as they will be.
    pub(super) targets: Vec<Target<'i, 'p>>,
    /// What a request through each Ingress must carry.
    pub(super) protections: HashMap<ResourceRef, Protection>,
    pub(super) protected: doors::Protected,
    /// The objects that parameters were read from, and whether each stays.
    consumed: Vec<(&'i Item<'p>, bool)>,
}

impl<'i, 'p> Run<'i, 'p> {
    /// Sets the Ingresses of a job; `false` where it cannot.
    pub(super) fn add(
        &mut self,
        job: Job<'i, 'p>,
        spec: &IngressParams,
        items: &'i Items<'p>,
        classes: &Classes,
        findings: &mut Vec<Finding>,
    ) -> bool {
        let mut sources = Sources::find(&spec.params_from, "spec", items, findings);
        let mut layers = std::mem::take(&mut sources.layers);
        layers.push(Layer { params: spec.clone(), source: None, field: "spec".to_owned() });
        let is_of_entry = job.own.is_some();
        if let Some((params, field)) = job.own {
            let own = Sources::find(&params.params_from, &field, items, findings);
            layers.extend(own.layers);
            layers.push(Layer { params, source: None, field });
            sources.consumed.extend(own.consumed);
            sources.missing.extend(own.missing);
        }
        let mut given = layers.iter().rev().filter(|layer| layer.source.is_none());
        let overlay = given.clone().find_map(|layer| layer.params.overlay);
        let header = given.find_map(|layer| layer.params.http_header_name.as_ref());
        let header = header.map(ToString::to_string);
        let is_second_run = !sources.missing.is_empty();
        if is_second_run {
            let is_set = job.targets.iter().all(|target| target.is_set_for(overlay));
            findings.extend(sources.missing.iter().map(|missing| missing.finding(is_set)));
        }
        if !items.accepted().is_sound(findings) {
            return false;
        }
        let is_auto_mode = layers.iter().any(|layer| layer.params.platform.is_some());
        let gives_tokens = layers.iter().any(|layer| layer.params.http_header_values.is_some());
        let is_default_target = spec.target.is_none() && !is_of_entry;
        let has_others = job.targets.iter().any(|target| !target.has_login());
        // Hosts that are given are bound to every rule.
        let binds_hosts = layers.iter().any(|layer| layer.params.hosts.is_some());
        let has_certificate =
            job.targets.iter().all(|target| target.has_certificate(classes, binds_hosts));
        let mut settings: Option<Settings> = None;
        for mut target in job.targets {
            if is_second_run {
                let earlier = target.earlier(overlay, header.as_deref());
                let layers: Vec<Layer> =
                    std::iter::once(earlier).chain(layers.iter().cloned()).collect();
                settings = checked(&layers, has_certificate, findings);
            } else if settings.is_none() {
                settings = checked(&layers, has_certificate, findings);
            }
            let Some(settings) = &settings else {
                return false;
            };
            let is_token = matches!(settings.protection(), Protection::Token { .. });
            if is_default_target && is_token && has_others && target.has_login() {
                findings.push(LoginLeftAlone(&target.item.resource).into());
                continue;
            }
            self.set.insert(target.item.resource.clone());
            // Of an Ingress that was set before, the annotations themselves say what they require.
            if !is_second_run || gives_tokens {
                self.protections
                    .insert(target.item.resource.clone(), settings.protection().clone());
            }
            findings.extend(target.absent_secret(settings, items, &sources.consumed));
            self.protected.fronts.extend(target.front(settings));
            let moved = self.classes.of(&target, settings, is_auto_mode, classes, items, findings);
            target.set(settings, classes, moved, &mut self.edits, findings);
            self.targets.push(target);
        }
        // An overlay that forwards every request is never inferred from an object that is not there,
        // so what it was inferred from has to be there for the next run, too. No token is in it.
        let stays = overlay.is_none()
            && settings.as_ref().is_some_and(|all| *all.protection() == Protection::Open);
        self.consumed.extend(sources.consumed.into_iter().map(|item| (item, stays)));
        true
    }

    /// Leaves the objects out that parameters were read from.
    pub(super) fn remove_consumed(&mut self, findings: &mut Vec<Finding>) {
        let mut known: Vec<ItemId> = Vec::new();
        for (item, _) in &self.consumed {
            if known.contains(&item.id) {
                continue;
            }
            known.push(item.id);
            let stays = self.consumed.iter().any(|(other, stays)| other.id == item.id && *stays);
            findings.push(ParamsRead { object: &item.resource, stays }.into());
            if !stays {
                self.edits.push(Edit::RemoveItem(item.id));
            }
        }
    }
}

/// Checks the layers, and says each thing once, for however many Ingresses.
fn checked(
    layers: &[Layer],
    has_certificate: bool,
    findings: &mut Vec<Finding>,
) -> Option<Settings> {
    let (settings, found) = match Settings::checked(layers, has_certificate) {
        Ok((settings, found)) => (Some(settings), found),
        Err(found) => (None, found.into_iter().map(Finding::blocking).collect()),
    };
    for finding in found {
        if finding.resource.is_some() || !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    settings
}
