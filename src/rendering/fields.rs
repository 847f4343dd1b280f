//! Fields by the paths of kustomize's tables, in which a list on the way represents each of its entries
//! (`api/filters/fieldspec/fieldspec.go`).

use json_patch::PatchOperation;
use krm_package::operation;
use serde_json::{Map, Value};

use super::diags::{FieldProblem, FieldValueProblem};
use super::id::Gvk;

/// A field of the objects of some kinds; an empty group, version or kind is any.
#[derive(Debug, Clone, Copy)]
pub(super) struct FieldSpec {
    pub(super) group: &'static str,
    pub(super) version: &'static str,
    pub(super) kind: &'static str,
    /// What the path begins with, where several kinds share the rest.
    pub(super) below: &'static str,
    /// With slashes; one within a key is `\/`.
    pub(super) path: &'static str,
    /// Whether it is added where it is missing.
    pub(super) create: bool,
}

/// What is there at the end of a path.
pub(super) enum Leaf {
    Text,
    Mapping,
}

/// What is done to a field: it changes the value and gives the operations, of which each path begins at
/// the field.
pub(super) type Set<'f> =
    dyn FnMut(&mut Value) -> Result<Vec<PatchOperation>, FieldValueProblem> + 'f;

impl FieldSpec {
    pub(super) fn fits(&self, gvk: &Gvk) -> bool {
        gvk.is_of(self.group, self.version, self.kind)
    }

    /// Does something to every field of the path.
    pub(super) fn visit(
        &self,
        object: &mut Value,
        leaf: &Leaf,
        set: &mut Set<'_>,
    ) -> Result<Vec<PatchOperation>, FieldProblem> {
        let mut path = if self.below.is_empty() { Vec::new() } else { segments(self.below) };
        path.extend(segments(self.path));
        let mut visit = Visit { create: self.create, leaf, set, at: Vec::new() };
        let mut operations = Vec::new();
        visit
            .node(object, &path, &mut operations)
            .map_err(|problem| FieldProblem { path: self.path, problem })?;
        Ok(operations)
    }
}

/// The keys of a path.
fn segments(path: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut segment = String::new();
    let mut characters = path.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if characters.peek() == Some(&'/') => {
                characters.next();
                segment.push('/');
            }
            '/' => found.push(std::mem::take(&mut segment)),
            other => segment.push(other),
        }
    }
    found.push(segment);
    found
}

struct Visit<'v, 'f> {
    create: bool,
    leaf: &'v Leaf,
    set: &'v mut Set<'f>,
    at: Vec<String>,
}

impl Visit<'_, '_> {
    fn node(
        &mut self,
        node: &mut Value,
        path: &[String],
        operations: &mut Vec<PatchOperation>,
    ) -> Result<(), FieldValueProblem> {
        let Some((key, rest)) = path.split_first() else {
            let found = (self.set)(node)?;
            operations.extend(found.into_iter().map(|operation| below(&self.at, operation)));
            return Ok(());
        };
        match node {
            Value::Null => Ok(()),
            Value::Array(entries) => {
                for (place, entry) in entries.iter_mut().enumerate() {
                    self.at.push(place.to_string());
                    let done = self.node(entry, path, operations);
                    self.at.pop();
                    done?;
                }
                Ok(())
            }
            Value::Object(fields) => self.field(fields, key, rest, operations),
            _ => Err(FieldValueProblem::Scalar),
        }
    }

    fn field(
        &mut self,
        fields: &mut Map<String, Value>,
        key: &str,
        rest: &[String],
        operations: &mut Vec<PatchOperation>,
    ) -> Result<(), FieldValueProblem> {
        let name = key.strip_suffix("[]").unwrap_or(key);
        let creates = self.create && name == key;
        let is_missing = fields.get(name).is_none_or(Value::is_null);
        self.at.push(name.to_owned());
        let done = match fields.get_mut(name) {
            // What is new is added as a whole.
            _ if creates && is_missing => {
                let mut value = match self.leaf {
                    Leaf::Text if rest.is_empty() => Value::String(String::new()),
                    _ => Value::Object(Map::new()),
                };
                let done = self.node(&mut value, rest, &mut Vec::new());
                operations.push(operation::add(&borrowed(&self.at), value.clone()));
                fields.insert(name.to_owned(), value);
                done
            }
            Some(value) => self.node(value, rest, operations),
            None => Ok(()),
        };
        self.at.pop();
        done
    }
}

/// An operation on a field, as one on the object that has it.
pub(super) fn below(at: &[String], operation: PatchOperation) -> PatchOperation {
    let whole = |own: &json_patch::jsonptr::Pointer| -> Vec<String> {
        let own = own.tokens().map(|token| token.decoded().into_owned());
        at.iter().cloned().chain(own).collect()
    };
    match operation {
        PatchOperation::Add(add) => operation::add(&borrowed(&whole(&add.path)), add.value),
        PatchOperation::Replace(new) => operation::replace(&borrowed(&whole(&new.path)), new.value),
        other => other,
    }
}

fn borrowed(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}

/// Sets a text field.
pub(super) fn text(
    value: &mut Value,
    wanted: &str,
) -> Result<Vec<PatchOperation>, FieldValueProblem> {
    match value {
        Value::Object(_) | Value::Array(_) => Err(FieldValueProblem::NotText),
        found if found.as_str() == Some(wanted) => Ok(Vec::new()),
        found => {
            *found = Value::from(wanted);
            Ok(vec![operation::replace(&[], wanted)])
        }
    }
}

/// Sets a key of a mapping.
pub(super) fn entry(
    value: &mut Value,
    key: &str,
    wanted: &str,
) -> Result<Vec<PatchOperation>, FieldValueProblem> {
    match value {
        Value::Object(fields) if fields.get(key).and_then(Value::as_str) == Some(wanted) => {
            Ok(Vec::new())
        }
        Value::Object(fields) => {
            fields.insert(key.to_owned(), Value::from(wanted));
            Ok(vec![operation::add(&[key], wanted)])
        }
        Value::Null => {
            *value = serde_json::json!({ key: wanted });
            Ok(vec![operation::replace(&[], value.clone())])
        }
        _ => Err(FieldValueProblem::NotMapping),
    }
}
