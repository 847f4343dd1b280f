//! `generate-dns-records`: the records that lead the hosts to the load balancer.

mod asked;
mod checks;
mod targets;

use asked::Asked;
use json_patch::Patch;
use schemars::JsonSchema;
use serde::Deserialize;
use std::borrow::Cow;

use crate::finding::{Code, Finding, key_path};
use crate::runtime::{Checked, Function, Items, KserveAws, Owned, Plan};
use crate::serving::dns::{
    Claims, HostnameAnnotations, Record, RecordKind, RecordSets, dns_endpoint, records_for,
};
use crate::values::arn::Region;
use crate::values::dns_name::{DnsName, WildcardName};
use crate::values::elb_name::ElbName;
use crate::values::release::Release;
use krm_package::{Edit, operation};

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

/// The addresses of a load balancer, in the words of its controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum IpAddressType {
    /// IPv4.
    Ipv4,
    /// IPv4 and IPv6.
    Dualstack,
    /// IPv6, and private IPv4.
    DualstackWithoutPublicIpv4,
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
    #[schemars(example = &"platform.example.com")]
    pub(crate) domain: Option<Checked<DnsName>>,
    /// The namespaces whose hosts get records, whether or not they have services yet. Default:
    /// those of the InferenceServices among the objects.
    #[schemars(example = &["staging"])]
    pub(crate) namespaces: Vec<String>,
    /// More hosts; `*.` in front makes a wildcard record.
    #[schemars(example = &["kubeflow.platform.example.com"])]
    pub(crate) hosts: Vec<Checked<WildcardName>>,
    /// Whether each host gets a record of its own, and not each namespace a wildcard.
    pub(crate) per_host: bool,
    /// The Ingress to annotate. Default: the only one of class `alb` that leads to
    /// `istio-ingressgateway`.
    pub(crate) ingress: ObjectName,
    /// The release of external-dns, by which one annotation prefix is written. Default: both.
    #[schemars(with = "Option<String>", example = &"0.21.0")]
    pub(crate) external_dns_version: Option<Checked<Release>>,
    /// The load balancer's DNS name. Default: the address in the status of the Ingress; with
    /// `external-dns` none is needed.
    #[schemars(example = &"k8s-kserve-0123456789.us-west-2.elb.amazonaws.com")]
    pub(crate) target: Option<Checked<ElbName>>,
    /// The region of the load balancer. Default: what its Ingress says.
    #[schemars(example = &"us-west-2")]
    pub(crate) region: Option<Checked<Region>>,
    /// Seconds for which a resolver keeps an answer, 1 to 2147483647. An ALIAS has none.
    #[schemars(range(min = 1, max = 2147483647), example = &300)]
    pub(crate) ttl: Option<u32>,
    /// What the records are. Default: `alias`.
    pub(crate) record: Option<RecordKind>,
    /// The addresses of the load balancer: with `dualstack` an ALIAS of `ack` is an AAAA record, too;
    /// external-dns always makes both. Default: what its Ingress says.
    pub(crate) ip_address_type: Option<IpAddressType>,
    /// The zone's name. Default: that of the HostedZone object.
    #[schemars(example = &"platform.example.com")]
    pub(crate) zone: Option<Checked<DnsName>>,
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
const OWNED: Owned = Owned::by::<GenerateDnsRecords>(&[ENDPOINT, RECORD_SET]);
/// Of a CNAME without one.
const DEFAULT_TTL: u32 = 300;

impl Function for GenerateDnsRecords {
    type Project = KserveAws;
    const NAME: &'static str = "generate-dns-records";
    const KIND: &'static str = "ServingDNS";
    const SUMMARY: &'static str = "Make the DNS records that lead the hosts to the load balancer";
    const HELP: &'static str = "\
Writes external-dns's annotations on the Ingress, a DNSEndpoint, or RecordSets of AWS Controllers for
Kubernetes: a wildcard for each namespace, or a record for each host. A DNS wildcard reaches any number of
labels, so what an existing one catches, and what a new one stops, is said.";
    type Spec = ServingDns;

    fn schema() -> Cow<'static, str> {
        include_str!("../../../functions/generate-dns-records/schema.json").into()
    }

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
        let claims = Claims::of(items, OWNED, asked.prefixes, asked.zone.as_ref());
        checks::zone(&spec, &asked, &records, &mut plan.findings);
        checks::contested(&records, &claims, &mut plan.findings);
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
        let is_target = !names.is_empty() && asked.target_ingress == Some(item.id);
        let names = if is_target { names } else { &[] };
        let before = HostnameAnnotations::of(&ingress.ingress.metadata.annotations, asked.prefixes);
        if let Some(obstacle) = before.obstacle().filter(|_| !names.is_empty()) {
            let message = format!(
                "{obstacle} lets external-dns take no name from the annotations; remove it, or write {}",
                if obstacle.ends_with("source") { "annotation-only" } else { "dns-controller" }
            );
            plan.findings.push(
                Finding::error(Code::DnsAnnotationIgnored, message)
                    .on(&item.resource)
                    .field(key_path("metadata.annotations", &obstacle)),
            );
        }
        let target =
            asked.target.as_ref().filter(|_| spec.target.is_some()).map(ToString::to_string);
        let (ttl, target) = if is_target { (spec.ttl, target) } else { (None, None) };
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
    asked: &Asked<'_, '_>,
    records: &[Record],
    findings: &mut Vec<Finding>,
) -> Vec<serde_json::Value> {
    let kind = asked.kind;
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
    let sets = RecordSets {
        namespace,
        zone,
        relative_to: asked.zone.as_ref().filter(|_| !spec.absolute_names),
        target,
        ttl: spec.ttl.unwrap_or(DEFAULT_TTL),
    };
    let mut objects = Vec::new();
    for record in records {
        for answer in kind.answers(asked.is_dual_stack) {
            match sets.object(record, *answer) {
                Ok(object) => objects.push(object),
                Err(error) => {
                    findings.push(
                        Finding::error(Code::DnsConfigInvalid, error.to_string())
                            .field("spec.mode"),
                    );
                }
            }
        }
    }
    objects
}
