//! The operations of a patch, by the keys on the way to what they change.

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, MoveOperation, PatchOperation, RemoveOperation, ReplaceOperation};
use serde_json::Value;

/// Adds a key to a mapping (or sets it), or an entry to a list; `-` is the place after the last.
#[must_use]
pub fn add(path: &[&str], value: impl Into<Value>) -> PatchOperation {
    PatchOperation::Add(AddOperation { path: pointer(path), value: value.into() })
}

/// Sets what is there.
#[must_use]
pub fn replace(path: &[&str], value: impl Into<Value>) -> PatchOperation {
    PatchOperation::Replace(ReplaceOperation { path: pointer(path), value: value.into() })
}

/// Removes what is there.
#[must_use]
pub fn remove(path: &[&str]) -> PatchOperation {
    PatchOperation::Remove(RemoveOperation { path: pointer(path) })
}

/// Moves what is there to another key of the same mapping: the key alone is rewritten.
#[must_use]
pub fn rename(path: &[&str], key: &str) -> PatchOperation {
    let parent = path.split_last().map_or(&[][..], |(_, parent)| parent);
    let path_of_key = [parent, &[key]].concat();
    PatchOperation::Move(MoveOperation { from: pointer(path), path: pointer(&path_of_key) })
}

fn pointer(path: &[&str]) -> PointerBuf {
    PointerBuf::from_tokens(path.iter().copied())
}
