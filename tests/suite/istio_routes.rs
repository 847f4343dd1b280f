//! Which route a gateway takes, one rule of the choice at a time.

use std::collections::BTreeMap;

use kserve_aws::controllers::istio::{
    Doubt, Gateway, GatewayRoutes, HttpRequest, Jwt, Mesh, Peer, Request, Routing, VirtualService,
    Workload,
};
use serde::de::DeserializeOwned;

const GATEWAY: &str = "
metadata: {name: kubeflow-gateway, namespace: kubeflow}
spec: {selector: {istio: ingressgateway}, servers: [{hosts: ['*'], port: {number: 80, protocol: HTTP}}]}
";

const DASHBOARD: &str = "
metadata: {name: dashboard, namespace: kubeflow, creationTimestamp: '2026-01-01T00:00:00Z'}
spec:
  hosts: ['*']
  gateways: [kubeflow-gateway]
  http: [{match: [{uri: {prefix: /}}], route: [{destination: {host: dashboard}}]}]
";

const IRIS: &str = "
metadata: {name: iris, namespace: staging, creationTimestamp: '2026-01-02T00:00:00Z'}
spec:
  hosts: [iris.staging.example.com, '*.iris.example.com']
  gateways: [knative-serving/local, kubeflow/kubeflow-gateway]
  http:
  - match: [{uri: {regex: '^/v1/models/[\\w-]+:explain$'}, authority: {regex: '^iris\\.staging\\.example\\.com(?::\\d{1,5})?$'}}]
    route: [{destination: {host: explainer}}]
  - match: [{uri: {prefix: /V1}, ignoreUriCase: true}, {headers: {x-any: {}}}]
    route: [{destination: {host: predictor}}]
";

fn read<T: DeserializeOwned>(yaml: &str) -> Vec<T> {
    serde_yaml::Deserializer::from_str(yaml).map(|one| T::deserialize(one).unwrap()).collect()
}

fn get(host: &str, path: &str) -> Request {
    Request {
        peer: Peer::Plaintext,
        source_address: None,
        destination_address: None,
        destination_port: 8080,
        sni: None,
        http: Some(HttpRequest {
            host: host.to_owned(),
            method: "GET".to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            jwt: Jwt::Absent,
        }),
    }
}

fn routes(gateways: &str, services: &[&str]) -> GatewayRoutes {
    let labels = BTreeMap::from([("istio".to_owned(), "ingressgateway".to_owned())]);
    let workload = Workload::gateway("istio-system", labels);
    let services: Vec<VirtualService> = read(&services.join("\n---\n"));
    let gateways: Vec<Gateway> = read(gateways);
    GatewayRoutes::on_port(&Mesh::default(), &workload, &gateways, &services, 80)
}

fn taken(routes: &GatewayRoutes, request: &Request) -> String {
    match routes.route(request) {
        Routing::Route(name) => name.to_string(),
        Routing::NotFound { host } => format!("404 of {}", host.unwrap_or_default()),
        other => format!("{other:?}"),
    }
}

#[test]
fn the_most_specific_host_answers_alone() {
    let routes = routes(GATEWAY, &[DASHBOARD, IRIS]);
    for (host, path, expected) in [
        ("iris.staging.example.com", "/v1/models/iris:explain", "staging/iris http[0]"),
        ("iris.staging.example.com:8443", "/v1/models/iris:explain", "staging/iris http[0]"),
        ("IRIS.staging.example.com", "/v1/models/iris:explain", "staging/iris http[1]"),
        ("iris.staging.example.com", "/v2", "404 of iris.staging.example.com"),
        ("x.iris.example.com", "/v1/x", "staging/iris http[1]"),
        ("x.y.iris.example.com", "/V1", "staging/iris http[1]"),
        (".iris.example.com", "/v1", "kubeflow/dashboard http[0]"),
        ("iris.staging.example.com.", "/v1", "kubeflow/dashboard http[0]"),
        ("iris.prod.example.com", "/v1/models/iris:predict", "kubeflow/dashboard http[0]"),
        ("[::1]:80", "/", "kubeflow/dashboard http[0]"),
    ] {
        assert_eq!(taken(&routes, &get(host, path)), expected, "{host}{path}");
    }
    let mut with_header = get("iris.staging.example.com", "/v2");
    with_header.http.as_mut().unwrap().headers.push(("X-Any".to_owned(), String::new()));
    assert_eq!(taken(&routes, &with_header), "staging/iris http[1]");
}

/// As Envoy 1.40 answers them.
#[test]
fn one_of_the_values_of_a_header_takes_the_route() {
    const ADAS: &str = "
metadata: {name: adas, namespace: staging}
spec:
  hosts: ['*']
  gateways: [kubeflow/kubeflow-gateway]
  http:
  - match: [{FIELD: {x-user: {exact: ada}}}]
    route: [{destination: {host: adas}}]
  - route: [{destination: {host: others}}]
";
    for (field, values, route) in [
        ("headers", &["eve", "ada"][..], 0),
        ("headers", &["eve,ada"], 1),
        ("headers", &[], 1),
        ("withoutHeaders", &["eve", "ada"], 1),
        ("withoutHeaders", &["eve,ada"], 0),
        ("withoutHeaders", &[], 0),
    ] {
        let routes = routes(GATEWAY, &[&ADAS.replace("FIELD", field)]);
        let mut sent = get("iris.staging.example.com", "/");
        let headers = values.iter().map(|value| ("X-User".to_owned(), (*value).to_owned()));
        sent.http.as_mut().unwrap().headers = headers.collect();
        assert_eq!(
            taken(&routes, &sent),
            format!("staging/adas http[{route}]"),
            "{field} {values:?}"
        );
    }
}

#[test]
fn what_takes_everything_comes_last_and_the_older_first() {
    let young = DASHBOARD
        .replace("name: dashboard", "name: young")
        .replace("2026-01-01", "2026-02-01")
        .replace("prefix: /", "prefix: /x");
    let both = routes(GATEWAY, &[DASHBOARD, &young]);
    assert_eq!(taken(&both, &get("a", "/x")), "kubeflow/young http[0]");
    assert_eq!(taken(&both, &get("a", "/y")), "kubeflow/dashboard http[0]");
    let older = young.replace("name: young", "name: older").replace("2026-02-01", "2025-01-01");
    let three = routes(GATEWAY, &[DASHBOARD, &young, &older]);
    assert_eq!(taken(&three, &get("a", "/x")), "kubeflow/older http[0]");
}

#[test]
fn a_server_and_a_service_say_which_namespaces_and_hosts() {
    let at = |hosts: &str| routes(&GATEWAY.replace("hosts: ['*']", hosts), &[IRIS]);
    let request = get("iris.staging.example.com", "/v1");
    for (hosts, found) in [
        ("hosts: ['staging/*']", true),
        ("hosts: ['./*']", false),
        ("hosts: ['*/iris.staging.example.com']", true),
        ("hosts: ['*/*', x.com]", true),
        ("hosts: ['*.staging.example.com']", true),
        ("hosts: ['*.prod.example.com']", false),
    ] {
        let expected = if found { "staging/iris http[1]" } else { "404 of " };
        assert_eq!(taken(&at(hosts), &request), expected, "{hosts}");
    }
    for (export, found) in [("['.']", false), ("['~']", false), ("[istio-system]", true)] {
        let exported = IRIS.replace("  http:", &format!("  exportTo: {export}\n  http:"));
        let expected = if found { "staging/iris http[1]" } else { "404 of " };
        assert_eq!(taken(&routes(GATEWAY, &[&exported]), &request), expected, "{export}");
    }
}

#[test]
fn what_is_no_http_server_routes_nothing() {
    let request = get("a", "/");
    let other_pods = GATEWAY.replace("ingressgateway", "other");
    assert_eq!(routes(&other_pods, &[DASHBOARD]).route(&request), Routing::NoServer);
    let other_port = GATEWAY.replace("number: 80", "number: 81");
    assert_eq!(routes(&other_port, &[DASHBOARD]).route(&request), Routing::NoServer);
    let tcp = GATEWAY.replace("HTTP}", "TCP}");
    assert_eq!(routes(&tcp, &[DASHBOARD]).route(&request), Routing::NoServer);
    assert_eq!(routes(GATEWAY, &[DASHBOARD]).route(&get("a", "/#")), Routing::Malformed);
    let redirect = GATEWAY.replace("HTTP}}", "HTTP}, tls: {httpsRedirect: true}}");
    assert_eq!(routes(&redirect, &[DASHBOARD]).route(&request), Routing::HttpsRedirect);
    assert_eq!(routes(&redirect, &[]).route(&request), Routing::HttpsRedirect);
}

#[test]
fn a_delegate_and_a_regex_that_cannot_be_read_are_doubts() {
    let doubt = |service: &str| match routes(GATEWAY, &[service]).route(&get("a", "/")) {
        Routing::Undecided { why } => why.first().unwrap().clone(),
        decided => unreachable!("{decided:?}"),
    };
    let route = "route: [{destination: {host: dashboard}}]";
    let delegated = DASHBOARD.replace(route, "delegate: {name: more}");
    assert_eq!(doubt(&delegated), Doubt::Delegate("more".to_owned()));
    let unreadable = DASHBOARD.replace("prefix: /", "regex: '\\pL+'");
    assert_eq!(doubt(&unreadable), Doubt::Regex("\\pL+".to_owned()));
}
