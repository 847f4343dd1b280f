//! The objects that ask for records: `RecordSet`s and a `DNSEndpoint`.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ElbName, Record};
use crate::dns_name::{DnsName, WildcardName};

/// What a record is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RecordKind {
    /// An A record that Route 53 keeps at the load balancer's addresses; it has no TTL.
    #[default]
    Alias,
    /// A CNAME, which no zone's apex can have.
    Cname,
}

/// The hosted zone of a `RecordSet`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostedZone {
    /// By its id.
    Id(String),
    /// By the name and namespace of its `HostedZone` object.
    Reference(String, Option<String>),
}

/// The object's name: the record's own, with a word for `*`, which Kubernetes does not take.
fn object_name(name: &WildcardName) -> String {
    let prefix = if name.is_wildcard() { "wildcard." } else { "" };
    format!("{prefix}{}", name.name())
}

/// The record's name in the zone. Without a dot at the end the controller appends the zone
/// (`getDNSName`, `pkg/resource/record_set/hooks.go`); a name with one it takes from v1.3.1 on.
fn name_in_zone(name: &WildcardName, zone: Option<&DnsName>) -> String {
    let full = name.to_string();
    let Some(zone) = zone else {
        return format!("{full}.");
    };
    match full.strip_suffix(zone.as_str()) {
        Some(relative) => relative.trim_end_matches('.').to_owned(),
        None => format!("{full}."),
    }
}

/// The `RecordSet` of `route53.services.k8s.aws/v1alpha1` for a record.
///
/// With `relative_to`, its name is relative to that zone, as every release of the controller takes
/// it; without, it ends with a dot.
#[must_use]
pub fn record_set(
    record: &Record,
    namespace: &str,
    zone: &HostedZone,
    relative_to: Option<&DnsName>,
    target: &ElbName,
    kind: RecordKind,
    ttl: u32,
) -> Value {
    let mut spec = json!({ "name": name_in_zone(&record.name, relative_to) });
    match zone {
        HostedZone::Id(id) => spec["hostedZoneID"] = id.as_str().into(),
        HostedZone::Reference(name, namespace) => {
            spec["hostedZoneRef"] = json!({ "from": { "name": name } });
            if let Some(namespace) = namespace {
                spec["hostedZoneRef"]["from"]["namespace"] = namespace.as_str().into();
            }
        }
    }
    match kind {
        RecordKind::Alias => {
            spec["recordType"] = "A".into();
            spec["aliasTarget"] = json!({
                "dnsName": target.to_string(),
                "hostedZoneID": target.canonical_zone(),
                "evaluateTargetHealth": true,
            });
        }
        RecordKind::Cname => {
            spec["recordType"] = "CNAME".into();
            spec["ttl"] = ttl.into();
            spec["resourceRecords"] = json!([{ "value": target.to_string() }]);
        }
    }
    json!({
        "apiVersion": "route53.services.k8s.aws/v1alpha1",
        "kind": "RecordSet",
        "metadata": { "name": object_name(&record.name), "namespace": namespace },
        "spec": spec,
    })
}

/// The `DNSEndpoint` of `externaldns.k8s.io/v1alpha1` for all records.
///
/// They are CNAMEs there, which external-dns turns into ALIAS records, or not, by their `alias`
/// property (`provider/aws/aws.go`).
#[must_use]
pub fn dns_endpoint(
    records: &[Record],
    name: &str,
    namespace: &str,
    target: &ElbName,
    kind: RecordKind,
    ttl: Option<u32>,
) -> Value {
    let alias = if kind == RecordKind::Alias { "true" } else { "false" };
    let endpoints = records.iter().map(|record| {
        let mut endpoint = json!({
            "dnsName": record.name.to_string(),
            "recordType": "CNAME",
            "targets": [target.to_string()],
        });
        if let Some(ttl) = ttl {
            endpoint["recordTTL"] = ttl.into();
        }
        endpoint["providerSpecific"] = json!([{ "name": "alias", "value": alias }]);
        endpoint
    });
    json!({
        "apiVersion": "externaldns.k8s.io/v1alpha1",
        "kind": "DNSEndpoint",
        "metadata": { "name": name, "namespace": namespace },
        "spec": { "endpoints": endpoints.collect::<Vec<_>>() },
    })
}
