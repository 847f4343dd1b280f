//! What weighs more where a package is checked as it will be applied.

use crate::finding::{Code, Finding};

/// Makes errors of what a function that sets a part only warns of, because a later step may mend it,
/// or a guide contains it: nothing mends it any more.
pub(super) fn raise(findings: &mut [Finding]) {
    for finding in findings {
        let code = match finding.code {
            Code::TokenPlaceholder => Code::PathTokenPlaceholder,
            Code::TokenShort => Code::PathTokenShort,
            Code::AlbLeftOpen => Code::PathLeftOpen,
            _ => continue,
        };
        finding.code = code;
        finding.severity = code.severity();
    }
}
