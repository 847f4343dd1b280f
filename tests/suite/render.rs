//! `kserve-aws render`: the overlays that are built in, and what it does of kustomize's work.

use std::fs;
use std::path::Path;

use kserve_aws::controllers::alb::objects::Ingress;
use kserve_aws::controllers::alb::{Objects, Options, load_balancers};

use crate::cases::command::{Answer, Memory};

/// The project's overlays, as a user has them.
pub(crate) fn project() -> Memory {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut memory = Memory::default();
    let mut open = vec![root.join("awsconfigs")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                memory = memory.with_file(&name, fs::read(&path).unwrap());
            }
        }
    }
    memory
}

fn rendered(memory: Memory, what: &str) -> String {
    let Answer { stdout, stderr, code } = memory.run(&["render", what]);
    assert_eq!(code, 0, "{what}: {stderr}");
    stdout
}

/// The names of the help.
fn names() -> Vec<String> {
    let help = Memory::default().run(&["render", "--help"]).stdout;
    let (_, names) = help.split_once("Overlay that is built in: ").unwrap();
    names.lines().next().unwrap().split(", ").map(str::to_owned).collect()
}

#[test]
fn what_is_built_in_is_what_stands_in_the_folders() {
    let names = names();
    assert_eq!(names, ["base", "https", "api", "cognito", "jwt", "oidc", "knative-domain", "iris"]);
    for name in names {
        let answer = Memory::default().run(&["render", "--built-in", &name]);
        assert_eq!(answer.code, 0, "{name}: {}", answer.stderr);
        let (_, folder) = answer.stderr.split_once("rendered ").unwrap();
        let folder = folder.lines().next().unwrap();
        assert_eq!(answer.stdout, rendered(project(), folder), "{name}");
        // What to do next names a file that is there.
        if let Some((_, next)) = answer.stderr.split_once("your own values into ") {
            let (file, _) = next.split_once(',').unwrap();
            assert!(project().files.contains_key(Path::new(file)), "{name}: {file}");
        }
    }
}

/// A folder named as an overlay is that folder, and where there is none, nothing is rendered in its place.
#[test]
fn a_path_is_never_an_overlay() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\n";
    let memory = || {
        Memory::default()
            .with_file("base/kustomization.yaml", kustomization("resources: [own.yaml]\n"))
            .with_file("base/own.yaml", map)
    };
    assert_eq!(rendered(memory(), "base"), map);
    let built_in = memory().run(&["render", "--built-in", "base"]);
    assert!(built_in.stdout.contains("kind: Ingress"), "{}", built_in.stdout);
    let answer = Memory::default().run(&["render", "base"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (3, ""));
    assert!(answer.stderr.contains("use --built-in base"), "{}", answer.stderr);
    let answer = memory().run(&["render", "base", "--built-in", "api"]);
    assert_eq!(answer.code, 2, "{}", answer.stderr);
    let answer = memory().run(&["render", "--built-in", "bsae"]);
    assert!(answer.stderr.contains("unknown overlay"), "{}", answer.stderr);
    // In a folder of one's own, nothing else is rendered.
    for file in ["kustomization.yaml", "Kptfile"] {
        let answer = Memory::default().with_file(file, "resources: [own.yaml]\n").run(&["render"]);
        assert_eq!((answer.code, answer.stdout.as_str()), (2, ""), "{file}: {}", answer.stderr);
        assert!(answer.stderr.contains("pass . to render it"), "{}", answer.stderr);
    }
    // Without a name, the overlay that needs nothing.
    let answer = memory().run(&["render"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stdout.contains("name: istio-ingress-api"), "{}", answer.stdout);
}

/// What the fields of the subset make, held against kustomize itself in `tests/hosts/rendered.rs`.
#[test]
fn a_kustomization_is_rendered() {
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web # kept\nspec:\n  replicas: 1\n  template:\n    spec:\n      containers: []\n      volumes:\n      - name: v\n        configMap: {name: settings}\n";
    let lines = "namespace: team-a\nresources: [web.yaml]\nconfigMapGenerator:\n- name: settings\n  literals: [color=blue]\nlabels:\n- pairs: {team: a}\npatches:\n- target: {kind: Deployment}\n  patch: |\n    - {op: replace, path: /spec/replicas, value: 3}\n";
    let memory = Memory::default()
        .with_file("a/kustomization.yaml", kustomization(lines))
        .with_file("a/web.yaml", deployment);
    let text = rendered(memory, "a");
    assert!(text.starts_with("apiVersion: v1\nkind: ConfigMap\n"), "{text}");
    assert!(text.contains("name: web # kept"), "{text}");
    assert!(text.contains("replicas: 3") && text.contains("namespace: team-a"), "{text}");
    let name = text.lines().find_map(|line| line.trim().strip_prefix("name: settings-")).unwrap();
    assert_eq!(text.matches(&format!("settings-{name}")).count(), 2, "{text}");
}

/// A package of kpt, rendered and compared with its own files.
#[test]
fn a_package_of_kpt_is_rendered() {
    let kptfile = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: a\npipeline:\n  mutators:\n  - image: ghcr.io/kserve-aws/set-knative-domain:v0.1.0\n    configMap:\n      domain: platform.example.com\n    selectors:\n    - kind: ConfigMap\n";
    let memory =
        || Memory::default().with_file("a/Kptfile", kptfile).with_file("a/domain.yaml", STOCK);
    let run = |flag: &str| memory().run(&["render", "a", flag]);
    let diff = run("--diff");
    assert_eq!(diff.code, 0, "{}", diff.stderr);
    assert!(
        diff.stdout.starts_with("--- a/a/domain.yaml\n+++ b/a/domain.yaml\n@@"),
        "{}",
        diff.stdout
    );
    assert!(diff.stdout.contains("-  example.com: \"\" # Kubeflow's\n"), "{}", diff.stdout);
    let check = run("--check");
    assert_eq!((check.code, check.stdout.as_str()), (1, ""));
    assert!(check.stderr.contains("would change a/domain.yaml"), "{}", check.stderr);
    let plan = run("--plan");
    let plan: serde_json::Value = serde_json::from_str(&plan.stdout).unwrap();
    assert_eq!(plan[0]["resource"]["name"], "config-domain");
    assert_eq!(plan[0]["patch"][0]["path"], "/data/example.com");
    let other =
        memory().with_file("a/Kptfile", kptfile.replace("set-knative-domain", "set-labels"));
    refused(
        other,
        "a",
        "pipeline.mutators[0] runs ghcr.io/kserve-aws/set-labels:v0.1.0, which is not one of this program's functions; run kserve-aws render a --host kpt",
    );
}

#[test]
fn a_kustomization_says_what_its_functions_change() {
    let lines = "resources:\n- config-domain.yaml\ncomponents:\n- ../awsconfigs/common/knative-domain/component\n";
    let memory = || {
        project()
            .with_file("platform/kustomization.yaml", kustomization(lines))
            .with_file("platform/config-domain.yaml", STOCK)
    };
    let diff = memory().run(&["render", "platform", "--diff"]);
    assert_eq!(diff.code, 0, "{}", diff.stderr);
    assert!(diff.stdout.contains("+  platform.example.com: ''\n"), "{}", diff.stdout);
    assert_eq!(memory().run(&["render", "platform", "--check"]).code, 1);
    refused_with(memory(), &["render", "platform", "--in-place"], 2, "use --output DIR");
    // A folder of manifests with one function.
    let config = "awsconfigs/common/knative-domain/knative-domain.yaml";
    let with = project().with_file("b/config-domain.yaml", STOCK);
    let answer = with.run(&["render", "b", "--config", config]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stdout.ends_with("data:\n  platform.example.com: ''\n"), "{}", answer.stdout);
}

#[track_caller]
fn refused_with(memory: Memory, arguments: &[&str], exit: u8, words: &str) {
    let Answer { stdout, stderr, code } = memory.run(arguments);
    assert_eq!((code, stdout.as_str()), (exit, ""), "{arguments:?}: {stderr}");
    assert!(stderr.contains(words), "{arguments:?}: {stderr}");
}

const STOCK: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: config-domain
  namespace: knative-serving
  labels:
    app.kubernetes.io/name: knative-serving
    app.kubernetes.io/component: controller
data:
  example.com: \"\" # Kubeflow's
";

fn kustomization(lines: &str) -> String {
    format!("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n{lines}")
}

#[test]
fn a_component_changes_what_its_user_has_gathered() {
    let lines = "resources:\n- config-domain.yaml\ncomponents:\n- ../awsconfigs/common/knative-domain/component\n";
    let memory = project()
        .with_file("platform/kustomization.yaml", kustomization(lines))
        .with_file("platform/config-domain.yaml", STOCK);
    let expected =
        STOCK.replace("  example.com: \"\" # Kubeflow's\n", "  platform.example.com: ''\n");
    assert_eq!(rendered(memory, "platform"), expected);
}

#[test]
fn generators_run_before_components_and_components_before_transformers() {
    let config = |domain: &str| {
        format!(
            "apiVersion: fn.kserve-aws.dev/v1alpha1\nkind: KnativeDomain\nmetadata:\n  name: x\nspec:\n  domain: {domain}\n"
        )
    };
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ntransformers:\n- domain.yaml\n";
    let lines = "generators:\n- domain.yaml\ncomponents:\n- ../component\n";
    let memory = || {
        Memory::default()
            .with_file("a/kustomization.yaml", kustomization(lines))
            .with_file("a/domain.yaml", config("generator.example.com"))
            .with_file("component/kustomization.yaml", component)
            .with_file("component/domain.yaml", config("component.example.com"))
    };
    let text = rendered(memory(), "a");
    assert!(text.ends_with("data:\n  component.example.com: ''\n"), "{text}");
    // An entry may be the configuration itself.
    let inline = format!(
        "transformers:\n- |\n  {}",
        config("inline.example.com").trim_end().replace('\n', "\n  ")
    );
    let memory =
        memory().with_file("a/kustomization.yaml", kustomization(&format!("{lines}{inline}\n")));
    let text = rendered(memory, "a");
    assert!(text.ends_with("data:\n  inline.example.com: ''\n"), "{text}");
}

#[track_caller]
fn refused(memory: Memory, what: &str, words: &str) {
    let Answer { stdout, stderr, code } = memory.run(&["render", what]);
    assert_eq!((code, stdout.as_str()), (1, ""), "{what}: {stderr}");
    assert!(stderr.contains(words), "{what}: {stderr}");
}

/// What is reported of a folder of `awsconfigs`, beside information: what the sample's own values deserve.
const INTENDED: [(&str, &[&str]); 5] = [
    ("awsconfigs/common/serving-authorization", &["authorization-plaintext-peers"]),
    ("awsconfigs/common/istio-ingress/overlays/api", &["token-placeholder", "alb-hostless-rule"]),
    ("awsconfigs/endpoints/cognito", &["authorization-plaintext-peers"]),
    ("awsconfigs/endpoints/dex", &["authorization-plaintext-peers"]),
    ("awsconfigs/endpoints/jwt", &["authorization-plaintext-peers"]),
];

/// What a Component is beside: a service, the Ingress, and of Knative its ConfigMap where that is what changes.
fn beside(component: &str, components: &str) -> Memory {
    let service = "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: iris, namespace: staging}\nspec: {predictor: {model: {modelFormat: {name: sklearn}, protocolVersion: v1, storageUri: s3://models/iris}}}\n";
    let of_knative =
        if component.contains("knative-domain") { "- config-domain.yaml\n" } else { "" };
    let lines = format!(
        "resources:\n- iris.yaml\n- ../awsconfigs/common/istio-ingress/overlays/https\n{of_knative}{components}"
    );
    project()
        .with_file("a/iris.yaml", service)
        .with_file("a/config-domain.yaml", STOCK)
        .with_file("a/kustomization.yaml", kustomization(&lines))
}

/// Every folder of `awsconfigs` with a kustomization, alone: it has a README, it renders something, and nothing is
/// reported that is not intended. A Component is for the objects of others: alone it is read, and beside them it
/// adds or changes something.
#[test]
fn every_folder_of_awsconfigs_renders_alone() {
    let project = project();
    let mut folders: Vec<&Path> = project
        .files
        .keys()
        .filter(|file| file.ends_with("kustomization.yaml"))
        .filter_map(|file| file.parent())
        .collect();
    folders.sort();
    assert!(folders.len() >= 16, "{folders:?}");
    for folder in folders {
        let name = folder.to_str().unwrap();
        assert!(project.files.contains_key(&folder.join("README.md")), "{name} has no README.md");
        let text = std::str::from_utf8(&project.files[&folder.join("kustomization.yaml")]).unwrap();
        let is_component = text.contains("\nkind: Component\n");
        let (memory, what) = if is_component {
            let alone = self::project().run(&["render", name]);
            assert!(!alone.stderr.contains("bad-input"), "{name}: {}", alone.stderr);
            (beside(name, &format!("components:\n- ../{name}\n")), "a")
        } else {
            (self::project(), name)
        };
        let answer = memory.run(&["render", what, "--format", "json"]);
        assert_eq!(answer.code, 0, "{name}: {}", answer.stderr);
        assert!(answer.stdout.contains("kind: "), "{name} renders nothing");
        let report: serde_json::Value = serde_json::from_str(&answer.stderr).unwrap();
        let found = report["findings"].as_array().unwrap().iter();
        let codes: Vec<&str> = found
            .filter(|one| one["severity"] != "info")
            .map(|one| one["code"].as_str().unwrap())
            .collect();
        let intended = INTENDED.iter().find(|(place, _)| *place == name);
        assert_eq!(codes, intended.map_or(&[][..], |(_, codes)| *codes), "{name}");
        // The names of the certificate are reported, and nothing is written.
        if is_component && !name.ends_with("serving-certificate") {
            let without = beside(name, "").run(&["render", "a"]);
            assert_ne!(without.stdout, answer.stdout, "{name} changes nothing");
        }
    }
}

#[test]
fn what_only_kustomize_does_is_refused_by_name() {
    let component = "awsconfigs/common/knative-domain/component";
    let with = |lines: &str| project().with_file("a/kustomization.yaml", kustomization(lines));
    let lines = format!("resources:\n- ../{component}\n");
    refused(with(&lines), "a", "is a Component; list its folder under components:");
    refused(
        with("components:\n- ../awsconfigs/apps/iris\n"),
        "a",
        "this kustomization is not a Component; list its folder under resources:\n = awsconfigs/apps/iris/kustomization.yaml\n",
    );
    for field in
        ["namePrefix: x-", "images: [{name: x}]", "commonLabels: {a: b}", "vars: [{name: x}]"]
    {
        let name = field.split(':').next().unwrap();
        let words = format!(
            "{name} is not supported by render; run kserve-aws render a --host kustomize\n  ┌─ a/kustomization.yaml:"
        );
        refused(with(field), "a", &words);
    }
    refused(with("resource:\n- x.yaml\n"), "a", r#"(did you mean "resources"?)"#);
    refused(
        with("patches:\n- patch: '[]'\n  target: {labelSelector: app in (a)}\n"),
        "a",
        "patches[].target.labelSelector has parts other than",
    );
    refused(
        with("patches:\n- patch: '{kind: Service, metadata: {name: a}}'\n"),
        "a",
        "patches is a strategic merge patch, which is supported here for an Ingress",
    );
    refused(
        with("labels:\n- {pairs: {a: b}, fields: [{path: x}]}\n"),
        "a",
        "labels[].fields is not",
    );
    refused(
        with("resources: [https://example.com/x]\n"),
        "a",
        "is not a local file or folder, and render fetches nothing; run kserve-aws render a --host",
    );
    refused(
        with("resources: [../b.yaml]\n").with_file("b.yaml", STOCK),
        "a",
        "not in or below this folder",
    );
    let other = "transformers:\n- |\n  {apiVersion: builtin, kind: PrefixTransformer, metadata: {name: x}, prefix: y-}\n";
    refused(with(other), "a", "transformers builtin PrefixTransformer is not the configuration");
    refused(with("resources: x.yaml\n"), "a", "expected a list");
    refused(with("components:\n- .\n"), "a", "is not a Component");
    refused(with("resources:\n- .\n"), "a", "more than 16 levels deep");
}

#[test]
fn a_bad_parameter_and_a_bad_name_are_told() {
    let path = "awsconfigs/common/knative-domain/knative-domain.yaml";
    let text = String::from_utf8(project().files[Path::new(path)].clone()).unwrap();
    let memory = project().with_file(path, text.replace("platform.example", "Platform.Example"));
    refused(
        memory,
        "awsconfigs/common/knative-domain",
        r#"[error] domain-invalid: "Platform.Example.com" has uppercase letters; use "platform.example.com""#,
    );
    let known = "pass a folder, or --built-in with one of base, https, api, cognito, jwt, oidc, knative-domain, iris";
    refused_with(Memory::default(), &["render", "knative-domains"], 3, known);
}

/// The guard of the Ingresses that are shipped and documented: before `set-ingress-params` has run,
/// the controller makes no load balancer of them, although the class brings a scheme and a
/// certificate, which win over the Ingress's own annotations.
#[test]
fn an_ingress_that_no_function_has_set_gives_no_load_balancer() {
    const GUARD: &str = "set-ingress-params-has-not-run";
    let class = "{metadata: {name: alb}, spec: {controller: ingress.k8s.aws/alb, \
                  parameters: {apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: alb}}}";
    let params = "{metadata: {name: alb}, spec: {scheme: internet-facing, \
                  certificateArn: ['arn:aws:acm:us-west-2:123456789012:certificate/1']}}";
    let built = |text: &str| {
        let ingress: Ingress = serde_yaml::from_str(text).unwrap();
        let objects = Objects {
            ingresses: vec![ingress],
            ingress_classes: vec![serde_yaml::from_str(class).unwrap()],
            ingress_class_params: vec![serde_yaml::from_str(params).unwrap()],
            ..Objects::default()
        };
        let (balancers, unmanaged) = load_balancers(&objects, &Options::default());
        assert_eq!((balancers.len(), unmanaged.len()), (1, 0), "{text}");
        balancers[0].model.as_ref().map(|_| ()).map_err(ToString::to_string)
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut open = ["awsconfigs/common/istio-ingress", "functions/set-ingress-params/examples"]
        .map(|folder| root.join(folder))
        .to_vec();
    let mut found = 0;
    while let Some(place) = open.pop() {
        if place.is_dir() {
            open.extend(fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path()));
        } else if place.file_name().is_some_and(|name| name == "ingress.yaml") {
            found += 1;
            let text = fs::read_to_string(&place).unwrap();
            let error = built(&text).unwrap_err();
            assert!(error.contains("listen-ports"), "{}: {error}", place.display());
            // Nothing but the guard keeps it closed.
            assert_eq!(built(&text.replace(GUARD, r#"'[{"HTTPS":443}]'"#)), Ok(()));
        }
    }
    assert_eq!(found, 10);
}
