//! `kserve-aws hosts`: which hosts and URLs the InferenceServices of manifests get.

mod diags;
mod gathered;
mod json;
pub(super) mod table;

use std::collections::HashMap;
use std::path::PathBuf;

use clap::{Arg, ArgMatches};

use super::argument::paths;
use super::environment::Environment;
use super::output::{Output, Refusal, Stdout};
use super::report::{Format, ReportOptions};
use crate::controllers::kserve::{Endpoint, ServingModel, ServingOptions, Version, VersionSource};
use crate::finding::Finding;
use crate::runtime::{KserveAws, complete_findings, stderr_line};
use crate::serving::model::Findings;
use crate::values::k8s::ResourceRef;
use crate::values::release::Release;

use gathered::{Gathered, gather};

const HELP: &str = "\
The table is on stdout and the findings on stderr; with --format json the hosts are JSON, each with its findings.

Besides the InferenceServices, these are read where the manifests have them: config-domain and
config-network of Knative Serving, inferenceservice-config and the controller's image of KServe,
Namespaces and Profiles. Whatever is missing is assumed; every assumption is printed to stderr.

Files of a folder that hold no object are skipped with a warning. The exit code is 1 if there is an
error, also for an InferenceService that gets no URL; everything that could be read is still shown.";

/// `kserve-aws hosts`.
pub(super) struct HostsCall {
    pub(super) places: Vec<PathBuf>,
    /// Whether hosts are printed as JSON, each with its findings.
    pub(super) json: bool,
    pub(super) report: ReportOptions,
    pub(super) kserve: Option<Release>,
    pub(super) namespace: Option<String>,
}

impl HostsCall {
    pub(super) fn of(matches: &ArgMatches) -> Self {
        Self {
            places: paths(matches, "place"),
            json: matches.get_one::<String>("format").is_some_and(|format| format == "json"),
            report: ReportOptions::of(matches),
            kserve: matches.get_one::<Release>("kserve-version").copied(),
            namespace: matches.get_one::<String>("namespace").cloned(),
        }
    }
}

pub(super) fn command() -> clap::Command {
    let formats = [&["table"], &Format::WORDS[..]].concat();
    let hosts = ReportOptions::formats(clap::Command::new("hosts"), &formats);
    ReportOptions::known(hosts)
        .about("Show the hosts and URLs that InferenceServices get")
        .after_help(HELP)
        .arg(
            Arg::new("place")
                .value_name("FILE|DIR|-")
                .num_args(0..)
                .value_parser(clap::value_parser!(PathBuf))
                .help("Manifests, a ResourceList or a List; default: stdin"),
        )
        .arg(
            Arg::new("kserve-version")
                .long("kserve-version")
                .value_name("VERSION")
                .value_parser(clap::value_parser!(Release))
                .help("KServe release to assume if the manifests do not name one"),
        )
        .arg(
            Arg::new("namespace")
                .long("namespace")
                .short('n')
                .value_name("NAMESPACE")
                .help("Namespace for objects that set none"),
        )
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
    // What was read is as large as the model. It goes at once: what is read once more below takes its place.
    drop(items);
    let mut findings = skipped;
    findings.extend(model.findings());
    findings.extend(model.endpoints.iter().flat_map(Findings::findings));
    let secrets = complete_findings::<KserveAws>(&read.text, &read.files, &accepted, &mut findings);
    call.report.write_baseline(&findings, environment)?;
    let fails = findings.iter().any(|finding| call.report.fails(finding));
    let (mut text, mut stderr): (String, Vec<String>) = if call.json {
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
    secrets.hide_in_text(&mut text);
    stderr.iter_mut().for_each(|line| secrets.hide_in_text(line));
    Ok(Output {
        stdout: Stdout::Text(text.into()),
        stderr,
        code: u8::from(fails),
        ..Output::default()
    })
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
