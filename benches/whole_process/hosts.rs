//! Folders that kustomize and kpt run on: the objects, the Ingress, and the edit as each host has it.

use std::fs;
use std::path::{Path, PathBuf};

use krm_package::{Edit, Package};
use serde_json::json;

use crate::lists::{INGRESS, Objects, PARAMETERS};

const REPLACEMENTS: &str = include_str!("../peers/replacements/kustomization.yaml");
const PARAMS_ENV: &str = include_str!("../peers/params.env");

/// Where a host finds the function.
#[derive(Clone, Copy)]
pub(crate) enum Function<'a> {
    Exec(&'a Path),
    Image(&'a str),
}

/// The objects as one file of documents.
///
/// kustomize takes no two objects of one kind and name, which two builds of one platform have: every
/// object gets a name of its own, in the same order and of nearly the same length.
pub(crate) fn documents(objects: &Objects) -> String {
    let stream = objects.others.join("---\n");
    let package = Package::stream(&stream).expect("the objects can be read");
    let renamed: Vec<Edit> = package
        .items()
        .filter_map(|(item, node)| {
            let name = node.get("metadata")?.get("name")?.as_str()?.into_owned();
            let name = format!("{name}-{}", item.0);
            let operations = json!([{ "op": "replace", "path": "/metadata/name", "value": name }]);
            Some(Edit::Patch { item, operations: serde_json::from_value(operations).ok()? })
        })
        .collect();
    package.apply(&renamed, &[]).expect("every object can be renamed").to_string()
}

/// The edit as kustomize's own `replacements`.
pub(crate) fn replacements(folder: &Path, documents: &str) -> PathBuf {
    let files = [
        ("objects.yaml", documents),
        ("ingress.yaml", INGRESS),
        ("params.env", PARAMS_ENV),
        ("kustomization.yaml", REPLACEMENTS),
    ];
    written(folder, &files)
}

/// The edit as a function under `transformers`, as often as asked.
pub(crate) fn kustomization(
    folder: &Path,
    documents: &str,
    function: Function<'_>,
    times: usize,
) -> PathBuf {
    let mut kustomization = String::from(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- objects.yaml\n- ingress.yaml\nconfigMapGenerator:\n- name: istio-ingress-parameters\n  namespace: istio-system\n  envs:\n  - params.env\ngeneratorOptions:\n  disableNameSuffixHash: true\n",
    );
    if times > 0 {
        kustomization.push_str("transformers:\n");
    }
    let runs_as = match function {
        Function::Exec(program) => {
            // The path is relative to the kustomization, and the program must lie below it.
            fs::create_dir_all(folder).expect("the folder can be written");
            fs::copy(program, folder.join("kserve-aws")).expect("the program can be copied");
            "exec:\n        path: ./kserve-aws".to_owned()
        }
        Function::Image(image) => format!("container:\n        image: {image}"),
    };
    for time in 0..times {
        let file = format!("ingress-params-{time}.yaml");
        kustomization.push_str(&format!("- {file}\n"));
        let config = format!(
            "apiVersion: fn.kserve-aws.dev/v1alpha1\nkind: IngressParams\nmetadata:\n  name: istio-ingress-api-{time}\n  annotations:\n    config.kubernetes.io/function: |\n      {runs_as}\nspec:\n  overlay: api\n  paramsFrom:\n  - configMap:\n      name: istio-ingress-parameters\n"
        );
        written(folder, &[(&file, &config)]);
    }
    let files = [
        ("objects.yaml", documents),
        ("ingress.yaml", INGRESS),
        ("params.env", PARAMS_ENV),
        ("kustomization.yaml", &kustomization),
    ];
    written(folder, &files)
}

/// A package for `kpt fn render`, with the function as often as asked, and for `kpt fn eval`.
pub(crate) fn kpt_package(
    folder: &Path,
    documents: &str,
    function: Function<'_>,
    times: usize,
) -> PathBuf {
    let mut kptfile = String::from(
        "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: bench\n  annotations:\n    config.kubernetes.io/local-config: \"true\"\n",
    );
    if times > 0 {
        kptfile.push_str("pipeline:\n  mutators:\n");
    }
    let runs_as = match function {
        // A ConfigMap does not say whose it is.
        Function::Exec(program) => format!("exec: {} fn set-ingress-params", program.display()),
        Function::Image(image) => format!("image: {image}"),
    };
    for _ in 0..times {
        kptfile.push_str(&format!(
            "  - {runs_as}\n    configMap:\n      overlay: api\n      paramsFrom: '[{{\"configMap\":{{\"name\":\"istio-ingress-parameters\"}}}}]'\n"
        ));
    }
    let files = [
        ("objects.yaml", documents),
        ("ingress.yaml", INGRESS),
        ("parameters.yaml", PARAMETERS),
        ("Kptfile", &kptfile),
    ];
    written(folder, &files)
}

/// A folder with these files.
pub(crate) fn written(folder: &Path, files: &[(&str, &str)]) -> PathBuf {
    fs::create_dir_all(folder).expect("the folder can be written");
    for (name, text) in files {
        fs::write(folder.join(name), text).expect("the folder can be written");
    }
    folder.to_owned()
}
