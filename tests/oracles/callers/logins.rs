//! What the gateways ask about requests without a token: stand-ins for the `authservice` of Kubeflow 1.7 and
//! for oauth2-proxy. Each lets a request with its cookie through, and answers every other with a redirect
//! to the login, as both do in Kubeflow's settings.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::{Value, json};

/// Both.
pub(super) struct Logins {
    proxy_port: u16,
    authservice_port: u16,
}

impl Logins {
    /// Starts them; they end with the process.
    pub(super) fn start() -> Self {
        Self {
            proxy_port: listen("_oauth2_proxy_kubeflow="),
            authservice_port: listen("authservice_session="),
        }
    }

    /// Where the mesh finds them.
    pub(super) fn entries(&self) -> [Value; 2] {
        let entry = |name: &str, namespace: &str, port: u16, to: u16| {
            json!({
                "apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry",
                "metadata": { "name": name, "namespace": namespace },
                "spec": {
                    "hosts": [format!("{name}.{namespace}.svc.cluster.local")],
                    "ports": [{
                        "number": port, "name": "http", "protocol": "HTTP", "targetPort": to,
                    }],
                    "resolution": "STATIC", "endpoints": [{ "address": "127.0.0.1" }],
                },
            })
        };
        [
            entry("oauth2-proxy", "oauth2-proxy", 80, self.proxy_port),
            entry("authservice", "istio-system", 8080, self.authservice_port),
        ]
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
