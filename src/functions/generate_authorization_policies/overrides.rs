//! Overrides for services and namespaces that the input does not have.

use std::collections::BTreeSet;

use super::caller_diags::UnknownOverride;
use super::spec::ServingAuthorization;
use crate::finding::Finding;
use crate::serving::authorization::ServingWorkload;
use krm_package::text::suggest::nearest;

/// A finding for each override that applies to none of the components; none where there are no components at all, which
/// is reported by itself.
pub(super) fn unknown(spec: &ServingAuthorization, workloads: &[ServingWorkload]) -> Vec<Finding> {
    let services: BTreeSet<String> =
        workloads.iter().map(|one| format!("{}/{}", one.namespace, one.service)).collect();
    let namespaces: BTreeSet<String> = workloads.iter().map(|one| one.namespace.clone()).collect();
    if services.is_empty() {
        return Vec::new();
    }
    let named = |one: &super::spec::Override| {
        let service = one.service.clone().map(|service| ("service", service));
        let namespace = one.namespace.as_ref().map(|one| ("namespace", one.to_string()));
        service.or(namespace)
    };
    let all: Vec<(usize, &str, String)> = spec
        .overrides
        .iter()
        .enumerate()
        .filter_map(|(place, one)| named(one).map(|(field, name)| (place, field, name)))
        .collect();
    let known = |field: &str| if field == "service" { &services } else { &namespaces };
    let of_unknown = |(place, field, name): &(usize, &'static str, String)| {
        let known = known(field);
        if known.contains(name) {
            return None;
        }
        // One that has an override of its own is not meant.
        let is_free = |one: &&str| !all.iter().any(|(_, of, other)| of == field && other == one);
        let free: Vec<&str> = known.iter().map(String::as_str).filter(is_free).collect();
        let near = nearest(name, &free);
        Some(UnknownOverride { index: *place, field, name, near }.into())
    };
    all.iter().filter_map(of_unknown).collect()
}
