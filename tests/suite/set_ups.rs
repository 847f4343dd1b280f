//! The guide's two set-ups, right and with a single mistake each: Cognito with an API Ingress, and Dex.
//! Over objects of our own, and over the whole builds of Kubeflow on AWS where they lie beside the checkout.

use std::fs;
use std::path::Path;

use test_support::corpora;

use crate::cases::mistakes::{Mistake, check, errors, table};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The set-up with Cognito, and objects like those of Kubeflow's build.
fn cognito() -> String {
    read("fixtures/validate-serving-path/input.yaml")
}

/// The set-up with Dex: its one Ingress in place of the two, and the filter that demands its session.
fn dex() -> String {
    let (cognito, dex) = (cognito(), read("tests/data/set-ups/dex.yaml"));
    let others = objects(&cognito).filter(|object| !is(object, "Ingress"));
    let all: Vec<&str> = objects(&dex).chain(others).collect();
    all.join("\n---\n")
}

fn objects(text: &str) -> impl Iterator<Item = &str> {
    text.trim_end().split("\n---\n")
}

fn is(object: &str, kind: &str) -> bool {
    object.contains(&format!("\nkind: {kind}\n"))
}

fn mistakes(file: &str) -> Vec<Mistake> {
    Mistake::all(&read(file))
}

/// The objects that the guide adds to a build, and the build without what they replace.
fn over(build: &str, set_up: &str) -> String {
    let is_domain =
        |object: &&str| is(object, "ConfigMap") && object.contains("\n  name: config-domain\n");
    let is_own = |object: &&str| {
        ["Ingress", "Namespace", "InferenceService"].iter().any(|kind| is(object, kind))
            || object.contains("\n  name: allow-predictor\n")
            || is_domain(object)
    };
    let own = objects(set_up).filter(is_own);
    let rest = objects(build).filter(|object| !is(object, "Ingress") && !is_domain(object));
    own.chain(rest).collect::<Vec<_>>().join("\n---\n")
}

fn assert_table(name: &str, right: &str, mistakes: &[Mistake]) {
    let shown = table(right, mistakes);
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, shown);
    });
}

#[test]
fn cognito_with_a_mistake() {
    let mistakes = mistakes("fixtures/validate-serving-path/mistakes.yaml");
    assert!(mistakes.len() >= 40, "{} mistakes", mistakes.len());
    assert_table("serving-path-mistakes", &cognito(), &mistakes);
}

#[test]
fn dex_with_a_mistake() {
    let mistakes = mistakes("tests/data/set-ups/dex-mistakes.yaml");
    assert_table("set-up-dex-mistakes", &dex(), &mistakes);
}

/// A Gateway of the load balancer's controller in place of the Ingress with the token.
#[test]
fn a_gateway_of_the_load_balancer_with_a_mistake() {
    let (cognito, gateway) = (cognito(), read("tests/data/set-ups/alb-gateway.yaml"));
    let others = objects(&cognito).filter(|object| !object.contains("name: istio-ingress-api\n"));
    let right: Vec<&str> = objects(&gateway).chain(others).collect();
    let mistakes = mistakes("tests/data/set-ups/alb-gateway-mistakes.yaml");
    assert_table("set-up-alb-gateway-mistakes", &right.join("\n---\n"), &mistakes);
}

#[test]
fn a_gateway_of_istio_with_a_mistake() {
    let right = read("tests/data/set-ups/istio-gateway.yaml");
    let mistakes = mistakes("tests/data/set-ups/istio-gateway-mistakes.yaml");
    assert_table("set-up-istio-gateway-mistakes", &right, &mistakes);
}

#[test]
fn a_language_model_and_a_graph_with_a_mistake() {
    for (name, set_up) in
        [("language-model", read("tests/data/set-ups/istio-gateway.yaml")), ("graph", cognito())]
    {
        let own = read(&format!("tests/data/set-ups/{name}.yaml"));
        let all: Vec<&str> = objects(&set_up).chain(objects(&own)).collect();
        let mistakes = mistakes(&format!("tests/data/set-ups/{name}-mistakes.yaml"));
        assert_table(&format!("set-up-{name}-mistakes"), &all.join("\n---\n"), &mistakes);
    }
}

#[test]
fn whole_builds_with_a_mistake() {
    for (folder, file, name, set_up, own) in [
        (
            "kubeflow-aws-cognito",
            "kubeflow-aws-1.7.0-cognito.yaml.gz",
            "set-up-cognito-build-mistakes",
            cognito(),
            "tests/data/set-ups/cognito-build-mistakes.yaml",
        ),
        (
            "platform",
            "kubeflow-aws-1.7.0-vanilla.yaml.gz",
            "set-up-dex-build-mistakes",
            dex(),
            "tests/data/set-ups/dex-mistakes.yaml",
        ),
    ] {
        let Some(build) = corpora::of(folder).into_iter().find(|one| one.file_name() == file)
        else {
            continue;
        };
        let right = over(&build.text, &set_up);
        let mut all = mistakes("tests/data/set-ups/build-mistakes.yaml");
        all.extend(mistakes(own));
        assert_table(name, &right, &all);
        assert!(check(&right).code == 0 && errors(&check(&right)).is_empty());
    }
}
