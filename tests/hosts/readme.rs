//! The examples of docs/hosts.md and of the README, as written.

use std::fs;
use std::path::Path;

use crate::documents;
use crate::host::Host;
use crate::package::Folder;
use crate::process::{Outcome, binary, command, containers_are_here, run};

/// The shell blocks of a section of a page.
#[track_caller]
pub(crate) fn blocks(page: &str, heading: &str) -> Vec<String> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
    let (_, section) = text
        .split_once(&format!("\n### {heading}\n"))
        .unwrap_or_else(|| panic!("{page} has no section {heading:?}"));
    let section = section.split("\n## ").next().unwrap().split("\n### ").next().unwrap();
    let block = |rest: &str| rest.split("```").next().unwrap().to_owned();
    let blocks: Vec<String> = section.split("```sh\n").skip(1).map(block).collect();
    assert!(!blocks.is_empty(), "{heading:?} has no example");
    blocks
}

/// Runs a section's example in a folder with the overlays and the binary, as after a download.
#[track_caller]
fn run_example(heading: &str) -> (Folder, Outcome) {
    let folder = Folder::with_overlays();
    fs::copy(binary(), folder.path().join("kserve-aws")).unwrap();
    let script = blocks("docs/hosts.md", heading).concat();
    let mut shell = command("bash", folder.path());
    shell.args(["-euo", "pipefail", "-c", &script]).env("HOME", folder.path());
    let outcome = run(&mut shell).expect_success(heading);
    (folder, outcome)
}

#[track_caller]
fn assert_api_ingress(text: &str) {
    let documents = documents::of(text);
    let ingress = documents.iter().find(|document| document["kind"] == "Ingress");
    let annotations =
        &ingress.unwrap_or_else(|| panic!("no Ingress:\n{text}"))["metadata"]["annotations"];
    let annotation = |name: &str| {
        annotations[format!("alb.ingress.kubernetes.io/{name}")].as_str().unwrap_or_default()
    };
    assert!(
        annotation("certificate-arn").starts_with("arn:aws:acm:us-west-2:111122223333:"),
        "{text}"
    );
    assert_eq!(annotation("listen-ports"), r#"[{"HTTPS":443}]"#);
    assert!(annotation("conditions.istio-ingressgateway").contains("x-api-key"), "{text}");
}

#[test]
fn of_kustomize_with_containers() {
    if Host::KubectlContainer.is_here() && Host::KustomizeContainer.is_here() {
        let (_folder, outcome) = run_example("kustomize and kubectl, with containers");
        let twice = documents::of(&outcome.stdout);
        assert_eq!(twice.len(), 2, "{}", outcome.stdout);
        assert_eq!(twice[0], twice[1]);
        assert_api_ingress(&outcome.stdout);
    }
}

#[test]
fn of_kustomize_with_exec() {
    if Host::KustomizeExec.is_here() {
        assert_api_ingress(&run_example("kustomize, without containers").1.stdout);
    }
}

#[test]
fn of_kubectl_with_a_plugin() {
    if Host::KubectlPlugin.is_here() {
        assert_api_ingress(&run_example("kubectl, without containers").1.stdout);
    }
}

#[test]
fn of_kpt_with_containers() {
    if Host::KptRenderContainer.is_here() {
        let (folder, _) = run_example("kpt, with containers");
        let ingress = fs::read_to_string(folder.overlay("api").join("ingress.yaml")).unwrap();
        assert_api_ingress(&ingress);
    }
}

#[test]
fn of_kpt_with_exec() {
    if Host::KptRenderExec.is_here() {
        let (folder, _) = run_example("kpt, without containers");
        let ingress = fs::read_to_string(folder.overlay("api").join("ingress.yaml")).unwrap();
        assert_api_ingress(&ingress);
    }
}

#[test]
fn of_docker() {
    if containers_are_here("the example of Docker") {
        assert_api_ingress(&run_example("Docker alone").1.stdout);
    }
}

#[test]
fn of_no_host() {
    assert_api_ingress(&run_example("no host").1.stdout);
}
