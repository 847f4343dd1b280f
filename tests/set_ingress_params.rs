//! `set-ingress-params`, over every case in `fixtures/set-ingress-params`.

mod cases;

use kserve_aws::finding::Code;

#[test]
fn every_case_and_every_code() {
    cases::run_all("set-ingress-params");

    // Each message has been read by somebody.
    let shown = cases::codes_shown("set-ingress-params");
    let missing: Vec<&str> = Code::ALL
        .iter()
        // Those of the runtime and of the parameters come first.
        .filter(|code| **code <= Code::ParamsInvalid || code.as_str().starts_with("alb-"))
        // Of the process, not of a function; tests/e2e closes its stdout.
        .filter(|code| **code != Code::OutputLost)
        // Of a folder that is searched; tests/hosts.rs searches one.
        .filter(|code| **code != Code::PassedOver)
        // A rule that nothing at all guards; this function always puts a condition on it.
        .filter(|code| **code != Code::AlbOpenRule)
        .map(|code| code.as_str())
        .filter(|code| !shown.contains(*code))
        .collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
}
