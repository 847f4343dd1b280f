//! `kserve-aws hosts`, over texts, folders and KServe's own samples.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::cases::command::{Answer, Memory};
use crate::platform::{IRIS, PLATFORM};
use serde_json::{Value, json};
use test_support::corpora;

use crate::cases;

fn hosts(stdin: &str, arguments: &[&str]) -> Answer {
    let plain: &[&str] = if arguments.contains(&"--format") { &[] } else { &["--format", "plain"] };
    Memory::stdin(stdin).run(&[&["hosts"], plain, arguments].concat())
}

fn endpoints(answer: &Answer) -> Vec<Value> {
    serde_json::from_str(&answer.stdout).unwrap()
}

/// Which releases' rules were taken, where the manifests say them.
const TAKEN: &str = "using KServe 0.15.0 (image kserve/kserve-controller:v0.15.0)
using Knative Serving 1.16.2 (label app.kubernetes.io/version of config-domain)
";

/// A finding names an object by the version that it is written with, so that its place is found.
#[test]
fn other_versions_of_an_object_keep_their_place() {
    let llm = "apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceService
metadata: {name: draft, namespace: writers}
spec: {model: {uri: hf://acme/draft}, router: {gateway: {}, route: {}}}
";
    let knative = "apiVersion: serving.knative.dev/v1alpha1
kind: Service
metadata: {name: page, namespace: writers}
status: {url: http://page.writers.example.org}
";
    for (text, code) in [(llm, "kserve-host-of-gateway"), (knative, "kserve-status-url")] {
        let domain = "---
apiVersion: v1
kind: ConfigMap
metadata: {name: config-domain, namespace: knative-serving}
data: {acme.dev: ''}
";
        let answer = hosts(&format!("{text}{domain}"), &["--format", "human"]);
        let shown = answer.stderr.split("\n[").find(|one| one.contains(code));
        let version = text.lines().next().unwrap().trim_start_matches("apiVersion: ");
        let shown = shown.unwrap_or_else(|| panic!("{}", answer.stderr));
        assert!(shown.contains("┌─ stdin:") && shown.contains(version), "{}", answer.stderr);
    }
}

#[test]
fn the_table() {
    let other = IRIS.replace("iris", "wine").replace("team-a", "ml");
    let raw = other.replace(
        "namespace: ml",
        "namespace: ml, annotations: {serving.kserve.io/deploymentMode: RawDeployment}",
    );
    let answer = hosts(&format!("{IRIS}---{raw}---{PLATFORM}"), &[]);
    assert_eq!((answer.stderr.as_str(), answer.code), (TAKEN, 0));
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md");
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains(&answer.stdout), "docs/commands.md shows another table");
    insta::assert_snapshot!(answer.stdout, @r"
    NAMESPACE  NAME  MODE           EXPOSURE  URL                                      HOSTS
    ml         wine  RawDeployment  public    http://wine-ml.example.com               wine-ml.example.com
                                                                                       wine-predictor-ml.example.com
    team-a     iris  Serverless     public    http://iris.team-a.platform.example.com  iris-predictor.team-a.platform.example.com
                                                                                       iris-predictor.team-a.svc.cluster.local
                                                                                       iris.team-a.platform.example.com
                                                                                       iris.team-a.svc.cluster.local
    ");
}

#[test]
fn what_the_manifests_do_not_say_is_assumed_and_said() {
    let bare = IRIS.replace(", namespace: team-a", "");
    let answer = hosts(&bare, &["--kserve-version", "v0.10.0", "--namespace", "mine"]);
    assert_eq!(answer.code, 0);
    insta::assert_snapshot!(answer.stdout, @r"
    NAMESPACE  NAME  MODE        EXPOSURE       URL                                 HOSTS
    mine       iris  Serverless  cluster-local  http://iris.mine.svc.cluster.local  iris-predictor-default.mine.svc.cluster.local
                                                                                    iris.mine.svc.cluster.local
    ");
    insta::assert_snapshot!(answer.stderr, @r"
    assumed: KServe 0.10.0: as given
    assumed: Knative Serving 1.21.0: the newest known, because no manifest names one
    assumed: config-domain: the default, whose only domain is svc.cluster.local
    assumed: config-network: the default
    assumed: inferenceservice-config: the default of KServe 0.10.0
    assumed: namespace mine: as given
    ");
    // The manifests' word weighs more.
    let answer = hosts(&format!("{IRIS}---{PLATFORM}"), &["--kserve-version", "0.10"]);
    assert!(answer.stdout.contains("iris-predictor.team-a.platform.example.com"));
}

#[test]
fn the_json_of_a_service() {
    let answer = hosts(&format!("{IRIS}---{PLATFORM}"), &["--format", "json"]);
    assert_eq!(
        answer.stdout.trim_end(),
        r#"[
  {
    "namespace": "team-a",
    "name": "iris",
    "mode": "Serverless",
    "url": "http://iris.team-a.platform.example.com",
    "address": "http://iris.team-a.svc.cluster.local",
    "components": [
      {
        "component": "predictor",
        "name": "iris-predictor",
        "host": "iris-predictor.team-a.platform.example.com",
        "url": "http://iris-predictor.team-a.platform.example.com"
      }
    ],
    "hosts": [
      "iris-predictor.team-a.platform.example.com",
      "iris-predictor.team-a.svc.cluster.local",
      "iris.team-a.platform.example.com",
      "iris.team-a.svc.cluster.local"
    ],
    "exposure": "public",
    "assumed": [],
    "findings": []
  }
]"#
    );
}

#[test]
fn the_json_has_the_findings_of_each_service() {
    let long = IRIS.replace("iris", &"a".repeat(54));
    let answer = hosts(&format!("{long}---{PLATFORM}"), &["--format", "json"]);
    assert_eq!((answer.stderr.as_str(), answer.code), (TAKEN, 1));
    let [endpoint] = &endpoints(&answer)[..] else { unreachable!("one service") };
    let keys: Vec<_> = endpoint.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "namespace",
            "name",
            "mode",
            "url",
            "address",
            "components",
            "hosts",
            "exposure",
            "assumed",
            "findings"
        ]
    );
    assert_eq!(endpoint["findings"][0]["code"], "kserve-name-too-long");
    assert_eq!(endpoint["findings"][0]["severity"], "error");
    let keys: Vec<_> = endpoint["findings"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["code", "severity", "message"]);
    // The table has them on stderr.
    let table = hosts(&format!("{long}---{PLATFORM}"), &[]);
    assert_eq!(table.code, 1);
    assert!(
        table.stderr.contains("\n[error] serving.kserve.io/v1beta1/InferenceService/team-a/aaa")
    );
    assert!(table.stdout.contains("NAMESPACE"));
}

#[test]
fn files_lists_and_resource_lists_are_read_alike() {
    let expected = hosts(&format!("{IRIS}---{PLATFORM}"), &["--format", "json"]);
    let objects: Vec<Value> = [IRIS, PLATFORM]
        .iter()
        .flat_map(|text| serde_yaml::Deserializer::from_str(text))
        .map(|one| <Value as serde::Deserialize>::deserialize(one).unwrap())
        .collect();
    let list = json!({ "apiVersion": "v1", "kind": "List", "metadata": { "resourceVersion": "" }, "items": objects });
    let resource_list = cases::resource_list(None, &objects);
    for text in [list.to_string(), resource_list.to_string()] {
        assert_eq!(hosts(&text, &["--format", "json"]), expected, "{text}");
        assert_eq!(hosts(&text, &["--format", "json", "-"]), expected, "{text}");
    }
    let files = Memory::stdin(IRIS).with_file("list.json", resource_list.to_string());
    let twice = files.run(&["hosts", "--format", "json", "list.json", "-"]);
    assert_eq!(endpoints(&twice).len(), 2);
}

#[test]
fn a_folder_has_files_for_other_programs() {
    let answer = Memory::default()
        .with_file("apps/iris.yaml", IRIS)
        .with_file("apps/kustomization.yaml", "resources:\n- iris.yaml\n")
        .with_file(
            "apps/component/part.yaml",
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
        )
        .with_file("apps/values.yaml", "replicas: 1\n")
        .with_file("apps/empty.yaml", "# nothing\n")
        .with_file("apps/list.yaml", "- a\n")
        .with_file("apps/platform.yml", PLATFORM)
        .run(&["hosts", "apps", "--format", "plain"]);
    assert_eq!(answer.code, 0);
    assert!(answer.stdout.contains("iris.team-a.platform.example.com"));
    insta::assert_snapshot!(answer.stderr, @r"
    using KServe 0.15.0 (image kserve/kserve-controller:v0.15.0)
    using Knative Serving 1.16.2 (label app.kubernetes.io/version of config-domain)
    [info] skipped: apps/component/part.yaml is a kustomization, which is not an object of the cluster (file-skipped)
    [info] skipped: apps/kustomization.yaml is a kustomization, which is not an object of the cluster (file-skipped)
    [info] apps/list.yaml:1:1: skipped: item 1 is not a mapping (file-skipped)
    [info] apps/values.yaml:1:1: skipped: item 1 has no apiVersion (file-skipped)
    ");
}

#[test]
fn what_is_broken_in_a_folder_is_an_error_and_the_rest_is_shown() {
    let answer = Memory::default()
        .with_file("apps/iris.yaml", IRIS)
        .with_file("apps/template.yaml", "{{- if .Values.a }}\na: b\n{{- end }}\n")
        .with_file(
            "apps/wine.yaml",
            "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: wine}\nspec: []\n",
        )
        .run(&["hosts", "apps", "--format", "plain"]);
    assert_eq!(answer.code, 1);
    assert!(answer.stdout.contains("iris.team-a.svc.cluster.local"));
    assert!(answer.stderr.contains("[error] apps/template.yaml:1:3: "), "{}", answer.stderr);
    assert!(answer.stderr.contains("(kserve-unreadable)"), "{}", answer.stderr);
}

#[test]
fn a_named_file_is_read_whole_or_not_at_all() {
    for (name, text, told) in [
        ("values.yaml", "replicas: 1\n", "[error] values.yaml:1:1: item 1 has no apiVersion;"),
        ("a.yaml", "a: [\n", "[error] a.yaml:1:4: "),
        (
            "kustomization.yaml",
            "resources:\n- iris.yaml\n",
            "[error] kustomization.yaml is a kustomization, which is not an object of the cluster; pipe the output of kustomize build into this command (bad-item)",
        ),
    ] {
        let answer =
            Memory::default().with_file(name, text).run(&["hosts", name, "--format", "plain"]);
        assert_eq!((answer.stdout.as_str(), answer.code), ("", 1));
        assert!(answer.stderr.starts_with(told), "{}", answer.stderr);
    }
    let answer = Memory::default().run(&["hosts", "nowhere.yaml"]);
    assert_eq!(
        answer.stderr,
        "[error] bad-input: cannot read nowhere.yaml: no such file\n1 error, 0 warnings\n"
    );
    let answer = hosts("\u{0}", &[]);
    assert_eq!(answer.code, 1);
    assert!(answer.stderr.contains("[error] stdin:1:1: "), "{}", answer.stderr);
}

#[test]
fn without_a_service_it_says_so() {
    let answer = hosts(PLATFORM, &[]);
    assert_eq!((answer.stdout.as_str(), answer.code), ("", 0));
    assert_eq!(answer.stderr, "no InferenceService of serving.kserve.io/v1beta1 found\n");
    assert_eq!(hosts(PLATFORM, &["--format", "json"]).stdout, "[]\n");
    let other = IRIS.replace("v1beta1", "v1alpha2").replace("kserve.io", "kubeflow.org");
    let answer = hosts(&other, &["--format", "json"]);
    assert!(answer.stderr.contains("(kserve-other-version)"), "{}", answer.stderr);
}

#[test]
fn arguments_that_make_no_sense() {
    for (arguments, told) in [
        (
            ["--kserve-version", "latest"],
            "error: invalid value 'latest' for '--kserve-version <VERSION>': invalid version \"latest\": expected a release such as 0.15.0",
        ),
        (
            ["--format", "yaml"],
            "error: invalid value 'yaml' for '--format <WORD>'\n  [possible values: table, human, plain, json, github, sarif, junit]",
        ),
    ] {
        let answer = hosts(IRIS, &arguments);
        assert_eq!((answer.stdout.as_str(), answer.code), ("", 2));
        assert!(answer.stderr.starts_with(told), "{}", answer.stderr);
    }
}

/// Findings in every format, beside the table on stdout.
#[test]
fn findings_have_the_formats_of_every_command() {
    let wrong = IRIS.replace(
        "namespace: team-a}",
        "namespace: team-a, labels: {networking.knative.dev/visbility: cluster-local}}",
    );
    let text = format!("{wrong}---{PLATFORM}");
    let run = |arguments: &[&str]| {
        let files = Memory::default().with_file("a.yaml", text.as_str());
        files.run(&[&["hosts", "a.yaml"], arguments].concat())
    };
    let human = run(&[]);
    assert_eq!(human.code, 0);
    assert!(human.stderr.contains("[warning] kserve-annotation-misspelt"), "{}", human.stderr);
    assert!(
        human.stderr.contains("a.yaml:") && human.stderr.contains("fix: rename "),
        "{}",
        human.stderr
    );
    assert!(human.stderr.contains("0 errors, 1 warning"), "{}", human.stderr);
    for format in ["plain", "github", "sarif", "junit"] {
        let answer = run(&["--format", format]);
        assert_eq!(answer.stdout, human.stdout, "{format}");
        assert!(answer.stderr.contains("kserve-annotation-misspelt"), "{format}");
    }
    let sarif: serde_json::Value =
        serde_json::from_str(&run(&["--format", "sarif"]).stderr).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "kserve-annotation-misspelt");
    assert_eq!(run(&["--fail-on", "warning"]).code, 1);
    let baseline = run(&["--write-baseline", "known.json"]);
    assert_eq!(baseline.code, 0, "{}", baseline.stderr);
    assert!(run(&["--color", "always"]).stderr.contains("\u{1b}["));
    assert!(!run(&["--quiet"]).stderr.contains("kserve-annotation-misspelt"));
}

#[test]
fn no_name_moves_the_cursor() {
    let name = "{name: \"a\\e[2Jb\", namespace: \"x\\ny\"}";
    let answer = hosts(&IRIS.replace("{name: iris, namespace: team-a}", name), &[]);
    assert_eq!(answer.code, 1);
    assert!(!answer.stdout.contains('\u{1b}') && !answer.stderr.contains('\u{1b}'));
    assert!(answer.stdout.contains("x\\ny"), "{}", answer.stdout);
}

/// The command shows of every sample what the snapshot of the model has.
#[test]
fn the_samples_of_kserve() {
    let files = corpora::of("inference-services");
    if files.is_empty() {
        return;
    }
    let mut found = String::new();
    let mut folder = Memory::default().with_file("samples/platform.yaml", PLATFORM);
    for file in &files {
        let (name, text) = (file.file_name(), file.text.as_str());
        folder = folder.with_file(&format!("samples/{name}"), text);
        let answer = Memory::default()
            .with_file("platform.yaml", PLATFORM)
            .with_file(name, text)
            .run(&["hosts", "--format", "json", "platform.yaml", name]);
        let before = found.len();
        listed(name, &answer, &mut found);
        // Some of KServe's own samples are refused by its own webhook.
        let refused = found[before..].contains(" error ");
        assert_eq!(answer.code, u8::from(refused), "{name}: {}", answer.stderr);
    }
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/serving-model/samples.txt");
    assert_eq!(found, fs::read_to_string(expected).unwrap());

    // All in one folder: as many services, and none in silence.
    let answer = folder.run(&["hosts", "--format", "json", "samples"]);
    let services = found.lines().filter(|line| is_service(line)).count();
    assert_eq!(endpoints(&answer).len(), services);
    let not_modelled = answer.stderr.lines().filter(|line| line.contains("(kserve-other-")).count();
    assert_eq!(not_modelled, found.lines().filter(|line| line.contains(" kserve-other-")).count());
}

fn is_service(line: &str) -> bool {
    line.starts_with("  ") && !line.starts_with("   ") && line.contains('/')
}

/// As `tests/suite/serving_model` lists the model.
fn listed(name: &str, answer: &Answer, out: &mut String) {
    let text = |value: &Value, none: &str| value.as_str().unwrap_or(none).to_owned();
    let _ = writeln!(out, "{name}");
    for endpoint in endpoints(answer) {
        let _ = writeln!(
            out,
            "  {}/{} {} {}",
            text(&endpoint["namespace"], ""),
            text(&endpoint["name"], ""),
            text(&endpoint["mode"], "no mode"),
            text(&endpoint["url"], "no URL"),
        );
        for host in endpoint["hosts"].as_array().unwrap() {
            let _ = writeln!(out, "    {}", text(host, ""));
        }
        for finding in endpoint["findings"].as_array().unwrap() {
            let (severity, code) = (text(&finding["severity"], ""), text(&finding["code"], ""));
            let _ = writeln!(out, "    {severity} {code}");
        }
    }
    for line in answer.stderr.lines().filter(|line| line.starts_with('[')) {
        let (severity, rest) = line[1..].split_once("] ").unwrap();
        let code = rest.rsplit_once('(').unwrap().1.trim_end_matches(')');
        let reference = rest.split(':').next().unwrap();
        let kind = ["InferenceGraph", "LLMInferenceService", "InferenceService"]
            .into_iter()
            .find(|kind| reference.split('/').any(|part| part == *kind));
        let _ = writeln!(out, "  {severity} {code} {}", kind.unwrap());
    }
}
