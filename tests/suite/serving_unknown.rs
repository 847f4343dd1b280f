//! What manifests do not decide: both ways are named, and each of them is followed.

use std::fs;
use std::path::Path;

use crate::cases::command::Memory;

const MODEL: &str =
    "https://sklearn-iris.staging.platform.example.com/v1/models/sklearn-iris:predict";
const TOKEN: &str = "x-api-key: 0f5b1c2e9d8a4736a1b2c3d4e5f60718";

fn right() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(root.join("fixtures/validate-serving-path/input.yaml")).unwrap()
}

#[track_caller]
fn ends(package: &str, arguments: &[&str], outcome: &str) {
    let answer = Memory::default()
        .with_file("package.yaml", package)
        .run(&[&["trace", "-X", "POST"], arguments, &["package.yaml"]].concat());
    let last = answer.stdout.lines().find(|line| line.starts_with("=> ")).unwrap_or_default();
    assert_eq!(last, format!("=> {outcome}"), "{}{}", answer.stdout, answer.stderr);
}

fn custom(namespace: &str, selector: &str) -> String {
    format!(
        "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: login, namespace: {namespace}}}\nspec: {{action: CUSTOM, provider: {{name: oauth2-proxy}}, selector: {{matchLabels: {selector}}}, rules: [{{to: [{{operation: {{notPaths: [/oauth2/*]}}}}]}}]}}\n"
    )
}

/// The provider lets a request through, refuses it, or sends it to its login.
#[test]
fn a_provider_of_external_authorization_has_three_answers() {
    let post = [MODEL, "-H", TOKEN];
    let gateway = custom("istio-system", "{istio: ingressgateway}");
    ends(
        &format!("{}{gateway}", right()),
        &post,
        "unknown: CUSTOM policy istio-system/login delegates to provider \"oauth2-proxy\"; either 200 (model-answers) or 302 (gateway-login) or 403 (gateway-login) or 403 (gateway-refused)",
    );
    let pods = custom("staging", "{component: predictor}");
    ends(
        &format!("{}{pods}", right()),
        &post,
        "unknown: CUSTOM policy staging/login delegates to provider \"oauth2-proxy\"; either 200 (model-answers) or 302 (gateway-login) or 403 (gateway-login) or 403 (workload-refused)",
    );
    // What it says before a policy that refuses all the same.
    let refused = right().replacen("/v1/models/*, /v2/models/*", "/v2/models/*", 1);
    ends(
        &format!("{refused}{pods}"),
        &post,
        "unknown: CUSTOM policy staging/login delegates to provider \"oauth2-proxy\"; either 302 (gateway-login) or 403 (gateway-login) or 403 (workload-refused)",
    );
    // A request that no route takes is not shown to it.
    let bare = right().replacen(
        "hosts: ['*']\n  http:",
        "hosts: [kubeflow.platform.example.com]\n  http:",
        1,
    );
    let other = "https://other.staging.platform.example.com/";
    ends(&format!("{bare}{gateway}"), &[other, "-H", TOKEN], "404 (gateway-no-route)");
}

/// Proxies of older releases take `..;` for a name, as the policies see the path and as it is sent on.
#[test]
fn a_dot_segment_with_parameters_is_read_both_ways() {
    let sent = |path: &str| format!("https://sklearn-iris.staging.platform.example.com{path}");
    let up = sent("/v1/models/..;/models/sklearn-iris:predict");
    ends(
        &right(),
        &[&up, "-H", TOKEN],
        "unknown: Envoy before 1.36.10, 1.37.6, 1.38.4 and 1.39.1 sends /v1/models/..;/models/sklearn-iris:predict on, and newer ones /v1/models/sklearn-iris:predict (CVE-2026-73551); either 200 (model-answers) or 404 (model-path-unknown)",
    );
    // The policies before the pods let the older one's path through, and not the newer one's.
    let out = sent("/v1/models/..;/repository");
    ends(
        &right(),
        &[&out, "-H", TOKEN],
        "unknown: Envoy before 1.36.10, 1.37.6, 1.38.4 and 1.39.1 sends /v1/models/..;/repository on, and newer ones /v1/repository (CVE-2026-73551); either 403 (workload-refused) or 404 (model-path-unknown)",
    );
}

const SHARES: &str = "unknown: VirtualService staging/shares http[0] sends a share to knative-local-gateway.istio-system.svc.cluster.local; either 200 (model-answers) or 404 (gateway-no-route)";

/// Of several destinations with a share each is followed, at a VirtualService and at an HTTPRoute.
#[test]
fn shares_of_routes_are_followed() {
    let weighted = |shares: [u8; 2]| {
        format!(
            "---\napiVersion: networking.istio.io/v1beta1\nkind: VirtualService\nmetadata: {{name: shares, namespace: staging}}\nspec:\n  gateways: [kubeflow/kubeflow-gateway]\n  hosts: [shares.staging.platform.example.com]\n  http:\n  - route:\n    - {{destination: {{host: sklearn-iris-predictor-00001.staging.svc.cluster.local, port: {{number: 80}}}}, weight: {}}}\n    - {{destination: {{host: knative-local-gateway.istio-system.svc.cluster.local, port: {{number: 80}}}}, weight: {}}}\n",
            shares[0], shares[1]
        )
    };
    let url = "https://shares.staging.platform.example.com/v1/models/sklearn-iris:predict";
    let of = |shares| format!("{}{}", right(), weighted(shares));
    let post = [url, "-H", TOKEN];
    ends(&of([100, 0]), &post, "200 (model-answers)");
    ends(&of([0, 100]), &post, "404 (gateway-no-route)");
    ends(&of([90, 10]), &post, SHARES);
    // A server that takes any server name and none is one way, not two.
    let backend = "    alb.ingress.kubernetes.io/target-type: ip\n";
    let over_tls = "    alb.ingress.kubernetes.io/backend-protocol: HTTPS\n";
    let plain = "port: {name: http, number: 80, protocol: HTTP}";
    let server = "port: {name: https, number: 80, protocol: HTTPS}\n    tls: {mode: SIMPLE, credentialName: own}";
    let encrypted = of([90, 10]).replacen(backend, &format!("{backend}{over_tls}"), 1);
    ends(&encrypted.replacen(plain, server, 1), &post, SHARES);
}

const STANDARD: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: inferenceservice-config, namespace: kserve}
data:
  deploy: '{\"defaultDeploymentMode\": \"RawDeployment\"}'
  ingress: '{\"enableGatewayApi\": true, \"kserveIngressGateway\": \"kserve/kserve-ingress-gateway\", \"ingressGateway\": \"a/b\", \"ingressDomain\": \"example.com\"}'
---
apiVersion: v1
kind: Namespace
metadata: {name: team, labels: {istio-injection: enabled}}
---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: iris, namespace: team}
spec: {predictor: {model: {modelFormat: {name: sklearn}, storageUri: s3://bucket/iris}}}
---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: faces, namespace: team}
spec: {predictor: {model: {modelFormat: {name: sklearn}, storageUri: s3://bucket/faces}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: kserve-ingress-gateway, namespace: kserve}
spec:
  gatewayClassName: istio
  listeners: [{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]
";

#[test]
fn shares_of_an_http_route_are_followed() {
    let route = |weights: [u8; 2]| {
        format!(
            "---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: shares, namespace: team}}\nspec:\n  parentRefs: [{{name: kserve-ingress-gateway, namespace: kserve}}]\n  hostnames: [shares.example.com]\n  rules: [{{backendRefs: [{{name: iris-predictor, port: 80, weight: {}}}, {{name: faces-predictor, port: 80, weight: {}}}]}}]\n",
            weights[0], weights[1]
        )
    };
    // The pods of one of them refuse everybody.
    let closed = "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: closed, namespace: team}\nspec: {selector: {matchLabels: {serving.kserve.io/inferenceservice: faces}}}\n";
    let of = |weights, policy: &str| format!("{STANDARD}{}{policy}", route(weights));
    let url = "http://shares.example.com/v1/models/iris:predict";
    ends(&of([1, 1], ""), &[url], "200 (model-answers)");
    ends(&of([1, 0], closed), &[url], "200 (model-answers)");
    ends(&of([0, 1], closed), &[url], "403 (workload-refused)");
    ends(
        &of([1, 1], closed),
        &[url],
        "unknown: HTTPRoute team/shares sends a share to faces-predictor; either 200 (model-answers) or 403 (workload-refused)",
    );
}

/// A graph of Knative: its router is behind both gateways, and its steps are requests of the router's pods.
#[test]
fn a_graph_of_knative_is_followed_step_by_step() {
    let graph = "---\napiVersion: serving.kserve.io/v1alpha1\nkind: InferenceGraph\nmetadata: {name: chain, namespace: staging}\nspec: {nodes: {root: {routerType: Sequence, steps: [{serviceName: sklearn-iris}]}}}\n";
    let policy = "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: router, namespace: staging}\nspec: {selector: {matchLabels: {serving.kserve.io/inferencegraph: chain}}, rules: [{}]}\n";
    let package = format!("{}{graph}{policy}", right());
    let url = "https://chain.staging.platform.example.com/";
    let post = [url, "-H", TOKEN];
    ends(&package, &post, "200 (model-answers)");
    // The router's policy is missing: Kubeflow's refuses what no other one admits.
    let answer = Memory::default().with_file("package.yaml", format!("{}{graph}", right())).run(&[
        "trace",
        url,
        "-X",
        "POST",
        "-H",
        TOKEN,
        "package.yaml",
    ]);
    assert!(answer.stdout.contains("=> 403 (workload-refused)"), "{}", answer.stdout);
    assert!(answer.stdout.contains("before the pods of staging/chain router"), "{}", answer.stdout);
    // A step that is refused: what the router answers then is its own.
    let refused = package.replacen("/v1/models/*, /v2/models/*", "/v2/models/*", 1);
    ends(
        &refused,
        &post,
        "unknown: the step requests sklearn-iris, and gets 403 (workload-refused); either 200 (model-answers) or 403 (predictor-refused)",
    );
}

/// Pods behind a waypoint, whichever object names it.
#[test]
fn a_waypoint_is_named() {
    let ambient =
        STANDARD.replacen("istio-injection: enabled", "istio.io/dataplane-mode: ambient", 1);
    let url = "http://iris-predictor.team.svc.cluster.local/v1/models/iris:predict";
    let pod = [url, "--pod", "team"];
    ends(&ambient, &pod, "200 (model-answers)");
    let of_namespace =
        ambient.replacen("mode: ambient", "mode: ambient, istio.io/use-waypoint: own", 1);
    let unknown = "unknown: a waypoint is before the pods of team/iris predictor, which is not supported; either 200 (model-answers) or 403 (workload-refused)";
    ends(&of_namespace, &pod, unknown);
    let none = of_namespace.replacen("use-waypoint: own", "use-waypoint: none", 1);
    ends(&none, &pod, "200 (model-answers)");
}
