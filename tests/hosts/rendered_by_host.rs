//! Commands that read a folder which only kustomize renders.

use std::fs;

use crate::package::Folder;
use crate::process::{binary, command, run, skip, which};

/// A folder that only kustomize renders is rendered by it for the commands that read it, which report so; a
/// program that its files name does not run.
#[test]
fn a_command_that_reads_a_folder_runs_kustomize_where_it_has_to() {
    if which("kustomize").is_none() {
        return skip("a folder that only kustomize renders", "kustomize is not installed");
    }
    let folder = Folder::new();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "deployment.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers:\n      - {name: web, image: web}\n",
    );
    let kustomization = "resources: [deployment.yaml]\nimages:\n- {name: web, newTag: v2}\n";
    write("kustomization.yaml", kustomization);
    let check = || run(command(binary(), folder.path()).args(["check", "."]));
    let checked = check();
    assert!(checked.success(), "{}", checked.stderr);
    let reported = "[info] rendered-by-host: . is rendered by kustomize from the PATH: ./kustomization.yaml: images is not supported by render\n";
    assert!(checked.stderr.contains(reported), "{}", checked.stderr);

    let without = run(command(binary(), folder.path()).args(["check", "."]).env("PATH", ""));
    assert!(!without.success());
    let refused = "images is not supported by render; run kserve-aws render . --host kustomize";
    assert!(without.stderr.contains(refused), "{}", without.stderr);

    let generator = "apiVersion: example.com/v1\nkind: Writer\nmetadata:\n  name: writer\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ./writer.sh}\n";
    write("generator.yaml", generator);
    write("writer.sh", "#!/bin/sh\ntouch \"$WRITTEN\"\ncat\n");
    write("kustomization.yaml", &format!("{kustomization}generators: [generator.yaml]\n"));
    let script = folder.path().join("writer.sh");
    run(command("chmod", folder.path()).arg("+x").arg(&script)).expect_success("chmod");
    let written = folder.path().join("written");
    let mut command = command(binary(), folder.path());
    let refused = run(command.args(["check", "."]).env("WRITTEN", &written));
    assert!(!refused.success() && !written.exists(), "{}", refused.stderr);
}
