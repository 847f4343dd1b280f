//! `kserve-aws hosts`: which hosts and URLs the InferenceServices of manifests get.

mod gathered;
mod json;
pub(super) mod table;

use std::path::PathBuf;

use super::environment::Environment;
use super::output::{Output, Refusal, Stdout};
use crate::controllers::kserve::{Endpoint, ServingModel, ServingOptions, Version, VersionSource};
use crate::finding::Finding;
use crate::runtime::stderr_line;
use crate::serving::model::Findings;
use crate::values::release::Release;

use gathered::{Gathered, gather};

/// `kserve-aws hosts`.
pub(super) struct HostsCall {
    pub(super) places: Vec<PathBuf>,
    pub(super) json: bool,
    pub(super) kserve: Option<Release>,
    pub(super) namespace: Option<String>,
}

pub(super) fn run<'s>(
    call: &HostsCall,
    environment: &mut dyn Environment,
) -> Result<Output<'s>, Refusal> {
    let Gathered { items, skipped } = gather(&call.places, environment)?;
    let options = ServingOptions {
        kserve: call.kserve,
        namespace: call.namespace.clone(),
        ..ServingOptions::default()
    };
    let model = ServingModel::build(&items, &options);
    let mut of_manifests = skipped;
    of_manifests.extend(model.findings());
    let of_endpoints: Vec<Vec<Finding>> = model.endpoints.iter().map(Findings::findings).collect();
    let mut stderr: Vec<String> = of_manifests.iter().map(stderr_line).collect();
    if !model.endpoints.is_empty() {
        let versions = [("KServe", &model.kserve), ("Knative Serving", &model.knative)];
        let is_stated = |version: &Version| matches!(version.source, VersionSource::Manifests(_));
        let taken = versions.into_iter().filter(|(_, version)| is_stated(version));
        stderr.extend(taken.map(|(controller, version)| format!("using {controller} {version}")));
    }
    let text = if call.json {
        json::of(&model.endpoints, &of_endpoints)
    } else {
        stderr.extend(of_endpoints.iter().flatten().map(stderr_line));
        stderr.extend(assumptions(&model.endpoints));
        table::of(&model.endpoints)
    };
    if model.endpoints.is_empty() {
        stderr.push("no InferenceService of serving.kserve.io/v1beta1 found".to_owned());
    }
    let fails = of_manifests.iter().chain(of_endpoints.iter().flatten()).any(Finding::is_error);
    Ok(Output { stdout: Stdout::Text(text.into()), stderr, code: u8::from(fails) })
}

/// What was taken for granted, each once.
fn assumptions(endpoints: &[Endpoint]) -> Vec<String> {
    let mut seen: Vec<&String> = endpoints.iter().flat_map(|endpoint| &endpoint.assumed).collect();
    seen.sort();
    seen.dedup();
    seen.into_iter().map(|assumed| format!("assumed: {assumed}")).collect()
}
