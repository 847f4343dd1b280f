//! `kserve-aws fn`: one run of a function, wherever its objects come from.

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::arguments::FunctionCall;
use super::manifests::{self, Manifests, Named, input_error};
use super::{Answer, Outside};
use crate::finding::{Code, Finding};
use crate::functions;
use crate::runtime::{self, ConfigSource, FunctionConfig, Run};
use krm_package::{Edit, NodeRef, Package};

pub(super) fn run(
    call: &FunctionCall,
    outside: &mut dyn Outside,
    write: impl FnOnce(&Answer<'_>) -> ExitCode,
) -> ExitCode {
    if let Some(finding) = output_lost(outside).filter(|_| call.files.is_empty()) {
        return write(&Answer::refused(&[finding]));
    }
    let stdin = Path::new("-");
    let is_read_twice = call.config.as_deref() == Some(stdin)
        && (call.files.is_empty() || call.files.iter().any(|file| file == stdin));
    if is_read_twice {
        let message = "stdin can't be both the configuration and the manifests; put one in a file";
        return write(&Answer::refused(&[input_error(message.to_owned())]));
    }
    let read = read_config(call.config.as_deref(), outside)
        .and_then(|config| Ok((config, Manifests::read(&call.files, outside)?)));
    let (config, manifests) = match read {
        Ok(read) => read,
        Err(finding) => return write(&Answer::refused(&[finding])),
    };
    with_config(config.as_ref(), write, |config, write| {
        let name = call.name.as_deref();
        let source = manifests.text.as_str();
        let run = match config {
            Some(config) if !is_resource_list(source) => {
                runtime::files(source, &manifests.files, functions::ALL, name, config)
            }
            config => runtime::resource_list(source, functions::ALL, name, config),
        };
        if !call.dry_run {
            return write(&Answer::of(&run));
        }
        let changes =
            if run.success { format!("{:#}\n", changes(source, &run)) } else { String::new() };
        write(&Answer { stdout: vec![&changes], ..Answer::of(&run) })
    })
}

/// A host that gets no output from a function that succeeded deletes the user's files.
fn output_lost(outside: &dyn Outside) -> Option<Finding> {
    let message = "stdout is closed, or is /dev/null opened for reading as well, which looks the same: no host could read the manifests; leave stdout open, or throw them away with > /dev/null";
    outside.stdout_is_closed().then(|| Finding::error(Code::OutputLost, message))
}

/// Runs as kustomize's legacy exec plugin: the configuration in a file, documents on stdin.
pub(super) fn plugin(
    config: &Path,
    outside: &mut dyn Outside,
    write: impl FnOnce(&Answer<'_>) -> ExitCode,
) -> ExitCode {
    if let Some(finding) = output_lost(outside) {
        return write(&Answer::refused(&[finding]));
    }
    let read = read_config(Some(config), outside)
        .and_then(|config| Ok((config, Manifests::read(&[], outside)?)));
    match read {
        Err(finding) => write(&Answer::refused(&[finding])),
        Ok((config, manifests)) => {
            with_config(config.as_ref(), write, |config, write| match config {
                Some(config) => write(&Answer::of(&runtime::stream(
                    &manifests.text,
                    functions::ALL,
                    None,
                    config,
                ))),
                None => write(&Answer::refused(&[input_error(
                    "the configuration is missing".to_owned(),
                )])),
            })
        }
    }
}

fn read_config(path: Option<&Path>, outside: &mut dyn Outside) -> Result<Option<Named>, Finding> {
    path.map(|path| manifests::read(path, outside)).transpose()
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

/// Whether the text is one object of that kind, right or wrong.
fn is_resource_list(source: &str) -> bool {
    // Looking is faster than reading.
    source.contains("ResourceList")
        && Package::stream(source).is_ok_and(|package| {
            let mut items = package.items();
            let kind = items.next().and_then(|(_, first)| first.get("kind")?.as_str());
            items.next().is_none() && kind.as_deref() == Some("ResourceList")
        })
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
