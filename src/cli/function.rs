//! `kserve-aws fn`: one run of a function, wherever its objects come from.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::arguments::FunctionCall;
use super::{Answer, Outside};
use crate::engine::{Edit, NodeRef, Package, Position};
use crate::finding::{Code, Finding};
use crate::runtime::{self, ConfigSource, FunctionConfig, Run};

pub(super) fn run(
    call: &FunctionCall,
    outside: &mut dyn Outside,
    write: impl FnOnce(&Answer<'_>) -> ExitCode,
) -> ExitCode {
    let read = read_config(call.config.as_deref(), outside).and_then(|config| {
        if !call.files.is_empty() && config.is_none() {
            return Err(input_error(
                "files need a configuration; name it with --config".to_owned(),
            ));
        }
        Ok((config, read_manifests(&call.files, outside)?))
    });
    let (config, manifests) = match read {
        Ok(read) => read,
        Err(finding) => return write(&Answer::refused(&[finding])),
    };
    with_config(config.as_ref(), write, |config, write| {
        let name = call.name.as_deref();
        let source = manifests.as_str();
        let run = match config {
            Some(config) if !call.files.is_empty() || !is_resource_list(source) => {
                runtime::stream(source, name, config)
            }
            config => runtime::resource_list(source, name, config),
        };
        if call.dry_run && run.success {
            let changes = format!("{:#}\n", changes(source, &run));
            return write(&Answer { stdout: vec![&changes], ..Answer::of(&run) });
        }
        write(&Answer::of(&run))
    })
}

/// Runs as kustomize's legacy exec plugin: the configuration in a file, documents on stdin.
pub(super) fn plugin(
    config: &Path,
    outside: &mut dyn Outside,
    write: impl FnOnce(&Answer<'_>) -> ExitCode,
) -> ExitCode {
    let read = read_config(Some(config), outside)
        .and_then(|config| Ok((config, read_manifests(&[], outside)?)));
    match read {
        Err(finding) => write(&Answer::refused(&[finding])),
        Ok((config, manifests)) => {
            with_config(config.as_ref(), write, |config, write| match config {
                Some(config) => write(&Answer::of(&runtime::stream(&manifests, None, config))),
                None => write(&Answer::refused(&[input_error(
                    "the configuration is missing".to_owned(),
                )])),
            })
        }
    }
}

fn input_error(message: String) -> Finding {
    Finding::error(Code::BadInput, message)
}

/// A file's name and text.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) text: String,
}

fn read_config(path: Option<&Path>, outside: &mut dyn Outside) -> Result<Option<Named>, Finding> {
    path.map(|path| read(path, outside)).transpose()
}

/// Reads a file, or stdin for `-`.
pub(super) fn read(path: &Path, outside: &mut dyn Outside) -> Result<Named, Finding> {
    let is_stdin = path == Path::new("-");
    let bytes = if is_stdin { outside.stdin() } else { outside.file(path) };
    let name = if is_stdin { "stdin".to_owned() } else { path.display().to_string() };
    let bytes = bytes.map_err(|error| input_error(format!("{name} can't be read: {error}")))?;
    Ok(Named { text: text(bytes, &name)?, name })
}

/// The files one behind the other as one stream, or stdin.
fn read_manifests(files: &[PathBuf], outside: &mut dyn Outside) -> Result<String, Finding> {
    if files.is_empty() {
        return Ok(read(Path::new("-"), outside)?.text);
    }
    let mut stream = String::new();
    for path in files {
        let file = read(path, outside)?;
        // Each file by itself first, so that an error names its own line.
        Package::stream(&file.text)
            .map_err(|error| input_error(format!("{}: {error}", file.name)))?;
        let file = file.text.trim_start_matches('\u{feff}');
        if !stream.is_empty() {
            if !stream.ends_with('\n') {
                stream.push('\n');
            }
            let has_marker =
                file.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'));
            if !has_marker.is_some_and(|line| line.starts_with("---")) {
                stream.push_str("---\n");
            }
        }
        stream.push_str(file);
    }
    Ok(stream)
}

fn text(bytes: Vec<u8>, name: &str) -> Result<String, Finding> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
        let position = Position::of(&before, valid);
        input_error(format!(
            "{name} is not UTF-8: byte 0x{:02x} at {position}",
            error.as_bytes()[valid]
        ))
    })
}

/// Hands the configuration in a file on, parsed.
fn with_config<W: FnOnce(&Answer<'_>) -> ExitCode>(
    file: Option<&Named>,
    write: W,
    then: impl FnOnce(Option<&FunctionConfig<'_>>, W) -> ExitCode,
) -> ExitCode {
    let Some(file) = file else {
        return then(None, write);
    };
    let package = match Package::stream(&file.text) {
        Ok(package) => package,
        Err(error) => {
            return write(&Answer::refused(&[input_error(format!("{}: {error}", file.name))]));
        }
    };
    let nodes: Vec<NodeRef<'_>> = package.items().map(|(_, node)| node).collect();
    let [node] = nodes[..] else {
        let message =
            format!("{} has {} documents; a configuration is one", file.name, nodes.len());
        return write(&Answer::refused(&[input_error(message)]));
    };
    match FunctionConfig::new(node, ConfigSource::File(&file.name)) {
        Ok(config) => then(Some(&config), write),
        Err(finding) => write(&Answer::refused(&[finding])),
    }
}

fn is_resource_list(source: &str) -> bool {
    Package::resource_list(source).is_ok()
}

/// The plan as JSON: each object that changes with its JSON Patch, new objects, and removed ones.
fn changes(source: &str, run: &Run<'_>) -> Value {
    let package = Package::resource_list(source).or_else(|_| Package::stream(source));
    let resource = |id| {
        let items = package.as_ref().ok().and_then(|package| package.item(id));
        let text = |path: &[&str]| {
            let node = path.iter().try_fold(items?, |node, key| node.get(key))?;
            node.as_str().map(std::borrow::Cow::into_owned)
        };
        json!({
            "apiVersion": text(&["apiVersion"]),
            "kind": text(&["kind"]),
            "namespace": text(&["metadata", "namespace"]),
            "name": text(&["metadata", "name"]),
        })
    };
    let change = |edit: &Edit| match edit {
        Edit::Patch { item, operations } => {
            json!({ "item": item.0, "resource": resource(*item), "patch": operations })
        }
        Edit::AddItem(value) => json!({ "add": value }),
        Edit::RemoveItem(item) => {
            json!({ "item": item.0, "resource": resource(*item), "remove": true })
        }
    };
    run.plan.edits.iter().map(change).collect()
}
