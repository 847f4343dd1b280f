//! `set-ingress-params`, over every case in `fixtures/set-ingress-params`.

mod cases;

#[test]
fn every_case() {
    cases::run_all("set-ingress-params");
}

/// Every code of the runtime, of the parameters and of the load balancer is shown by a case, so that
/// each message has been read by somebody.
#[test]
fn every_code_is_shown() {
    let shown = cases::codes_shown("set-ingress-params");
    let of_this_function = |code: &&Code| !OF_OTHER_FUNCTIONS.iter().any(|prefix| code.as_str().starts_with(prefix));
    let missing: Vec<&str> = Code::ALL
        .iter()
        .filter(of_this_function)
        .map(|code| code.as_str())
        .filter(|code| !shown.contains(*code))
        .collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
}
