//! What a function says of itself.

use std::borrow::Cow;

use super::field_types::FieldTypes;

/// A function's name and configuration: what the runtime, a command line and a documentation need to
/// know of it.
#[derive(Debug, Clone, Copy)]
pub struct Declaration {
    /// See [`Function::NAME`](crate::Function::NAME).
    pub name: &'static str,
    /// The `apiVersion` of its configuration.
    pub api_version: &'static str,
    /// See [`Function::KIND`](crate::Function::KIND).
    pub kind: &'static str,
    /// See [`Function::SUMMARY`](crate::Function::SUMMARY).
    pub summary: &'static str,
    /// See [`Function::HELP`](crate::Function::HELP).
    pub help: &'static str,
    /// See [`Function::CONFIG_IS_OPTIONAL`](crate::Function::CONFIG_IS_OPTIONAL).
    pub config_is_optional: bool,
    /// See [`Function::ALIASES`](crate::Function::ALIASES).
    pub aliases: &'static [(&'static str, &'static str)],
    pub(super) schema: fn(&Self) -> Cow<'static, str>,
}

impl Declaration {
    /// See [`Function::schema`](crate::Function::schema).
    #[must_use]
    pub fn schema(&self) -> Cow<'static, str> {
        (self.schema)(self)
    }

    /// The fields of `spec` and their types, as the schema has them.
    #[must_use]
    pub fn spec_types(&self) -> FieldTypes {
        FieldTypes::of(&self.schema()).into_field("spec")
    }
}
