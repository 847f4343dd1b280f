//! Endpoints as JSON.

use serde_json::{Value, json};

use crate::controllers::kserve::Endpoint;
use crate::finding::Finding;

/// The endpoints as a list, each with its findings.
pub(super) fn of(endpoints: &[Endpoint], findings: &[Vec<Finding>]) -> String {
    let list: Vec<Value> = endpoints
        .iter()
        .zip(findings)
        .map(|(endpoint, findings)| {
            json!({
                "namespace": endpoint.namespace,
                "name": endpoint.name,
                "mode": endpoint.mode_word,
                "url": endpoint.url,
                "address": endpoint.address,
                "components": endpoint.components,
                "hosts": endpoint.hosts(),
                "exposure": endpoint.exposure,
                "assumed": endpoint.assumed.iter().map(|one| &**one).collect::<Vec<&str>>(),
                "findings": findings.iter().map(finding).collect::<Vec<_>>(),
            })
        })
        .collect();
    format!("{:#}\n", Value::from(list))
}

fn finding(finding: &Finding) -> Value {
    json!({
        "code": finding.code.as_str(),
        "severity": finding.severity.as_str(),
        "message": finding.message,
    })
}
