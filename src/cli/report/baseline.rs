//! A baseline: the findings of today, in the form of a file of acceptances.

use serde_json::{Value, json};

use crate::finding::{Finding, Severity};

const REASON: &str = "in the baseline";

/// The errors and warnings as a baseline. No line number is in it, so that an edit elsewhere in the file
/// changes nothing; the message is, so that another finding of the same field is another finding.
pub(super) fn text(findings: &[Finding]) -> String {
    let counted = findings.iter().filter(|finding| {
        let severity = finding.accepted.as_ref().map_or(finding.severity, |one| one.severity);
        let is_kept = finding.accepted.as_ref().is_none_or(|one| one.reason == REASON);
        severity < Severity::Info && is_kept
    });
    let mut entries: Vec<Value> = counted.map(entry).collect();
    entries.sort_by_key(Value::to_string);
    entries.dedup();
    format!("{:#}\n", json!({ "accept": entries }))
}

fn entry(finding: &Finding) -> Value {
    json!({
        "code": finding.code.as_str(),
        "resource": finding.resource.as_ref().map(ToString::to_string).unwrap_or_default(),
        "field": finding.field.as_ref().map(|field| field.path.to_string()).unwrap_or_default(),
        "message": finding.message,
        "reason": REASON,
    })
}
