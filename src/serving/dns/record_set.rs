//! The objects that request records: `RecordSet`s and a `DNSEndpoint`.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Record;
use crate::values::dns_name::{DnsName, DnsNameError, WildcardName};
use crate::values::elb_name::ElbName;

/// What a record is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RecordKind {
    /// An A record that Route 53 keeps at the load balancer's addresses; it has no TTL.
    #[default]
    Alias,
    /// A CNAME, which no zone's apex can have.
    Cname,
}

impl RecordKind {
    /// The records of the kind that a name needs.
    ///
    /// An ALIAS answers for one kind of address: A always, and AAAA where the load balancer has IPv6
    /// addresses, too. Where that is not known there is no AAAA record, which would answer with
    /// nothing; external-dns always makes both (`provider/aws/aws.go`,
    /// `adjustCNAMERecordAndNewAaaaIfNeeded`). A CNAME leads to all addresses.
    #[must_use]
    pub(crate) fn answers(self, is_dual_stack: bool) -> &'static [Answer] {
        match self {
            Self::Alias if is_dual_stack => &[Answer::A, Answer::Aaaa],
            Self::Alias => &[Answer::A],
            Self::Cname => &[Answer::Cname],
        }
    }
}

/// What one record answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The IPv4 addresses, by an ALIAS.
    A,
    /// The IPv6 addresses, by an ALIAS.
    Aaaa,
    /// The load balancer's name.
    Cname,
}

/// The hosted zone of a `RecordSet`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HostedZone {
    /// By its id.
    Id(String),
    /// By the name and namespace of its `HostedZone` object.
    Reference(String, Option<String>),
}

/// The object's name: the record's own, with words behind it for what Kubernetes does not take in a
/// name or what tells two records of a name apart. No top-level domain has these words.
fn object_name(name: &WildcardName, answer: Answer) -> Result<DnsName, DnsNameError> {
    let wildcard = if name.is_wildcard() { ".wildcard" } else { "" };
    let address = if answer == Answer::Aaaa { ".aaaa" } else { "" };
    format!("{}{wildcard}{address}", name.name()).parse()
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

/// What the `RecordSet`s of one run have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecordSets<'a> {
    /// The namespace of the objects.
    pub namespace: &'a str,
    /// The zone that the records are in.
    pub zone: &'a HostedZone,
    /// The zone that names are relative to, as every release of the controller takes them; without
    /// one they end with a dot.
    pub relative_to: Option<&'a DnsName>,
    /// Where they lead.
    pub target: &'a ElbName,
    /// Seconds for which a CNAME is kept.
    pub ttl: u32,
}

impl RecordSets<'_> {
    /// The `RecordSet` of `route53.services.k8s.aws/v1alpha1` for a record.
    ///
    /// # Errors
    /// A name that is too long for an object.
    pub(crate) fn object(&self, record: &Record, answer: Answer) -> Result<Value, DnsNameError> {
        let object_name = object_name(&record.name, answer)?;
        let mut spec = json!({ "name": name_in_zone(&record.name, self.relative_to) });
        match self.zone {
            HostedZone::Id(id) => spec["hostedZoneID"] = id.as_str().into(),
            HostedZone::Reference(name, namespace) => {
                spec["hostedZoneRef"] = json!({ "from": { "name": name } });
                if let Some(namespace) = namespace {
                    spec["hostedZoneRef"]["from"]["namespace"] = namespace.as_str().into();
                }
            }
        }
        let target = self.target.to_string();
        match answer {
            Answer::A | Answer::Aaaa => {
                spec["recordType"] = if answer == Answer::A { "A" } else { "AAAA" }.into();
                spec["aliasTarget"] = json!({
                    "dnsName": target,
                    "hostedZoneID": self.target.canonical_zone(),
                    "evaluateTargetHealth": true,
                });
            }
            Answer::Cname => {
                spec["recordType"] = "CNAME".into();
                spec["ttl"] = self.ttl.into();
                spec["resourceRecords"] = json!([{ "value": target }]);
            }
        }
        Ok(json!({
            "apiVersion": "route53.services.k8s.aws/v1alpha1",
            "kind": "RecordSet",
            "metadata": { "name": object_name.as_str(), "namespace": self.namespace },
            "spec": spec,
        }))
    }
}

/// The `DNSEndpoint` of `externaldns.k8s.io/v1alpha1` for all records.
///
/// They are CNAMEs there, which external-dns turns into ALIAS records for both kinds of address, or
/// not, by their `alias` property (`provider/aws/aws.go`); an ALIAS has no TTL.
#[must_use]
pub(crate) fn dns_endpoint(
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
        if let Some(ttl) = ttl.filter(|_| kind == RecordKind::Cname) {
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
