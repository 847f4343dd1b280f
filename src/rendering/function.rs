//! A function of this project as a step of a rendering.

use std::path::{Path, PathBuf};

use krm_package::{Edit, ItemId, NodeRef, Package};
use kustomize_types::function_annotation::{
    FUNCTION_ANNOTATION, FunctionSpec, LEGACY_FUNCTION_ANNOTATION, Runner,
};
use serde_json::{Value, json};

use super::diags::{FileProblem, NotRendered, Refused};
use super::document::{Document, stream_of};
use super::written::Written;
use crate::finding::Finding;
use crate::functions;
use crate::runtime::{self, API_VERSION, Acceptances, Call, ConfigSource, FunctionConfig};

/// A function, its configuration, and where that is.
pub(super) struct Step<'a> {
    /// The file that the configuration is in.
    pub(super) file: PathBuf,
    /// The configuration.
    pub(super) config: String,
    /// Where it is in that file.
    pub(super) written: Written<'a>,
    /// The function's name, where the configuration's kind does not tell.
    pub(super) name: Option<&'static str>,
}

/// What the functions of a rendering find.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// What they found, in the order of their runs.
    pub(crate) all: Vec<Finding>,
    /// What is accepted beside what their configurations accept.
    accepted: Acceptances,
}

impl Findings {
    pub(crate) fn accepting(accepted: &Acceptances) -> Self {
        Self { all: Vec::new(), accepted: accepted.clone().for_several_runs() }
    }

    /// Adds what was found without a function, of which the same is accepted.
    pub(crate) fn report(&mut self, mut findings: Vec<Finding>) {
        self.accepted.apply(&mut findings);
        self.add(findings);
    }

    /// Adds what one run found. What an earlier one found as well is reported once.
    fn add(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            if !self.all.contains(&finding) {
                self.all.push(finding);
            }
        }
    }
}

/// What a function wants changed.
pub(super) struct Planned {
    edits: Vec<Edit>,
}

impl Planned {
    pub(super) fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }
}

impl Step<'_> {
    /// Runs the function on objects. Its findings are added to `findings`; an error among them refuses.
    pub(super) fn plan<'d>(
        &self,
        documents: impl Iterator<Item = &'d Document>,
        findings: &mut Findings,
    ) -> Result<Planned, Refused> {
        let (stream, files) = stream_of(documents);
        let package =
            Package::stream(&self.config).map_err(|error| Refused::file(&self.file, &error))?;
        let node = one(&package)
            .ok_or_else(|| Refused::file(&self.file, &FileProblem::NotOneConfiguration))?;
        let name = self.file.display().to_string();
        let config = FunctionConfig::new(node, ConfigSource::File(&name)).map_err(Refused::from)?;
        let accepted = findings.accepted.clone();
        let call = Call { name: self.name, config: Some(&config), accepted, ..Call::default() };
        let mut run = runtime::files(&stream, &files, functions::ALL, &call);
        self.written.place(&self.config, &name, &mut run.findings);
        let success = run.success;
        findings.add(run.findings);
        if success { Ok(Planned { edits: run.edits }) } else { Err(Vec::new().into()) }
    }
}

impl Planned {
    /// Makes the changes, where `places` are those of the objects that the function saw, in their
    /// order. New objects come last, in a file that `file` names.
    pub(super) fn apply(
        self,
        documents: &mut Vec<Document>,
        places: &[usize],
        file: impl Fn(&Document) -> Option<std::path::PathBuf>,
    ) -> Result<(), Refused> {
        let mut removed = vec![false; documents.len()];
        let mut added = Vec::new();
        let place = |item: ItemId| places.get(item.0).copied();
        for edit in self.edits {
            match edit {
                Edit::Patch { item, operations } => {
                    if let Some(document) = place(item).and_then(|place| documents.get_mut(place)) {
                        document.patch(operations.0)?;
                    }
                }
                Edit::RemoveItem(item) => {
                    if let Some(removed) = place(item).and_then(|place| removed.get_mut(place)) {
                        *removed = true;
                    }
                }
                Edit::AddItem(object) => {
                    let mut document = Document::of_value(object.value())?;
                    document.file = file(&document);
                    added.push(document);
                }
            }
        }
        let mut gone = removed.into_iter();
        documents.retain(|_| !gone.next().unwrap_or_default());
        documents.extend(added);
        Ok(())
    }
}

/// The one object of a text.
fn one<'p>(package: &'p Package<'_>) -> Option<NodeRef<'p>> {
    let mut items = package.items();
    let (_, first) = items.next()?;
    items.next().is_none().then_some(first)
}

/// Which function of ours a host would run for a configuration of kustomize.
///
/// # Errors
/// A configuration that is not for one of this project's functions.
pub(super) fn of_annotation(
    document: &Document,
    field: &str,
    kustomization: &Path,
) -> Result<Option<&'static str>, Refused> {
    let value = document.value()?;
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let only_the_host = |why: NotRendered<'_>| why.only_kustomize(kustomization, field);
    let annotations = document.texts("annotations");
    let annotation = [FUNCTION_ANNOTATION, LEGACY_FUNCTION_ANNOTATION]
        .iter()
        .find_map(|key| annotations.get(*key).and_then(Value::as_str));
    let program = annotation.map(|text| program(document, text)).transpose()?.flatten();
    let is_ours = text("apiVersion") == API_VERSION;
    match program {
        Some(program) => match name_of(&program) {
            Some(Named::Function(name)) => Ok(Some(name)),
            Some(Named::ByKind) if is_ours => Ok(None),
            _ => Err(only_the_host(NotRendered::OtherProgram(&program))),
        },
        None if is_ours => Ok(None),
        None => {
            let (api_version, kind) = (text("apiVersion"), text("kind"));
            Err(only_the_host(NotRendered::OtherConfiguration { api_version, kind }))
        }
    }
}

/// The image or program that the annotation names.
fn program(document: &Document, annotation: &str) -> Result<Option<String>, Refused> {
    let package = Package::stream(annotation).map_err(|error| document.refused(&error))?;
    let Some(node) = one(&package) else { return Ok(None) };
    let spec: FunctionSpec = node.read().map_err(|error| document.refused(&error))?;
    Ok(spec.runner().map(|runner| match runner {
        Runner::Container(container) => container.image.clone(),
        Runner::Exec(exec) => {
            std::iter::once(&exec.path).chain(&exec.args).cloned().collect::<Vec<_>>().join(" ")
        }
    }))
}

/// What an image or a program of this project is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// One function.
    Function(&'static str),
    /// All of them; the configuration's kind tells which.
    ByKind,
}

/// The function that an image, or a program with its arguments, runs; `None` where it is not ours.
pub(crate) fn name_of(program: &str) -> Option<Named> {
    const OWN: &str = "kserve-aws";
    let function = |name: &str| functions::ALL.named(name).ok().map(|found| found.name);
    let mut words = program.split_whitespace();
    let first = words.next()?.rsplit('/').next()?;
    let rest: Vec<&str> = words.collect();
    match rest[..] {
        [] | ["fn"] => {
            let name = first.split(['@', ':']).next()?;
            if name == OWN { Some(Named::ByKind) } else { function(name).map(Named::Function) }
        }
        ["fn", name] if first == OWN => function(name).map(Named::Function),
        _ => None,
    }
}

/// The ConfigMap that kpt makes of a step's `configMap`.
pub(super) fn config_map(data: &std::collections::BTreeMap<String, String>) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": { "name": "function-input" },
        "data": data,
    })
}
