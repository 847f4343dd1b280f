//! What came of a request: status and JSON, or the hop that answered and what to read.

use serde_json::Value;

use super::super::environment::HostRan;
use super::super::shell;
use super::login::FAILED;
use crate::finding::Code;

/// What a person reads of it.
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) is_success: bool,
}

/// The last head and body of what `curl --include` printed.
struct Response<'r> {
    status: u16,
    /// The program that answered, by its own word.
    server: &'r str,
    location: &'r str,
    media_type: &'r str,
    body: &'r str,
}

/// The most characters of an answer that is not JSON.
const SHOWN: usize = 300;

pub(super) fn of(url: &str, ran: &HostRan) -> Answer {
    let Some(response) = Response::last(&ran.stdout) else { return without_answer(url, ran) };
    let mut text = format!("Status Code {}\n", response.status);
    let body = response.body.trim();
    if serde_json::from_str::<Value>(body).is_ok() {
        text.push_str(&format!("JSON Response {}\n", plain(body)));
    } else if !body.is_empty() {
        let shown: String = body.chars().take(SHOWN).collect();
        text.push_str(&format!("Response {}\n", plain(&shown)));
    }
    let is_success = (200..300).contains(&response.status) && !response.is_page();
    if !is_success {
        let (what, code) = response.cause();
        text.push_str(&format!("answered by {}: {what}\n{}", response.hop(), next(url, code)));
    }
    Answer { text, is_success }
}

/// A request that no hop answered: curl's own message says where it ended.
fn without_answer(url: &str, ran: &HostRan) -> Answer {
    let said = ran.stderr.trim();
    let lines: Vec<String> = said.lines().map(plain).collect();
    let shown = lines.join("\n");
    let has_failed = lines.last().is_some_and(|line| line.starts_with(FAILED));
    let number = said.strip_prefix("curl: (").and_then(|rest| rest.split(')').next());
    let (what, code) = match number.and_then(|number| number.parse::<u8>().ok()) {
        // The shell's own message: a variable that is not set.
        None => return Answer::unsent(&shown),
        Some(_) if has_failed => return Answer::unsent(&shown),
        Some(6) => ("no address has the host's name", Some(Code::DnsNameNotServed)),
        Some(7 | 28) => ("nothing answers on the port", Some(Code::AlbNoListener)),
        Some(35 | 51 | 53 | 58..=60 | 77 | 83 | 90 | 91) => {
            ("the listener and curl do not agree on TLS", Some(Code::CertificateHostUncovered))
        }
        Some(_) => ("the request failed, or its answer is not HTTP", None),
    };
    let text = format!("no answer: {what}\n{shown}\n{}", next(url, code));
    Answer { text, is_success: false }
}

impl Answer {
    /// Nothing reached the load balancer: the script ended before.
    fn unsent(said: &str) -> Self {
        Self { text: format!("no answer: no request was sent\n{said}\n"), is_success: false }
    }
}

fn next(url: &str, code: Option<Code>) -> String {
    match code {
        Some(code) => format!("read: kserve-aws explain {code}\n"),
        None => format!("read: kserve-aws trace {} FILE\n", shell::word(url)),
    }
}

/// An answer must not move the terminal's cursor.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

impl<'r> Response<'r> {
    /// Each redirect and `100 Continue` has a head of its own.
    fn last(text: &'r str) -> Option<Self> {
        let mut rest = text;
        loop {
            let (head, body) = rest.split_once("\r\n\r\n").or_else(|| rest.split_once("\n\n"))?;
            let mut lines = head.lines();
            let status = lines.next()?.strip_prefix("HTTP/")?.split(' ').nth(1)?.parse().ok()?;
            if body.starts_with("HTTP/") {
                rest = body;
                continue;
            }
            let value = |name: &str| {
                let found = head.lines().skip(1).find_map(|line| {
                    let (key, value) = line.split_once(':')?;
                    key.trim().eq_ignore_ascii_case(name).then_some(value.trim())
                });
                found.unwrap_or_default()
            };
            return Some(Self {
                status,
                server: value("server"),
                location: value("location"),
                media_type: value("content-type"),
                body,
            });
        }
    }

    /// Whether it is for a browser, which no protocol of a model has.
    fn is_page(&self) -> bool {
        self.media_type.starts_with("text/html")
    }

    /// The hop that answered.
    fn hop(&self) -> String {
        match self.server {
            server if server.starts_with("awselb") => format!("{server} (the load balancer)"),
            "istio-envoy" => "istio-envoy (the gateway, or the proxy before the pods)".to_owned(),
            "" => "a program that does not name itself".to_owned(),
            other => format!("{} (behind the gateway)", plain(other)),
        }
    }

    /// Why, and the finding that is about it.
    fn cause(&self) -> (String, Option<Code>) {
        let is_balancer = self.server.starts_with("awselb");
        let is_envoy = self.server == "istio-envoy";
        let (what, code) = match self.status {
            // The dashboard of Kubeflow has every host that no other route has.
            200..=299 => (
                "another application, such as the dashboard, answers in place of the model",
                Some(Code::ServiceNotServed),
            ),
            301 | 302 | 303 | 307 | 308
                if is_balancer && self.location.contains("/oauth2/authorize") =>
            {
                ("it sends the client to its login", Some(Code::LoginLeftAlone))
            }
            301 | 302 | 303 | 307 | 308 if is_balancer => {
                ("a rule redirects", Some(Code::AlbPlainHttp))
            }
            301 | 302 | 303 | 307 | 308 => {
                ("it sends the client to a login", Some(Code::AuthorizationGatewayLogin))
            }
            401 if is_balancer => ("it takes no such token", None),
            // oauth2-proxy in place of its page, at paths of `api_routes`: Kubeflow has /api/, which Ollama
            // serves (`errorJSON` in `oauthproxy.go`).
            401 if is_envoy && self.body.trim() == "{}" => {
                ("it has no session of the client", Some(Code::AuthorizationGatewayLogin))
            }
            401 => ("it takes no such token", Some(Code::AuthorizationRefused)),
            // The page of oauth2-proxy with a button, whose path this is.
            403 if self.body.contains("/oauth2/start") => (
                "it has no session of the client, and shows a login",
                Some(Code::AuthorizationGatewayLogin),
            ),
            403 if is_balancer => ("a firewall or a fixed response refuses the request", None),
            403 => ("an AuthorizationPolicy refuses the request", Some(Code::AuthorizationRefused)),
            404 if is_balancer => (
                "no rule takes the request: its token or host is not one of a rule",
                Some(Code::HostNotListed),
            ),
            404 if is_envoy && self.body.trim().is_empty() => {
                ("no route has the host and path", Some(Code::ServiceNotServed))
            }
            404 => {
                ("the model has another name or protocol", Some(Code::AuthorizationProtocolGuessed))
            }
            503 if is_balancer => ("no target is healthy", Some(Code::AlbAbsentService)),
            503 => ("no pod of the model is ready", Some(Code::KserveComponentNotReady)),
            _ => ("see the answer", None),
        };
        let what = match self.location {
            "" => what.to_owned(),
            // Its query may hold the state of a login.
            location => {
                format!("{what}, {}", plain(location.split('?').next().unwrap_or_default()))
            }
        };
        (what, code)
    }
}
