//! `render --host`: the real kustomize, kubectl or kpt, with this program as its function.
//!
//! A host starts the function that a configuration or a Kptfile names. So that it starts this program and no
//! container, it works on a copy in which they name it.

use std::path::{Path, PathBuf};

use super::call::{Host, RenderCall, Report, Target};
use crate::cli::diags::{WrongArguments, WrongInput};
use crate::cli::environment::{Environment, HostRun, OWN_PATH};
use crate::cli::output::{Output, Refusal, Stdout};
use crate::finding::Finding;
use crate::functions;

pub(super) fn run<'s>(
    host: Host,
    call: &RenderCall,
    environment: &mut dyn Environment,
) -> Result<Output<'s>, Refusal> {
    let Some(folder) = call.what.as_deref().filter(|_| call.config.is_none()) else {
        return Err(WrongArguments::HostWithoutFolder.into());
    };
    if call.target != Target::Stdout || call.report != Report::None {
        return Err(WrongArguments::HostWithReport.into());
    }
    let run = copied(host, folder, environment)?;
    ran(&run, environment)
}

/// What kustomize gives, or kubectl where there is no kustomize, of a folder that nobody asked to hand to a
/// host; `None` where neither is on the `PATH` or both fail. No program runs that a file of the folder names:
/// ours are found as plugins.
pub(super) fn on_path(
    folder: &Path,
    environment: &mut dyn Environment,
) -> Option<(&'static str, String)> {
    let copied = copied(Host::Kubectl, folder, environment).ok()?;
    // Without its flag for programs kustomize leaves such a function out, and says nothing.
    let names_program = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        text.contains("config.kubernetes.io/function") && text.contains("exec")
    };
    if copied.files.iter().any(|(_, bytes)| names_program(bytes)) {
        return None;
    }
    for (program, command) in [("kustomize", "build"), ("kubectl", "kustomize")] {
        let mut run = HostRun { program, ..copied.clone() };
        run.arguments[0] = command.to_owned();
        if let Ok(Output { stdout: Stdout::Text(text), code: 0, .. }) = ran(&run, environment) {
            return Some((program, text.into_owned()));
        }
    }
    None
}

/// A copy of a folder and of what its kustomizations refer to, in which this program is the function.
fn copied(
    host: Host,
    folder: &Path,
    environment: &mut dyn Environment,
) -> Result<HostRun, Refusal> {
    let (root, below) = root_of(folder, environment)?;
    let mut files = Vec::new();
    for path in environment.files(&root).map_err(|error| unread(&root, error))? {
        let name = path.strip_prefix(&root).unwrap_or(&path).to_owned();
        if name.iter().any(|part| part == ".git") {
            continue;
        }
        let bytes = environment.file(&path).map_err(|error| unread(&path, error))?;
        files.push((name, configured(host, bytes)));
    }
    let place =
        if below.as_os_str().is_empty() { ".".to_owned() } else { below.display().to_string() };
    let enable = "--enable-alpha-plugins".to_owned();
    let (program, arguments) = match host {
        Host::Kustomize => {
            ("kustomize", vec!["build".to_owned(), enable, "--enable-exec".to_owned(), place])
        }
        Host::Kubectl => ("kubectl", vec!["kustomize".to_owned(), enable, place]),
        Host::Kpt => {
            let render = ["fn", "render", "--allow-exec", "--output", "unwrap"];
            ("kpt", render.into_iter().map(str::to_owned).chain([place]).collect())
        }
    };
    let kinds = functions::ALL.iter().map(|function| function.kind);
    let plugin = |kind: &str| {
        PathBuf::from(format!("fn.kserve-aws.dev/v1alpha1/{}/{kind}", kind.to_lowercase()))
    };
    let plugins = if host == Host::Kubectl { kinds.map(plugin).collect() } else { Vec::new() };
    Ok(HostRun { program, arguments, files, plugins })
}

fn ran<'s>(run: &HostRun, environment: &mut dyn Environment) -> Result<Output<'s>, Refusal> {
    let no_host = |error| WrongArguments::NoHost { program: run.program, error };
    let ran = environment.host(run).map_err(no_host)?;
    let stderr = ran.stderr.lines().map(str::to_owned).collect();
    let text = if ran.success { ran.stdout } else { String::new() };
    Ok(Output {
        stdout: Stdout::Text(text.into()),
        stderr,
        code: u8::from(!ran.success),
        ..Output::default()
    })
}

fn unread(path: &Path, error: std::io::Error) -> Finding {
    WrongInput::Unreadable { path, error }.into()
}

/// The folder that holds all that the kustomization refers to, and the kustomization's place in it.
fn root_of(
    folder: &Path,
    environment: &mut dyn Environment,
) -> Result<(PathBuf, PathBuf), Refusal> {
    let mut up = 0;
    let mut seen = vec![folder.to_owned()];
    let mut next = 0;
    let depth = |path: &Path| {
        path.components().fold((0_usize, 0_usize), |(down, up), part| match part {
            std::path::Component::ParentDir if down == 0 => (0, up + 1),
            std::path::Component::ParentDir => (down - 1, up),
            std::path::Component::Normal(_) => (down + 1, up),
            _ => (down, up),
        })
    };
    while let Some(place) = seen.get(next).cloned() {
        next += 1;
        for name in kustomize_types::kustomization::FILE_NAMES {
            let Ok(bytes) = environment.file(&place.join(name)) else { continue };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            for word in text.split(|c: char| c.is_whitespace() || "\"'[],{}".contains(c)) {
                let other = place.join(word);
                let is_folder = word.starts_with("..") && environment.is_folder(&other);
                if is_folder && !seen.contains(&other) && seen.len() < 1_000 {
                    let relative = other.strip_prefix(folder).unwrap_or(&other);
                    up = up.max(depth(relative).1);
                    seen.push(other);
                }
            }
        }
    }
    let whole = environment.absolute(folder).map_err(|error| unread(folder, error))?;
    let mut root = whole.clone();
    for _ in 0..up {
        root.pop();
    }
    let below = whole.strip_prefix(&root).unwrap_or(Path::new("")).to_owned();
    Ok((root, below))
}

/// A file in which this program replaces its image.
fn configured(host: Host, bytes: Vec<u8>) -> Vec<u8> {
    let Ok(text) = String::from_utf8(bytes.clone()) else { return bytes };
    if !text.contains("image:") {
        return bytes;
    }
    let mut lines: Vec<String> = Vec::new();
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start();
        let blanks = &line[..line.len() - trimmed.len()];
        let (dash, rest) = trimmed.strip_prefix("- ").map_or(("", trimmed), |rest| ("- ", rest));
        let image = rest.strip_prefix("image:").map(str::trim).and_then(own_function);
        match (image, host) {
            (None, _) => lines.push(line.to_owned()),
            (Some(name), Host::Kpt) => {
                lines.push(format!("{blanks}{dash}exec: {OWN_PATH} fn {name}\n"));
            }
            (Some(_), Host::Kustomize | Host::Kubectl) => {
                let is_container = lines.last().is_some_and(|last| last.trim() == "container:");
                if !is_container {
                    lines.push(line.to_owned());
                    continue;
                }
                let before = lines.pop().unwrap_or_default();
                if host == Host::Kustomize {
                    lines.push(before.replace("container:", "exec:"));
                    lines.push(format!("{blanks}path: {OWN_PATH}\n"));
                } else if lines
                    .last()
                    .is_some_and(|last| last.contains("config.kubernetes.io/function:"))
                {
                    lines.pop();
                }
            }
        }
    }
    lines.concat().into_bytes()
}

/// The function of an image of this project.
fn own_function(image: &str) -> Option<&'static str> {
    let name = image.trim_matches(['"', '\'']).rsplit('/').next()?.split([':', '@']).next()?;
    functions::ALL.named(name).ok().map(|function| function.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "metadata:\n  annotations:\n    config.kubernetes.io/function: |\n      container:\n        image: ghcr.io/kserve-aws/set-knative-domain:v0.1.0\nspec: {}\n";

    #[track_caller]
    fn configured_is(host: Host, text: &str, expected: &str) {
        assert_eq!(String::from_utf8(configured(host, text.into())).unwrap(), expected);
    }

    #[test]
    fn puts_the_program_where_its_image_stood() {
        let exec = "metadata:\n  annotations:\n    config.kubernetes.io/function: |\n      exec:\n        path: @kserve-aws@\nspec: {}\n";
        configured_is(Host::Kustomize, CONFIG, exec);
        configured_is(Host::Kubectl, CONFIG, "metadata:\n  annotations:\nspec: {}\n");
        let step = "  - image: ghcr.io/kserve-aws/set-knative-domain:v0.1.0\n    configMap: {}\n";
        configured_is(
            Host::Kpt,
            step,
            "  - exec: @kserve-aws@ fn set-knative-domain\n    configMap: {}\n",
        );
        let other = "container:\n  image: example/app\n";
        configured_is(Host::Kustomize, other, other);
    }
}
