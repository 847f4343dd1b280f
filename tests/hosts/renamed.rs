//! kustomize renames the Service after all functions: what `set-ingress-params` writes binds to the
//! coming name, in whatever layer it runs.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::documents;
use crate::host::{Host, KUSTOMIZATION};
use crate::package::Folder;
use crate::process::{Outcome, binary, command, run, run_with};

const TOKEN: &str = "0f5b1c2e9d8a4736a1b2c3d4e5f60718";
const SERVICE: &str = "apiVersion: v1
kind: Service
metadata:
  name: istio-ingressgateway
  namespace: istio-system
spec:
  selector:
    istio: ingressgateway
  ports:
  - name: http2
    port: 80
    targetPort: 8080
";
const INGRESS: &str = "apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: gateway
  namespace: istio-system
  annotations:
    alb.ingress.kubernetes.io/target-type: ip
    alb.ingress.kubernetes.io/listen-ports: set-ingress-params-has-not-run
spec:
  ingressClassName: alb
  rules:
  - host: models.example.com
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: istio-ingressgateway
            port:
              number: 80
";
const PARAMS: &str = "spec:
  overlay: api
  certArn: arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012
  httpHeaderName: x-api-key
  httpHeaderValues: [0f5b1c2e9d8a4736a1b2c3d4e5f60718]
";

/// Folders beside `app`, which has the Ingress and the Service, each with its kustomization.
type Layers = &'static [(&'static str, &'static str)];

/// Where the function, or a validator behind it, sees what the Service will be called.
const SEEN: [(&str, Layers); 9] = [
    ("prefix", &[("top", "namePrefix: dev-\nresources: [../app]\ntransformers: [params.yaml]\n")]),
    ("suffix", &[("top", "nameSuffix: -dev\nresources: [../app]\ntransformers: [params.yaml]\n")]),
    (
        "namespace",
        &[(
            "top",
            "namespace: edge\nnamePrefix: dev-\nresources: [../app]\ntransformers: [params.yaml]\n",
        )],
    ),
    (
        "outermost",
        &[
            ("inner", "namePrefix: dev-\nresources: [../app]\n"),
            ("top", "resources: [../inner]\ntransformers: [params.yaml]\n"),
        ],
    ),
    (
        "several layers",
        &[
            ("inner", "namePrefix: dev-\nresources: [../app]\n"),
            ("middle", "nameSuffix: -blue\nresources: [../inner]\n"),
            ("top", "namePrefix: eu-\nresources: [../middle]\ntransformers: [params.yaml]\n"),
        ],
    ),
    (
        "in a component",
        &[
            ("component", "namePrefix: dev-\ntransformers: [params.yaml]\n"),
            ("top", "resources: [../app]\ncomponents: [../component]\n"),
        ],
    ),
    (
        "component above a prefix",
        &[
            ("inner", "namePrefix: dev-\nresources: [../app]\n"),
            ("component", "transformers: [params.yaml]\n"),
            ("top", "resources: [../inner]\ncomponents: [../component]\n"),
        ],
    ),
    (
        "before a validator",
        &[(
            "top",
            "namePrefix: dev-\nresources: [../app]\ntransformers: [params.yaml]\nvalidators: [check.yaml]\n",
        )],
    ),
    (
        "replicated",
        &[
            ("one", "namePrefix: one-\nresources: [../app]\n"),
            ("two", "nameSuffix: -two\nresources: [../app]\n"),
            ("top", "resources: [../one, ../two]\ntransformers: [params.yaml]\n"),
        ],
    ),
];

/// Where a layer above renames what the function has set: only `check` sees it, on the output.
const UNSEEN: [(&str, Layers); 2] = [
    (
        "layer above",
        &[
            ("inner", "resources: [../app]\ntransformers: [params.yaml]\n"),
            ("top", "namePrefix: dev-\nresources: [../inner]\n"),
        ],
    ),
    (
        "component below a prefix",
        &[
            ("component", "transformers: [params.yaml]\n"),
            ("top", "namePrefix: dev-\nresources: [../app]\ncomponents: [../component]\n"),
        ],
    ),
];

fn hosts() -> impl Iterator<Item = Host> {
    [Host::KustomizeExec, Host::KubectlPlugin].into_iter().filter(|host| host.is_here())
}

/// The configuration of a function as a host finds it: by its path, or by its kind.
fn config(host: Host, folder: &Folder, kind: &str, spec: &str) -> String {
    let mut config = format!(
        "apiVersion: fn.kserve-aws.dev/v1alpha1\nkind: {kind}\nmetadata:\n  name: config\n"
    );
    if host == Host::KubectlPlugin {
        let plugin = folder.path().join("fn.kserve-aws.dev/v1alpha1").join(kind.to_lowercase());
        fs::create_dir_all(&plugin).unwrap();
        fs::copy(binary(), plugin.join(kind)).unwrap();
    } else {
        let exec = format!("exec:\n        path: {}\n", binary().display());
        config.push_str("  annotations:\n    config.kubernetes.io/function: |\n      ");
        config.push_str(&exec);
    }
    config + spec
}

fn written(host: Host, layers: Layers) -> Folder {
    let folder = Folder::new();
    let write = |place: &str, text: &str| {
        let path = folder.path().join(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("app/ingress.yaml", INGRESS);
    write("app/service.yaml", SERVICE);
    let resources = "resources: [ingress.yaml, service.yaml]\n";
    write("app/kustomization.yaml", &format!("{KUSTOMIZATION}{resources}"));
    for (place, text) in layers {
        let head = if *place == "component" {
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
        } else {
            KUSTOMIZATION
        };
        write(&format!("{place}/kustomization.yaml"), &format!("{head}{text}"));
        if text.contains("params.yaml") {
            let params = config(host, &folder, "IngressParams", PARAMS);
            write(&format!("{place}/params.yaml"), &params);
        }
        if text.contains("check.yaml") {
            let check = config(host, &folder, "ServingPathCheck", "");
            write(&format!("{place}/check.yaml"), &check);
        }
    }
    folder
}

fn built(host: Host, folder: &Folder) -> Outcome {
    run(host.command(folder).arg(folder.path().join("top")))
}

/// `kserve-aws check -`
fn checked(output: &str) -> Outcome {
    let mut check = command(binary(), Path::new(env!("CARGO_TARGET_TMPDIR")));
    run_with(check.args(["check", "-"]), output.as_bytes())
}

/// The backends of an Ingress, and those of them with conditions.
fn backends(ingress: &Value) -> (BTreeSet<String>, BTreeSet<String>) {
    let rules = ingress["spec"]["rules"].as_array().unwrap();
    let paths = rules.iter().flat_map(|rule| rule["http"]["paths"].as_array().unwrap());
    let names = paths.map(|path| path["backend"]["service"]["name"].as_str().unwrap().to_owned());
    let annotations = ingress["metadata"]["annotations"].as_object().unwrap();
    let conditions = annotations.iter().filter_map(|(key, value)| {
        let name = key.strip_prefix("alb.ingress.kubernetes.io/conditions.")?;
        assert!(value.as_str().unwrap().contains(TOKEN));
        Some(name.to_owned())
    });
    (names.collect(), conditions.collect())
}

#[test]
fn conditions_bind_to_the_coming_name() {
    for host in hosts() {
        for (name, layers) in SEEN {
            let folder = written(host, layers);
            let outcome = built(host, &folder).expect_success(&format!("{host} {name}"));
            let objects = documents::of(&outcome.stdout);
            let of_kind = |kind: &str| {
                let all = objects.iter().filter(|object| object["kind"] == kind);
                all.cloned().collect::<Vec<_>>()
            };
            let services: BTreeSet<String> = of_kind("Service")
                .iter()
                .map(|service| service["metadata"]["name"].as_str().unwrap().to_owned())
                .collect();
            assert!(!services.contains("istio-ingressgateway"), "{host} {name} renames nothing");
            let ingresses = of_kind("Ingress");
            assert_eq!(ingresses.len(), services.len(), "{host} {name}");
            for ingress in &ingresses {
                let (names, bound) = backends(ingress);
                assert_eq!(names, bound, "{host} {name}:\n{}", outcome.stdout);
                assert!(names.is_subset(&services), "{host} {name}:\n{}", outcome.stdout);
                assert!(!outcome.stdout.contains("has-not-run"), "{host} {name}");
            }
            checked(&outcome.stdout).expect_success(&format!("check of {host} {name}"));
        }
    }
}

/// `--help` and the README say to run `check` on the output for that.
#[test]
fn check_refuses_what_a_layer_above_renames() {
    for host in hosts() {
        for (name, layers) in UNSEEN {
            let folder = written(host, layers);
            let outcome = built(host, &folder).expect_success(&format!("{host} {name}"));
            let check = checked(&outcome.stdout);
            assert_eq!(check.code, Some(1), "{host} {name}:\n{}", check.terminal());
            assert!(check.terminal().contains("alb-open-"), "{host} {name}:\n{}", check.terminal());
        }
    }
}

/// A validator may change nothing: kustomize refuses the function there, and prints nothing.
#[test]
fn the_function_as_a_validator_is_refused() {
    const LAYERS: Layers =
        &[("top", "namePrefix: dev-\nresources: [../app]\nvalidators: [params.yaml]\n")];
    for host in hosts() {
        let outcome = built(host, &written(host, LAYERS));
        assert!(!outcome.success(), "{host}:\n{}", outcome.stdout);
        assert!(outcome.stdout.is_empty(), "{host}:\n{}", outcome.stdout);
    }
}
