//! What a template computes with.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Labels or annotations, as templates see them.
pub(crate) type StringMap = BTreeMap<String, String>;

/// The fields that a template is rendered over, in the order of the Go struct.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record<'v> {
    fields: Vec<(&'static str, Value<'v>)>,
}

impl<'v> Record<'v> {
    /// A record without fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a string field.
    #[must_use]
    pub fn text(mut self, name: &'static str, text: &'v str) -> Self {
        self.fields.push((name, Value::text(text)));
        self
    }

    /// Adds a map field.
    #[must_use]
    pub fn map(mut self, name: &'static str, map: &'v StringMap) -> Self {
        self.fields.push((name, Value::Map(map)));
        self
    }

    pub(super) fn field(&self, name: &str) -> Option<&Value<'v>> {
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }

    fn printed(&self) -> String {
        let values: Vec<_> = self.fields.iter().map(|(_, value)| value.printed()).collect();
        format!("{{{}}}", values.join(" "))
    }
}

/// A value, of the record where it can be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'v> {
    /// Go's invalid value: an absent map key, or `nil`.
    Missing,
    /// `string`
    Text(Cow<'v, str>),
    /// `bool`
    Bool(bool),
    /// `int`
    Integer(i64),
    /// `map[string]string`
    Map(&'v StringMap),
    /// The struct that the template is rendered over.
    Record(&'v Record<'v>),
}

impl<'v> Value<'v> {
    /// A string.
    pub(super) fn text(text: impl Into<Cow<'v, str>>) -> Self {
        Self::Text(text.into())
    }

    /// Go's truth: not the zero of its type.
    pub(super) fn truth(&self) -> bool {
        match self {
            Self::Missing => false,
            Self::Text(text) => !text.is_empty(),
            Self::Bool(flag) => *flag,
            Self::Integer(number) => *number != 0,
            Self::Map(map) => !map.is_empty(),
            Self::Record(_) => true,
        }
    }

    /// What `%v` writes, where the invalid value is `<nil>`.
    pub(super) fn printed(&self) -> Cow<'_, str> {
        match self {
            Self::Missing => "<nil>".into(),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Bool(flag) => flag.to_string().into(),
            Self::Integer(number) => number.to_string().into(),
            Self::Map(map) => {
                let mut out = String::from("map[");
                for (index, (key, value)) in map.iter().enumerate() {
                    let _ = write!(out, "{}{key}:{value}", if index == 0 { "" } else { " " });
                }
                out.push(']');
                out.into()
            }
            Self::Record(record) => record.printed().into(),
        }
    }

    /// The Go type's name.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Missing => "nil",
            Self::Text(_) => "string",
            Self::Bool(_) => "bool",
            Self::Integer(_) => "int",
            Self::Map(_) => "map[string]string",
            Self::Record(_) => "struct",
        }
    }
}
