//! `examples/argo-cd` against the documented contract of config management plugins. The server itself is not
//! run: it was not to be had.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{fs, iter};

use serde_json::Value;

use crate::documents;
use crate::package::Folder;
use crate::process::{Outcome, binary, command, run};

const ARN: &str =
    "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012";
/// The user that the contract requires.
const USER: u32 = 999;
/// `ARGOCD_EXEC_TIMEOUT` without a setting.
const LIMIT: Duration = Duration::from_secs(90);

fn example(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/argo-cd").join(name);
    serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A folder that `init` wrote, which the plugin's user can read.
fn source() -> Folder {
    let folder = Folder::new();
    let mut init = command(binary(), folder.path());
    init.args(["init", "endpoint", "--provider", "dex", "--domain", "platform.example.com"]);
    run(init.args(["--certificate", ARN])).expect_success("init");
    fs::copy(binary(), folder.path().join("program")).unwrap();
    let all = fs::read_dir(folder.path().join("endpoint")).unwrap();
    let files = all.map(|entry| entry.unwrap().path());
    let places = [folder.path().to_owned(), folder.path().join("endpoint")];
    for path in files.chain(places).chain(iter::once(folder.path().join("program"))) {
        let mode = if path.is_dir() || path.ends_with("program") { 0o755 } else { 0o644 };
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    folder
}

/// The plugin's command as the server runs it: in the source's folder, as its user where this one may become
/// another, with no terminal and hardly an environment.
fn generate(folder: &Folder) -> Outcome {
    let plugin = example("plugin.yaml");
    let words = plugin["spec"]["generate"]["command"].as_array().unwrap();
    let words: Vec<&str> = words.iter().map(|word| word.as_str().unwrap()).collect();
    // The image has the program there, and no shell.
    assert_eq!(words[0], "/kserve-aws");
    let mut server = Command::new(folder.path().join("program"));
    server.args(&words[1..]).current_dir(folder.path().join("endpoint")).env_clear();
    server.env("ARGOCD_APP_NAME", "endpoint").env("ARGOCD_APP_SOURCE_PATH", "endpoint");
    let is_root = run(Command::new("id").arg("-u")).stdout.trim() == "0";
    if is_root {
        server.uid(USER).gid(USER);
    }
    run(&mut server)
}

#[test]
fn the_plugin_prints_manifests_alone() {
    let folder = source();
    let started = Instant::now();
    let outcome = generate(&folder).expect_success("the plugin");
    assert!(started.elapsed() < LIMIT / 10);
    let rendered = documents::of(&outcome.stdout);
    let kinds: Vec<&str> = rendered.iter().filter_map(|one| one["kind"].as_str()).collect();
    assert!(kinds.contains(&"Ingress") && kinds.contains(&"AuthorizationPolicy"), "{kinds:?}");
    assert!(!kinds.contains(&"Secret"));
    assert!(!outcome.stdout.contains("set-ingress-params-has-not-run"));
    assert!(rendered.iter().all(|one| one["apiVersion"].is_string() && one["kind"].is_string()));
}

#[test]
fn a_refusal_is_on_stderr_alone() {
    let folder = source();
    let file = folder.path().join("endpoint/serving-endpoint.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace(ARN, "arn:aws:acm:us-west-2")).unwrap();
    let outcome = generate(&folder);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
    assert!(outcome.stderr.contains("certificate-arn-invalid"), "{}", outcome.stderr);
}

#[test]
fn the_sidecar_follows_the_contract() {
    let plugin = example("plugin.yaml");
    assert_eq!(plugin["apiVersion"], "argoproj.io/v1alpha1");
    assert_eq!(plugin["kind"], "ConfigManagementPlugin");
    let spec = &example("sidecar.yaml")["spec"]["template"]["spec"];
    let sidecar = &spec["containers"][0];
    assert_eq!(sidecar["command"][0], "/var/run/argocd/argocd-cmp-server");
    assert_eq!(sidecar["securityContext"]["runAsUser"], USER);
    let image = format!("ghcr.io/kserve-aws/kserve-aws:v{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(sidecar["image"], image);
    let mounts = sidecar["volumeMounts"].as_array().unwrap();
    let path_of = |name: &str| {
        let found = mounts.iter().find(|mount| mount["name"] == name);
        found.and_then(|mount| mount["mountPath"].as_str()).unwrap_or_default()
    };
    assert_eq!(path_of("var-files"), "/var/run/argocd");
    assert_eq!(path_of("plugins"), "/home/argocd/cmp-server/plugins");
    assert_eq!(path_of("kserve-aws-plugin"), "/home/argocd/cmp-server/config/plugin.yaml");
    // What Argo CD's own Deployment has, and what is added here.
    let volumes = spec["volumes"].as_array().unwrap();
    for mount in mounts {
        let name = &mount["name"];
        let is_there = ["var-files", "plugins"].iter().any(|own| name == own);
        assert!(is_there || volumes.iter().any(|volume| volume["name"] == *name), "{name}");
    }
    let generator = &example("kustomization.yaml")["configMapGenerator"][0];
    assert_eq!(generator["name"], volumes[0]["configMap"]["name"]);
    // An Application names the plugin with its version.
    let version = plugin["spec"]["version"].as_str().unwrap();
    assert_eq!(version, format!("v{}", env!("CARGO_PKG_VERSION")));
    let name = format!("{}-{version}", plugin["metadata"]["name"].as_str().unwrap());
    assert_eq!(example("application.yaml")["spec"]["source"]["plugin"]["name"], name);
}

/// Real kustomize adds the sidecar to a Deployment.
#[test]
fn the_component_builds() {
    if crate::process::which("kustomize").is_none() {
        return crate::process::skip("examples/argo-cd", "kustomize is not installed");
    }
    let folder = Folder::new();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/argo-cd");
    fs::create_dir(folder.path().join("plugin")).unwrap();
    for name in ["kustomization.yaml", "plugin.yaml", "sidecar.yaml"] {
        fs::copy(own.join(name), folder.path().join("plugin").join(name)).unwrap();
    }
    let server = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: argocd-repo-server\n  namespace: argocd\nspec:\n  template:\n    spec:\n      containers:\n      - name: argocd-repo-server\n        image: quay.io/argoproj/argocd\n      volumes:\n      - name: var-files\n        emptyDir: {}\n      - name: plugins\n        emptyDir: {}\n";
    fs::write(folder.path().join("server.yaml"), server).unwrap();
    let text = "resources: [server.yaml]\ncomponents: [plugin]\n";
    fs::write(folder.path().join("kustomization.yaml"), text).unwrap();
    let built = run(command("kustomize", folder.path()).args(["build", "."]));
    let built = documents::of(&built.expect_success("kustomize").stdout);
    let server = built.iter().find(|one| one["kind"] == "Deployment").unwrap();
    let spec = &server["spec"]["template"]["spec"];
    assert_eq!(spec["containers"].as_array().unwrap().len(), 2);
    assert_eq!(spec["volumes"].as_array().unwrap().len(), 4);
    let map = built.iter().find(|one| one["kind"] == "ConfigMap").unwrap();
    assert!(map["data"]["plugin.yaml"].as_str().unwrap().contains("ConfigManagementPlugin"));
}
