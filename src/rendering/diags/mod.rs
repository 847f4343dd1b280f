//! Why nothing is rendered. What is wrong with a file is an error with its own type, so that its text is here
//! or with the reader that refuses the file, and nowhere between them.

mod kustomization;
mod not_rendered;

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use krm_package::{FieldPath, ItemId, LineIndex, Package, Position, SourceError};
use thiserror::Error as Message;

pub(super) use self::kustomization::{
    FieldProblem, FieldValueProblem, GeneratorProblem, KustomizationProblem, ObjectProblem,
    PatchProblem,
};
pub(super) use self::not_rendered::NotRendered;
use crate::finding::{Code, Finding};
use crate::runtime::{Files, Place, unreadable};

/// What was found where nothing is rendered.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) findings: Vec<Finding>,
    /// Whether the system refuses to read a file.
    pub(crate) is_unavailable: bool,
    /// Where a host renders it.
    pub(crate) only: Option<OnlyHost>,
    /// The field of the file that is wrong, until its place is looked up.
    field: Option<FieldPath>,
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
        Self::of(problem.to_string(), Some(file))
    }

    /// The same, of one field of the file.
    pub(super) fn field(file: &Path, field: &str, problem: &dyn Error) -> Self {
        Self { field: Some(field.into()), ..Self::file(file, problem) }
    }

    /// The same, of one line of the file.
    pub(super) fn line(file: &Path, line: usize, problem: &dyn Error) -> Self {
        let position = Some(Position { line, column: 1 });
        let place = Place { position, ..Place::of_file(file.display().to_string()) };
        Finding::error(Code::BadInput, problem.to_string()).at(place).into()
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
        Self::of(format!("{}: {problem}", object.trim_end()), file)
    }

    /// A new object that cannot be written as YAML.
    pub(super) fn new_object(problem: &dyn Error) -> Self {
        Self::of(problem.to_string(), None)
    }

    fn of(message: String, file: Option<&Path>) -> Self {
        let place = file.map(|file| Place::of_file(file.display().to_string()));
        Finding::error(Code::BadInput, message).at(place).into()
    }

    /// The same, with the line and column of its field.
    pub(super) fn located(mut self, read: &mut dyn FnMut(&Path) -> io::Result<Vec<u8>>) -> Self {
        let Some(field) = self.field.take() else { return self };
        for finding in &mut self.findings {
            let Some(place) = finding.place.as_ref().filter(|place| place.position.is_none())
            else {
                continue;
            };
            let file = PathBuf::from(&place.file);
            let text = read(&file).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            if let Some(text) = text
                && let Some(position) = position_of(&text, &field)
            {
                let error = SourceError { position, message: finding.message.clone() };
                let mut own = Files::default();
                own.push(1, &file.display().to_string());
                *finding = unreadable(&text, &error, &own);
            }
        }
        self
    }
}

/// Where the key of a field is, or that of the field which it is in: `patches[].target` stands for that of any
/// entry.
fn position_of(text: &str, field: &FieldPath) -> Option<Position> {
    let package = Package::stream(text).ok()?;
    let node = package.item(ItemId(0))?;
    let shown = field.to_string();
    let outermost = shown.split(['.', '[']).next().map(FieldPath::from);
    let mut known = [Some(field.clone()), outermost].into_iter().flatten();
    let known = known.find(|path| node.find(path).is_some());
    let at = node.marked_key(&known.unwrap_or_default()).start;
    Some(LineIndex::of(text).position(at))
}

impl From<Finding> for Refused {
    fn from(finding: Finding) -> Self {
        vec![finding].into()
    }
}

impl From<Vec<Finding>> for Refused {
    fn from(findings: Vec<Finding>) -> Self {
        Self { findings, only: None, is_unavailable: false, field: None }
    }
}

/// What is wrong with a file of any host.
#[derive(Debug, Message)]
pub(super) enum FileProblem {
    #[error("not readable: {0}")]
    Unreadable(io::Error),
    #[error("not UTF-8; save the file as UTF-8 text")]
    NotUtf8,
    #[error("the file is empty")]
    Empty,
    #[error("the file does not have one object, and a function takes one configuration")]
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
