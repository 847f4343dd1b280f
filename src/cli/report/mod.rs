//! Findings in the format of whoever reads them, and the options that every command that finds something
//! has.

mod baseline;
mod github;
mod human;
pub(super) mod json;
pub(super) mod junit;
mod options;
mod sarif;

pub(super) use options::{Format, ReportOptions};

use super::environment::Environment;
use crate::finding::{Finding, Severity};
use crate::runtime::stderr_line;

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
impl std::fmt::Display for Summary {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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

impl ReportOptions {
    /// The report, as lines; none where there is nothing to report and the format needs no document.
    pub(super) fn lines(&self, findings: &[Finding], environment: &dyn Environment) -> Vec<String> {
        let is_shown = |finding: &&Finding| !self.quiet || self.fails(finding);
        let shown: Vec<&Finding> = findings.iter().filter(is_shown).collect();
        match self.format {
            Format::Plain => shown.into_iter().map(stderr_line).collect(),
            Format::Human => {
                let is_colored = self.color.is_on(environment);
                let mut lines: Vec<String> =
                    shown.into_iter().map(|finding| human::text(finding, is_colored)).collect();
                if !self.quiet && !findings.is_empty() {
                    lines.push(Summary::of(findings).to_string());
                }
                lines
            }
            Format::Github => shown.into_iter().map(github::line).collect(),
            Format::Json => vec![json::text(&shown, Summary::of(findings))],
            Format::Sarif => vec![sarif::text(&shown)],
            Format::Junit => vec![junit::text(&shown, self.fail_on)],
        }
    }
}
