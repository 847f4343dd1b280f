//! Who can reach what: the rows of the README's tables, and the mesh that they are about.

pub(crate) mod corpora;
pub(crate) mod mesh;
pub(crate) mod model;
pub(crate) mod rows;
pub(crate) mod services;

pub(crate) const FUNCTION: &str = "generate-authorization-policies";
pub(crate) const MODES: [&str; 3] = ["guide", "namespace", "strict"];

/// The meshes that the tables are about: each mode on each Kubeflow.
pub(crate) fn every_mesh() -> impl Iterator<Item = (mesh::Kubeflow, &'static str)> {
    mesh::Kubeflow::ALL.into_iter().flat_map(|kubeflow| MODES.map(|mode| (kubeflow, mode)))
}
