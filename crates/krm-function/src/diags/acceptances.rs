//! What is wrong with the findings that a user accepts.

use krm_package::text::suggest;
use thiserror::Error as Message;

use super::super::acceptance_source::AcceptanceSource;
use super::super::code::{Code, RuntimeCode};
use super::super::finding::Finding;
use super::super::place::Place;

/// A file of acceptances that cannot be read.
#[derive(Debug, Message)]
pub(crate) enum WrongAcceptFile<'a> {
    #[error("expected one document with the list accept")]
    NotOneList { name: &'a str },
}

impl<C: Code> From<WrongAcceptFile<'_>> for Finding<C> {
    fn from(wrong: WrongAcceptFile<'_>) -> Self {
        let WrongAcceptFile::NotOneList { name } = &wrong;
        let place = Place::of_file(*name);
        Self::error(RuntimeCode::BadInput.into(), wrong.to_string()).at(place)
    }
}

/// What is wrong with one entry by itself.
#[derive(Debug, Message)]
pub(crate) enum WrongEntry<'a> {
    #[error("the reason is empty; state why the finding is accepted")]
    NoReason,
    #[error("the resource is empty; name the object as the finding does")]
    NoResource,
    /// A project may have hundreds: all of them are no help.
    #[error("unknown code {code:?}; {}", match suggest::nearest(code, known) {
        Some(near) => format!("did you mean {near:?}?"),
        None => "use the code that the finding shows".to_owned(),
    })]
    UnknownCode { code: &'a str, known: &'a [&'static str] },
}

impl WrongEntry<'_> {
    /// The field of the entry.
    pub(crate) fn field(&self) -> &'static str {
        match self {
            Self::NoReason => "reason",
            Self::NoResource => "resource",
            Self::UnknownCode { .. } => "code",
        }
    }

    pub(crate) fn of<C: Code>(&self, origin: &AcceptanceSource) -> Finding<C> {
        let finding = Finding::error(RuntimeCode::BadConfig.into(), after(origin, self));
        on(origin, finding, Some(self.field()))
    }
}

/// Why an entry accepts nothing.
#[derive(Debug, Clone, Copy, Message)]
pub(crate) enum UnusedEntry {
    #[error("this error cannot be accepted, because it stopped the function; fix it")]
    Unacceptable,
    #[error("several errors have this code, object and field; name each with its message as well")]
    SeveralErrors,
    #[error("another entry already accepts the finding; remove one of them")]
    Superfluous,
    #[error(
        "no warning has this code and object (* matches warnings only); remove the entry, or name the object and the field of an error"
    )]
    NoWarning,
    #[error(
        "no finding has this code, object and field; remove the entry, or set them as in the finding"
    )]
    NoFinding,
}

impl UnusedEntry {
    pub(crate) fn of<C: Code>(self, code: &str, origin: &AcceptanceSource) -> Finding<C> {
        let message = format!("accepts nothing ({code}): {self}");
        let finding = Finding::warning(RuntimeCode::AcceptUnused.into(), after(origin, &message));
        on(origin, finding, None)
    }
}

/// The message, after the place of an entry that has no object.
fn after(origin: &AcceptanceSource, message: &dyn std::fmt::Display) -> String {
    match origin {
        AcceptanceSource::Configuration { .. } => message.to_string(),
        AcceptanceSource::File { number, .. } => format!("entry {number} of accept: {message}"),
        AcceptanceSource::Baseline => format!("baseline: {message}"),
    }
}

/// The finding, on the entry of a configuration, or on a field of the entry.
fn on<C: Code>(origin: &AcceptanceSource, finding: Finding<C>, field: Option<&str>) -> Finding<C> {
    let (resource, list) = match origin {
        AcceptanceSource::Configuration { resource, field } => (resource, field),
        AcceptanceSource::File { place, .. } => return finding.at(place.clone()),
        AcceptanceSource::Baseline => return finding,
    };
    let field = field.filter(|_| origin.entry().is_some());
    finding.on(resource).field(field.map_or(list.clone(), |field| list.clone().key(field)))
}
