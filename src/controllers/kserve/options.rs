//! What is known beside the manifests.

use crate::values::release::Release;

/// What a function's or command's configuration adds to the manifests. It takes effect
/// where the manifests say nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServingOptions {
    /// The release of `KServe`.
    pub kserve: Option<Release>,
    /// The release of Knative Serving.
    pub knative: Option<Release>,
    /// The namespace of services whose manifest gives none.
    pub namespace: Option<String>,
    /// Whether the objects are all that the cluster has: a runtime or a configuration that is not among
    /// them is nowhere.
    pub whole_cluster: bool,
}
