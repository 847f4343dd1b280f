//! The API of this project's configurations.

/// The API version of every typed configuration.
pub(crate) const API_VERSION: &str = "fn.kserve-aws.dev/v1alpha1";
