//! `kserve-aws request`: the commands that send each InferenceService a request through its login.

mod answer;
mod curl;
mod issuer;
mod login;
mod script;

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches};

use super::argument::{paths, places, word};
use super::diags::{WrongArguments, WrongInput};
use super::environment::Environment;
use super::output::{Output, Refusal, Stdout};
use super::package_text;
use super::shell;
use crate::controllers::kserve::{Endpoint, Exposure};
use crate::path::simulator::{Cause, Facts, SentRequest, Simulator};
use crate::path::{World, host_of, requests, right};
use crate::runtime::{Acceptances, KserveAws, Project, stderr_line};

use curl::Settings;
use issuer::IssuerOf;
use login::Login;
use script::Script;

const HELP: &str = "\
What a request must carry is what the manifests require of it: a token in a header, a login. Each command
takes it from the environment, never from the manifests:
  KSERVE_TOKEN                          the token of the header, or the variable of --token-env
  KSERVE_COOKIE                         the session of a login at the load balancer
  DEX_USER, DEX_PASSWORD                for Dex: the user, as a rule an email address, and the password
  DASHBOARD_URL                         for Dex: the dashboard of Kubeflow, whose login it is
  CLIENT_ID, CLIENT_SECRET              for client credentials: the client and its secret
  TOKEN_URL, TOKEN_SCOPE                for client credentials: the token endpoint, and a scope
The dashboard is at the host \"kubeflow\" of the domain of the models by default, as in the guide.
Where the load balancer validates tokens, what its Ingress names is the default: the only client, the scopes, and
the token endpoint that the issuer publishes.
With --run each command runs with sh and curl; the exit code is 1 where one does not end with 2xx.";

/// `kserve-aws request`.
pub(super) struct RequestCall {
    places: Vec<PathBuf>,
    run: bool,
    /// Only this service, `NAMESPACE/NAME`.
    service: Option<String>,
    login: Option<Login>,
    settings: Settings,
}

impl RequestCall {
    pub(super) fn of(matches: &ArgMatches) -> Self {
        let text = |name: &str| matches.get_one::<String>(name).cloned();
        Self {
            places: paths(matches, "place"),
            run: matches.get_flag("run"),
            service: text("service"),
            login: Login::of(word(matches, "login")),
            settings: Settings {
                token_variable: word(matches, "token-env").to_owned(),
                account: word(matches, "service-account").to_owned(),
                address: text("connect-to"),
                data: text("data"),
            },
        }
    }
}

pub(super) fn command() -> clap::Command {
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    clap::Command::new("request")
        .about("Print the command that sends each InferenceService a request, or run it")
        .after_help(HELP)
        .arg(places())
        .arg(
            Arg::new("run")
                .long("run")
                .action(ArgAction::SetTrue)
                .help("Run the commands, and show status and answer"),
        )
        .arg(text("service", "NAMESPACE/NAME", "Only this InferenceService"))
        .arg(
            text("login", "LOGIN", "How the client logs in; default: as the manifests require")
                .value_parser(Login::WORDS),
        )
        .arg(
            text("token-env", "VARIABLE", "Variable that holds the token of the header")
                .default_value("KSERVE_TOKEN")
                .value_parser(variable),
        )
        .arg(
            text("service-account", "NAME", "Account of --login service-account")
                .default_value("default"),
        )
        .arg(text("connect-to", "HOST[:PORT]", "Send to this address in place of each host's own"))
        .arg(text("data", "FILE", "File with the body; default: an example of the protocol"))
}

/// The name of a variable, as sh takes it.
fn variable(text: &str) -> Result<String, String> {
    let is_start = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if is_start && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Ok(text.to_owned());
    }
    Err("must be the name of a variable: letters, digits and \"_\"".to_owned())
}

pub(super) fn run<'s>(
    call: &RequestCall,
    environment: &mut dyn Environment,
) -> Result<Output<'s>, Refusal> {
    let manifests = package_text::read(&call.places, &Acceptances::default(), environment)?;
    let package = package_text::parse(&manifests)?;
    let items = package_text::items(&package, &manifests.files).map_err(Refusal::from)?;
    let secrets = KserveAws::secrets(package.list_field("functionConfig").as_slice(), &items);
    let (world, unreadable) = World::of(&items);
    let found = manifests.findings.iter().chain(&unreadable);
    let mut stderr: Vec<String> = found.map(stderr_line).collect();
    let scripts = scripts(call, &world, &mut stderr);
    stderr.iter_mut().for_each(|line| secrets.hide_in_text(line));
    if scripts.is_empty() {
        let refused = WrongInput::NoRequest(call.service.as_deref());
        stderr.push(stderr_line(&refused.into()));
        return Ok(Output { stderr, code: 1, ..Output::default() });
    }
    let mut text = String::new();
    let mut fails = false;
    for script in &scripts {
        if !text.is_empty() {
            text.push('\n');
        }
        if call.run {
            let ran = environment.shell(&script.text).map_err(WrongArguments::NoShell)?;
            let answer = answer::of(&script.url, &ran);
            fails |= !answer.is_success;
            text.push_str(&format!("{}\n{}", script.title, answer.text));
        } else {
            text.push_str(&format!("{}\n(\n{})\n", shell::comment(&script.title), script.text));
        }
    }
    secrets.hide_in_text(&mut text);
    Ok(Output {
        stdout: Stdout::Text(text.into()),
        stderr,
        code: u8::from(fails),
        ..Output::default()
    })
}

/// A script for every service and protocol.
fn scripts(call: &RequestCall, world: &World<'_>, stderr: &mut Vec<String>) -> Vec<Script> {
    let simulator = Simulator::of(world, Facts::default());
    let mut scripts = Vec::new();
    for endpoint in &world.model.endpoints {
        let service = format!("{}/{}", endpoint.namespace, endpoint.name);
        if !endpoint.kind.is_kserve()
            || endpoint.exposure != Exposure::Public
            || call.service.as_ref().is_some_and(|wanted| *wanted != service)
        {
            continue;
        }
        let found = of_endpoint(call, endpoint, &simulator);
        if found.is_empty() {
            stderr.push(format!(
                "skipped: {service} has no host that a rule of the load balancer serves, or gRPC alone"
            ));
        }
        scripts.extend(found);
    }
    scripts
}

fn of_endpoint(
    call: &RequestCall,
    endpoint: &Endpoint,
    simulator: &Simulator<'_, '_>,
) -> Vec<Script> {
    let Some(host) = host_of(endpoint) else { return Vec::new() };
    let of_protocol = |(protocol, path): (_, String)| {
        let request = right(simulator, host, "POST", &path)?;
        let login = call.login.unwrap_or_else(|| login(&request, simulator));
        let issuer = simulator.jwt_of(&request).map(IssuerOf::validated).unwrap_or_default();
        Some(script::of(endpoint, protocol, &request, (login, &issuer), &call.settings))
    };
    requests(endpoint).into_iter().filter_map(of_protocol).collect()
}

/// The login that the way of a request demands.
fn login(request: &SentRequest, simulator: &Simulator<'_, '_>) -> Login {
    if request.valid_jwt {
        return Login::ClientCredentials;
    }
    if !request.logged_in {
        return Login::None;
    }
    let without = SentRequest { logged_in: false, ..request.clone() };
    let ways = simulator.trace(&without).outcome;
    let is_gateway = ways.ways().iter().any(|way| way.cause == Cause::GatewayLogin);
    if is_gateway { Login::Dex } else { Login::Session }
}
