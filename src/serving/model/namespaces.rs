//! Namespaces that a configuration lists, against those of the objects.

use std::collections::BTreeSet;

use super::diags::MisspeltNamespace;
use crate::runtime::Items;
use crate::values::k8s::Namespace;
use krm_package::text::suggest::nearest;

/// The listed namespaces that are misspelt, as far as the objects tell: one without any neighbour
/// among theirs may be that of services to come.
#[must_use]
pub(crate) fn misspelt_namespaces(
    listed: &[Namespace],
    items: &Items<'_>,
) -> Vec<MisspeltNamespace> {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for item in items.iter() {
        known.extend(item.resource.namespace.as_deref());
        if item.is("", "Namespace") || item.is("kubeflow.org", "Profile") {
            known.insert(&item.resource.name);
        }
    }
    let all: Vec<&str> = known.iter().copied().collect();
    let unlisted: Vec<&str> = all
        .iter()
        .copied()
        .filter(|one| !listed.iter().any(|name| name.as_str() == *one))
        .collect();
    let misspelt = listed.iter().enumerate().filter(|(_, name)| !known.contains(name.as_str()));
    misspelt
        .filter_map(|(index, name)| {
            let near = nearest(name.as_str(), &unlisted)?.to_owned();
            Some(MisspeltNamespace { namespace: name.to_string(), near, index })
        })
        .collect()
}
