//! Texts of objects that are not theirs to read, and that name a Service with protected pods: annotations by which
//! controllers forward, patches of Envoy's configuration, configurations in Secrets.
//!
//! ingress-nginx forwards to what `mirror-target`, `default-backend` and its snippets name
//! (`docs/user-guide/nginx-configuration/annotations.md` of kubernetes/ingress-nginx); an `EnvoyFilter` may add a
//! cluster to any proxy (`networking/v1alpha3/envoy_filter.proto` of istio/api).

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use super::context::DoorContext;
use super::door::{Door, each_opening};
use super::kinds::DoorKind;
use super::other_kinds::{Search, door_through, leads_nothing};
use super::reach::{Hit, Why};
use super::tunnels::upstreams;
use crate::values::k8s::{ObjectMeta, ResourceRef};

/// Prefixes of annotations that forward nowhere, or are read by their own reader.
const READ_ELSEWHERE: [&str; 9] = [
    "alb.ingress.kubernetes.io/",
    "config.k8s.io/",
    "config.kubernetes.io/",
    "external-dns.alpha.kubernetes.io/",
    "getambassador.io/",
    "internal.config.kubernetes.io/",
    "kubectl.kubernetes.io/",
    "nginx.ingress.kubernetes.io/upstream-vhost",
    "service.beta.kubernetes.io/",
];

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    if !context.readers.has(DoorKind::OtherKind) {
        return;
    }
    let objects = &context.cluster.objects;
    // A Service that leads to the pods itself has a reader of its own.
    let leads_elsewhere = |of: &ResourceRef| context.reach.hit(&of.namespace, &of.name).is_none();
    let services = objects.services.iter().filter(|kept| leads_elsewhere(&kept.resource));
    let services = services.map(|kept| (&kept.resource, &kept.object.metadata));
    let ingresses = objects.ingresses.iter().map(|kept| (&kept.resource, &kept.object.metadata));
    for (resource, metadata) in ingresses.chain(services) {
        let reader = "the controller that reads this";
        of_annotations(context, reader, resource, &metadata.annotations, doors);
    }
    for kept in objects.others.iter().filter(|kept| !leads_nothing(&kept.resource)) {
        let Ok(value) = kept.object.value() else { continue };
        let metadata = value.get("metadata").cloned().unwrap_or_default();
        let Ok(metadata) = serde_json::from_value::<ObjectMeta>(metadata) else { continue };
        let reader = format!("{} of {}", kept.resource.kind, kept.resource.group());
        of_annotations(context, &reader, &kept.resource, &metadata.annotations, doors);
    }
    for kept in &objects.envoy_filters {
        let mut search = Search { context, namespace: &None, found: Vec::new() };
        for (place, patch) in kept.object.spec.config_patches.iter().enumerate() {
            let path = [format!("spec.configPatches[{place}].patch.value")];
            strings(&patch.patch.value, &mut |text| hosts(&mut search, text, &path));
        }
        let is_target = |(_, hit): &(String, Hit)| context.reach.sets[hit.set].why == Why::Target;
        let found = search.found.into_iter().filter(is_target);
        let reader = "the proxy with this patch";
        let found = found.map(|found| door_through(reader, context, &kept.resource, found));
        doors.extend(each_opening(found));
    }
    for (resource, field, text) in context.cluster.secret_texts() {
        let mut search = Search { context, namespace: &resource.namespace, found: Vec::new() };
        for url in upstreams(&text) {
            search.text("url", url, std::slice::from_ref(&field));
        }
        let reader = "the proxy that reads this";
        let found = search.found.into_iter();
        let found = found.map(|found| door_through(reader, context, &resource, found));
        doors.extend(each_opening(found));
    }
}

fn of_annotations(
    context: &DoorContext<'_, '_>,
    reader: &str,
    resource: &Rc<ResourceRef>,
    annotations: &BTreeMap<String, String>,
    doors: &mut Vec<Door>,
) {
    let mut search = Search { context, namespace: &resource.namespace, found: Vec::new() };
    for (key, text) in annotations {
        if READ_ELSEWHERE.iter().any(|prefix| key.starts_with(prefix)) {
            continue;
        }
        let path = [format!("metadata.annotations[{key}]")];
        if key.ends_with("backend") {
            let (namespace, name) = text.split_once('/').unwrap_or(("", text));
            let own = (!namespace.is_empty()).then(|| namespace.to_owned());
            search.note(&own.or_else(|| resource.namespace.clone()), name, &path);
        }
        hosts(&mut search, text, &path);
    }
    let found = search.found.into_iter();
    let found = found.map(|found| door_through(reader, context, resource, found));
    doors.extend(each_opening(found));
}

/// Looks at the words of a text that may be hosts or URLs.
fn hosts(search: &mut Search<'_, '_, '_>, text: &str, path: &[String]) {
    let words = text.split(|c: char| c.is_whitespace() || "\"',;|{}()<>=".contains(c));
    for word in words.filter(|word| word.contains('.') || word.contains("://")) {
        search.text("url", word, path);
    }
}

/// Every text of a value.
fn strings(value: &Value, each: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(all) => all.iter().for_each(|one| strings(one, each)),
        Value::Object(fields) => fields.values().for_each(|one| strings(one, each)),
        _ => {}
    }
}
