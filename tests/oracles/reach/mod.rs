//! Who can reach what: the rows of the README's tables, and the mesh that they are about.

pub(crate) mod mesh;
pub(crate) mod model;
pub(crate) mod rows;

use test_support::hosts::{self, Folder};
use test_support::kubeflow::Kubeflow;
use test_support::serving::config;

pub(crate) const FUNCTION: &str = "generate-authorization-policies";
pub(crate) const MODES: [&str; 3] = ["guide", "namespace", "strict"];

/// The meshes that the tables are about: each mode on each Kubeflow.
pub(crate) fn every_mesh() -> impl Iterator<Item = (Kubeflow, &'static str)> {
    Kubeflow::ALL.into_iter().flat_map(|kubeflow| MODES.map(|mode| (kubeflow, mode)))
}

/// How a run of the function ended.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The function in a mode, over manifests.
pub(crate) fn run(mode: &str, input: &str) -> Ran {
    assert!(MODES.contains(&mode));
    run_with(Some(&config(mode)), input)
}

pub(crate) fn run_with(config: Option<&str>, input: &str) -> Ran {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or_default().replace(':', "-");
    let folder = Folder::new(&format!("function-{name}"));
    let path = config.map(|config| folder.write("config.yaml", config));
    let mut arguments = vec!["fn", FUNCTION];
    if let Some(path) = &path {
        arguments.extend(["--config", path.to_str().unwrap()]);
    }
    let output = hosts::run(env!("CARGO_BIN_EXE_kserve-aws"), &arguments, input);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}
