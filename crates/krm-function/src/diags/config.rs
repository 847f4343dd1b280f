//! What is wrong with a configuration.

use krm_package::ReadError;
use krm_package::text::suggest;
use thiserror::Error as Message;

use super::super::code::{Code, RuntimeCode};
use super::super::config_source::ConfigSource;
use super::super::declaration::Declaration;
use super::super::finding::Finding;
use super::super::resource_ref::ResourceRef;

/// What is wrong with a configuration as a whole, or with there being none. A `hint` names what may be intended.
#[derive(Debug, Message)]
pub(crate) enum WrongConfig<'a> {
    #[error(
        "the ResourceList has no functionConfig; add one of the function's kind, or a ConfigMap"
    )]
    Missing,
    #[error("unknown function {name:?}; {hint}")]
    UnknownFunction { name: &'a str, hint: String },
    #[error("is not an object with apiVersion and kind")]
    NotAnObject,
    #[error("has the unknown kind {kind:?}; {hint}")]
    UnknownKind { kind: &'a str, hint: String },
    #[error(
        "is a ConfigMap, which does not name its function; run the function by its name or its own image: {}",
        .0.join(", ")
    )]
    UnnamedFunction(Vec<&'static str>),
    #[error(
        "has kind {} and apiVersion {}; {} takes kind {} and apiVersion {}, or a ConfigMap with its fields",
        found.kind, found.api_version, function.name, function.kind, function.api_version
    )]
    OtherKind { found: &'a ResourceRef, function: &'a Declaration },
}

impl WrongConfig<'_> {
    /// The finding on a configuration that was found.
    pub(crate) fn of<C: Code>(
        self,
        source: ConfigSource<'_>,
        resource: &ResourceRef,
    ) -> Finding<C> {
        let source = match source {
            ConfigSource::ResourceList => "functionConfig",
            ConfigSource::File(name) => name,
        };
        Finding::error(RuntimeCode::BadConfig.into(), format!("{source} {self}")).on(resource)
    }
}

impl<C: Code> From<WrongConfig<'_>> for Finding<C> {
    fn from(wrong: WrongConfig<'_>) -> Self {
        Self::error(RuntimeCode::BadConfig.into(), wrong.to_string())
    }
}

/// What is wrong with a field of a configuration.
#[derive(Debug, Message)]
pub(crate) enum WrongField<'a> {
    #[error(
        "unknown field \"{name}\"; {}; a function's own fields belong under spec",
        suggest::hint(name, known)
    )]
    Unknown { name: &'a str, known: &'a [&'a str] },
    #[error("unknown key; {}", suggest::hint(key, known))]
    UnknownKey { key: &'a str, known: &'a [&'a str] },
    /// The key is another name of a field that is there as well.
    #[error("{0} is the same field; remove one of the two")]
    Twice(&'a str),
    #[error(transparent)]
    Value(#[from] WrongValue),
    /// The words of the reader.
    #[error("{0}")]
    Read(&'a str),
    /// The same, where a mapping with these keys is expected, or a list of such mappings.
    #[error("{message} with the {}", of_keys(keys))]
    NotMapping { message: &'a str, keys: &'a [&'a str] },
}

impl<'a> WrongField<'a> {
    /// A value that its type does not take.
    pub(crate) fn of_error(error: &'a ReadError, keys: &'a [&'a str]) -> Self {
        let message = &error.message;
        if keys.is_empty() { Self::Read(message) } else { Self::NotMapping { message, keys } }
    }
}

impl<C: Code> From<WrongField<'_>> for Finding<C> {
    fn from(wrong: WrongField<'_>) -> Self {
        Self::error(RuntimeCode::BadConfig.into(), wrong.to_string())
    }
}

fn of_keys(keys: &[&str]) -> String {
    let word = if keys.len() == 1 { "key" } else { "keys" };
    format!("{word} {}", keys.join(", "))
}

/// A text of a ConfigMap that is not what its field takes, by what the field takes. The text is not quoted: it may be a secret.
#[derive(Debug, Message)]
pub(crate) enum WrongValue {
    #[error(
        "expected a JSON array of strings such as [\"value\"]: syntax error at column {column}"
    )]
    Array { column: usize },
    #[error(
        "expected a JSON object such as {{\"key\": \"value\"}}: syntax error at column {column}"
    )]
    Object { column: usize },
    #[error(
        "expected a JSON array of objects such as [{{\"code\": …, \"resource\": …, \"field\": …, \"reason\": …}}]: syntax error at column {column}"
    )]
    Acceptances { column: usize },
    #[error("expected true or false")]
    Boolean,
    #[error("expected a whole number")]
    Integer,
}
