//! The options of findings: every command that finds something has all of them, and they mean the same.

use std::path::Path;

use krm_function::Code as _;
use kserve_aws::finding::Code;
use serde_json::Value;

use crate::cases::command::{Answer, Memory};

const SET_UP: &str = include_str!("../../fixtures/validate-serving-path/input.yaml");
const TOKEN: &str = "0f5b1c2e9d8a4736a1b2c3d4e5f60718";
/// An object that no reader takes for what its kind says.
const BROKEN: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: broken, namespace: istio-system}\nspec:\n  ports: several\n";
/// An entry that accepts nothing, which is a warning.
const UNUSED: &str =
    "accept:\n- {code: door-open, resource: Service/a/b, field: spec.type, reason: gone}\n";
/// The commands that read a package and report on it.
const COMMANDS: [&[&str]; 4] = [&["check"], &["trace", "--all"], &["access"], &["plan"]];

fn run(command: &[&str], input: &str, arguments: &[&str]) -> Answer {
    files(input).run(&[command, &["input.yaml"], arguments].concat())
}

fn files(input: &str) -> Memory {
    Memory::default().with_file("input.yaml", input).with_file("accept.yaml", UNUSED)
}

fn broken() -> String {
    format!("{SET_UP}---\n{BROKEN}")
}

#[test]
fn every_command_has_every_format() {
    for command in COMMANDS {
        let of = |format: &str| {
            let answer = run(command, &broken(), &["--format", format]);
            assert_eq!(answer.code, 1, "{command:?} {format}: {}", answer.stderr);
            assert!(
                answer.stderr.contains("bad-object"),
                "{command:?} {format}: {}",
                answer.stderr
            );
            assert!(
                !answer.stderr.contains(TOKEN) && !answer.stdout.contains(TOKEN),
                "{command:?}"
            );
            answer.stderr
        };
        let human = run(command, &broken(), &[]).stderr;
        assert!(
            human.contains("[error] bad-object: ") && human.contains("─ input.yaml:"),
            "{human}"
        );
        assert!(human.contains("\n1 error, "), "{command:?}: {human}");
        assert_eq!(of("human"), human);
        assert!(of("plain").contains("(bad-object)\n"), "{command:?}");
        assert!(of("github").contains("::error file=input.yaml,line="), "{command:?}");
        let sarif: Value = serde_json::from_str(&of("sarif")).unwrap();
        assert_eq!(sarif["version"], "2.1.0");
        assert!(of("junit").starts_with("<?xml"), "{command:?}");
        // Of check the findings are JSON; the others have an output of their own form.
        let json = of("json");
        assert_eq!(serde_json::from_str::<Value>(&json).is_ok(), command == ["check"], "{json}");
    }
}

#[test]
fn every_command_takes_what_is_accepted_and_what_fails_it() {
    for command in COMMANDS {
        let with = |arguments: &[&str]| run(command, SET_UP, arguments);
        let before = with(&[]);
        assert_eq!(before.code, 0, "{command:?}: {}", before.stderr);
        let accept = with(&["--accept", "accept.yaml"]);
        assert_eq!(accept.code, 0, "{command:?}: {}", accept.stderr);
        assert!(
            accept.stderr.contains("[warning] accept-unused: "),
            "{command:?}: {}",
            accept.stderr
        );
        assert!(accept.stderr.contains("\n0 errors, "), "{command:?}: {}", accept.stderr);
        let strict = ["--accept", "accept.yaml", "--fail-on", "warning"];
        assert_eq!(with(&strict).code, 1, "{command:?}");
        let quiet = with(&["--accept", "accept.yaml", "--quiet"]);
        assert!(!quiet.stderr.contains("accept-unused"), "{command:?}: {}", quiet.stderr);
        let both = with(&[&strict[..], &["--quiet"]].concat());
        assert!(both.stderr.contains("accept-unused"), "{command:?}: {}", both.stderr);
        let color = |when: &str| with(&["--accept", "accept.yaml", "--color", when]).stderr;
        assert!(color("always").contains('\u{1b}'), "{command:?}");
        assert!(!color("never").contains('\u{1b}') && !color("auto").contains('\u{1b}'));
        let absent = with(&["--accept", "absent.yaml"]);
        assert_eq!((absent.code, absent.stdout.as_str()), (3, ""), "{command:?}");
        assert!(absent.stderr.starts_with("[error] bad-input: cannot read absent.yaml"));
    }
}

/// A set-up whose function finds a door, as a folder to render and as files.
const CONFIG: &str =
    include_str!("../../fixtures/set-ingress-params/door-load-balancer-second/config.yaml");
const OPEN: &str =
    include_str!("../../fixtures/set-ingress-params/door-load-balancer-second/input.yaml");

fn open_files() -> Memory {
    let exec = "  annotations: {config.kubernetes.io/function: '{exec: {path: kserve-aws}}'}\n";
    Memory::default()
        .with_file("config.yaml", CONFIG)
        .with_file("input.yaml", OPEN)
        .with_file("a/kustomization.yaml", "resources: [input.yaml]\ntransformers: [config.yaml]\n")
        .with_file(
            "a/config.yaml",
            CONFIG.replacen("metadata:\n", &format!("metadata:\n{exec}"), 1),
        )
        .with_file("a/input.yaml", OPEN)
        .with_file("accept.yaml", UNUSED)
        .with_file("broken.yaml", broken())
        .with_file("service.yaml", REFUSED)
}

/// Every command that finds something, on a package that it finds an error in, and the error.
const FINDERS: [(&[&str], &str); 8] = [
    (&["fn", "set-ingress-params", "--config", "config.yaml", "input.yaml"], "door-open"),
    (&["render", "a"], "door-open"),
    (&["check", "a"], "door-open"),
    (&["check", "broken.yaml"], "bad-object"),
    (&["trace", "--all", "broken.yaml"], "bad-object"),
    (&["access", "broken.yaml"], "bad-object"),
    (&["plan", "broken.yaml"], "bad-object"),
    (&["hosts", "service.yaml"], "kserve-unreadable"),
];
/// An InferenceService that the API server refuses.
const REFUSED: &str = "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: a, namespace: b}\nspec: many\n";

#[test]
fn color_is_for_a_terminal_without_no_color() {
    for (command, code) in FINDERS {
        let report = |terminal: bool, no_color: bool, arguments: &[&str]| {
            let files = open_files().with_file("broken.yaml", broken());
            let answer = Memory { terminal, no_color, ..files }.run(&[command, arguments].concat());
            assert_eq!(answer.code, 1, "{command:?}: {}", answer.stderr);
            assert!(answer.stderr.contains(code), "{command:?}: {}", answer.stderr);
            assert!(!answer.stdout.contains('\u{1b}'), "{command:?}: {}", answer.stdout);
            answer.stderr
        };
        let is_colored = |terminal: bool, no_color: bool, arguments: &[&str]| {
            report(terminal, no_color, arguments).contains('\u{1b}')
        };
        assert!(is_colored(true, false, &[]), "{command:?}");
        assert!(!is_colored(true, true, &[]), "{command:?}");
        assert!(!is_colored(false, false, &[]), "{command:?}");
        assert!(!is_colored(true, false, &["--color", "never"]), "{command:?}");
        // Who says so on the command line means it, whatever the environment has.
        assert!(is_colored(false, true, &["--color", "always"]), "{command:?}");
        for format in ["json", "plain", "github", "sarif", "junit"] {
            let arguments = ["--format", format, "--color", "always"];
            assert!(!is_colored(true, false, &arguments), "{command:?} {format}");
        }
        // Color changes nothing but the color.
        let mut colored = report(true, false, &[]);
        while let Some((before, rest)) = colored.split_once('\u{1b}') {
            let (_, after) = rest.split_once('m').unwrap();
            colored = format!("{before}{after}");
        }
        assert_eq!(colored, report(false, false, &[]), "{command:?}");
    }
}

/// With an error the exit code is 1 whatever is printed; what is accepted or in the baseline does not fail.
#[test]
fn exit_codes_follow_what_is_accepted_and_what_is_known() {
    for (command, code) in FINDERS {
        let run = |files: Memory, arguments: &[&str]| files.run(&[command, arguments].concat());
        for arguments in [&[][..], &["--quiet"], &["--fail-on", "error"], &["--fail-on", "warning"]]
        {
            let answer = run(open_files(), arguments);
            assert_eq!(answer.code, 1, "{command:?} {arguments:?}: {}", answer.stderr);
            assert!(answer.stderr.contains(code), "{command:?} {arguments:?}: {}", answer.stderr);
        }
        let files = open_files();
        let written = files.written.clone();
        let answer = run(files, &["--write-baseline", "baseline.json"]);
        assert_eq!(answer.code, 1, "{command:?}: {}", answer.stderr);
        let baseline = written.borrow()[Path::new("baseline.json")].clone();
        for option in ["--baseline", "--accept"] {
            let files = open_files().with_file("baseline.json", baseline.as_slice());
            let answer = run(files, &[option, "baseline.json"]);
            // What could not be read is mended, not accepted.
            let code = Code::ALL.iter().find(|one| one.as_str() == code).unwrap();
            let expected = u8::from(!code.can_be_accepted());
            assert_eq!(answer.code, expected, "{command:?} {option}: {}", answer.stderr);
            let is_accepted = answer.stderr.contains(" accepted\n");
            assert!(is_accepted || expected == 1, "{command:?} {option}: {}", answer.stderr);
        }
        let unused = run(open_files(), &["--accept", "accept.yaml"]);
        assert_eq!(unused.code, 1, "{command:?}: {}", unused.stderr);
        assert!(unused.stderr.contains("accept-unused"), "{command:?}: {}", unused.stderr);
    }
}

#[test]
fn every_command_writes_a_baseline_that_hides_no_unreadable_object() {
    for command in COMMANDS {
        let memory = files(&broken());
        let written = memory.written.clone();
        let call = [command, &["input.yaml", "--write-baseline", "baseline.json"]].concat();
        assert_eq!(memory.run(&call).code, 1, "{command:?}");
        let baseline = written.borrow()[Path::new("baseline.json")].clone();
        let text = String::from_utf8(baseline.clone()).unwrap();
        assert!(text.contains("bad-object") && !text.contains(TOKEN), "{command:?}: {text}");
        let answer = files(&broken())
            .with_file("baseline.json", baseline)
            .run(&[command, &["input.yaml", "--baseline", "baseline.json"]].concat());
        assert_eq!(answer.code, 1, "{command:?}: {}", answer.stderr);
        assert!(answer.stderr.contains("[error] bad-object: "), "{command:?}: {}", answer.stderr);
    }
}

/// What check and plan find of a model is accepted by its baseline.
#[test]
fn a_baseline_of_a_warning_accepts_it() {
    let input = SET_UP.replacen(
        "kind: InferenceService\nmetadata:\n  name: sklearn-iris\n  namespace: staging\n",
        "kind: InferenceService\nmetadata:\n  name: sklearn-iris\n  namespace: staging\n  labels: {networking.knative.dev/visbility: cluster-local}\n",
        1,
    );
    for command in [&["check"][..], &["plan"], &["hosts"]] {
        let memory = files(&input);
        let written = memory.written.clone();
        let call = [command, &["input.yaml", "--write-baseline", "baseline.json"]].concat();
        let before = memory.run(&call);
        assert!(
            before.stderr.contains("kserve-annotation-misspelt"),
            "{command:?}: {}",
            before.stderr
        );
        let baseline = written.borrow()[Path::new("baseline.json")].clone();
        let call =
            [command, &["input.yaml", "--baseline", "baseline.json", "--fail-on", "warning"]];
        let answer = files(&input).with_file("baseline.json", baseline).run(&call.concat());
        assert_eq!(answer.code, 0, "{command:?}: {}", answer.stderr);
        assert!(answer.stderr.contains("0 errors, 0 warnings, "), "{command:?}: {}", answer.stderr);
        assert!(answer.stderr.contains(" accepted\n"), "{command:?}: {}", answer.stderr);
    }
}

/// Places without a file: SARIF names what was read, since code scanning takes no result without a location.
#[test]
fn every_result_of_sarif_has_a_physical_location() {
    let folder = Memory::default().with_file("a/kustomization.yaml", "resources: [absent.yaml]\n");
    let unused = files(SET_UP);
    let calls: [(Memory, &[&str]); 4] = [
        (folder, &["check", "a", "--format", "sarif"]),
        (Memory::default(), &["check", "absent.yaml", "--format", "sarif"]),
        (unused, &["check", "input.yaml", "--accept", "accept.yaml", "--format", "sarif"]),
        (Memory::stdin(broken()), &["check", "--format", "sarif"]),
    ];
    for (memory, call) in calls {
        let report: Value = serde_json::from_str(&memory.run(call).stderr).unwrap();
        let results = report["runs"][0]["results"].as_array().unwrap();
        assert!(!results.is_empty(), "{call:?}");
        for result in results {
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap_or_default();
            assert!(!uri.is_empty(), "{call:?}: {result:#}");
        }
    }
}

/// A folder whose functions are a transformer and a validator, each with a finding.
fn of_two_functions() -> Memory {
    let check = "apiVersion: fn.kserve-aws.dev/v1alpha1\nkind: ServingPathCheck\nmetadata:\n  name: check\n  annotations: {config.kubernetes.io/function: '{exec: {path: kserve-aws}}'}\nspec: {}\n";
    let kustomization =
        "resources: [input.yaml]\ntransformers: [config.yaml]\nvalidators: [check.yaml]\n";
    open_files().with_file("a/check.yaml", check).with_file("a/kustomization.yaml", kustomization)
}

const DOOR: &str = "accept:\n- {code: door-open, resource: Service/istio-system/gateway-nlb, field: spec.type, reason: in a VPN}\n";

/// What a file accepts counts for every function of a folder, and is unused where none of them needs it.
#[test]
fn a_file_accepts_what_any_function_of_a_folder_finds() {
    let run = |files: Memory, accept: &str, arguments: &[&str]| {
        let options = ["--accept", "accept.yaml", "--fail-on", "warning"];
        files.with_file("accept.yaml", accept).run(&[arguments, &options].concat())
    };
    for command in [["render", "a"], ["check", "a"]] {
        assert_eq!(of_two_functions().run(&command).code, 1, "{command:?}");
        let answer = run(of_two_functions(), DOOR, &command);
        assert_eq!(answer.code, 0, "{command:?}: {}", answer.stderr);
        let summary = "\n0 errors, 0 warnings, 1 accepted\n";
        assert!(answer.stderr.contains(summary), "{command:?}: {}", answer.stderr);
        assert_eq!(answer.stdout.contains("type: LoadBalancer"), command == ["render", "a"]);
        let both = format!("{DOOR}{}", UNUSED.trim_start_matches("accept:\n"));
        let answer = run(of_two_functions(), &both, &command);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{command:?}");
        let unused = "[warning] accept-unused: entry 2 of accept: accepts nothing";
        assert_eq!(answer.stderr.matches(unused).count(), 1, "{command:?}: {}", answer.stderr);
        assert!(answer.stderr.contains("\n = accept.yaml:3:4\n"), "{command:?}: {}", answer.stderr);
    }
    for option in [["--diff"], ["--plan"], ["--in-place"]] {
        let answer = run(of_two_functions(), DOOR, &[&["render", "a"], &option[..]].concat());
        let is_refused = option == ["--in-place"];
        assert_eq!(answer.code, u8::from(is_refused) * 2, "{option:?}: {}", answer.stderr);
    }
}

/// An entry accepts one opening, also where two functions of a folder find one each at the same field.
#[test]
fn what_one_function_accepts_hides_nothing_of_the_next() {
    let other = |text: &str| {
        text.replace("name: istio-ingressgateway\n", "name: other-gateway\n")
            .replace("name: istio-ingress\n", "name: other\n")
    };
    let (ingress, rest) = OPEN.split_once("---\n").unwrap();
    let (service, _) = rest.split_once("---\n").unwrap();
    let step = |config: &str, ingress: &str, service: &str| {
        format!(
            "  - image: ghcr.io/kserve-aws/set-ingress-params:v1\n    configPath: {config}\n    exclude:\n    - {{kind: Ingress, name: {ingress}}}\n    - {{kind: Service, name: {service}}}\n"
        )
    };
    let steps = step("first.yaml", "other", "other-gateway")
        + &step("second.yaml", "istio-ingress", "istio-ingressgateway");
    let kptfile = format!(
        "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {{name: a}}\npipeline:\n  mutators:\n{steps}"
    );
    let local = |name: &str| {
        let annotation =
            format!("{name}\n  annotations: {{config.kubernetes.io/local-config: 'true'}}\n");
        CONFIG.replace("params\n", &annotation)
    };
    let files = || {
        Memory::default()
            .with_file("a/input.yaml", OPEN)
            .with_file("a/other.yaml", format!("{}---\n{}", other(ingress), other(service)))
            .with_file("a/first.yaml", local("first"))
            .with_file("a/second.yaml", other(&local("second")))
            .with_file("a/Kptfile", kptfile.as_str())
            .with_file("accept.yaml", DOOR)
    };
    let answer = files().run(&["render", "a", "--accept", "accept.yaml"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{}", answer.stderr);
    assert_eq!(answer.stderr.matches("[error] door-open").count(), 2, "{}", answer.stderr);
    let several = "accepts nothing (door-open): several errors have this code, object and field";
    assert!(answer.stderr.contains(several), "{}", answer.stderr);
    // Each by its message.
    let memory = files();
    let written = memory.written.clone();
    memory.run(&["render", "a", "--write-baseline", "one.json"]);
    let one = written.borrow()[Path::new("one.json")].clone();
    let memory = files().with_file("one.json", one);
    let written = memory.written.clone();
    let answer =
        memory.run(&["render", "a", "--baseline", "one.json", "--write-baseline", "both.json"]);
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    let both = written.borrow()[Path::new("both.json")].clone();
    let answer =
        files().with_file("both.json", both).run(&["render", "a", "--baseline", "both.json"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
}

/// A host runs the functions by itself: what it cannot pass on to them is refused.
#[test]
fn a_host_takes_no_options_of_findings() {
    for option in ["--accept", "--baseline", "--write-baseline", "--fail-on", "--format"] {
        let value = match option {
            "--fail-on" => "warning",
            "--format" => "json",
            _ => "accept.yaml",
        };
        let answer = open_files().run(&["render", "a", "--host", "kustomize", option, value]);
        assert_eq!((answer.code, answer.stdout.as_str()), (2, ""), "{option}");
        assert!(answer.stderr.contains("cannot be used with"), "{option}: {}", answer.stderr);
    }
}
