//! Workflow commands of GitHub Actions, which become annotations of a change.
//!
//! Escaped as `@actions/core` does (`packages/core/src/command.ts`).

use crate::finding::{Finding, Severity};

pub(super) fn line(finding: &Finding) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let mut properties = Vec::new();
    if let Some(place) = &finding.place {
        properties.push(format!("file={}", property(place.from_here())));
        if let Some(position) = place.position {
            properties.push(format!("line={},col={}", position.line, position.column));
        }
    }
    properties.push(format!("title={}", property(finding.code.as_str())));
    let mut message = String::new();
    if let Some(resource) = &finding.resource {
        message.push_str(&resource.to_string());
    }
    if let Some(field) = &finding.field {
        message.push_str(&format!(" {}", field.path));
    }
    if !message.is_empty() {
        message.push_str(": ");
    }
    if let Some(accepted) = &finding.accepted {
        message.push_str(&format!("accepted ({}): ", accepted.reason));
    }
    message.push_str(&finding.message);
    format!("::{command} {}::{}", properties.join(","), data(message.trim_start()))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
