//! `kserve-aws trace`: the path of a request, hop by hop.

mod human;
mod json;
mod mermaid;
mod svg;

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches};

use super::argument::{paths, places, word};
use super::diags::WrongArguments;
use super::environment::Environment;
use super::output::{Output, Refusal, Stdout};
use super::package_text;
use super::report::ReportOptions;
use crate::controllers::kserve::{Endpoint, EndpointKind, Exposure};
use crate::path::simulator::{Client, Facts, SentRequest, Simulator, Trace};
use crate::path::{World, base_path, first_path, host_inside, host_of, right};
use crate::runtime::{KserveAws, complete_findings};

const HELP: &str = "\
Each hop is shown with the object and field that decide. Where the manifests do not decide, the outcome is unknown,
and both outcomes are named. The exit code is 0 where the status is certainly 2xx.";

/// How a trace is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Human,
    Json,
    Mermaid,
    Svg,
}

impl Format {
    /// The words of `--format`.
    pub(super) const WORDS: [&'static str; 4] = ["human", "json", "mermaid", "svg"];

    /// The format of a word.
    pub(super) fn of(word: &str) -> Self {
        match word {
            "json" => Self::Json,
            "mermaid" => Self::Mermaid,
            "svg" => Self::Svg,
            _ => Self::Human,
        }
    }
}

/// `kserve-aws trace`.
pub(super) struct TraceCall {
    pub(super) url: Option<String>,
    pub(super) places: Vec<PathBuf>,
    pub(super) method: Option<String>,
    pub(super) headers: Vec<String>,
    pub(super) pod: Option<String>,
    pub(super) plaintext: bool,
    pub(super) logged_in: bool,
    pub(super) valid_jwt: bool,
    pub(super) format: Format,
    pub(super) report: ReportOptions,
}

impl TraceCall {
    pub(super) fn of(matches: &ArgMatches) -> Self {
        let text = |name: &str| matches.get_one::<String>(name).cloned();
        let all = matches.get_flag("all");
        let mut places = paths(matches, "place");
        // The first one is a place, too, where every request is followed.
        let url = if all {
            places.splice(0..0, text("url").map(PathBuf::from));
            None
        } else {
            text("url")
        };
        Self {
            url,
            places,
            method: text("method"),
            headers: matches
                .get_many::<String>("header")
                .map(|all| all.cloned().collect())
                .unwrap_or_default(),
            pod: text("pod"),
            plaintext: matches.get_flag("plaintext"),
            logged_in: matches.get_flag("logged-in"),
            valid_jwt: matches.get_flag("valid-jwt"),
            format: Format::of(word(matches, "format")),
            report: ReportOptions::of(matches).beside_output(),
        }
    }
}

pub(super) fn command() -> clap::Command {
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    let formats = [&Format::WORDS[..], &["plain", "github", "sarif", "junit"]].concat();
    let command = ReportOptions::formats(clap::Command::new("trace"), &formats);
    ReportOptions::known(command)
        .about("Follow a request from its DNS name to the pods that serve it")
        .after_help(HELP)
        .arg(
            Arg::new("url")
                .value_name("URL")
                .required_unless_present("all")
                .help("The request's URL; with --all the first FILE"),
        )
        .arg(places())
        .arg(
            Arg::new("header")
                .short('H')
                .long("header")
                .value_name("NAME: VALUE")
                .action(ArgAction::Append)
                .help("A header of the request; no output has its value"),
        )
        .arg(
            Arg::new("method")
                .long("method")
                .short('X')
                .value_name("METHOD")
                .help("The method; GET without it"),
        )
        .arg(
            Arg::new("pod")
                .long("pod")
                .value_name("NAMESPACE[/ACCOUNT]")
                .help("The pod that sends it, in place of somebody outside the cluster"),
        )
        .arg(flag("plaintext", "The pod has no sidecar"))
        .arg(flag("logged-in", "The client has a session of the login that is required"))
        .arg(flag(
            "valid-jwt",
            "The client has a valid JSON Web Token of the issuer that is required",
        ))
        .arg(flag("all", "Trace a request of every kind of client to every service, one line each"))
}

pub(super) fn run<'s>(
    call: &TraceCall,
    environment: &mut dyn Environment,
) -> Result<Output<'s>, Refusal> {
    let requested = call.url.as_deref().map(|url| request(call, url)).transpose()?;
    let accepted = call.report.accepted(environment)?;
    let manifests = package_text::read(&call.places, &accepted, environment)?;
    let package = package_text::parse(&manifests)?;
    let items = package_text::items(&package, &manifests.files).map_err(Refusal::from)?;
    let (world, mut findings) = World::of(&items);
    findings.splice(0..0, manifests.findings.iter().cloned());
    let simulator = Simulator::of(&world, Facts::default());
    let requests = match requested {
        Some(request) => vec![(request, "")],
        None => every_request(&world, &simulator),
    };
    let trace = |(request, remark): &(SentRequest, &str)| {
        let mut trace = simulator.trace(request);
        trace.request.push_str(remark);
        trace
    };
    let traces: Vec<Trace> = requests.iter().map(trace).collect();
    let mut text = match call.format {
        Format::Human if call.url.is_none() => human::table(&traces),
        Format::Human => traces.iter().map(human::of).collect(),
        Format::Json => json::of(&traces),
        Format::Mermaid => mermaid::of(&traces),
        Format::Svg => svg::of(&traces),
    };
    let secrets =
        complete_findings::<KserveAws>(&manifests.text, &manifests.files, &accepted, &mut findings);
    secrets.hide_in_text(&mut text);
    call.report.write_baseline(&findings, environment)?;
    let mut stderr = call.report.lines(&findings, environment);
    if traces.is_empty() && !call.report.is_document() {
        stderr.push("no InferenceService with a URL found".to_owned());
    }
    // Of every request there is, some must not get through.
    let fails = call.url.is_some() && !traces.iter().all(|trace| trace.outcome.is_success());
    let fails = fails || findings.iter().any(|finding| call.report.fails(finding));
    Ok(Output {
        stdout: Stdout::Text(text.into()),
        stderr,
        code: u8::from(fails),
        ..Output::default()
    })
}

/// The request that the arguments describe.
fn request(call: &TraceCall, url: &str) -> Result<SentRequest, Refusal> {
    let mut request = SentRequest::for_url(url).map_err(WrongArguments::Url)?;
    for header in &call.headers {
        // A header that is not one is not quoted: it may be a token.
        let (name, value) = header.split_once(':').ok_or(WrongArguments::HeaderWithoutColon)?;
        request.headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    if let Some(method) = &call.method {
        request.method.clone_from(method);
    }
    if let Some(pod) = &call.pod {
        let (namespace, account) = pod.split_once('/').unwrap_or((pod, "default"));
        request.client = Client::Pod {
            namespace: namespace.to_owned(),
            service_account: account.to_owned(),
            in_mesh: !call.plaintext,
        };
    }
    request.logged_in = call.logged_in;
    request.valid_jwt = call.valid_jwt;
    Ok(request)
}

/// Every service by every client: somebody outside with and without what the path requires, and a pod of
/// another namespace with and without a sidecar. Each with what its description leaves open: which value a
/// header has.
fn every_request(
    world: &World<'_>,
    simulator: &Simulator<'_, '_>,
) -> Vec<(SentRequest, &'static str)> {
    let mut requests = Vec::new();
    let has_pods =
        |one: &&Endpoint| one.kind.is_kserve() || one.kind == EndpointKind::KnativeService;
    for endpoint in world.model.endpoints.iter().filter(has_pods) {
        let unknown = || format!("/v1/models/{}:predict", endpoint.name);
        let path = first_path(endpoint).unwrap_or_else(unknown);
        if endpoint.exposure == Exposure::Public
            && let Some(host) = host_of(endpoint)
            && let below = format!("{}{path}", base_path(endpoint))
            && let Some(right) = right(simulator, host, "POST", &below)
        {
            let bare = right.without_credentials();
            let wrong = right.headers.iter().map(|(name, _)| (name.clone(), "wrong".to_owned()));
            let upper = right
                .headers
                .iter()
                .map(|(name, value)| (name.clone(), value.to_ascii_uppercase()));
            let wrong = SentRequest { headers: wrong.collect(), ..bare.clone() };
            let upper = SentRequest { headers: upper.collect(), ..bare.clone() };
            let has_token = !right.headers.is_empty();
            requests.extend([(right, ""), (bare, "")]);
            let others = [(wrong, " (a wrong value)"), (upper, " (the value in uppercase)")];
            requests.extend(has_token.then_some(others).into_iter().flatten());
        }
        let inside = format!("http://{}{path}", host_inside(endpoint));
        for in_mesh in [true, false] {
            let Ok(mut request) = SentRequest::for_url(&inside) else { continue };
            "POST".clone_into(&mut request.method);
            request.client = Client::Pod {
                namespace: "another-namespace".to_owned(),
                service_account: "default".to_owned(),
                in_mesh,
            };
            requests.push((request, ""));
        }
    }
    requests
}
