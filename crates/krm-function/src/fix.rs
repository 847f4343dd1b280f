//! What mends a finding: a change to its object, as data.

use json_patch::{
    AddOperation, MoveOperation, Patch, PatchOperation, RemoveOperation, ReplaceOperation,
};
use krm_package::text::suggest::is_within;
use krm_package::{Correction, FieldPath, NodeRef, Position, ReadError};
use serde_json::Value;

/// A change to a finding's object that mends what was found.
///
/// ```
/// use krm_function::{Finding, Fix};
///
/// let wrong = Finding::<&str>::warning("unknown-field", "unknown field replica; use replicas")
///     .field("spec.replica")
///     .fix(Fix::rename("spec.replica", "replicas"));
/// let fix = wrong.fix.unwrap();
/// assert!(fix.is_safe);
/// assert_eq!(
///     serde_json::json!(fix.patch),
///     serde_json::json!([{ "op": "move", "from": "/spec/replica", "path": "/spec/replicas" }]),
/// );
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Fix {
    /// The change. One that would show a secret is dropped with its fix.
    pub patch: Patch,
    /// Whether it keeps what the author means, so that a program may apply it without a person.
    pub is_safe: bool,
    /// What that changes in the file of the finding's place, where [`locate_fixes`](crate::locate_fixes)
    /// looked it up.
    pub replacement: Option<Replacement>,
}

/// A part of a file's text, and what is there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// Where the part starts.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
    /// The new text.
    pub text: String,
}

impl Fix {
    fn of(operation: PatchOperation) -> Self {
        Self { patch: Patch(vec![operation]), is_safe: true, replacement: None }
    }

    /// Sets a field that is there.
    #[must_use]
    pub fn replace(path: impl Into<FieldPath>, value: impl Into<Value>) -> Self {
        let path = path.into().to_pointer();
        Self::of(PatchOperation::Replace(ReplaceOperation { path, value: value.into() }))
    }

    /// Adds a field to a mapping that is there.
    #[must_use]
    pub fn add(path: impl Into<FieldPath>, value: impl Into<Value>) -> Self {
        let path = path.into().to_pointer();
        Self::of(PatchOperation::Add(AddOperation { path, value: value.into() }))
    }

    /// Removes a field.
    #[must_use]
    pub fn remove(path: impl Into<FieldPath>) -> Self {
        Self::of(PatchOperation::Remove(RemoveOperation { path: path.into().to_pointer() }))
    }

    /// Gives a key another name; what it holds stays as it is written.
    #[must_use]
    pub fn rename(path: impl Into<FieldPath>, key: &str) -> Self {
        let path = path.into();
        let parent = path.segments().split_last().map_or(&[][..], |(_, parent)| parent);
        let to = parent.iter().cloned().collect::<FieldPath>().key(key);
        let (from, path) = (path.to_pointer(), to.to_pointer());
        Self::of(PatchOperation::Move(MoveOperation { from, path }))
    }

    /// The same for a key that is misspelt: what was found and what is meant are compared, and where one
    /// letter at most is other it is safe.
    #[must_use]
    pub fn respell(path: impl Into<FieldPath>, found: &str, meant: &str, key: &str) -> Self {
        let fix = Self::rename(path, key);
        if is_within(found, meant, 1) { fix } else { fix.if_intended() }
    }

    /// What a value that could not be read lacks; `root` is the way to what was read.
    pub(super) fn of_error(
        object: NodeRef<'_>,
        root: &FieldPath,
        error: &ReadError,
    ) -> Option<Self> {
        let path = root.clone().join(&error.path);
        let node = object.find(&path)?;
        match error.correction.as_ref()? {
            Correction::Quotes => Some(Self::replace(path, node.unquoted()?.into_owned())),
            Correction::Key { found, meant } => {
                let (_, parent) = path.segments().split_last()?;
                let parent = object.find(&parent.iter().cloned().collect())?;
                parent.get(meant).is_none().then(|| Self::respell(path, found, meant, meant))
            }
            Correction::Value(meant) => {
                let fix = Self::replace(path, meant.as_str());
                let is_same = is_within(&node.as_str()?, meant, 0);
                Some(if is_same { fix } else { fix.if_intended() })
            }
        }
    }

    /// The same of a value at another path; `None` where it changes something else.
    pub(super) fn moved(self, old: &FieldPath, new: &FieldPath) -> Option<Self> {
        let Self { patch: Patch(mut operations), is_safe, replacement } = self;
        match &mut operations[..] {
            [PatchOperation::Replace(ReplaceOperation { path, .. })]
                if *path == old.to_pointer() =>
            {
                *path = new.to_pointer();
                Some(Self { patch: Patch(operations), is_safe, replacement })
            }
            _ => None,
        }
    }

    /// The same for an object: a value that is not there cannot be replaced, and is added where its parent is a
    /// mapping. `field` is the finding's.
    pub(super) fn applicable(mut self, object: NodeRef<'_>, field: &FieldPath) -> Option<Self> {
        let path = field.to_pointer();
        if object.find(field).is_some() {
            return Some(self);
        }
        for operation in &mut self.patch.0 {
            match operation {
                PatchOperation::Replace(replace) if replace.path == path => {
                    let (_, parent) = field.segments().split_last()?;
                    object.find(&parent.iter().cloned().collect())?.is_mapping().then_some(())?;
                    let ReplaceOperation { path, value } = replace.clone();
                    *operation = PatchOperation::Add(AddOperation { path, value });
                }
                _ => {}
            }
        }
        Some(self)
    }

    /// Whether it gives the key of a field another name.
    pub(super) fn renames(&self, field: &FieldPath) -> bool {
        let from = field.to_pointer();
        let is_rename = |operation: &PatchOperation| matches!(operation, PatchOperation::Move(one) if one.from == from);
        self.patch.0.iter().any(is_rename)
    }

    /// A change of several operations.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.patch.0.extend(other.patch.0);
        Self { is_safe: self.is_safe && other.is_safe, ..self }
    }

    /// The same, which is right only if the author means that.
    #[must_use]
    pub fn if_intended(self) -> Self {
        Self { is_safe: false, ..self }
    }

    /// Whether it removes an entry of a list, so that those after it get another index.
    pub(super) fn shifts_a_list(&self) -> bool {
        self.patch.0.iter().any(|operation| match operation {
            PatchOperation::Remove(remove) => {
                let last = remove.path.back().map(|token| token.decoded().into_owned());
                last.is_some_and(|last| last.parse::<usize>().is_ok())
            }
            _ => false,
        })
    }
}
