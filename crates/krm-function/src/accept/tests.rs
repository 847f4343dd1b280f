use super::*;

fn entry(text: &str) -> String {
    format!("accept:\n- {{{text}}}\n")
}

fn accepted(text: &str) -> Acceptances {
    Acceptances::of_file::<&str>(text, "accept.yaml").unwrap()
}

fn service(kind: &str, name: &str) -> ResourceRef {
    let (api_version, kind) = kind.rsplit_once('/').unwrap();
    let (api_version, kind) = (api_version.to_owned(), kind.to_owned());
    ResourceRef { api_version, kind, namespace: Some("shop".to_owned()), name: name.to_owned() }
}

fn open(kind: &str, name: &str, field: &str) -> Finding {
    Finding::error("open", format!("{name} is open")).on(&service(kind, name)).field(field)
}

fn codes(findings: &[Finding]) -> Vec<(&str, Severity)> {
    findings.iter().map(|finding| (finding.code, finding.severity)).collect()
}

#[test]
fn one_entry_accepts_one_error() {
    let text = "code: open, resource: Service/shop/web, field: 'spec.ports[0]', reason: VPN";
    let all = [
        open("v1/Service", "web", "spec.ports[0]"),
        open("v1/Service", "web", "spec.ports[1]"),
        open("v1/Service", "api", "spec.ports[0]"),
    ];
    let mut findings = all.to_vec();
    accepted(&entry(text)).apply(&mut findings);
    assert_eq!(findings[0].accepted.as_ref().unwrap().reason, "VPN");
    assert_eq!(findings[0].accepted.as_ref().unwrap().severity, Severity::Error);
    assert_eq!(findings[1..], all[1..]);
}

#[test]
fn an_entry_that_fits_two_errors_accepts_neither() {
    let text = "code: open, resource: Service/shop/web, field: spec, reason: VPN";
    let twins = [
        // Of two API groups.
        [open("v1/Service", "web", "spec"), open("serving.knative.dev/v1/Service", "web", "spec")],
        // Of one object.
        [
            open("v1/Service", "web", "spec"),
            Finding { message: "open again".to_owned(), ..open("v1/Service", "web", "spec") },
        ],
    ];
    for twins in twins {
        let mut findings = twins.to_vec();
        accepted(&entry(text)).apply(&mut findings);
        let left = [("open", Severity::Error), ("open", Severity::Error)];
        assert_eq!(codes(&findings)[..2], left);
        assert_eq!(codes(&findings)[2..], [("accept-unused", Severity::Warning)]);
    }
    let exact =
        "code: open, resource: v1/Service/shop/web, field: spec, message: web is open, reason: VPN";
    let mut findings = vec![
        open("v1/Service", "web", "spec"),
        Finding { message: "open again".to_owned(), ..open("v1/Service", "web", "spec") },
    ];
    accepted(&entry(exact)).apply(&mut findings);
    assert_eq!(codes(&findings), [("open", Severity::Info), ("open", Severity::Error)]);
}

#[test]
fn a_star_is_for_warnings_alone() {
    let text = "code: open, resource: '*', field: '*', reason: known";
    let error = open("v1/Service", "web", "spec");
    let warning = Finding { severity: Severity::Warning, ..error.clone() };
    let mut findings = vec![error.clone(), warning.clone(), warning];
    accepted(&entry(text)).apply(&mut findings);
    let severities: Vec<Severity> = findings.iter().map(|finding| finding.severity).collect();
    assert_eq!(severities, [Severity::Error, Severity::Info, Severity::Info]);
    let mut findings = vec![error];
    accepted(&entry(text)).apply(&mut findings);
    assert_eq!(codes(&findings), [("open", Severity::Error), ("accept-unused", Severity::Warning)]);
}

#[test]
fn what_the_function_could_not_do_is_not_accepted() {
    let text = "code: edit-refused, resource: Service/shop/web, field: spec, reason: known";
    let error = Finding { code: "edit-refused", ..open("v1/Service", "web", "spec") };
    let mut findings = vec![error];
    accepted(&entry(text)).apply(&mut findings);
    assert_eq!(
        codes(&findings),
        [("edit-refused", Severity::Error), ("accept-unused", Severity::Warning)]
    );
}

#[test]
fn what_an_entry_must_have() {
    for (text, message) in [
        ("code: a, resource: b, field: c", "missing field"),
        ("code: a, resource: b, field: c, reason: ' '", "reason is empty"),
        ("code: a, resource: '', field: c, reason: d", "resource is empty"),
        ("code: a, resource: b, why: d, reason: e", "unknown field"),
    ] {
        let found = Acceptances::of_file::<&str>(&entry(text), "accept.yaml").unwrap_err();
        assert!(found[0].message.contains(message), "{}", found[0].message);
        let place = found[0].place.as_ref().unwrap();
        assert_eq!((place.file.as_str(), place.position.unwrap().line), ("accept.yaml", 2));
    }
}

#[test]
fn an_entry_of_several_runs_is_unused_where_none_used_it() {
    let text = "code: open, resource: Service/shop/web, field: spec, reason: VPN";
    let accepted = accepted(&format!("{}- {{{}}}\n", entry(text), text.replace("web", "api")));
    let runs = accepted.clone().for_several_runs();
    let (mut first, mut second) = (vec![open("v1/Service", "web", "spec")], Vec::new());
    runs.clone().apply(&mut first);
    runs.apply::<&str>(&mut second);
    assert_eq!(codes(&first), [("open", Severity::Info)]);
    assert_eq!(second, []);
    accepted.conclude(&mut first);
    assert_eq!(codes(&first), [("open", Severity::Info), ("accept-unused", Severity::Warning)]);
    assert!(first[1].message.starts_with("entry 2"), "{}", first[1].message);
    assert_eq!(first[1].place.as_ref().unwrap().to_string(), "accept.yaml:3:4");
}

#[test]
fn an_entry_that_fits_different_errors_of_two_runs_accepts_neither() {
    let text = "code: open, resource: Service/shop/web, field: spec, reason: VPN";
    let same = open("v1/Service", "web", "spec");
    let other = Finding { message: "open again".to_owned(), ..same.clone() };
    for (second, expected) in [(same.clone(), Severity::Info), (other, Severity::Error)] {
        let accepted = accepted(&entry(text));
        let runs = accepted.clone().for_several_runs();
        let mut all = Vec::new();
        for finding in [same.clone(), second] {
            let mut findings = vec![finding];
            runs.clone().apply(&mut findings);
            assert_eq!(codes(&findings), [("open", Severity::Info)]);
            all.extend(findings);
        }
        accepted.conclude(&mut all);
        assert_eq!(codes(&all)[..2], [("open", expected), ("open", expected)]);
        assert_eq!(all.len(), if expected == Severity::Error { 3 } else { 2 });
    }
}
