//! `plan-certificate`: the codes that its cases show.

use kserve_aws::finding::Code;

use crate::cases;

#[test]
fn every_code_is_shown() {
    // Each message has been read by somebody.
    let shown = cases::codes_shown("plan-certificate");
    let own = Code::CertificateNames..=Code::CertificateResourceInvalid;
    let missing: Vec<&str> = Code::ALL
        .iter()
        .filter(|code| own.contains(code))
        .map(|code| code.as_str())
        .filter(|code| !shown.contains(*code))
        .collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
}
