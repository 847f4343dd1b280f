//! The order of objects of one kind.

use crate::values::k8s::ObjectMeta;

/// Objects in istiod's order: by creation, name and namespace (`configCompareByCreationTime`,
/// `pilot/pkg/model/config.go`).
pub(super) fn oldest_first<'o, T>(
    objects: impl IntoIterator<Item = &'o T>,
    metadata: impl Fn(&T) -> &ObjectMeta,
) -> Vec<&'o T> {
    let mut sorted: Vec<&T> = objects.into_iter().collect();
    sorted.sort_by_key(|object| {
        let metadata = metadata(object);
        (&metadata.creation_timestamp, &metadata.name, &metadata.namespace)
    });
    sorted
}
