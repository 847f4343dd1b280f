//! What AWS Certificate Manager takes.

use super::diags::{FirstNameTooLong, NamesOverQuota, RefusedName, TooManyNames};
use super::names::{CoveredName, FIRST_NAME_OCTETS};
use super::quotas::{MOST_NAMES, NAMES_QUOTA};
use crate::finding::Finding;

/// Checks a certificate's names against Certificate Manager's limits (its `RequestCertificate`
/// and quotas pages): 10 names by default and 100 at most, 64 octets in the first, two labels and
/// more in each, the last of two characters and more.
#[must_use]
pub(crate) fn check(names: &[CoveredName]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let count = names.len();
    if count > MOST_NAMES {
        findings.push(TooManyNames(count).into());
    } else if count > NAMES_QUOTA {
        findings.push(NamesOverQuota(count).into());
    }
    for CoveredName { name, .. } in names {
        let labels: Vec<&str> = name.name().labels().collect();
        if labels.len() < 2 || labels.last().is_some_and(|last| last.len() < 2) {
            findings.push(RefusedName(name).into());
        }
    }
    let first = names.first().map(|covered| covered.name.to_string());
    if let Some(first) = first.filter(|first| first.len() > FIRST_NAME_OCTETS) {
        findings.push(FirstNameTooLong(&first).into());
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Code;
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
