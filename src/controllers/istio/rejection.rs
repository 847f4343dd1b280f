//! Why istiod refuses an object.

use std::fmt;

/// Why istiod's validation refuses an object: every error, in its order and words.
///
/// `Display` is what the webhook answers, after its `configuration is invalid: `.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    prefix: String,
    errors: Vec<String>,
    listed: bool,
}

impl Rejection {
    /// The rejection for these errors, if there are any. `prefix` comes before each.
    pub(super) fn of(prefix: String, errors: Errors) -> Option<Self> {
        let Errors { errors, listed } = errors;
        let listed = listed || errors.len() > 1;
        (!errors.is_empty()).then_some(Self { prefix, errors, listed })
    }

    /// The rejection for one error that is alone.
    pub(super) fn single(error: String) -> Self {
        Self { prefix: String::new(), errors: vec![error], listed: false }
    }

    /// The errors, each without the policy's name.
    #[must_use]
    pub fn errors(&self) -> &[String] {
        &self.errors
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let ([error], false) = (self.errors.as_slice(), self.listed) {
            return write!(out, "{}{error}", self.prefix);
        }
        write_list(out, self.errors.iter().map(|error| format!("{}{error}", self.prefix)))
    }
}

impl std::error::Error for Rejection {}

/// Errors as istiod gathers them: some come as a list even if there is one only.
#[derive(Debug, Default)]
pub(super) struct Errors {
    errors: Vec<String>,
    listed: bool,
}

impl Errors {
    pub(super) fn push(&mut self, error: String) {
        self.errors.push(error);
    }

    /// Adds errors that are one list among the errors.
    pub(super) fn extend_list(&mut self, errors: impl IntoIterator<Item = String>) {
        let before = self.errors.len();
        self.errors.extend(errors);
        self.listed |= self.errors.len() > before;
    }

    pub(super) fn extend(&mut self, errors: impl IntoIterator<Item = String>) {
        self.errors.extend(errors);
    }
}

/// Writes errors as Go's `go-multierror` does.
pub(super) fn write_list(
    out: &mut impl fmt::Write,
    errors: impl ExactSizeIterator<Item = String>,
) -> fmt::Result {
    match errors.len() {
        1 => out.write_str("1 error occurred:\n\t* ")?,
        count => write!(out, "{count} errors occurred:\n\t* ")?,
    }
    for (index, error) in errors.enumerate() {
        if index > 0 {
            out.write_str("\n\t* ")?;
        }
        out.write_str(&error)?;
    }
    out.write_str("\n\n")
}
