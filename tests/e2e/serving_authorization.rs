//! `generate-authorization-policies` under the hosts: `awsconfigs/common/serving-authorization` as a
//! component beside InferenceServices, in every mode, and a refusal on the terminal.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::documents;
use crate::hosts::{containers_are_here, installed};
use crate::package::{self, Folder, copy};
use crate::process::{Outcome, binary, command, run, skip};

const PLACE: &str = "awsconfigs/common/serving-authorization";
const IMAGE: &str =
    concat!("ghcr.io/kserve-aws/generate-authorization-policies:v", env!("CARGO_PKG_VERSION"));
const EXEC: &str = "kserve-aws fn generate-authorization-policies";
const CONFIG: &str = "serving-authorization.yaml";
const MODES: [&str; 3] = ["guide", "namespace", "strict"];

const IRIS: &str = "apiVersion: serving.kserve.io/v1beta1
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

const FACES: &str = "apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: faces
  namespace: team-b
spec:
  predictor:
    model:
      modelFormat:
        name: pytorch
      protocolVersion: v1
  transformer:
    serviceAccountName: image-reader
    containers:
    - name: kserve-container
      image: registry.example.com/image-transformer:v1
";

const CONFIG_NETWORK: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: config-network
  namespace: knative-serving
data:
  ingress-class: istio.ingress.networking.knative.dev
";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Host {
    Alone,
    KustomizeExec,
    KustomizeContainer,
    KubectlContainer,
    KubectlPlugin,
    KptRenderExec,
    KptRenderContainer,
    KptEvalExec,
    KptEvalContainer,
}

use Host::{
    Alone, KptEvalContainer, KptEvalExec, KptRenderContainer, KptRenderExec, KubectlContainer,
    KubectlPlugin, KustomizeContainer, KustomizeExec,
};

const ALL: [Host; 9] = [
    Alone,
    KustomizeExec,
    KustomizeContainer,
    KubectlContainer,
    KubectlPlugin,
    KptRenderExec,
    KptRenderContainer,
    KptEvalExec,
    KptEvalContainer,
];

impl fmt::Display for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "generate-authorization-policies under {self:?}")
    }
}

impl Host {
    fn program(self) -> Option<&'static str> {
        match self {
            Alone => None,
            KustomizeExec | KustomizeContainer => Some("kustomize"),
            KubectlContainer | KubectlPlugin => Some("kubectl"),
            _ => Some("kpt"),
        }
    }

    fn is_kpt(self) -> bool {
        self.program() == Some("kpt")
    }

    /// Whether the host is here; says in one line if not.
    #[track_caller]
    fn is_here(self) -> bool {
        if let Some(program) = self.program().filter(|program| !installed(program)) {
            skip(&self.to_string(), &format!("{program} is not installed"));
            return false;
        }
        let with_containers = matches!(
            self,
            KustomizeContainer | KubectlContainer | KptRenderContainer | KptEvalContainer
        );
        !with_containers || containers_are_here(&self.to_string())
    }

    /// Makes the one change that a host needs in the functionConfig or the Kptfile.
    fn prepare(self, folder: &Folder) {
        let published = format!("      container:\n        image: {IMAGE}\n");
        match self {
            KustomizeExec => folder.replace(
                CONFIG,
                &published,
                &format!("      exec:\n        path: {}\n", binary().display()),
            ),
            KubectlPlugin => {
                let annotation = format!("    config.kubernetes.io/function: |\n{published}");
                folder.replace(CONFIG, &annotation, "");
                let plugins = folder.path().join("fn.kserve-aws.dev/v1alpha1/servingauthorization");
                fs::create_dir_all(&plugins).unwrap();
                fs::copy(binary(), plugins.join("ServingAuthorization")).unwrap();
            }
            KptRenderExec => {
                folder.replace("Kptfile", &format!("image: {IMAGE}"), &format!("exec: {EXEC}"));
            }
            _ => {}
        }
        if self.is_kpt() {
            // kpt takes a kustomization for one of its objects.
            fs::remove_file(folder.path().join("models/kustomization.yaml")).unwrap();
        }
    }

    fn run(self, folder: &Folder, place: &str, mode: &str) -> Outcome {
        let mut command = command(self.program().unwrap_or("kserve-aws"), folder.path());
        command.env("KUSTOMIZE_PLUGIN_HOME", folder.path());
        let enable = "--enable-alpha-plugins";
        match self {
            Alone => command.args(EXEC.split(' ').skip(1)).arg("--config").args([
                format!("{PLACE}/{CONFIG}"),
                format!("{place}/iris.yaml"),
                format!("{place}/faces.yaml"),
                format!("{place}/config-network.yaml"),
            ]),
            KustomizeExec => command.args(["build", enable, "--enable-exec", place]),
            KustomizeContainer => command.args(["build", enable, place]),
            KubectlContainer | KubectlPlugin => command.args(["kustomize", enable, place]),
            KptRenderExec => command.args(["fn", "render", "--allow-exec", place]),
            KptRenderContainer => command.args(["fn", "render", place]),
            KptEvalExec => command.args(["fn", "eval", place, "--exec", EXEC, "--"]),
            KptEvalContainer => command.args(["fn", "eval", place, "--image", IMAGE, "--"]),
        };
        if matches!(self, KptEvalExec | KptEvalContainer) {
            command.arg(format!("mode={mode}"));
        }
        run(&mut command)
    }

    /// The objects that a host printed, or that stand in the package now.
    fn objects(self, folder: &Folder, place: &str, outcome: &Outcome) -> Vec<Value> {
        if !self.is_kpt() {
            return documents::of(&outcome.stdout);
        }
        let files = package::files(&folder.path().join(place)).into_iter();
        let manifests = files.filter(|(name, _)| name.extension().is_some_and(|end| end == "yaml"));
        manifests.flat_map(|(_, bytes)| documents::of(&String::from_utf8_lossy(&bytes))).collect()
    }
}

/// Services and Knative's configuration in `models`, with the component; for kpt a package with its
/// step.
fn folder(mode: &str) -> Folder {
    let folder = Folder::new();
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    copy(&project.join(PLACE), &folder.path().join(PLACE));
    let models = folder.path().join("models");
    fs::create_dir_all(&models).unwrap();
    let kustomization = format!(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- iris.yaml\n- faces.yaml\n- config-network.yaml\ncomponents:\n- ../{PLACE}\n"
    );
    for (name, text) in [
        ("iris.yaml", IRIS),
        ("faces.yaml", FACES),
        ("config-network.yaml", CONFIG_NETWORK),
        ("kustomization.yaml", &kustomization),
    ] {
        fs::write(models.join(name), text).unwrap();
    }
    fs::copy(folder.path().join(PLACE).join("Kptfile"), models.join("Kptfile")).unwrap();
    for file in [CONFIG, "Kptfile"] {
        folder.replace(file, "mode: namespace", &format!("mode: {mode}"));
    }
    folder
}

/// The policies of a mode by place, and what Knative is told.
#[track_caller]
fn is_of_mode(mode: &str, objects: &BTreeMap<String, Value>) {
    let policies: Vec<&str> =
        objects.keys().filter_map(|place| place.strip_prefix("AuthorizationPolicy ")).collect();
    let told = &objects["ConfigMap knative-serving/config-network"]["data"];
    if mode == "guide" {
        assert_eq!(policies, ["istio-system/allow-predictor", "istio-system/allow-transformer"]);
    } else {
        let by_component = [
            "team-a/allow-iris-predictor",
            "team-b/allow-faces-predictor",
            "team-b/allow-faces-transformer",
        ];
        assert_eq!(policies, by_component, "{mode}");
        let policy = &objects["AuthorizationPolicy team-b/allow-faces-predictor"];
        let rule = policy["spec"]["rules"].as_array().unwrap().last().unwrap();
        let principals = rule.pointer("/from/0/source/principals").map(ToString::to_string);
        let asked_by = r#"["cluster.local/ns/knative-serving/sa/activator","cluster.local/ns/team-b/sa/image-reader"]"#;
        assert_eq!(principals.as_deref(), Some(asked_by).filter(|_| mode == "strict"));
    }
    let enabled = (mode == "strict").then_some("enabled");
    assert_eq!(told["mesh-compatibility-mode"].as_str(), enabled, "{mode}");
    assert_eq!(told["ingress-class"], "istio.ingress.networking.knative.dev");
    assert_eq!(objects.len(), policies.len() + 3, "{objects:#?}");
}

/// Every host gives what the program gives without one; a second run of kpt changes nothing.
#[test]
fn every_mode_is_the_same_under_every_host() {
    for mode in MODES {
        let mut all: Option<BTreeMap<String, Value>> = None;
        for host in ALL.into_iter().filter(|host| host.is_here()) {
            let folder = folder(mode);
            host.prepare(&folder);
            let what = format!("{host}, mode {mode}");
            let outcome = host.run(&folder, "models", mode).expect_success(&what);
            let told = outcome.terminal().to_lowercase();
            assert!(!told.contains("deprecated"), "{what}:\n{told}");
            let objects = documents::meaning(host.objects(&folder, "models", &outcome));
            is_of_mode(mode, &objects);
            assert_eq!(objects, *all.get_or_insert_with(|| objects.clone()), "{what}");
            if host.is_kpt() {
                let once = package::files(folder.path());
                host.run(&folder, "models", mode).expect_success(&what);
                assert!(once == package::files(folder.path()), "{what}: a second run");
            }
        }
    }
}

/// A component that goes takes its policy's file with it.
#[test]
fn kpt_removes_what_is_no_longer_wanted() {
    for host in ALL.into_iter().filter(|host| host.is_kpt() && host.is_here()) {
        let folder = folder("namespace");
        host.prepare(&folder);
        let package = folder.path().join("models");
        host.run(&folder, "models", "namespace").expect_success(&host.to_string());
        let policy = package.join("team-b/authorizationpolicy_allow-faces-transformer.yaml");
        assert!(policy.is_file(), "{host}");
        let (predictor, _) = FACES.split_once("  transformer:\n").unwrap();
        fs::write(package.join("faces.yaml"), predictor).unwrap();
        host.run(&folder, "models", "namespace").expect_success(&host.to_string());
        assert!(!policy.exists(), "{host}");
        assert!(package.join("team-b/authorizationpolicy_allow-faces-predictor.yaml").is_file());
        assert!(package.join("team-a/authorizationpolicy_allow-iris-predictor.yaml").is_file());
    }
}

/// Strict without Knative's configuration, as its author sees it.
#[test]
fn a_refusal_is_readable_and_changes_nothing() {
    for host in ALL.into_iter().filter(|host| host.is_here()) {
        let folder = folder("strict");
        folder.replace("config-network.yaml", "name: config-network", "name: config-features");
        host.prepare(&folder);
        let before = package::files(folder.path());
        let outcome = host.run(&folder, "models", "strict");
        let told = outcome.terminal();
        assert!(!outcome.success(), "{host}: passed\n{told}");
        for words in ["mesh-compatibility-mode: enabled", "or choose mode namespace"] {
            assert!(told.contains(words), "{host}:\n{told}");
        }
        assert!(!told.contains("panicked"), "{host}:\n{told}");
        let mut after = package::files(folder.path());
        // kpt notes there what it ran.
        let kptfile = Path::new("models/Kptfile");
        after.insert(kptfile.to_owned(), before[kptfile].clone());
        assert!(before == after, "{host}: files changed");
        assert!(host.is_kpt() || outcome.stdout.is_empty(), "{host}: printed manifests");
    }
}

/// A prefix renames services after the function has run: the README says to list the component above.
#[test]
fn policies_follow_a_prefix_from_above() {
    for host in [KustomizeExec, KubectlPlugin].into_iter().filter(|host| host.is_here()) {
        let folder = folder("namespace");
        host.prepare(&folder);
        let component = format!("components:\n- ../{PLACE}\n");
        folder.replace("kustomization.yaml", &component, "namePrefix: dev-\n");
        let above = folder.path().join("above");
        fs::create_dir_all(&above).unwrap();
        let kustomization = format!(
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- ../models\n{component}"
        );
        fs::write(above.join("kustomization.yaml"), kustomization).unwrap();
        let outcome = host.run(&folder, "above", "namespace").expect_success(&host.to_string());
        let objects = documents::meaning(documents::of(&outcome.stdout));
        let policy = &objects["AuthorizationPolicy team-a/allow-dev-iris-predictor"];
        let labels = &policy["spec"]["selector"]["matchLabels"];
        assert_eq!(labels["serving.kserve.io/inferenceservice"], "dev-iris", "{host}");
        assert!(objects.contains_key("InferenceService team-a/dev-iris"), "{host}");
    }
}
