//! `kserve-aws render`: the overlays that are built in, and what it does of kustomize's work.

use std::fs;
use std::path::Path;

use kserve_aws::controllers::alb::objects::Ingress;
use kserve_aws::controllers::alb::{Objects, Options, load_balancers};

use crate::cases::command::{Answer, Memory};

/// The project's overlays, as a user has them.
fn project() -> Memory {
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
    let line = help.lines().find(|line| line.contains("or a folder")).unwrap();
    let (names, _) = line.trim().rsplit_once(", or").unwrap();
    names.split(", ").map(str::to_owned).collect()
}

#[test]
fn what_is_built_in_is_what_stands_in_the_folders() {
    let names = names();
    assert_eq!(names, ["base", "https", "api", "cognito", "knative-domain", "iris"]);
    for name in names {
        let answer = Memory::default().run(&["render", &name]);
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

#[test]
fn what_only_kustomize_does_is_refused_by_name() {
    let component = "awsconfigs/common/knative-domain/component";
    refused(project(), component, "is a Component, which cannot be rendered alone");
    let with = |lines: &str| project().with_file("a/kustomization.yaml", kustomization(lines));
    let lines = format!("resources:\n- ../{component}\n");
    refused(with(&lines), "a", "is a Component");
    refused(
        with("components:\n- ../awsconfigs/apps/iris\n"),
        "a",
        "awsconfigs/apps/iris/kustomization.yaml: is not a Component; list its folder under resources:",
    );
    for field in
        ["namePrefix: x-", "namespace: team-a", "validators: [x.yaml]", "images: [{name: x}]"]
    {
        let name = field.split(':').next().unwrap();
        refused(with(field), "a", &format!("uses {name}, which only kustomize supports"));
    }
    refused(
        with("resource:\n- x.yaml\n"),
        "a",
        r#"uses resource (did you mean "resources"?), which"#,
    );
    refused(
        with("patches:\n- path: x.yaml\n  target: {labelSelector: app=a}\n"),
        "a",
        "patches[].target uses labelSelector, which only kustomize supports",
    );
    refused(
        with("configMapGenerator:\n- {name: params, literals: [a=b]}\n"),
        "a",
        "configMapGenerator uses literals, which only kustomize supports",
    );
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
        r#"spec.domain: "Platform.Example.com" has uppercase letters; use "platform.example.com" (domain-invalid)"#,
    );
    let known = "pass a folder, or one of base, https, api, cognito, knative-domain, iris";
    refused(Memory::default(), "knative-domains", known);
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
    assert_eq!(found, 8);
}
