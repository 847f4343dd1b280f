//! SARIF 2.1.0, as code scanning reads it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::finding::{Code, Finding, Replacement, Severity};
use crate::runtime::Place;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const SITE: &str = "https://github.com/kserve-aws/kserve-aws";

pub(super) fn text(findings: &[&Finding]) -> String {
    let codes: BTreeSet<&'static str> = findings.iter().map(|one| one.code.as_str()).collect();
    let rules: Vec<Code> =
        Code::ALL.iter().copied().filter(|code| codes.contains(code.as_str())).collect();
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, &rules)).collect();
    let rules: Vec<Value> = rules.iter().map(|code| rule(*code)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "kserve-aws",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": SITE,
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}")
}

/// A rule with the properties that code scanning requires and shows ("SARIF support for code scanning" in GitHub's
/// documentation, `reportingDescriptor` object). Its help is how to fix it, and the page; the page's example has a
/// token, which a reader of the report would take for one of the manifests.
fn rule(code: Code) -> Value {
    let meaning = code.meaning();
    let fix = section(code.page(), "How to fix").unwrap_or(meaning);
    let page = format!("{SITE}/blob/main/docs/findings/{}.md", code.as_str());
    json!({
        "id": code.as_str(),
        "shortDescription": { "text": meaning },
        "fullDescription": { "text": meaning },
        "defaultConfiguration": { "level": level(code.severity()) },
        "help": { "text": fix, "markdown": format!("{fix}\n\n[{}]({page})", code.as_str()) },
        "helpUri": page,
    })
}

/// The text below a heading of a page.
fn section<'p>(page: &'p str, heading: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n"))?;
    rest.split("\n## ").next().map(str::trim)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn result(finding: &Finding, rules: &[Code]) -> Value {
    let severity = finding.accepted.as_ref().map_or(finding.severity, |one| one.severity);
    let mut result = Map::new();
    result.insert("ruleId".into(), finding.code.as_str().into());
    let index = rules.iter().position(|code| *code == finding.code);
    result.extend(index.map(|index| ("ruleIndex".to_owned(), index.into())));
    result.insert("level".into(), level(severity).into());
    result.insert("message".into(), json!({ "text": finding.message }));
    let mut location = Map::new();
    location.insert("physicalLocation".into(), physical(finding.place.as_deref()));
    let name = named(finding);
    if !name.is_empty() {
        let logical = json!([{ "fullyQualifiedName": name, "kind": "resource" }]);
        location.insert("logicalLocations".into(), logical);
    }
    result.insert("locations".into(), json!([location]));
    // As in a baseline: several openings of one field are several results.
    let print = format!("{}:{name}:{}", finding.code.as_str(), finding.message);
    result.insert("partialFingerprints".into(), json!({ "codeFieldAndMessage/v1": print }));
    if let Some(accepted) = &finding.accepted {
        let suppression =
            json!([{ "kind": "external", "status": "accepted", "justification": accepted.reason }]);
        result.insert("suppressions".into(), suppression);
    }
    result.extend(fix(finding).map(|fix| ("fixes".to_owned(), json!([fix]))));
    result.into()
}

fn named(finding: &Finding) -> String {
    let resource = finding.resource.as_ref().map(ToString::to_string);
    let field = finding.field.as_ref().map(|field| field.path.to_string());
    resource.into_iter().chain(field).collect::<Vec<_>>().join(" ")
}

/// Code scanning refuses a result without a file ("SARIF support for code scanning" in GitHub's documentation:
/// `locations[].physicalLocation.artifactLocation.uri` is required). What is in none, such as an argument that
/// names no file, is in the folder.
fn physical(place: Option<&Place>) -> Value {
    let Some(place) = place else { return json!({ "artifactLocation": { "uri": "." } }) };
    let mut physical = Map::new();
    physical.insert("artifactLocation".into(), json!({ "uri": uri(place.from_here()) }));
    physical.extend(region(place).map(|region| ("region".to_owned(), region)));
    physical.into()
}

fn region(place: &Place) -> Option<Value> {
    let position = place.position?;
    let mut region = json!({ "startLine": position.line, "startColumn": position.column });
    if let Some(line) = &place.line {
        let marked = line.text.get(line.marked.clone()).map_or(0, |text| text.chars().count());
        region["endColumn"] = (position.column + marked.max(1)).into();
        region["snippet"] = json!({ "text": line.text });
    }
    Some(region)
}

/// A fix whose text is known.
fn fix(finding: &Finding) -> Option<Value> {
    let (fix, place) = (finding.fix.as_ref()?, finding.place.as_ref()?);
    let Replacement { start, end, text } = fix.replacement.as_ref()?;
    let description = if fix.is_safe { "safe" } else { "only if this is intended" };
    Some(json!({
        "description": { "text": description },
        "artifactChanges": [{
            "artifactLocation": { "uri": uri(place.from_here()) },
            "replacements": [{
                "deletedRegion": {
                    "startLine": start.line,
                    "startColumn": start.column,
                    "endLine": end.line,
                    "endColumn": end.column,
                },
                "insertedContent": { "text": text },
            }],
        }],
    }))
}

/// A path as a relative reference, and one from the root as a whole address.
fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                uri.push(byte.into());
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}
