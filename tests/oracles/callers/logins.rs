//! What the gateways ask about requests without a token: oauth2-proxy and Dex with Kubeflow's settings, and a
//! stand-in for the `authservice` of Kubeflow 1.7, which lets a request
//! with its cookie through and answers every other with a redirect to the login.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_support::hosts::Folder;
use test_support::project;

use crate::istio::Parts;

const CONFIG: &str = "tests/oracles/callers/oauth2_proxy.cfg";
const DEX_CONFIG: &str = "tests/oracles/callers/dex.yaml";
const CLIENT: &str = "kubeflow-oidc-authservice";
const SECRET: &str = "secret-of-the-client";
pub(super) const PASSWORD: &str = "password0";

/// The session that the stand-in for 1.7 knows.
const AUTHSERVICE_SESSION: &str = "authservice_session=known";

/// All of them.
pub(super) struct Logins {
    /// The loopback address of Dex and oauth2-proxy.
    address: String,
    dex: Child,
    proxy: Child,
    authservice_port: u16,
    /// Of Dex's configuration.
    _folder: Folder,
}

/// What a test has otherwise than Kubeflow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    /// How long a session lasts, as oauth2-proxy writes it.
    pub(super) lifetime: &'static str,
    /// Whether Dex asks for the user's approval.
    pub(super) asks_for_approval: bool,
}

impl Settings {
    pub(super) const KUBEFLOW: Self = Self { lifetime: "24h", asks_for_approval: false };
}

impl Drop for Logins {
    fn drop(&mut self) {
        for program in [&mut self.proxy, &mut self.dex] {
            let _ = program.kill();
            let _ = program.wait();
        }
    }
}

impl Logins {
    /// Starts them with Kubeflow's settings, but these.
    pub(super) fn start(parts: &Parts, settings: Settings) -> Self {
        // Tests that run at the same time each have an address, so that the ports are free.
        static NEXT: AtomicU8 = AtomicU8::new(1);
        let (process, number) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let address = format!("127.{}.{}.{number}", 192 + process / 256 % 63, process % 256);
        let mut dex = Command::new(parts.dex());
        let config = std::fs::read_to_string(project(DEX_CONFIG)).unwrap();
        let asks = format!("skipApprovalScreen: {}", !settings.asks_for_approval);
        let folder = Folder::new(&format!("dex-{address}"));
        let config = config.replace("skipApprovalScreen: true", &asks);
        let config = folder.write("config.yaml", &config);
        dex.arg("-config").arg(config).args(["-listen", &format!("{address}:5556")]);
        let mut proxy = Command::new(parts.oauth2_proxy());
        proxy.arg(format!("--config={}", project(CONFIG).display())).args([
            &format!("--http-address={address}:4180"),
            &format!("--redeem-url=http://{address}:5556/dex/token"),
            &format!("--oidc-jwks-url=http://{address}:5556/dex/keys"),
            "--custom-sign-in-logo=-",
            &format!("--cookie-expire={}", settings.lifetime),
            "--standard-logging=false",
            "--request-logging=false",
            "--auth-logging=false",
        ]);
        // As in the Deployment of Kubeflow.
        proxy.envs([
            ("OAUTH2_PROXY_CLIENT_ID", CLIENT),
            ("OAUTH2_PROXY_CLIENT_SECRET", SECRET),
            ("OAUTH2_PROXY_COOKIE_SECRET", "7d16fee92f8d11b8940b081b3f8b8acb"),
            ("OAUTH2_PROXY_COOKIE_SECURE", "false"),
            ("OAUTH2_PROXY_SSL_INSECURE_SKIP_VERIFY", "true"),
            ("OAUTH2_PROXY_SKIP_JWT_BEARER_TOKENS", "true"),
            ("OAUTH2_PROXY_EXTRA_JWT_ISSUERS", ""),
        ]);
        let start = |command: &mut Command| {
            command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
        };
        let own = Self {
            dex: start(&mut dex),
            proxy: start(&mut proxy),
            authservice_port: listen(AUTHSERVICE_SESSION),
            address,
            _folder: folder,
        };
        own.await_ports();
        own
    }

    fn await_ports(&self) {
        let end = Instant::now() + Duration::from_secs(30);
        for port in [5556, 4180] {
            while TcpStream::connect((self.address.as_str(), port)).is_err() {
                assert!(Instant::now() < end, "nothing listens on {}:{port}", self.address);
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }

    /// Where the mesh finds them.
    pub(super) fn entries(&self) -> [Value; 3] {
        let entry = |name: &str, namespace: &str, port: u16, (address, to): (&str, u16)| {
            json!({
                "apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry",
                "metadata": { "name": name, "namespace": namespace },
                "spec": {
                    "hosts": [format!("{name}.{namespace}.svc.cluster.local")],
                    "ports": [{
                        "number": port, "name": "http", "protocol": "HTTP", "targetPort": to,
                    }],
                    "resolution": "STATIC", "endpoints": [{ "address": address }],
                },
            })
        };
        [
            entry("oauth2-proxy", "oauth2-proxy", 80, (&self.address, 4180)),
            entry("dex", "auth", 5556, (&self.address, 5556)),
            entry("authservice", "istio-system", 8080, ("127.0.0.1", self.authservice_port)),
        ]
    }

    /// The keys that Dex signs with.
    pub(super) fn keys(&self) -> Vec<Value> {
        let set: Value = serde_json::from_str(&self.get(5556, "/dex/keys", "").body).unwrap();
        set["keys"].as_array().unwrap().clone()
    }

    /// The cookie that a browser has after its user has logged in on a release of Kubeflow.
    pub(super) fn session(&self, release: &str, user: &str) -> String {
        if release == "1.7" {
            return AUTHSERVICE_SESSION.to_owned();
        }
        let started = self.get(4180, "/oauth2/start?rd=%2F", "");
        let state = started.cookies();
        let form = self.get(5556, &started.location(), "").location();
        let fields = format!("login={}&password={PASSWORD}", user.replace('@', "%40"));
        let posted = self.exchange(5556, "POST", &form, "", &fields);
        let code = self.get(5556, &posted.location(), "").location();
        let session = self.get(4180, &code, &state).cookies();
        assert!(session.contains("oauth2_proxy_kubeflow="), "{user} has no session");
        session
    }

    fn get(&self, port: u16, target: &str, cookie: &str) -> Answer {
        self.exchange(port, "GET", target, cookie, "")
    }

    fn exchange(&self, port: u16, method: &str, target: &str, cookie: &str, body: &str) -> Answer {
        let mut stream = TcpStream::connect((self.address.as_str(), port)).unwrap();
        let form = "content-type: application/x-www-form-urlencoded";
        let length = body.len();
        write!(
            stream,
            "{method} {target} HTTP/1.1\r\nhost: example.com\r\nconnection: close\r\ncookie: {cookie}\r\n\
             {form}\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        Answer { head: head.to_owned(), body: body.to_owned() }
    }
}

/// An answer of HTTP.
struct Answer {
    head: String,
    body: String,
}

impl Answer {
    fn values(&self, name: &str) -> Vec<&str> {
        let pairs = self.head.lines().filter_map(|line| line.split_once(": "));
        pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
    }

    /// Where a redirect leads to.
    fn location(&self) -> String {
        let found = self.values("location");
        assert_eq!(found.len(), 1, "{}", self.head.lines().next().unwrap_or_default());
        let (_, path) = found[0].split_once("example.com").unwrap_or(("", found[0]));
        path.to_owned()
    }

    /// The cookies that it sets and does not clear.
    fn cookies(&self) -> String {
        let set = self.values("set-cookie").into_iter();
        let pairs = set.filter_map(|one| one.split(';').next());
        let is_set = |one: &&str| one.split_once('=').is_some_and(|(_, value)| !value.is_empty());
        pairs.filter(is_set).collect::<Vec<_>>().join("; ")
    }
}

/// Listens, and gives the port.
fn listen(cookie: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream, cookie));
        }
    });
    port
}

/// One connection: requests without a body, each answered at once.
fn answer(mut stream: TcpStream, cookie: &str) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    loop {
        let mut has_session = false;
        let mut is_request = false;
        for line in lines.by_ref() {
            let Ok(line) = line else { return };
            if line.is_empty() {
                break;
            }
            is_request = true;
            let line = line.to_ascii_lowercase();
            has_session |= line.starts_with("cookie:") && line.contains(cookie);
        }
        if !is_request {
            return;
        }
        let answer = if has_session {
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
        } else {
            "HTTP/1.1 302 Found\r\nlocation: /dex/auth\r\ncontent-length: 0\r\n\r\n"
        };
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// The settings are those of the releases.
#[test]
fn the_settings_are_those_of_kubeflow() {
    let written = std::fs::read_to_string(project(CONFIG)).unwrap();
    let settings = |text: &str| {
        let lines = text.lines().map(str::trim).filter(|one| !one.is_empty());
        lines.filter(|one| !one.starts_with('#')).map(str::to_owned).collect::<Vec<_>>()
    };
    let mut count = 0;
    let files =
        [test_support::corpora::of("platform"), test_support::corpora::of("kubeflow-26.03")];
    for file in files.into_iter().flatten() {
        for document in test_support::documents(&file.text) {
            let Some(text) = document["data"]["oauth2_proxy.cfg"].as_str() else { continue };
            assert_eq!(settings(text), settings(&written), "{}", file.name);
            count += 1;
        }
    }
    assert!(count >= 3 || test_support::shared("corpora").is_none(), "{count} have settings");
}
