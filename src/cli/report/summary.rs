//! How many findings there are of each weight.

use std::fmt;

use crate::finding::{Finding, Severity};

/// How many findings there are of each weight.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) errors: usize,
    pub(super) warnings: usize,
    pub(super) infos: usize,
    pub(super) accepted: usize,
}

impl Summary {
    pub(super) fn of(findings: &[Finding]) -> Self {
        let mut summary = Self::default();
        for finding in findings {
            let count = match (&finding.accepted, finding.severity) {
                (Some(_), _) => &mut summary.accepted,
                (None, Severity::Error) => &mut summary.errors,
                (None, Severity::Warning) => &mut summary.warnings,
                (None, Severity::Info) => &mut summary.infos,
            };
            *count += 1;
        }
        summary
    }
}

/// `3 errors, 2 warnings, 1 accepted`
impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = |count: usize, what: &str| match count {
            1 => format!("1 {what}"),
            many => format!("{many} {what}s"),
        };
        write!(out, "{}, {}", counted(self.errors, "error"), counted(self.warnings, "warning"))?;
        if self.accepted > 0 {
            write!(out, ", {} accepted", self.accepted)?;
        }
        Ok(())
    }
}
