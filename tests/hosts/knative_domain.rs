//! `set-knative-domain` under the hosts: `awsconfigs/common/knative-domain` as a transformer over a
//! stock `config-domain`, as a generator and as a component, and a bad domain on the terminal.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::host::{Function, Host, KUSTOMIZATION, refused_by_every_host, under_every_host};
use crate::package::{self, Folder, copy};
use crate::process::{command, run_with};

const DOMAIN: Function = Function { name: "set-knative-domain", config: "knative-domain" };
const PLACE: &str = "awsconfigs/common/knative-domain";
const IRIS: &str = "awsconfigs/apps/iris";

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

/// The project's overlays, and a kustomization of one's own that makes use of them in three ways.
/// For kpt each is a package.
fn folder() -> Folder {
    let folder = Folder::new();
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    for place in [PLACE, IRIS] {
        copy(&project.join(place), &folder.path().join(place));
    }
    let overlay = folder.path().join(PLACE);
    for (name, lines) in [
        ("transformer", "transformers:\n- knative-domain.yaml\n".to_owned()),
        ("component", format!("components:\n- ../{PLACE}/component\n")),
        ("with-iris", format!("- ../{IRIS}\ncomponents:\n- ../{PLACE}/component\n")),
    ] {
        let own = folder.path().join(name);
        fs::create_dir_all(&own).unwrap();
        fs::write(own.join("config-domain.yaml"), STOCK).unwrap();
        let text = format!("{KUSTOMIZATION}resources:\n- config-domain.yaml\n{lines}");
        fs::write(own.join("kustomization.yaml"), text).unwrap();
        fs::copy(overlay.join("Kptfile"), own.join("Kptfile")).unwrap();
    }
    let config = overlay.join("component/knative-domain.yaml");
    fs::copy(config, folder.path().join("transformer/knative-domain.yaml")).unwrap();
    let iris = folder.path().join("with-iris/iris.yaml");
    fs::copy(folder.path().join(IRIS).join("inference-service.yaml"), iris).unwrap();
    folder
}

fn config_domain(objects: &BTreeMap<String, Value>) -> &Value {
    &objects["ConfigMap knative-serving/config-domain"]
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
        [("platform.example.com", ""), ("team-b.example.org", "selector:\n  team: b\n")].into(),
        "{map:#}"
    );
    assert_eq!(map["metadata"]["labels"].as_object().unwrap().len(), 3, "{map:#}");
    let annotations = map["metadata"]["annotations"].as_object();
    assert!(annotations.is_none_or(serde_json::Map::is_empty), "{map:#}");
}

#[test]
fn a_transformer_over_a_stock_config_map() {
    let objects = under_every_host(&DOMAIN, "transformer", &[], folder);
    assert_eq!(objects.len(), 1);
    is_rewritten(&objects);
}

#[test]
fn a_component() {
    let objects = under_every_host(&DOMAIN, "component", &[], folder);
    assert_eq!(objects.len(), 1);
    is_rewritten(&objects);
}

#[test]
fn a_component_beside_the_sample_service() {
    let objects = under_every_host(&DOMAIN, "with-iris", &[], folder);
    assert_eq!(objects.len(), 2);
    is_rewritten(&objects);
    let iris = &objects["InferenceService kubeflow-user-example-com/sklearn-iris"];
    assert_eq!(iris["spec"]["predictor"]["model"]["modelFormat"]["name"], "sklearn");
}

#[test]
fn a_generator() {
    let objects = under_every_host(&DOMAIN, PLACE, &[], folder);
    assert_eq!(objects.len(), 1);
    let map = config_domain(&objects);
    assert_eq!(map["data"], serde_json::json!({ "platform.example.com": "" }));
    let mark = "set-knative-domain";
    assert_eq!(map["metadata"]["annotations"]["fn.kserve-aws.dev/generated-by"], mark);
    assert_eq!(map["metadata"]["labels"]["app.kubernetes.io/component"], "controller");
}

/// The sample stands for itself, and `kserve-aws hosts` reads what a host made of it.
#[test]
fn the_sample_service_by_itself() {
    for host in [Host::KustomizeExec, Host::KubectlPlugin]
        .into_iter()
        .filter(|host| DOMAIN.runs_under(*host))
    {
        let folder = folder();
        let outcome = host.run(&DOMAIN, &folder, IRIS).expect_success(&host.to_string());
        let mut hosts = command("kserve-aws", folder.path());
        hosts.args(["hosts", "--format", "json"]);
        let shown = run_with(&mut hosts, outcome.stdout.as_bytes()).expect_success("hosts");
        let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
        assert_eq!(shown[0]["name"], "sklearn-iris");
    }
    if DOMAIN.runs_under(Host::KptRenderExec) {
        let folder = folder();
        let before = package::files(&folder.path().join(IRIS));
        Host::KptRenderExec.run(&DOMAIN, &folder, IRIS).expect_success("kpt fn render");
        let mut after = package::files(&folder.path().join(IRIS));
        let kptfile = PathBuf::from("Kptfile");
        after.insert(kptfile.clone(), before[&kptfile].clone());
        assert_eq!(before, after);
    }
}

#[test]
fn a_bad_domain_is_readable_and_changes_nothing() {
    let words = r#""Platform.Example.com" has uppercase letters; use "platform.example.com""#;
    for place in ["transformer", PLACE] {
        refused_by_every_host(&DOMAIN, place, &[words], || {
            let folder = folder();
            for file in ["knative-domain.yaml", "Kptfile"] {
                let to = "domain: Platform.Example.com";
                folder.replace(file, "domain: platform.example.com", to);
            }
            folder
        });
    }
}

/// A ConfigMap of somebody else under the name that the generator makes: kustomize itself says so.
#[test]
fn a_generator_beside_a_stock_config_map_is_refused() {
    for host in [Host::KustomizeExec, Host::KubectlPlugin]
        .into_iter()
        .filter(|host| DOMAIN.runs_under(*host))
    {
        let folder = folder();
        host.configure(&DOMAIN, &folder);
        folder.replace("kustomization.yaml", "transformers:", "generators:");
        let outcome = host.run(&DOMAIN, &folder, "transformer");
        assert!(!outcome.success(), "{host}");
        assert!(outcome.stderr.contains("config-domain"), "{host}: {}", outcome.stderr);
    }
}
