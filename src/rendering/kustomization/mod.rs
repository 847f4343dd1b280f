//! What kustomize makes of a kustomization (`api/internal/target/kusttarget.go`): resources, then
//! generators, components, the fields that change objects, and functions.

mod fields;
mod generate;
mod hash;
mod inside;
mod labels;
mod namespace;
mod order;
mod patches;
mod places;
mod reference_fields;
mod references;
mod select;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use krm_package::{Package, operation};
use kustomize_types::kustomization::{FILE_NAMES, FunctionSource, SortOrder, Variant};
use serde_json::Value;

use self::fields::{Kustomization, unknown};
use self::generate::{Generator, absorb};
use self::inside::inside;
use self::places::Source;
use super::diags::{FileProblem, KustomizationProblem, NotRendered, ObjectProblem, Refused};
use super::document::Document;
use super::function::{Findings, Step, of_annotation};
use super::id::Key;
use super::written::Written;
use super::{Files, Rendered, resolved, text};

/// Folders refer to each other two or three deep.
const MAX_DEPTH: usize = 16;
/// What kustomize keeps its own notes in, and takes away at the end.
const OWN_ANNOTATIONS: [&str; 3] =
    ["internal.config.kubernetes.io/", "config.kubernetes.io/index", "config.k8s.io/id"];

/// Whether this project's functions run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Functions {
    /// They do.
    Run,
    /// They do not: what else the kustomization says is done.
    Leave,
}

/// The objects of the kustomization in a folder, in the order in which kustomize prints them.
///
/// # Errors
/// What kustomize refuses as well, and what only kustomize renders.
pub(crate) fn kustomization(
    folder: &Path,
    functions: Functions,
    files: &mut dyn Files,
    findings: &mut Findings,
) -> Result<Rendered, Refused> {
    let built = built(folder, functions, files, findings);
    built.map_err(|refused| refused.located(&mut |file| files.file(file)))
}

fn built(
    folder: &Path,
    functions: Functions,
    files: &mut dyn Files,
    findings: &mut Findings,
) -> Result<Rendered, Refused> {
    let mut build = Build { files, findings, functions };
    let (file, _, read) = build.read(folder)?;
    let mut documents = build.folder(folder, Variant::Kustomization, Vec::new(), 0)?;
    add_hashes(&mut documents)?;
    references::fix(&mut documents)?;
    let (local, mut documents): (Vec<_>, Vec<_>) = documents.into_iter().partition(is_local);
    let options = read.sort_options.as_ref();
    if options.is_some_and(|options| options.legacy_sort_options.is_some()) {
        let field = "sortOptions.legacySortOptions";
        return Err(NotRendered::Field.only_kustomize(&file, field));
    }
    if options.is_none_or(|options| options.order != Some(SortOrder::Fifo)) {
        order::legacy(&mut documents);
    }
    Ok(Rendered { documents, local })
}

struct Build<'b> {
    files: &'b mut dyn Files,
    findings: &'b mut Findings,
    functions: Functions,
}

impl Build<'_> {
    /// The kustomization file of a folder, its text and what that says.
    fn read(&mut self, folder: &Path) -> Result<(PathBuf, String, Kustomization), Refused> {
        let all = FILE_NAMES.map(|name| folder.join(name));
        let mut found = all.iter().filter(|file| self.files.is_file(file));
        let file = match (found.next(), found.next()) {
            (Some(file), None) => file.clone(),
            (Some(_), Some(_)) => {
                return Err(Refused::file(folder, &KustomizationProblem::SeveralFiles));
            }
            (None, _) => return Err(Refused::file(folder, &KustomizationProblem::NoFile)),
        };
        let text = text(self.files, &file)?;
        let package =
            Package::stream(&text).map_err(|error| Refused::unread(&file, &text, error))?;
        let (_, node) =
            package.items().next().ok_or_else(|| Refused::file(&file, &FileProblem::Empty))?;
        let misread = |error| Refused::unread(&file, &text, error);
        let whole: Value = node.value().map_err(misread)?;
        let is_named = |key: &String| key == "apiVersion" || key == "kind";
        if whole.as_object().is_none_or(|fields| fields.keys().all(is_named)) {
            return Err(Refused::file(&file, &KustomizationProblem::NothingListed));
        }
        if let Some((field, why)) = unknown(&whole) {
            return Err(why.only_kustomize(&file, field));
        }
        let read = node.read().map_err(misread)?;
        Ok((file, text, read))
    }

    /// The objects of a folder; of a Component, `gathered` with what it adds and changes.
    fn folder(
        &mut self,
        folder: &Path,
        wanted: Variant,
        gathered: Vec<Document>,
        depth: usize,
    ) -> Result<Vec<Document>, Refused> {
        if depth > MAX_DEPTH {
            return Err(Refused::file(folder, &KustomizationProblem::TooDeep(MAX_DEPTH)));
        }
        self.files.progress(&format!("reading {}", folder.display()));
        let (file, text, read) = self.read(folder)?;
        let variant = read.variant().map_err(|error| Refused::file(&file, &error))?;
        match (wanted, variant) {
            // kustomize builds a Component alone as it does a kustomization.
            (Variant::Kustomization, Variant::Component) if depth > 0 => {
                return Err(Refused::file(&file, &KustomizationProblem::IsComponent));
            }
            (Variant::Component, Variant::Kustomization) => {
                return Err(Refused::file(&file, &KustomizationProblem::NotComponent));
            }
            _ => {}
        }
        let place = Place { folder, file: &file, text: &text, depth };
        let mut all = gathered;
        self.resources(&place, "resources", &read.resources, &mut all)?;
        self.generate(&place, &text, &read, &mut all)?;
        for component in &read.components {
            all = self.folder(&resolved(folder, component), Variant::Component, all, depth + 1)?;
        }
        self.change(&place, &read, &mut all)?;
        Ok(all)
    }

    /// Files and folders of objects.
    fn resources(
        &mut self,
        place: &Place<'_>,
        field: &str,
        resources: &[String],
        all: &mut Vec<Document>,
    ) -> Result<(), Refused> {
        let mut known: HashSet<Key> = all.iter().map(|document| document.id.key()).collect();
        for (index, resource) in resources.iter().enumerate() {
            let path = resolved(place.folder, resource);
            let entry = format!("{field}[{index}]");
            let found = if self.files.is_file(&path) {
                let path = inside(place.folder, place.file, field, resource)?;
                let found = Document::of_file(&path, &text(self.files, &path)?)?;
                found.iter().try_for_each(check)?;
                found
            } else if self.files.is_folder(&path) {
                self.folder(&path, Variant::Kustomization, Vec::new(), place.depth + 1)?
            } else if resource.contains("://")
                || resource.contains('@')
                || resource.starts_with("github.com/")
            {
                return Err(NotRendered::Remote(resource).only_kustomize(place.file, &entry));
            } else {
                let problem = KustomizationProblem::Missing(path.display());
                return Err(Refused::field(place.file, &entry, &problem));
            };
            for document in found {
                if !known.insert(document.id.key()) {
                    let object = &document.id.shown();
                    let problem = KustomizationProblem::AlreadyAdded(object);
                    return Err(Refused::field(place.file, &entry, &problem));
                }
                all.push(document);
            }
        }
        Ok(())
    }

    fn generate(
        &mut self,
        place: &Place<'_>,
        text: &str,
        read: &Kustomization,
        all: &mut Vec<Document>,
    ) -> Result<(), Refused> {
        let source = Source::of(place.file, text);
        let maps = read.config_map_generator.iter().enumerate().map(Generator::of_config_map);
        let secrets = read.secret_generator.iter().enumerate().map(Generator::of_secret);
        for generator in maps.chain(secrets) {
            let object =
                generator.object(place.folder, &source, &read.generator_options, self.files)?;
            absorb(all, object, generator.behavior, place.file)?;
        }
        for (config, name) in self.configurations(place, "generators", &read.generators)? {
            self.files.progress(&format!("running {}", config.id.shown()));
            let step = step(place, &config, name);
            // Of the objects a generator sees none.
            let planned = step.plan(std::iter::empty(), self.findings)?;
            let mut made = Vec::new();
            planned.apply(&mut made, &[], |_| None)?;
            for object in made {
                absorb(
                    all,
                    object,
                    kustomize_types::kustomization::GeneratorBehavior::Create,
                    place.file,
                )?;
            }
        }
        Ok(())
    }

    /// What changes objects, in kustomize's order (`configureBuiltinTransformers`).
    fn change(
        &mut self,
        place: &Place<'_>,
        read: &Kustomization,
        all: &mut Vec<Document>,
    ) -> Result<(), Refused> {
        let mut patches = Vec::new();
        for patch in &read.patches {
            patches.push(patches::Read::of(patch, place.folder, place.file, self.files)?);
        }
        patches.iter().try_for_each(|patch| patch.apply(all))?;
        if !read.namespace.is_empty() {
            namespace::set(all, &read.namespace)?;
        }
        for label in &read.labels {
            if !label.fields.is_empty() {
                return Err(NotRendered::Field.only_kustomize(place.file, "labels[].fields"));
            }
            labels::set(all, label)?;
        }
        for (config, name) in self.configurations(place, "transformers", &read.transformers)? {
            self.files.progress(&format!("running {}", config.id.shown()));
            each_once(place, all)?;
            let planned = step(place, &config, name).plan(all.iter(), self.findings)?;
            let places: Vec<usize> = (0..all.len()).collect();
            planned.apply(all, &places, |_| None)?;
        }
        for (config, name) in self.configurations(place, "validators", &read.validators)? {
            each_once(place, all)?;
            let planned = step(place, &config, name).plan(all.iter(), self.findings)?;
            if !planned.is_empty() {
                let config = &config.id.shown();
                let problem = KustomizationProblem::ChangingValidator(config);
                let field = "validators";
                return Err(Refused::field(place.file, field, &problem));
            }
        }
        Ok(())
    }

    /// The configurations that a list of functions names, each with its function.
    fn configurations(
        &mut self,
        place: &Place<'_>,
        field: &str,
        sources: &[FunctionSource],
    ) -> Result<Vec<(Document, Option<&'static str>)>, Refused> {
        let mut found = Vec::new();
        let mut paths = Vec::new();
        if self.functions == Functions::Leave {
            return Ok(Vec::new());
        }
        for source in sources {
            match source {
                FunctionSource::Path(path) => paths.push(path.clone()),
                FunctionSource::Inline(text) => {
                    let read = Document::of_file(place.file, text).map_err(|mut refused| {
                        let file = place.file.display().to_string();
                        Written::Block(place.text).place(text, &file, &mut refused.findings);
                        refused
                    });
                    found.extend(read?);
                }
            }
        }
        // kustomize takes those that are written here before those in files.
        self.resources(place, field, &paths, &mut found)?;
        found
            .into_iter()
            .map(|config| {
                let name = of_annotation(&config, field, place.file)?;
                Ok((config, name))
            })
            .collect()
    }
}

/// Where a kustomization is.
struct Place<'p> {
    folder: &'p Path,
    file: &'p Path,
    text: &'p str,
    depth: usize,
}

/// Refuses what a patch gave the name of another object: kustomize finds the objects that a function returns
/// by their names, and refuses where one fits two of them.
fn each_once(place: &Place<'_>, all: &[Document]) -> Result<(), Refused> {
    let mut known = HashSet::new();
    match all.iter().find(|document| !known.insert(document.id.key())) {
        None => Ok(()),
        Some(twice) => {
            let object = &twice.id.shown();
            Err(Refused::file(place.file, &KustomizationProblem::SameName(object)))
        }
    }
}

fn step<'p>(place: &Place<'p>, config: &'p Document, name: Option<&'static str>) -> Step<'p> {
    let file = config.file.as_deref().unwrap_or(place.file);
    let written = match &config.origin {
        _ if file == place.file => Written::Block(place.text),
        Some(origin) if origin.text.is_some() => Written::From(origin.position.line),
        Some(origin) => Written::At(origin.position),
        None => Written::From(1),
    };
    Step { file: file.to_owned(), config: config.text.clone(), written, name }
}

/// Refuses what kustomize refuses, and what it would take for notes of its own.
fn check(document: &Document) -> Result<(), Refused> {
    let id = &document.id;
    let missing = [
        (id.gvk.kind.is_empty(), "kind"),
        (id.gvk.version.is_empty(), "apiVersion"),
        (id.name.is_empty(), "metadata.name"),
    ];
    if let Some((_, field)) = missing.iter().find(|(missing, _)| *missing) {
        return Err(document.refused(&ObjectProblem::Missing(field)));
    }
    if OWN_ANNOTATIONS.iter().any(|own| document.text.contains(own)) {
        let annotations = document.texts("annotations");
        let own = |key: &&String| OWN_ANNOTATIONS.iter().any(|own| key.starts_with(own));
        if let Some(key) = annotations.keys().find(own) {
            return Err(document.refused(&ObjectProblem::OwnAnnotation(key)));
        }
    }
    Ok(())
}

/// Puts a hash of its content behind the name of each generated object that is to have one.
fn add_hashes(documents: &mut [Document]) -> Result<(), Refused> {
    for document in documents.iter_mut().filter(|document| document.needs_hash) {
        let hash = hash::hash(&document.value()?);
        document.store_earlier();
        let name = format!("{}-{hash}", document.id.name);
        document.patch(vec![operation::replace(&["metadata", "name"], name)])?;
    }
    Ok(())
}

/// What its annotation keeps out of the cluster.
fn is_local(document: &Document) -> bool {
    const LOCAL: &str = "config.kubernetes.io/local-config";
    document.text.contains(LOCAL)
        && document
            .texts("annotations")
            .get(LOCAL)
            .and_then(Value::as_str)
            .is_some_and(|text| text != "false")
}
