//! What weighs more where a package is checked as it will be applied.

use crate::finding::{Code, Finding, Severity};

/// What a function that sets a part warns of, because a later step may mend it, or a guide writes it.
const ERRORS: [Code; 3] = [Code::AlbPlaceholderToken, Code::AlbShortToken, Code::AlbLeftOpen];

/// Makes errors of what nothing mends any more.
pub(super) fn raise(findings: &mut [Finding]) {
    for finding in findings.iter_mut().filter(|finding| ERRORS.contains(&finding.code)) {
        finding.severity = Severity::Error;
    }
}
