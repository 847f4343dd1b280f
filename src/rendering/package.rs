//! What kpt makes of a package: the pipeline of its Kptfile on its files, those of the packages below it
//! first (`internal/util/render` of kpt); and a folder of manifests with one function.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use krm_package::{FieldPath, Package};
use kustomize_types::Kptfile;
use kustomize_types::kptfile::{ConfigSource, FILE_NAME, PipelineFunction, Runner, Selector};
use kustomize_types::kustomization::FILE_NAMES;
use serde_json::Value;

use super::diags::{FileProblem, NotRendered, Refused, StepProblem};
use super::document::{Document, emitted};
use super::function::{Findings, Named, Planned, Step, config_map, name_of, of_annotation};
use super::written::Written;
use super::{Files, Rendered, resolved, text};

/// What kpt leaves out of a package, one pattern a line.
const IGNORE: &str = ".krmignore";

/// A package as it is rendered.
pub(crate) struct Tree {
    /// The objects, those of packages below first.
    pub(crate) rendered: Rendered,
    /// The files that have objects, as they were.
    pub(crate) before: BTreeMap<PathBuf, String>,
}

impl Tree {
    /// The files as they will be: those that no object is left in are gone.
    pub(crate) fn after(&self) -> BTreeMap<PathBuf, String> {
        let mut after: BTreeMap<PathBuf, String> = BTreeMap::new();
        for document in &self.rendered.documents {
            let Some(file) = &document.file else { continue };
            let text = after.entry(file.clone()).or_default();
            if !text.is_empty() && !document.text.starts_with("---") {
                if !text.ends_with('\n') {
                    text.push('\n');
                }
                text.push_str("---\n");
            }
            text.push_str(&document.text);
        }
        after
    }
}

/// The package in a folder, rendered.
///
/// # Errors
/// What kpt refuses as well, and what only kpt renders.
pub(crate) fn package(
    folder: &Path,
    files: &mut dyn Files,
    findings: &mut Findings,
) -> Result<Tree, Refused> {
    let mut read = Read::of(folder, files)?;
    let mut render = Render { folders: read.packages(folder), files, findings };
    let documents = render.package(folder, &mut read);
    let documents =
        documents.map_err(|refused| refused.located(&mut |file| render.files.file(file)))?;
    Ok(Tree { rendered: Rendered { documents, ..Rendered::default() }, before: read.before })
}

/// The manifests of a folder and the folders below it, after one function.
///
/// # Errors
/// A file that cannot be read, and what the function refuses.
pub(crate) fn with_config(
    folder: &Path,
    config: &Path,
    files: &mut dyn Files,
    findings: &mut Findings,
) -> Result<Tree, Refused> {
    let text = text(files, config)?;
    let read = Read::of(folder, files)?;
    let mut documents: Vec<Document> = read.documents.into_values().flatten().collect();
    let own = Document::of_file(config, &text)?;
    let name = match &own[..] {
        [own] => of_annotation(own, "--config", config)?,
        _ => {
            return Err(Refused::file(config, &FileProblem::NotOneConfiguration));
        }
    };
    let step = Step { file: config.to_owned(), config: text, written: Written::From(1), name };
    apply(&step, folder, &mut documents, &|document| is_object(document), findings)?;
    Ok(Tree { rendered: Rendered { documents, ..Rendered::default() }, before: read.before })
}

/// The manifests below a folder.
struct Read {
    documents: BTreeMap<PathBuf, Vec<Document>>,
    before: BTreeMap<PathBuf, String>,
}

impl Read {
    fn of(folder: &Path, files: &mut dyn Files) -> Result<Self, Refused> {
        let all = files.files(folder).map_err(|error| Refused::unavailable(folder, error))?;
        let ignored = ignored(folder, &all, files)?;
        let (mut documents, mut before) = (BTreeMap::new(), BTreeMap::new());
        for path in all {
            let below = path.strip_prefix(folder).unwrap_or(&path);
            let is_ignored = below.iter().any(|part| {
                part == ".git" || ignored.iter().any(|ignored| part == ignored.as_str())
            });
            if is_ignored || !is_manifest(&path) {
                continue;
            }
            let text = text(files, &path)?;
            let found = Document::of_file(&path, &text)?;
            if !found.is_empty() {
                documents.insert(path.clone(), found);
                before.insert(path, text);
            }
        }
        Ok(Self { documents, before })
    }

    /// The folders that are packages of their own, below the first.
    fn packages(&self, folder: &Path) -> Vec<PathBuf> {
        let kptfiles = self.before.keys().filter(|path| is_kptfile(path));
        let folders = kptfiles.filter_map(|path| path.parent()).map(Path::to_owned);
        folders.filter(|found| found != folder).collect()
    }
}

/// The names that a `.krmignore` leaves out.
fn ignored(folder: &Path, all: &[PathBuf], files: &mut dyn Files) -> Result<Vec<String>, Refused> {
    let mut names = Vec::new();
    for file in all.iter().filter(|path| path.file_name().is_some_and(|name| name == IGNORE)) {
        for line in text(files, file)?.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if line.contains(['*', '?', '[', '!', '/', '\\']) || file.parent() != Some(folder) {
                return Err(NotRendered::IgnorePattern.only_kpt(file, line));
            }
            names.push(line.to_owned());
        }
    }
    Ok(names)
}

fn is_manifest(path: &Path) -> bool {
    let end = path.extension().and_then(|end| end.to_str());
    is_kptfile(path) || matches!(end, Some("yaml" | "yml" | "json"))
}

fn is_kptfile(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == FILE_NAME)
}

/// Whether a function sees it: a kustomization without kind is not an object.
fn is_object(document: &Document) -> bool {
    let name = document.file.as_deref().and_then(Path::file_name).and_then(|name| name.to_str());
    let is_kustomization = name.is_some_and(|name| FILE_NAMES.contains(&name));
    !is_kustomization || !document.id.name.is_empty()
}

struct Render<'r> {
    /// The folders of all packages below the first.
    folders: Vec<PathBuf>,
    files: &'r mut dyn Files,
    findings: &'r mut Findings,
}

impl Render<'_> {
    fn package(&mut self, folder: &Path, read: &mut Read) -> Result<Vec<Document>, Refused> {
        let below: Vec<PathBuf> = self
            .folders
            .iter()
            .filter(|other| other.starts_with(folder) && *other != folder)
            .filter(|other| {
                let between = |one: &&PathBuf| {
                    one.starts_with(folder)
                        && *one != folder
                        && other.starts_with(one)
                        && other != one
                };
                !self.folders.iter().any(|one| between(&one))
            })
            .cloned()
            .collect();
        let mut documents = Vec::new();
        for other in &below {
            documents.extend(self.package(other, read)?);
        }
        let own: Vec<PathBuf> = read
            .documents
            .keys()
            .filter(|path| path.starts_with(folder))
            .filter(|path| !below.iter().any(|other| path.starts_with(other)))
            .cloned()
            .collect();
        for path in own {
            documents.extend(read.documents.remove(&path).unwrap_or_default());
        }
        let file = folder.join(FILE_NAME);
        let text = text(self.files, &file)?;
        let package =
            Package::stream(&text).map_err(|error| Refused::unread(&file, &text, error))?;
        let (_, node) =
            package.items().next().ok_or_else(|| Refused::file(&file, &FileProblem::Empty))?;
        let kptfile: Kptfile = node.read().map_err(|error| Refused::unread(&file, &text, error))?;
        let pipeline = kptfile.pipeline.unwrap_or_default();
        pipeline.check().map_err(|error| Refused::file(&file, &error))?;
        for (place, function) in pipeline.mutators.iter().enumerate() {
            let field = format!("pipeline.mutators[{place}]");
            let step = self.step(folder, (&file, &text), &field, function)?;
            self.files.progress(&format!("running {field} of {}", file.display()));
            let picks = |document: &Document| is_object(document) && picks(function, document);
            check_selectors(&file, &field, function, &documents)?;
            apply(&step, folder, &mut documents, &picks, self.findings)?;
        }
        for (place, function) in pipeline.validators.iter().enumerate() {
            let field = format!("pipeline.validators[{place}]");
            let step = self.step(folder, (&file, &text), &field, function)?;
            let seen = documents.iter().filter(|one| is_object(one) && picks(function, one));
            // What a validator would change kpt ignores.
            step.plan(seen, self.findings)?;
        }
        Ok(documents)
    }

    /// The function of a step, with its configuration.
    fn step<'f>(
        &mut self,
        folder: &Path,
        (file, kptfile): (&Path, &'f str),
        field: &str,
        function: &PipelineFunction,
    ) -> Result<Step<'f>, Refused> {
        let refused = |error: &dyn std::error::Error| {
            Refused::field(file, field, &StepProblem::Wrong { field, error })
        };
        let runner = function.runner().map_err(|error| refused(&error))?;
        let (Runner::Image(program) | Runner::Exec(program)) = runner;
        let named = name_of(program)
            .ok_or_else(|| NotRendered::OtherProgram(program).only_kpt(file, field))?;
        let (file, config, written) = match function.config().map_err(|error| refused(&error))? {
            Some(ConfigSource::Path(path)) => {
                let own = resolved(folder, path);
                let config = text(self.files, &own)?;
                (own, config, Written::From(1))
            }
            Some(ConfigSource::ConfigMap(data)) => {
                let field = FieldPath::from(field).key("configMap");
                let written = Written::Mapping { text: kptfile, field };
                (file.to_owned(), emitted(config_map(data))?, written)
            }
            None => {
                let problem = StepProblem::NoConfiguration { field };
                return Err(Refused::field(file, field, &problem));
            }
        };
        let name = match named {
            Named::Function(name) => Some(name),
            Named::ByKind => None,
        };
        Ok(Step { file, config, written, name })
    }
}

/// Runs a function on those objects that it gets; what it adds goes into files of the folder.
fn apply(
    step: &Step<'_>,
    folder: &Path,
    documents: &mut Vec<Document>,
    picks: &dyn Fn(&Document) -> bool,
    findings: &mut Findings,
) -> Result<(), Refused> {
    let places: Vec<usize> =
        (0..documents.len()).filter(|place| picks(&documents[*place])).collect();
    let seen = places.iter().filter_map(|place| documents.get(*place));
    let planned: Planned = step.plan(seen, findings)?;
    planned.apply(documents, &places, |new| Some(new_file(folder, new)))
}

/// Where kpt writes a new object: `NAMESPACE/KIND_NAME.yaml`.
fn new_file(folder: &Path, new: &Document) -> PathBuf {
    let file = format!("{}_{}.yaml", new.id.gvk.kind.to_lowercase(), new.id.name);
    if new.id.namespace.is_empty() {
        folder.join(file)
    } else {
        folder.join(&new.id.namespace).join(file)
    }
}

fn picks(function: &PipelineFunction, document: &Document) -> bool {
    let is_selected = function.selectors.is_empty()
        || function.selectors.iter().any(|selector| selects(selector, document));
    is_selected && !function.exclude.iter().any(|selector| selects(selector, document))
}

/// kpt passes an object that two selectors pick twice, and then fails.
fn check_selectors(
    file: &Path,
    field: &str,
    function: &PipelineFunction,
    documents: &[Document],
) -> Result<(), Refused> {
    for document in documents {
        let times = function.selectors.iter().filter(|one| selects(one, document)).count();
        if times > 1 {
            let object = &document.id.shown();
            let problem = StepProblem::PickedTwice { field, object, times };
            return Err(Refused::field(file, field, &problem));
        }
    }
    Ok(())
}

fn selects(selector: &Selector, document: &Document) -> bool {
    let id = &document.id;
    let api_version = if id.gvk.group.is_empty() {
        id.gvk.version.clone()
    } else {
        format!("{}/{}", id.gvk.group, id.gvk.version)
    };
    let fits = |wanted: &Option<String>, found: &str| {
        wanted.as_deref().is_none_or(|wanted| wanted.is_empty() || wanted == found)
    };
    let has = |wanted: &BTreeMap<String, String>, field: &str| {
        wanted.is_empty() || {
            let texts = document.texts(field);
            wanted.iter().all(|(key, text)| texts.get(key).and_then(Value::as_str) == Some(text))
        }
    };
    fits(&selector.api_version, &api_version)
        && fits(&selector.kind, &id.gvk.kind)
        && fits(&selector.name, &id.name)
        && fits(&selector.namespace, &id.namespace)
        && has(&selector.labels, "labels")
        && has(&selector.annotations, "annotations")
}
