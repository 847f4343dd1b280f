//! What AWS Certificate Manager takes.

use super::names::{CoveredName, FIRST_NAME_OCTETS};
use crate::finding::{Code, Finding};

/// The names that a certificate may have before its account's quota is raised.
pub const NAMES_QUOTA: usize = 10;
/// The names that a certificate may have with the highest quota that is given.
pub const MOST_NAMES: usize = 100;
/// The certificates that a load balancer may have beside its default one, before its account's quota
/// is raised.
pub const CERTIFICATES_QUOTA: usize = 25;

/// Checks a certificate's names against Certificate Manager's limits (its `RequestCertificate`
/// and quotas pages): 10 names by default and 100 at most, 64 octets in the first, two labels and
/// more in each, the last of two characters and more.
#[must_use]
pub fn check(names: &[CoveredName]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let count = names.len();
    if count > MOST_NAMES {
        let message = format!(
            "{count} names are needed, and ACM takes at most {MOST_NAMES}; set maxNames: {MOST_NAMES} to have them split into a certificate per group of namespaces, or list the namespaces of each certificate"
        );
        findings.push(
            Finding::error(Code::CertificateNamesTooMany, message)
                .field("spec.maxNames")
                .proposed(MOST_NAMES),
        );
    } else if count > NAMES_QUOTA {
        let message = format!(
            "{count} names are needed, and ACM takes {NAMES_QUOTA} until the quota \"Domain names per ACM certificate\" of the account is raised; raise it, or set maxNames: {NAMES_QUOTA} to have them split into a certificate per group of namespaces"
        );
        findings.push(
            Finding::warning(Code::CertificateNamesOverQuota, message)
                .field("spec.maxNames")
                .proposed(NAMES_QUOTA),
        );
    }
    for covered in names {
        let name = &covered.name;
        let labels: Vec<&str> = name.name().labels().collect();
        if labels.len() < 2 || labels.last().is_some_and(|last| last.len() < 2) {
            let message = format!(
                "ACM refuses {name}; a name has two labels or more, the last of two characters or more"
            );
            findings.push(Finding::error(Code::CertificateNameInvalid, message));
        }
    }
    if let Some(first) = names.first().map(|covered| covered.name.to_string())
        && first.len() > FIRST_NAME_OCTETS
    {
        let message = format!(
            "the first name has {} octets and ACM takes {FIRST_NAME_OCTETS}, as no name is shorter ({first}); add a short one to hosts, such as the domain itself",
            first.len()
        );
        findings
            .push(Finding::error(Code::CertificateFirstNameTooLong, message).field("spec.hosts"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serving::certificate::names_for;

    fn codes(hosts: impl Iterator<Item = String>) -> Vec<Code> {
        let names = names_for(hosts.map(|host| host.parse().unwrap()), None);
        check(&names).into_iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn keeps_to_the_limits() {
        let many = |count| (0..count).map(|place| format!("a.n{place}.example.com"));
        assert_eq!(codes(many(10)), []);
        assert_eq!(codes(many(11)), [Code::CertificateNamesOverQuota]);
        assert_eq!(codes(many(100)), [Code::CertificateNamesOverQuota]);
        assert_eq!(codes(many(101)), [Code::CertificateNamesTooMany]);
        let long = |octets: usize| {
            let label = "a".repeat(octets - "*..bc.example.com".len());
            std::iter::once(format!("x.{label}.bc.example.com"))
        };
        assert_eq!(codes(long(64)), []);
        assert_eq!(codes(long(65)), [Code::CertificateFirstNameTooLong]);
        for refused in ["localhost", "a.b"] {
            let host = std::iter::once(refused.to_owned());
            assert_eq!(codes(host), [Code::CertificateNameInvalid], "{refused}");
        }
    }
}
