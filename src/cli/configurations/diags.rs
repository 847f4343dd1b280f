//! The findings on the configurations of a package.

use crate::finding::{Code, Finding};
use crate::values::k8s::ResourceRef;

/// Two configurations that each undo what the other one sets.
pub(super) struct Disagreement<'a> {
    pub(super) other: &'a ResourceRef,
}

impl From<Disagreement<'_>> for Finding {
    fn from(Disagreement { other }: Disagreement<'_>) -> Self {
        let message = format!(
            "the configuration and {other} set the same to different values, so the last one that runs wins; remove one of them, or set both to the same value"
        );
        Self::error(Code::ConfigurationsDisagree, message)
    }
}

/// A configuration that was run before what it reads was final.
pub(super) struct RunTooEarly<'a> {
    pub(super) function: &'a str,
    pub(super) before: &'a str,
}

impl From<RunTooEarly<'_>> for Finding {
    fn from(RunTooEarly { function, before }: RunTooEarly<'_>) -> Self {
        let message = format!(
            "{function} changes the output when it runs again, so it ran before what it reads was final; in the pipeline, run it after {before}"
        );
        Self::error(Code::ConfigurationOrder, message)
    }
}

/// A configuration that was not run.
pub(super) struct NotRun<'a> {
    pub(super) function: &'a str,
}

impl From<NotRun<'_>> for Finding {
    fn from(NotRun { function }: NotRun<'_>) -> Self {
        let message = format!(
            "{function} changes the output when it runs again, so it has not run on it; run it, and check its output"
        );
        Self::error(Code::ConfigurationOrder, message)
    }
}

/// A step of a pipeline that runs before one that writes what it reads.
pub(super) struct PipelineOrder<'a> {
    pub(super) function: &'a str,
    pub(super) other: &'a str,
}

impl From<PipelineOrder<'_>> for Finding {
    fn from(PipelineOrder { function, other }: PipelineOrder<'_>) -> Self {
        let message = format!(
            "{function} runs before {other}, which sets the domain that it reads; move it after {other}"
        );
        Self::error(Code::ConfigurationOrder, message)
    }
}

/// A check among the mutators before one that still changes what is checked.
pub(super) struct ValidatesTooEarly<'a> {
    pub(super) function: &'a str,
    pub(super) other: &'a str,
}

impl From<ValidatesTooEarly<'_>> for Finding {
    fn from(ValidatesTooEarly { function, other }: ValidatesTooEarly<'_>) -> Self {
        let message = format!(
            "{function} runs before {other}, so it does not check what is applied; move it to the end, or to pipeline.validators"
        );
        Self::error(Code::ConfigurationOrder, message)
    }
}
