//! What there is to say of a certificate, one struct or variant a finding.

use super::names::FIRST_NAME_OCTETS;
use super::quotas::{CERTIFICATES_QUOTA, MOST_NAMES, NAMES_QUOTA};
use crate::finding::{Code, FieldPath, Finding, key_path};
use crate::values::arn::CertificateArn;
use crate::values::dns_name::{DnsNameError, WildcardName};
use krm_package::text::excerpt::Excerpt;

/// What is stated of a certificate cannot be read, or contradicts itself.
pub(super) enum Unreadable<'a> {
    /// Two ARNs.
    OtherArn { arn: &'a CertificateArn, known: &'a CertificateArn },
    /// A PEM or a description that cannot be read.
    Text(String),
}

impl From<Unreadable<'_>> for Finding {
    fn from(unreadable: Unreadable<'_>) -> Self {
        match unreadable {
            Unreadable::OtherArn { arn, known } => Finding::error(
                Code::CertificateUnreadable,
                format!(
                    "{arn} is not the certificate {known}; describe one certificate per entry of certificates"
                ),
            ),
            Unreadable::Text(message) => Finding::error(Code::CertificateUnreadable, message),
        }
    }
}

/// ACM has a certificate that is not issued.
pub(super) struct NotIssued<'a> {
    pub(super) status: &'a str,
    /// Whether it never will be.
    pub(super) is_final: bool,
}

impl From<NotIssued<'_>> for Finding {
    fn from(NotIssued { status, is_final }: NotIssued<'_>) -> Self {
        let shown = Excerpt::new(status);
        if is_final {
            let message = format!(
                "ACM reports the certificate as {shown} and does not serve it; use an issued one"
            );
            Finding::error(Code::CertificateStatus, message)
        } else {
            let message = format!(
                "ACM reports the certificate as {shown}; a listener takes it once it is ISSUED"
            );
            Finding::warning(Code::CertificatePending, message)
        }
    }
}

/// When a certificate is valid.
pub(super) struct Validity<'a> {
    pub(super) from: &'a str,
    pub(super) to: &'a str,
}

impl From<Validity<'_>> for Finding {
    fn from(Validity { from, to }: Validity<'_>) -> Self {
        let message = format!(
            "the certificate is valid from {from} to {to} (not compared with today's date)"
        );
        Finding::info(Code::CertificateValidity, message)
    }
}

/// More names than a certificate takes.
pub(super) struct TooManyNames(pub(super) usize);

impl From<TooManyNames> for Finding {
    fn from(TooManyNames(count): TooManyNames) -> Self {
        let message = format!(
            "{count} names are required, and ACM takes at most {MOST_NAMES}; set maxNames to {MOST_NAMES} to split them into one certificate per group of namespaces, or list the namespaces of each certificate"
        );
        Finding::error(Code::CertificateNamesTooMany, message)
            .field("spec.maxNames")
            .proposed(MOST_NAMES)
    }
}

/// More names than the first quota.
pub(super) struct NamesOverQuota(pub(super) usize);

impl From<NamesOverQuota> for Finding {
    fn from(NamesOverQuota(count): NamesOverQuota) -> Self {
        let message = format!(
            "{count} names are required, and ACM takes {NAMES_QUOTA} until the quota \"Domain names per ACM certificate\" of the account is raised; raise it, or set maxNames to {NAMES_QUOTA} to split them into one certificate per group of namespaces"
        );
        Finding::warning(Code::CertificateNamesOverQuota, message)
            .field("spec.maxNames")
            .proposed(NAMES_QUOTA)
    }
}

/// A name that ACM refuses.
pub(super) struct RefusedName<'a>(pub(super) &'a WildcardName);

impl From<RefusedName<'_>> for Finding {
    fn from(RefusedName(name): RefusedName<'_>) -> Self {
        let message = format!(
            "ACM refuses {name}: a name must have two labels or more, the last of two characters or more"
        );
        Finding::error(Code::CertificateNameInvalid, message)
    }
}

/// No name is short enough to be the first.
pub(super) struct FirstNameTooLong<'a>(pub(super) &'a str);

impl From<FirstNameTooLong<'_>> for Finding {
    fn from(FirstNameTooLong(first): FirstNameTooLong<'_>) -> Self {
        let message = format!(
            "the first name has {} octets and ACM takes {FIRST_NAME_OCTETS}; no other name is shorter ({first}); add a short one to hosts, such as the domain itself",
            first.len()
        );
        Finding::error(Code::CertificateFirstNameTooLong, message).field("spec.hosts")
    }
}

/// More certificates than the first quota of a load balancer.
pub(crate) struct CertificatesOverQuota(pub(crate) usize);

impl From<CertificatesOverQuota> for Finding {
    fn from(CertificatesOverQuota(count): CertificatesOverQuota) -> Self {
        let message = format!(
            "{count} certificates are planned, and a load balancer takes {CERTIFICATES_QUOTA} besides its default one until the quota \"Certificates per Application Load Balancer\" of the account is raised; raise it, or allow more names in one with maxNames"
        );
        Finding::warning(Code::CertificatesOverQuota, message).field("spec.maxNames")
    }
}

/// What ACM or the API server refuses of the object that requests a certificate.
pub(super) enum RefusedResource<'a> {
    /// Its name or namespace.
    Name { field: &'static str, error: DnsNameError },
    /// More tags than ACM takes.
    Tags { count: usize, most: usize },
    /// A tag.
    Tag { key: &'a str, wrong: &'static str },
}

impl From<RefusedResource<'_>> for Finding {
    fn from(refused: RefusedResource<'_>) -> Self {
        let (message, field) = match refused {
            RefusedResource::Name { field, error } => {
                (error.to_string(), key_path("spec.resource", field))
            }
            RefusedResource::Tags { count, most } => (
                format!("{count} tags are more than the {most} that ACM takes; remove some"),
                FieldPath::from("spec.resource.tags"),
            ),
            RefusedResource::Tag { key, wrong } => {
                (format!("ACM refuses {wrong}"), key_path("spec.resource.tags", key))
            }
        };
        Finding::error(Code::CertificateResourceInvalid, message).field(field)
    }
}
