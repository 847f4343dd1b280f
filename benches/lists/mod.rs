//! The objects that the benches run on: three real builds of platforms with the Ingress of the api
//! overlay behind them, or, where those builds are not at hand, objects of our own of the same shape.

mod generated;

use std::io::Read;
use std::path::{Path, PathBuf};

/// The Ingress that is set.
pub(crate) const INGRESS: &str = include_str!("../peers/ingress.yaml");
/// What kustomize makes of the overlay's `params.env`.
pub(crate) const PARAMETERS: &str = include_str!("parameters.yaml");
/// What a ResourceList says behind its items.
const FUNCTION_CONFIG: &str = include_str!("function-config.yaml");

const NAMESPACE: &str = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: istio-system\n";

/// What hosts and functions are given: objects, the Ingress and its parameters behind them.
pub(crate) struct Objects {
    /// The objects before the Ingress, one document each.
    pub(crate) others: Vec<String>,
}

impl Objects {
    /// As the ResourceList that a host passes to a function.
    pub(crate) fn resource_list(&self) -> String {
        let mut list =
            String::from("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n");
        let others = self.others.iter().map(String::as_str);
        for object in others.chain([INGRESS, PARAMETERS]) {
            let mut indent = "- ";
            for line in object.lines() {
                list.push_str(if line.is_empty() { "" } else { indent });
                list.push_str(line);
                list.push('\n');
                indent = "  ";
            }
        }
        list.push_str(FUNCTION_CONFIG);
        list
    }

    /// How many objects there are, with the Ingress and its parameters.
    pub(crate) fn len(&self) -> usize {
        self.others.len() + 2
    }
}

/// The three builds, or none where they are not at hand: a folder `corpora/` beside the checkout's
/// `shared/`, or under `KSERVE_AWS_SHARED`.
fn builds() -> Option<Vec<Vec<String>>> {
    let folder = std::env::var_os("KSERVE_AWS_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from)
        .join("corpora/platform");
    let mut files: Vec<PathBuf> =
        folder.read_dir().ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    let builds = files.iter().map(|path| {
        let bytes = std::fs::read(path).ok()?;
        let mut text = String::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).ok()?;
        Some(text.split("\n---\n").map(on_whole_lines).collect())
    });
    builds.collect::<Option<Vec<_>>>().filter(|builds| !builds.is_empty())
}

/// The lists of three, of 600 and of all objects, and whether they are the real ones.
pub(crate) fn all() -> ([Objects; 3], bool) {
    let builds = builds();
    let is_real = builds.is_some();
    let builds = builds.unwrap_or_else(generated::builds);
    let largest = builds.iter().max_by_key(|build| build.iter().map(String::len).sum::<usize>());
    let six_hundred = largest.into_iter().flatten().take(598).cloned().collect();
    let lists = [
        Objects { others: vec![NAMESPACE.to_owned()] },
        Objects { others: six_hundred },
        Objects { others: builds.into_iter().flatten().collect() },
    ];
    (lists, is_real)
}

fn on_whole_lines(document: &str) -> String {
    let line_break = if document.ends_with('\n') { "" } else { "\n" };
    format!("{document}{line_break}")
}
