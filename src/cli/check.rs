//! `kserve-aws check`: `validate-serving-path` by hand, over the final output.

use std::path::PathBuf;

use super::configurations;
use super::environment::Environment;
use super::function::{FunctionCall, run as run_function};
use super::output::{Output, Refusal, Source, Stdout};
use super::package_text;
use super::report::ReportOptions;

/// `kserve-aws check`.
pub(super) struct CheckCall {
    pub(super) places: Vec<PathBuf>,
    pub(super) config: Option<PathBuf>,
    pub(super) report: ReportOptions,
}

pub(super) fn run<'s>(
    call: CheckCall,
    environment: &mut dyn Environment,
    source: &'s Source,
) -> Result<Output<'s>, Refusal> {
    let manifests = package_text::read(&call.places, environment)?;
    let more = configurations::findings(&manifests).map_err(Refusal)?;
    let function = FunctionCall {
        more,
        name: Some("validate-serving-path".to_owned()),
        config: call.config,
        report: call.report,
        ..FunctionCall::default()
    };
    let output = run_function(&function, Some(manifests), environment, source)?;
    // What is checked stays where it is: nothing is printed of it.
    Ok(Output { stdout: Stdout::default(), ..output })
}
