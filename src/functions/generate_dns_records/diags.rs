//! What `generate-dns-records` has to say, one struct or variant a finding.

use krm_package::text::excerpt::Excerpt;

use super::spec::Mode;
use crate::finding::{Code, Finding, key_path};
use crate::serving::dns::{Claim, Record};
use crate::values::arn::Region;
use crate::values::dns_name::{DnsName, WildcardName};
use crate::values::elb_name::ElbName;
use crate::values::k8s::ResourceRef;

/// A message names no more.
const MOST_NAMES: usize = 5;

/// The records that are planned.
pub(super) struct PlannedRecords<'a>(pub(super) &'a [String]);

impl From<PlannedRecords<'_>> for Finding {
    fn from(PlannedRecords(names): PlannedRecords<'_>) -> Self {
        let count = match names.len() {
            1 => "1 record".to_owned(),
            count => format!("{count} records"),
        };
        let message = format!("the hosts need {count}: {}", names.join(", "));
        Self::info(Code::DnsRecords, message).field("spec.hosts").proposed(names)
    }
}

/// A field of the configuration that is wrong for what the others say.
pub(super) enum WrongField<'a> {
    /// A zone that is given twice.
    TwoZones,
    /// No zone.
    NoZone,
    /// A text that is not the ID of a zone.
    ZoneId(&'a str),
    /// Relative names without the zone's.
    NoZoneName,
    /// A TTL that DNS does not have.
    Ttl,
    /// A CNAME that external-dns does not create.
    CnameByExternalDns,
    /// An ALIAS to a load balancer whose own zone is not known.
    UnknownCanonicalZone(&'a Region),
    /// A record that AWS Controllers for Kubernetes do not create.
    Record(String),
}

impl From<WrongField<'_>> for Finding {
    fn from(wrong: WrongField<'_>) -> Self {
        let config = |message: &str| Self::error(Code::DnsConfigInvalid, message);
        match wrong {
            WrongField::TwoZones => {
                config("hostedZoneId already identifies the zone; remove one of the two")
            }
            WrongField::NoZone => {
                config("mode \"ack\" requires a zone; set hostedZoneId or hostedZoneRef.name")
            }
            WrongField::ZoneId(id) => config(&format!(
                "invalid hosted zone ID {}: expected an ID such as Z0123456789ABCDEFGHIJ, without /hostedzone/",
                Excerpt::new(id)
            )),
            WrongField::NoZoneName => config(
                "names relative to the zone require its name; set zone, or absoluteNames: true with controller v1.3.1 or later",
            ),
            WrongField::Ttl => config("invalid TTL: must be from 1 to 2147483647 seconds"),
            WrongField::CnameByExternalDns => config(
                "external-dns creates ALIAS records for an annotated Ingress unless it runs with --aws-prefer-cname; set mode to \"endpoint\" for a CNAME",
            ),
            WrongField::UnknownCanonicalZone(region) => {
                let message = format!(
                    "the hosted zone of load balancers in {} is unknown, and an ALIAS requires it; set record to \"cname\"",
                    region.as_str()
                );
                Self::error(Code::DnsTargetInvalid, message)
            }
            WrongField::Record(error) => config(&error),
        }
    }
}

/// No record can be planned.
pub(super) enum NoRecords<'a> {
    /// No load balancer to point to.
    Target,
    /// No host.
    Hosts,
    /// No host of a listed namespace.
    InNamespace { namespace: &'a str, index: usize },
    /// No Ingress to annotate.
    Ingress,
    /// Several Ingresses to annotate.
    Ingresses { count: usize, names: &'a [String] },
}

impl From<NoRecords<'_>> for Finding {
    fn from(none: NoRecords<'_>) -> Self {
        match none {
            NoRecords::Target => Self::error(
                Code::DnsTargetMissing,
                "this mode requires the load balancer's DNS name, which no Ingress has in its status; set target",
            )
            .field("spec.target"),
            NoRecords::Hosts => Self::error(
                Code::DnsWithoutHosts,
                "no host needs a record; add the InferenceServices to the input, or set namespaces with domain, or hosts",
            )
            .field("spec"),
            NoRecords::InNamespace { namespace, index } => Self::error(
                Code::DnsWithoutHosts,
                format!(
                    "no InferenceService of namespace {namespace} in the input has a public host, and no wildcard is known for later ones; set domain, without perHost, if hosts are SERVICE.{namespace}.DOMAIN"
                ),
            )
            .field(format!("spec.namespaces[{index}]")),
            NoRecords::Ingress => Self::error(
                Code::DnsIngressNotFound,
                "no matching Ingress of class alb in the input; add it, or name it in ingress",
            )
            .field("spec.ingress"),
            NoRecords::Ingresses { count, names } => Self::error(
                Code::DnsIngressNotFound,
                format!(
                    "{count} Ingresses would claim the same names ({}); name one of them in ingress",
                    names.join(", ")
                ),
            )
            .field("spec.ingress"),
        }
    }
}

/// A target in another region than what states one.
pub(super) struct OtherRegion<'a> {
    pub(super) target: &'a ElbName,
    pub(super) region: &'a Region,
    /// What states it.
    pub(super) says: &'a str,
}

impl From<OtherRegion<'_>> for Finding {
    fn from(OtherRegion { target, region, says }: OtherRegion<'_>) -> Self {
        let message = format!(
            "{target} is a load balancer in {}, and according to {says} it is in {}; set target to the name of the one there",
            target.region().as_str(),
            region.as_str()
        );
        Self::error(Code::DnsTargetRegion, message).field("spec.target")
    }
}

/// A TTL on a record that has none.
pub(super) struct IgnoredTtl(pub(super) Mode);

impl From<IgnoredTtl> for Finding {
    fn from(IgnoredTtl(mode): IgnoredTtl) -> Self {
        let message = match mode {
            Mode::ExternalDns => {
                "external-dns creates ALIAS records, which have no TTL, unless it runs with --aws-prefer-cname; remove ttl, or set mode to \"endpoint\" and record to \"cname\""
            }
            Mode::Endpoint | Mode::Ack => {
                "an ALIAS has no TTL, so ttl has no effect; remove it, or set record to \"cname\""
            }
        };
        Self::warning(Code::DnsTtlIgnored, message).field("spec.ttl")
    }
}

/// A record that its zone cannot have.
pub(super) enum NotInZone<'a> {
    /// A name outside it.
    Outside { name: &'a WildcardName, zone: &'a DnsName },
    /// A CNAME at its apex.
    Apex(&'a DnsName),
}

impl From<NotInZone<'_>> for Finding {
    fn from(not: NotInZone<'_>) -> Self {
        match not {
            NotInZone::Outside { name, zone } => Self::error(
                Code::DnsHostOutsideZone,
                format!(
                    "{name} is outside the zone {zone}; remove the host, or set the zone to its own"
                ),
            )
            .field("spec.zone"),
            NotInZone::Apex(zone) => Self::error(
                Code::DnsCnameAtApex,
                format!(
                    "{zone} is the zone's apex, which cannot be a CNAME; set record to \"alias\""
                ),
            )
            .field("spec.record")
            .proposed("alias"),
        }
    }
}

/// A name that no rule of the load balancer serves.
pub(super) struct NotServedName<'a> {
    pub(super) name: &'a str,
    /// The hosts of its rules.
    pub(super) hosts: &'a [&'a str],
    pub(super) ingress: &'a ResourceRef,
}

impl From<NotServedName<'_>> for Finding {
    fn from(NotServedName { name, hosts, ingress }: NotServedName<'_>) -> Self {
        let shown = hosts[..hosts.len().min(MOST_NAMES)].join(", ");
        let message = format!(
            "no rule serves {name}, and the load balancer answers 404 for it; its rules are for {shown}: add a rule with that host, or leave the name out"
        );
        Self::error(Code::DnsNameNotServed, message).on(ingress).field("spec.rules")
    }
}

/// A name that two load balancers claim.
pub(super) enum ClaimedTwice<'a> {
    /// By two Ingresses.
    ByIngresses { name: &'a WildcardName, first: &'a ResourceRef, other: &'a ResourceRef },
    /// By a record of ours and by somebody else.
    ByRecord { record: &'a Record, claim: &'a Claim },
}

impl From<ClaimedTwice<'_>> for Finding {
    fn from(claimed: ClaimedTwice<'_>) -> Self {
        let code = Code::DnsNameClaimedTwice;
        match claimed {
            ClaimedTwice::ByIngresses { name, first, other } => Self::error(
                code,
                format!(
                    "{name} is also claimed by {first}; a name can only point to one load balancer: remove it from one of them, or set the same group.name on both"
                ),
            )
            .on(other),
            ClaimedTwice::ByRecord { record, claim } => Self::error(
                code,
                format!(
                    "{} is also claimed by {}, which points to {}; a name can only point to one load balancer: remove it from one of them",
                    record.name, claim.by, claim.target
                ),
            )
            .on(&claim.by),
        }
    }
}

/// A wildcard of somebody else that matches names until their records exist.
pub(super) struct CaughtByWildcard<'a> {
    pub(super) wildcard: &'a WildcardName,
    pub(super) claim: &'a Claim,
    pub(super) names: &'a [String],
}

impl From<CaughtByWildcard<'_>> for Finding {
    fn from(CaughtByWildcard { wildcard, claim, names }: CaughtByWildcard<'_>) -> Self {
        let message = format!(
            "{wildcard} of {} already matches {} and points to {}: until the new record exists, clients reach that load balancer; create the record before the hosts are used",
            claim.by,
            names.join(", "),
            claim.target
        );
        Self::warning(Code::DnsWildcardCatches, message).on(&claim.by)
    }
}

/// A name that a wildcard matches no more once a record below it exists.
pub(super) struct BareName<'a> {
    pub(super) name: &'a DnsName,
    pub(super) wildcard: &'a WildcardName,
    pub(super) record: &'a WildcardName,
}

impl From<BareName<'_>> for Finding {
    fn from(BareName { name, wildcard, record }: BareName<'_>) -> Self {
        let message = format!(
            "{name} no longer matches {wildcard} once {record} exists, because a wildcard does not match a name that has names below it; add {name} to hosts if it is used"
        );
        Self::warning(Code::DnsBareNameStops, message).field("spec.hosts")
    }
}

/// An annotation that makes external-dns ignore the names.
pub(super) struct IgnoredNames<'a> {
    pub(super) annotation: &'a str,
    pub(super) wanted: &'static str,
    pub(super) ingress: &'a ResourceRef,
}

impl From<IgnoredNames<'_>> for Finding {
    fn from(IgnoredNames { annotation, wanted, ingress }: IgnoredNames<'_>) -> Self {
        let message = format!(
            "{annotation} makes external-dns ignore the names in the annotations; remove it, or set {wanted}"
        );
        let field = key_path("metadata.annotations", annotation);
        Self::error(Code::DnsAnnotationIgnored, message).on(ingress).field(field)
    }
}

/// Names that an earlier release wrote, of which no configuration is known.
pub(super) struct UnclaimedNames<'a> {
    pub(super) names: &'a [String],
    pub(super) ingress: &'a ResourceRef,
}

impl From<UnclaimedNames<'_>> for Finding {
    fn from(UnclaimedNames { names, ingress }: UnclaimedNames<'_>) -> Self {
        let message = format!(
            "an earlier release listed {} here without naming a configuration, and this configuration does not want it; remove it from the annotations, unless another configuration wants it",
            names.join(", ")
        );
        Self::warning(Code::ResourceUnclaimed, message).on(ingress)
    }
}

/// A setting that another configuration sets otherwise on the same Ingress.
pub(super) struct OtherSetting<'a> {
    pub(super) setting: &'a str,
    /// The other configuration.
    pub(super) other: &'a str,
    pub(super) ingress: &'a ResourceRef,
}

impl From<OtherSetting<'_>> for Finding {
    fn from(OtherSetting { setting, other, ingress }: OtherSetting<'_>) -> Self {
        let message = format!(
            "the configuration {other} sets another {setting} for the names of {ingress}; set the same in both, or remove it from one of them"
        );
        Self::error(Code::DnsConfigInvalid, message).field(format!("spec.{setting}"))
    }
}
