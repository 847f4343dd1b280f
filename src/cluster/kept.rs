//! An object with the item that it is read from.

use std::rc::Rc;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::values::k8s::ResourceRef;
use krm_package::{ItemId, NodeRef, ReadError, read_value};

/// An object, and where it comes from.
#[derive(Debug, Clone)]
pub(crate) struct Kept<T> {
    /// Its item; `None` for an object that an edit adds or a controller creates.
    pub id: Option<ItemId>,
    /// What findings call it.
    pub resource: Rc<ResourceRef>,
    /// The object that a controller creates it from; `None` for one of the package.
    pub owner: Option<Rc<ResourceRef>>,
    /// What it says.
    pub object: T,
}

impl<T> Kept<T> {
    /// The object that a user can change: itself, or the one that it is created from.
    #[must_use]
    pub(crate) fn author(&self) -> &Rc<ResourceRef> {
        self.owner.as_ref().unwrap_or(&self.resource)
    }
}

/// The text of an object, as it is or as edits leave it.
#[derive(Debug, Clone)]
pub(crate) enum Source<'p> {
    /// As it is.
    Text(NodeRef<'p>),
    /// As it will be.
    Value(Rc<Value>),
}

impl Source<'_> {
    /// Reads it as a type.
    ///
    /// # Errors
    /// What does not fit the type, with its path.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, ReadError> {
        match self {
            Self::Text(node) => node.read(),
            Self::Value(value) => read_value(value),
        }
    }

    /// Reads it as a JSON value.
    ///
    /// # Errors
    /// What JSON has no word for.
    pub(crate) fn value(&self) -> Result<Value, ReadError> {
        match self {
            Self::Text(node) => node.value(),
            Self::Value(value) => Ok(Value::clone(value)),
        }
    }

    /// Whether it has a field.
    pub(super) fn has(&self, path: &[&str]) -> bool {
        match self {
            Self::Text(node) => path.iter().try_fold(*node, |node, key| node.get(key)).is_some(),
            Self::Value(value) => {
                path.iter().try_fold(&**value, |value, key| value.get(key)).is_some()
            }
        }
    }

    /// The text of an annotation.
    pub(super) fn annotation(&self, key: &str) -> Option<String> {
        match self {
            Self::Text(node) => {
                let all = node.get("metadata")?.get("annotations")?;
                all.get(key)?.as_str().map(std::borrow::Cow::into_owned)
            }
            Self::Value(value) => {
                let all = value.get("metadata")?.get("annotations")?;
                all.get(key)?.as_str().map(str::to_owned)
            }
        }
    }
}
