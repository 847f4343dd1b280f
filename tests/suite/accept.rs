//! What `accept` accepts, and what it does not: one finding by its name, and never a second.

use krm_function::Code as _;
use kserve_aws::finding::{Code, Finding, Severity};
use kserve_aws::functions;
use kserve_aws::runtime::{self, Acceptances, Call};
use serde_json::json;

use crate::cases;
use crate::cases::command::{Memory, fn_on};

/// An entry that names a finding, as a file of acceptances has it.
fn entry(finding: &Finding) -> serde_json::Value {
    json!({
        "code": finding.code.as_str(),
        "resource": finding.resource.as_ref().map(ToString::to_string).unwrap_or_default(),
        "field": finding.field.as_ref().map(|field| field.path.to_string()).unwrap_or_default(),
        "reason": "known to the platform team",
    })
}

fn accepting(findings: &[Finding]) -> Acceptances {
    let entries: Vec<_> = findings.iter().map(entry).collect();
    let text = json!({ "accept": entries }).to_string();
    Acceptances::of_file(&text, "accept.json")
        .unwrap_or_else(|found: Vec<Finding>| panic!("{found:?}"))
}

/// A finding without what acceptance changes.
fn told(finding: &Finding) -> (&'static str, String) {
    let place = format!("{:?} {:?}", finding.resource, finding.field.as_ref().map(|one| &one.path));
    (finding.code.as_str(), format!("{place} {}", finding.message))
}

/// Every error of every fixture is accepted by itself: whatever else fails the run still does.
#[test]
fn accepting_an_error_hides_no_other() {
    let (mut accepted, mut refused, mut sound) = (0, 0, 0);
    for function in functions::ALL.iter() {
        for case in cases::all(function.name) {
            let Some(list) = case.as_list() else { continue };
            let run = |accepted: Acceptances| {
                let call = Call { name: Some(function.name), accepted, ..Call::default() };
                runtime::resource_list(&list, functions::ALL, &call)
            };
            let before = run(Acceptances::default());
            let errors: Vec<&Finding> =
                before.findings.iter().filter(|one| one.is_error()).collect();
            for error in errors.iter().filter(|error| error.resource.is_some()) {
                let twins = errors.iter().filter(|other| entry(other) == entry(error)).count();
                let after = run(accepting(&[(*error).clone()]));
                let what = format!("{}/{}: {}", function.name, case.name, told(error).1);
                for other in errors.iter().filter(|other| !std::ptr::eq(**other, *error)) {
                    let stays =
                        after.findings.iter().any(|one| one.is_error() && told(one) == told(other));
                    assert!(stays, "{what}\nhides\n{}", told(other).1);
                }
                let found = after.findings.iter().find(|one| told(one) == told(error)).unwrap();
                if error.code.can_be_accepted() && twins == 1 {
                    assert_eq!(found.severity, Severity::Info, "{what}");
                    accepted += 1;
                } else {
                    assert!(found.is_error() && !after.success, "{what}");
                    let is_warned = after.findings.iter().any(|one| one.code == Code::AcceptUnused);
                    assert!(is_warned || error.code == Code::BadConfig, "{what}");
                    refused += 1;
                }
                let has_errors = after.findings.iter().any(Finding::is_error);
                assert_eq!(after.success, !has_errors, "{what}");
                if after.success {
                    // It did its work: what comes out needs no other change.
                    let output = after.output.as_ref().unwrap().to_string();
                    let call = Call {
                        name: Some(function.name),
                        accepted: accepting(&[(*error).clone()]),
                        ..Call::default()
                    };
                    let again = runtime::resource_list(&output, functions::ALL, &call);
                    assert!(again.plan.edits.is_empty(), "{what}: a second run changes something");
                    sound += 1;
                }
            }
        }
    }
    assert!(accepted > 100 && refused > 60 && sound > 50, "{accepted} {refused} {sound}");
}

const CONFIG: &str = include_str!("../../fixtures/set-ingress-params/accept-door/config.yaml");
const INPUT: &str = include_str!("../../fixtures/set-ingress-params/accept-door/input.yaml");

/// The configuration without its list, and the list as a file.
fn apart() -> (String, String) {
    let (config, entries) = CONFIG.split_once("  accept:\n").unwrap();
    (config.to_owned(), format!("accept:\n{entries}"))
}

#[test]
fn a_file_accepts_what_a_configuration_does() {
    let (config, accept) = apart();
    let files = || {
        Memory::default()
            .with_file("config.yaml", config.as_str())
            .with_file("input.yaml", INPUT)
            .with_file("accept.yaml", accept.as_str())
    };
    let call =
        ["fn", "set-ingress-params", "--config", "config.yaml", "--format", "plain", "input.yaml"];
    assert_eq!(files().run(&call).code, 1);
    let answer = files().run(&[&call[..], &["--accept", "accept.yaml"]].concat());
    assert_eq!(answer, fn_on("set-ingress-params", CONFIG, INPUT, &[]));
    assert_eq!(answer.code, 0);
    // A file that cannot be read accepts nothing, and says so.
    let answer = files().run(&[&call[..], &["--accept", "other.yaml"]].concat());
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
    assert!(answer.stderr.contains("cannot read other.yaml"), "{}", answer.stderr);
}

#[test]
fn a_file_that_accepts_nothing_is_said() {
    let (config, accept) = apart();
    let input = INPUT.replace("type: LoadBalancer", "type: ClusterIP");
    let answer = Memory::default()
        .with_file("config.yaml", config)
        .with_file("input.yaml", input)
        .with_file("accept.yaml", accept)
        .run(&[
            "fn",
            "set-ingress-params",
            "--config",
            "config.yaml",
            "--accept",
            "accept.yaml",
            "input.yaml",
        ]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(
        answer.stderr.starts_with("[warning] accept-unused: accept.yaml: entry 1"),
        "{}",
        answer.stderr
    );
}
