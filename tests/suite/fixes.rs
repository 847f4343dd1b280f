//! Fixes: each code that carries one, on the guide's set-up with one thing wrong in it. What SARIF says to
//! replace, and what `check --fix` writes, give the right text again and change nothing else.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::Value;

use crate::cases::command::{Answer, Memory};

const RIGHT: &str = include_str!("../../fixtures/validate-serving-path/input.yaml");
const TOKEN: &str = "0f5b1c2e9d8a4736a1b2c3d4e5f60718";
const CONDITIONS: &str = "    alb.ingress.kubernetes.io/conditions.istio-ingressgateway:";
const SCHEME: &str = "    alb.ingress.kubernetes.io/scheme: internet-facing\n";
const ATTRIBUTES: &str = "routing.http.drop_invalid_header_fields.enabled=true";
const CERTIFICATE: &str =
    "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012";
const LOGIN: &str = "    alb.ingress.kubernetes.io/auth-type: cognito\n";
const MODEL: &str =
    "kind: InferenceService\nmetadata:\n  name: sklearn-iris\n  namespace: staging\n";

/// A code, whether its fix is safe, and what is wrong: of the right text a part, what stands there
/// instead, and what the fix makes of it.
struct Case {
    code: &'static str,
    is_safe: bool,
    part: &'static str,
    wrong: String,
    fixed: String,
}

fn case(code: &'static str, part: &'static str, wrong: String, fixed: String) -> Case {
    Case { code, is_safe: true, part, wrong, fixed }
}

/// A fix that gives the right text again.
fn restored(code: &'static str, part: &'static str, wrong: impl Into<String>) -> Case {
    case(code, part, wrong.into(), part.to_owned())
}

fn unsafe_(case: Case) -> Case {
    Case { is_safe: false, ..case }
}

fn annotated(key: &str, value: &str) -> String {
    format!("{SCHEME}    {key}: {value}\n")
}

fn labelled(label: &str, value: &str) -> String {
    format!("{MODEL}  labels:\n    team: a # of whom\n    {label}: {value}\n")
}

fn cases() -> Vec<Case> {
    let alb = |suffix: &str| format!("alb.ingress.kubernetes.io/{suffix}");
    let two = format!("{CERTIFICATE},{CERTIFICATE}").replacen("5678-1234", "5678-1235", 1);
    let with = |more: &str| format!("{ATTRIBUTES}{more}");
    let quoted = |more: &str| format!("'{ATTRIBUTES}{more}'");
    let on_unauthenticated = alb("auth-on-unauthenticated-request");
    let on_login = |word: &str| format!("{LOGIN}    {on_unauthenticated}: {word}\n");
    vec![
        restored("alb-unknown-annotation", "/healthcheck-path:", "/healthcheck_paths:"),
        restored("alb-open-annotation-misspelt", CONDITIONS, CONDITIONS.replace("ns.", "n.")),
        case("alb-attributes-glued", ATTRIBUTES, with(";a=1"), quoted(",a=1")),
        case(
            "alb-attribute-unknown",
            ATTRIBUTES,
            with(",routing.http2.enable=true"),
            quoted(",routing.http2.enabled=true"),
        ),
        case("alb-attribute-value", ATTRIBUTES, ATTRIBUTES.replace("tr", "Tr"), quoted("")),
        case(
            "alb-certificates-glued",
            CERTIFICATE,
            format!("'{}'", two.replace(',', " ; ")),
            format!("'{two}'"),
        ),
        case("alb-on-unauthenticated", LOGIN, on_login("Deny"), on_login("deny")),
        unsafe_(case(
            "alb-open-unauthenticated-allowed",
            LOGIN,
            on_login("allow"),
            on_login("authenticate"),
        )),
        restored("alb-scheme", "internet-facing", "Internet-Facing"),
        unsafe_(restored(
            "alb-ingress-class-twice",
            SCHEME,
            annotated("kubernetes.io/ingress.class", "alb"),
        )),
        unsafe_(restored(
            "alb-dead-action",
            SCHEME,
            annotated(
                &alb("actions.away"),
                "'{\"type\":\"fixed-response\",\"fixedResponseConfig\":{\"statusCode\":\"404\"}}'",
            ),
        )),
        unsafe_(restored("alb-plain-http", "'[{\"HTTPS\":443}]'", "'[{\"HTTP\":80}]'")),
        unsafe_(restored("alb-no-listener", "[{\"HTTPS\":443}]", "[{}]")),
        unsafe_(restored(
            "alb-open-conditions-unbound",
            CONDITIONS,
            CONDITIONS.replace("istio-", "another-"),
        )),
        case("bad-object", "\"15021\"", "15021 # the status".into(), "'15021' # the status".into()),
        case(
            "kserve-annotation-misspelt",
            MODEL,
            labelled("networking.knative.dev/visbility", "cluster-local"),
            labelled("networking.knative.dev/visibility", "cluster-local"),
        ),
        case(
            "kserve-visibility-value",
            MODEL,
            labelled("networking.knative.dev/visibility", "clusterlocal"),
            labelled("networking.knative.dev/visibility", "cluster-local"),
        ),
        case(
            "kserve-visibility-ignored",
            MODEL,
            labelled("networking.kserve.io/visibility", "cluster-local"),
            labelled("networking.knative.dev/visibility", "cluster-local"),
        ),
    ]
}

/// The codes of the cases.
pub(crate) fn codes() -> Vec<&'static str> {
    cases().iter().map(|case| case.code).collect()
}

/// The text with a part of it replaced, as SARIF says.
pub(crate) fn replaced(text: &str, replacement: &Value) -> String {
    let region = &replacement["deletedRegion"];
    let offset = |line: &str, column: &str| {
        let (line, column) = (region[line].as_u64().unwrap(), region[column].as_u64().unwrap());
        let before: usize = text.split_inclusive('\n').take(line as usize - 1).map(str::len).sum();
        let rest = &text[before..];
        before + rest.char_indices().nth(column as usize - 1).map_or(rest.len(), |(at, _)| at)
    };
    let (start, end) = (offset("startLine", "startColumn"), offset("endLine", "endColumn"));
    let new = replacement["insertedContent"]["text"].as_str().unwrap();
    format!("{}{new}{}", &text[..start], &text[end..])
}

/// The first fix of a code in a report: whether it is safe, its file, and what it replaces.
fn fix_of(report: &str, code: &str) -> (bool, String, Value) {
    let log: Value = serde_json::from_str(report).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let of_code = results.iter().filter(|result| result["ruleId"] == code);
    let fix = of_code.filter_map(|result| result["fixes"].as_array()).flatten().next();
    let fix = fix.unwrap_or_else(|| panic!("{code} has no fix:\n{report}"));
    let change = &fix["artifactChanges"][0];
    let file = change["artifactLocation"]["uri"].as_str().unwrap().to_owned();
    (fix["description"]["text"] == "safe", file, change["replacements"][0].clone())
}

fn check(text: &str, arguments: &[&str]) -> (Answer, Option<String>) {
    let files = Memory::default().with_file("input.yaml", text);
    let written = Rc::clone(&files.written);
    let answer = files.run(&[&["check", "input.yaml"], arguments].concat());
    let written = written.borrow().get(Path::new("input.yaml")).cloned();
    (answer, written.map(|bytes| String::from_utf8(bytes).unwrap()))
}

/// The lines of a text that another one does not have.
fn other_lines(text: &str, other: &str) -> Vec<String> {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let known = lines(other);
    lines(text).into_iter().filter(|line| !known.contains(line)).collect()
}

/// Compares texts, and shows only where they differ.
fn assert_same(found: &str, expected: &str, what: &str) {
    let differs = (other_lines(found, expected), other_lines(expected, found));
    assert!(found == expected, "{what}: {differs:#?}");
}

#[test]
fn each_fix_is_applied_and_changes_nothing_else() {
    for Case { code, is_safe, part, wrong, fixed } in cases() {
        assert!(RIGHT.contains(part), "{code}: {part:?}");
        let (wrong, fixed) = (RIGHT.replacen(part, &wrong, 1), RIGHT.replacen(part, &fixed, 1));
        // Windows' line ends stay what they are.
        for ends in ["\n", "\r\n"] {
            let (wrong, fixed) = (wrong.replace('\n', ends), fixed.replace('\n', ends));
            let report = check(&wrong, &["--format", "sarif"]).0.stderr;
            assert!(!report.contains(TOKEN));
            let (found_safe, file, replacement) = fix_of(&report, code);
            assert_eq!((found_safe, file.as_str()), (is_safe, "input.yaml"), "{code}");
            assert_same(&replaced(&wrong, &replacement), &fixed, code);
            let (answer, written) = check(&wrong, &["--fix"]);
            if !is_safe {
                assert!(written.is_none(), "{code}: {}", answer.stderr);
                assert!(answer.stderr.contains("possible fix: "), "{}", answer.stderr);
                continue;
            }
            assert_same(&written.unwrap_or_default(), &fixed, code);
            assert!(
                answer.stderr.contains("fixed input.yaml\napplied 1 fix\n"),
                "{}",
                answer.stderr
            );
            assert!(!answer.stderr.contains(&format!("] {code}")), "{}", answer.stderr);
            let (answer, written) = check(&fixed, &["--fix"]);
            assert!(written.is_none(), "{code}: {}", answer.stderr);
        }
    }
}

#[test]
fn all_safe_fixes_of_a_file_are_applied_at_once() {
    let mut wrong = RIGHT.to_owned();
    let mut right = RIGHT.to_owned();
    let mut count = 0;
    // Those that meet no other one.
    let apart = ["alb-unknown-annotation", "alb-scheme", "alb-on-unauthenticated", "bad-object"];
    for case in cases().into_iter().filter(|case| apart.contains(&case.code)) {
        wrong = wrong.replacen(case.part, &case.wrong, 1);
        right = right.replacen(case.part, &case.fixed, 1);
        count += 1;
    }
    let (answer, written) = check(&wrong, &["--fix"]);
    assert_same(&written.unwrap_or_default(), &right, &answer.stderr);
    assert!(answer.stderr.ends_with(&format!("applied {count} fixes\n")), "{}", answer.stderr);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
}

#[test]
fn a_diff_shows_the_fixes_and_writes_nothing() {
    let wrong = RIGHT.replacen(CONDITIONS, &CONDITIONS.replace("ns.", "n."), 1);
    let (answer, written) = check(&wrong, &["--fix", "--diff"]);
    assert!(written.is_none());
    assert!(answer.stdout.contains("\n+    alb.ingress.kubernetes.io/conditions."));
    assert!(!answer.stdout.contains(TOKEN), "{}", answer.stdout);
    assert!(answer.stderr.ends_with("would apply 1 fix\n"), "{}", answer.stderr);
    // Without a file there is nothing to fix.
    let answer = Memory::stdin(RIGHT).run(&["check", "--fix"]);
    assert_eq!(answer.code, 2);
    assert!(answer.stderr.contains("pass files or folders"), "{}", answer.stderr);
}

#[test]
fn a_document_has_no_line_beside_it() {
    let wrong = RIGHT.replacen(CONDITIONS, &CONDITIONS.replace("ns.", "n."), 1);
    for format in ["json", "sarif"] {
        for arguments in [&["--fix"][..], &["--fix", "--diff"]] {
            let (answer, _) = check(&wrong, &[arguments, &["--format", format]].concat());
            let document: Result<Value, _> = serde_json::from_str(&answer.stderr);
            assert!(document.is_ok(), "{format}: {}", answer.stderr);
        }
    }
}

/// Below a `? key` the engine edits nothing.
#[test]
fn a_fix_that_is_left_is_reported() {
    let explicit = "    ? alb.ingress.kubernetes.io/scheme\n    : Internet-Facing\n";
    let (answer, written) = check(&RIGHT.replacen(SCHEME, explicit, 1), &["--fix"]);
    assert!(written.is_none());
    let left = "did not apply 1 fix: the text cannot be edited there; make the change by hand\n";
    assert!(answer.stderr.ends_with(left), "{}", answer.stderr);
    let answer = Memory::default()
        .with_file("a/kustomization.yaml", "resources: [input.yaml]\n")
        .with_file("a/input.yaml", RIGHT.replacen("internet-facing", "Internet-Facing", 1))
        .run(&["check", "a", "--fix"]);
    let left = "did not apply 1 fix: the object is rendered; make the change in its file\n";
    assert!(answer.stderr.ends_with(left), "{}", answer.stderr);
}

/// A ConfigMap has a field as a key of its data, and a field that is not there is added.
#[test]
fn a_fix_of_a_config_map_is_on_its_data() {
    let typed = "apiVersion: fn.kserve-aws.dev/v1alpha1\nkind: IngressParams\nmetadata: {name: a}\nspec: {certArn: ARN}\n";
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {certArn: ARN}\n";
    for (config, field) in [(typed, "/spec/overlay"), (map, "/data/overlay")] {
        let answer = Memory::default()
            .with_file("config.yaml", config.replace("ARN", CERTIFICATE))
            .with_file("input.yaml", RIGHT)
            .run(&[
                "fn",
                "set-ingress-params",
                "--config",
                "config.yaml",
                "--format",
                "json",
                "input.yaml",
            ]);
        let report: Value = serde_json::from_str(&answer.stderr).unwrap();
        let findings = report["findings"].as_array().unwrap();
        let inferred = findings.iter().find(|one| one["code"] == "overlay-inferred").unwrap();
        let patch = serde_json::json!([{ "op": "add", "path": field, "value": "https" }]);
        assert_eq!(inferred["fix"]["patch"], patch, "{inferred:#}");
    }
}

#[test]
fn files_that_need_nothing_are_not_written_and_accepted_findings_are_left() {
    let wrong = RIGHT.replacen("internet-facing", "Internet-Facing", 1);
    let (first, second) = wrong.split_at(wrong.find("---\n").unwrap());
    let accept = "accept:\n- {code: alb-scheme, resource: Ingress/istio-system/istio-ingress-api, field: 'metadata.annotations[alb.ingress.kubernetes.io/scheme]', reason: known}\n";
    let files = || {
        Memory::default()
            .with_file("a/one.yaml", first)
            .with_file("a/two.yaml", second)
            .with_file("accept.yaml", accept)
    };
    let written = |arguments: &[&str]| {
        let files = files();
        let written = Rc::clone(&files.written);
        files.run(arguments);
        let names: Vec<PathBuf> = written.borrow().keys().cloned().collect();
        names
    };
    assert_eq!(written(&["check", "a", "--fix"]), [PathBuf::from("a/one.yaml")]);
    assert!(written(&["check", "a", "--fix", "--accept", "accept.yaml"]).is_empty());
}

/// What is wrong in a configuration is shown with its fix, too.
#[test]
fn a_configuration_has_fixes() {
    const CONFIG: &str =
        include_str!("../../fixtures/set-ingress-params/door-load-balancer-second/config.yaml");
    const INPUT: &str =
        include_str!("../../fixtures/set-ingress-params/door-load-balancer-second/input.yaml");
    for (code, is_safe, right, wrong) in [
        ("bad-config", true, "certArn:", "cert_ARN:"),
        ("bad-config", false, "certArn:", "crtArnn:"),
        ("certificate-arn-invalid", false, "acm:us-west-2", "acm:us-wset-2"),
    ] {
        let config = CONFIG.replacen(right, wrong, 1);
        let files = Memory::default()
            .with_file("config.yaml", config.as_str())
            .with_file("input.yaml", INPUT);
        let call = ["fn", "--config", "config.yaml", "input.yaml", "--format", "sarif"];
        let (found_safe, file, replacement) = fix_of(&files.run(&call).stderr, code);
        assert_eq!((found_safe, file.as_str()), (is_safe, "config.yaml"), "{wrong}");
        assert_same(&replaced(&config, &replacement), CONFIG, wrong);
    }
    let accept = "  accept:\n  - {code: door-opne, resource: a, field: b, reason: c}\n";
    let config = format!("{CONFIG}{accept}");
    let files =
        Memory::default().with_file("config.yaml", config.as_str()).with_file("input.yaml", INPUT);
    let call = ["fn", "--config", "config.yaml", "input.yaml", "--format", "sarif"];
    let (_, _, replacement) = fix_of(&files.run(&call).stderr, "bad-config");
    assert_eq!(replaced(&config, &replacement), config.replace("door-opne", "\"door-open\""));
}
