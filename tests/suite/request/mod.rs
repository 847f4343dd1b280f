//! `kserve-aws request`: what it prints, run by a real sh and curl against a server on loopback.

mod ends;
mod server;

use std::net::TcpListener;

use test_support::hosts::is_installed;

use crate::cases::command::{Answer, Memory};
use crate::platform::{IRIS, PLATFORM};
use server::{Received, serve};

const TOKEN: &str = "0f5b1c2e9d8a4736a1b2c3d4e5f60718";
const PREDICT: &str = "/v1/models/iris:predict";

/// A package whose load balancer listens on plain HTTP, with these annotations.
fn package(annotations: &str) -> String {
    let ingress = format!(
        "
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: istio-ingress
  namespace: istio-system
  annotations:
    alb.ingress.kubernetes.io/target-type: ip
{annotations}
spec:
  ingressClassName: alb
  rules: [{{http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: istio-ingressgateway, port: {{number: 80}}}}}}}}]}}}}]
---
apiVersion: v1
kind: Service
metadata: {{name: istio-ingressgateway, namespace: istio-system}}
spec: {{selector: {{istio: ingressgateway}}, ports: [{{port: 80, targetPort: 8080}}]}}
"
    );
    [PLATFORM, IRIS, &ingress].join("\n---\n")
}

const HTTP: &str = "    alb.ingress.kubernetes.io/listen-ports: '[{\"HTTP\":80}]'";

fn with_token() -> String {
    package(&format!(
        "{HTTP}\n    alb.ingress.kubernetes.io/conditions.istio-ingressgateway: '[{{\"field\":\"http-header\",\"httpHeaderConfig\":{{\"httpHeaderName\":\"x-api-key\",\"values\":[\"{TOKEN}\"]}}}}]'"
    ))
}

/// Dex's client before the gateway, by its filter.
fn with_dex() -> String {
    let filter = "
apiVersion: networking.istio.io/v1beta1
kind: Gateway
metadata: {name: kubeflow-gateway, namespace: kubeflow}
spec:
  selector: {istio: ingressgateway}
  servers: [{hosts: ['*'], port: {name: http, number: 80, protocol: HTTP}}]
---
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: authn-filter, namespace: istio-system}
spec:
  workloadSelector: {labels: {istio: ingressgateway}}
  configPatches:
  - applyTo: HTTP_FILTER
    match: {context: GATEWAY}
    patch:
      operation: INSERT_BEFORE
      value:
        name: envoy.filters.http.ext_authz
        typed_config:
          '@type': type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
          http_service: {server_uri: {cluster: outbound|8080||authservice.istio-system.svc.cluster.local}}
";
    [&package(HTTP), filter].join("\n---\n")
}

/// A predictor: its answer.
const PREDICTIONS: &str = "{\"predictions\": [1, 1]}";

fn predictor() -> (&'static str, Vec<(&'static str, &'static str)>, &'static str) {
    ("200 OK", vec![("server", "istio-envoy"), ("content-type", "application/json")], PREDICTIONS)
}

fn by_token(request: &Received) -> (&'static str, Vec<(&'static str, &'static str)>, &'static str) {
    if request.header("x-api-key") == TOKEN && request.target == PREDICT {
        return predictor();
    }
    ("404 Not Found", vec![("server", "awselb/2.0")], "")
}

/// The dashboard's login and Dex's form on one host, and the model on another; a stand-in for all. The path of
/// the first redirect is that of `authservice`; oauth2-proxy has a page with a button in its place.
fn by_dex(request: &Received) -> (&'static str, Vec<(&'static str, &'static str)>, &'static str) {
    let to_form = ("location", "/dex/auth/local?req=abc");
    let is_right = request.body.replace("%20", "+") == "login=user%40example.com&password=a+b%26c";
    let has_session = request.header("cookie").contains("session=xyz");
    if request.header("host") != DASHBOARD {
        return if has_session {
            predictor()
        } else if request.header("host") == "www.example.com" {
            ("200 OK", vec![], "another page")
        } else {
            ("302 Found", vec![("server", "istio-envoy"), to_form], "")
        };
    }
    match (request.method.as_str(), request.target.as_str()) {
        ("GET", "/") if has_session => ("200 OK", vec![], "the dashboard"),
        ("GET", "/") => ("403 Forbidden", vec![], "<form action=/oauth2/start>"),
        ("GET", "/oauth2/start?rd=/") => {
            ("302 Found", vec![to_form, ("set-cookie", "csrf=1; HttpOnly")], "")
        }
        ("GET", "/dex/auth/local?req=abc") => {
            ("200 OK", vec![], "<form method=post><input name=\"login\">")
        }
        ("POST", "/dex/auth/local?req=abc") if is_right => {
            ("303 See Other", vec![("location", "/dex/approval?req=abc")], "")
        }
        ("POST", "/dex/auth/local?req=abc") => ("200 OK", vec![], "Invalid Email and password"),
        ("GET", "/dex/approval?req=abc") => ("200 OK", vec![], "<form method=post>"),
        ("POST", "/dex/approval?req=abc") if request.body == "approval=approve" => {
            let session = ("set-cookie", "session=xyz; Path=/; HttpOnly; SameSite=Lax");
            ("303 See Other", vec![("location", "/"), session], "")
        }
        _ => ("404 Not Found", vec![], ""),
    }
}

const DASHBOARD: &str = "kubeflow.platform.example.com";

fn run(package: &str, variables: &[(&'static str, &str)], arguments: &[&str]) -> Answer {
    let variables = variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let memory = Memory { variables, ..Memory::default() }.with_file("a.yaml", package);
    memory.run(&[&["request", "a.yaml"], arguments].concat())
}

fn is_here() -> bool {
    let found = is_installed("curl");
    if !found {
        test_support::skip("curl is not installed");
    }
    found
}

const TITLE: &str =
    "team-a/iris v1: POST http://iris.team-a.platform.example.com/v1/models/iris:predict\n";

#[test]
fn a_token_opens_the_listener() {
    if !is_here() {
        return;
    }
    let (address, log) = serve(by_token);
    let to = ["--run", "--connect-to", &address];
    let answer = run(&with_token(), &[("KSERVE_TOKEN", TOKEN)], &to);
    let expected = format!("{TITLE}Status Code 200\nJSON Response {PREDICTIONS}\n");
    assert_eq!((answer.code, answer.stdout.as_str()), (0, expected.as_str()), "{}", answer.stderr);
    let received = log.lock().unwrap();
    assert_eq!(received[0].header("host"), "iris.team-a.platform.example.com");
    assert!(received[0].body.starts_with("{\"instances\""), "{}", received[0].body);
    drop(received);
    let answer = run(
        &with_token(),
        &[("MY_TOKEN", "wrong")],
        &[&to[..], &["--token-env", "MY_TOKEN"]].concat(),
    );
    assert_eq!(answer.code, 1);
    assert_eq!(
        answer.stdout,
        format!(
            "{TITLE}Status Code 404\nanswered by awselb/2.0 (the load balancer): no rule takes the request: its token or host is not one of a rule\nread: kserve-aws explain host-not-listed\n"
        )
    );
    // Without the variable nothing is sent.
    let before = log.lock().unwrap().len();
    let answer = run(&with_token(), &[], &to);
    assert!(
        answer.code == 1 && answer.stdout.contains("set it to a token of x-api-key"),
        "{}",
        answer.stdout
    );
    // Nothing to trace: the shell ended it.
    assert!(answer.stdout.contains("no answer: no request was sent\n"), "{}", answer.stdout);
    assert!(!answer.stdout.contains("read: "), "{}", answer.stdout);
    assert_eq!(log.lock().unwrap().len(), before);
}

#[test]
fn what_is_printed_is_what_runs() {
    let printed = run(&with_token(), &[], &[]);
    assert_eq!(printed.code, 0, "{}", printed.stderr);
    assert!(!printed.stdout.contains(TOKEN));
    insta::assert_snapshot!("request-token", printed.stdout);
    insta::assert_snapshot!("request-dex", run(&with_dex(), &[], &[]).stdout);
    if !is_here() {
        return;
    }
    let (address, _) = serve(by_token);
    let printed = run(&with_token(), &[], &["--connect-to", &address]).stdout;
    let shell = std::process::Command::new("sh")
        .args(["-c", &printed])
        .env("KSERVE_TOKEN", TOKEN)
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&shell.stdout);
    assert!(shown.starts_with("HTTP/1.1 200 OK") && shown.ends_with(PREDICTIONS), "{shown}");
}

#[test]
fn the_form_of_dex_is_filled_in() {
    if !is_here() {
        return;
    }
    let (address, log) = serve(by_dex);
    let to = ["--run", "--connect-to", &address];
    let user = ("DEX_USER", "user@example.com");
    let right = [user, ("DEX_PASSWORD", "a b&c")];
    let answer = run(&with_dex(), &right, &to);
    let expected = format!("{TITLE}Status Code 200\nJSON Response {PREDICTIONS}\n");
    assert_eq!((answer.code, answer.stdout.as_str()), (0, expected.as_str()), "{}", answer.stderr);
    let ways: Vec<String> = log
        .lock()
        .unwrap()
        .iter()
        .map(|one| {
            format!(
                "{} {}{}",
                one.method,
                one.header("host").split('.').next().unwrap(),
                one.target
            )
        })
        .collect();
    let form = "kubeflow/dex/auth/local?req=abc";
    let approval = "kubeflow/dex/approval?req=abc";
    assert_eq!(
        ways,
        [
            "GET kubeflow/".to_owned(),
            "GET kubeflow/oauth2/start?rd=/".to_owned(),
            format!("GET {form}"),
            format!("POST {form}"),
            format!("GET {approval}"),
            format!("POST {approval}"),
            "GET kubeflow/".to_owned(),
            format!("POST iris{PREDICT}"),
        ]
    );
    assert!(log.lock().unwrap()[7].header("cookie").contains("session=xyz"));
    let refused = |variables: &[(&'static str, &str)], expected: &str| {
        let before = log.lock().unwrap().len();
        let answer = run(&with_dex(), variables, &to);
        assert_eq!(answer.code, 1);
        let expected = format!("{TITLE}no answer: no request was sent\n{expected}\n");
        assert_eq!(answer.stdout, expected);
        let after = log.lock().unwrap();
        assert!(after[before..].iter().all(|one| one.target != PREDICT), "a request was sent");
    };
    refused(&[user, ("DEX_PASSWORD", "wrong")], "login: Dex refuses the user or the password");
    let at = |url| [right[0], right[1], ("DASHBOARD_URL", url)];
    refused(
        &at("http://www.example.com/?a=b"),
        "login: http://www.example.com/ answers 200 without the form of Dex; set DASHBOARD_URL",
    );
    // The models' hosts have no form.
    refused(
        &at("http://iris.team-a.platform.example.com"),
        "curl: (47) Maximum (50) redirects followed\nlogin: no form of Dex at http://iris.team-a.platform.example.com; set DASHBOARD_URL",
    );
}

/// Names and values of the manifests are words of the script, whatever they have.
#[test]
fn no_text_of_the_manifests_is_run() {
    let folder = std::env::temp_dir().join(format!("kserve-aws-hostile-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for name in
        ["x-`touch${IFS}here`", "x-$(touch here)", "x-';touch here;'", "x-}\\\";touch here;\\\""]
    {
        let hostile =
            with_token().replace("\"x-api-key\"", &format!("\"{}\"", name.replace('\'', "''")));
        let printed = run(&hostile, &[], &[]);
        assert_eq!(printed.code, 0, "{name}: {}", printed.stderr);
        assert!(printed.stdout.contains("set it to a token of the header"), "{}", printed.stdout);
        for token in ["", TOKEN] {
            let mut shell = std::process::Command::new("sh");
            shell.args(["-c", &printed.stdout]).current_dir(&folder).env("KSERVE_TOKEN", token);
            // No request is sent: the scripts' host has no address.
            let ran = shell.env("PATH", "/usr/bin:/bin").env("http_proxy", "http://127.0.0.1:9");
            assert!(!ran.output().unwrap().status.success(), "{name}");
        }
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "{name}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

const SCOPED: &str = "grant_type=client_credentials&scope=a+b";

/// An endpoint for tokens, and a predictor that takes the one it issued.
fn by_credentials(
    request: &Received,
) -> (&'static str, Vec<(&'static str, &'static str)>, &'static str) {
    let is_client = request.header("authorization") == "Basic Y2xpZW50OnNlY3JldA==";
    match request.target.as_str() {
        // curl 7.88 writes a blank as "+", others as "%20".
        "/token" if is_client && request.body.replace("%20", "+") == SCOPED => {
            ("200 OK", vec![], "{\"access_token\": \"t.o.k\", \"expires_in\": 60}")
        }
        "/token" => ("401 Unauthorized", vec![], "{\"error\": \"invalid_client\"}"),
        _ if request.header("authorization") == "Bearer t.o.k" => predictor(),
        _ => ("403 Forbidden", vec![("server", "istio-envoy")], "RBAC: access denied"),
    }
}

#[test]
fn client_credentials_become_a_token() {
    if !is_here() {
        return;
    }
    let (address, _) = serve(by_credentials);
    let url = format!("http://{address}/token");
    let variables = |secret| {
        [
            ("TOKEN_URL", &*url),
            ("CLIENT_ID", "client"),
            ("CLIENT_SECRET", secret),
            ("TOKEN_SCOPE", "a b"),
        ]
        .to_vec()
    };
    let arguments = ["--run", "--connect-to", &address, "--login", "client-credentials"];
    let answer = run(&package(HTTP), &variables("secret"), &arguments);
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.contains("Status Code 200"), "{}", answer.stdout);
    let answer = run(&package(HTTP), &variables("wrong"), &arguments);
    let refused = "login: the token endpoint refuses the client: invalid_client\n";
    assert!(answer.code == 1 && answer.stdout.ends_with(refused), "{}", answer.stdout);
    // The port is the token endpoint's, not the load balancer's.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = format!("http://{nobody}/token");
    let variables = [("TOKEN_URL", &*nobody), ("CLIENT_ID", "client"), ("CLIENT_SECRET", "secret")];
    let answer = run(&package(HTTP), &variables, &arguments);
    assert!(
        answer.stdout.contains("no answer: no request was sent\ncurl: (7)"),
        "{}",
        answer.stdout
    );
    let silent = "login: no answer of the token endpoint\n";
    assert!(answer.stdout.ends_with(silent), "{}", answer.stdout);
    // No login at all.
    let answer = run(&package(HTTP), &[], &["--run", "--connect-to", &address]);
    assert!(
        answer.stdout.contains("Status Code 403\nResponse RBAC: access denied\n"),
        "{}",
        answer.stdout
    );
    assert!(
        answer.stdout.ends_with("read: kserve-aws explain authorization-refused\n"),
        "{}",
        answer.stdout
    );
}

/// An Ingress whose load balancer validates the tokens of an issuer, with these claims.
fn with_jwt(issuer: &str, claims: &str) -> String {
    package(&format!(
        "    alb.ingress.kubernetes.io/listen-ports: '[{{\"HTTPS\":443}}]'
    alb.ingress.kubernetes.io/certificate-arn: arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012
    alb.ingress.kubernetes.io/jwt-validation: '{{\"jwksEndpoint\":\"{issuer}/jwks.json\",\"issuer\":\"{issuer}\",\"additionalClaims\":[{claims}]}}'"
    ))
}

const CLIENT: &str =
    "{\"format\":\"single-string\",\"name\":\"client_id\",\"values\":[\"client\"]}";
const SCOPES: &str =
    "{\"format\":\"space-separated-values\",\"name\":\"scope\",\"values\":[\"a\",\"b\"]}";

const METADATA: &str = "{\"issuer\":\"http://issuer.example.com/pool\",\"token_endpoint\":\"http://issuer.example.com/token\",\"token_endpoint_auth_methods_supported\":[\"client_secret_basic\"]}";

/// An issuer with its metadata and its token endpoint, and a predictor, one stand-in for all three, which a
/// client asks as its proxy: targets are whole URLs.
fn by_issuer(
    request: &Received,
) -> (&'static str, Vec<(&'static str, &'static str)>, &'static str) {
    let host = "http://issuer.example.com";
    match request.target.strip_prefix(host) {
        Some("/pool/.well-known/openid-configuration") => ("200 OK", vec![], METADATA),
        Some("/token") => by_credentials(&Received {
            method: request.method.clone(),
            target: "/token".to_owned(),
            headers: request.headers.clone(),
            body: request.body.clone(),
        }),
        _ => by_credentials(request),
    }
}

/// Client, scopes and the token endpoint are those of the manifests; only the secret is a variable's. A
/// listener that validates tokens speaks TLS, which the stand-ins do not: the scripts run with `http` in
/// place of `https`.
#[test]
fn what_the_load_balancer_validates_is_requested_of_its_issuer() {
    let issuer = "https://issuer.example.com/pool";
    let package = with_jwt(issuer, &[CLIENT, SCOPES].join(","));
    let printed = run(&package, &[], &[]);
    assert_eq!(printed.code, 0, "{}", printed.stderr);
    insta::assert_snapshot!("request-jwt", printed.stdout);
    // Of two clients none is the default, and an issuer that is not a URL has no metadata.
    let two = CLIENT.replace("\"client\"", "\"client\",\"other\"");
    let of_two = run(
        &with_jwt("issuer", &two).replace("issuer/jwks", "https://a.example.com/jwks"),
        &[],
        &[],
    );
    assert!(of_two.stdout.contains("grant_type=client_credentials"), "{}", of_two.stdout);
    for line in ["CLIENT_ID=", "TOKEN_URL=", "TOKEN_SCOPE="] {
        assert!(printed.stdout.contains(line) && !of_two.stdout.contains(line), "{line}");
    }
    if !is_here() {
        return;
    }
    let (address, log) = serve(by_issuer);
    let script = printed.stdout.replace("https://", "http://");
    let shell = |secret: &str| {
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &script]).env_remove("CLIENT_ID").env_remove("TOKEN_URL");
        shell.env("CLIENT_SECRET", secret).env("http_proxy", format!("http://{address}"));
        shell.output().unwrap()
    };
    let right = shell("secret");
    let shown = String::from_utf8_lossy(&right.stdout);
    assert!(shown.starts_with("HTTP/1.1 200 OK") && shown.ends_with(PREDICTIONS), "{shown}");
    let sent: Vec<String> = log.lock().unwrap().iter().map(|one| one.target.clone()).collect();
    assert_eq!(sent.len(), 3, "{sent:?}");
    assert_eq!(log.lock().unwrap()[2].header("authorization"), "Bearer t.o.k");
    let wrong = shell("wrong");
    assert!(!wrong.status.success() && wrong.stdout.is_empty());
}

/// A `kubectl` that gives what it is called with; a stand-in that needs no cluster.
#[test]
fn a_service_account_has_a_token() {
    if !is_here() {
        return;
    }
    let folder = std::env::temp_dir().join(format!("kserve-aws-request-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let kubectl = folder.join("kubectl");
    std::fs::write(&kubectl, "#!/bin/sh\necho \"$1-$2-$3-$5\"\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&kubectl, mode).unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let (address, log) = serve(|_| predictor());
    let arguments = ["--run", "--connect-to", &address, "--login", "service-account"];
    let arguments = [&arguments[..], &["--service-account", "models"]].concat();
    let answer = run(&package(HTTP), &[("PATH", &path)], &arguments);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    let log = log.lock().unwrap();
    assert_eq!(log[0].header("authorization"), "Bearer create-token-models-team-a");
}

#[test]
fn what_cannot_be_requested_is_reported() {
    let answer = run(&format!("{PLATFORM}---\n{IRIS}"), &[], &[]);
    assert!(
        answer.code == 1 && answer.stderr.contains("skipped: team-a/iris"),
        "{}",
        answer.stderr
    );
    let answer = run(&with_token(), &[], &["--service", "team-a/other"]);
    assert!(
        answer.code == 1 && answer.stderr.contains("team-a/other: found no"),
        "{}",
        answer.stderr
    );
    let answer = run(&with_token(), &[], &["--token-env", "A B"]);
    assert_eq!(answer.code, 2);
}
