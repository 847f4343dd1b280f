//! JUnit's XML, as the CI servers read it: a test case a finding.

use std::fmt::Write;

use crate::finding::{Finding, Severity};

pub(super) fn text(findings: &[&Finding], fail_on: Severity) -> String {
    let fails = |finding: &Finding| finding.severity <= fail_on;
    let failures = findings.iter().filter(|finding| fails(finding)).count();
    let skipped = findings.iter().filter(|finding| finding.accepted.is_some()).count();
    let tests = findings.len().max(1);
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let totals =
        format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"");
    let _ = writeln!(xml, "<testsuites name=\"kserve-aws\" {totals}>");
    let _ = writeln!(xml, "  <testsuite name=\"kserve-aws\" {totals}>");
    if findings.is_empty() {
        xml.push_str("    <testcase classname=\"kserve-aws\" name=\"nothing found\"/>\n");
    }
    for finding in findings {
        push_case(&mut xml, finding, fails(finding));
    }
    xml.push_str("  </testsuite>\n</testsuites>");
    xml
}

fn push_case(xml: &mut String, finding: &Finding, fails: bool) {
    let resource = finding.resource.as_ref().map(ToString::to_string);
    let field = finding.field.as_ref().map(|field| field.path.to_string());
    let name = resource.into_iter().chain(field).collect::<Vec<_>>().join(" ");
    let name = if name.is_empty() { finding.code.as_str() } else { &name };
    let code = finding.code.as_str();
    let _ = write!(xml, "    <testcase classname=\"{code}\" name=\"{}\"", escaped(name));
    if let Some(place) = &finding.place {
        let _ = write!(xml, " file=\"{}\"", escaped(&place.file));
        if let Some(position) = place.position {
            let _ = write!(xml, " line=\"{}\"", position.line);
        }
    }
    xml.push_str(">\n");
    let message = escaped(&finding.message);
    let severity = finding.severity;
    let _ = match &finding.accepted {
        Some(accepted) => {
            writeln!(xml, "      <skipped message=\"accepted: {}\"/>", escaped(&accepted.reason))
        }
        None if fails => {
            writeln!(
                xml,
                "      <failure type=\"{severity}\" message=\"{message}\">{message}</failure>"
            )
        }
        None => writeln!(xml, "      <system-out>{severity}: {message}</system-out>"),
    };
    xml.push_str("    </testcase>\n");
}

/// Text of an attribute or an element; what XML has no character for is left out.
pub(in crate::cli) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\r' | '\t' => escaped.push(' '),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            other => escaped.push(other),
        }
    }
    escaped
}
