//! A request as a script for sh. No value that is secret is in its text or among curl's arguments, which
//! every user of a machine can list.

use super::issuer::IssuerOf;
use super::word::quoted;
use crate::controllers::kserve::{Endpoint, Protocol};
use crate::path::simulator::SentRequest;

/// How a client logs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Login {
    /// Not at all.
    None,
    /// With the session of a browser that the load balancer sent to its login.
    Session,
    /// With Dex's form.
    Dex,
    /// With a token of a Kubernetes service account.
    ServiceAccount,
    /// With a token for client credentials.
    ClientCredentials,
}

impl Login {
    /// The words of `--login`.
    pub(super) const WORDS: [&'static str; 5] =
        ["none", "session", "dex", "service-account", "client-credentials"];

    pub(super) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "none" => Self::None,
            "session" => Self::Session,
            "dex" => Self::Dex,
            "service-account" => Self::ServiceAccount,
            "client-credentials" => Self::ClientCredentials,
            _ => return None,
        })
    }
}

/// What the flags set.
pub(super) struct Settings {
    /// The variable that holds the token of a header.
    pub(super) token_variable: String,
    pub(super) account: String,
    /// Where requests are sent, in place of their host.
    pub(super) address: Option<String>,
    /// The file with the body.
    pub(super) data: Option<String>,
}

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
    let curl = curl(settings);
    let mut text = START.to_owned();
    for (name, _) in &request.headers {
        let variable = &settings.token_variable;
        text.push_str(&header(name, &format!("${{{variable}:?set it to a token of {name}}}")));
    }
    if login == Login::ClientCredentials {
        text.push_str(&issuer.defaults());
    }
    text.push_str(&logged_in(endpoint, request, login, &curl, &settings.account));
    let body = settings.data.as_ref().map_or_else(
        || body(endpoint, protocol),
        |file| format!("--data-binary {}", quoted(&format!("@{file}"))),
    );
    text.push_str(&format!(
        "{curl} --include -X {} -H 'content-type: application/json' \\\n  {body} \\\n  {}\n",
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

/// curl with the headers, a jar of cookies and the address.
fn curl(settings: &Settings) -> String {
    let address = settings.address.as_ref().map(|address| {
        let port = if address.contains(':') { "" } else { ":" };
        format!(" --connect-to {}", quoted(&format!("::{address}{port}")))
    });
    format!(
        "curl -sS -H @\"$work/headers\" -b \"$work/cookies\" -c \"$work/cookies\"{}",
        address.unwrap_or_default()
    )
}

/// A line that adds a header with what sh makes of a text in double quotes.
fn header(name: &str, value: &str) -> String {
    format!("printf '%s: %s\\n' {} \"{value}\" >>\"$work/headers\" || exit\n", quoted(name))
}

/// The lines that log the client in.
fn logged_in(
    endpoint: &Endpoint,
    request: &SentRequest,
    login: Login,
    curl: &str,
    account: &str,
) -> String {
    let bearer = |command: &str| {
        format!(
            "token=$({command}) && [ -n \"$token\" ] || exit\n{}",
            header("authorization", "Bearer $token")
        )
    };
    match login {
        Login::None => String::new(),
        Login::Session => header(
            "cookie",
            "${KSERVE_COOKIE:?log in with a browser and set it to its AWSELBAuthSessionCookie-0=… and -1=…}",
        ),
        Login::Dex => {
            let root = SentRequest { target: "/".to_owned(), ..request.clone() }.url();
            format!(
                "form=$({curl} -L -o /dev/null -w '%{{url_effective}}' {}) || exit\n\
                 printf %s \"${{DEX_PASSWORD:?set it to the password}}\" |\n  \
                 {curl} -L -o /dev/null --data-urlencode \"login=${{DEX_USER:?set it to the user}}\" \\\n  \
                 --data-urlencode password@- \"$form\" || exit\n",
                quoted(&root)
            )
        }
        Login::ServiceAccount => bearer(&format!(
            "kubectl create token {} --namespace {}",
            quoted(account),
            quoted(&endpoint.namespace)
        )),
        Login::ClientCredentials => bearer(
            "printf 'user = \"%s:%s\"\\n' \"${CLIENT_ID:?set it to the client}\" \"${CLIENT_SECRET:?set it to its secret}\" |\n  \
             curl -sS --config - --data grant_type=client_credentials \\\n  \
             ${TOKEN_SCOPE:+--data-urlencode} ${TOKEN_SCOPE:+\"scope=$TOKEN_SCOPE\"} \\\n  \
             \"${TOKEN_URL:?set it to the token endpoint of the issuer}\" |\n  \
             sed -n 's/.*\"access_token\" *: *\"\\([^\"]*\\)\".*/\\1/p'",
        ),
    }
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
