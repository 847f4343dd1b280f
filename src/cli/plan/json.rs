//! A package's overview as JSON.

use serde_json::{Value, json};

use super::overview::{Overview, verdict};

pub(super) fn of(overview: &Overview<'_>) -> String {
    let endpoint = |one: &crate::controllers::kserve::Endpoint| {
        json!({
            "namespace": one.namespace,
            "name": one.name,
            "mode": one.mode_word,
            "exposure": one.exposure,
            "url": one.url,
            "hosts": one.hosts(),
        })
    };
    let planned = &overview.planned;
    let certificate = |group: &crate::serving::certificate::CertificateGroup| {
        let names = group.names.iter().map(
            |covered| json!({ "name": covered.name.to_string(), "hosts": texts(&covered.hosts) }),
        );
        json!({ "namespaces": group.namespaces, "names": names.collect::<Vec<_>>() })
    };
    let target = planned.record_target.as_ref().map(ToString::to_string);
    let record = |one: &crate::serving::dns::Record| json!({ "name": one.name.to_string(), "leadsTo": target, "hosts": texts(&one.hosts) });
    let policy = |one: &crate::functions::Policy| {
        json!({
            "namespace": one.resource.namespace,
            "name": one.resource.name,
            "present": one.is_present,
            "spec": one.object.get("spec"),
        })
    };
    let door = |one: &crate::path::doors::Door| {
        let (word, detail) = verdict(one);
        json!({
            "verdict": word,
            "object": one.resource.to_string(),
            "field": one.field,
            "leadsTo": one.to,
            "detail": detail,
        })
    };
    let whole = json!({
        "hosts": overview.endpoints.iter().map(endpoint).collect::<Vec<_>>(),
        "certificates": planned.certificates.iter().map(certificate).collect::<Vec<_>>(),
        "records": planned.records.iter().map(record).collect::<Vec<_>>(),
        "policies": planned.policies.iter().map(policy).collect::<Vec<_>>(),
        "doors": overview.doors.iter().map(door).collect::<Vec<_>>(),
        "redirects": overview
            .redirects
            .iter()
            .map(|one| json!({ "service": one.service, "url": one.url }))
            .collect::<Vec<_>>(),
    });
    format!("{whole:#}\n")
}

fn texts<T: ToString>(all: &[T]) -> Vec<Value> {
    all.iter().map(|one| Value::from(one.to_string())).collect()
}
