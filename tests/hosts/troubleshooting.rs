//! The messages of docs/troubleshooting.md are those that the hosts print.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::package::Folder;
use crate::process::{Outcome, binary, command, run, skip, which};

const ARN: &str =
    "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012";

/// Whether the page has it, and a host printed it.
#[track_caller]
fn assert_message(outcome: &Outcome, message: &str) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/troubleshooting.md");
    assert!(fs::read_to_string(page).unwrap().contains(message), "not in the page: {message}");
    assert!(outcome.stderr.contains(message), "{message}:\n{}", outcome.terminal());
    assert!(!outcome.success());
}

/// A folder `a` of `init`, whose function is called in another way.
fn folder(replace: impl Fn(String) -> String) -> Folder {
    let folder = Folder::new();
    let mut init = command(binary(), folder.path());
    init.args(["init", "a", "--layout", "both", "--provider", "dex"]);
    init.args(["--domain", "platform.example.com", "--certificate", ARN]);
    run(&mut init).expect_success("init");
    for name in ["serving-endpoint.yaml", "Kptfile"] {
        let path = folder.path().join("a").join(name);
        fs::write(&path, replace(fs::read_to_string(&path).unwrap())).unwrap();
    }
    folder
}

/// The configuration with `exec` in place of `container`.
fn with_exec(program: &str) -> impl Fn(String) -> String {
    move |text| {
        let with_image = |text: &str| -> String {
            let line = |line: &str| match line.trim_start().starts_with("image: ") {
                true => line.replace(line.trim_start(), &format!("path: {program}")) + "\n",
                false => format!("{line}\n"),
            };
            text.lines().map(line).collect()
        };
        if text.contains("container:") {
            with_image(&text).replace("container:", "exec:")
        } else {
            let image = text.lines().find(|line| line.contains("image: ")).unwrap();
            text.replace(image, &format!("  - exec: {program} fn serving-endpoint"))
        }
    }
}

fn host(name: &str, folder: &Folder, arguments: &[&str]) -> Command {
    let mut host = command(name, folder.path());
    // No engine answers there.
    host.args(arguments).env("DOCKER_HOST", "unix:///nowhere/docker.sock");
    host
}

fn is_here(name: &str) -> bool {
    let found = which(name).is_some();
    if !found {
        skip("what hosts print", &format!("{name} is not installed"));
    }
    found
}

#[test]
fn of_kustomize() {
    if !is_here("kustomize") {
        return;
    }
    let plain = folder(|text| text);
    let build = |folder: &Folder, flags: &[&str]| {
        run(&mut host("kustomize", folder, &[&["build"], flags, &["a"]].concat()))
    };
    assert_message(
        &build(&plain, &[]),
        "external plugins disabled; unable to load external plugin 'ServingEndpoint'",
    );
    if is_here("docker") {
        let down = build(&plain, &["--enable-alpha-plugins"]);
        assert_message(&down, "Cannot connect to the Docker daemon");
        assert_message(&down, "couldn't execute function: exit status 125");
    }
    let exec = ["--enable-alpha-plugins", "--enable-exec"];
    let wrong = build(&folder(with_exec("/nowhere/kserve-aws")), &exec);
    assert_message(&wrong, "couldn't execute function: fork/exec");
    assert_message(&wrong, "no such file or directory");
    let absent = build(&folder(with_exec("kserve-aws-nowhere")), &exec);
    assert_message(&absent, "executable file not found in $PATH");
    let program = binary().display().to_string();
    let refused = folder(|text| with_exec(&program)(text).replace(ARN, "arn:aws:acm:us-west-2"));
    assert_message(&build(&refused, &exec), "couldn't execute function: exit status 1");
    // Without the flag the function is skipped, and nothing is printed of that.
    let skipped = build(&folder(with_exec(&program)), &["--enable-alpha-plugins"]);
    assert!(skipped.success() && skipped.stderr.is_empty(), "{}", skipped.stderr);
    assert!(skipped.stdout.contains("listen-ports: set-ingress-params-has-not-run"));
    assert!(skipped.stdout.contains("kind: Secret"));
}

#[test]
fn of_kubectl() {
    if !is_here("kubectl") {
        return;
    }
    let plain = folder(|text| text);
    let none = run(&mut host("kubectl", &plain, &["kustomize", "a"]));
    assert_message(&none, "external plugins disabled; unable to load external plugin");
    let flags = ["kustomize", "--enable-alpha-plugins", "--enable-exec", "a"];
    assert_message(&run(&mut host("kubectl", &plain, &flags)), "unknown flag: --enable-exec");
    let legacy = folder(|text| {
        let is_kept = |line: &&str| {
            !["config.kubernetes.io/function", "container:", "image: "]
                .iter()
                .any(|part| line.contains(part))
        };
        text.lines().filter(is_kept).map(|line| format!("{line}\n")).collect()
    });
    let mut lost = host("kubectl", &legacy, &["kustomize", "--enable-alpha-plugins", "a"]);
    lost.env_remove("KUSTOMIZE_PLUGIN_HOME").env_remove("XDG_CONFIG_HOME");
    let lost = run(lost.env("HOME", legacy.path()));
    assert_message(&lost, "unable to find plugin root");
    // Of a legacy plugin that succeeds, the warnings are lost.
    let place = legacy.path().join("plugins/fn.kserve-aws.dev/v1alpha1/servingendpoint");
    fs::create_dir_all(&place).unwrap();
    fs::copy(binary(), place.join("ServingEndpoint")).unwrap();
    let mut found = host("kubectl", &legacy, &["kustomize", "--enable-alpha-plugins", "a"]);
    found.env("KUSTOMIZE_PLUGIN_HOME", legacy.path().join("plugins"));
    let found = run(&mut found).expect_success("the plugin");
    assert_eq!(found.stderr, "");
}

#[test]
fn of_kpt() {
    if !is_here("kpt") {
        return;
    }
    let render = |folder: &Folder| {
        fs::remove_file(folder.path().join("a/kustomization.yaml")).unwrap();
        run(&mut host("kpt", folder, &["fn", "render", "a", "--output", "unwrap"]))
    };
    let exec = render(&folder(with_exec("kserve-aws")));
    assert_message(&exec, "must run with `--allow-exec` option to allow running function binaries");
    let down = render(&folder(|text| text));
    assert_message(&down, "docker must be running to use this command");
}
