//! Why a template gives no text.

/// Why a template gives no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Go does not parse it either.
    #[error("does not parse: {0}")]
    Syntax(String),
    /// Go parses it and stops when it runs it.
    #[error("does not render: {0}")]
    Execution(String),
    /// Go takes it; this reader does not.
    #[error(
        "uses {0}, which is not supported; use fields, index, if, with, printf or the comparisons"
    )]
    Unsupported(String),
}
