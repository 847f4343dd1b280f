//! The workflow for users: its steps are shell commands, and run here as they stand there.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::host::Host;
use crate::package::{Folder, OVERLAYS};
use crate::process::{Outcome, command, run, skip, which};

const ARN: &str =
    "arn:aws:acm:us-west-2:111122223333:certificate/12345678-1234-1234-1234-123456789012";
const TOKEN: &str = "5ecr3t-0f-th3-us3r-1234567";

/// A workflow of the project.
pub(crate) fn workflow(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The shell script of a step of any job.
#[track_caller]
pub(crate) fn step(workflow: &Value, name: &str) -> String {
    let jobs = workflow["jobs"].as_object().unwrap();
    let mut steps = jobs.values().flat_map(|job| job["steps"].as_array().unwrap());
    let step = steps.find(|step| step["name"] == name);
    step.and_then(|step| step["run"].as_str())
        .unwrap_or_else(|| panic!("no step {name:?} runs a script"))
        .to_owned()
}

/// Runs the steps of the one job, as the service does: each in a shell of its own, until one fails.
fn run_steps(folder: &Folder, workflow: &Value) -> Outcome {
    let jobs = workflow["jobs"].as_object().unwrap();
    assert_eq!(jobs.len(), 1);
    let steps = jobs.values().next().unwrap()["steps"].as_array().unwrap();
    let scripts: Vec<&str> = steps.iter().filter_map(|step| step["run"].as_str()).collect();
    assert_eq!(scripts.len(), 3);
    let mut all = Outcome { code: Some(0), stdout: String::new(), stderr: String::new() };
    for script in scripts {
        let mut shell = command("bash", folder.path());
        shell.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]);
        shell.env("GITHUB_BASE_REF", "main").env("GITHUB_STEP_SUMMARY", "summary.md");
        for (name, value) in workflow["env"].as_object().unwrap() {
            shell.env(name, value.as_str().unwrap());
        }
        let outcome = run(&mut shell);
        all.stdout.push_str(&outcome.stdout);
        all.stderr.push_str(&outcome.stderr);
        all.code = outcome.code;
        if !outcome.success() {
            break;
        }
    }
    all
}

/// A clone with a branch on which a script ran.
fn pull_request(change: &str) -> Folder {
    let folder = Folder::with_overlays();
    let git = "git -c user.name=test -c user.email=test@example.com -c init.defaultBranch=main";
    let script = format!(
        "{git} init -q . && git add -A && {git} commit -qm before \
         && git update-ref refs/remotes/origin/main HEAD && git checkout -qb change \
         && {{ {change}\n}} && git add -A && {git} commit -qm after"
    );
    run(command("bash", folder.path()).args(["-euc", &script])).expect_success("git");
    folder
}

fn params(overlay: &str, lines: &str) -> String {
    format!("printf '{lines}' > {OVERLAYS}/overlays/{overlay}/params.env")
}

#[test]
fn shows_what_a_change_means() {
    if !Host::KubectlContainer.is_here() {
        return;
    }
    let lines = format!("certArn={ARN}\\nhttpHeaderValues=[\"{TOKEN}\"]\\n");
    let folder = pull_request(&params("api", &lines));
    let outcome = run_steps(&folder, &workflow("examples/pull-request/render.yaml"));
    let outcome = outcome.expect_success("the workflow");
    let summary = fs::read_to_string(folder.path().join("summary.md")).unwrap();
    assert!(
        summary.contains(&format!("+    alb.ingress.kubernetes.io/certificate-arn: {ARN}")),
        "{summary}"
    );
    assert!(!summary.contains("https.yaml") && !summary.contains("cognito.yaml"), "{summary}");
    assert!(summary.contains("(left out)"), "{summary}");
    assert!(!format!("{summary}{}", outcome.terminal()).contains(TOKEN), "{summary}");
}

#[test]
fn fails_where_a_function_refuses() {
    if !Host::KubectlContainer.is_here() {
        return;
    }
    let folder = pull_request(&params("https", "certArn=arn:aws:acm:us-west-2"));
    let outcome = run_steps(&folder, &workflow("examples/pull-request/render.yaml"));
    assert!(!outcome.success(), "{}", outcome.terminal());
    assert!(outcome.stderr.contains("has 4 of 6 parts"), "{}", outcome.terminal());
}

/// A repository with a folder of `init`, and on a branch what a script changes in it; beside it, a release.
fn endpoint_request(change: &str) -> Folder {
    let folder = Folder::new();
    let git = "git -c user.name=test -c user.email=test@example.com -c init.defaultBranch=main";
    let program = crate::process::binary().display().to_string();
    let init = format!(
        "'{program}' init endpoint --provider cognito --domain platform.example.com --certificate {ARN} \
         --user-pool-arn arn:aws:cognito-idp:us-west-2:111122223333:userpool/us-west-2_abcdef123 \
         --user-pool-client 1example23456789 --user-pool-domain auth.platform.example.com"
    );
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    let name = format!("kserve-aws-{version}-x86_64-unknown-linux-musl");
    let script = format!(
        "mkdir -p releases/{version} {name} user temporary && cp '{program}' {name}/kserve-aws \
         && tar -czf releases/{version}/{name}.tar.gz {name} \
         && (cd releases/{version} && sha256sum -- * >SHA256SUMS) && cd user && {init} \
         && '{program}' test endpoint --accept \
         && {git} init -q . && git add -A && {git} commit -qm before \
         && git update-ref refs/remotes/origin/main HEAD && git checkout -qb change \
         && {{ {change}\n}} && git add -A && {git} commit -qm after"
    );
    run(command("bash", folder.path()).args(["-euc", &script])).expect_success("git");
    folder
}

/// Runs the scripts of steps as the service does. Returns the last outcome.
fn run_scripts(folder: &Folder, steps: &[Value], variables: &[(&str, &str)]) -> Outcome {
    let temporary = folder.path().join("temporary");
    let releases = format!("file://{}/releases", folder.path().display());
    let mut last = Outcome { code: Some(0), stdout: String::new(), stderr: String::new() };
    for script in steps.iter().filter_map(|step| step["run"].as_str()) {
        let mut shell = command("bash", &folder.path().join("user"));
        shell.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]);
        shell.env("GITHUB_BASE_REF", "main").env("RUNNER_TEMP", &temporary);
        shell.env("RUNNER_OS", "Linux").env("RUNNER_ARCH", "X64");
        shell.env("GITHUB_STEP_SUMMARY", temporary.join("summary.md"));
        shell.env("GITHUB_OUTPUT", temporary.join("output"));
        shell.envs(variables.iter().copied()).env("RELEASES", &releases);
        last = run(&mut shell);
        if !last.success() {
            break;
        }
    }
    last
}

fn can_check() -> bool {
    let missing = ["git", "jq", "curl", "sha256sum"].into_iter().find(|name| which(name).is_none());
    if let Some(name) = missing {
        skip("the workflow that checks", &format!("{name} is not installed"));
    }
    missing.is_none()
}

fn check(folder: &Folder) -> (Outcome, Value) {
    let workflow = workflow("examples/pull-request/check.yaml");
    let variables: Vec<(&str, &str)> = workflow["env"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    let steps = workflow["jobs"]["check"]["steps"].as_array().unwrap();
    let outcome = run_scripts(folder, steps, &variables);
    let log = fs::read_to_string(folder.path().join("temporary/findings.sarif")).unwrap();
    (outcome, serde_json::from_str(&log).unwrap())
}

#[test]
fn a_pull_request_shows_who_can_call_what() {
    if !can_check() {
        return;
    }
    let remove = "sed -i '/  stages:/,/^  authorization:/{/name: prod/,/istio-ingress-prod/d}' endpoint/serving-endpoint.yaml";
    let same = endpoint_request("echo a change >note");
    let (outcome, log) = check(&same);
    outcome.expect_success("the workflow");
    let found = log["runs"][0]["results"].as_array().unwrap();
    assert!(!found.is_empty());
    // Code scanning refuses a log with a result that is in no file.
    let file = "/locations/0/physicalLocation/artifactLocation/uri";
    assert!(found.iter().all(|one| one.pointer(file).is_some_and(Value::is_string)));
    let summary = |folder: &Folder| {
        fs::read_to_string(folder.path().join("temporary/summary.md")).unwrap_or_default()
    };
    assert_eq!(summary(&same).lines().count(), 3, "{}", summary(&same));
    // What the change refuses or breaks fails, and is found all the same.
    let broken = endpoint_request(&format!("{remove}; true"));
    let (outcome, _) = check(&broken);
    assert!(!outcome.success(), "{}", outcome.terminal());
    let arn =
        "sed -i 's/arn: arn:aws:acm:.*/arn: arn:aws:acm:us-west-2/' endpoint/serving-endpoint.yaml";
    let (outcome, log) = check(&endpoint_request(arn));
    assert!(!outcome.success());
    assert!(log.to_string().contains("certificate-arn-invalid"), "{log}");
    // A model's requests are rows of the table.
    let other = "sed -i '0,/name: sklearn-iris/s//name: wine/' endpoint/inference-services.yaml; '{program}' test endpoint --accept";
    let other = other.replace("{program}", &crate::process::binary().display().to_string());
    let renamed = endpoint_request(&other);
    check(&renamed).0.expect_success("the workflow");
    let table = summary(&renamed);
    assert!(
        table.contains("| internet | prod/wine |") || table.contains("staging/wine"),
        "{table}"
    );
}

#[test]
fn the_action_installs_and_checks() {
    if !can_check() {
        return;
    }
    let action = workflow("action.yaml");
    let steps = action["runs"]["steps"].as_array().unwrap();
    let folder = endpoint_request("true >note");
    let version = action["inputs"]["version"]["default"].as_str().unwrap();
    assert_eq!(version, concat!("v", env!("CARGO_PKG_VERSION")));
    run_scripts(&folder, &steps[..1], &[("VERSION", version)]).expect_success("the action");
    let output = fs::read_to_string(folder.path().join("temporary/output")).unwrap();
    let program = output.trim().strip_prefix("program=").unwrap().to_owned();
    let variables = [("PROGRAM", program.as_str()), ("FOLDER", "endpoint")];
    run_scripts(&folder, &steps[1..], &variables).expect_success("the action");
    // An archive that is not the release's is not unpacked.
    let sums = folder.path().join("releases").join(version).join("SHA256SUMS");
    let text = fs::read_to_string(&sums).unwrap();
    fs::write(&sums, format!("{}{}", "0".repeat(64), &text[64..])).unwrap();
    assert!(!run_scripts(&folder, &steps[..1], &[("VERSION", version)]).success());
}

#[test]
fn the_projects_own_runs_the_script() {
    let steps = &workflow(".github/workflows/ci.yaml")["jobs"]["ci"]["steps"];
    let runs = |step: &Value| step["run"] == ".ci/run";
    assert!(steps.as_array().unwrap().iter().any(runs));
}

/// What a step of the project's own workflows calls is there: a script, or a target of make.
#[test]
fn the_projects_own_call_what_is_there() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let makefile = fs::read_to_string(project.join("Makefile")).unwrap();
    let mut calls = 0;
    for path in [".github/workflows/ci.yaml", ".github/workflows/release.yaml"] {
        let workflow = workflow(path);
        let jobs = workflow["jobs"].as_object().unwrap().values();
        for script in jobs.flat_map(|job| job["steps"].as_array().unwrap()) {
            let words: Vec<&str> =
                script["run"].as_str().unwrap_or("").split_whitespace().collect();
            for (at, word) in words.iter().enumerate() {
                if *word == "make" {
                    let target = format!("\n{}:", words[at + 1]);
                    assert!(makefile.contains(&target), "{path}: make {}", words[at + 1]);
                    calls += 1;
                }
                if word.starts_with("scripts/") || word.starts_with(".ci/") {
                    assert!(project.join(word).is_file(), "{path}: {word}");
                    calls += 1;
                }
            }
        }
    }
    assert!(calls >= 7, "{calls} calls");
}
