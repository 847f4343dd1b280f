//! A request as a script for sh. No value that is secret is in its text or among curl's arguments, which
//! every user of a machine can list.

use super::super::shell::quoted;
use super::curl::{Settings, address, header};
use super::issuer::IssuerOf;
use super::login::Login;
use crate::controllers::kserve::{Endpoint, Protocol};
use crate::path::simulator::SentRequest;

/// A script and what it sends.
pub(super) struct Script {
    pub(super) title: String,
    pub(super) url: String,
    pub(super) text: String,
}

/// The file of the headers, which only its owner reads and which ends with the script.
const START: &str = "umask 077
work=$(mktemp -d) || exit
trap 'rm -rf \"$work\"' EXIT
: >\"$work/headers\"
";

pub(super) fn of(
    endpoint: &Endpoint,
    protocol: Protocol,
    request: &SentRequest,
    (login, issuer): (Login, &IssuerOf),
    settings: &Settings,
) -> Script {
    let url = request.url();
    let mut text = START.to_owned();
    for (name, _) in &request.headers {
        // sh expands the word after the question mark, and names of headers may have what it expands.
        let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
        let shown = if is_plain { name } else { "the header" };
        let variable = &settings.token_variable;
        text.push_str(&header(name, &format!("${{{variable}:?set it to a token of {shown}}}")));
    }
    text.push_str(&login.lines(endpoint, request, issuer, settings));
    let body = settings.data.as_ref().map_or_else(
        || body(endpoint, protocol),
        |file| format!("--data-binary {}", quoted(&format!("@{file}"))),
    );
    text.push_str(&format!(
        "curl -sS -H @\"$work/headers\"{} --include -X {} -H 'content-type: application/json' \\\n  {body} \\\n  {}\n",
        address(settings),
        request.method,
        quoted(&url)
    ));
    let name = match protocol {
        Protocol::V1 => "v1",
        Protocol::V2 => "v2",
        Protocol::OpenAi => "openAI",
        Protocol::Grpc => "gRPC",
    };
    let title =
        format!("{}/{} {name}: {} {url}", endpoint.namespace, endpoint.name, request.method);
    Script { title, url, text }
}

/// The body of the protocol's documentation, for the iris model of the guide.
fn body(endpoint: &Endpoint, protocol: Protocol) -> String {
    let json = match protocol {
        Protocol::V1 => {
            r#"{"instances": [[6.8, 2.8, 4.8, 1.4], [6.0, 3.4, 4.5, 1.6]]}"#.to_owned()
        }
        Protocol::V2 => r#"{"inputs": [{"name": "input-0", "shape": [2, 4], "datatype": "FP32", "data": [[6.8, 2.8, 4.8, 1.4], [6.0, 3.4, 4.5, 1.6]]}]}"#.to_owned(),
        Protocol::OpenAi | Protocol::Grpc => format!(
            r#"{{"model": "{}", "messages": [{{"role": "user", "content": "Hello"}}]}}"#,
            endpoint.name
        ),
    };
    format!("--data {}", quoted(&json))
}
