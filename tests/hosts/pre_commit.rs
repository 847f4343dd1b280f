//! The hooks of `.pre-commit-hooks.yaml`, run by the real pre-commit.

use std::fs;
use std::path::Path;

use crate::package::Folder;
use crate::process::{Outcome, binary, command, run, skip, which};

const ARN: &str =
    "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012";
const GIT: &str = "git -c user.name=test -c user.email=test@example.com -c init.defaultBranch=main";

#[track_caller]
fn sh(folder: &Path, script: &str) -> Outcome {
    run(command("bash", folder).args(["-euo", "pipefail", "-c", script])).expect_success(script)
}

/// A repository with what `init` wrote, beside one with the hooks.
fn repository() -> Folder {
    let folder = Folder::new();
    let hooks = folder.path().join("hooks");
    fs::create_dir(&hooks).unwrap();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    fs::copy(own, hooks.join(".pre-commit-hooks.yaml")).unwrap();
    sh(&hooks, &format!("{GIT} init -q . && git add -A && {GIT} commit -qm hooks"));
    let user = folder.path().join("user");
    fs::create_dir(&user).unwrap();
    let mut init = command(binary(), &user);
    init.args(["init", "endpoint", "--provider", "dex", "--domain", "platform.example.com"]);
    run(init.args(["--certificate", ARN])).expect_success("init");
    run(command(binary(), &user).args(["test", "endpoint", "--accept"])).expect_success("test");
    let config = format!(
        "repos:\n- repo: {}\n  rev: {}\n  hooks:\n  - id: kserve-aws-check\n    args: [endpoint]\n  - id: kserve-aws-test\n    args: [endpoint]\n",
        hooks.display(),
        sh(&hooks, "git rev-parse HEAD").stdout.trim()
    );
    fs::write(user.join(".pre-commit-config.yaml"), config).unwrap();
    sh(&user, &format!("{GIT} init -q . && git add -A && {GIT} commit -qm before"));
    folder
}

fn pre_commit(folder: &Folder) -> Outcome {
    let user = folder.path().join("user");
    // The hooks find the program on the PATH.
    let programs = folder.path().join("bin");
    fs::create_dir_all(&programs).unwrap();
    fs::copy(binary(), programs.join("kserve-aws")).unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut hooks = command("pre-commit", &user);
    hooks.args(["run", "--all-files", "--color", "never"]);
    hooks.env("PATH", format!("{}:{path}", programs.display()));
    run(hooks.env("PRE_COMMIT_HOME", folder.path().join("cache")))
}

#[test]
fn the_hooks_pass_and_refuse() {
    if which("pre-commit").is_none() || which("git").is_none() {
        return skip("the hooks of pre-commit", "pre-commit or git is not installed");
    }
    let folder = repository();
    let outcome = pre_commit(&folder).expect_success("pre-commit");
    assert_eq!(outcome.stdout.matches("Passed").count(), 2, "{}", outcome.terminal());
    // What differs from the snapshot, and nothing else.
    let file = folder.path().join("user/endpoint/serving-endpoint.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("internet-facing", "internal")).unwrap();
    let outcome = pre_commit(&folder);
    assert!(!outcome.success());
    assert_eq!(outcome.stdout.matches("Passed").count(), 1, "{}", outcome.terminal());
    assert!(outcome.stdout.contains("+    alb.ingress.kubernetes.io/scheme: internal"));
    // What the functions refuse.
    fs::write(&file, text.replace(ARN, "arn:aws:acm:us-west-2")).unwrap();
    let outcome = pre_commit(&folder);
    assert_eq!(outcome.stdout.matches("Failed").count(), 2, "{}", outcome.terminal());
    assert!(outcome.stdout.contains("certificate-arn-invalid"), "{}", outcome.terminal());
}
