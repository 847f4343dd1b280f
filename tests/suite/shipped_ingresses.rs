//! Every Ingress that this project ships or documents for its functions to set is closed until they
//! have run, and is what the controller, EKS Auto Mode and the gateway want.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

const GUARD: &str = "set-ingress-params-has-not-run";
const GATEWAY: &str = "istio-ingressgateway";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below some folders, but for what is expected of a run.
fn files(folders: &[&str], extension: &str) -> Vec<PathBuf> {
    let mut open: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    let mut found = Vec::new();
    while let Some(place) = open.pop() {
        if place.is_dir() {
            let entries = fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path());
            open.extend(entries.filter(|path| !path.ends_with(".expected")));
        } else if place.extension().is_some_and(|own| own == extension) {
            found.push(place);
        }
    }
    found.sort();
    found
}

/// The Ingresses among the documents of a text; a text that is no YAML has none.
fn ingresses(text: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(text).map(Value::deserialize);
    let all = documents.collect::<Result<Vec<Value>, _>>().unwrap_or_default();
    all.into_iter().filter(|one| one["kind"] == "Ingress" && one["spec"].is_object()).collect()
}

/// The blocks of YAML of a document.
fn blocks(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n```yaml\n").skip(1).filter_map(|rest| rest.split("\n```").next())
}

fn annotation<'i>(ingress: &'i Value, name: &str) -> Option<&'i str> {
    ingress["metadata"]["annotations"][format!("alb.ingress.kubernetes.io/{name}")].as_str()
}

fn backends(ingress: &Value) -> Vec<&str> {
    let rules = ingress["spec"]["rules"].as_array().into_iter().flatten();
    let paths = rules.flat_map(|rule| rule["http"]["paths"].as_array().into_iter().flatten());
    paths.filter_map(|path| path["backend"]["service"]["name"].as_str()).collect()
}

/// Every Ingress that is shipped, and every one that a page shows, for the two functions that set one.
fn all() -> BTreeMap<String, Vec<Value>> {
    let shipped = [
        "awsconfigs",
        "examples",
        "functions/set-ingress-params/examples",
        "functions/serving-endpoint/examples",
    ];
    let mut all = BTreeMap::new();
    for path in files(&shipped, "yaml") {
        let found = ingresses(&fs::read_to_string(&path).unwrap());
        all.insert(path.strip_prefix(root()).unwrap().display().to_string(), found);
    }
    let mut pages = files(&["functions/set-ingress-params", "functions/serving-endpoint"], "md");
    pages.extend(files(&["awsconfigs"], "md"));
    pages.push(root().join("README.md"));
    let entries = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    pages.extend(entries.filter(|path| path.extension().is_some_and(|own| own == "md")));
    for path in pages {
        let text = fs::read_to_string(&path).unwrap();
        let found = blocks(&text).flat_map(ingresses).collect();
        all.insert(path.strip_prefix(root()).unwrap().display().to_string(), found);
    }
    all.retain(|_, found| !found.is_empty());
    all
}

#[test]
fn each_has_the_guard() {
    let all = all();
    let count: usize = all.values().map(Vec::len).sum();
    for (place, ingress) in
        all.iter().flat_map(|(place, all)| all.iter().map(move |one| (place, one)))
    {
        assert_eq!(annotation(ingress, "listen-ports"), Some(GUARD), "{place}: {ingress:#}");
    }
    // Five overlays, three endpoints with two Ingresses each, and the examples of both functions.
    assert!(count >= 15, "{count} in {:?}", all.keys());
}

/// `Prefix` `/` makes the rule of `/*`, and survives `lbc-migrate`; Auto Mode reads no class of an
/// annotation; the gateway answers 404 at `/`, which the default health check asks for.
#[test]
fn those_of_awsconfigs_are_of_one_form() {
    let all = all();
    let own = all.iter().filter(|(place, _)| place.starts_with("awsconfigs/"));
    for (place, ingress) in own.flat_map(|(place, all)| all.iter().map(move |one| (place, one))) {
        assert_eq!(ingress["spec"]["ingressClassName"], "alb", "{place}");
        let class = &ingress["metadata"]["annotations"]["kubernetes.io/ingress.class"];
        assert!(class.is_null(), "{place}");
        for rule in ingress["spec"]["rules"].as_array().unwrap() {
            for path in rule["http"]["paths"].as_array().unwrap() {
                assert_eq!(
                    (&path["path"], &path["pathType"]),
                    (&"/".into(), &"Prefix".into()),
                    "{place}"
                );
            }
        }
        if backends(ingress).contains(&GATEWAY) {
            assert_eq!(annotation(ingress, "healthcheck-port"), Some("15021"), "{place}");
            assert_eq!(annotation(ingress, "healthcheck-path"), Some("/healthz/ready"), "{place}");
        }
    }
}

/// One name for a base's and an overlay's is kustomize's error `merging from generator`.
#[test]
fn each_config_map_has_a_name_of_its_own() {
    let mut names: BTreeMap<String, PathBuf> = BTreeMap::new();
    for path in files(&["awsconfigs"], "yaml") {
        if !path.ends_with("kustomization.yaml") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let kustomization: Value = serde_yaml::from_str(&text).unwrap();
        for generator in kustomization["configMapGenerator"].as_array().into_iter().flatten() {
            let name = generator["name"].as_str().unwrap().to_owned();
            let other = names.insert(name.clone(), path.clone());
            assert!(other.is_none(), "{name} is in {} and {other:?}", path.display());
        }
    }
    assert!(names.len() >= 4, "{names:?}");
}
