//! The places of what `kserve-aws render` finds: in the user's own files, wherever in them a configuration or a
//! mistake stands.

use serde_json::Value;

use crate::cases::command::Memory;
use crate::render::project;

/// The place of the first finding of a report.
fn first_place(report: &Value) -> String {
    let place = &report["findings"][0]["place"];
    let text = |key: &str| place[key].to_string().replace('"', "");
    format!("{}:{}:{}", text("file"), text("line"), text("column"))
}

/// A configuration has its place in the file in which the user wrote it, wherever in that it is.
#[test]
fn a_configuration_has_its_place() {
    let config = |spec: &str| {
        format!(
            "apiVersion: fn.kserve-aws.dev/v1alpha1\nkind: IngressParams\nmetadata: {{name: a, annotations: {{config.kubernetes.io/function: \"exec: {{path: kserve-aws}}\"}}}}\nspec: {{{spec}}}\n"
        )
    };
    let right = config("overlay: base");
    let wrong = config("certarn: x").replace("name: a", "name: b");
    let inline = wrong.trim_end().replace('\n', "\n  ");
    let listed = format!(
        "apiVersion: v1\nkind: List\nitems:\n- {}\n",
        wrong.trim_end().replace('\n', "\n  ")
    );
    let kptfile = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: a}\npipeline:\n  mutators:\n  - image: ghcr.io/kserve-aws/set-ingress-params:v0.1.0\n    configMap:\n      certarn: x\n";
    let kustomization = "resources: [ingress.yaml]\ntransformers: [p.yaml]\n";
    let ingress = include_str!("../../fixtures/set-ingress-params/input.yaml");
    for (file, text, config, expected) in [
        (
            "a/kustomization.yaml",
            kustomization.to_owned(),
            format!("# a\n---\n{right}---\n{wrong}"),
            "a/p.yaml:11:8",
        ),
        (
            "a/kustomization.yaml",
            kustomization.to_owned(),
            format!("# a\n{listed}"),
            "a/p.yaml:5:3",
        ),
        (
            "a/kustomization.yaml",
            format!("resources: [ingress.yaml]\ntransformers:\n- |-\n  {inline}\n"),
            String::new(),
            "a/kustomization.yaml:7:10",
        ),
        (
            "a/kustomization.yaml",
            format!(
                "resources: [ingress.yaml]\ntransformers:\n- |-\n  {}\n",
                inline.replace("x}", "x")
            ),
            String::new(),
            "a/kustomization.yaml:7:9",
        ),
        ("a/Kptfile", kptfile.to_owned(), String::new(), "a/Kptfile:8:7"),
        (
            "a/Kptfile",
            kptfile.replace("configMap:\n      certarn: x", "configPath: p.yaml"),
            format!("# a\n{wrong}"),
            "a/p.yaml:5:8",
        ),
    ] {
        let mut files =
            Memory::default().with_file(file, text).with_file("a/ingress.yaml", ingress);
        if !config.is_empty() {
            files = files.with_file("a/p.yaml", config);
        }
        let report = files.run(&["render", "a", "--format", "json"]).stderr;
        let report: Value = serde_json::from_str(&report).unwrap();
        assert_eq!(first_place(&report), expected, "{report:#}");
    }
}

/// What is wrong with a kustomization is shown at its field, and of an env file at its line.
#[test]
fn a_refusal_has_its_place() {
    let place = |lines: &str| {
        let answer = project()
            .with_file("a/kustomization.yaml", lines)
            .with_file("a/params.env", "# a\na b=c\n")
            .with_file("a/own.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\n")
            .run(&["render", "a", "--format", "json"]);
        let report: Value = serde_json::from_str(&answer.stderr).unwrap();
        first_place(&report)
    };
    for (lines, expected) in [
        ("resources: [own.yaml]\nnamePrefix: a-\n", "a/kustomization.yaml:2:1"),
        ("resources:\n- own.yaml\n- absent.yaml\n", "a/kustomization.yaml:3:3"),
        ("resources:\n- own.yaml\n- own.yaml\n", "a/kustomization.yaml:3:3"),
        ("labels:\n- {pairs: {a: b}, fields: [{path: x}]}\n", "a/kustomization.yaml:1:1"),
        (
            "configMapGenerator:\n- {name: a, literals: [a=b]}\n- {name: b, literals: [c]}\n",
            "a/kustomization.yaml:3:4",
        ),
        ("configMapGenerator: [{name: a, envs: [params.env]}]\n", "a/params.env:2:1"),
    ] {
        assert_eq!(place(lines), expected, "{lines}");
    }
}
