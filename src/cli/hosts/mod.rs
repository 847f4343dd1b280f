//! `kserve-aws hosts`: which hosts and URLs the InferenceServices of manifests get.

mod diags;
mod gathered;
mod json;
pub(super) mod table;

use std::collections::HashMap;
use std::path::PathBuf;

use super::environment::Environment;
use super::output::{Output, Refusal, Stdout};
use super::report::ReportOptions;
use crate::controllers::kserve::{Endpoint, ServingModel, ServingOptions, Version, VersionSource};
use crate::finding::Finding;
use crate::runtime::{KserveAws, complete_findings, stderr_line};
use crate::serving::model::Findings;
use crate::values::k8s::ResourceRef;
use crate::values::release::Release;

use gathered::{Gathered, gather};

/// `kserve-aws hosts`.
pub(super) struct HostsCall {
    pub(super) places: Vec<PathBuf>,
    /// Whether hosts are printed as JSON, each with its findings.
    pub(super) json: bool,
    pub(super) report: ReportOptions,
    pub(super) kserve: Option<Release>,
    pub(super) namespace: Option<String>,
}

pub(super) fn run<'s>(
    call: &HostsCall,
    environment: &mut dyn Environment,
) -> Result<Output<'s>, Refusal> {
    let accepted = call.report.accepted(environment)?;
    let Gathered { items, skipped, read } = gather(&call.places, environment)?;
    let options = ServingOptions {
        kserve: call.kserve,
        namespace: call.namespace.clone(),
        ..ServingOptions::default()
    };
    let model = ServingModel::build(&items, &options);
    let mut findings = skipped;
    findings.extend(model.findings());
    findings.extend(model.endpoints.iter().flat_map(Findings::findings));
    complete_findings::<KserveAws>(&read.text, &read.files, &accepted, &mut findings);
    call.report.write_baseline(&findings, environment)?;
    let fails = findings.iter().any(|finding| call.report.fails(finding));
    let (text, mut stderr): (String, Vec<String>) = if call.json {
        let (of_endpoints, others) = by_endpoint(&model.endpoints, findings);
        let stderr = others.iter().map(stderr_line).collect();
        (json::of(&model.endpoints, &of_endpoints), stderr)
    } else {
        (table::of(&model.endpoints), call.report.lines(&findings, environment))
    };
    if call.json || !call.report.is_document() {
        stderr.splice(0..0, releases(&model));
        stderr.extend(assumptions(&model.endpoints).into_iter().filter(|_| !call.json));
        if model.endpoints.is_empty() {
            stderr.push("no InferenceService of serving.kserve.io/v1beta1 found".to_owned());
        }
    }
    Ok(Output { stdout: Stdout::Text(text.into()), stderr, code: u8::from(fails) })
}

/// The findings of each endpoint, and the others.
fn by_endpoint(
    endpoints: &[Endpoint],
    findings: Vec<Finding>,
) -> (Vec<Vec<Finding>>, Vec<Finding>) {
    let mut places: HashMap<ResourceRef, usize> = HashMap::new();
    for (place, endpoint) in endpoints.iter().enumerate() {
        places.entry(endpoint.resource()).or_insert(place);
    }
    let (mut of_endpoints, mut others) = (vec![Vec::new(); endpoints.len()], Vec::new());
    for finding in findings {
        let place = finding.resource.as_ref().and_then(|resource| places.get(resource));
        match place {
            Some(place) => of_endpoints[*place].push(finding),
            None => others.push(finding),
        }
    }
    (of_endpoints, others)
}

/// The releases that the manifests name, of which hosts are derived.
fn releases(model: &ServingModel) -> Vec<String> {
    if model.endpoints.is_empty() {
        return Vec::new();
    }
    let versions = [("KServe", &model.kserve), ("Knative Serving", &model.knative)];
    let is_stated = |version: &Version| matches!(version.source, VersionSource::Manifests(_));
    let used = versions.into_iter().filter(|(_, version)| is_stated(version));
    used.map(|(controller, version)| format!("using {controller} {version}")).collect()
}

/// What was taken for granted, each once.
fn assumptions(endpoints: &[Endpoint]) -> Vec<String> {
    let mut seen: Vec<&str> =
        endpoints.iter().flat_map(|endpoint| &endpoint.assumed).map(|one| &**one).collect();
    seen.sort();
    seen.dedup();
    seen.into_iter().map(|assumed| format!("assumed: {assumed}")).collect()
}
