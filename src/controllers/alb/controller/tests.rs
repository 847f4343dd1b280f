//! What the controller makes of one Ingress or two, where a case of its own shows it best.

use serde::Deserialize;

use super::conditions::HeaderValue;
use super::model::{Condition, Model, Patterns};
use super::objects::AcmCertificate;
use super::{Objects, load_balancers};
use crate::controllers::alb::Options;

fn ingress(name: &str, annotations: &[(&str, &str)], spec: &str) -> String {
    let annotations: Vec<String> = annotations
        .iter()
        .map(|(suffix, value)| {
            format!("alb.ingress.kubernetes.io/{suffix}: {}", serde_json::Value::from(*value))
        })
        .collect();
    format!(
        "metadata:\n  name: {name}\n  namespace: a\n  annotations: {{{}}}\nspec: {{ingressClassName: alb, {spec}}}\n",
        annotations.join(", ")
    )
}

/// The one model of these Ingresses, or the controller's words.
#[track_caller]
fn model(ingresses: &[String], certificates: Option<Vec<AcmCertificate>>) -> Result<Model, String> {
    let read =
        |text: &String| Deserialize::deserialize(serde_yaml::Deserializer::from_str(text)).unwrap();
    let ingresses = ingresses.iter().map(read).collect();
    let objects = Objects { ingresses, certificates, ..Objects::default() };
    let (mut balancers, unmanaged) = load_balancers(&objects, &Options::default());
    assert_eq!((balancers.len(), unmanaged.len()), (1, 0));
    balancers.remove(0).model.map_err(|error| error.controller_words().expose().to_owned())
}

const PATHS: &str = "http: {paths: [{path: /, pathType: Exact, backend: {service: {name: s, port: {number: 80}}}}]}";

#[test]
fn conditions_of_an_annotation_join_those_of_the_rule() {
    let of = |host: &str, conditions: &str| {
        let spec = format!("rules: [{{{host}{PATHS}}}]");
        let model = model(&[ingress("i", &[("conditions.s", conditions)], &spec)], None)?;
        Ok::<_, String>(model.listeners[0].rules[0].conditions.clone())
    };
    let path = Condition::PathPattern(Patterns::Values(vec!["/".to_owned()]));
    let query =
        r#"[{"field":"query-string","queryStringConfig":{"values":[{"key":"k","value":"v"}]}}]"#;
    let pair = Condition::QueryString(vec![(Some("k".to_owned()), HeaderValue::from("v"))]);
    assert_eq!(of("", query).unwrap(), [pair, path.clone()]);
    // The values of hosts, or expressions, but not both.
    let values = r#"[{"field":"host-header","hostHeaderConfig":{"values":["b.example.com"]}}]"#;
    let hosts = ["a.example.com", "b.example.com"].map(str::to_owned).to_vec();
    let both = Condition::HostHeader(Patterns::Values(hosts));
    assert_eq!(of("host: a.example.com, ", values).unwrap(), [both, path.clone()]);
    let regex = r#"[{"field":"host-header","hostHeaderConfig":{"regexValues":["^b"]}}]"#;
    let alone = Condition::HostHeader(Patterns::Regex(vec!["^b".to_owned()]));
    assert_eq!(of("", regex).unwrap(), [alone, path]);
    let refused = of("host: a.example.com, ", regex).unwrap_err();
    assert!(refused.contains("host condition must specify exactly one of"), "{refused}");
    let regex = r#"[{"field":"path-pattern","pathPatternConfig":{"regexValues":["^/b"]}}]"#;
    let refused = of("", regex).unwrap_err();
    assert!(refused.contains("path condition must specify exactly one of"), "{refused}");
}

#[test]
fn exact_paths_come_first_and_then_the_longest_prefix() {
    let path = |path: &str, kind: &str| {
        format!(
            "{{path: {path}, pathType: {kind}, backend: {{service: {{name: s, port: {{number: 80}}}}}}}}"
        )
    };
    let paths = [
        path("/*", "ImplementationSpecific"),
        path("/a", "Prefix"),
        path("/a/b", "Prefix"),
        path("/e", "Exact"),
    ];
    let spec = format!("rules: [{{http: {{paths: [{}]}}}}]", paths.join(", "));
    let model = model(&[ingress("i", &[], &spec)], None).unwrap();
    let first: Vec<&str> = model.listeners[0]
        .rules
        .iter()
        .map(|rule| match &rule.conditions[0] {
            Condition::PathPattern(Patterns::Values(values)) => values[0].as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(first, ["/e", "/a/b", "/a", "/*"]);
}

#[test]
fn certificates_are_found_by_the_hosts() {
    let listen = [("listen-ports", r#"[{"HTTPS":443}]"#)];
    let spec =
        format!("tls: [{{hosts: [c.example.com]}}], rules: [{{host: b.a.example.com, {PATHS}}}]");
    let own = ingress("i", &listen, &spec);
    let certificate = |arn: &str, domain: &str| AcmCertificate {
        arn: arn.to_owned(),
        domains: vec![domain.to_owned()],
    };
    let all = vec![
        certificate("arn:wild", "*.a.example.com"),
        certificate("arn:other", "b.example.com"),
        certificate("arn:exact", "c.example.com"),
    ];
    let found = model(std::slice::from_ref(&own), Some(all)).unwrap();
    assert_eq!(found.listeners[0].certificates, ["arn:exact", "arn:wild"]);
    assert!(!found.listeners[0].certificates_to_discover);
    let few = vec![certificate("arn:exact", "c.example.com")];
    let refused = model(std::slice::from_ref(&own), Some(few)).unwrap_err();
    assert!(refused.contains("no certificate found for host: b.a.example.com"), "{refused}");
    // In an account that is not known.
    let unknown = model(&[own], None).unwrap();
    assert!(unknown.listeners[0].certificates.is_empty());
    assert!(unknown.listeners[0].certificates_to_discover);
}

#[test]
fn a_group_has_one_default_backend() {
    let group = [("group.name", "g")];
    let default = "defaultBackend: {service: {name: s, port: {number: 80}}}";
    let plain = ingress("plain", &group, &format!("rules: [{{{PATHS}}}]"));
    let one = model(&[ingress("one", &group, default), plain], None).unwrap();
    assert_eq!(one.listeners[0].default_origin.as_ref().unwrap().backend, "s");
    let two = [ingress("one", &group, default), ingress("two", &group, default)];
    let refused = model(&two, None).unwrap_err();
    assert_eq!(refused, "multiple ingress defined default backend: [a/one a/two]");
}

#[test]
fn attributes_of_a_listener_must_not_contradict() {
    let with = |name: &str, value: &str| {
        let annotations = [("group.name", "g"), ("listener-attributes.HTTP-80", value)];
        ingress(name, &annotations, &format!("rules: [{{{PATHS}}}]"))
    };
    let key = "routing.http.response.server.enabled";
    let (yes, no) = (format!("{key}=true"), format!("{key}=false"));
    let same = model(&[with("one", &yes), with("two", &yes)], None).unwrap();
    assert_eq!(same.listeners[0].attributes[key], "true");
    let refused = model(&[with("one", &yes), with("two", &no)], None).unwrap_err();
    assert!(refused.contains("conflicting listener attributes"), "{refused}");
}

#[test]
fn a_target_group_is_named_in_one_way() {
    let refusal = |target: &str| {
        let action =
            format!(r#"{{"type":"forward","forwardConfig":{{"targetGroups":[{target}]}}}}"#);
        let path = "{path: /, pathType: Exact, backend: {service: {name: act, port: {name: use-annotation}}}}";
        let spec = format!("rules: [{{http: {{paths: [{path}]}}}}]");
        model(&[ingress("i", &[("actions.act", &action)], &spec)], None).err().unwrap_or_default()
    };
    assert!(refusal(r#"{"weight":1}"#).contains("missing serviceName or targetGroupARN"));
    assert!(refusal(r#"{"serviceName":"s"}"#).contains("missing servicePort"));
    let two = r#"{"serviceName":"s","servicePort":80,"targetGroupARN":"arn"}"#;
    assert!(refusal(two).contains("either serviceName or targetGroupARN"));
    assert_eq!(refusal(r#"{"serviceName":"s","servicePort":80}"#), "");
    assert_eq!(refusal(r#"{"targetGroupARN":"arn"}"#), "");
}
