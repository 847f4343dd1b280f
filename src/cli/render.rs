//! `kserve-aws render`: an overlay without any host.
//!
//! It reads of a kustomization what the overlays of this project use, runs the functions in this
//! process, and refuses the rest: kustomize does that better.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use kustomize_types::kustomization::FunctionSource;
use kustomize_types::{EnvFile, Kustomization};
use serde_json::{Map, Value, json};

use super::{Answer, Outside};
use crate::engine::{Edit, NodeRef, Package};
use crate::finding::{Code, Finding};
use crate::runtime::{self, ConfigSource, FunctionConfig, stderr_line};

/// Overlays stand two or three folders deep.
const MAX_DEPTH: usize = 16;

/// An overlay's file in the binary: its path below [`BUILT_IN_ROOT`], and its text.
type BuiltIn = (&'static str, &'static str);

const BUILT_IN_ROOT: &str = "awsconfigs/common/istio-ingress";

macro_rules! built_in {
    ($($path:literal,)*) => {
        &[$(($path, include_str!(concat!("../../awsconfigs/common/istio-ingress/", $path))),)*]
    };
}

/// The overlays that `render` knows by name.
const BUILT_IN: &[BuiltIn] = built_in![
    "base/kustomization.yaml",
    "base/ingress.yaml",
    "base/params.env",
    "base/ingress-params.yaml",
    "overlays/api/kustomization.yaml",
    "overlays/api/ingress.yaml",
    "overlays/api/params.env",
    "overlays/api/ingress-params.yaml",
    "overlays/https/kustomization.yaml",
    "overlays/https/ingress.yaml",
    "overlays/https/params.env",
    "overlays/https/ingress-params.yaml",
    "overlays/cognito/kustomization.yaml",
    "overlays/cognito/ingress.yaml",
    "overlays/cognito/params.env",
    "overlays/cognito/ingress-params.yaml",
];

pub(super) fn run(
    what: &Option<PathBuf>,
    outside: &mut dyn Outside,
    write: impl FnOnce(&Answer<'_>) -> ExitCode,
) -> ExitCode {
    let wanted = what.as_deref().unwrap_or(Path::new("api"));
    let built_in = match wanted.to_str() {
        Some("base") => Some("base"),
        Some("api") => Some("overlays/api"),
        Some("https") => Some("overlays/https"),
        Some("cognito") => Some("overlays/cognito"),
        _ => None,
    };
    let folder = built_in.map_or_else(|| wanted.to_owned(), PathBuf::from);
    let mut render = Render { outside, built_in: built_in.is_some(), findings: Vec::new() };
    let rendered = render.folder(&folder, 0);
    let mut stderr: Vec<String> = render.findings.iter().map(stderr_line).collect();
    match rendered {
        Ok(text) => {
            let shown =
                built_in.map_or_else(|| folder.clone(), |path| Path::new(BUILT_IN_ROOT).join(path));
            stderr.push(format!("rendered {}", shown.display()));
            if built_in.is_some() {
                stderr.push(format!(
                    "next: put your own values into {0}/params.env, then kserve-aws render {0}, or kustomize build --enable-alpha-plugins {0}",
                    shown.display()
                ));
            }
            write(&Answer { stdout: vec![&text], stderr, code: 0 })
        }
        Err(finding) => {
            stderr.extend(finding.iter().map(stderr_line));
            write(&Answer { stdout: Vec::new(), stderr, code: 1 })
        }
    }
}

/// Why nothing was rendered; `None` where the findings say it already.
type Refused = Option<Finding>;

struct Render<'o> {
    outside: &'o mut dyn Outside,
    built_in: bool,
    findings: Vec<Finding>,
}

impl Render<'_> {
    /// The documents of a folder with a kustomization.
    fn folder(&mut self, folder: &Path, depth: usize) -> Result<String, Refused> {
        if depth > MAX_DEPTH {
            return Err(refused(folder, "folders refer to one another more than 16 deep"));
        }
        let path = folder.join("kustomization.yaml");
        let text = self.file(&path)?;
        let kustomization: Kustomization = typed(&path, &text)?;
        refuse_the_rest(&path, &text)?;
        let mut stream = String::new();
        for resource in &kustomization.resources {
            let place = resolved(folder, resource);
            let documents = if place.extension().is_some_and(|end| end == "yaml" || end == "yml") {
                self.file(&place)?
            } else {
                self.folder(&place, depth + 1)?
            };
            push_documents(&mut stream, &documents);
        }
        for generator in &kustomization.config_map_generator {
            let document = self.config_map(folder, &path, &json_of(&path, generator)?)?;
            push_documents(&mut stream, &document);
        }
        for patch in &kustomization.patches {
            stream = self.patched(folder, &path, &stream, &json_of(&path, patch)?)?;
        }
        for transformer in &kustomization.transformers {
            let FunctionSource::Path(file) = transformer else {
                return Err(refused(&path, "an inline transformer is kustomize's to run"));
            };
            stream = self.transformed(&resolved(folder, file), &stream)?;
        }
        Ok(stream)
    }

    fn file(&mut self, path: &Path) -> Result<String, Refused> {
        if self.built_in {
            let found = BUILT_IN.iter().find(|(name, _)| Path::new(name) == path);
            return found
                .map(|(_, text)| (*text).to_owned())
                .ok_or_else(|| refused(path, "is not built in"));
        }
        let bytes = self
            .outside
            .file(path)
            .map_err(|error| refused(path, &format!("can't be read: {error}")))?;
        String::from_utf8(bytes).map_err(|_| refused(path, "is not UTF-8"))
    }

    /// What kustomize's generator makes of env files and literals.
    fn config_map(
        &mut self,
        folder: &Path,
        path: &Path,
        generator: &Value,
    ) -> Result<String, Refused> {
        let known = ["name", "namespace", "envs", "options"];
        refuse_fields(path, "configMapGenerator", generator, &known)?;
        let mut data = Map::new();
        for env in generator.get("envs").and_then(Value::as_array).into_iter().flatten() {
            let file = resolved(folder, env.as_str().unwrap_or_default());
            let text = self.file(&file)?;
            let parsed = EnvFile::parse(text.as_bytes())
                .map_err(|error| refused(&file, &error.to_string()))?;
            for entry in parsed.entries() {
                data.insert(entry.key.clone(), entry.value.clone().into());
            }
        }
        let mut metadata = Map::new();
        for key in ["name", "namespace"] {
            if let Some(value) = generator.get(key).filter(|value| !value.is_null()) {
                metadata.insert(key.to_owned(), value.clone());
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
        patch: &Value,
    ) -> Result<String, Refused> {
        refuse_fields(path, "patches", patch, &["path", "target", "options"])?;
        let file = resolved(folder, patch.get("path").and_then(Value::as_str).unwrap_or_default());
        let text = self.file(&file)?;
        let merge: Value = typed(&file, &text)?;
        if merge.get("kind") != Some(&json!("Ingress")) {
            return Err(refused(
                &file,
                "only an Ingress is merged here; kustomize merges every kind",
            ));
        }
        let target =
            |name: &str| patch.pointer(&format!("/target/{name}")).filter(|value| !value.is_null());
        let package = Package::stream(stream).map_err(|error| refused(path, &error.to_string()))?;
        let mut edits = Vec::new();
        for (item, node) in package.items() {
            let mut value = node.value().map_err(|error| refused(path, &error.to_string()))?;
            let is = |name: &str, pointer: &str| {
                target(name).is_none_or(|wanted| value.pointer(pointer) == Some(wanted))
            };
            if value.get("kind") == merge.get("kind")
                && is("kind", "/kind")
                && is("name", "/metadata/name")
            {
                json_patch::merge(&mut value, &merge);
                let operation = json!([{ "op": "replace", "path": "", "value": value }]);
                let operations = serde_json::from_value(operation)
                    .map_err(|error| refused(path, &error.to_string()))?;
                edits.push(Edit::Patch { item, operations });
            }
        }
        if edits.is_empty() {
            return Err(refused(&file, "patches no object"));
        }
        let spliced =
            package.apply(&edits, &[]).map_err(|error| refused(path, &error.error.to_string()))?;
        Ok(spliced.to_string())
    }

    fn transformed(&mut self, path: &Path, stream: &str) -> Result<String, Refused> {
        let text = self.file(path)?;
        let package = Package::stream(&text).map_err(|error| refused(path, &error.to_string()))?;
        let nodes: Vec<NodeRef<'_>> = package.items().map(|(_, node)| node).collect();
        let [node] = nodes[..] else {
            return Err(refused(path, "is not one configuration"));
        };
        let name = path.display().to_string();
        let config = FunctionConfig::new(node, ConfigSource::File(&name)).map_err(Some)?;
        let run = runtime::stream(stream, None, &config);
        self.findings.extend(run.findings);
        run.output.map(|output| output.to_string()).ok_or(None)
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

fn json_of(path: &Path, value: &impl serde::Serialize) -> Result<Value, Refused> {
    serde_json::to_value(value).map_err(|error| refused(path, &error.to_string()))
}

/// What of a kustomization is done here.
fn refuse_the_rest(path: &Path, text: &str) -> Result<(), Refused> {
    let value: Value = typed(path, text)?;
    let known = [
        "apiVersion",
        "kind",
        "resources",
        "configMapGenerator",
        "generatorOptions",
        "patches",
        "transformers",
    ];
    refuse_fields(path, "the kustomization", &value, &known)
}

fn refuse_fields(path: &Path, what: &str, value: &Value, known: &[&str]) -> Result<(), Refused> {
    let fields = value.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let empty = |value: &Value| {
        value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty)
    };
    for (name, value) in fields {
        if !known.contains(&name.as_str()) && !empty(value) {
            return Err(refused(
                path,
                &format!(
                    "{what} has {name}, which only kustomize does: kustomize build --enable-alpha-plugins"
                ),
            ));
        }
    }
    Ok(())
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
