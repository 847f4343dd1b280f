//! `patches`: JSON 6902 patches, and an Ingress that is merged into one
//! (`api/internal/builtins/PatchTransformer.go` of kustomize).

use std::path::Path;

use json_patch::PatchOperation;
use krm_package::{Package, SourceError, operation};
use kustomize_types::kustomization::Patch;
use serde_json::{Value, json};

use super::super::diags::{NotRendered, PatchProblem, Refused};
use super::super::document::Document;
use super::super::{Files, text};
use super::inside::inside;
use super::select::Target;

/// What a patch does.
enum Change {
    Json(json_patch::Patch),
    /// An Ingress: its lists are atomic, so that a merge of JSON does what a strategic merge does.
    Merge(Value),
}

/// A patch that was read.
pub(super) struct Read<'k> {
    patch: &'k Patch,
    change: Change,
    target: Option<Target>,
    /// What messages name it by.
    place: std::path::PathBuf,
}

impl<'k> Read<'k> {
    pub(super) fn of(
        patch: &'k Patch,
        folder: &Path,
        kustomization: &Path,
        files: &mut dyn Files,
    ) -> Result<Self, Refused> {
        let filled =
            |text: &'k Option<String>| text.as_deref().filter(|text| !text.trim().is_empty());
        let (place, source) = match (filled(&patch.path), filled(&patch.patch)) {
            (Some(path), None) => {
                let place = inside(folder, kustomization, "patches", path)?;
                let source = text(files, &place)?;
                (place, source)
            }
            (None, Some(patch)) => (kustomization.to_owned(), patch.to_owned()),
            _ => return Err(Refused::file(kustomization, &PatchProblem::NoSource)),
        };
        let only = |field: &str, why: NotRendered<'_>| why.only_kustomize(kustomization, field);
        if source.trim_start().starts_with('[') && serde_json::from_str::<Value>(&source).is_err() {
            return Err(Refused::file(&place, &PatchProblem::NotJson));
        }
        let value = one(&source).map_err(|error| match place == kustomization {
            // The lines are those of the text in the kustomization.
            true => Refused::file(&place, &PatchProblem::Inline(error)),
            false => Refused::unread(&place, &source, error),
        })?;
        let value = value.ok_or_else(|| only("patches", NotRendered::SeveralPatches))?;
        let change = if value.is_array() {
            Change::Json(operations(&place, value)?)
        } else if value.get("kind") == Some(&json!("Ingress")) && !has_directive(&value) {
            Change::Merge(value)
        } else {
            return Err(only("patches", NotRendered::StrategicMerge));
        };
        let target = patch.target.as_ref().map(Target::of).transpose();
        let target = target.map_err(|(field, why)| only(field, why))?;
        if target.is_none() && matches!(change, Change::Json(_)) {
            return Err(Refused::file(&place, &PatchProblem::NoTarget));
        }
        Ok(Self { patch, change, target, place })
    }

    pub(super) fn apply(&self, documents: &mut [Document]) -> Result<(), Refused> {
        let mut found = false;
        for document in documents.iter_mut().filter(|document| self.is_for(document)) {
            found = true;
            match &self.change {
                Change::Json(patch) => {
                    document.store_earlier();
                    let operations =
                        with_annotations(&document.value()?, patch).map_err(|error| {
                            let object = &document.id.shown();
                            Refused::file(&self.place, &PatchProblem::NotApplied { object, error })
                        })?;
                    document.patch(operations)?;
                }
                Change::Merge(merge) => self.merge(merge, document)?,
            }
        }
        if !found && self.target.is_none() {
            return Err(Refused::file(&self.place, &PatchProblem::NoObject));
        }
        Ok(())
    }

    fn is_for(&self, document: &Document) -> bool {
        match (&self.target, &self.change) {
            (Some(target), _) => target.picks(document),
            (None, Change::Merge(merge)) => {
                let text =
                    |place: &str| merge.pointer(place).and_then(Value::as_str).unwrap_or_default();
                let namespace = match text("/metadata/namespace") {
                    "" => super::super::id::DEFAULT_NAMESPACE,
                    namespace => namespace,
                };
                let (original, name) = document.original();
                document.id.gvk == super::super::id::Gvk::new(text("/apiVersion"), text("/kind"))
                    && (original, name) == (namespace, text("/metadata/name"))
            }
            (None, Change::Json(_)) => false,
        }
    }

    /// Namespace and kind stay, and the name does where the patch may not change it.
    fn merge(&self, merge: &Value, document: &mut Document) -> Result<(), Refused> {
        if document.id.gvk.kind != "Ingress" {
            let object = &document.id.shown();
            return Err(Refused::file(&self.place, &PatchProblem::NotAnIngress(object)));
        }
        let options = self.patch.options.unwrap_or_default();
        if options.allow_kind_change {
            let field = "patches[].options.allowKindChange";
            return Err(NotRendered::Field.only_kustomize(&self.place, field));
        }
        if options.allow_name_change {
            document.store_earlier();
        }
        let before = document.value()?;
        let mut value = before.clone();
        json_patch::merge(&mut value, merge);
        let keep = |value: &mut Value, field: &str| match before["metadata"].get(field) {
            Some(old) => value["metadata"][field] = old.clone(),
            None => {
                value["metadata"].as_object_mut().map(|metadata| metadata.remove(field));
            }
        };
        keep(&mut value, "namespace");
        if !options.allow_name_change {
            keep(&mut value, "name");
        }
        value["apiVersion"] = before["apiVersion"].clone();
        if value == before { Ok(()) } else { document.replace(value) }
    }
}

/// While kustomize patches an object, it has annotations: those in which kustomize keeps its earlier name.
/// A patch can so add one to an object that has none, and none is left that is empty.
fn with_annotations(
    value: &Value,
    patch: &json_patch::Patch,
) -> Result<Vec<PatchOperation>, json_patch::PatchError> {
    const ANNOTATIONS: [&str; 2] = ["metadata", "annotations"];
    let annotations =
        |value: &Value| value.pointer("/metadata/annotations").cloned().unwrap_or_default();
    let mut after = value.clone();
    let mut made = Vec::new();
    let has_none = annotations(value).is_null();
    let mut apply = |operation: PatchOperation, made: &mut Vec<PatchOperation>| {
        let one = json_patch::Patch(vec![operation.clone()]);
        made.push(operation);
        json_patch::patch(&mut after, &one).map(|()| after.clone())
    };
    let mut before = value.clone();
    if has_none {
        before = apply(operation::add(&ANNOTATIONS, json!({})), &mut made)?;
    }
    for operation in &patch.0 {
        before = apply(replaced_or_added(operation, &before), &mut made)?;
    }
    if before.pointer("/metadata/annotations").is_some_and(|left| left == &json!({})) {
        if has_none && patch.0.iter().all(|one| !touches_annotations(one)) {
            // What was only added to be removed again needs no operation.
            made.remove(0);
        } else {
            made.push(operation::remove(&ANNOTATIONS));
        }
    }
    Ok(made)
}

/// kustomize replaces a key that a mapping does not have as if it were added (`replace` in `patch.go` of
/// evanphx/json-patch v4).
fn replaced_or_added(operation: &PatchOperation, value: &Value) -> PatchOperation {
    if let PatchOperation::Replace(new) = operation
        && new.path.resolve(value).is_err()
        && new.path.parent().is_some_and(|parent| parent.resolve(value).is_ok_and(Value::is_object))
    {
        let (path, value) = (new.path.clone(), new.value.clone());
        return PatchOperation::Add(json_patch::AddOperation { path, value });
    }
    operation.clone()
}

fn touches_annotations(operation: &PatchOperation) -> bool {
    operation.path().as_str().starts_with("/metadata/annotations")
        || operation.path().as_str() == "/metadata"
}

/// The value of a text of one document.
fn one(source: &str) -> Result<Option<Value>, SourceError> {
    let package = Package::stream(source)?;
    let mut items = package.items();
    let value = items.next().map(|(_, node)| node.value());
    let value = value.transpose()?;
    Ok(value.filter(|_| items.next().is_none()))
}

fn operations(place: &Path, value: Value) -> Result<json_patch::Patch, Refused> {
    let patch: json_patch::Patch = serde_json::from_value(value)
        .map_err(|error| Refused::file(place, &PatchProblem::NotOperations(error)))?;
    let is_from_the_end = |operation: &PatchOperation| {
        let path = operation.path();
        path.tokens().any(|token| {
            token.decoded().starts_with('-')
                && token.decoded().len() > 1
                && token.decoded()[1..].bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    if patch.0.iter().any(is_from_the_end) {
        return Err(Refused::file(place, &PatchProblem::NegativeIndex));
    }
    Ok(patch)
}

fn has_directive(value: &Value) -> bool {
    match value {
        Value::Object(fields) => {
            fields.iter().any(|(key, value)| key.starts_with('$') || has_directive(value))
        }
        Value::Array(entries) => entries.iter().any(has_directive),
        _ => false,
    }
}
