//! The proof of a patched object: where operations changed it, it reads as `json-patch` says, and
//! everywhere else it is written as before.

use json_patch::jsonptr::{Pointer, PointerBuf};
use json_patch::{
    AddOperation, MoveOperation, Patch, PatchOperation, RemoveOperation, ReplaceOperation,
};
use serde_json::Value;

use crate::error::{Position, SourceError};
use crate::read::{NodeRef, ReadError};
use crate::syntax::tree::{Form, Marks, NodeId};

/// The part of an object in which all operations of a patch lie, and what it is to be.
pub(crate) struct Wanted {
    /// The way to that part, from the object.
    way: Vec<String>,
    value: Value,
}

impl Wanted {
    /// The part of an object that a patch changes, as it is before.
    ///
    /// # Errors
    /// A part that cannot be read.
    pub(super) fn of(object: NodeRef<'_>, patch: &Patch) -> Result<Self, SourceError> {
        let mut way = common_parent(patch);
        // What an alias or a `<<` repeats is of other parts as well: then all of the object is read.
        if !object.tree.links(object.id).is_empty() || way.iter().any(|key| key == "<<") {
            way.clear();
        }
        let part = loop {
            match at(object, &way) {
                Some(part) => break part,
                None => way.pop(),
            };
        };
        let value = part.value().map_err(|error| unreadable(error, &way))?;
        Ok(Self { way, value })
    }

    /// The same part as it is to be.
    ///
    /// # Errors
    /// An operation that does not fit it.
    pub(super) fn patched(
        mut self,
        patch: &Patch,
        at: impl Fn() -> Position,
    ) -> Result<Self, SourceError> {
        let depth = self.way.len();
        let inside = Patch(patch.0.iter().map(|operation| below(operation, depth)).collect());
        json_patch::patch(&mut self.value, &inside).map_err(|error| SourceError {
            position: at(),
            message: format!("the edit does not fit the object: {error}"),
        })?;
        Ok(self)
    }

    /// Whether an object is what the patch makes of the one before.
    ///
    /// # Errors
    /// A part that cannot be read.
    pub(super) fn is(&self, before: NodeRef<'_>, after: NodeRef<'_>) -> Result<bool, SourceError> {
        let Some(part) = at(after, &self.way) else { return Ok(false) };
        let changed = at(before, &self.way).map_or(before.id, |part| part.id);
        Ok(part.is(&self.value).map_err(|error| unreadable(error, &self.way))?
            && is_written_alike(before, after, Some((changed, part.id))))
    }
}

fn unreadable(error: ReadError, way: &[String]) -> SourceError {
    let mut path = crate::path::FieldPath::root();
    for key in way {
        path = path.key(key.as_str());
    }
    let path = path.join(&error.path);
    let message = if path.is_root() { error.message } else { format!("{path}: {}", error.message) };
    SourceError { position: error.position, message }
}

/// The keys that lead to the innermost collection in which every operation lies.
fn common_parent(patch: &Patch) -> Vec<String> {
    let parents = patch.0.iter().map(|operation| {
        let mut keys: Vec<String> =
            path(operation).tokens().map(|token| token.decoded().into_owned()).collect();
        keys.pop();
        keys
    });
    let common = |mut one: Vec<String>, other: Vec<String>| {
        one.truncate(one.iter().zip(&other).take_while(|(one, other)| one == other).count());
        one
    };
    parents.reduce(common).unwrap_or_default()
}

fn path(operation: &PatchOperation) -> &Pointer {
    match operation {
        PatchOperation::Add(add) => &add.path,
        PatchOperation::Remove(remove) => &remove.path,
        PatchOperation::Replace(replace) => &replace.path,
        PatchOperation::Move(moved) => &moved.path,
        PatchOperation::Copy(copied) => &copied.path,
        PatchOperation::Test(test) => &test.path,
    }
}

/// The operation as it is to what is so many keys down.
fn below(operation: &PatchOperation, depth: usize) -> PatchOperation {
    let inside = |path: &Pointer| {
        let tokens = path.tokens().skip(depth);
        PointerBuf::from_tokens(tokens.map(|token| token.decoded().into_owned()))
    };
    let path = inside(path(operation));
    match operation {
        PatchOperation::Add(add) => {
            PatchOperation::Add(AddOperation { path, value: add.value.clone() })
        }
        PatchOperation::Remove(_) => PatchOperation::Remove(RemoveOperation { path }),
        PatchOperation::Replace(replace) => {
            PatchOperation::Replace(ReplaceOperation { path, value: replace.value.clone() })
        }
        PatchOperation::Move(moved) => {
            PatchOperation::Move(MoveOperation { from: inside(&moved.from), path })
        }
        // No edit: refused where it would be applied.
        other => other.clone(),
    }
}

/// What is at the end of a way through mappings.
fn at<'t>(object: NodeRef<'t>, way: &[String]) -> Option<NodeRef<'t>> {
    way.iter().try_fold(object, |node, key| {
        let mut entries = node.tree.entries(node.id);
        let (_, value) = entries.find(|(name, _)| node.at(*name).says(key))?;
        Some(node.at(value))
    })
}

/// Whether two nodes are written alike, but for a part of each.
pub(super) fn is_written_alike(
    before: NodeRef<'_>,
    after: NodeRef<'_>,
    parts: Option<(NodeId, NodeId)>,
) -> bool {
    let same_text = |one: &Option<std::ops::Range<u32>>, other: &Option<std::ops::Range<u32>>| {
        let text = |node: &NodeRef<'_>, range: &Option<std::ops::Range<u32>>| {
            range
                .clone()
                .map(|range| node.source[range.start as usize..range.end as usize].to_owned())
        };
        (one.is_none() && other.is_none()) || text(&before, one) == text(&after, other)
    };
    let size = |node: NodeRef<'_>, id: NodeId| node.tree.node(id).next - id.0;
    let is_part = |at: (NodeId, NodeId)| {
        (parts.is_some_and(|parts| at.0 == parts.0), parts.is_some_and(|parts| at.1 == parts.1))
    };
    let mut at = (before.id, after.id);
    let end = (before.tree.node(before.id).next, after.tree.node(after.id).next);
    while at.0.0 < end.0 && at.1.0 < end.1 {
        let (one, other) = (before.tree.node(at.0), after.tree.node(at.1));
        let part = is_part(at);
        if part.0 != part.1 {
            return false;
        }
        let properties = (before.tree.properties(at.0), after.tree.properties(at.1));
        let has_same_properties = match properties {
            (None, None) => true,
            (Some(one), Some(other)) => {
                same_text(&one.anchor, &other.anchor) && same_text(&one.tag, &other.tag)
            }
            _ => false,
        };
        if !has_same_properties {
            return false;
        }
        if part.0 {
            at = (NodeId(one.next), NodeId(other.next));
            continue;
        }
        if one.form != other.form || one.form == Form::Alias {
            return false;
        }
        if one.form.is_scalar() {
            let text = &before.source[one.start as usize..one.end as usize];
            let is_same = one.indent == other.indent
                && text == &after.source[other.start as usize..other.end as usize];
            if !is_same {
                return false;
            }
        } else {
            // As many nodes below, less what the changed part has more or less.
            let sizes = (size(before, at.0), size(after, at.1));
            let holds = |parts: &(NodeId, NodeId)| {
                (before.tree.contains(at.0, parts.0), after.tree.contains(at.1, parts.1))
            };
            let is_same = match parts.map(|parts| (holds(&parts), parts)) {
                None | Some(((false, false), _)) => sizes.0 == sizes.1,
                Some(((true, true), parts)) => {
                    sizes.0 - size(before, parts.0) == sizes.1 - size(after, parts.1)
                }
                Some(_) => false,
            };
            if !is_same
                || one.marks.has(Marks::EXPLICIT_KEY) != other.marks.has(Marks::EXPLICIT_KEY)
            {
                return false;
            }
        }
        at = (NodeId(at.0.0 + 1), NodeId(at.1.0 + 1));
    }
    at.0.0 == end.0 && at.1.0 == end.1
}

#[cfg(test)]
mod tests;
