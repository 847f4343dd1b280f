//! `set-ingress-params`, over every case in `fixtures/set-ingress-params`.

mod cases;

use kserve_aws::finding::Code;

/// What speaks of other objects; and a rule that nothing at all guards, which this function always
/// puts a condition on.
const OF_OTHERS: [&str; 3] = ["knative-", "kserve-", "alb-open-rule"];

#[test]
fn every_case_and_every_code() {
    cases::run_all("set-ingress-params");

    // Each message has been read by somebody.
    let shown = cases::codes_shown("set-ingress-params");
    let missing: Vec<&str> = Code::ALL
        .iter()
        .map(|code| code.as_str())
        .filter(|code| !OF_OTHERS.iter().any(|prefix| code.starts_with(prefix)))
        .filter(|code| !shown.contains(*code))
        .collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
}
