//! Findings as JSON, of a schema of its own.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::summary::Summary;
use crate::finding::Finding;

/// What a command found.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// How many there are of each weight.
    summary: Totals,
    /// The findings, errors first.
    findings: Vec<Reported>,
}

/// How many findings there are of each weight.
#[derive(Debug, Serialize, JsonSchema)]
struct Totals {
    errors: usize,
    warnings: usize,
    infos: usize,
    accepted: usize,
}

/// One finding.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Reported {
    /// The rule's stable id.
    code: &'static str,
    /// `error`, `warning` or `info`.
    severity: &'static str,
    /// What was found and what to write instead. Never a secret.
    message: String,
    /// The object, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<Resource>,
    /// The field, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<ReportedField>,
    /// Its place, as far as known.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<ReportedPlace>,
    /// The change to the object that mends it, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<ReportedFix>,
    /// That it is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<ReportedAcceptance>,
}

/// The name of an object.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Resource {
    api_version: String,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    name: String,
}

/// A field of an object.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ReportedField {
    /// The way to it: `spec.rules[0].host`.
    path: String,
    /// The same as a JSON Pointer (RFC 6901).
    pointer: String,
    /// The present value.
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<Value>,
    /// What to write instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    proposed: Option<Value>,
}

/// A place in a file.
#[derive(Debug, Serialize, JsonSchema)]
struct ReportedPlace {
    /// The file, as the user or the host names it.
    file: String,
    /// The object's place in the file, counted from 0, where the host names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    /// The line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    /// The column in characters, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
}

/// A change that mends a finding.
#[derive(Debug, Serialize, JsonSchema)]
struct ReportedFix {
    /// JSON Patch (RFC 6902), on the object.
    patch: Value,
    /// Whether it keeps what the author means, whatever that is.
    safe: bool,
}

/// That a finding is accepted.
#[derive(Debug, Serialize, JsonSchema)]
struct ReportedAcceptance {
    /// What it weighs without that.
    severity: &'static str,
    /// Why.
    reason: String,
}

pub(super) fn text(findings: &[&Finding], summary: Summary) -> String {
    let Summary { errors, warnings, infos, accepted } = summary;
    let report = Report {
        summary: Totals { errors, warnings, infos, accepted },
        findings: findings.iter().map(|finding| reported(finding)).collect(),
    };
    format!("{:#}", serde_json::json!(report))
}

fn reported(finding: &Finding) -> Reported {
    Reported {
        code: finding.code.as_str(),
        severity: finding.severity.as_str(),
        message: finding.message.clone(),
        resource: finding.resource.as_ref().map(|resource| Resource {
            api_version: resource.api_version.clone(),
            kind: resource.kind.clone(),
            namespace: resource.namespace.clone(),
            name: resource.name.clone(),
        }),
        field: finding.field.as_ref().map(|field| ReportedField {
            path: field.path.to_string(),
            pointer: field.path.to_pointer().to_string(),
            current: field.current.as_deref().cloned(),
            proposed: field.proposed.as_deref().cloned(),
        }),
        place: finding.place.as_ref().map(|place| ReportedPlace {
            file: place.file.clone(),
            index: place.index,
            line: place.position.map(|position| position.line),
            column: place.position.map(|position| position.column),
        }),
        fix: finding
            .fix
            .as_ref()
            .map(|fix| ReportedFix { patch: serde_json::json!(fix.patch), safe: fix.is_safe }),
        accepted: finding.accepted.as_ref().map(|accepted| ReportedAcceptance {
            severity: accepted.severity.as_str(),
            reason: accepted.reason.clone(),
        }),
    }
}

/// The schema of the report.
pub(crate) fn schema() -> String {
    let settings = schemars::generate::SchemaSettings::draft2020_12();
    let schema = settings.into_generator().into_root_schema_for::<Report>();
    format!("{:#}\n", serde_json::json!(schema))
}
