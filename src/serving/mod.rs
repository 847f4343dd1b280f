//! What this project plans for serving models: the Ingress, the certificate, the policies, the names.

pub mod authorization;
pub mod certificate;
pub mod dns;
pub mod ingress;
pub(crate) mod knative_entries;
pub mod model;
