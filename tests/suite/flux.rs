//! `examples/flux` against what docs/gitops.md pushes. Flux's controllers are not run here.

use std::fs;
use std::path::Path;

use serde_json::Value;

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn flux_applies_the_artifact_that_the_page_pushes() {
    let text = file("examples/flux/sync.yaml");
    let mut objects = text.split("---\n").map(|one| serde_yaml::from_str::<Value>(one).unwrap());
    let (source, applied) = (objects.next().unwrap(), objects.next().unwrap());
    assert_eq!(objects.next(), None);
    assert_eq!(source["apiVersion"], "source.toolkit.fluxcd.io/v1");
    assert_eq!(applied["apiVersion"], "kustomize.toolkit.fluxcd.io/v1");
    let reference = &applied["spec"]["sourceRef"];
    assert_eq!(reference["kind"], source["kind"]);
    assert_eq!(reference["name"], source["metadata"]["name"]);
    // A reference without a namespace is of the Kustomization's own.
    assert_eq!(reference.get("namespace"), None);
    assert_eq!(source["metadata"]["namespace"], applied["metadata"]["namespace"]);
    let page = file("docs/gitops.md");
    let pushed = page.lines().find_map(|line| line.strip_prefix("flux push artifact ")).unwrap();
    let mut words = pushed.split_whitespace();
    let (url, tag) = words.next().unwrap().rsplit_once(':').unwrap();
    assert_eq!(source["spec"]["url"], url);
    assert_eq!(source["spec"]["ref"]["tag"], tag);
    assert_eq!(words.next(), Some("--path"));
    let folder = words.next().unwrap();
    assert!(page.contains(&format!("wrote {folder}/")), "{folder} is not what the page renders");
    assert_eq!(applied["spec"]["path"], "./");
}
