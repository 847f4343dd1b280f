//! Kubeflow's mesh as manifests: the one of the README's tables, and whole builds.

use crate::corpora;
use crate::serving::{CONFIG_NETWORK, manifest, samples};

/// Policies, gateways and the dashboard.
const PLATFORM: &str = include_str!("../../../fixtures/kubeflow-mesh/platform.yaml");
const LOGIN: &str = include_str!("../../../fixtures/kubeflow-mesh/login.yaml");

/// Whose policies are in force.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kubeflow {
    /// 1.7, whose owner's policy takes the header from every peer.
    Old,
    /// 1.8 and later, whose owner's policy takes it from the ingress gateway.
    New,
    /// The same with the login that 1.9 brought: the ingress gateway refuses who has no token.
    Login,
}

impl Kubeflow {
    pub const ALL: [Self; 3] = [Self::Old, Self::New, Self::Login];

    pub fn platform(self) -> String {
        match self {
            Self::New => PLATFORM.to_owned(),
            Self::Login => format!("{PLATFORM}---\n{LOGIN}"),
            Self::Old => {
                let (before, owners) = PLATFORM.split_once("  - from:\n").unwrap();
                let (_, after) = owners.split_once("    when:\n").unwrap();
                format!("{before}  - when:\n{after}")
            }
        }
    }

    /// What the profile controller writes for the owner of the namespace.
    pub fn owners_policy(self) -> String {
        let platform = self.platform();
        platform.split("\n---\n").find(|text| text.contains("ns-owner-access")).unwrap().to_owned()
    }
}

/// The InferenceServices of upstream's samples, each with Knative's configuration, by file.
pub fn inference_services() -> Vec<(String, String)> {
    let package = |file: corpora::File| {
        let text = format!("{CONFIG_NETWORK}---\n{}", file.text.trim_start_matches("---\n"));
        (file.name, text)
    };
    corpora::of("inference-services").into_iter().map(package).collect()
}

/// Whole builds of Kubeflow, each with the README's samples and what the profile controller writes for
/// the owner of their namespace, by file.
pub fn kubeflow_builds() -> Vec<(String, String)> {
    let services: Vec<String> = samples().iter().map(manifest).collect();
    let package = |file: corpora::File| {
        let kubeflow = if file.name.contains("1.7") { Kubeflow::Old } else { Kubeflow::New };
        let parts = [file.text.trim_end(), &kubeflow.owners_policy(), &services.join("---\n")];
        let text = parts.join("\n---\n");
        (file.name, text)
    };
    let files = corpora::of("platform").into_iter();
    files.filter(|file| file.name.contains("kubeflow")).map(package).collect()
}
