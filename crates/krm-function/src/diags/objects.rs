//! What is wrong with the objects of a package.

use krm_package::{FieldPath, ItemId, Position, ReadError};
use thiserror::Error as Message;

use super::super::code::{Code, RuntimeCode};
use super::super::finding::Finding;
use super::super::fix::Fix;
use super::super::place::Place;
use super::super::resource_ref::ResourceRef;

/// An entry of a package that is not a Kubernetes object. Its text says which and why; its [`Finding`]
/// also says what an object has.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[error("item {}{} {flaw}", id.0 + 1, path.as_ref().map(|path| format!(" of {path}")).unwrap_or_default())]
pub struct NotAnObject {
    pub(crate) id: ItemId,
    pub(crate) path: Option<String>,
    pub(crate) flaw: Flaw,
    pub(crate) position: Position,
    /// In its file, where there is one.
    pub(crate) place: Option<Place>,
}

impl NotAnObject {
    /// Where in a file it is.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }
}

/// Why an entry is not an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Message)]
pub(crate) enum Flaw {
    #[error("is not a mapping")]
    NotAMapping,
    #[error("has no apiVersion")]
    NoApiVersion,
    #[error("has an apiVersion that reads as a number or boolean; write it in quotes")]
    ApiVersionNotText,
    #[error("has no kind")]
    NoKind,
    #[error("has a kind that reads as a number or boolean; write it in quotes")]
    KindNotText,
    #[error("has a metadata.name that reads as a number or boolean; write it in quotes")]
    NameNotText,
    #[error("has no metadata.name")]
    NoName,
}

impl Flaw {
    /// The field that is wrong; of one that is absent, what it would be in.
    pub(crate) fn field(self) -> FieldPath {
        match self {
            Self::NotAMapping | Self::NoApiVersion | Self::NoKind => FieldPath::root(),
            Self::ApiVersionNotText => "apiVersion".into(),
            Self::KindNotText => "kind".into(),
            Self::NameNotText | Self::NoName => "metadata.name".into(),
        }
    }
}

impl<C: Code> From<NotAnObject> for Finding<C> {
    fn from(other: NotAnObject) -> Self {
        // As of a text that cannot be parsed.
        let position = other.position.to_string() + ": ";
        let position = if other.place.is_none() { position.as_str() } else { "" };
        let message = format!(
            "{position}{other}; every item must be a Kubernetes object with apiVersion, kind and metadata.name"
        );
        Self::error(RuntimeCode::BadItem.into(), message).at(other.place)
    }
}

/// An object that is not of the type that it was read as.
#[derive(Debug, Clone, PartialEq)]
pub struct Misread {
    pub(crate) resource: ResourceRef,
    pub(crate) error: ReadError,
    pub(crate) fix: Option<Fix>,
}

impl<C: Code> From<Misread> for Finding<C> {
    fn from(Misread { resource, error, fix }: Misread) -> Self {
        let finding =
            Self::error(RuntimeCode::BadObject.into(), error.message.as_str()).on(&resource);
        let finding = finding.fix(fix);
        if error.path.is_root() {
            finding
        } else {
            finding.misread_field(&FieldPath::root(), &error)
        }
    }
}

/// An object with a field that cannot be read.
pub(crate) fn bad_object<C: Code>(resource: &ResourceRef, error: ReadError) -> Finding<C> {
    Finding::error(RuntimeCode::BadObject.into(), error.message).on(resource).field(error.path)
}
