//! Real manifests, where they are.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::mesh::Kubeflow;
use super::services::{CONFIG_NETWORK, manifest, samples};

/// The InferenceServices of upstream's samples, each with Knative's configuration, by file.
pub(crate) fn inference_services() -> Vec<(String, String)> {
    let files = corpora("inference-services").into_iter();
    let package = |file: PathBuf| {
        let text = std::fs::read_to_string(&file).unwrap();
        let text = format!("{CONFIG_NETWORK}---\n{}", text.trim_start_matches("---\n"));
        (file.display().to_string(), text)
    };
    files.map(package).collect()
}

/// Whole builds of Kubeflow, each with the README's samples and what the profile controller writes for
/// the owner of their namespace, by file.
pub(crate) fn kubeflow_builds() -> Vec<(String, String)> {
    let files = corpora("platform").into_iter();
    let services: Vec<String> = samples().iter().map(manifest).collect();
    let package = |file: PathBuf| {
        let mut text = String::new();
        let bytes = std::fs::read(&file).unwrap();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        let name = file.display().to_string();
        let kubeflow = if name.contains("1.7") { Kubeflow::Old } else { Kubeflow::New };
        let parts = [text.trim_end(), &kubeflow.owners_policy(), &services.join("---\n")];
        (name, parts.join("\n---\n"))
    };
    files.filter(|file| file.to_string_lossy().contains("kubeflow")).map(package).collect()
}

fn corpora(folder: &str) -> Vec<PathBuf> {
    let shared = std::env::var_os("KSERVE_AWS_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let folder = shared.join("corpora").join(folder);
    if !folder.is_dir() {
        assert!(
            std::env::var_os("KSERVE_AWS_REQUIRE_SHARED").is_none(),
            "KSERVE_AWS_REQUIRE_SHARED is set and {} is missing",
            folder.display()
        );
        eprintln!("skipped: {} is missing", folder.display());
        return Vec::new();
    }
    let mut files: Vec<PathBuf> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
