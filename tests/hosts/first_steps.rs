//! What `kserve-aws init` writes, under every host; `kserve-aws test --host` against the real ones.

use std::fs;
use std::process::Command;

use crate::documents;
use crate::package::Folder;
use crate::process::{Outcome, binary, command, containers_are_here, run, skip, which};

const ARN: &str =
    "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012";
const PROVIDERS: [(&str, &[&str]); 3] = [
    ("dex", &[]),
    (
        "jwt",
        &[
            "--user-pool-arn",
            "arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_abcdef123",
            "--user-pool-client",
            "1example23456789",
            "--scope",
            "models/predict",
        ],
    ),
    (
        "cognito",
        &[
            "--user-pool-arn",
            "arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_abcdef123",
            "--user-pool-client",
            "1example23456789",
            "--user-pool-domain",
            "auth.platform.example.com",
        ],
    ),
];

fn own(folder: &Folder, arguments: &[&str]) -> Outcome {
    run(command(binary(), folder.path()).args(arguments))
}

/// A new folder `a` for a provider.
fn started(provider: (&str, &[&str])) -> Folder {
    let folder = Folder::new();
    let mut init = command(binary(), folder.path());
    init.args(["init", "a", "--layout", "both", "--provider", provider.0]);
    init.args(["--domain", "platform.example.com", "--certificate", ARN]);
    run(init.args(provider.1)).expect_success("init");
    folder
}

#[test]
fn the_defaults_render_under_every_host() {
    for provider in PROVIDERS {
        let folder = started(provider);
        own(&folder, &["test", "a", "--accept"]).expect_success("test --accept");
        own(&folder, &["test", "a"]).expect_success("test");
        for host in ["kustomize", "kubectl"] {
            if which(host).is_none() {
                skip("what init writes", &format!("{host} is not installed"));
                continue;
            }
            own(&folder, &["test", "a", "--host", host]).expect_success(host);
            let theirs = own(&folder, &["render", "a", "--host", host]).expect_success(host);
            let ours = own(&folder, &["render", "a"]).expect_success("render");
            // The same objects in the same order; the text is each one's own.
            assert_eq!(documents::of(&theirs.stdout), documents::of(&ours.stdout), "{host}");
        }
        fs::remove_dir_all(folder.path().join("a/expected")).unwrap();
        if which("kpt").is_none() {
            skip("what init writes", "kpt is not installed");
            continue;
        }
        fs::remove_file(folder.path().join("a/kustomization.yaml")).unwrap();
        own(&folder, &["test", "a", "--accept"]).expect_success("test --accept");
        assert!(folder.path().join("a/.expected/diff.patch").is_file());
        own(&folder, &["test", "a", "--host", "kpt"]).expect_success("kpt");
    }
}

#[test]
fn the_defaults_render_in_containers() {
    if !containers_are_here("what init writes in containers") {
        return;
    }
    for provider in PROVIDERS {
        let folder = started(provider);
        let ours = own(&folder, &["render", "a"]).expect_success("render");
        let ours = documents::of(&ours.stdout);
        for (host, arguments) in [
            ("kustomize", ["build", "--enable-alpha-plugins", "a"]),
            ("kubectl", ["kustomize", "--enable-alpha-plugins", "a"]),
        ] {
            if which(host).is_none() {
                skip("what init writes in containers", &format!("{host} is not installed"));
                continue;
            }
            let mut build: Command = command(host, folder.path());
            let theirs = run(build.args(arguments)).expect_success(host);
            assert_eq!(documents::of(&theirs.stdout), ours, "{host}");
        }
    }
}

/// A host that gives something else is seen.
#[test]
fn a_difference_under_a_host_fails() {
    if which("kustomize").is_none() {
        return skip("a difference under a host", "kustomize is not installed");
    }
    let folder = started(PROVIDERS[0]);
    own(&folder, &["test", "a", "--accept"]).expect_success("test --accept");
    let file = folder.path().join("a/serving-endpoint.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("scheme: internet-facing", "scheme: internal")).unwrap();
    let outcome = own(&folder, &["test", "a", "--host", "kustomize"]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.terminal());
    assert!(outcome.stdout.contains("+    alb.ingress.kubernetes.io/scheme: internal"));
}
