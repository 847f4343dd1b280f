//! What a command has to print.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::finding::Finding;
use crate::runtime::{Run, stderr_line};
use krm_package::Spliced;

/// The manifests that a command reads, kept by its caller, so that an [`Output`] can be made of their
/// pieces: nothing of a large package is copied.
#[derive(Debug, Default)]
pub struct Source(OnceCell<String>);

impl Source {
    /// Keeps the text; a command reads one.
    pub(super) fn keep(&self, text: String) -> &str {
        self.0.get_or_init(|| text)
    }
}

/// What to print, and how to exit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Output<'s> {
    /// What goes to stdout.
    pub stdout: Stdout<'s>,
    /// The lines of stderr.
    pub stderr: Vec<String>,
    /// 0 for success, 1 for a failed run, 2 for arguments that make no sense.
    pub code: u8,
}

/// What goes to stdout.
#[derive(Debug, Clone, PartialEq)]
pub enum Stdout<'s> {
    /// A text.
    Text(Cow<'static, str>),
    /// The manifests that were read, with what was changed.
    Manifests(Spliced<'s>),
}

impl Default for Stdout<'_> {
    fn default() -> Self {
        Self::Text(Cow::Borrowed(""))
    }
}

impl Stdout<'_> {
    /// The pieces, to be written one behind the other.
    pub fn pieces(&self) -> impl Iterator<Item = &str> {
        let (text, manifests) = match self {
            Self::Text(text) => (Some(text.as_ref()), None),
            Self::Manifests(spliced) => (None, Some(spliced.pieces())),
        };
        text.into_iter().chain(manifests.into_iter().flatten())
    }
}

/// What was found, where nothing else can be printed.
#[derive(Debug)]
pub(super) struct Refusal(pub(super) Vec<Finding>);

impl From<Finding> for Refusal {
    fn from(finding: Finding) -> Self {
        Self(vec![finding])
    }
}

impl<'s> Output<'s> {
    pub(super) fn text(text: impl Into<Cow<'static, str>>) -> Self {
        Self { stdout: Stdout::Text(text.into()), ..Self::default() }
    }

    /// Arguments that make no sense.
    pub(super) fn usage(text: &str) -> Self {
        Self { stderr: vec![text.to_owned()], code: 2, ..Self::default() }
    }

    pub(super) fn refused(Refusal(findings): &Refusal) -> Self {
        Self::failed(findings.iter().map(stderr_line).collect())
    }

    /// A run that gives nothing but a report.
    pub(super) fn failed(stderr: Vec<String>) -> Self {
        Self { stderr, code: 1, ..Self::default() }
    }

    /// What a run gives, with the report of what it found.
    pub(super) fn of(run: Run<'s>, report: Vec<String>) -> Self {
        Self {
            stdout: run.output.map(Stdout::Manifests).unwrap_or_default(),
            stderr: report,
            code: u8::from(!run.success),
        }
    }
}
