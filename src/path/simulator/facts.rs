//! What is known beside the manifests.

use crate::serving::certificate::KnownNames;

/// What is known beside the manifests.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The names of the load balancer's certificates; `None` where they are not known.
    pub certificate_names: Option<KnownNames>,
}
