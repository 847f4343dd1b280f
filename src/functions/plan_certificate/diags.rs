//! What `plan-certificate` has to say, one struct or variant a finding.

use crate::finding::{Code, Finding, Severity};
use crate::serving::certificate::{CoveredName, KnownCertificate, MOST_NAMES};
use crate::values::arn::Region;
use crate::values::dns_name::{DnsName, WildcardName};

/// A message names no more hosts.
const MOST_SHOWN: usize = 5;

/// No host has to be covered.
pub(super) struct NoHosts;

impl From<NoHosts> for Finding {
    fn from(_: NoHosts) -> Self {
        let message = "no host to cover; add the InferenceServices to the input, or set namespaces with domain, or hosts";
        Finding::error(Code::CertificateWithoutHosts, message).field("spec")
    }
}

/// A listed namespace without a public host, of which nothing is known of the services to come.
pub(super) struct IdleNamespace<'a> {
    pub(super) namespace: &'a str,
    /// Its place in the list.
    pub(super) index: usize,
}

impl From<IdleNamespace<'_>> for Finding {
    fn from(IdleNamespace { namespace, index }: IdleNamespace<'_>) -> Self {
        let message = format!(
            "no InferenceService of namespace {namespace} in the input has a public host, and the hosts of later ones are unknown; set domain, or add config-domain to the input"
        );
        Finding::error(Code::CertificateWithoutHosts, message)
            .field(format!("spec.namespaces[{index}]"))
    }
}

/// Hosts that are not below the domain; at least one.
pub(super) struct OutsideDomain<'a> {
    pub(super) domain: &'a DnsName,
    pub(super) hosts: &'a [String],
}

impl From<OutsideDomain<'_>> for Finding {
    fn from(OutsideDomain { domain, hosts }: OutsideDomain<'_>) -> Self {
        let more = match hosts.len().saturating_sub(MOST_SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!(
            "{}{more} are outside {domain} and are planned as they are; correct domain or config-domain if this is not intended",
            hosts[..hosts.len().min(MOST_SHOWN)].join(", ")
        );
        Finding::warning(Code::CertificateHostOutsideDomain, message).field("spec.domain")
    }
}

/// What is wrong with a field beside its form.
#[derive(Debug, thiserror::Error)]
pub(super) enum WrongField {
    /// The domain itself without a domain.
    #[error("includeApex requires domain; set domain")]
    ApexWithoutDomain,
    /// A number of names that no certificate has.
    #[error("invalid maxNames: must be from 1 to {MOST_NAMES}")]
    MaxNames,
}

/// The certificate that names are planned for.
pub(super) struct PlannedCertificate<'a> {
    /// Its place among several and how many there are; `None` where there is one.
    pub(super) place: Option<(usize, usize)>,
    pub(super) namespaces: &'a [String],
}

impl PlannedCertificate<'_> {
    fn field(&self, field: &str) -> String {
        match self.place {
            Some((index, _)) => format!("spec.certificates[{index}].{field}"),
            None => format!("spec.certificate.{field}"),
        }
    }

    fn name(&self) -> String {
        match self.place {
            None => "the certificate".to_owned(),
            Some((index, count)) if self.namespaces.is_empty() => {
                format!("certificate {} of {count}", index + 1)
            }
            Some((index, count)) => {
                let namespaces = self.namespaces.join(", ");
                format!("certificate {} of {count}, for {namespaces},", index + 1)
            }
        }
    }

    /// The names that it needs.
    pub(super) fn needs(&self, names: Vec<String>) -> Finding {
        let count = match names.len() {
            1 => "1 name".to_owned(),
            count => format!("{count} names"),
        };
        let message = format!("{} needs {count}: {}", self.name(), names.join(", "));
        Finding::info(Code::CertificateNames, message).field(self.field("domains")).proposed(names)
    }

    /// The hosts that one of its names covers. `listed` is the field of the name where the configuration
    /// lists the names of the certificates that there are; it is at a place of its own there.
    pub(super) fn covers(
        &self,
        number: usize,
        covered: &CoveredName,
        listed: Option<String>,
    ) -> Finding {
        let hosts: Vec<String> = covered.hosts.iter().map(ToString::to_string).collect();
        let message = format!("{} covers {}", covered.name, hosts.join(", "));
        Finding::info(Code::CertificateNameCovers, message)
            .field(listed.unwrap_or_else(|| self.field(&format!("domains[{number}]"))))
            .proposed(covered.name.to_string())
    }
}

/// What it costs that a Certificate goes: more than the object. Other findings stay as they are.
pub(super) fn weighed(finding: Finding) -> Finding {
    if finding.code != Code::ResourceRemoved {
        return finding;
    }
    let message = format!(
        "{}; ACK then deletes the certificate in ACM, unless the applied object has the annotation services.k8s.aws/deletion-policy: retain",
        finding.message
    );
    Finding { code: Code::CertificateRemoved, severity: Severity::Warning, message, ..finding }
}

/// A Certificate of an earlier run is now requested with other names.
pub(super) struct ReplacedCertificate<'a> {
    pub(super) before: &'a [String],
    pub(super) after: &'a [String],
}

impl From<ReplacedCertificate<'_>> for Finding {
    fn from(ReplacedCertificate { before, after }: ReplacedCertificate<'_>) -> Self {
        let message = format!(
            "ACM cannot change the names of a certificate ({} before, {} now): ACK replaces it with a new one with a new ARN; set that ARN on the listener before the old certificate is deleted, or set another resource.name for the new one",
            before.join(", "),
            after.join(", ")
        );
        Finding::warning(Code::CertificateReplaced, message).field("spec.subjectAlternativeNames")
    }
}

/// Certificates of which only the ARNs are known.
pub(super) struct UnknownNames<'a>(pub(super) &'a str);

impl From<UnknownNames<'_>> for Finding {
    fn from(UnknownNames(arns): UnknownNames<'_>) -> Self {
        let message = format!(
            "an ARN does not contain a certificate's names, so {arns} is not compared with the hosts; set domains, pem or describe next to its arn"
        );
        Finding::info(Code::CertificateNamesUnknown, message)
    }
}

/// Hosts that no known certificate covers.
pub(super) struct UncoveredHosts<'a> {
    pub(super) hosts: Vec<String>,
    /// The name that would cover them.
    pub(super) name: &'a WildcardName,
    /// A known wildcard that does not reach as far as it looks.
    pub(super) near: Option<&'a WildcardName>,
}

impl From<UncoveredHosts<'_>> for Finding {
    fn from(UncoveredHosts { hosts, name, near }: UncoveredHosts<'_>) -> Self {
        let near = match near {
            Some(near) => format!(" ({near} matches one label only)"),
            None => String::new(),
        };
        let message = format!(
            "no known certificate covers {}{near}; add the name {name} to one",
            hosts.join(", ")
        );
        Finding::error(Code::CertificateHostUncovered, message).proposed(name.to_string())
    }
}

/// A certificate of another region than the load balancer.
pub(super) struct OtherRegion<'a> {
    pub(super) certificate: &'a KnownCertificate,
    pub(super) region: &'a Region,
    pub(super) other: &'a Region,
    /// What says that the load balancer is there.
    pub(super) says: &'a str,
}

impl From<OtherRegion<'_>> for Finding {
    fn from(OtherRegion { certificate, region, other, says }: OtherRegion<'_>) -> Self {
        let beyond = if other.partition() == region.partition() {
            ""
        } else {
            ", which is another partition of AWS"
        };
        let message = format!(
            "the certificate {} is in {}, and the load balancer in {} according to {says}{beyond}; a listener only takes certificates of its own region: request one there",
            certificate.label,
            region.as_str(),
            other.as_str()
        );
        Finding::error(Code::CertificateRegionDiffers, message)
    }
}
