//! The workflow for users: its steps are shell commands, and run here as they stand there.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::host::Host;
use crate::package::{Folder, OVERLAYS};
use crate::process::{Outcome, command, run};

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
