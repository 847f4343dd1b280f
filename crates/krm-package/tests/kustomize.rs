//! The example under the real kustomize, as an exec function.

#![allow(missing_docs, reason = "a test program")]

use test_support::hosts::{Folder, is_installed, run};

#[test]
fn kustomize_runs_the_example() {
    if !is_installed("kustomize") {
        return;
    }
    // `cargo test` builds it beside this program.
    let program = std::env::current_exe().unwrap();
    let example = program.ancestors().nth(2).unwrap().join("examples/label_team");
    if !example.is_file() {
        test_support::skip("the example is not built; cargo build -p krm-package --examples");
        return;
    }
    let folder = Folder::new("krm-package-kustomize");
    folder.write("service.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: cart\n");
    folder.write(
        "label.yaml",
        &format!(
            "apiVersion: fn.example.com/v1\nkind: SetLabel\nmetadata:\n  name: team\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {{path: {}}}\n",
            example.display()
        ),
    );
    folder.write("kustomization.yaml", "resources: [service.yaml]\ntransformers: [label.yaml]\n");
    let arguments = ["build", "--enable-alpha-plugins", "--enable-exec", folder.path()];
    let built = run("kustomize", &arguments, "");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    assert_eq!(
        String::from_utf8_lossy(&built.stdout),
        "apiVersion: v1\nkind: Service\nmetadata:\n  labels:\n    team: shop\n  name: cart\n"
    );
}
