//! How much a finding weighs.

use std::fmt;

/// How much a finding weighs. An error fails the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The run fails: what would be rendered is wrong, or open.
    Error,
    /// Right, but its author should know.
    Warning,
    /// What the function did or took for granted.
    Info,
}

impl Severity {
    /// `error`, `warning` or `info`, as a ResourceList's results spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
