//! Findings in the format of whoever reads them, and the options that every command that finds something
//! has.

mod baseline;
mod github;
mod human;
pub(super) mod json;
pub(super) mod junit;
mod options;
mod sarif;
mod summary;

pub(super) use options::{Format, ReportOptions};

use summary::Summary;

use super::environment::Environment;
use crate::finding::Finding;
use crate::runtime::stderr_line;

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
