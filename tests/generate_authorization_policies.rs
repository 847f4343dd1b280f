//! `generate-authorization-policies`, over every case in its fixtures.

mod cases;

use kserve_aws::finding::Code;

const FUNCTION: &str = "generate-authorization-policies";

#[test]
fn every_case_and_every_code() {
    cases::run_all(FUNCTION);

    // Each message has been read by somebody.
    let shown = cases::codes_shown(FUNCTION);
    let own = Code::ALL.iter().filter(|code| {
        **code == Code::ResourceNotOwned
            || **code == Code::MeshCompatibilityMode
            || code.as_str().starts_with("authorization-")
    });
    let missing: Vec<&str> =
        own.map(|code| code.as_str()).filter(|code| !shown.contains(*code)).collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
}
