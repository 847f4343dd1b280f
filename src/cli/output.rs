//! What a command has to print.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::finding::{Code, Finding};
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
    /// 0 for success, 1 for a failed run, 2 for arguments that make no sense, 3 for what cannot be read or written.
    pub code: u8,
    /// Whether a host runs it, which passes a ResourceList or a plugin's configuration.
    pub is_under_host: bool,
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
pub(super) struct Refusal {
    pub(super) findings: Vec<Finding>,
    pub(super) exit: Exit,
}

/// How a command ends that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// Something was found.
    Found = 1,
    /// The arguments make no sense.
    Usage = 2,
    /// What they name cannot be read or written.
    Unavailable = 3,
}

impl From<Vec<Finding>> for Refusal {
    fn from(findings: Vec<Finding>) -> Self {
        let is_lost = findings.iter().any(|finding| finding.code == Code::OutputLost);
        Self { findings, exit: if is_lost { Exit::Unavailable } else { Exit::Found } }
    }
}

impl From<Finding> for Refusal {
    fn from(finding: Finding) -> Self {
        vec![finding].into()
    }
}

impl Refusal {
    /// The same, behind findings of the same run.
    pub(super) fn after(self, mut findings: Vec<Finding>) -> Self {
        findings.extend(self.findings);
        Self { findings, ..self }
    }
}

impl<'s> Output<'s> {
    pub(super) fn text(text: impl Into<Cow<'static, str>>) -> Self {
        Self { stdout: Stdout::Text(text.into()), ..Self::default() }
    }

    /// Arguments that make no sense.
    pub(super) fn usage(text: &str) -> Self {
        Self::failed(vec![text.to_owned()], Exit::Usage)
    }

    pub(super) fn refused(Refusal { findings, exit }: &Refusal) -> Self {
        Self::failed(findings.iter().map(stderr_line).collect(), *exit)
    }

    /// A run that gives nothing but a report.
    pub(super) fn failed(stderr: Vec<String>, exit: Exit) -> Self {
        Self { stderr, code: exit as u8, ..Self::default() }
    }

    /// What a host gets: it knows success and failure.
    pub(super) fn under_host(self) -> Self {
        Self { code: self.code.min(1), is_under_host: true, ..self }
    }

    /// The exit code where stdout takes no more.
    #[must_use]
    pub fn code_of_lost_stdout(&self) -> u8 {
        if self.is_under_host { Exit::Found as u8 } else { Exit::Unavailable as u8 }
    }

    /// What a run gives, with the report of what it found.
    pub(super) fn of(run: Run<'s>, report: Vec<String>) -> Self {
        Self {
            stdout: run.output.map(Stdout::Manifests).unwrap_or_default(),
            stderr: report,
            code: u8::from(!run.success),
            is_under_host: false,
        }
    }
}
