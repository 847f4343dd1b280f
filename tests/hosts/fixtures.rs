//! The functions' own cases under real hosts: what comes out is what the command by hand makes of
//! the same objects.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use kserve_aws::functions;
use serde_json::{Value, json};
use test_support::{Fixture, fixtures};

use crate::documents;
use crate::host::{Host, image};
use crate::package::{Folder, script};
use crate::process::{Outcome, binary, command, run};

/// Those that also run in containers, each of which takes a second to start.
const IN_CONTAINERS: [&str; 6] = [
    "api",
    "api-config-map",
    "cognito-guide-keys",
    "hosts-bind",
    "bad-header-values",
    "open-other-path",
];

/// A function's case whose objects are a plain stream, as files in a package are.
struct Case {
    function: &'static str,
    name: String,
    input: String,
    config: Value,
}

fn cases() -> Vec<Case> {
    let mut found = Vec::new();
    for function in functions::ALL.iter() {
        found.extend(fixtures(function.name).into_iter().filter_map(|it| case(function.name, it)));
    }
    assert!(!found.is_empty());
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn case(function: &'static str, fixture: Fixture) -> Option<Case> {
    let Fixture { name, config, input, .. } = fixture;
    if input.contains("kind: ResourceList") {
        return None;
    }
    let mut config: Value = serde_yaml::from_str(&config?).ok()?;
    // A host takes no object without these; how the command tells it is another test's.
    config.get("apiVersion")?.as_str()?;
    config.get("kind")?.as_str()?;
    if config.get("metadata").is_none_or(Value::is_null) {
        config["metadata"] = json!({});
    }
    config["metadata"]["name"] = "params".into();
    Some(Case { function, name, input, config })
}

impl Case {
    /// The function by hand on objects.
    fn by_hand(&self, folder: &Folder, objects: &str) -> Outcome {
        let place = |name: &str| folder.path().join(name);
        fs::write(place("by-hand.yaml"), objects).unwrap();
        fs::write(place("by-hand-config.yaml"), self.config.to_string()).unwrap();
        let mut command = command(binary(), folder.path());
        command.args(["fn", self.function, "--format", "plain"]);
        command.args(["--config", "by-hand-config.yaml", "by-hand.yaml"]);
        run(&mut command)
    }

    /// The configuration with the annotation that makes kustomize run it.
    fn annotated(&self, function: &Value) -> String {
        let mut config = self.config.clone();
        config["metadata"]["annotations"] =
            json!({ "config.kubernetes.io/function": function.to_string() });
        config.to_string()
    }
}

/// The codes of the errors that a user sees, in order.
fn errors(told: &str) -> Vec<String> {
    let lines = told.lines().filter(|line| line.trim_start().starts_with("[error]"));
    let code = |line: &str| Some(line.rsplit_once('(')?.1.split_once(')')?.0.to_owned());
    lines.filter_map(code).collect()
}

fn in_kustomize(case: &Case, function: &Value) -> bool {
    let folder = Folder::new();
    let place = folder.path().join("package");
    fs::create_dir_all(&place).unwrap();
    fs::write(place.join("input.yaml"), &case.input).unwrap();
    let build = || {
        let mut kustomize = command("kustomize", &place);
        run(kustomize.args(["build", "--enable-alpha-plugins", "--enable-exec"]))
    };
    let write = |kustomization: &str| fs::write(place.join("kustomization.yaml"), kustomization);
    if case.input.contains("internal.config.kubernetes.io/previousNames") {
        // Kustomize shows it to functions alone, so the command by hand would not see it.
        return false;
    }
    write("resources: [input.yaml]\n").unwrap();
    let plain = build();
    if !plain.success() {
        // Kustomize itself refuses the objects: a name twice, or none.
        return false;
    }
    write("resources: [input.yaml]\ntransformers: [config.yaml]\n").unwrap();
    fs::write(place.join("config.yaml"), case.annotated(function)).unwrap();
    let ours = case.by_hand(&folder, &plain.stdout);
    let theirs = build();
    let what = format!("{} {}", case.function, case.name);
    assert_eq!(theirs.success(), ours.success(), "{what}:\n{}\n{}", theirs.stderr, ours.stderr);
    assert_eq!(errors(&theirs.stderr), errors(&ours.stderr), "{what}");
    let meaning = |outcome: &Outcome| documents::meaning(documents::of(&outcome.stdout));
    assert_eq!(meaning(&theirs), meaning(&ours), "{what}");
    true
}

/// The command that kpt runs, which leaves a mark: kpt refuses some of the objects itself, and runs nothing.
fn marked(folder: &Folder, command: &str) -> PathBuf {
    let path = folder.path().join("marked");
    let mark = folder.path().join("ran");
    script(&path, &format!("#!/bin/sh\n: >{}\nexec {command}\n", mark.display()));
    path
}

fn in_kpt(case: &Case, image: Option<&str>) -> bool {
    let folder = Folder::new();
    let place = folder.path().join("package");
    fs::create_dir_all(&place).unwrap();
    let input = place.join("input.yaml");
    fs::write(&input, &case.input).unwrap();
    let config = folder.path().join("config.json");
    fs::write(&config, case.config.to_string()).unwrap();
    let function = marked(&folder, &format!("{} fn {}", binary().display(), case.function));
    let mut kpt = command("kpt", &place);
    kpt.args(["fn", "eval", ".", "--truncate-output=false", "--fn-config"]).arg(&config);
    let theirs = match image {
        Some(image) => run(kpt.args(["--image", image])),
        None => run(kpt.arg("--exec").arg(function)),
    };
    if image.is_none() && !folder.path().join("ran").exists() {
        return false;
    }
    let ours = case.by_hand(&folder, &case.input);
    let what = format!("{} {}", case.function, case.name);
    assert_eq!(theirs.success(), ours.success(), "{what}:\n{}\n{}", theirs.stderr, ours.stderr);
    let after = fs::read_to_string(&input).unwrap_or_default();
    if ours.success() {
        // Kpt puts a new object into a file of its own.
        let [theirs, ours] = [documents::in_package(&place), documents::of(&ours.stdout)];
        assert_eq!(documents::meaning(theirs), documents::meaning(ours), "{what}");
    } else {
        assert_eq!(case.input, after, "{what}: the package changed");
        let told = theirs.terminal().replace("\\\"", "\"");
        for code in errors(&ours.stderr) {
            assert!(told.contains(&format!("({code})")), "{what}: {code} is not told\n{told}");
        }
    }
    true
}

/// A function by its name: hosts pass no arguments, and a ConfigMap names none.
fn script_of(folder: &Folder, function: &str) -> PathBuf {
    let path = folder.path().join(function);
    script(&path, &format!("#!/bin/sh\nexec {} fn {function}\n", binary().display()));
    path
}

/// Most of the cases are objects that hosts take.
fn most(ran: usize, all: usize) {
    assert!(ran * 10 > all * 7, "only {ran} of {all} cases ran");
}

#[test]
fn run_alike_under_kustomize() {
    if !Host::KustomizeExec.is_here() {
        return;
    }
    let scripts = Folder::new();
    let cases = cases();
    let run = |case: &&Case| {
        let path = script_of(&scripts, case.function);
        in_kustomize(case, &json!({ "exec": { "path": path } }))
    };
    most(cases.iter().filter(run).count(), cases.len());
}

#[test]
fn run_alike_under_kpt() {
    if !Host::KptEvalExec.is_here() {
        return;
    }
    let cases = cases();
    let run = |case: &&Case| in_kpt(case, None);
    most(cases.iter().filter(run).count(), cases.len());
}

#[test]
fn run_alike_in_containers() {
    if !Host::KustomizeContainer.is_here() {
        return;
    }
    for case in cases().iter().filter(|case| IN_CONTAINERS.contains(&case.name.as_str())) {
        let image = image(case.function);
        assert!(in_kustomize(case, &json!({ "container": { "image": image } })), "{}", case.name);
        assert!(in_kpt(case, Some(&image)), "{}", case.name);
    }
}

/// What kpt wraps and unwraps itself passes through a pipe of functions.
#[test]
fn run_between_source_and_sink() {
    if !Host::KptEvalExec.is_here() {
        return;
    }
    let folder = Folder::with_overlays();
    let mut shell: Command = command("bash", &folder.overlay("base"));
    shell.args([
        "-euo",
        "pipefail",
        "-c",
        "kpt fn source . | kpt fn eval - --exec 'kserve-aws fn set-ingress-params' -- overlay=base \
         | kpt fn sink ../out && cat ../out/ingress.yaml",
    ]);
    let outcome = run(&mut shell).expect_success("source | eval | sink");
    let meaning = documents::meaning(documents::of(&outcome.stdout));
    assert!(meaning.contains_key("Ingress istio-system/istio-ingress"), "{meaning:?}");
}
