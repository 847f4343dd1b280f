//! `generate-dns-records`: the records that lead the hosts to the load balancer.

mod asked;
mod checks;
mod targets;

use asked::Asked;
use json_patch::Patch;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::arn::Region;
use crate::dns::{
    Claims, ElbName, HostnameAnnotations, Record, RecordKind, dns_endpoint, record_set, records_for,
};
use crate::dns_name::{DnsName, WildcardName};
use crate::engine::{Edit, operation};
use crate::finding::{Code, Finding};
use crate::runtime::{Function, Items, Owned, Plan};

/// Makes the records.
pub(crate) struct GenerateDnsRecords;

/// How the records are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mode {
    /// Annotations on the Ingress, whose address external-dns takes.
    #[default]
    ExternalDns,
    /// A `DNSEndpoint` of external-dns.
    Endpoint,
    /// `RecordSet`s of AWS Controllers for Kubernetes.
    Ack,
}

/// The object of a name, or the names of objects to make.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ObjectName {
    /// The name.
    pub(crate) name: Option<String>,
    /// The namespace.
    pub(crate) namespace: Option<String>,
}

/// Which hosts get records, where they lead, and who makes them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ServingDns {
    /// How the records are asked for. Default: `external-dns`.
    pub(crate) mode: Mode,
    /// The domain under which Knative serves. Default: that of config-domain.
    #[schemars(with = "Option<DnsName>", example = &"platform.example.com")]
    pub(crate) domain: Option<String>,
    /// The namespaces whose hosts get records, whether or not they have services yet. Default:
    /// those of the InferenceServices among the objects.
    #[schemars(example = &["staging"])]
    pub(crate) namespaces: Vec<String>,
    /// More hosts; `*.` in front makes a wildcard record.
    #[schemars(with = "Vec<WildcardName>", example = &["kubeflow.platform.example.com"])]
    pub(crate) hosts: Vec<String>,
    /// Whether each host gets a record of its own, and not each namespace a wildcard.
    pub(crate) per_host: bool,
    /// The Ingress to annotate. Default: the only one of class `alb` that leads to
    /// `istio-ingressgateway`.
    pub(crate) ingress: ObjectName,
    /// The release of external-dns, by which one annotation prefix is written. Default: both.
    #[schemars(example = &"0.21.0")]
    pub(crate) external_dns_version: Option<String>,
    /// The load balancer's DNS name. Default: the address in the status of the Ingress; with
    /// `external-dns` none is needed.
    #[schemars(
        with = "Option<ElbName>",
        example = &"k8s-kserve-0123456789.us-west-2.elb.amazonaws.com"
    )]
    pub(crate) target: Option<String>,
    /// The region of the load balancer. Default: what its Ingress says.
    #[schemars(with = "Option<Region>", example = &"us-west-2")]
    pub(crate) region: Option<String>,
    /// Seconds for which a resolver keeps an answer, 1 to 2147483647. An ALIAS has none.
    #[schemars(range(min = 1, max = 2147483647), example = &300)]
    pub(crate) ttl: Option<u32>,
    /// What the records are. Default: `alias`.
    pub(crate) record: Option<RecordKind>,
    /// The zone's name. Default: that of the HostedZone object.
    #[schemars(with = "Option<DnsName>", example = &"platform.example.com")]
    pub(crate) zone: Option<String>,
    /// The zone's id, for `ack`.
    #[schemars(example = &"Z0123456789ABCDEFGHIJ")]
    pub(crate) hosted_zone_id: Option<String>,
    /// The zone's HostedZone object, for `ack`.
    pub(crate) hosted_zone_ref: ObjectName,
    /// Whether names in `ack` are complete, with a dot at the end, which its controller takes from
    /// v1.3.1 on. Default: relative to the zone.
    pub(crate) absolute_names: bool,
    /// The name of the DNSEndpoint (default: `kserve-serving`) and the namespace of what is made
    /// (default: `istio-system`).
    pub(crate) resource: ObjectName,
}

const ENDPOINT: (&str, &str) = ("externaldns.k8s.io", "DNSEndpoint");
const RECORD_SET: (&str, &str) = ("route53.services.k8s.aws", "RecordSet");
const OWNED: Owned = Owned { function: GenerateDnsRecords::NAME, kinds: &[ENDPOINT, RECORD_SET] };
/// Of a CNAME without one.
const DEFAULT_TTL: u32 = 300;

impl Function for GenerateDnsRecords {
    const NAME: &'static str = "generate-dns-records";
    const KIND: &'static str = "ServingDNS";
    const SUMMARY: &'static str = "Make the DNS records that lead the hosts to the load balancer";
    const HELP: &'static str = "\
Writes external-dns's annotations on the Ingress, a DNSEndpoint, or RecordSets of AWS Controllers for
Kubernetes: a wildcard for each namespace, or a record for each host. A DNS wildcard reaches any number of
labels, so what an existing one catches, and what a new one stops, is said.";
    type Spec = ServingDns;

    fn plan(spec: ServingDns, items: &Items<'_>) -> Plan {
        let mut plan = Plan::default();
        let Some(asked) = Asked::read(&spec, items, &mut plan.findings) else {
            return plan;
        };
        let records = records_for(&asked.needs, spec.per_host);
        let names: Vec<String> = records.iter().map(|record| record.name.to_string()).collect();
        let count = if names.len() == 1 {
            "1 record".to_owned()
        } else {
            format!("{} records", names.len())
        };
        plan.findings.push(
            Finding::info(
                Code::DnsRecords,
                format!("the hosts need {count}: {}", names.join(", ")),
            )
            .field("spec.hosts")
            .proposed(names.clone()),
        );
        let claims = Claims::of(items, OWNED, asked.zone.as_ref());
        checks::zone(&spec, &asked, &records, &mut plan.findings);
        checks::claims(&asked, &records, &claims, &mut plan.findings);
        match spec.mode {
            Mode::ExternalDns => annotate(&spec, &asked, &names, &mut plan),
            Mode::Endpoint | Mode::Ack => annotate(&spec, &asked, &[], &mut plan),
        }
        let wanted = objects(&spec, &asked, &records, &mut plan.findings);
        if plan.is_sound() {
            let made = OWNED.plan(wanted, items);
            plan.edits.extend(made.edits);
            plan.findings.extend(made.findings);
        }
        plan
    }
}

/// Sets the annotations of the Ingress; without names, removes those of an earlier run.
fn annotate(spec: &ServingDns, asked: &Asked<'_, '_>, names: &[String], plan: &mut Plan) {
    for (item, ingress) in &asked.ingresses {
        let is_target = asked.target_ingress.is_some_and(|target| target == item.id);
        let names = if is_target { names } else { &[] };
        let before = HostnameAnnotations::of(&ingress.metadata.annotations);
        if !names.is_empty() && !before.takes_annotations() {
            let message = "ingress-hostname-source lets external-dns take no name from annotations; remove it, or write annotation-only";
            plan.findings.push(
                Finding::error(Code::DnsAnnotationIgnored, message)
                    .on(&item.resource)
                    .field("metadata.annotations"),
            );
        }
        let target =
            asked.target.as_ref().filter(|_| spec.target.is_some()).map(ToString::to_string);
        let (ttl, target) = if is_target { (spec.ttl, target) } else { (None, None) };
        let changes = before.set(names, ttl, target.as_deref(), asked.prefixes);
        if changes.is_empty() {
            continue;
        }
        let mut operations = Vec::new();
        if ingress.metadata.annotations.is_empty() {
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
    asked: &Asked<'_, '_>,
    records: &[Record],
    findings: &mut Vec<Finding>,
) -> Vec<serde_json::Value> {
    let kind = spec.record.unwrap_or_default();
    let namespace = spec.resource.namespace.as_deref().unwrap_or("istio-system");
    let Some(target) = asked.target.as_ref().filter(|_| spec.mode != Mode::ExternalDns) else {
        return Vec::new();
    };
    let Some(zone) = asked.hosted_zone.as_ref().filter(|_| spec.mode == Mode::Ack) else {
        let name = spec.resource.name.as_deref().unwrap_or("kserve-serving");
        return vec![dns_endpoint(records, name, namespace, target, kind, spec.ttl)];
    };
    if kind == RecordKind::Alias && target.canonical_zone().is_none() {
        let message = format!(
            "the hosted zone of load balancers in {} is not known here, and an ALIAS needs it; write record: cname",
            target.region().as_str()
        );
        findings.push(Finding::error(Code::DnsTargetInvalid, message).field("spec.record"));
        return Vec::new();
    }
    let relative_to = asked.zone.as_ref().filter(|_| !spec.absolute_names);
    let ttl = spec.ttl.unwrap_or(DEFAULT_TTL);
    let set = |record| record_set(record, namespace, zone, relative_to, target, kind, ttl);
    records.iter().map(set).collect()
}
