//! What is refused, not built, or not what it says.

use serde_json::{Value, json};

use super::check;
use crate::controllers::alb::objects::{AcmCertificate, Ingress};
use crate::controllers::alb::{Objects, Options, Version};
use crate::finding::{Code, Finding, Severity};

const CERT: &str = "arn:aws:acm:us-west-2:111122223333:certificate/1";

/// An Ingress of class `alb` with these annotations (suffix, text), and one rule to `gw`.
fn ingress(annotations: &[(&str, &str)]) -> Value {
    let mut map = serde_json::Map::new();
    map.insert("kubernetes.io/ingress.class".to_owned(), json!("alb"));
    for (suffix, text) in annotations {
        map.insert(format!("alb.ingress.kubernetes.io/{suffix}"), json!(text));
    }
    json!({
        "metadata": { "name": "api", "namespace": "istio-system", "annotations": map },
        "spec": { "rules": [{ "http": { "paths": [{
            "path": "/*",
            "pathType": "ImplementationSpecific",
            "backend": { "service": { "name": "gw", "port": { "number": 80 } } },
        }] } }] },
    })
}

fn findings(ingresses: &[Value], options: &Options) -> Vec<Finding> {
    let read = |value: &Value| serde_json::from_value::<Ingress>(value.clone()).unwrap();
    let ingresses = ingresses.iter().map(read).collect();
    check(&Objects { ingresses, ..Objects::default() }, &[], options)
}

#[track_caller]
fn says(ingress: &Value, code: Code, severity: Severity, field: &str) {
    let findings = findings(std::slice::from_ref(ingress), &Options::default());
    let found = findings.iter().any(|finding| {
        finding.code == code
            && finding.severity == severity
            && finding.field.as_ref().is_some_and(|given| given.path == field)
    });
    assert!(found, "{code} at {field} is not among {findings:#?}");
}

fn at(suffix: &str) -> String {
    format!("metadata.annotations[alb.ingress.kubernetes.io/{suffix}]")
}

#[test]
fn a_plain_ingress_is_clean() {
    assert_eq!(findings(&[ingress(&[("scheme", "internal")])], &Options::default()), []);
}

#[test]
fn one_annotation_at_a_time() {
    use Severity::{Error, Warning};
    for (suffix, text, code, severity) in [
        ("certificate-arn", "$(certARN)", Code::AlbUnresolvedVariable, Error),
        ("certificate-arn", "a\nb", Code::AlbCertificatesGlued, Error),
        ("scheme", "Internal", Code::AlbScheme, Error),
        ("group.name", "a_b", Code::AlbGroupName, Error),
        ("listen-ports", "[{}]", Code::AlbNoListener, Error),
        ("listen-ports", r#"[{"HTTP":443,"HTTPS":443}]"#, Code::AlbRandomListener, Error),
        ("listen-ports", "[]", Code::AlbNotBuilt, Error),
        ("load-balancer-attributes", "a=1;b=2", Code::AlbAttributesGlued, Error),
        ("load-balancer-attributes", "a=1\nb=2", Code::AlbAttributesGlued, Error),
        (
            "load-balancer-attributes",
            "routing.http2.enable=true",
            Code::AlbAttributeUnknown,
            Warning,
        ),
        ("load-balancer-attributes", "routing.http2.enabled=yes", Code::AlbAttributeValue, Warning),
        ("auth-on-unauthenticated-request", "Deny", Code::AlbOnUnauthenticated, Error),
        ("actions.gw", "{}", Code::AlbDeadAction, Warning),
        ("certificate-arns", CERT, Code::AlbUnknownAnnotation, Warning),
        ("conditions.gw", "[{", Code::AlbRefusedByWebhook, Error),
        ("conditions.other", "[]", Code::AlbConditionsUnbound, Warning),
    ] {
        says(&ingress(&[(suffix, text)]), code, severity, &at(suffix));
    }
    let no_certificate = ingress(&[("listen-ports", r#"[{"HTTPS":443}]"#)]);
    says(&no_certificate, Code::CertificateMissing, Error, &at("certificate-arn"));
    let plain = ingress(&[("listen-ports", r#"[{"HTTP":80}]"#), ("certificate-arn", CERT)]);
    says(&plain, Code::AlbPlainHttp, Warning, &at("listen-ports"));
}

#[test]
fn lines_that_end_in_commas_are_one_list() {
    let fine = ingress(&[(
        "load-balancer-attributes",
        "routing.http2.enabled=true,\n  idle_timeout.timeout_seconds=60\n",
    )]);
    assert_eq!(findings(&[fine], &Options::default()), []);
}

#[test]
fn headers_and_values_that_never_work() {
    use Severity::{Error, Warning};
    let of = |name: &str, values: &[&str], attributes: &str| {
        let condition = json!([{
            "field": "http-header",
            "httpHeaderConfig": { "httpHeaderName": name, "values": values },
        }]);
        let text = condition.to_string();
        ingress(&[("conditions.gw", text.as_str()), ("load-balancer-attributes", attributes)])
    };
    let good = "q8Zr2kLm9xWv4tYp";
    let drops = "routing.http.drop_invalid_header_fields.enabled=true";
    let at = at("conditions.gw");
    let long = "x".repeat(41);
    for name in ["", "Host", "x api", "x-api:", long.as_str()] {
        says(&of(name, &[good], ""), Code::HeaderNameInvalid, Error, &at);
    }
    says(&of("x_api_key", &[good], drops), Code::HeaderNameInvalid, Error, &at);
    says(&of("x_api_key", &[good], ""), Code::HeaderNameUnusual, Warning, &at);
    let long = "x".repeat(129);
    for value in ["", "token\n", " token", long.as_str()] {
        says(&of("x-api-key", &[value], ""), Code::AlbConditionValue, Error, &at);
    }
    says(&of("x-api-key", &["token1"], ""), Code::TokenPlaceholder, Warning, &at);
    says(&of("x-api-key", &["q8Zr2"], ""), Code::TokenShort, Warning, &at);
    says(
        &of("x-api-key", &[good, "Q8ZR2kLm9xWv4tYp"], ""),
        Code::TokensDifferInCaseOnly,
        Warning,
        &at,
    );
    says(&of("x-api-key", &["q8Zr2kLm9xWv4tYp*"], ""), Code::AlbTokenWildcard, Warning, &at);
    let five = ["a1", "a2", "a3", "a4", "a5"];
    let rule = "spec.rules[0].http.paths[0]";
    says(&of("x-api-key", &five, ""), Code::ConditionValuesTooMany, Error, rule);
    says(&of("x-api-key", &[good], ""), Code::AlbHostlessRule, Warning, "spec.rules[0].host");
}

#[test]
fn classes_that_differ_or_are_given_twice() {
    let mut both = ingress(&[]);
    both["spec"]["ingressClassName"] = json!("alb");
    let class = "metadata.annotations[kubernetes.io/ingress.class]";
    says(&both, Code::AlbIngressClassTwice, Severity::Warning, class);
    both["metadata"]["annotations"]["kubernetes.io/ingress.class"] = json!("nginx");
    says(&both, Code::AlbIngressClassConflict, Severity::Error, class);
}

#[test]
fn schemes_of_a_group_must_agree_and_others_are_not_ours() {
    let mut other = ingress(&[("group.name", "g"), ("scheme", "internal")]);
    other["metadata"]["name"] = json!("ui");
    let api = ingress(&[("group.name", "g"), ("scheme", "internet-facing")]);
    let found = findings(&[api, other], &Options::default());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].code, Code::AlbScheme);
    let mut nginx = ingress(&[("scheme", "$(x)")]);
    nginx["metadata"]["annotations"]["kubernetes.io/ingress.class"] = json!("nginx");
    assert_eq!(findings(&[nginx], &Options::default()), []);
}

#[test]
fn the_old_webhook_takes_broken_conditions_and_the_build_fails() {
    let broken = [ingress(&[("conditions.gw", "[{\"token1\"")])];
    let codes = |version| {
        let options = Options { version, ..Options::default() };
        let findings = findings(&broken, &options);
        assert!(!format!("{findings:?}").contains("token1"));
        findings.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(Version::V3_5), [Code::AlbRefusedByWebhook]);
    assert_eq!(codes(Version::V2_4_7), [Code::AlbNotBuilt]);
}

#[test]
fn names_that_the_api_server_refuses() {
    let mut refused = ingress(&[]);
    refused["spec"]["rules"][0]["host"] = json!("M.example.com");
    let field = "spec.rules[0].host";
    says(&refused, Code::AlbRefusedByApiServer, Severity::Error, field);
    let long = format!("conditions.{}", "s".repeat(53));
    let refused = ingress(&[(long.as_str(), "[]")]);
    says(&refused, Code::AlbRefusedByApiServer, Severity::Error, "metadata.annotations");
}

#[test]
fn certificates_that_are_known_are_found_by_host() {
    let mut https = ingress(&[("listen-ports", r#"[{"HTTPS":443}]"#)]);
    https["spec"]["rules"][0]["host"] = json!("m.example.com");
    let at = at("certificate-arn");
    says(&https, Code::CertificateDiscovered, Severity::Warning, &at);
    let with = |domain: &str| {
        let certificate = AcmCertificate { arn: CERT.to_owned(), domains: vec![domain.to_owned()] };
        let ingresses = vec![serde_json::from_value(https.clone()).unwrap()];
        let objects =
            Objects { ingresses, certificates: Some(vec![certificate]), ..Objects::default() };
        let findings = check(&objects, &[], &Options::default());
        findings.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(with("*.example.com"), []);
    assert_eq!(with("*.m.example.com"), [Code::AlbNotBuilt]);
}
