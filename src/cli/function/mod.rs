//! `kserve-aws fn`: one run of a function, wherever its objects come from.

mod call;

use std::path::Path;

use serde_json::{Value, json};

pub(super) use self::call::{FunctionCall, command};
use super::diags::{OutputLost, WrongArguments, WrongInput};
use super::environment::Environment;
use super::manifests::{self, Manifests, Named};
use super::output::{Output, Refusal, Source, Stdout};
use super::report::Format;
use crate::finding::Finding;
use crate::functions;
use crate::runtime::{
    self, Call, ConfigSource, Files, FunctionConfig, Run, locate_fixes, stderr_line,
};
use krm_package::{Edit, NodeRef, Package};

pub(super) fn run<'s>(
    call: &FunctionCall,
    manifests: Option<Manifests>,
    environment: &mut dyn Environment,
    source: &'s Source,
) -> Result<Output<'s>, Refusal> {
    let is_by_hand = manifests.is_some() || !call.files.is_empty();
    let (text, mut run) = ran(call, manifests, environment, source)?;
    if !call.dry_run {
        // They are made, and may be as large as all that is printed.
        run.edits = Vec::new();
    }
    let report = call.report.clone();
    let report = if is_by_hand { report } else { report.under_host() };
    report.write_baseline(&run.findings, environment)?;
    let lines = report.lines(&run.findings, environment);
    if !call.dry_run {
        return Ok(Output::of(run, lines));
    }
    let changes = if run.success {
        let mut changes = changes(text, &run);
        if !call.show_tokens {
            run.secrets.hide_in(&mut changes);
        }
        format!("{changes:#}\n")
    } else {
        String::new()
    };
    Ok(Output { stdout: Stdout::Text(changes.into()), ..Output::of(run, lines) })
}

/// What comes of the function, and the text that it ran on.
pub(super) fn ran<'s>(
    call: &FunctionCall,
    manifests: Option<Manifests>,
    environment: &mut dyn Environment,
    source: &'s Source,
) -> Result<(&'s str, Run<'s>), Refusal> {
    if call.files.is_empty() && manifests.is_none() {
        refuse_lost_output(environment)?;
    }
    let stdin = Path::new("-");
    let is_read_twice = call.config.as_deref() == Some(stdin)
        && manifests.is_none()
        && (call.files.is_empty() || call.files.iter().any(|file| file == stdin));
    if is_read_twice {
        return Err(WrongArguments::StdinTwice.into());
    }
    let is_by_hand = manifests.is_some() || !call.files.is_empty();
    let accepted = match &call.accepted {
        Some(accepted) => accepted.clone(),
        None => call.report.accepted(environment)?,
    };
    let fail_on = call.report.fail_on;
    let file = call.config.as_deref().map(|path| manifests::read(path, environment)).transpose()?;
    let Manifests { text, files, findings, .. } = match manifests {
        Some(manifests) => manifests,
        None => Manifests::read(&call.files, call.config.as_deref(), environment)?,
    };
    let text = source.keep(text);
    let package = file.as_ref().map(Named::parsed).transpose()?;
    let config = match (&file, &package) {
        (Some(file), Some(package)) => Some(configuration(file, package)?),
        _ => None,
    };
    let name = call.name.as_deref();
    let mut run = match &config {
        // Without a configuration a host passes a list; files are passed by hand.
        config if (config.is_some() || is_by_hand) && !is_resource_list(text) => {
            let accepted = accepted.clone();
            let call = Call { name, config: config.as_ref(), accepted, fail_on };
            runtime::files(text, &files, functions::ALL, &call)
        }
        config => {
            let accepted = accepted.clone();
            let call = Call { name, config: config.as_ref(), accepted, fail_on };
            runtime::resource_list(text, functions::ALL, &call)
        }
    };
    // What the folder's own functions found of it, the run may find again.
    let more: Vec<Finding> = findings.into_iter().chain(call.more.iter().cloned()).collect();
    let is_new = |finding: &Finding| !more.contains(finding);
    run.findings.retain(is_new);
    run.findings.splice(0..0, more);
    accepted.separate(&mut run.findings);
    run.success &= !run.findings.iter().any(Finding::is_error);
    if call.report.format == Format::Sarif {
        locate_fixes(text, &files, &run.secrets, &mut run.findings);
        if let Some(file) = &file {
            let mut own = Files::default();
            own.push(1, &file.name);
            locate_fixes(&file.text, &own, &run.secrets, &mut run.findings);
        }
    }
    Ok((text, run))
}

/// Runs as kustomize's legacy exec plugin: the configuration in a file, documents on stdin.
pub(super) fn plugin<'s>(
    config: &Path,
    environment: &mut dyn Environment,
    source: &'s Source,
) -> Result<Output<'s>, Refusal> {
    refuse_lost_output(environment)?;
    let file = manifests::read(config, environment)?;
    let text = source.keep(Manifests::read(&[], None, environment)?.text);
    let package = file.parsed()?;
    let config = configuration(&file, &package)?;
    let call = Call { config: Some(&config), ..Call::default() };
    let run = runtime::stream(text, functions::ALL, &call);
    let lines = run.findings.iter().map(stderr_line).collect();
    Ok(Output::of(run, lines))
}

/// A host that gets no output from a function that succeeded deletes the user's files.
fn refuse_lost_output(environment: &dyn Environment) -> Result<(), Finding> {
    if environment.stdout_is_closed() { Err(OutputLost::Stdout.into()) } else { Ok(()) }
}

/// The configuration that a file has.
fn configuration<'c>(
    file: &'c Named,
    package: &'c Package<'_>,
) -> Result<FunctionConfig<'c>, Finding> {
    let nodes: Vec<NodeRef<'_>> = package.items().map(|(_, node)| node).collect();
    let [node] = nodes[..] else {
        return Err(WrongInput::Documents { name: &file.name, count: nodes.len() }.into());
    };
    FunctionConfig::new(node, ConfigSource::File(&file.name))
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
    let package = Package::manifests(source);
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
        Edit::AddItem(object) => json!({ "add": object.value() }),
        Edit::RemoveItem(item) => {
            json!({ "item": item.0, "resource": resource(*item), "remove": true })
        }
    };
    run.edits.iter().map(change).collect()
}
