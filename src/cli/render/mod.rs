//! `kserve-aws render`: an overlay without any host.
//!
//! It reads of a kustomization what the overlays of this project use, runs the functions in this
//! process, and refuses the rest: kustomize does that better.

pub(super) mod built_in;
mod kustomization;

use std::path::{Path, PathBuf};

use kustomize_types::EnvFile;
use kustomize_types::kustomization::{FunctionSource, Variant};
use serde_json::{Map, Value, json};

use self::kustomization::{ConfigMapGenerator, Kustomization, Patch, refuse_the_rest};
use super::environment::Environment;
use super::output::{Output, Stdout};
use crate::finding::{Code, Finding};
use crate::functions;
use crate::runtime::{self, Call, ConfigSource, FunctionConfig, stderr_line};
use krm_package::{Edit, NodeRef, Package};

/// Overlays stand two or three folders deep.
const MAX_DEPTH: usize = 16;

pub(super) fn run<'s>(what: Option<&Path>, environment: &mut dyn Environment) -> Output<'s> {
    let wanted = what.unwrap_or(Path::new("api"));
    let overlay = built_in::named(wanted);
    let folder = overlay.map_or_else(|| wanted.to_owned(), built_in::Overlay::folder);
    let mut render = Render { environment, built_in: overlay.is_some(), findings: Vec::new() };
    let rendered = render.folder(&folder, Variant::Kustomization, String::new(), 0);
    let mut stderr: Vec<String> = render.findings.iter().map(stderr_line).collect();
    match rendered {
        Ok(text) => {
            let shown = overlay.map_or(folder, built_in::Overlay::shown);
            stderr.push(format!("rendered {}", shown.display()));
            stderr.extend(overlay.and_then(built_in::Overlay::next));
            Output { stdout: Stdout::Text(text.into()), stderr, code: 0 }
        }
        Err(finding) => {
            stderr.extend(finding.iter().map(stderr_line));
            Output { stderr, code: 1, ..Output::default() }
        }
    }
}

/// Why nothing was rendered; `None` where the findings say it already.
type Refused = Option<Finding>;

struct Render<'e> {
    environment: &'e mut dyn Environment,
    built_in: bool,
    findings: Vec<Finding>,
}

impl Render<'_> {
    /// The documents of a folder with a kustomization; of a Component, `gathered` with what it adds
    /// and changes. In the order of kustomize (`accumulateTarget` of its `kusttarget.go`): generators,
    /// then components, then transformers.
    fn folder(
        &mut self,
        folder: &Path,
        wanted: Variant,
        gathered: String,
        depth: usize,
    ) -> Result<String, Refused> {
        if depth > MAX_DEPTH {
            return Err(refused(folder, "folders refer to one another more than 16 levels deep"));
        }
        let path = folder.join("kustomization.yaml");
        let text = self.file(&path)?;
        let whole: Value = typed(&path, &text)?;
        refuse_the_rest(&whole).map_err(|error| refused(&path, &error))?;
        let kustomization: Kustomization = typed(&path, &text)?;
        match (wanted, kustomization.variant().map_err(|error| refused(&path, &error.to_string()))?)
        {
            (Variant::Kustomization, Variant::Component) => {
                return Err(refused(
                    &path,
                    "is a Component, which cannot be rendered alone; list its folder under components: of a kustomization, and render that",
                ));
            }
            (Variant::Component, Variant::Kustomization) => {
                return Err(refused(&path, "is not a Component; list its folder under resources:"));
            }
            _ => {}
        }
        let mut stream = gathered;
        for resource in &kustomization.resources {
            let place = resolved(folder, resource);
            let documents = if place.extension().is_some_and(|end| end == "yaml" || end == "yml") {
                self.file(&place)?
            } else {
                self.folder(&place, Variant::Kustomization, String::new(), depth + 1)?
            };
            push_documents(&mut stream, &documents);
        }
        for generator in &kustomization.config_map_generator {
            let document = self.config_map(folder, &path, generator)?;
            push_documents(&mut stream, &document);
        }
        for generator in &kustomization.generators {
            // Of the objects a generator sees none.
            let documents = self.run_function(folder, &path, generator, "")?;
            push_documents(&mut stream, &documents);
        }
        for component in &kustomization.components {
            let place = resolved(folder, component);
            stream = self.folder(&place, Variant::Component, stream, depth + 1)?;
        }
        for patch in &kustomization.patches {
            stream = self.patched(folder, &path, &stream, patch)?;
        }
        for transformer in &kustomization.transformers {
            stream = self.run_function(folder, &path, transformer, &stream)?;
        }
        Ok(stream)
    }

    fn file(&mut self, path: &Path) -> Result<String, Refused> {
        if self.built_in {
            let found = built_in::file(path).map(str::to_owned);
            return found.ok_or_else(|| refused(path, "is not built in"));
        }
        let bytes = self
            .environment
            .file(path)
            .map_err(|error| refused(path, &unreadable(path, &error)))?;
        String::from_utf8(bytes).map_err(|_| refused(path, "is not UTF-8"))
    }

    /// What kustomize's generator makes of env files and literals.
    fn config_map(
        &mut self,
        folder: &Path,
        path: &Path,
        generator: &ConfigMapGenerator,
    ) -> Result<String, Refused> {
        let mut data = Map::new();
        for env in &generator.envs {
            let file = resolved(folder, env);
            let text = self.file(&file)?;
            let parsed = EnvFile::parse(text.as_bytes())
                .map_err(|error| refused(&file, &error.to_string()))?;
            for entry in parsed.entries() {
                data.insert(entry.key.clone(), entry.value.clone().into());
            }
        }
        let mut metadata = Map::new();
        for (key, value) in [("name", &generator.name), ("namespace", &generator.namespace)] {
            if let Some(value) = value {
                metadata.insert(key.to_owned(), value.clone().into());
            }
        }
        let object =
            json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data });
        added("", object, path)
    }

    /// A patch that is itself an Ingress: its lists are atomic, so that a merge of JSON does what a
    /// strategic merge does.
    fn patched(
        &mut self,
        folder: &Path,
        path: &Path,
        stream: &str,
        patch: &Patch,
    ) -> Result<String, Refused> {
        let file = resolved(folder, &patch.path);
        let text = self.file(&file)?;
        let merge: Value = typed(&file, &text)?;
        if merge.get("kind") != Some(&json!("Ingress")) {
            return Err(refused(
                &file,
                "only patches of an Ingress are supported; use kustomize for other kinds",
            ));
        }
        let package = Package::stream(stream).map_err(|error| refused(path, &error.to_string()))?;
        let mut edits = Vec::new();
        for (item, node) in package.items() {
            let mut value = node.value().map_err(|error| refused(path, &error.to_string()))?;
            let is = |wanted: &Option<String>, pointer: &str| {
                wanted.as_ref().is_none_or(|wanted| value.pointer(pointer) == Some(&json!(wanted)))
            };
            if value.get("kind") == merge.get("kind")
                && is(&patch.target.kind, "/kind")
                && is(&patch.target.name, "/metadata/name")
            {
                json_patch::merge(&mut value, &merge);
                let operation = json!([{ "op": "replace", "path": "", "value": value }]);
                let operations = serde_json::from_value(operation)
                    .map_err(|error| refused(path, &error.to_string()))?;
                edits.push(Edit::Patch { item, operations });
            }
        }
        if edits.is_empty() {
            return Err(refused(&file, "does not match an object"));
        }
        let spliced =
            package.apply(&edits, &[]).map_err(|error| refused(path, &error.error.to_string()))?;
        Ok(spliced.to_string())
    }

    /// Runs a function in this process.
    fn run_function(
        &mut self,
        folder: &Path,
        kustomization: &Path,
        source: &FunctionSource,
        stream: &str,
    ) -> Result<String, Refused> {
        let (path, text) = match source {
            FunctionSource::Path(file) => {
                let path = resolved(folder, file);
                let text = self.file(&path)?;
                (path, text)
            }
            FunctionSource::Inline(text) => (kustomization.to_owned(), text.clone()),
        };
        let package = Package::stream(&text).map_err(|error| refused(&path, &error.to_string()))?;
        let nodes: Vec<NodeRef<'_>> = package.items().map(|(_, node)| node).collect();
        let [node] = nodes[..] else {
            return Err(refused(&path, "does not hold exactly one configuration"));
        };
        let name = path.display().to_string();
        let config = FunctionConfig::new(node, ConfigSource::File(&name)).map_err(Some)?;
        let run = runtime::stream(
            stream,
            functions::ALL,
            &Call { config: Some(&config), ..Call::default() },
        );
        self.findings.extend(run.findings);
        run.output.map(|output| output.to_string()).ok_or(None)
    }
}

/// A name that is no folder may be meant for one of the overlays.
fn unreadable(path: &Path, error: &std::io::Error) -> String {
    let is_name = path.components().count() == 2;
    if error.kind() == std::io::ErrorKind::NotFound && is_name {
        format!("cannot be read: {error}; pass a folder, or one of {}", built_in::names())
    } else {
        format!("cannot be read: {error}")
    }
}

fn refused(path: &Path, message: &str) -> Refused {
    Some(Finding::error(Code::BadInput, format!("{}: {message}", path.display())))
}

fn typed<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> Result<T, Refused> {
    let package = Package::stream(text).map_err(|error| refused(path, &error.to_string()))?;
    let (_, node) = package.items().next().ok_or_else(|| refused(path, "is empty"))?;
    node.read().map_err(|error| refused(path, &error.to_string()))
}

/// A path of a kustomization, without `..`.
fn resolved(folder: &Path, path: &str) -> PathBuf {
    let mut place = folder.to_owned();
    for part in Path::new(path).components() {
        match part {
            std::path::Component::ParentDir if place.file_name().is_some() => {
                place.pop();
            }
            std::path::Component::CurDir => {}
            other => place.push(other),
        }
    }
    place
}

fn push_documents(stream: &mut String, documents: &str) {
    if !stream.is_empty() && !documents.starts_with("---") {
        stream.push_str("---\n");
    }
    stream.push_str(documents);
    if !stream.ends_with('\n') {
        stream.push('\n');
    }
}

fn added(stream: &str, object: Value, path: &Path) -> Result<String, Refused> {
    let package = Package::stream(stream).map_err(|error| refused(path, &error.to_string()))?;
    let spliced = package
        .apply(&[Edit::AddItem(object)], &[])
        .map_err(|error| refused(path, &error.error.to_string()))?;
    Ok(spliced.to_string())
}
