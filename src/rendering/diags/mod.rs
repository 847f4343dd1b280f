//! Why nothing is rendered. What is wrong with a file is an error with its own type, so that its text is here
//! or with the reader that refuses the file, and nowhere between them.

mod kustomization;
mod not_rendered;

use std::error::Error;
use std::io;
use std::path::Path;

use krm_package::SourceError;
use thiserror::Error as Message;

pub(super) use self::kustomization::{
    FieldProblem, FieldValueProblem, GeneratorProblem, KustomizationProblem, ObjectProblem,
    PatchProblem,
};
pub(super) use self::not_rendered::NotRendered;
use crate::finding::{Code, Finding};
use crate::runtime::{Files, unreadable};

/// What was found where nothing is rendered.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) findings: Vec<Finding>,
    /// Whether the system refuses to read a file.
    pub(crate) is_unavailable: bool,
    /// Where a host renders it.
    pub(crate) only: Option<OnlyHost>,
}

/// What a host renders, and this program does not.
#[derive(Debug)]
pub(crate) struct OnlyHost {
    /// `kustomize` or `kpt`.
    pub(crate) host: &'static str,
    /// The file with the field, and why it is not rendered here.
    pub(crate) why: String,
}

impl Refused {
    /// A file or folder with a problem.
    pub(super) fn file(file: &Path, problem: &dyn Error) -> Self {
        Self::of(format!("{}: {problem}", file.display()))
    }

    /// A file or folder that the system refuses to read.
    pub(super) fn unavailable(file: &Path, error: io::Error) -> Self {
        Self { is_unavailable: true, ..Self::file(file, &FileProblem::Unreadable(error)) }
    }

    /// The text of a file that cannot be parsed, or is not what it must be.
    pub(super) fn unread(file: &Path, text: &str, error: impl Into<SourceError>) -> Self {
        let mut files = Files::default();
        files.push(1, &file.display().to_string());
        unreadable(text, &error.into(), &files).into()
    }

    /// An object with a problem, in the file that it was read from; a new one is in none.
    pub(super) fn object(file: Option<&Path>, object: &str, problem: &dyn Error) -> Self {
        let file = file.map_or_else(String::new, |file| format!("{}: ", file.display()));
        Self::of(format!("{file}{object}: {problem}"))
    }

    /// A new object that cannot be written as YAML.
    pub(super) fn new_object(problem: &dyn Error) -> Self {
        Self::of(problem.to_string())
    }

    fn of(message: String) -> Self {
        Finding::error(Code::BadInput, message).into()
    }
}

impl From<Finding> for Refused {
    fn from(finding: Finding) -> Self {
        vec![finding].into()
    }
}

impl From<Vec<Finding>> for Refused {
    fn from(findings: Vec<Finding>) -> Self {
        Self { findings, only: None, is_unavailable: false }
    }
}

/// What is wrong with a file of any host.
#[derive(Debug, Message)]
pub(super) enum FileProblem {
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    #[error("cannot be read: no such file or folder")]
    Missing,
    #[error("is not UTF-8")]
    NotUtf8,
    #[error("is empty")]
    Empty,
    #[error("is not one configuration; a function takes one object")]
    NotOneConfiguration,
}

/// What is wrong with a step of a Kptfile's pipeline; `field` is the step's.
#[derive(Debug, Message)]
pub(super) enum StepProblem<'a> {
    #[error("{field} {error}")]
    Wrong { field: &'a str, error: &'a dyn Error },
    #[error(
        "{field} has neither configPath nor configMap; a function of this project takes one of them"
    )]
    NoConfiguration { field: &'a str },
    #[error(
        "{field}.selectors picks {object} {times} times, which kpt refuses; use selectors that share no object"
    )]
    PickedTwice { field: &'a str, object: &'a str, times: usize },
}
