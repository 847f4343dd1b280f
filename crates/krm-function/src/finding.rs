//! A finding: one sentence about one field of one object, built by a rule and formatted elsewhere.

use krm_package::{FieldPath, ReadError};
use serde_json::Value;

use super::code::Code;
use super::fix::Fix;
use super::place::Place;
use super::resource_ref::ResourceRef;
use super::severity::Severity;

/// The field that a finding is about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Field {
    /// The way to it in its object.
    pub path: FieldPath,
    /// What is there now. Never a secret.
    pub current: Option<Box<Value>>,
    /// What to write instead. Never a secret.
    pub proposed: Option<Box<Value>>,
    /// Whether the finding is about its key, not about its value.
    pub is_key: bool,
}

/// One finding; `C` is the project's enum of codes.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding<C = &'static str> {
    /// The rule's stable id.
    pub code: C,
    /// How much it weighs.
    pub severity: Severity,
    /// The object, where there is one.
    pub resource: Option<ResourceRef>,
    /// The field, where there is one.
    pub field: Option<Field>,
    /// What was found and what to write instead. Never a secret.
    pub message: String,
    /// The change to the object that mends it, where there is one.
    pub fix: Option<Box<Fix>>,
    /// Where it is in the user's files, as far as known. The runtime finds it.
    pub place: Option<Box<Place>>,
    /// That it is accepted, which makes it information.
    pub accepted: Option<Box<Accepted>>,
    /// Whether it kept the function from its work. Such an error is fixed, not accepted: accepted, it would leave
    /// the work undone in a run that succeeds.
    pub is_blocking: bool,
}

/// That a finding is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// What it weighs without that.
    pub severity: Severity,
    /// Why.
    pub reason: String,
}

impl<C: Code> Finding<C> {
    /// A finding that fails the run.
    #[must_use]
    pub fn error(code: C, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A finding that its author should know of.
    #[must_use]
    pub fn warning(code: C, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// A finding that says what was done.
    #[must_use]
    pub fn info(code: C, message: impl Into<String>) -> Self {
        Self::new(Severity::Info, code, message)
    }

    fn new(severity: Severity, code: C, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            resource: None,
            field: None,
            message: message.into(),
            fix: None,
            place: None,
            accepted: None,
            is_blocking: false,
        }
    }

    /// Whether the finding fails the run.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Whether an error can be accepted: neither its code nor the function says that it kept it from its work.
    #[must_use]
    pub fn can_be_accepted(&self) -> bool {
        self.code.can_be_accepted() && !self.is_blocking
    }

    /// Of an error, that it kept the function from its work.
    #[must_use]
    pub fn blocking(self) -> Self {
        Self { is_blocking: self.is_error(), ..self }
    }

    /// Names the object.
    #[must_use]
    pub fn on(mut self, resource: &ResourceRef) -> Self {
        self.resource = Some(resource.clone());
        self
    }

    /// Names the field: a [`FieldPath`], or a literal in its notation.
    #[must_use]
    pub fn field(mut self, path: impl Into<FieldPath>) -> Self {
        self.field.get_or_insert_default().path = path.into();
        self
    }

    /// Names the field whose key the finding is about, as one that is not known.
    #[must_use]
    pub fn key(self, path: impl Into<FieldPath>) -> Self {
        let mut finding = self.field(path);
        finding.field.get_or_insert_default().is_key = true;
        finding
    }

    /// Names the field that could not be read as its type; `root` is the way to what was read.
    pub(super) fn misread_field(self, root: &FieldPath, error: &ReadError) -> Self {
        let path = root.clone().join(&error.path);
        if error.is_about_key { self.key(path) } else { self.field(path) }
    }

    /// Says what is in the field now.
    #[must_use]
    pub fn current(mut self, value: impl Into<Value>) -> Self {
        self.field.get_or_insert_default().current = Some(Box::new(value.into()));
        self
    }

    /// Says what to write into the field instead.
    #[must_use]
    pub fn proposed(mut self, value: impl Into<Value>) -> Self {
        self.field.get_or_insert_default().proposed = Some(Box::new(value.into()));
        self
    }

    /// Says where it is, where no object tells.
    #[must_use]
    pub fn at(self, place: impl Into<Option<Place>>) -> Self {
        Self { place: place.into().map(Box::new), ..self }
    }

    /// Says which change to the object mends it.
    #[must_use]
    pub fn fix(self, fix: impl Into<Option<Fix>>) -> Self {
        Self { fix: fix.into().map(Box::new), ..self }
    }
}

/// The path of a map's key below a path: `data.replicas`, and `data[login.url]` where the key has
/// other characters than a word.
#[must_use]
pub fn key_path(parent: impl Into<FieldPath>, key: &str) -> FieldPath {
    parent.into().key(key)
}
