//! `kserve-aws plan`.

use serde_json::Value;

use crate::cases::command::{Answer, Memory};
use crate::platform::{IRIS, PLATFORM};

const GATEWAY: &str = "
apiVersion: v1
kind: Service
metadata: {name: istio-ingressgateway, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: second-way, namespace: istio-system}
spec: {type: LoadBalancer, selector: {istio: ingressgateway}, ports: [{port: 80}]}
";

const INGRESS: &str = "
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: istio-ingress
  namespace: istio-system
  annotations:
    alb.ingress.kubernetes.io/target-type: ip
    alb.ingress.kubernetes.io/listen-ports: '[{\"HTTPS\":443}]'
    alb.ingress.kubernetes.io/certificate-arn: arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012
    alb.ingress.kubernetes.io/conditions.istio-ingressgateway: '[{\"field\":\"http-header\",\"httpHeaderConfig\":{\"httpHeaderName\":\"x-api-key\",\"values\":[\"0f5b1c2e9d8a4736a1b2c3d4e5f60718\"]}}]'
spec:
  ingressClassName: alb
  rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: istio-ingressgateway, port: {number: 80}}}}]}}]
";

fn plan(objects: &[&str], arguments: &[&str]) -> Answer {
    let stream = objects.join("\n---\n");
    Memory::default().with_file("a.yaml", stream).run(&[&["plan", "a.yaml"], arguments].concat())
}

#[test]
fn everything_of_a_package_is_in_one_table() {
    let answer = plan(&[PLATFORM, IRIS, GATEWAY, INGRESS], &[]);
    assert!(!answer.stdout.contains("0f5b1c2e"), "{}", answer.stdout);
    insta::assert_snapshot!("plan-table", answer.stdout);
}

/// The same as the commands and functions that each part is from.
#[test]
fn the_parts_are_those_of_their_commands() {
    let answer = plan(&[PLATFORM, IRIS, GATEWAY, INGRESS], &["--format", "json"]);
    let plan: Value = serde_json::from_str(&answer.stdout).unwrap();
    let stream = [PLATFORM, IRIS, GATEWAY, INGRESS].join("\n---\n");
    let run = |arguments: &[&str]| Memory::default().with_file("a.yaml", &*stream).run(arguments);
    let hosts: Value =
        serde_json::from_str(&run(&["hosts", "a.yaml", "--format", "json"]).stdout).unwrap();
    for key in ["namespace", "name", "mode", "url", "hosts", "exposure"] {
        assert_eq!(plan["hosts"][0][key], hosts[0][key], "{key}");
    }
    // What the functions propose in their results.
    let proposed = |function: &str, code: &str| -> Vec<Value> {
        let report = run(&["fn", function, "a.yaml", "--format", "json"]).stderr;
        let report: Value = serde_json::from_str(&report).unwrap();
        let found = report["findings"].as_array().unwrap();
        let of_code = found.iter().filter(|finding| finding["code"] == code);
        of_code.flat_map(|one| one["field"]["proposed"].as_array().unwrap().clone()).collect()
    };
    let names = |list: &Value| -> Vec<Value> {
        list.as_array().unwrap().iter().map(|one| one["name"].clone()).collect()
    };
    let certificate = proposed("plan-certificate", "certificate-names");
    assert!(!certificate.is_empty());
    assert_eq!(names(&plan["certificates"][0]["names"]), certificate);
    assert_eq!(names(&plan["records"]), proposed("generate-dns-records", "dns-records"));
    assert_eq!(
        plan["records"][0]["leadsTo"],
        "networking.k8s.io/v1/Ingress/istio-system/istio-ingress"
    );
    let generated = run(&["fn", "generate-authorization-policies", "a.yaml"]).stdout;
    let policies = plan["policies"].as_array().unwrap();
    assert_eq!(policies.len(), generated.matches("kind: AuthorizationPolicy").count());
    assert!(policies.iter().all(|policy| policy["present"] == false), "{policies:?}");
    let open = plan["doors"].as_array().unwrap().iter().filter(|door| door["verdict"] == "open");
    let objects: Vec<&Value> = open.map(|door| &door["object"]).collect();
    assert_eq!(objects, ["v1/Service/istio-system/second-way"]);
}

/// The app client must permit where the login returns to, host by host.
#[test]
fn the_redirects_of_a_login_are_listed() {
    let condition = "alb.ingress.kubernetes.io/conditions.istio-ingressgateway: '[{\"field\":\"http-header\",\"httpHeaderConfig\":{\"httpHeaderName\":\"x-api-key\",\"values\":[\"0f5b1c2e9d8a4736a1b2c3d4e5f60718\"]}}]'";
    assert!(INGRESS.contains(condition));
    let login = "alb.ingress.kubernetes.io/auth-type: cognito
    alb.ingress.kubernetes.io/auth-idp-cognito: '{\"userPoolARN\":\"arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_abcdef123\",\"userPoolClientID\":\"1example23456789\",\"userPoolDomain\":\"auth\"}'";
    let with_login = INGRESS.replace(condition, login);
    let answer = plan(&[PLATFORM, IRIS, GATEWAY, &with_login], &[]);
    let expected = "\nLOGIN REDIRECTS\nSERVICE      URL\nteam-a/iris  https://iris.team-a.platform.example.com/oauth2/idpresponse\n";
    assert!(answer.stdout.ends_with(expected), "{}", answer.stdout);
    let json = plan(&[PLATFORM, IRIS, GATEWAY, &with_login], &["--format", "json"]).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["redirects"][0]["service"], "team-a/iris");
    let another_port = with_login.replace("\"HTTPS\":443", "\"HTTPS\":8443");
    let answer = plan(&[PLATFORM, IRIS, GATEWAY, &another_port], &[]);
    assert!(answer.stdout.contains("example.com:8443/oauth2/idpresponse"), "{}", answer.stdout);
    // A token is no login.
    let answer = plan(&[PLATFORM, IRIS, GATEWAY, INGRESS], &[]);
    assert!(!answer.stdout.contains("REDIRECTS"), "{}", answer.stdout);
}

/// Policies that are generated already are not planned a second time.
#[test]
fn generated_policies_are_present() {
    let stream = [PLATFORM, IRIS].join("\n---\n");
    let generated = Memory::default().with_file("a.yaml", stream).run(&[
        "fn",
        "generate-authorization-policies",
        "a.yaml",
    ]);
    assert_eq!(generated.code, 0, "{}", generated.stderr);
    let answer = plan(&[&generated.stdout], &["--format", "json"]);
    let plan: Value = serde_json::from_str(&answer.stdout).unwrap();
    let policies = plan["policies"].as_array().unwrap();
    assert!(!policies.is_empty());
    assert!(policies.iter().all(|policy| policy["present"] == true), "{policies:?}");
}

#[test]
fn an_empty_part_is_shown_as_such() {
    let answer = plan(&["apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"], &[]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert_eq!(
        answer.stdout,
        "HOSTS\n-\n\nCERTIFICATE NAMES\n-\n\nDNS RECORDS\n-\n\nPOLICIES\n-\n\nDOORS\n-\n"
    );
}
