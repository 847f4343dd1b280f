//! What `accept` accepts, and what it does not: one finding by its name, and never a second.

use krm_function::Code as _;
use kserve_aws::finding::{Code, Finding, Severity};
use kserve_aws::functions;
use kserve_aws::runtime::{self, Acceptances, Call};
use serde_json::json;

use crate::cases;
use crate::cases::command::{Memory, fn_on};

/// An entry that names a finding, as a file of acceptances has it.
fn entry(finding: &Finding) -> serde_json::Value {
    json!({
        "code": finding.code.as_str(),
        "resource": finding.resource.as_ref().map(ToString::to_string).unwrap_or_default(),
        "field": finding.field.as_ref().map(|field| field.path.to_string()).unwrap_or_default(),
        "reason": "known to the platform team",
    })
}

fn accepting(findings: &[Finding]) -> Acceptances {
    let entries: Vec<_> = findings.iter().map(entry).collect();
    let text = json!({ "accept": entries }).to_string();
    Acceptances::of_file(&text, "accept.json")
        .unwrap_or_else(|found: Vec<Finding>| panic!("{found:?}"))
}

/// A finding without what acceptance changes.
fn told(finding: &Finding) -> (&'static str, String) {
    let place = format!("{:?} {:?}", finding.resource, finding.field.as_ref().map(|one| &one.path));
    (finding.code.as_str(), format!("{place} {}", finding.message))
}

/// Every error of every fixture is accepted by itself: whatever else fails the run still does.
#[test]
fn accepting_an_error_hides_no_other() {
    let (mut accepted, mut refused, mut sound) = (0, 0, 0);
    for function in functions::ALL.iter() {
        for case in cases::all(function.name) {
            let Some(list) = case.as_list() else { continue };
            let run = |accepted: Acceptances| {
                let call = Call { name: Some(function.name), accepted, ..Call::default() };
                runtime::resource_list(&list, functions::ALL, &call)
            };
            let before = run(Acceptances::default());
            let errors: Vec<&Finding> =
                before.findings.iter().filter(|one| one.is_error()).collect();
            for error in errors.iter().filter(|error| error.resource.is_some()) {
                let twins = errors.iter().filter(|other| entry(other) == entry(error)).count();
                let after = run(accepting(&[(*error).clone()]));
                let what = format!("{}/{}: {}", function.name, case.name, told(error).1);
                for other in errors.iter().filter(|other| !std::ptr::eq(**other, *error)) {
                    let stays =
                        after.findings.iter().any(|one| one.is_error() && told(one) == told(other));
                    assert!(stays, "{what}\nhides\n{}", told(other).1);
                }
                let found = after.findings.iter().find(|one| told(one) == told(error)).unwrap();
                if error.can_be_accepted() && twins == 1 {
                    assert_eq!(found.severity, Severity::Info, "{what}");
                    accepted += 1;
                } else {
                    assert!(found.is_error() && !after.success, "{what}");
                    let is_warned = after.findings.iter().any(|one| one.code == Code::AcceptUnused);
                    assert!(is_warned || error.code == Code::BadConfig, "{what}");
                    refused += 1;
                }
                let has_errors = after.findings.iter().any(Finding::is_error);
                assert_eq!(after.success, !has_errors, "{what}");
                if after.success {
                    // It did its work: what comes out needs no other change.
                    let output = after.output.as_ref().unwrap().to_string();
                    let call = Call {
                        name: Some(function.name),
                        accepted: accepting(&[(*error).clone()]),
                        ..Call::default()
                    };
                    let again = runtime::resource_list(&output, functions::ALL, &call);
                    assert!(again.edits.is_empty(), "{what}: a second run changes something");
                    sound += 1;
                }
            }
        }
    }
    assert!(accepted > 100 && refused > 60 && sound > 50, "{accepted} {refused} {sound}");
}

const CONFIG: &str = include_str!("../../fixtures/set-ingress-params/accept-door/config.yaml");
const INPUT: &str = include_str!("../../fixtures/set-ingress-params/accept-door/input.yaml");

/// The configuration without its list, and the list as a file.
fn apart() -> (String, String) {
    let (config, entries) = CONFIG.split_once("  accept:\n").unwrap();
    (config.to_owned(), format!("accept:\n{entries}"))
}

#[test]
fn a_file_accepts_what_a_configuration_does() {
    let (config, accept) = apart();
    let files = || {
        Memory::default()
            .with_file("config.yaml", config.as_str())
            .with_file("input.yaml", INPUT)
            .with_file("accept.yaml", accept.as_str())
    };
    let call =
        ["fn", "set-ingress-params", "--config", "config.yaml", "--format", "plain", "input.yaml"];
    assert_eq!(files().run(&call).code, 1);
    let answer = files().run(&[&call[..], &["--accept", "accept.yaml"]].concat());
    assert_eq!(answer, fn_on("set-ingress-params", CONFIG, INPUT, &[]));
    assert_eq!(answer.code, 0);
    // A file that cannot be read accepts nothing, and says so.
    let answer = files().run(&[&call[..], &["--accept", "other.yaml"]].concat());
    assert_eq!((answer.code, answer.stdout.as_str()), (3, ""));
    assert!(answer.stderr.contains("cannot read other.yaml"), "{}", answer.stderr);
}

#[test]
fn a_file_that_accepts_nothing_is_said() {
    let (config, accept) = apart();
    let input = INPUT.replace("type: LoadBalancer", "type: ClusterIP");
    let answer = Memory::default()
        .with_file("config.yaml", config)
        .with_file("input.yaml", input)
        .with_file("accept.yaml", accept)
        .run(&[
            "fn",
            "set-ingress-params",
            "--config",
            "config.yaml",
            "--accept",
            "accept.yaml",
            "input.yaml",
        ]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(
        answer.stderr.starts_with("[warning] accept-unused: entry 1 of accept: accepts nothing"),
        "{}",
        answer.stderr
    );
}

const SET_UP: &str = include_str!("../../fixtures/validate-serving-path/input.yaml");
const BACKEND: &str = "service: {name: istio-ingressgateway, port: {number: 80}}";
/// A class whose controller is not modelled.
const OTHER_CLASS: &str = "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: second, namespace: istio-system}
spec:
  ingressClassName: nginx
  rules:
  - http:
      paths:
      - {path: /a, pathType: Prefix, backend: {service: {name: istio-ingressgateway, port: {number: 80}}}}
      - {path: /b, pathType: Prefix, backend: {service: {name: istio-ingressgateway, port: {number: 80}}}}
  - host: c.example.com
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: istio-ingressgateway, port: {number: 80}}}}
";
const REMOVED_VERSION: &str = "\
apiVersion: networking.k8s.io/v1beta1
kind: Ingress
metadata: {name: second, namespace: istio-system}
spec:
  backend: {serviceName: istio-ingressgateway, servicePort: 80}
  rules:
  - http: {paths: [{path: /b, backend: {serviceName: istio-ingressgateway, servicePort: 80}}]}
";
/// Pods that have the labels of the gateway.
const HOST_PORTS: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: second, namespace: istio-system}
spec:
  selector: {matchLabels: {app: istio-ingressgateway, istio: ingressgateway}}
  template:
    metadata: {labels: {app: istio-ingressgateway, istio: ingressgateway}}
    spec:
      containers:
      - name: istio-proxy
        image: docker.io/istio/proxyv2:1.16.0
        ports: [{containerPort: 8080, hostPort: 80}, {containerPort: 9000}, {containerPort: 8443, hostPort: 443}]
      - name: other
        image: docker.io/istio/proxyv2:1.16.0
        ports: [{containerPort: 8081, hostPort: 81}]
";
/// A kind of another project, whose routes name Services.
const OTHER_KIND: &str = "\
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: second, namespace: istio-system}
spec:
  routes:
  - match: Host(`a.example.com`)
    services: [{name: istio-ingressgateway, port: 80}]
  - match: Host(`b.example.com`)
    services: [{name: istio-ingressgateway, port: 80}, {name: other, port: 80}]
";
const ACTIONS: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: second
  namespace: istio-system
  annotations:
    service.beta.kubernetes.io/actions.TCP-80: '{\"type\": \"forward\", \"forwardConfig\": {\"targetGroups\": [{\"serviceName\": \"istio-ingressgateway\", \"servicePort\": 80}]}}'
    service.beta.kubernetes.io/actions.TCP-81: '{\"type\": \"forward\", \"forwardConfig\": {\"targetGroups\": [{\"serviceName\": \"istio-ingressgateway\", \"servicePort\": 80}]}}'
spec: {type: LoadBalancer, selector: {app: other}, ports: [{port: 80}]}
";
/// A Gateway on pods without a Service, by which two routes lead to where the dashboard is.
const ISTIO_GATEWAY: &str = "\
apiVersion: networking.istio.io/v1beta1
kind: Gateway
metadata: {name: second, namespace: istio-system}
spec:
  selector: {istio: public-gateway}
  servers: [{hosts: ['*'], port: {name: http, number: 80, protocol: HTTP}}]
---
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: {name: public, namespace: istio-system}
spec: {action: ALLOW, selector: {matchLabels: {istio: public-gateway}}, rules: [{}]}
---
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: {name: first, namespace: kubeflow}
spec:
  gateways: [istio-system/second]
  hosts: ['*']
  http: [{route: [{destination: {host: centraldashboard.kubeflow.svc.cluster.local}}]}]
---
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: {name: other, namespace: kubeflow}
spec:
  gateways: [istio-system/second]
  hosts: [b.example.com]
  http: [{route: [{destination: {host: centraldashboard.kubeflow.svc.cluster.local}}]}]
";

/// Annotations of an Ingress.
const LISTENERS: &str = "alb.ingress.kubernetes.io/listen-ports: '[{\"HTTP\": 80}, {\"HTTPS\": 443}]', alb.ingress.kubernetes.io/certificate-arn: 'arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012'";
const NO_CONDITIONS: &str = "alb.ingress.kubernetes.io/conditions.istio-ingressgateway: '[]'";

/// An Ingress with more annotations.
fn with(ingress: &str, annotations: &[&str]) -> String {
    let all = format!("annotations: {{{}, ", annotations.join(", "));
    ingress.replacen("annotations: {", &all, 1)
}

/// Objects with several openings under one code each, and how many.
fn with_several_openings() -> [(&'static str, usize, String); 13] {
    let route = |parents: &str| {
        format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: second, namespace: istio-system}}\nspec:\n  parentRefs: [{parents}]\n  rules:\n  - backendRefs: [{{name: istio-ingressgateway, port: 80}}]\n  - matches: [{{path: {{type: Exact, value: /x}}}}]\n    backendRefs: [{{name: istio-ingressgateway, port: 80}}]\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {{name: istio}}\nspec: {{controllerName: istio.io/gateway-controller}}\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{name: one, namespace: istio-system}}\nspec: {{gatewayClassName: istio, listeners: [{{name: a, port: 80, protocol: HTTP}}]}}\n"
        )
    };
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: second, namespace: istio-system}\nspec:\n  type: LoadBalancer\n  externalIPs: [203.0.113.7, 203.0.113.8]\n  selector: {istio: ingressgateway, app: istio-ingressgateway}\n  ports: [{port: 80}]\n";
    let rule = |host: &str| {
        format!(
            "  - host: {host}\n    http: {{paths: [{{path: /, pathType: Prefix, backend: {{{BACKEND}}}}}]}}\n"
        )
    };
    let ingress = format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: second\n  namespace: istio-system\n  annotations: {{alb.ingress.kubernetes.io/target-type: ip}}\nspec:\n  ingressClassName: alb\n  rules:\n{}{}{}",
        rule("a.example.com"),
        rule("b.example.com"),
        rule("c.example.com")
    );
    [
        ("door-open", 3, service.to_owned()),
        ("door-open", 2, ACTIONS.to_owned()),
        ("door-open", 3, HOST_PORTS.to_owned()),
        // With the class, which is absent.
        ("ingress-class-not-judged", 4, OTHER_CLASS.to_owned()),
        ("door-not-judged", 2, REMOVED_VERSION.to_owned()),
        ("door-not-judged", 2, OTHER_KIND.to_owned()),
        ("door-not-judged", 2, ISTIO_GATEWAY.to_owned()),
        ("path-left-open", 3, ingress.clone()),
        // A rule on two listeners is open twice.
        ("path-left-open", 6, with(&ingress, &[LISTENERS])),
        // One annotation opens each of its paths, on each listener.
        ("alb-open-conditions-empty", 3, with(&ingress, &[NO_CONDITIONS])),
        ("alb-open-conditions-empty", 6, with(&ingress, &[LISTENERS, NO_CONDITIONS])),
        ("door-open", 2, route("{name: one}")),
        // Of two parents the one that is known is open, and the other is not judged.
        ("door-not-judged", 2, route("{name: one}, {name: absent}")),
    ]
}

/// Each opening of one object is accepted by itself, and every other one still fails the run.
#[test]
fn accepting_one_opening_of_an_object_hides_no_second() {
    for (code, count, object) in with_several_openings() {
        let check = |accept: &[&serde_json::Value]| {
            let text = json!({ "accept": accept }).to_string();
            let files = Memory::default()
                .with_file("input.yaml", format!("{SET_UP}---\n{object}"))
                .with_file("accept.yaml", text);
            let answer =
                files.run(&["check", "input.yaml", "--accept", "accept.yaml", "--format", "json"]);
            let report: serde_json::Value = serde_json::from_str(&answer.stderr).unwrap();
            let errors: Vec<serde_json::Value> = report["findings"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|one| one["severity"] == "error" && one["resource"]["name"] == "second")
                .cloned()
                .collect();
            (answer.code, errors)
        };
        let (_, errors) = check(&[]);
        let of_code: Vec<_> = errors.iter().filter(|one| one["code"] == code).collect();
        assert_eq!(of_code.len(), count, "{object}{errors:#?}");
        let entry = |error: &serde_json::Value| {
            json!({
                "code": error["code"],
                "resource": format!("{}/istio-system/second", error["resource"]["kind"].as_str().unwrap()),
                "field": error["field"]["path"],
                "message": error["message"],
                "reason": "known",
            })
        };
        let entries: Vec<serde_json::Value> = errors.iter().map(entry).collect();
        for (index, error) in errors.iter().enumerate() {
            let (exit, left) = check(&[&entries[index]]);
            assert_eq!(exit, 1, "{error:#}");
            let others: Vec<_> = errors.iter().filter(|one| *one != error).cloned().collect();
            assert_eq!(left, others, "accepted: {error:#}");
            // And all but this one.
            let all_but: Vec<_> = entries.iter().filter(|one| **one != entries[index]).collect();
            assert_eq!(check(&all_but), (1, vec![error.clone()]), "{error:#}");
        }
        assert_eq!(check(&entries.iter().collect::<Vec<_>>()), (0, Vec::new()), "{object}");
    }
}

/// An id that a code had before accepts what the code accepts; and an entry that accepts nothing is a warning,
/// whatever its code was called.
#[test]
fn former_ids_are_accepted() {
    let mut tried = 0;
    for code in Code::ALL.iter().filter(|code| code.can_be_accepted()) {
        for former in code.former_ids() {
            let found =
                Finding { code: *code, severity: code.severity(), ..Finding::error(*code, "open") };
            let entry = json!({ "code": former, "resource": "", "field": "", "message": "open", "reason": "known" });
            let text = json!({ "accept": [entry] }).to_string();
            let accepted = Acceptances::of_baseline::<Code>(&text, "baseline.json").unwrap();
            let mut findings = vec![found];
            accepted.apply(&mut findings);
            let is_info = code.severity() == Severity::Info;
            assert_eq!(findings[0].accepted.is_some(), !is_info, "{code} as {former}");
            assert_eq!(findings.len(), 1, "{code} as {former}");
            tried += 1;
        }
    }
    assert!(tried > 15, "{tried} former ids are few");
    let accept =
        "accept:\n- {code: alb-token-case, resource: Ingress/a/b, field: x, reason: old}\n";
    let answer = Memory::default()
        .with_file("input.yaml", SET_UP)
        .with_file("accept.yaml", accept)
        .run(&["check", "input.yaml", "--accept", "accept.yaml"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stderr.contains("accepts nothing (alb-token-case)"), "{}", answer.stderr);
}
