//! `kserve-aws check`: `validate-serving-path` by hand, over the final output.

use std::path::PathBuf;

use super::configurations;
use super::environment::Environment;
use super::function::{FunctionCall, ran, run as run_function};
use super::output::{Output, Refusal, Source, Stdout};
use super::package_text;
use super::report::ReportOptions;
use crate::finding::Finding;

/// `kserve-aws check`.
#[derive(Clone)]
pub(super) struct CheckCall {
    pub(super) places: Vec<PathBuf>,
    pub(super) config: Option<PathBuf>,
    /// Whether safe fixes are applied to the files.
    pub(super) fix: bool,
    /// Whether they are shown in place of that.
    pub(super) diff: bool,
    pub(super) report: ReportOptions,
}

impl CheckCall {
    fn function(&self) -> FunctionCall {
        FunctionCall {
            name: Some("validate-serving-path".to_owned()),
            config: self.config.clone(),
            report: self.report.clone(),
            ..FunctionCall::default()
        }
    }
}

/// Checks, and reports what was found.
pub(super) fn report<'s>(
    call: CheckCall,
    environment: &mut dyn Environment,
    source: &'s Source,
) -> Result<Output<'s>, Refusal> {
    let manifests = package_text::read(&call.places, environment)?;
    let more = configurations::findings(&manifests).map_err(Refusal)?;
    let function = FunctionCall { more, ..call.function() };
    let output = run_function(&function, Some(manifests), environment, source)?;
    // What is checked stays where it is: nothing is printed of it.
    Ok(Output { stdout: Stdout::default(), ..output })
}

/// Checks; gives what was found.
pub(super) fn findings(
    call: &CheckCall,
    environment: &mut dyn Environment,
) -> Result<Vec<Finding>, Refusal> {
    let manifests = package_text::read(&call.places, environment)?;
    let source = Source::default();
    Ok(ran(&call.function(), Some(manifests), environment, &source)?.1.findings)
}
