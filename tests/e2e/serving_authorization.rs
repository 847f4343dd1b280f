//! `awsconfigs/common/serving-authorization` under the hosts: the policies are the same in all.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::documents;
use crate::hosts::{containers_are_here, installed};
use crate::package::{Folder, copy, files};
use crate::process::{Outcome, binary, command, run, skip};

const PLACE: &str = "awsconfigs/common/serving-authorization";
const IMAGE: &str =
    concat!("ghcr.io/kserve-aws/generate-authorization-policies:v", env!("CARGO_PKG_VERSION"));
const SERVICE: &str = "apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: iris
  namespace: team-a
spec:
  predictor:
    model:
      modelFormat:
        name: sklearn
      protocolVersion: v2
";

/// A kustomization with a service, or a kpt package with one.
fn folder() -> Folder {
    let folder = Folder::new();
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    copy(&project.join(PLACE), &folder.path().join(PLACE));
    let models = folder.path().join("models");
    fs::create_dir_all(&models).unwrap();
    fs::write(models.join("iris.yaml"), SERVICE).unwrap();
    let kustomization = format!(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- iris.yaml\ncomponents:\n- ../{PLACE}\n"
    );
    fs::write(models.join("kustomization.yaml"), kustomization).unwrap();
    folder
}

#[track_caller]
fn is_the_policy(what: &str, objects: &[Value]) {
    let policies: Vec<&Value> =
        objects.iter().filter(|object| object["kind"] == "AuthorizationPolicy").collect();
    let [policy] = policies.as_slice() else { panic!("{what}: {objects:#?}") };
    assert_eq!(policy["metadata"]["name"], "allow-iris-predictor", "{what}");
    assert_eq!(policy["metadata"]["namespace"], "team-a", "{what}");
    let paths = &policy["spec"]["rules"][0]["to"][0]["operation"]["paths"];
    let served: Vec<&str> =
        paths.as_array().unwrap()[4..].iter().filter_map(Value::as_str).collect();
    assert_eq!(served, ["/v2", "/v2/health/*", "/v2/models", "/v2/models/*"], "{what}");
    assert!(objects.iter().any(|object| object["kind"] == "InferenceService"), "{what}");
}

#[track_caller]
fn builds(what: &str, program: &str, folder: &Folder, arguments: &[&str]) {
    let mut command = command(program, folder.path());
    command.env("KUSTOMIZE_PLUGIN_HOME", folder.path()).args(arguments).arg("models");
    let printed = run(&mut command).expect_success(what);
    is_the_policy(what, &documents::of(&printed.stdout));
}

#[test]
fn kustomize() {
    let published = format!("      container:\n        image: {IMAGE}\n");
    let enable = "--enable-alpha-plugins";
    if installed("kustomize") {
        let exec = folder();
        let path = format!("      exec:\n        path: {}\n", binary().display());
        exec.replace("serving-authorization.yaml", &published, &path);
        builds("kustomize exec", "kustomize", &exec, &["build", enable, "--enable-exec"]);
        if containers_are_here("kustomize container") {
            builds("kustomize container", "kustomize", &folder(), &["build", enable]);
        }
    } else {
        skip("serving-authorization", "kustomize is not installed");
    }
    if installed("kubectl") {
        let plugin = folder();
        let annotation = format!("    config.kubernetes.io/function: |\n{published}");
        plugin.replace("serving-authorization.yaml", &annotation, "");
        let plugins = plugin.path().join("fn.kserve-aws.dev/v1alpha1/servingauthorization");
        fs::create_dir_all(&plugins).unwrap();
        fs::copy(binary(), plugins.join("ServingAuthorization")).unwrap();
        builds("kubectl plugin", "kubectl", &plugin, &["kustomize", enable]);
        if containers_are_here("kubectl container") {
            builds("kubectl container", "kubectl", &folder(), &["kustomize", enable]);
        }
    } else {
        skip("serving-authorization", "kubectl is not installed");
    }
}

/// Runs kpt on the package, twice: the second run changes nothing.
#[track_caller]
fn kpt(what: &str, folder: &Folder, arguments: &[&str]) {
    let package = folder.path().join("models");
    let once = || -> Outcome {
        let mut command = command("kpt", &package);
        run(command.arg("fn").args(arguments)).expect_success(what)
    };
    once();
    let first = files(&package);
    let objects: Vec<Value> = first
        .iter()
        .filter(|(name, _)| name.extension().is_some_and(|end| end == "yaml"))
        .flat_map(|(_, bytes)| documents::of(&String::from_utf8_lossy(bytes)))
        .collect();
    is_the_policy(what, &objects);
    once();
    assert!(files(&package) == first, "{what}: a second run changes files");
}

#[test]
fn kpt_packages() {
    if !installed("kpt") {
        return skip("serving-authorization", "kpt is not installed");
    }
    let package = || {
        let folder = folder();
        let models = folder.path().join("models");
        fs::remove_file(models.join("kustomization.yaml")).unwrap();
        fs::copy(folder.path().join(PLACE).join("Kptfile"), models.join("Kptfile")).unwrap();
        folder
    };
    let exec = package();
    exec.replace(
        "Kptfile",
        &format!("image: {IMAGE}"),
        "exec: kserve-aws fn generate-authorization-policies",
    );
    kpt("kpt render, exec", &exec, &["render", "--allow-exec"]);
    let run = "kserve-aws fn generate-authorization-policies";
    kpt("kpt eval, exec", &package(), &["eval", ".", "--exec", run, "--", "mode=namespace"]);
    if containers_are_here("kpt container") {
        kpt("kpt render, container", &package(), &["render"]);
        kpt(
            "kpt eval, container",
            &package(),
            &["eval", ".", "--image", IMAGE, "--", "mode=namespace"],
        );
    }
}
