//! Findings on what was rendered are placed in the user's files: a line of an env file, a literal, a file that
//! a generator names, an object's own file; of what a rendering changed, the file alone.

use std::rc::Rc;

use serde_json::{Value, json};

use crate::cases::command::{Answer, Memory};
use crate::cases::resource_list;

const TOKEN: &str = "0f5b1c2e9d8a4736a1b2c3d4e5f60718";
const INGRESS: &str = "\
# Another object first.
apiVersion: v1
kind: Service
metadata: {name: gateway, namespace: istio-system}
spec: {ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: api
  namespace: istio-system
  annotations:
    alb.ingress.kubernetes.io/target-type: ip
    alb.ingress.kubernetes.io/schema: internal
spec:
  ingressClassName: alb
  defaultBackend: {service: {name: gateway, port: {number: 80}}}
";
const PARAMS: &str = "\
apiVersion: fn.kserve-aws.dev/v1alpha1
kind: IngressParams
metadata:
  name: params
  annotations: {config.kubernetes.io/function: '{exec: {path: kserve-aws}}'}
spec:
  target: {name: api}
  paramsFrom: [{configMap: {name: parameters}}]
";

fn folder(kustomization: &str) -> Memory {
    Memory::default()
        .with_file("a/kustomization.yaml", format!("resources: [ingress.yaml]\n{kustomization}"))
        .with_file("a/ingress.yaml", INGRESS)
        .with_file("a/params.yaml", PARAMS)
}

/// The generator, with the function that reads its ConfigMap.
fn generated(sources: &str) -> Memory {
    folder(&format!(
        "transformers: [params.yaml]\nconfigMapGenerator:\n- name: parameters\n  namespace: istio-system\n{sources}"
    ))
}

fn placed(answer: &Answer, code: &str) -> String {
    assert!(!answer.stderr.contains(TOKEN), "{}", answer.stderr);
    let report: Value = serde_json::from_str(&answer.stderr).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let finding = findings.iter().find(|one| one["code"] == code);
    let place = &finding.unwrap_or_else(|| panic!("no {code}: {}", answer.stderr))["place"];
    let file = place["file"].as_str().unwrap_or_default();
    match (place["line"].as_u64(), place["column"].as_u64()) {
        (Some(line), Some(column)) => format!("{file}:{line}:{column}"),
        _ => file.to_owned(),
    }
}

/// `render` and `check` name the same place.
fn place(files: impl Fn() -> Memory, code: &str) -> String {
    let places = ["render", "check"]
        .map(|command| placed(&files().run(&[command, "a", "--format", "json"]), code));
    assert_eq!(places[0], places[1]);
    places[0].clone()
}

const WRONG: &str = "certificate-arn-invalid";

#[test]
fn a_value_of_an_env_file_has_its_line() {
    let env = "\u{feff}# ARN\r\nhttpHeaderName=x-api-key\r\ncertArn=arn:aws:acm\r\n";
    let files = || generated("  envs: [params.env]\n").with_file("a/params.env", env);
    assert_eq!(place(files, WRONG), "a/params.env:3:9");
    let shown = files().run(&["check", "a"]).stderr;
    let line = "  ┌─ a/params.env:3:9\n  │\n3 │ certArn=arn:aws:acm\n  │         ^^^^^^^^^^^\n";
    assert!(shown.contains(line), "{shown}");
}

#[test]
fn a_literal_and_a_file_have_their_places() {
    let literals =
        || generated("  literals:\n  - httpHeaderName=x-api-key\n  - 'certArn=arn:aws:acm'\n");
    assert_eq!(place(literals, WRONG), "a/kustomization.yaml:8:5");
    let one = || generated("  files: [certArn=arn.txt]\n").with_file("a/arn.txt", "arn:aws:acm");
    assert_eq!(place(one, WRONG), "a/arn.txt");
    // The object itself is created where the generator is.
    let env = "certArn=arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012\n";
    let whole = generated("  envs: [params.env]\n").with_file("a/params.env", env);
    assert_eq!(
        placed(&whole.run(&["render", "a", "--format", "json"]), "params-kept"),
        "a/kustomization.yaml:4:3"
    );
}

#[test]
fn of_a_merged_config_map_each_value_has_its_own_place() {
    let base = "configMapGenerator:\n- name: parameters\n  namespace: istio-system\n  envs: [params.env]\n";
    let files = |own: &str| {
        Memory::default()
            .with_file("base/kustomization.yaml", format!("resources: [ingress.yaml]\n{base}"))
            .with_file("base/ingress.yaml", INGRESS)
            .with_file("base/params.env", "httpHeaderName=x y\ncertArn=arn:aws:acm\n")
            .with_file(
                "a/kustomization.yaml",
                format!(
                    "resources: [../base]\ntransformers: [params.yaml]\n{}  behavior: merge\n",
                    base
                ),
            )
            .with_file("a/params.yaml", PARAMS)
            .with_file("a/params.env", own)
    };
    assert_eq!(place(|| files("loadBalancerScheme=internal\n"), WRONG), "base/params.env:2:9");
    assert_eq!(
        place(|| files("loadBalancerScheme=internal\ncertArn=arn\n"), WRONG),
        "a/params.env:2:9"
    );
    assert_eq!(place(|| files("certArn=arn\n"), "header-name-invalid"), "base/params.env:1:16");
}

#[test]
fn a_token_is_shown_in_no_line() {
    let env = format!("httpHeaderName=x-api-key\nhttpHeaderValues=[\"{TOKEN}*\"]\n");
    for (sources, file, place) in [
        ("  envs: [tokens]\n".to_owned(), env.as_str(), "a/tokens:2:18"),
        (
            format!("  literals: [httpHeaderName=x-api-key, 'httpHeaderValues=[\"{TOKEN}*\"]']\n"),
            "",
            "a/kustomization.yaml:6:40",
        ),
    ] {
        let files = || generated(&sources).with_file("a/tokens", file);
        for format in ["human", "plain", "json", "github", "sarif", "junit"] {
            let answer = files().run(&["check", "a", "--format", format]);
            assert!(!answer.stderr.contains(&TOKEN[..12]), "{format}: {}", answer.stderr);
        }
        let shown = files().run(&["check", "a"]).stderr;
        assert!(shown.contains(place), "{shown}");
        let answer = files().run(&["check", "a", "--format", "json"]);
        assert_eq!(placed(&answer, "header-value-invalid"), place);
    }
}

#[test]
fn an_object_has_the_lines_of_its_file() {
    let unknown = "alb-unknown-annotation";
    assert_eq!(
        placed(&folder("").run(&["check", "a", "--format", "json"]), unknown),
        "a/ingress.yaml:14:5"
    );
    // What stays as it was keeps its line, whatever a patch does beside it.
    let patch = |path: &str, value: &str| {
        format!(
            "patches:\n- target: {{kind: Ingress}}\n  patch: '[{{\"op\": \"add\", \"path\": \"{path}\", \"value\": \"{value}\"}}]'\n"
        )
    };
    let one = "/metadata/annotations/alb.ingress.kubernetes.io~1";
    let beside = patch(&format!("{one}scheme"), "internal");
    let answer = folder(&beside).run(&["check", "a", "--format", "json"]);
    assert_eq!(placed(&answer, unknown), "a/ingress.yaml:14:5");
    let changed = patch(&format!("{one}schema"), "internet-facing");
    let answer = folder(&changed).run(&["check", "a", "--format", "json"]);
    assert_eq!(placed(&answer, unknown), "a/ingress.yaml");
    // Beside a file that is not rendered, both have their lines.
    let answer = folder("")
        .with_file(
            "b.yaml",
            INGRESS.replace("name: api", "name: other").replace("name: gateway,", "name: second,"),
        )
        .run(&["check", "b.yaml", "a"]);
    for place in ["─ a/ingress.yaml:14:5", "─ b.yaml:14:5"] {
        assert!(answer.stderr.contains(place), "{}", answer.stderr);
    }
}

/// As kustomize passes objects where its kustomization has `buildMetadata: [originAnnotations]`. It drops results,
/// so that the file is on stderr as well.
#[test]
fn a_host_that_notes_origins_is_quoted() {
    let noted = |object: &str, origin: &str| {
        let mut object: Value = serde_yaml::from_str(object).unwrap();
        object["metadata"]["annotations"]["config.kubernetes.io/origin"] = origin.into();
        object
    };
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: parameters, namespace: istio-system, annotations: {}}\ndata: {certArn: 'arn:aws:acm', httpHeaderName: x-api-key}\n";
    let map = noted(
        map,
        "configuredIn: ../base/kustomization.yaml\nconfiguredBy:\n  apiVersion: builtin\n  kind: ConfigMapGenerator\n",
    );
    let (_, ingress) = INGRESS.split_once("---\n").unwrap();
    let ingress = noted(ingress, "path: ingress.yaml\n");
    let params = noted(PARAMS, "path: params.yaml\n");
    let answer =
        Memory::stdin(resource_list(Some(&params), &[ingress, map]).to_string()).run(&["fn"]);
    assert_eq!(answer.code, 1);
    let line =
        "[error] ../base/kustomization.yaml v1/ConfigMap/istio-system/parameters data.certArn: ";
    assert!(answer.stderr.contains(line), "{}", answer.stderr);
    let list: Value = serde_yaml::from_str(&answer.stdout).unwrap();
    let results = list["results"].as_array().unwrap();
    let file = |kind: &str| {
        let one = results.iter().find(|one| one["resourceRef"]["kind"] == kind);
        one.unwrap_or_else(|| panic!("no result of {kind}: {results:#?}"))["file"].clone()
    };
    assert_eq!(file("ConfigMap"), json!({"path": "../base/kustomization.yaml"}));
    // The configuration's own.
    let mut wrong = params;
    wrong["spec"]["certArn"] = "arn:aws:acm".into();
    let answer = Memory::stdin(resource_list(Some(&wrong), &[]).to_string()).run(&["fn"]);
    assert!(answer.stderr.contains("[error] params.yaml fn.kserve-aws.dev"), "{}", answer.stderr);
}

/// What is rendered is mended by hand: a file may stand for many objects.
#[test]
fn no_fix_changes_a_file_that_was_rendered() {
    let files = folder("");
    let written = Rc::clone(&files.written);
    let answer = files.run(&["check", "a", "--fix"]);
    assert!(answer.stderr.contains("fix: rename"), "{}", answer.stderr);
    assert!(written.borrow().is_empty());
    let sarif = folder("").run(&["check", "a", "--format", "sarif"]).stderr;
    assert!(sarif.contains("a/ingress.yaml") && !sarif.contains("\"fixes\""), "{sarif}");
}
