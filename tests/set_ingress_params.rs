//! `set-ingress-params`, over every case in `fixtures/set-ingress-params`.

mod cases;

#[test]
fn every_case() {
    cases::run_all("set-ingress-params");
}
