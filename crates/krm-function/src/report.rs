//! Findings as the hosts and the terminal show them.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::code::Code;
use super::finding::{Accepted, Finding};

/// A finding as one line for the terminal:
/// `[error] apps/v1/Deployment/shop/cart spec.replicas: message (code)`.
#[must_use]
pub fn stderr_line<C: Code>(finding: &Finding<C>) -> String {
    let resource = finding.resource.as_ref().map(ToString::to_string);
    let field = finding.field.as_ref().map(|field| field.path.to_string());
    // Of an object the name shows where it is, but for one that was built from a file.
    let place = finding.place.as_ref().filter(|place| resource.is_none() || place.is_origin);
    let place = place.map(ToString::to_string);
    let about: Vec<String> = [place, resource, field].into_iter().flatten().collect();
    let about = if about.is_empty() { String::new() } else { about.join(" ") + ": " };
    let (severity, code) = (finding.severity, finding.code.as_str());
    let line = format!("[{severity}] {about}{} ({code})", message(finding));
    // A line break would let a name in the input write lines of its own.
    line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// What a finding says; of one that is accepted also why.
fn message<C>(finding: &Finding<C>) -> Cow<'_, str> {
    match finding.accepted.as_deref() {
        None => Cow::Borrowed(&finding.message),
        Some(Accepted { severity, reason }) => {
            format!("accepted {severity} ({reason}): {}", finding.message).into()
        }
    }
}

/// A finding as a result of a ResourceList.
pub(super) fn result<C: Code>(finding: &Finding<C>) -> Value {
    let mut result = Map::new();
    result.insert("message".into(), message(finding).into());
    result.insert("severity".into(), finding.severity.as_str().into());
    if let Some(resource) = finding.resource.as_ref().filter(|resource| !resource.name.is_empty()) {
        let mut reference = Map::new();
        reference.insert("apiVersion".into(), resource.api_version.clone().into());
        reference.insert("kind".into(), resource.kind.clone().into());
        if let Some(namespace) = &resource.namespace {
            reference.insert("namespace".into(), namespace.clone().into());
        }
        reference.insert("name".into(), resource.name.clone().into());
        result.insert("resourceRef".into(), reference.into());
    }
    if let Some(field) = &finding.field {
        let mut shown = Map::new();
        shown.insert("path".into(), field.path.to_string().into());
        let values = [("currentValue", &field.current), ("proposedValue", &field.proposed)];
        for (name, value) in values {
            if let Some(value) = value {
                shown.insert(name.into(), Value::clone(value));
            }
        }
        result.insert("field".into(), shown.into());
    }
    // A file of the host's, who shows it itself.
    if let Some(place) = finding.place.as_ref().filter(|place| place.position.is_none()) {
        let index = place.index.map(|index| ("index".to_owned(), index.into()));
        let file = [("path".to_owned(), place.file.as_str().into())].into_iter().chain(index);
        result.insert("file".into(), Value::Object(file.collect()));
    }
    result.insert("tags".into(), json!({ "code": finding.code.as_str() }));
    result.into()
}
