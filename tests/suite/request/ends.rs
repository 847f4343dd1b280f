//! Where a request ended that got no answer of the model.

use std::net::TcpListener;

use super::server::{Respond, serve};
use super::{HTTP, is_here, package, predictor, run};

#[test]
fn where_a_request_ends_is_named() {
    if !is_here() {
        return;
    }
    let shown = |respond: Respond, expected: &[&str]| {
        let (address, _) = serve(respond);
        let answer = run(&package(HTTP), &[], &["--run", "--connect-to", &address]);
        assert_eq!(answer.code, 1);
        for text in expected {
            assert!(answer.stdout.contains(text), "{text}: {}", answer.stdout);
        }
    };
    shown(
        |_| ("503 Service Unavailable", vec![("server", "awselb/2.0")], ""),
        &["Status Code 503", "awselb/2.0", "no target is healthy", "explain alb-absent-service"],
    );
    shown(
        |_| ("503 Service Unavailable", vec![("server", "istio-envoy")], "no healthy upstream"),
        &["istio-envoy", "no pod of the model is ready", "explain kserve-component-not-ready"],
    );
    shown(
        |_| ("404 Not Found", vec![("server", "istio-envoy")], ""),
        &["no route has the host and path", "explain service-not-served"],
    );
    shown(
        |_| {
            let login = "https://auth.example.com/oauth2/authorize?state=secret";
            ("302 Found", vec![("server", "awselb/2.0"), ("location", login)], "")
        },
        &["it sends the client to its login, https://auth.example.com/oauth2/authorize\n"],
    );
    shown(
        |_| {
            let headers =
                vec![("server", "istio-envoy"), ("content-type", "text/html; charset=UTF-8")];
            ("200 OK", headers, "<!doctype html><title>Kubeflow Central Dashboard</title>")
        },
        &["Status Code 200", "such as the dashboard, answers", "explain service-not-served"],
    );
    shown(
        |_| ("302 Found", vec![("server", "istio-envoy"), ("location", "/dex/auth?state=s")], ""),
        &["it sends the client to a login, /dex/auth\n", "explain authorization-gateway-login"],
    );
    shown(
        |_| {
            let page = "<html><form method=\"GET\" action=\"/oauth2/start\">";
            ("403 Forbidden", vec![("server", "istio-envoy")], page)
        },
        &["it has no session of the client, and shows a login", "authorization-gateway-login"],
    );
    shown(
        |_| ("401 Unauthorized", vec![("server", "istio-envoy")], "{}"),
        &["it has no session of the client\n", "explain authorization-gateway-login"],
    );
    shown(
        |_| ("401 Unauthorized", vec![("server", "istio-envoy")], "Jwt is expired"),
        &["Response Jwt is expired", "it takes no such token", "explain authorization-refused"],
    );
    // A server that knows no TLS behind a URL of https, and a port that nobody listens on.
    let https = "    alb.ingress.kubernetes.io/listen-ports: '[{\"HTTPS\":443}]'\n    alb.ingress.kubernetes.io/certificate-arn: arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012";
    let (address, _) = serve(|_| predictor());
    let answer = run(&package(https), &[], &["--run", "--connect-to", &address]);
    assert!(answer.code == 1 && answer.stdout.contains("https://iris."), "{}", answer.stdout);
    assert!(answer.stdout.contains("explain certificate-host-uncovered"), "{}", answer.stdout);
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let answer = run(&package(HTTP), &[], &["--run", "--connect-to", &free]);
    assert!(answer.stdout.contains("nothing answers on the port"), "{}", answer.stdout);
}
