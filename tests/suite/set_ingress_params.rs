//! `set-ingress-params`: the codes that its cases show.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kserve_aws::finding::Code;
use serde_json::{Value, json};

use crate::cases;

#[test]
fn every_code_is_shown() {
    // Each message has been read by somebody.
    let shown = cases::codes_shown("set-ingress-params");
    let missing: Vec<&str> = Code::ALL
        .iter()
        // Those of the runtime and of the parameters come first.
        .filter(|code| {
            **code <= Code::ParamsInvalid
                || ["alb-", "door-"].iter().any(|of| code.as_str().starts_with(of))
        })
        // Of the process, not of a function; tests/hosts closes its stdout.
        .filter(|code| **code != Code::OutputLost)
        // Of a folder that is searched; tests/suite/hosts.rs searches one.
        .filter(|code| **code != Code::FileSkipped)
        // Of a folder that kustomize renders; tests/hosts has it render one.
        .filter(|code| **code != Code::RenderedByHost)
        // A rule that nothing at all guards; this function always puts a condition on it.
        .filter(|code| **code != Code::AlbOpenRule)
        .map(|code| code.as_str())
        .filter(|code| !shown.contains(*code))
        .collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
}

const TOKEN: &str = "q8Zr2kLm9xWv4tYp";

/// What a hand that slipped makes of a token.
fn pasted() -> Vec<String> {
    [
        "T", "[T]", "\"T\"", "[\"T\"]", "{\"T\":1}", "[{\"T\":443}]", "[{\"HTTPS\":\"T\"}]", "T=1",
        "a=T", "a=1,T=2", "[{\"field\":\"T\"}]", "[{\"type\":\"T\"}]", "{\"type\":\"T\"}",
        "[{\"port\":443,\"mode\":\"T\"}]", "{\"userPoolARN\":\"T\"}", "arn:T", "arn:aws:acm:T",
        "$(T)", "T.example.com", "T,", "http://T/", "T/16", "https://T",
        "[{\"field\":\"http-header\",\"httpHeaderConfig\":{\"httpHeaderName\":\"T\",\"values\":[\"T\"]}}]",
        "{\"type\":\"fixed-response\",\"fixedResponseConfig\":{\"statusCode\":\"T\"}}",
        "{\"type\":\"redirect\",\"redirectConfig\":{\"statusCode\":\"T\"}}",
        "{\"type\":\"forward\",\"forwardConfig\":{\"targetGroups\":[{\"serviceName\":\"T\",\"servicePort\":\"T\"}]}}",
    ]
    .iter()
    .map(|form| form.replace('T', TOKEN))
    .collect()
}

/// Messages and results of a run; not the objects, where the token may stand.
fn told(config: &Value, items: &[Value]) -> String {
    let list = cases::resource_list(Some(config), items).to_string();
    let answer = cases::command::fn_on_stdin("set-ingress-params", None, &list, &[]);
    let results = cases::forms::results(&answer.stdout);
    assert!(!results.is_empty(), "{}", answer.stderr);
    format!("{}\n{}", answer.stderr, Value::Array(results))
}

#[track_caller]
fn never_told(place: &str, text: &str, told: &str) {
    let token = TOKEN.to_ascii_lowercase();
    assert!(!told.to_ascii_lowercase().contains(&token), "{place}: {text}\n{told}");
}

fn config(kind: &str, fields: Value) -> Value {
    match kind {
        "ConfigMap" => json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "x" }, "data": fields,
        }),
        _ => json!({
            "apiVersion": "fn.kserve-aws.dev/v1alpha1", "kind": kind,
            "metadata": { "name": "x" }, "spec": fields,
        }),
    }
}

fn ingress(annotations: Value) -> Value {
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": {
            "name": "istio-ingress", "namespace": "istio-system", "annotations": annotations,
        },
        "spec": { "rules": [{ "http": { "paths": [{
            "path": "/*", "pathType": "ImplementationSpecific",
            "backend": { "service": { "name": "istio-ingressgateway", "port": { "number": 80 } } },
        }] } }] },
    })
}

#[test]
fn a_token_that_is_pasted_into_an_annotation_is_never_told() {
    let config = config(
        "IngressParams",
        json!({
            "certArn": "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012",
            "httpHeaderValues": [TOKEN],
        }),
    );
    let of_service = ["conditions", "actions", "transforms", "use-annotation"];
    let names = kserve_aws::controllers::alb::SUFFIXES
        .iter()
        .map(|name| format!("alb.ingress.kubernetes.io/{name}"))
        .chain(
            of_service.map(|name| format!("alb.ingress.kubernetes.io/{name}.istio-ingressgateway")),
        )
        .chain(["kubernetes.io/ingress.class".to_owned(), "anything.else/at-all".to_owned()]);
    for name in names {
        for text in pasted() {
            let mut annotations = json!({ "kubernetes.io/ingress.class": "alb" });
            annotations[&name] = text.clone().into();
            never_told(&name, &text, &told(&config, &[ingress(annotations)]));
        }
    }
}

#[test]
fn a_token_that_is_pasted_into_a_parameter_is_never_told() {
    let sound = ingress(json!({ "kubernetes.io/ingress.class": "alb" }));
    let names = [
        "overlay",
        "target",
        "certArn",
        "httpHeaderName",
        "httpHeaderValues",
        "loadBalancerScheme",
        "hosts",
        "cognito",
        "CognitoUserPoolArn",
        "CognitoAppClientId",
        "CognitoUserPoolDomain",
        "paramsFrom",
    ];
    for name in names {
        for text in pasted() {
            let mut fields = json!({ "httpHeaderValues": format!("[\"{TOKEN}\"]") });
            fields[name] = text.clone().into();
            never_told(
                name,
                &text,
                &told(&config("ConfigMap", fields), std::slice::from_ref(&sound)),
            );

            let mut fields = json!({ "httpHeaderValues": [TOKEN] });
            fields[name] = text.clone().into();
            never_told(
                name,
                &text,
                &told(&config("IngressParams", fields), std::slice::from_ref(&sound)),
            );
        }
    }
}

#[test]
fn a_token_of_a_secret_or_a_condition_is_never_told() {
    let long = "q8Zr2kLm9xWv4tYp".repeat(8);
    for token in [TOKEN, &long] {
        let config = config(
            "IngressParams",
            json!({
                "certArn": token,
                "paramsFrom": [{ "secret": { "name": "params" } }],
            }),
        );
        let list = format!("[{}]", json!(token));
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "params" },
            "data": { "httpHeaderValues": STANDARD.encode(&list) },
        });
        never_told("certArn", token, &told(&config, &[secret, ingress(json!({}))]));

        // Go's decoder reads each of them.
        for (condition, header, values) in [
            ("httpHeaderConfig", "httpHeaderName", "values"),
            ("httpHeaderConfig", "httpHeaderName", "Values"),
            ("HTTPHEADERCONFIG", "HTTPHEADERNAME", "VALUES"),
            ("HttpHeaderConfig", "HttpHeaderName", "value\u{17f}"),
            ("httpHeaderConfig", "httpHeaderName", "regexvalues"),
            ("HTTPHEADERCONFIG", "httpHeaderName", "RegexValues"),
        ] {
            let conditions = json!([{
                "field": "http-header",
                condition: { header: "x-api-key", values: [token] },
            }]);
            let annotations = json!({
                "kubernetes.io/ingress.class": "alb",
                "alb.ingress.kubernetes.io/conditions.istio-ingressgateway": conditions.to_string(),
                "alb.ingress.kubernetes.io/load-balancer-attributes": format!("{token}=1"),
            });
            let config =
                self::config("IngressParams", json!({ "overlay": "https", "certArn": token }));
            never_told(values, token, &told(&config, &[ingress(annotations)]));
        }
    }
}

#[test]
fn a_token_in_the_place_of_an_arn_is_never_told() {
    let fields = json!({ "certArn": TOKEN, "httpHeaderValues": "[\"arn:aws:acm:us-west-2:1\"]" });
    let sound = ingress(json!({ "kubernetes.io/ingress.class": "alb" }));
    never_told("certArn", TOKEN, &told(&config("ConfigMap", fields), &[sound]));
}
