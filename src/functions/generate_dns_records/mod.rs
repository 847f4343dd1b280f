//! `generate-dns-records`: the records that lead the hosts to the load balancer.

mod checks;
mod diags;
mod settings;
mod spec;
mod targets;

use diags::{IgnoredNames, OtherSetting, PlannedRecords, UnclaimedNames, WrongField};
use json_patch::Patch;
use settings::Settings;
use std::borrow::Cow;

use crate::finding::Finding;
use crate::runtime::{Function, Items, KserveAws, Owned, Plan};
use crate::serving::dns::{
    Claims, HostnameAnnotations, Record, RecordKind, RecordSets, dns_endpoint, records_for,
};
use crate::serving::ingress::AlbIngress;
use crate::values::k8s::ResourceRef;
use krm_package::{Edit, operation};
use spec::Mode;
pub(crate) use spec::{GenerateDnsRecords, ObjectName, ServingDns};

const ENDPOINT: (&str, &str) = ("externaldns.k8s.io", "DNSEndpoint");
const RECORD_SET: (&str, &str) = ("route53.services.k8s.aws", "RecordSet");
pub(super) const OWNED: Owned = Owned::by::<GenerateDnsRecords>(&[ENDPOINT, RECORD_SET]);
/// Of a CNAME without one.
const DEFAULT_TTL: u32 = 300;

impl Function for GenerateDnsRecords {
    type Project = KserveAws;
    const NAME: &'static str = "generate-dns-records";
    const KIND: &'static str = "ServingDNS";
    const SUMMARY: &'static str =
        "Generate the DNS records that point the hosts to the load balancer";
    const CONFIG_IS_OPTIONAL: bool = true;
    const HELP: &'static str = "Generates external-dns annotations on the Ingress, a DNSEndpoint, or RecordSets of AWS Controllers for
Kubernetes: a wildcard for each namespace, or a record for each host. A DNS wildcard matches any number of
labels: hosts that an existing wildcard captures, and names that a new record hides, are reported.";
    type Spec = ServingDns;

    fn schema() -> Cow<'static, str> {
        include_str!("../../../functions/generate-dns-records/schema.json").into()
    }

    fn plan(spec: ServingDns, items: &Items<'_>) -> Plan {
        let mut plan = Plan::default();
        let Some(settings) = Settings::read(&spec, items, &mut plan.findings) else {
            return plan;
        };
        let records = records_for(&settings.needs, spec.per_host);
        let names: Vec<String> = records.iter().map(|record| record.name.to_string()).collect();
        plan.findings.push(PlannedRecords(&names).into());
        let claims = Claims::of(items, OWNED, settings.prefixes, settings.zone.as_ref());
        checks::zone(&spec, &settings, &records, &mut plan.findings);
        checks::contested(&records, &claims, &mut plan.findings);
        checks::unserved(&settings, &records, &mut plan.findings);
        checks::claims(&settings, &records, &claims, &mut plan.findings);
        match spec.mode {
            Mode::ExternalDns => {
                annotate(&spec, &settings, &names, items.configuration(), &mut plan)
            }
            Mode::Endpoint | Mode::Ack => {
                annotate(&spec, &settings, &[], items.configuration(), &mut plan)
            }
        }
        let wanted = objects(&spec, &settings, &records, &mut plan.findings);
        if items.accepted().is_sound(&plan.findings) {
            let made = OWNED.plan(wanted, items);
            plan.edits.extend(made.edits);
            plan.findings.extend(made.findings);
        }
        plan
    }
}

/// The records that a package requires.
pub(super) fn records(items: &Items<'_>, findings: &mut Vec<Finding>) -> Vec<Record> {
    records_for(
        &settings::needs(&ServingDns::default(), &[], None, Vec::new(), items, findings),
        false,
    )
}

/// The Ingress whose load balancer they lead to.
pub(super) fn record_target(items: &Items<'_>) -> Option<ResourceRef> {
    let ingresses = AlbIngress::all(items);
    let place = targets::find(&ServingDns::default(), &ingresses, &mut Vec::new())?;
    Some(ingresses[place].0.resource.clone())
}

/// Sets the annotations of the Ingress; without names, removes those of an earlier run.
fn annotate(
    spec: &ServingDns,
    settings: &Settings<'_, '_>,
    names: &[String],
    configuration: Option<&str>,
    plan: &mut Plan,
) {
    for (item, ingress) in &settings.ingresses {
        let is_target = !names.is_empty() && settings.target_ingress == Some(item.id);
        let names = if is_target { names } else { &[] };
        let annotations = &ingress.ingress.metadata.annotations;
        let before = HostnameAnnotations::of(annotations, settings.prefixes, configuration);
        if let Some(obstacle) = before.obstacle().filter(|_| !names.is_empty()) {
            let wanted =
                if obstacle.ends_with("source") { "annotation-only" } else { "dns-controller" };
            let (annotation, ingress) = (obstacle.as_str(), &item.resource);
            plan.findings.push(IgnoredNames { annotation, wanted, ingress }.into());
        }
        let target =
            settings.target.as_ref().filter(|_| spec.target.is_some()).map(ToString::to_string);
        let (ttl, target) = if is_target { (spec.ttl, target) } else { (None, None) };
        let unclaimed = before.unclaimed(names);
        if !unclaimed.is_empty() {
            let unclaimed = UnclaimedNames { names: &unclaimed, ingress: &item.resource };
            plan.findings.push(unclaimed.into());
        }
        for (setting, other) in before.settings_of_others(ttl, target.as_deref()) {
            let other = OtherSetting { setting, other: &other, ingress: &item.resource };
            plan.findings.push(other.into());
        }
        let changes = before.set(names, ttl, target.as_deref());
        if changes.is_empty() {
            continue;
        }
        let mut operations = Vec::new();
        if ingress.ingress.metadata.annotations.is_empty() {
            operations.push(operation::add(&["metadata", "annotations"], serde_json::json!({})));
        }
        operations.extend(changes.into_iter().map(|(key, text)| {
            let path = ["metadata", "annotations", &key];
            match text {
                Some(text) => operation::add(&path, text),
                None => operation::remove(&path),
            }
        }));
        plan.edits.push(Edit::Patch { item: item.id, operations: Patch(operations) });
    }
}

fn objects(
    spec: &ServingDns,
    settings: &Settings<'_, '_>,
    records: &[Record],
    findings: &mut Vec<Finding>,
) -> Vec<serde_json::Value> {
    let kind = settings.kind;
    let namespace = spec.resource.namespace.as_deref().unwrap_or("istio-system");
    let Some(target) = settings.target.as_ref().filter(|_| spec.mode != Mode::ExternalDns) else {
        return Vec::new();
    };
    let Some(zone) = settings.hosted_zone.as_ref().filter(|_| spec.mode == Mode::Ack) else {
        let name = spec.resource.name.as_deref().unwrap_or("kserve-serving");
        return vec![dns_endpoint(records, name, namespace, target, kind, spec.ttl)];
    };
    if kind == RecordKind::Alias && target.canonical_zone().is_none() {
        let unknown = WrongField::UnknownCanonicalZone(target.region());
        findings.push(Finding::from(unknown).field("spec.record"));
        return Vec::new();
    }
    let sets = RecordSets {
        namespace,
        zone,
        relative_to: settings.zone.as_ref().filter(|_| !spec.absolute_names),
        target,
        ttl: spec.ttl.unwrap_or(DEFAULT_TTL),
    };
    let mut objects = Vec::new();
    for record in records {
        for answer in kind.answers(settings.is_dual_stack) {
            match sets.object(record, *answer) {
                Ok(object) => objects.push(object),
                Err(error) => {
                    let wrong = WrongField::Record(error.to_string());
                    findings.push(Finding::from(wrong).field("spec.mode"));
                }
            }
        }
    }
    objects
}
