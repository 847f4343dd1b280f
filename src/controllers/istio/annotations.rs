//! Annotations that istiod reads on objects of every kind.

use super::rejection::Rejection;
use crate::values::k8s::ObjectMeta;

/// The annotation that makes a policy a shadow.
pub(super) const DRY_RUN: &str = "istio.io/dry-run";

/// istiod's errors for annotations that no user may set.
pub(super) fn check_annotations(metadata: &ObjectMeta) -> Result<(), Rejection> {
    if metadata.annotations.contains_key("internal.istio.io/webhook-always-reject") {
        return Err(Rejection::single(
            "\"internal.istio.io/webhook-always-reject\" annotation found, rejecting".to_owned(),
        ));
    }
    ["internal.istio.io/parent-namespace", "internal.istio.io/parents"]
        .into_iter()
        .find(|name| metadata.annotations.contains_key(*name))
        .map_or(Ok(()), |name| {
            Err(Rejection::single(format!(
                "{name:?} annotation found, this may not be set by users"
            )))
        })
}
