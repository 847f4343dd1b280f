//! `generate-dns-records`, over every case in `fixtures/generate-dns-records`.

use crate::cases;
use kserve_aws::finding::Code;

#[test]
fn every_case_and_every_code() {
    cases::run_all("generate-dns-records");

    // Each message has been read by somebody.
    let shown = cases::codes_shown("generate-dns-records");
    let own = Code::DnsRecords..=Code::DnsBareNameStops;
    let missing: Vec<&str> = Code::ALL
        .iter()
        .filter(|code| own.contains(code))
        .map(|code| code.as_str())
        .filter(|code| !shown.contains(*code))
        .collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
}
