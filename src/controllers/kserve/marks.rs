//! The labels and annotations by which a service says what becomes of it.

use crate::values::release::Release;

/// From here on a service can be stopped.
pub(super) const STOP: Release = Release::new(0, 15, 1);
pub(super) const STOP_ANNOTATION: &str = "serving.kserve.io/stop";
pub(super) const TAG_ANNOTATION: &str = "serving.kserve.io/enable-tag-routing";
/// The label that keeps a service of Standard mode inside of the cluster.
pub(super) const NETWORK_VISIBILITY: &str = "networking.kserve.io/visibility";
