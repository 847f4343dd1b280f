//! `plan-certificate` and `generate-dns-records` under the hosts: `awsconfigs/common/serving-certificate`
//! and `awsconfigs/common/serving-dns` beside an InferenceService and an Ingress, with what they make,
//! change and refuse.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::documents;
use crate::hosts::{containers_are_here, installed};
use crate::package::{self, Folder, copy};
use crate::process::{Outcome, binary, command, run, skip};

/// A function, and the overlay that runs it.
#[derive(Debug)]
struct Overlay {
    function: &'static str,
    kind: &'static str,
    /// The folder in `awsconfigs/common`, and the name of the configuration in it.
    name: &'static str,
}

const CERTIFICATE: Overlay = Overlay {
    function: "plan-certificate",
    kind: "ServingCertificate",
    name: "serving-certificate",
};
const DNS: Overlay =
    Overlay { function: "generate-dns-records", kind: "ServingDNS", name: "serving-dns" };

/// A field of the configuration: as YAML, and as kpt's `configMap` has it.
type Setting = (&'static str, &'static str, &'static str);

const ACK: Setting = ("emit: ack", "emit", "ack");
const ENDPOINT: Setting = ("mode: endpoint", "mode", "endpoint");
const PER_HOST: Setting = ("perHost: true", "perHost", "true");
const TARGET: Setting = (
    "target: k8s-istio-0123456789.us-west-2.elb.amazonaws.com",
    "target",
    "k8s-istio-0123456789.us-west-2.elb.amazonaws.com",
);
const ANOTHER_CERTIFICATE: Setting = (
    "certificate: {domains: [\"*.platform.example.com\"]}",
    "certificate.domains",
    "[\"*.platform.example.com\"]",
);

const CONFIG_DOMAIN: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: config-domain
  namespace: knative-serving
data:
  platform.example.com: \"\"
";
const SERVICE: &str = "apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: sklearn-iris
  namespace: staging
spec:
  predictor:
    model:
      modelFormat:
        name: sklearn
";
const INGRESS: &str = "apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: istio-ingress
  namespace: istio-system
  annotations:
    kubernetes.io/ingress.class: alb
spec:
  rules:
  - http:
      paths:
      - path: /*
        pathType: ImplementationSpecific
        backend:
          service:
            name: istio-ingressgateway
            port:
              number: 80
";
const MANIFESTS: [(&str, &str); 3] =
    [("config-domain.yaml", CONFIG_DOMAIN), ("service.yaml", SERVICE), ("ingress.yaml", INGRESS)];

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

impl Overlay {
    fn place(&self) -> String {
        format!("awsconfigs/common/{}", self.name)
    }

    fn config(&self) -> String {
        format!("{}.yaml", self.name)
    }

    fn image(&self) -> String {
        format!("ghcr.io/kserve-aws/{}:v{}", self.function, env!("CARGO_PKG_VERSION"))
    }

    /// The manifests in `models` and the overlay, with settings; for kpt a package with its step.
    fn folder(&self, settings: &[Setting]) -> Folder {
        let folder = Folder::new();
        let project = Path::new(env!("CARGO_MANIFEST_DIR"));
        let overlay = folder.path().join(self.place());
        copy(&project.join(self.place()), &overlay);
        let (mut spec, mut step) = (String::new(), String::new());
        for (line, key, value) in settings {
            writeln!(spec, "  {line}").unwrap();
            writeln!(step, "      {key}: '{value}'").unwrap();
        }
        append(&overlay.join(self.config()), &spec);
        append(&overlay.join("Kptfile"), &step);
        let models = folder.path().join("models");
        fs::create_dir_all(&models).unwrap();
        let mut kustomization =
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n"
                .to_owned();
        for (name, text) in MANIFESTS {
            fs::write(models.join(name), text).unwrap();
            writeln!(kustomization, "- {name}").unwrap();
        }
        write!(kustomization, "components:\n- ../{}\n", self.place()).unwrap();
        fs::write(models.join("kustomization.yaml"), kustomization).unwrap();
        fs::copy(overlay.join("Kptfile"), models.join("Kptfile")).unwrap();
        folder
    }
}

/// Configuration and step end with the fields of the function.
fn append(path: &Path, lines: &str) {
    let text = fs::read_to_string(path).unwrap();
    fs::write(path, text + lines).unwrap();
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

    /// The hosts that are here; of each other one, one line.
    #[track_caller]
    fn here(overlay: &Overlay) -> Vec<Self> {
        ALL.into_iter().filter(|host| host.is_here(overlay)).collect()
    }

    #[track_caller]
    fn is_here(self, overlay: &Overlay) -> bool {
        let what = format!("{} under {self:?}", overlay.function);
        if let Some(program) = self.program().filter(|program| !installed(program)) {
            skip(&what, &format!("{program} is not installed"));
            return false;
        }
        let with_containers = matches!(
            self,
            KustomizeContainer | KubectlContainer | KptRenderContainer | KptEvalContainer
        );
        !with_containers || containers_are_here(&what)
    }

    /// Makes the one change that a host needs in the functionConfig or the Kptfile.
    fn prepare(self, overlay: &Overlay, folder: &Folder) {
        let image = overlay.image();
        let published = format!("      container:\n        image: {image}\n");
        match self {
            KustomizeExec => {
                let exec = format!("      exec:\n        path: {}\n", binary().display());
                folder.replace(&overlay.config(), &published, &exec);
            }
            KubectlPlugin => {
                let annotation = format!("    config.kubernetes.io/function: |\n{published}");
                folder.replace(&overlay.config(), &annotation, "");
                let plugins = folder
                    .path()
                    .join("fn.kserve-aws.dev/v1alpha1")
                    .join(overlay.kind.to_lowercase());
                fs::create_dir_all(&plugins).unwrap();
                fs::copy(binary(), plugins.join(overlay.kind)).unwrap();
            }
            KptRenderExec => {
                let exec = format!("exec: kserve-aws fn {}", overlay.function);
                folder.replace("Kptfile", &format!("image: {image}"), &exec);
            }
            _ => {}
        }
        if self.is_kpt() {
            // kpt takes a kustomization for one of its objects.
            fs::remove_file(folder.path().join("models/kustomization.yaml")).unwrap();
        }
    }

    fn run(self, overlay: &Overlay, folder: &Folder, settings: &[Setting]) -> Outcome {
        let mut command = command(self.program().unwrap_or("kserve-aws"), folder.path());
        command.env("KUSTOMIZE_PLUGIN_HOME", folder.path());
        let enable = "--enable-alpha-plugins";
        let exec = format!("kserve-aws fn {}", overlay.function);
        match self {
            Alone => command
                .args(["fn", overlay.function, "--config"])
                .arg(format!("{}/{}", overlay.place(), overlay.config()))
                .args(MANIFESTS.map(|(name, _)| format!("models/{name}"))),
            KustomizeExec => command.args(["build", enable, "--enable-exec", "models"]),
            KustomizeContainer => command.args(["build", enable, "models"]),
            KubectlContainer | KubectlPlugin => command.args(["kustomize", enable, "models"]),
            KptRenderExec => command.args(["fn", "render", "--allow-exec", "models"]),
            KptRenderContainer => command.args(["fn", "render", "models"]),
            KptEvalExec => command.args(["fn", "eval", "models", "--exec", &exec, "--"]),
            KptEvalContainer => {
                command.args(["fn", "eval", "models", "--image", &overlay.image(), "--"])
            }
        };
        if matches!(self, KptEvalExec | KptEvalContainer) {
            command.args(["domain=platform.example.com", "namespaces=[\"staging\"]"]);
            command.args(settings.iter().map(|(_, key, value)| format!("{key}={value}")));
        }
        run(&mut command)
    }

    /// The objects that a host printed, or that stand in the package now.
    fn objects(self, folder: &Folder, outcome: &Outcome) -> Vec<Value> {
        if !self.is_kpt() {
            return documents::of(&outcome.stdout);
        }
        let files = package::files(&folder.path().join("models")).into_iter();
        let manifests = files.filter(|(name, _)| name.extension().is_some_and(|end| end == "yaml"));
        manifests.flat_map(|(_, bytes)| documents::of(&String::from_utf8_lossy(&bytes))).collect()
    }
}

/// What every host gives, which is what the program gives without one, and says on the terminal; a
/// second run of kpt changes nothing.
#[track_caller]
fn under_every_host(
    overlay: &Overlay,
    settings: &[Setting],
    told: &[&str],
) -> BTreeMap<String, Value> {
    let mut all: Option<BTreeMap<String, Value>> = None;
    for host in Host::here(overlay) {
        let folder = overlay.folder(settings);
        host.prepare(overlay, &folder);
        let what = format!("{} under {host:?}", overlay.function);
        let outcome = host.run(overlay, &folder, settings).expect_success(&what);
        let terminal = outcome.terminal();
        assert!(!terminal.to_lowercase().contains("deprecated"), "{what}:\n{terminal}");
        // Only on failure does kubectl show what a plugin says.
        for words in told.iter().filter(|_| host != KubectlPlugin) {
            assert!(terminal.contains(words), "{what}:\n{terminal}");
        }
        let objects = documents::meaning(host.objects(&folder, &outcome));
        assert_eq!(objects, *all.get_or_insert_with(|| objects.clone()), "{what}");
        if host.is_kpt() {
            let once = package::files(folder.path());
            host.run(overlay, &folder, settings).expect_success(&what);
            assert!(once == package::files(folder.path()), "{what}: a second run");
        }
    }
    all.unwrap()
}

#[test]
fn a_plan_is_told_and_changes_nothing() {
    let objects = under_every_host(
        &CERTIFICATE,
        &[],
        &["the certificate needs 1 name: *.staging.platform.example.com"],
    );
    let given = MANIFESTS.iter().flat_map(|(_, text)| documents::of(text)).collect();
    assert_eq!(objects, documents::meaning(given));
}

#[test]
fn a_certificate_of_ack_is_made() {
    let objects = under_every_host(&CERTIFICATE, &[ACK], &[]);
    assert_eq!(objects.len(), 4);
    let certificate = &objects["Certificate istio-system/kserve-serving"];
    let name = "*.staging.platform.example.com";
    assert_eq!(
        certificate["spec"],
        json!({ "domainName": name, "subjectAlternativeNames": [name] })
    );
}

#[test]
fn an_ingress_is_annotated() {
    let told = ["the hosts need 1 record: *.staging.platform.example.com"];
    let objects = under_every_host(&DNS, &[], &told);
    assert_eq!(objects.len(), 3);
    let annotations = &objects["Ingress istio-system/istio-ingress"]["metadata"]["annotations"];
    assert_eq!(
        *annotations,
        json!({
            "kubernetes.io/ingress.class": "alb",
            "external-dns.alpha.kubernetes.io/hostname": "*.staging.platform.example.com",
            "external-dns.kubernetes.io/hostname": "*.staging.platform.example.com",
            "fn.kserve-aws.dev/dns-names": "*.staging.platform.example.com",
        })
    );
}

#[test]
fn a_dns_endpoint_is_made() {
    let objects = under_every_host(&DNS, &[ENDPOINT, TARGET, PER_HOST], &[]);
    assert_eq!(objects.len(), 4);
    let endpoints = &objects["DNSEndpoint istio-system/kserve-serving"]["spec"]["endpoints"];
    let names: Vec<&str> = endpoints
        .as_array()
        .unwrap()
        .iter()
        .map(|endpoint| endpoint["dnsName"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "sklearn-iris.staging.platform.example.com",
            "sklearn-iris-predictor.staging.platform.example.com"
        ]
    );
}

/// What is no longer asked for goes, with its file.
#[test]
fn kpt_removes_what_is_no_longer_wanted() {
    for (overlay, settings, file) in [
        (&CERTIFICATE, &[ACK][..], "certificate_kserve-serving.yaml"),
        (&DNS, &[ENDPOINT, TARGET][..], "dnsendpoint_kserve-serving.yaml"),
    ] {
        for host in Host::here(overlay).into_iter().filter(|host| host.is_kpt()) {
            let folder = overlay.folder(settings);
            host.prepare(overlay, &folder);
            let what = format!("{} under {host:?}", overlay.function);
            host.run(overlay, &folder, settings).expect_success(&what);
            let made = folder.path().join("models/istio-system").join(file);
            assert!(made.is_file(), "{what}");
            for (_, key, value) in settings {
                folder.replace("Kptfile", &format!("      {key}: '{value}'\n"), "");
            }
            host.run(overlay, &folder, &[]).expect_success(&what);
            assert!(!made.exists(), "{what}");
        }
    }
}

#[test]
fn a_refusal_is_readable_and_changes_nothing() {
    for (overlay, setting, words) in [
        (
            &CERTIFICATE,
            ANOTHER_CERTIFICATE,
            "one must have the name *.staging.platform.example.com",
        ),
        (&DNS, ENDPOINT, "the mode needs the load balancer's DNS name"),
    ] {
        for host in Host::here(overlay) {
            let folder = overlay.folder(&[setting]);
            host.prepare(overlay, &folder);
            let before = package::files(folder.path());
            let outcome = host.run(overlay, &folder, &[setting]);
            let (told, what) = (outcome.terminal(), format!("{} under {host:?}", overlay.function));
            assert!(!outcome.success(), "{what}: passed\n{told}");
            assert!(told.contains(words) && !told.contains("panicked"), "{what}:\n{told}");
            let mut after = package::files(folder.path());
            // kpt notes there what it ran.
            let kptfile = Path::new("models/Kptfile");
            after.insert(kptfile.to_owned(), before[kptfile].clone());
            assert!(before == after, "{what}: files changed");
            assert!(host.is_kpt() || outcome.stdout.is_empty(), "{what}: printed manifests");
        }
    }
}
