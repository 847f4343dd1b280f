//! Mistakes in a `params.env`: what a generator of ConfigMaps takes literally is named as the cause, by
//! whatever reads the ConfigMap; and names of regions that are none, with the one that was meant.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::cases::command::{Answer, Memory};

const ARN: &str =
    "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012";
const TOKEN: &str = "0f5b1c2e9d8a4736a1b2c3d4e5f60718";
const INGRESS: &str = include_str!("../../awsconfigs/common/istio-ingress/base/ingress.yaml");
const SET_UP: &str = include_str!("../../fixtures/validate-serving-path/input.yaml");

/// A mistake in a line, and what is said of it.
type Mistake = (fn(&str, &str) -> (String, String), &'static str);

const BLANKS: &str = "remove the blanks around \"=\"";

/// Those that are mistakes in every value. Around a list blanks change nothing.
const MISTAKES: [Mistake; 4] = [
    (
        |key, text| (key.to_owned(), format!("\"{text}\"")),
        "in quotes, which are part of it; remove the quotes",
    ),
    (
        |key, text| (key.to_owned(), format!("'{text}'")),
        "in quotes, which are part of it; remove the quotes",
    ),
    (|key, text| (format!("{key} "), text.to_owned()), BLANKS),
    (
        |key, text| (key.to_owned(), format!("{text}\r")),
        "save the file with LF line ends, not CRLF",
    ),
];

/// Those of a value that is no list.
const OF_TEXTS: [Mistake; 2] = [
    (|key, text| (key.to_owned(), format!(" {text}")), BLANKS),
    (
        |key, text| (key.to_owned(), format!("{text}\t")),
        "ends with a blank, which is part of it; remove it",
    ),
];

fn mistakes(text: &str) -> Vec<Mistake> {
    let of_texts = OF_TEXTS.into_iter().filter(|_| !text.starts_with('['));
    MISTAKES.into_iter().chain(of_texts).collect()
}

/// The object that kustomize generates of lines.
fn object(kind: &str, lines: &[(String, String)]) -> String {
    let data: serde_json::Map<String, serde_json::Value> = lines
        .iter()
        .map(|(key, text)| {
            let text = if kind == "Secret" { STANDARD.encode(text) } else { text.clone() };
            (key.clone(), text.into())
        })
        .collect();
    let metadata = json!({ "name": "params", "namespace": "istio-system" });
    json!({ "apiVersion": "v1", "kind": kind, "metadata": metadata, "data": data }).to_string()
}

fn named_as_the_cause(answer: &Answer, cause: &str, of: &str) {
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{of}: {}", answer.stderr);
    assert!(answer.stderr.contains(cause), "{of}, {cause}: {}", answer.stderr);
    assert!(!answer.stderr.contains(TOKEN), "{of}: {}", answer.stderr);
}

fn tokens() -> String {
    format!("[\"{TOKEN}\"]")
}

fn guide() -> [(&'static str, String); 4] {
    [
        ("certArn", ARN.to_owned()),
        ("loadBalancerScheme", "internal".to_owned()),
        ("httpHeaderName", "x-api-key".to_owned()),
        ("httpHeaderValues", tokens()),
    ]
}

fn plain(lines: &[(&str, String)]) -> Vec<(String, String)> {
    lines.iter().map(|(key, text)| ((*key).to_owned(), text.clone())).collect()
}

const PARAMS_FROM: &str = "apiVersion: fn.kserve-aws.dev/v1alpha1\nkind: IngressParams\nmetadata: {name: c}\nspec: {overlay: api, paramsFrom: [{KIND: {name: params}}]}\n";

#[test]
fn the_generated_object_of_the_parameters() {
    for (kind, field) in [("ConfigMap", "configMap"), ("Secret", "secret")] {
        let run = |lines: &[(String, String)]| {
            Memory::default()
                .with_file("config.yaml", PARAMS_FROM.replace("KIND", field))
                .with_file("input.yaml", format!("{INGRESS}---\n{}\n", object(kind, lines)))
                .run(&["fn", "--config", "config.yaml", "--format", "plain", "input.yaml"])
        };
        let right = run(&plain(&guide()));
        assert_eq!(right.code, 0, "{}", right.stderr);
        for (place, (key, text)) in guide().iter().enumerate() {
            for (mistake, cause) in mistakes(text) {
                let mut lines = plain(&guide());
                lines[place] = mistake(key, text);
                named_as_the_cause(&run(&lines), cause, &format!("{kind} {key}"));
            }
        }
    }
}

/// The same lines in a file that `render` generates the ConfigMap of.
#[test]
fn the_file_of_a_generator() {
    let run = |lines: &[(String, String)], end: &str| {
        let text: String = lines.iter().map(|(key, text)| format!("{key}={text}{end}")).collect();
        let exec = "metadata: {name: c, annotations: {config.kubernetes.io/function: '{exec: {path: kserve-aws}}'}}";
        let config = PARAMS_FROM.replace("KIND", "configMap").replace("metadata: {name: c}", exec);
        Memory::default()
            .with_file("a/kustomization.yaml", "resources: [ingress.yaml]\nconfigMapGenerator: [{name: params, envs: [params.env]}]\ngeneratorOptions: {disableNameSuffixHash: true}\ntransformers: [config.yaml]\n")
            .with_file("a/ingress.yaml", INGRESS)
            .with_file("a/params.env", text)
            .with_file("a/config.yaml", config)
            .run(&["render", "a", "--format", "plain"])
    };
    // A generator takes away the carriage return of a line end, as kustomize's does.
    for end in ["\n", "\r\n"] {
        let right = run(&plain(&guide()), end);
        assert_eq!(right.code, 0, "{}", right.stderr);
    }
    for (place, (key, text)) in guide().iter().enumerate() {
        for (mistake, cause) in mistakes(text) {
            let mut lines = plain(&guide());
            lines[place] = mistake(key, text);
            let is_key = lines[place].0 != *key;
            let cause = if is_key { "no space before \"=\"" } else { cause };
            // A second one, since the first is of the line end.
            if lines[place].1.ends_with('\r') {
                lines[place].1.push('\r');
            }
            named_as_the_cause(&run(&lines, "\n"), cause, key);
        }
    }
}

/// A ConfigMap that is the configuration itself.
#[test]
fn a_config_map_as_the_configuration() {
    for (function, key, text) in [
        ("set-ingress-params", "certArn", ARN.to_owned()),
        ("set-ingress-params", "httpHeaderName", "x-api-key".to_owned()),
        ("set-ingress-params", "httpHeaderValues", tokens()),
        ("set-knative-domain", "domain", "models.example.com".to_owned()),
        ("plan-certificate", "region", "us-west-2".to_owned()),
        ("generate-dns-records", "domain", "models.example.com".to_owned()),
        ("generate-dns-records", "region", "us-west-2".to_owned()),
        ("serving-endpoint", "certificate.arn", ARN.to_owned()),
        ("serving-endpoint", "ingress.tokens", tokens()),
    ] {
        for (mistake, cause) in mistakes(&text) {
            let answer = Memory::default()
                .with_file("config.yaml", object("ConfigMap", &[mistake(key, &text)]))
                .with_file("input.yaml", INGRESS)
                .run(&[
                    "fn",
                    function,
                    "--config",
                    "config.yaml",
                    "--format",
                    "plain",
                    "input.yaml",
                ]);
            named_as_the_cause(&answer, cause, &format!("{function} {key}"));
            assert_eq!(answer.stderr.lines().count(), 1, "{function} {key}: {}", answer.stderr);
        }
    }
}

/// The tokens that a check requires.
#[test]
fn the_object_of_values_from() {
    for (kind, field) in [("ConfigMap", "configMap"), ("Secret", "secret")] {
        let config = format!(
            "apiVersion: fn.kserve-aws.dev/v1alpha1\nkind: ServingPathCheck\nmetadata: {{name: c}}\nspec: {{protect: [{{service: istio-system/istio-ingressgateway, by: {{header: x-api-key, valuesFrom: {{{field}: {{name: params}}}}}}}}]}}\n"
        );
        let run = |line: (String, String)| {
            Memory::default()
                .with_file("config.yaml", config.as_str())
                .with_file("input.yaml", format!("{SET_UP}---\n{}\n", object(kind, &[line])))
                .run(&["check", "--config", "config.yaml", "--format", "plain", "input.yaml"])
        };
        let right = run(("httpHeaderValues".to_owned(), tokens()));
        assert!(!right.stderr.contains("params-invalid"), "{}", right.stderr);
        for (mistake, cause) in mistakes(&tokens()) {
            named_as_the_cause(&run(mistake("httpHeaderValues", &tokens())), cause, kind);
        }
        let answer = run(("other".to_owned(), tokens()));
        assert!(answer.stderr.contains("the key httpHeaderValues is missing"), "{}", answer.stderr);
        let answer = run(("httpHeaderValues".to_owned(), "[]".to_owned()));
        assert!(answer.stderr.contains("expected a JSON array of tokens"), "{}", answer.stderr);
    }
}

/// Every field of a configuration that holds a region, in an ARN too.
#[test]
fn a_region_that_is_none_is_refused_with_the_one_that_was_meant() {
    let pool = "arn:aws:cognito-idp:REGION:123456789012:userpool/REGION_abc123DEF";
    let acl = "arn:aws:wafv2:REGION:123456789012:regional/webacl/models/3ab78708-85b0-49d3-b4e1-7a9615a6613b";
    let certificate = ARN.replace("us-west-2", "REGION");
    let elb = "k8s-kserve-0123456789.REGION.elb.amazonaws.com";
    for (kind, spec) in [
        ("IngressParams", json!({ "certArn": certificate })),
        ("IngressParams", json!({ "certArn": [ARN, certificate] })),
        (
            "IngressParams",
            json!({ "targets": [{ "name": "istio-ingress", "certArn": certificate }] }),
        ),
        ("IngressParams", json!({ "cognito": { "userPoolArn": pool } })),
        ("IngressParams", json!({ "jwt": { "userPoolArn": pool } })),
        ("IngressParams", json!({ "certArn": ARN, "wafAclArn": acl })),
        ("ServingCertificate", json!({ "region": "REGION" })),
        (
            "ServingCertificate",
            json!({ "hosts": ["a.example.com"], "certificate": { "arn": certificate, "domains": ["*.example.com"] } }),
        ),
        ("ServingDNS", json!({ "region": "REGION" })),
        ("ServingDNS", json!({ "mode": "ack", "target": elb })),
        (
            "ServingEndpoint",
            json!({ "domain": "example.com", "authProvider": "cognito", "check": false, "cognito": { "userPoolArn": pool }, "certificate": { "arn": ARN, "names": ["*.a.example.com"] }, "namespaces": ["a"] }),
        ),
        (
            "ServingEndpoint",
            json!({ "domain": "example.com", "authProvider": "dex", "check": false, "certificate": { "arn": certificate, "names": ["*.a.example.com"] }, "ingress": { "tokens": [TOKEN] }, "namespaces": ["a"] }),
        ),
    ] {
        for (region, hint) in [
            ("us-wset-2", "invalid region \"us-wset-2\" (did you mean us-west-2?)"),
            ("moon", "invalid region \"moon\": expected a region such as us-west-2"),
        ] {
            let spec: serde_json::Value =
                serde_json::from_str(&spec.to_string().replace("REGION", region)).unwrap();
            let config = json!({ "apiVersion": "fn.kserve-aws.dev/v1alpha1", "kind": kind, "metadata": { "name": "c" }, "spec": spec });
            let answer = Memory::default()
                .with_file("config.yaml", config.to_string())
                .with_file("input.yaml", INGRESS)
                .run(&["fn", "--config", "config.yaml", "--format", "plain", "input.yaml"]);
            assert_eq!(answer.code, 1, "{config}: {}", answer.stderr);
            assert!(answer.stderr.contains(hint), "{config}: {}", answer.stderr);
        }
    }
}

/// Every annotation that holds an ARN, and the class.
#[test]
fn a_region_that_is_none_in_an_annotation_is_refused() {
    let class = |spec: &str| {
        format!(
            "---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {{name: alb}}\nspec: {{controller: ingress.k8s.aws/alb, parameters: {{apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: alb}}}}\n---\napiVersion: elbv2.k8s.aws/v1beta1\nkind: IngressClassParams\nmetadata: {{name: alb}}\nspec: {{{spec}}}\n"
        )
    };
    let certificate = ARN.replace("us-west-2", "us-wset-2");
    let acl = "arn:aws:wafv2:us-wset-2:123456789012:regional/webacl/models/3ab78708-85b0-49d3-b4e1-7a9615a6613b";
    let base = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: second\n  annotations:\nspec:\n  ingressClassName: alb\n  rules:\n  - http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: other, port: {number: 80}}}}]}\n";
    for (annotation, text, of_class) in [
        ("certificate-arn", certificate.clone(), ""),
        ("certificate-arn", format!("{ARN},{certificate}"), ""),
        ("wafv2-acl-arn", acl.to_owned(), ""),
        ("auth-idp-cognito", json!({ "userPoolARN": "arn:aws:cognito-idp:us-wset-2:123456789012:userpool/us-wset-2_abc123DEF", "userPoolClientID": "a", "userPoolDomain": "b" }).to_string(), ""),
        ("mutual-authentication", json!([{ "port": 443, "mode": "verify", "trustStore": "arn:aws:elasticloadbalancing:us-wset-2:123456789012:truststore/ts/1234567890123456" }]).to_string(), ""),
        ("actions.a", json!({ "type": "forward", "targetGroupARN": "arn:aws:elasticloadbalancing:us-wset-2:123456789012:targetgroup/a/1234567890123456" }).to_string(), ""),
        ("target-type", "ip".to_owned(), &*class(&format!("certificateArn: ['{certificate}']"))),
        ("target-type", "ip".to_owned(), &*class(&format!("wafv2AclArn: '{acl}'"))),
    ] {
        let line = format!("  annotations: {{alb.ingress.kubernetes.io/{annotation}: {}}}\n", json!(text));
        let input = base.replacen("  annotations:\n", &line, 1) + of_class;
        let answer = Memory::default()
            .with_file("input.yaml", format!("{input}---\n{SET_UP}"))
            .run(&["check", "input.yaml", "--format", "plain"]);
        let hint = "invalid region \"us-wset-2\" (did you mean us-west-2?) in the ARN";
        assert!(answer.stderr.contains(hint), "{annotation} {of_class}: {}", answer.stderr);
        assert_eq!(answer.code, 1);
    }
}
