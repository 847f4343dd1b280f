//! The example under the real kustomize, as an exec function.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test program, which fails by panicking")]

use std::path::PathBuf;

use test_support::hosts::{Folder, is_installed, run};

/// What the README promises: a function is some ten lines.
#[test]
fn the_example_is_short() {
    let example = include_str!("../examples/set_label.rs");
    let is_code = |line: &&str| !line.trim().is_empty() && !line.starts_with("//");
    let lines = example.lines().filter(is_code).count();
    assert!(lines <= 13, "{lines} lines");
}

/// The example, which `cargo test` builds beside this program.
fn example() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    program.ancestors().nth(2).unwrap().join("examples/set_label")
}

#[test]
fn kustomize_runs_the_example() {
    if !is_installed("kustomize") {
        return;
    }
    let example = example();
    // `cargo test --test kustomize` alone builds no example.
    if !example.is_file() {
        test_support::skip("the example is not built; cargo build -p krm-function --examples");
        return;
    }
    let folder = Folder::new("krm-function-kustomize");
    let path = example.to_str().unwrap();
    folder.write("service.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: cart\n");
    folder.write(
        "label.yaml",
        &format!(
            "apiVersion: fn.example.com/v1\nkind: SetLabel\nmetadata:\n  name: team\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {{path: {path}}}\nspec: {{key: team, value: shop}}\n"
        ),
    );
    folder.write("kustomization.yaml", "resources: [service.yaml]\ntransformers: [label.yaml]\n");
    let arguments = ["build", "--enable-alpha-plugins", "--enable-exec", folder.path()];
    let built = run("kustomize", &arguments, "");
    let (stdout, stderr) =
        (String::from_utf8_lossy(&built.stdout), String::from_utf8_lossy(&built.stderr));
    assert!(built.status.success(), "{stderr}");
    assert_eq!(
        stdout,
        "apiVersion: v1\nkind: Service\nmetadata:\n  labels:\n    team: shop\n  name: cart\n"
    );

    folder.write(
        "label.yaml",
        &format!(
            "apiVersion: fn.example.com/v1\nkind: SetLabel\nmetadata:\n  name: team\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {{path: {path}}}\nspec: {{key: team, values: shop}}\n"
        ),
    );
    let refused = run("kustomize", &arguments, "");
    let stderr = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success());
    assert!(stderr.contains("did you mean \"value\"?"), "{stderr}");
}
