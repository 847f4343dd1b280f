//! `check`, `trace` and `access` over the guide's set-up.

use std::fs;
use std::path::Path;

use crate::cases::command::{Answer, Memory};

const MODEL: &str =
    "https://sklearn-iris.staging.platform.example.com/v1/models/sklearn-iris:predict";
const TOKEN: &str = "x-api-key: 0f5b1c2e9d8a4736a1b2c3d4e5f60718";

fn right() -> String {
    fixture("input.yaml")
}

fn fixture(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(root.join("fixtures/validate-serving-path").join(name)).unwrap()
}

fn trace(text: &str, arguments: &[&str]) -> Answer {
    Memory::default()
        .with_file("package.yaml", text)
        .run(&[&["trace"], arguments, &["package.yaml"]].concat())
}

#[test]
fn the_right_package_has_no_error() {
    let answer = Memory::stdin(right()).run(&["check", "-"]);
    assert_eq!((answer.code, answer.stdout.as_str(), answer.stderr.as_str()), (0, "", ""));
    let open = right().replace("\"field\":\"http-header\"", "\"field\":\"http_header\"");
    let answer = Memory::stdin(open).run(&["check"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
    assert!(answer.stderr.contains("[error] alb-open-condition-ignored: "), "{}", answer.stderr);
}

/// Of the output of a program that failed nothing could be found, and a pipe must not pass for it.
#[test]
fn a_package_without_an_object_is_refused() {
    for command in [&["check"][..], &["trace", "--all"], &["access"]] {
        for text in [
            "",
            "# nothing\n---\n",
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n",
        ] {
            let answer = Memory::stdin(text).run(command);
            assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{command:?} {text:?}");
            assert!(answer.stderr.contains("found no object in stdin; "), "{}", answer.stderr);
        }
    }
}

/// A folder that a host renders is not what is applied: what it renders to is.
#[test]
fn a_folder_with_a_kustomization_is_rendered() {
    let files = |kustomization: &str| {
        let files = Memory::default().with_file("p/package.yaml", right());
        files.with_file("p/kustomization.yaml", kustomization)
    };
    for command in ["check", "access", "hosts"] {
        let answer = files("resources: [package.yaml]\n").run(&[command, "p"]);
        let by_file = files("").run(&[command, "p/package.yaml"]);
        assert_eq!((answer.code, answer.stdout), (0, by_file.stdout), "{}", answer.stderr);
    }
    // What is not rendered here is named, with the way that is left.
    let answer = files("resources: [package.yaml]\nhelmCharts: [{name: a}]\n").run(&["check", "p"]);
    assert_eq!(answer.code, 1);
    assert!(answer.stderr.contains("helmCharts: "), "{}", answer.stderr);
    assert!(answer.stderr.contains("kserve-aws render p --host kustomize"), "{}", answer.stderr);
}

#[test]
fn a_difference_has_two_sides() {
    let files = Memory::default().with_file("old.yaml", right());
    let answer = files.run(&["access", "--diff", "old.yaml"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (2, ""));
    assert!(answer.stderr.contains("--diff requires two places, OLD and NEW; found 1"));
}

/// How a request ends, in the right package and after a change of it.
#[track_caller]
fn ends(text: &str, arguments: &[&str], outcome: &str) {
    let answer = trace(text, arguments);
    let last = answer.stdout.lines().find(|line| line.starts_with("=> "));
    assert_eq!(last, Some(format!("=> {outcome}").as_str()), "{}{}", answer.stdout, answer.stderr);
    assert_eq!(answer.code, u8::from(!outcome.starts_with("200")), "{outcome}");
    assert!(!answer.stdout.contains("0f5b1c2e"), "{}", answer.stdout);
}

#[test]
fn requests_end_where_the_manifests_decide() {
    let right = right();
    let post = [MODEL, "-X", "POST", "-H", TOKEN];
    ends(&right, &post, "200 (model-answers)");
    ends(&right, &[MODEL, "-X", "POST"], "404 (alb-no-rule)");
    ends(&right, &[MODEL, "-X", "POST", "-H", "x-api-key: wrong"], "404 (alb-no-rule)");
    let upper = TOKEN.to_ascii_uppercase();
    ends(&right, &[MODEL, "-X", "POST", "-H", &upper], "200 (model-answers)");
    ends(&right, &["https://kubeflow.platform.example.com/", "-H", TOKEN], "302 (alb-login)");
    for (end, outcome) in [
        (":explain", "200 (model-answers)"),
        (":explain/more", "404 (model-path-unknown)"),
        (":predict/", "404 (model-path-unknown)"),
        ("%3Apredict", "200 (model-answers)"),
        ("%2Fx:predict", "404 (model-path-unknown)"),
        ("/versions/2:predict", "200 (model-answers)"),
        ("", "404 (model-path-unknown)"),
    ] {
        let url = MODEL.replace(":predict", end);
        ends(&right, &[url.as_str(), "-X", "POST", "-H", TOKEN], outcome);
    }
    for (from, to, outcome) in [
        ("/v1/models/*, /v2/models/*", "/v2/models/*", "403 (workload-refused)"),
        ("number: 80, protocol: HTTP", "number: 8443, protocol: HTTP", "502 (gateway-no-server)"),
        ("kubeflow/kubeflow-gateway\"", "kubeflow/other-gateway\"", "200 (dashboard-answers)"),
        (
            "matchLabels: {component: predictor}",
            "matchLabels: {component: a}",
            "403 (workload-refused)",
        ),
    ] {
        assert!(right.contains(from), "{from}");
        ends(&right.replacen(from, to, 1), &post, outcome);
    }
}

/// KServe's VirtualService leads to the gateway inside the cluster that its configuration names, and stands at the one
/// outside: an overlay changes the way of a request.
#[test]
fn an_overlay_of_the_configuration_changes_the_gateways() {
    let inside = "http://sklearn-iris.staging.svc.cluster.local/v1/models/sklearn-iris:predict";
    let overlaid = |from: &str, to: &str| {
        let right = right();
        let map = right.split("---\n").find(|one| one.contains("name: inferenceservice-config"));
        let settings = map.unwrap().split("ingress: |-\n").nth(1).unwrap().replacen(from, to, 1);
        let patch = format!(
            "resources: [package.yaml]\npatches:\n- target: {{kind: ConfigMap, name: inferenceservice-config}}\n  patch: |-\n    - op: replace\n      path: /data/ingress\n      value: |-\n{}",
            settings.lines().map(|line| format!("        {line}\n")).collect::<String>()
        );
        let files = Memory::default().with_file("p/package.yaml", right);
        files.with_file("p/kustomization.yaml", patch)
    };
    let service = "knative-local-gateway.istio-system.svc";
    for (from, to, arguments, outcome) in [
        ("", "", [inside, "--pod", "prod/default"], "200 (model-answers)"),
        (
            service,
            "istio-ingressgateway.istio-system.svc",
            [inside, "--pod", "prod/default"],
            "404 (gateway-no-route)",
        ),
        (
            service,
            "other-gateway.istio-system.svc",
            [inside, "--pod", "prod/default"],
            "200 (other-service-answers)",
        ),
        ("", "", [MODEL, "-H", TOKEN], "200 (model-answers)"),
        (
            "\"kubeflow/kubeflow-gateway\"",
            "\"kubeflow/other-gateway\"",
            [MODEL, "-H", TOKEN],
            "200 (dashboard-answers)",
        ),
    ] {
        let answer =
            overlaid(from, to).run(&[&["trace", "-X", "POST"][..], &arguments, &["p"]].concat());
        let last = answer.stdout.lines().find(|line| line.starts_with("=> "));
        let expected = format!("=> {outcome}");
        assert_eq!(last, Some(expected.as_str()), "{to}: {}{}", answer.stdout, answer.stderr);
    }
}

/// A load balancer and a gateway speak TLS with each other, or both plain HTTP. Which server a load balancer
/// is given depends on the server name that it sends, unless a server takes any.
#[test]
fn a_gateway_over_tls_is_decided_where_its_servers_decide() {
    let right = right();
    let server = "  - hosts: ['*']\n    port: {name: http, number: 80, protocol: HTTP}\n";
    let backend = "    alb.ingress.kubernetes.io/target-type: ip\n";
    let over_tls = "    alb.ingress.kubernetes.io/backend-protocol: HTTPS\n";
    assert!(right.contains(server) && right.contains(backend));
    let of = |is_tls: bool, servers: &str| {
        let sends = if is_tls { format!("{backend}{over_tls}") } else { backend.to_owned() };
        right.replacen(server, servers, 1).replacen(backend, &sends, 1)
    };
    let simple = |hosts: &str, mode: &str| {
        format!(
            "  - hosts: [{hosts}]\n    port: {{name: https, number: 80, protocol: HTTPS}}\n    tls: {{mode: {mode}, credentialName: own}}\n"
        )
    };
    let post = [MODEL, "-X", "POST", "-H", TOKEN];
    let any = simple("'*'", "SIMPLE");
    ends(&of(true, &any), &post, "200 (model-answers)");
    ends(&of(false, &any), &post, "502 (wrong-protocol)");
    ends(&of(true, server), &post, "502 (wrong-protocol)");
    let host = "sklearn-iris.staging.platform.example.com";
    let both = "unknown: the load balancer sends the server name sklearn-iris.staging.platform.example.com to the gateway; either ";
    ends(
        &of(true, &simple(host, "SIMPLE")),
        &post,
        &format!("{both}200 (model-answers) or 502 (gateway-no-server)"),
    );
    ends(&of(true, &simple("other.example.com", "SIMPLE")), &post, "502 (gateway-no-server)");
    // Both servers lead to the same answer.
    let two = format!("{any}{}", simple(host, "SIMPLE"));
    ends(&of(true, &two), &post, "200 (model-answers)");
    ends(
        &of(true, &simple("'*'", "MUTUAL")),
        &post,
        "unknown: the Gateway kubeflow/kubeflow-gateway passes TLS on, or demands a certificate of its clients, which is not supported; either 200 (model-answers) or 502 (wrong-protocol)",
    );
    let redirects = format!("{server}    tls: {{httpsRedirect: true}}\n");
    ends(&of(false, &redirects), &post, "301 (gateway-https-redirect)");
}

/// A health check of the gateway's traffic has no session, so a login at the gateway answers it.
#[test]
fn a_login_at_the_gateway_answers_the_health_check() {
    let checked = right()
        .replace("healthcheck-port: \"15021\"", "healthcheck-port: traffic-port")
        .replace("healthcheck-path: /healthz/ready", "healthcheck-path: /");
    let filter = |labels: &str, name: &str| {
        format!(
            "{checked}---\napiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: {{name: login, namespace: istio-system}}\nspec:\n  workloadSelector: {{labels: {{istio: {labels}}}}}\n  configPatches:\n  - applyTo: HTTP_FILTER\n    match: {{context: GATEWAY}}\n    patch:\n      operation: INSERT_BEFORE\n      value: {{name: {name}, typed_config: {{'@type': type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz, http_service: {{server_uri: {{cluster: authservice}}}}}}}}\n"
        )
    };
    let post = [MODEL, "-X", "POST", "-H", TOKEN];
    ends(&checked, &post, "200 (model-answers)");
    let login = filter("ingressgateway", "envoy.filters.http.ext_authz");
    ends(
        &login,
        &post,
        "unknown: the health check GET / gets 302 from the gateway, so no target is healthy; set healthcheck-port: \"15021\" and healthcheck-path: /healthz/ready; either 302 (gateway-login) or 503 (alb-unhealthy)",
    );
    let path = "    alb.ingress.kubernetes.io/healthcheck-path: /\n";
    let codes = "    alb.ingress.kubernetes.io/success-codes: 200,302\n";
    ends(&login.replace(path, &format!("{path}{codes}")), &post, "302 (gateway-login)");
    // That of other pods, and one that only counts, answer nothing.
    ends(&filter("other", "envoy.filters.http.ext_authz"), &post, "200 (model-answers)");
    ends(&filter("ingressgateway", "istio.stats"), &post, "200 (model-answers)");
}

/// What the load balancer drops, no rule sees; what no rule takes is the default backend's.
#[test]
fn the_load_balancer_drops_headers_and_has_a_default() {
    let right = right();
    let post = [MODEL, "-X", "POST"];
    ends(&right, &post, "404 (alb-no-rule)");
    let spelt = right.replace("\"x-api-key\"", "\"x_api_key\"");
    let token = TOKEN.replacen("x-api-key", "x_api_key", 1);
    let with_token = [MODEL, "-X", "POST", "-H", &token];
    ends(&spelt, &with_token, "404 (alb-no-rule)");
    let attribute = "routing.http.drop_invalid_header_fields.enabled=";
    let kept = spelt.replace(&format!("{attribute}true"), &format!("{attribute}false"));
    ends(&kept, &with_token, "200 (model-answers)");
    let class = "  ingressClassName: alb\n";
    let default = "  defaultBackend: {service: {name: istio-ingressgateway, port: {number: 80}}}\n";
    ends(&right.replacen(class, &format!("{class}{default}"), 1), &post, "200 (model-answers)");
}

/// A rule of the load balancer may rewrite host and path before the gateway routes by them.
#[test]
fn what_the_load_balancer_rewrites_is_routed() {
    let right = right();
    let conditions = "    alb.ingress.kubernetes.io/conditions.istio-ingressgateway";
    let transform = |kind: &str, field: &str, regex: &str, to: &str| {
        let json = format!(
            "[{{\"type\":\"{kind}\",\"{field}\":{{\"rewrites\":[{{\"regex\":\"{regex}\",\"replace\":\"{to}\"}}]}}}}]"
        );
        let line =
            format!("    alb.ingress.kubernetes.io/transforms.istio-ingressgateway: '{json}'\n");
        right.replacen(conditions, &format!("{line}{conditions}"), 1)
    };
    let url = |path: &str| format!("https://sklearn-iris.staging.platform.example.com{path}");
    let asked = url("/models/sklearn-iris");
    let post = [asked.as_str(), "-X", "POST", "-H", TOKEN];
    ends(&right, &post, "403 (workload-refused)");
    let package =
        transform("url-rewrite", "urlRewriteConfig", "^/models/(.*)$", "/v1/models/$1:predict");
    ends(&package, &post, "200 (model-answers)");
    let other = "https://anything.staging.platform.example.com/v1/models/sklearn-iris:predict";
    let post = [other, "-X", "POST", "-H", TOKEN];
    ends(&right, &post, "200 (dashboard-answers)");
    let package =
        transform("host-header-rewrite", "hostHeaderRewriteConfig", "^anything", "sklearn-iris");
    ends(&package, &post, "200 (model-answers)");
}

/// Each backend that has a share is followed; where they end in the same way, so does the request.
#[test]
fn every_backend_with_a_share_is_followed() {
    let right = right();
    let post = [MODEL, "-X", "POST", "-H", TOKEN];
    let of = |weights: [u32; 2], other: &str| {
        let action = format!(
            "{{\"type\":\"forward\",\"forwardConfig\":{{\"targetGroups\":[{{\"serviceName\":\"istio-ingressgateway\",\"servicePort\":80,\"weight\":{}}},{{\"serviceName\":\"{other}\",\"servicePort\":80,\"weight\":{}}}]}}}}",
            weights[0], weights[1]
        );
        let backend = "          service:\n            name: istio-ingressgateway\n            port:\n              number: 80\n";
        let named = "          service:\n            name: share\n            port:\n              name: use-annotation\n";
        let conditions = "conditions.istio-ingressgateway";
        assert!(right.contains(backend) && right.contains(conditions));
        right.replacen(backend, named, 1).replacen(
            conditions,
            &format!("actions.share: '{action}'\n    alb.ingress.kubernetes.io/conditions.share"),
            1,
        )
    };
    ends(&of([1, 1], "istio-ingressgateway"), &post, "200 (model-answers)");
    ends(&of([1, 0], "closed"), &post, "200 (model-answers)");
    // The pods of the second one have no server on its port.
    let closed = "
---
apiVersion: v1
kind: Service
metadata: {name: closed, namespace: istio-system}
spec:
  selector: {app: istio-ingressgateway}
  ports: [{name: http, port: 80, targetPort: 9090}]
---
apiVersion: networking.istio.io/v1beta1
kind: Gateway
metadata: {name: kubeflow-gateway-2, namespace: kubeflow}
spec:
  selector: {istio: ingressgateway}
  servers: []
";
    let port = right.replacen("number: 80, protocol: HTTP", "number: 8080, protocol: HTTP", 1);
    assert_ne!(port, right);
    let package = format!("{}{closed}", of([3, 1], "closed").trim_end()).replacen(
        "number: 80, protocol: HTTP",
        "number: 8080, protocol: HTTP",
        1,
    );
    let answer = trace(&package, &post);
    let last = answer.stdout.lines().find(|line| line.starts_with("=> ")).unwrap_or_default();
    assert!(
        last.contains("unknown: the load balancer sends a share to istio-system/closed; either"),
        "{}{}",
        answer.stdout,
        answer.stderr
    );
    assert!(last.contains("200 (model-answers) or 502 (gateway-no-server)"), "{last}");
}

#[test]
fn a_difference_shows_what_a_change_admits() {
    let run = |new: String| {
        Memory::default()
            .with_file("old.yaml", right())
            .with_file("new.yaml", new)
            .run(&["access", "--diff", "old.yaml", "new.yaml", "--format", "markdown"])
    };
    let opened = run(right().replace("/v1/models/*, /v2", "/v1/models/*, /v1/models, /v2"));
    assert_eq!(opened.code, 1);
    assert!(opened.stdout.contains("GET /v1/models | 403"), "{}", opened.stdout);
    let mut objects: Vec<String> = right().split("\n---\n").map(str::to_owned).collect();
    objects.rotate_left(5);
    let same = run(objects.join("\n---\n"));
    assert_eq!((same.code, same.stdout.lines().count()), (0, 2), "{}", same.stdout);
}

/// What is found beside a trace or a table is reported as every command reports it.
#[test]
fn findings_beside_a_trace_and_a_table() {
    let broken = format!(
        "{}\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: broken, namespace: staging}}\nspec: {{ports: none}}\n",
        right().trim_end()
    );
    let run = |arguments: &[&str]| {
        let places = if arguments[0] == "trace" {
            &["--all", "package.yaml"][..]
        } else {
            &["package.yaml"]
        };
        Memory::default()
            .with_file("package.yaml", broken.as_str())
            .run(&[arguments, places].concat())
    };
    for command in ["trace", "access"] {
        let usual = run(&[command]);
        assert_eq!(usual.code, 1, "{command}: {}", usual.stderr);
        assert!(usual.stderr.ends_with("1 error, 0 warnings\n"), "{}", usual.stderr);
        let sarif = run(&[command, "--format", "sarif"]);
        let report: serde_json::Value = serde_json::from_str(&sarif.stderr).unwrap();
        assert_eq!(report["runs"][0]["results"].as_array().unwrap().len(), 1, "{command}");
        assert_eq!(sarif.stdout, usual.stdout, "{command}");
        let github = run(&[command, "--format", "github"]);
        assert!(github.stderr.starts_with("::error file=package.yaml,line="), "{}", github.stderr);
        assert!(run(&[command, "--format", "junit"]).stderr.contains("<testsuite"), "{command}");
        let json = run(&[command, "--format", "json"]);
        serde_json::from_str::<serde_json::Value>(&json.stdout).unwrap();
        assert!(json.stderr.starts_with("[error] "), "{}", json.stderr);
    }
}
