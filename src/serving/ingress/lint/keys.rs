//! Keys inside JSON annotations that the controller ignores without a word.

use std::collections::BTreeMap;

use crate::controllers::alb::annotations::{self, Annotations};
use crate::controllers::alb::json_annotations;
use crate::controllers::alb::objects::{Ingress, Objects};
use crate::finding::Finding;
use crate::serving::ingress::diags::UnknownKeyIn;
use crate::serving::ingress::proof::requirements::rule_backends;
use crate::values::k8s::ResourceRef;

/// The unknown keys of an Ingress's annotations, and of those of its Services.
pub(super) fn unknown(ingress: &Ingress, objects: &Objects) -> Vec<Finding> {
    let mut findings = of(&ingress.reference(), &ingress.metadata.annotations, |_| true);
    let services = objects.services.iter().filter(|service| {
        service.namespace() == ingress.namespace()
            && rule_backends(ingress).any(|name| name == service.metadata.name)
    });
    for service in services {
        let found = of(&service.reference(), &service.metadata.annotations, |suffix| {
            // The others have no effect on a Service.
            suffix.starts_with("auth-idp-")
        });
        findings.extend(found);
    }
    findings
}

fn of(
    object: &ResourceRef,
    map: &BTreeMap<String, String>,
    is_read: impl Fn(&str) -> bool,
) -> Vec<Finding> {
    let prefix = annotations::key("");
    let suffixes = map.keys().filter_map(|key| key.strip_prefix(&prefix));
    suffixes
        .filter(|suffix| is_read(suffix))
        .flat_map(|suffix| {
            let text = Annotations::of(map).text(suffix).unwrap_or_default();
            let keys = json_annotations::unknown_keys(suffix, text);
            keys.into_iter()
                .map(move |key| Finding::from(UnknownKeyIn { object, suffix, key: &key }))
        })
        .collect()
}
