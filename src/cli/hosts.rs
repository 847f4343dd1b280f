//! `kserve-aws hosts`: which hosts and URLs the InferenceServices of manifests get.

use std::path::PathBuf;
use std::process::ExitCode;

use super::manifests::{Manifests, input_error};
use super::{Answer, Outside};
use crate::engine::Package;
use crate::finding::Finding;
use crate::kserve::{Endpoint, ServingItems, ServingModel, ServingOptions};
use crate::release::Release;
use crate::runtime::{Items, stderr_line};

/// `kserve-aws hosts`.
pub(super) struct HostsCall {
    pub(super) places: Vec<PathBuf>,
    pub(super) json: bool,
    pub(super) kserve: Option<Release>,
    pub(super) namespace: Option<String>,
}

pub(super) fn run(
    call: &HostsCall,
    outside: &mut dyn Outside,
    write: impl FnOnce(&Answer<'_>) -> ExitCode,
) -> ExitCode {
    let manifests = match read(call, outside) {
        Ok(manifests) => manifests,
        Err(finding) => return write(&Answer::refused(&[finding])),
    };
    let stream = manifests.text.as_str();
    let package = Package::resource_list(stream).or_else(|_| Package::stream(stream));
    let package = match package {
        Ok(package) => package,
        Err(error) => {
            let place = manifests.files.place(error.position);
            return write(&Answer::refused(&[input_error(format!("{place}: {}", error.message))]));
        }
    };
    let items = match Items::of_files(&package, &manifests.files) {
        Ok(items) => items,
        Err(findings) => return write(&Answer::refused(&findings)),
    };
    let options = ServingOptions {
        kserve: call.kserve,
        namespace: call.namespace.clone(),
        ..ServingOptions::default()
    };
    let model = ServingModel::build(&ServingItems::of(&items), &options);
    let mut stderr: Vec<String> = model.findings.iter().map(stderr_line).collect();
    let text = if call.json {
        format!("{:#}\n", serde_json::json!(model.endpoints))
    } else {
        let findings = model.endpoints.iter().flat_map(|endpoint| &endpoint.findings);
        stderr.extend(findings.map(stderr_line));
        stderr.extend(assumptions(&model.endpoints));
        table(&model.endpoints)
    };
    write(&Answer { stdout: vec![&text], stderr, code: 0 })
}

/// All manifests one behind the other; without a place, stdin.
fn read(call: &HostsCall, outside: &mut dyn Outside) -> Result<Manifests, Finding> {
    let mut files = Vec::new();
    for place in &call.places {
        if outside.is_folder(place) {
            let inside = outside.manifests(place).map_err(|error| {
                input_error(format!("{} can't be read: {error}", place.display()))
            })?;
            files.extend(inside);
        } else {
            files.push(place.clone());
        }
    }
    if !call.places.is_empty() && files.is_empty() {
        return Err(input_error("there is no .yaml, .yml or .json file there".to_owned()));
    }
    Manifests::read(&files, outside)
}

/// What was taken for granted, each once.
fn assumptions(endpoints: &[Endpoint]) -> Vec<String> {
    let mut seen: Vec<&String> = endpoints.iter().flat_map(|endpoint| &endpoint.assumed).collect();
    seen.sort();
    seen.dedup();
    seen.into_iter().map(|assumed| format!("assumed: {assumed}")).collect()
}

const HEADINGS: [&str; 6] = ["NAMESPACE", "NAME", "MODE", "EXPOSURE", "URL", "HOSTS"];

fn table(endpoints: &[Endpoint]) -> String {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    for endpoint in endpoints {
        let none = || "-".to_owned();
        let hosts = endpoint.hosts();
        let first = [
            endpoint.namespace.clone(),
            endpoint.name.clone(),
            endpoint.mode_word.map_or_else(none, str::to_owned),
            endpoint.exposure.as_str().to_owned(),
            endpoint.url.clone().unwrap_or_else(none),
            hosts.first().map_or_else(none, |host| (*host).to_owned()),
        ];
        rows.push(first);
        let more = hosts.iter().skip(1);
        rows.extend(more.map(|host| ["", "", "", "", "", *host].map(str::to_owned)));
    }
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEADINGS.len()).map(width).collect();
    let mut out = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        out.push('\n');
    }
    out
}
