//! `set-knative-domain` under the hosts: `awsconfigs/common/knative-domain` as a transformer over a
//! stock `config-domain`, as a generator and as a component, and a bad domain on the terminal.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::documents;
use crate::hosts::{containers_are_here, installed};
use crate::package::{self, Folder, copy};
use crate::process::{Outcome, binary, command, run, skip};

const PLACE: &str = "awsconfigs/common/knative-domain";
const IRIS: &str = "awsconfigs/apps/iris";
const IMAGE: &str = concat!("ghcr.io/kserve-aws/set-knative-domain:v", env!("CARGO_PKG_VERSION"));
const EXEC: &str = "kserve-aws fn set-knative-domain";
const DOMAIN: &str = "platform.example.com";

/// What Kubeflow's manifests bring, with the domain that wins over every other.
const STOCK: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: config-domain
  namespace: knative-serving
  labels:
    app.kubernetes.io/name: knative-serving
    app.kubernetes.io/component: controller
    app.kubernetes.io/version: \"1.16.2\"
  annotations:
    knative.dev/example-checksum: \"26c09de5\"
data:
  example.com: \"\"
  team-b.example.org: |
    selector:
      team: b
  _example: |
    ################################
    #    EXAMPLE CONFIGURATION     #
    ################################
    example.org: |
      selector:
        app: nonprofit
";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Host {
    Render,
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
    KptEvalContainer, KptEvalExec, KptRenderContainer, KptRenderExec, KubectlContainer,
    KubectlPlugin, KustomizeContainer, KustomizeExec, Render,
};

const ALL: [Host; 9] = [
    Render,
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
        write!(out, "set-knative-domain under {self:?}")
    }
}

impl Host {
    fn program(self) -> Option<&'static str> {
        match self {
            Render => None,
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

    /// Makes the one change that a host needs in the functionConfigs and Kptfiles.
    fn prepare(self, folder: &Folder) {
        let published = format!("      container:\n        image: {IMAGE}\n");
        match self {
            KustomizeExec => folder.replace(
                "knative-domain.yaml",
                &published,
                &format!("      exec:\n        path: {}\n", binary().display()),
            ),
            KubectlPlugin => {
                let annotation = format!("    config.kubernetes.io/function: |\n{published}");
                folder.replace("knative-domain.yaml", &annotation, "");
                let plugins = folder.path().join("fn.kserve-aws.dev/v1alpha1/knativedomain");
                fs::create_dir_all(&plugins).unwrap();
                fs::copy(binary(), plugins.join("KnativeDomain")).unwrap();
            }
            KptRenderExec => {
                folder.replace("Kptfile", &format!("image: {IMAGE}"), &format!("exec: {EXEC}"));
            }
            _ => {}
        }
    }

    /// Runs the host on a kustomization or package.
    fn run(self, folder: &Folder, place: &str, domain: &str) -> Outcome {
        let mut command = match self.program() {
            None => command("kserve-aws", folder.path()),
            Some(program) => command(program, folder.path()),
        };
        command.env("KUSTOMIZE_PLUGIN_HOME", folder.path());
        let enable = "--enable-alpha-plugins";
        match self {
            Render => command.arg("render"),
            KustomizeExec => command.args(["build", enable, "--enable-exec"]),
            KustomizeContainer => command.args(["build", enable]),
            KubectlContainer | KubectlPlugin => command.args(["kustomize", enable]),
            KptRenderExec => command.args(["fn", "render", "--allow-exec"]),
            KptRenderContainer => command.args(["fn", "render"]),
            KptEvalExec | KptEvalContainer => command.args(["fn", "eval"]),
        };
        command.arg(place);
        let domain = format!("domain={domain}");
        match self {
            KptEvalExec => command.args(["--exec", EXEC, "--", &domain, "createIfMissing=true"]),
            KptEvalContainer => {
                command.args(["--image", IMAGE, "--", &domain, "createIfMissing=true"])
            }
            _ => &mut command,
        };
        run(&mut command)
    }

    /// The objects that a host printed, or that stand in the package now.
    fn objects(self, folder: &Folder, place: &str, outcome: &Outcome) -> Vec<Value> {
        if !self.is_kpt() {
            return documents::of(&outcome.stdout);
        }
        let files = package::files(&folder.path().join(place));
        let manifests = files.into_iter().filter(|(name, _)| is_manifest(name));
        manifests.flat_map(|(_, bytes)| documents::of(&String::from_utf8_lossy(&bytes))).collect()
    }
}

/// Whether a file of a package holds objects of the cluster.
fn is_manifest(name: &Path) -> bool {
    let file = name.file_name().unwrap().to_string_lossy();
    file.ends_with(".yaml") && file != "kustomization.yaml" && file != "knative-domain.yaml"
}

/// The project's overlays, and a kustomization of one's own that makes use of them in three ways.
/// For kpt each is a package.
fn folder() -> Folder {
    let folder = Folder::new();
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    for place in [PLACE, IRIS] {
        copy(&project.join(place), &folder.path().join(place));
    }
    let kptfile = fs::read_to_string(folder.path().join(PLACE).join("Kptfile")).unwrap();
    for (name, lines) in [
        ("transformer", "transformers:\n- knative-domain.yaml\n".to_owned()),
        ("component", format!("components:\n- ../{PLACE}/component\n")),
        ("with-iris", format!("- ../{IRIS}\ncomponents:\n- ../{PLACE}/component\n")),
    ] {
        let own = folder.path().join(name);
        fs::create_dir_all(&own).unwrap();
        fs::write(own.join("config-domain.yaml"), STOCK).unwrap();
        let head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- config-domain.yaml\n";
        fs::write(own.join("kustomization.yaml"), format!("{head}{lines}")).unwrap();
        fs::write(own.join("Kptfile"), &kptfile).unwrap();
    }
    let config = folder.path().join(PLACE).join("component/knative-domain.yaml");
    fs::copy(config, folder.path().join("transformer/knative-domain.yaml")).unwrap();
    let iris = folder.path().join("with-iris/iris.yaml");
    fs::copy(folder.path().join(IRIS).join("inference-service.yaml"), iris).unwrap();
    folder
}

fn config_domain(objects: &BTreeMap<String, Value>) -> &Value {
    &objects["ConfigMap knative-serving/config-domain"]
}

/// Renders under every host that is here; what they give is one.
#[track_caller]
fn under_every_host(place: &str, check: impl Fn(&BTreeMap<String, Value>)) {
    let mut all: Option<(Host, BTreeMap<String, Value>)> = None;
    let mut printed: Option<String> = None;
    for host in ALL.into_iter().filter(|host| host.is_here()) {
        let folder = folder();
        host.prepare(&folder);
        if host.is_kpt() {
            only_the_package(&folder, place);
        }
        let outcome = host.run(&folder, place, DOMAIN).expect_success(&format!("{host} {place}"));
        let told = outcome.terminal().to_lowercase();
        assert!(!told.contains("deprecated"), "{host} {place}:\n{told}");
        let objects = documents::meaning(host.objects(&folder, place, &outcome));
        check(&objects);
        let (first, expected) = all.get_or_insert_with(|| (host, objects.clone()));
        assert_eq!(objects, *expected, "{place}: {host} against {first}");
        if host.is_kpt() {
            let once = package::files(folder.path());
            host.run(&folder, place, DOMAIN).expect_success(&format!("{host} {place} again"));
            assert_eq!(once, package::files(folder.path()), "{host} {place}: a second run");
        } else if host != Render {
            let first = printed.get_or_insert_with(|| outcome.stdout.clone());
            assert_eq!(outcome.stdout, *first, "{place}: {host}");
        }
    }
}

/// kpt takes a kustomization for one of its objects, and files of kustomize for the package's.
fn only_the_package(folder: &Folder, place: &str) {
    let place = folder.path().join(place);
    for name in ["kustomization.yaml", "knative-domain.yaml"] {
        let _ = fs::remove_file(place.join(name));
    }
    let _ = fs::remove_dir_all(place.join("component"));
}

#[track_caller]
fn is_rewritten(objects: &BTreeMap<String, Value>) {
    let map = config_domain(objects);
    let data: BTreeMap<&str, &str> = map["data"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str().unwrap()))
        .collect();
    assert_eq!(
        data,
        [(DOMAIN, ""), ("team-b.example.org", "selector:\n  team: b\n")].into(),
        "{map:#}"
    );
    assert_eq!(map["metadata"]["labels"].as_object().unwrap().len(), 3, "{map:#}");
    let annotations = map["metadata"]["annotations"].as_object();
    assert!(annotations.is_none_or(serde_json::Map::is_empty), "{map:#}");
}

#[test]
fn a_transformer_over_a_stock_config_map() {
    under_every_host("transformer", |objects| {
        assert_eq!(objects.len(), 1);
        is_rewritten(objects);
    });
}

#[test]
fn a_component() {
    under_every_host("component", |objects| {
        assert_eq!(objects.len(), 1);
        is_rewritten(objects);
    });
}

#[test]
fn a_component_beside_the_sample_service() {
    under_every_host("with-iris", |objects| {
        assert_eq!(objects.len(), 2);
        is_rewritten(objects);
        let iris = &objects["InferenceService kubeflow-user-example-com/sklearn-iris"];
        assert_eq!(iris["spec"]["predictor"]["model"]["modelFormat"]["name"], "sklearn");
    });
}

#[test]
fn a_generator() {
    under_every_host(PLACE, |objects| {
        assert_eq!(objects.len(), 1);
        let map = config_domain(objects);
        assert_eq!(map["data"], serde_json::json!({ (DOMAIN): "" }));
        let mark = "set-knative-domain";
        assert_eq!(map["metadata"]["annotations"]["fn.kserve-aws.dev/generated-by"], mark);
        assert_eq!(map["metadata"]["labels"]["app.kubernetes.io/component"], "controller");
    });
}

/// The sample stands for itself, and `kserve-aws hosts` reads what a host made of it.
#[test]
fn the_sample_service_by_itself() {
    for host in [KustomizeExec, KubectlPlugin].into_iter().filter(|host| host.is_here()) {
        let folder = folder();
        let outcome = host.run(&folder, IRIS, DOMAIN).expect_success(&host.to_string());
        let mut hosts = command("kserve-aws", folder.path());
        hosts.args(["hosts", "--format", "json"]);
        let shown = crate::process::run_with(&mut hosts, outcome.stdout.as_bytes());
        let shown: Value = serde_json::from_str(&shown.expect_success("hosts").stdout).unwrap();
        assert_eq!(shown[0]["name"], "sklearn-iris");
    }
    if KptRenderExec.is_here() {
        let folder = folder();
        let before = package::files(&folder.path().join(IRIS));
        KptRenderExec.run(&folder, IRIS, DOMAIN).expect_success("kpt fn render");
        let mut after = package::files(&folder.path().join(IRIS));
        let kptfile = PathBuf::from("Kptfile");
        after.insert(kptfile.clone(), before[&kptfile].clone());
        assert_eq!(before, after);
    }
}

/// A bad domain as its author sees it, under every host, and nothing else.
#[test]
fn a_bad_domain_is_readable_and_changes_nothing() {
    let words = r#""Platform.Example.com" has upper-case letters; write "platform.example.com""#;
    for place in ["transformer", PLACE] {
        for host in ALL.into_iter().filter(|host| host.is_here()) {
            let folder = folder();
            let from = format!("domain: {DOMAIN}");
            for file in ["knative-domain.yaml", "Kptfile"] {
                folder.replace(file, &from, "domain: Platform.Example.com");
            }
            host.prepare(&folder);
            if host.is_kpt() {
                only_the_package(&folder, place);
            }
            let before = package::files(folder.path());
            let outcome = host.run(&folder, place, "Platform.Example.com");
            let told = outcome.terminal().replace("\\\"", "\"");
            assert!(!outcome.success(), "{host} {place}: passed\n{told}");
            assert!(told.contains(words), "{host} {place}:\n{told}");
            assert!(!told.contains("panicked"), "{host} {place}:\n{told}");
            let kptfile = Path::new(place).join("Kptfile");
            let mut after = package::files(folder.path());
            // kpt notes there what it ran.
            after.insert(kptfile.clone(), before[&kptfile].clone());
            assert_eq!(before, after, "{host} {place}: files changed");
            assert!(
                host.is_kpt() || outcome.stdout.is_empty(),
                "{host} {place}: printed manifests"
            );
        }
    }
}

/// A ConfigMap of somebody else under the name that the generator makes: kustomize itself says so.
#[test]
fn a_generator_beside_a_stock_config_map_is_refused() {
    for host in [KustomizeExec, KubectlPlugin].into_iter().filter(|host| host.is_here()) {
        let folder = folder();
        host.prepare(&folder);
        let lines = "resources:\n- config-domain.yaml\ngenerators:\n- knative-domain.yaml\n";
        let head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";
        let place = folder.path().join("transformer");
        fs::write(place.join("kustomization.yaml"), format!("{head}{lines}")).unwrap();
        let outcome = host.run(&folder, "transformer", DOMAIN);
        assert!(!outcome.success(), "{host}");
        assert!(outcome.stderr.contains("config-domain"), "{host}: {}", outcome.stderr);
    }
}
