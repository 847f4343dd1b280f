//! What is accepted is left as it is, and nothing else is: a function that succeeds has done its whole work.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use kserve_aws::functions;
use serde_json::json;

use crate::cases::command::Memory;

/// The documents of a stream, in an order that does not matter.
fn documents(stream: &str) -> BTreeSet<String> {
    stream.split("---\n").map(|one| one.trim().to_owned()).collect()
}

const ENDPOINT: &str =
    include_str!("../../fixtures/serving-endpoint/stages-with-tokens/config.yaml");
const ENDPOINT_INPUT: &str = include_str!("../../fixtures/serving-endpoint/input.yaml");
const SECOND_DOOR: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: second, namespace: istio-system}\nspec:\n  type: LoadBalancer\n  selector: {istio: ingressgateway, app: istio-ingressgateway}\n  ports: [{port: 80, targetPort: 8080}]\n";

/// A step of an endpoint whose error is accepted is followed by the others.
#[test]
fn an_accepted_error_of_one_step_leaves_no_step_out() {
    let run = |input: &str, accept: &str| {
        Memory::default()
            .with_file("config.yaml", ENDPOINT)
            .with_file("input.yaml", input)
            .with_file("accept.yaml", accept)
            .run(&["fn", "--config", "config.yaml", "--accept", "accept.yaml", "input.yaml"])
    };
    let none = "accept: []\n";
    let expected = run(ENDPOINT_INPUT, none);
    assert_eq!(expected.code, 0, "{}", expected.stderr);
    let input = format!("{ENDPOINT_INPUT}---\n{SECOND_DOOR}");
    let open = run(&input, none);
    assert_eq!((open.code, open.stdout.as_str()), (1, ""), "{}", open.stderr);
    let door = "code: door-open, resource: Service/istio-system/second, field: spec.type";
    let answer = run(&input, &format!("accept:\n- {{{door}, reason: in a VPN}}\n"));
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert_eq!(answer.stderr.matches("door-open").count(), 1, "{}", answer.stderr);
    let mut all = documents(&expected.stdout);
    all.insert(SECOND_DOOR.trim().to_owned());
    assert_eq!(documents(&answer.stdout), all);
    assert!(all.iter().any(|one| one.contains("kind: AuthorizationPolicy")));
}

/// What a function finds of its configuration is accepted for the function as well, wherever that is written.
#[test]
fn an_accepted_error_of_the_configuration_leaves_nothing_out() {
    let entry = "{code: certificate-host-uncovered, resource: KIND/c, field: spec.certificate, reason: known}";
    let certificate = "certificate: {domains: ['*.b.example.com']}";
    let endpoint = "certificate: {emit: ack, names: ['*.b.example.com']}, authProvider: dex, check: false, ingress: {tokens: [0f5b1c2e9d8a4736a1b2c3d4e5f60718]}";
    for (kind, fields) in [
        ("ServingCertificate", format!("emit: ack, {certificate}")),
        ("ServingEndpoint", endpoint.to_owned()),
    ] {
        let entry = entry.replace("KIND", kind);
        for (in_spec, in_file) in [("", ""), (&*entry, ""), ("", &*entry)] {
            let config = format!(
                "apiVersion: fn.kserve-aws.dev/v1alpha1\nkind: {kind}\nmetadata: {{name: c}}\nspec: {{domain: example.com, namespaces: [a], {fields}, accept: [{in_spec}]}}\n"
            );
            let answer = Memory::default()
                .with_file("config.yaml", config)
                .with_file("input.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n")
                .with_file("accept.yaml", format!("accept: [{in_file}]\n"))
                .run(&["fn", "--config", "config.yaml", "--accept", "accept.yaml", "input.yaml"]);
            let is_accepted = !in_spec.is_empty() || !in_file.is_empty();
            assert_eq!(answer.code, u8::from(!is_accepted), "{kind}: {}", answer.stderr);
            assert!(answer.stderr.contains("certificate-host-uncovered"), "{}", answer.stderr);
            let has_certificate = answer.stdout.contains("kind: Certificate\n");
            assert_eq!(has_certificate, is_accepted, "{kind}: {}", answer.stdout);
        }
    }
}

/// With every error accepted that can be, a function that succeeds has done its work: what kept it from that
/// cannot be accepted.
#[test]
fn no_accepted_error_leaves_the_work_undone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let (mut tried, mut unchanged) = (0, Vec::new());
    for function in functions::ALL.iter().filter(|one| one.name != "validate-serving-path") {
        for case in fs::read_dir(root.join(function.name)).unwrap() {
            let case = case.unwrap().path();
            let read = |path: &Path| fs::read_to_string(path).ok();
            let Some(config) = read(&case.join("config.yaml")) else { continue };
            let own = read(&case.join("input.yaml"));
            let input = own.or_else(|| read(&root.join(function.name).join("input.yaml"))).unwrap();
            let mut entries: Vec<serde_json::Value> = Vec::new();
            let mut answer = None;
            // What is accepted may bring more to light.
            for _ in 0..4 {
                let run = Memory::default()
                    .with_file("config.yaml", config.as_str())
                    .with_file("input.yaml", input.as_str())
                    .with_file("accept.yaml", json!({ "accept": entries }).to_string())
                    .run(&[
                        "fn",
                        function.name,
                        "--config",
                        "config.yaml",
                        "--baseline",
                        "accept.yaml",
                        "--format",
                        "json",
                        "input.yaml",
                    ]);
                let Ok(report) = serde_json::from_str::<serde_json::Value>(&run.stderr) else {
                    break;
                };
                let errors = report["findings"].as_array().unwrap().iter();
                let errors = errors.filter(|one| one["severity"] == "error").map(|one| {
                    let parts = ["apiVersion", "kind", "namespace", "name"];
                    let parts = parts.iter().filter_map(|part| one["resource"][part].as_str());
                    let resource = parts.collect::<Vec<_>>().join("/");
                    let field = one["field"]["path"].as_str().unwrap_or_default();
                    json!({ "code": one["code"], "resource": resource, "field": field, "message": one["message"], "reason": "known" })
                });
                let before = entries.len();
                entries.extend(errors.collect::<Vec<_>>());
                let is_done = run.code == 0 || entries.len() == before;
                answer = Some(run);
                if is_done {
                    break;
                }
            }
            let answer = answer.filter(|answer| answer.code == 0 && !entries.is_empty());
            let Some(answer) = answer else { continue };
            tried += 1;
            // Without it, plan-certificate only reports.
            let writes = function.name != "plan-certificate" || config.contains("emit: ack");
            if writes && answer.stdout == input {
                unchanged.push(case.strip_prefix(&root).unwrap().display().to_string());
            }
        }
    }
    assert!(tried > 100, "{tried} cases are few");
    // Its policies are for the namespace that has no service.
    assert_eq!(unchanged, ["generate-authorization-policies/namespace-misspelt"]);
}
