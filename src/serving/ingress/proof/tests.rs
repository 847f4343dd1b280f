//! Every way to be open, each with its own code, and what is not open.

use serde::Deserialize;

use super::{ParamsRequirement, findings};
use crate::controllers::alb::auth::CognitoConfig;
use crate::controllers::alb::objects::AcmCertificate;
use crate::controllers::alb::{Objects, Options, load_balancers};
use crate::finding::{Code, Finding, Severity};
use crate::serving::ingress::lint::check;

const TOKEN: &str = r#"[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"x-api-key","values":["q8Zr2kLm9xWv4tYp"]}}]"#;
const CERT: &str = "arn:aws:acm:us-west-2:111122223333:certificate/1";
const POOL: &str = r#"{"userPoolARN":"a","userPoolClientID":"b","userPoolDomain":"c"}"#;

/// An Ingress with these annotations (suffix, text) and rules.
fn ingress(name: &str, annotations: &[(&str, &str)], spec: &str) -> String {
    let mut text = format!(
        "kind: Ingress\nmetadata:\n  name: {name}\n  namespace: istio-system\n  annotations:\n    \
         kubernetes.io/ingress.class: alb\n"
    );
    for (suffix, value) in annotations {
        let key = if suffix.contains('/') {
            (*suffix).to_owned()
        } else {
            format!("alb.ingress.kubernetes.io/{suffix}")
        };
        text.push_str(&format!("    {key}: {}\n", serde_json::Value::from(*value)));
    }
    format!("{text}{spec}\n---\n")
}

/// Rules without host: path, Service, port.
fn rules(paths: &[(&str, &str, &str)]) -> String {
    let paths: Vec<String> = paths
        .iter()
        .map(|(path, service, port)| {
            let port = match port.parse::<u16>() {
                Ok(number) => format!("{{number: {number}}}"),
                Err(_) => format!("{{name: {port}}}"),
            };
            format!(
                "      - {{path: '{path}', pathType: ImplementationSpecific, backend: {{service: \
                 {{name: {service}, port: {port}}}}}}}"
            )
        })
        .collect();
    format!("spec:\n  rules:\n  - http:\n      paths:\n{}", paths.join("\n"))
}

fn gateway() -> String {
    rules(&[("/*", "gw", "80")])
}

fn objects(manifests: &str) -> Objects {
    let mut objects = Objects { certificates: None::<Vec<AcmCertificate>>, ..Objects::default() };
    for document in serde_yaml::Deserializer::from_str(manifests) {
        let value = serde_yaml::Value::deserialize(document).unwrap();
        match value.get("kind").and_then(|kind| kind.as_str()) {
            Some("Ingress") => objects.ingresses.push(serde_yaml::from_value(value).unwrap()),
            Some("Service") => objects.services.push(serde_yaml::from_value(value).unwrap()),
            _ => {}
        }
    }
    objects
}

fn found(manifests: &str, by_params: &[ParamsRequirement]) -> Vec<Finding> {
    let objects = objects(manifests);
    let (balancers, _) = load_balancers(&objects, &Options::default());
    findings(&balancers, &objects, by_params)
}

/// The code and field of the only finding.
#[track_caller]
fn only(manifests: &str, by_params: &[ParamsRequirement]) -> (Code, String) {
    let findings = found(manifests, by_params);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    let finding = &findings[0];
    assert_eq!(finding.severity, Severity::Error);
    assert!(!finding.message.contains("q8Zr2"), "{}", finding.message);
    (finding.code, finding.field.as_ref().unwrap().path.to_string())
}

fn by_params(token: Option<&str>, login: bool) -> Vec<ParamsRequirement> {
    vec![ParamsRequirement {
        ingress: "istio-system/api".to_owned(),
        token_header: token.map(str::to_owned),
        login: login.then(|| CognitoConfig {
            user_pool_arn: "a".to_owned(),
            user_pool_client_id: "b".to_owned(),
            user_pool_domain: "c".to_owned(),
            ..CognitoConfig::default()
        }),
        provider: None,
        jwt: None,
    }]
}

fn conditions(text: &str) -> String {
    ingress("api", &[("conditions.gw", text)], &gateway())
}

const AT_CONDITIONS: &str = "metadata.annotations[alb.ingress.kubernetes.io/conditions.gw]";

#[test]
fn a_token_and_a_login_are_sound() {
    assert_eq!(found(&conditions(TOKEN), &by_params(Some("X-Api-Key"), false)), []);
    let login = [("auth-type", "cognito"), ("auth-idp-cognito", POOL), ("certificate-arn", CERT)];
    assert_eq!(found(&ingress("api", &login, &gateway()), &by_params(None, true)), []);
}

#[test]
fn what_nobody_asks_for_is_not_open() {
    assert_eq!(found(&ingress("api", &[], &gateway()), &[]), []);
}

#[test]
fn parameters_ask_where_no_annotation_does() {
    let open = ingress("api", &[], &gateway());
    assert_eq!(only(&open, &by_params(Some("x-api-key"), false)).0, Code::AlbOpenRule);
    assert_eq!(only(&open, &by_params(None, true)).0, Code::AlbOpenRule);
    // A login is not a token: both are asked for, and one is there.
    let login = [("auth-type", "cognito"), ("auth-idp-cognito", POOL), ("certificate-arn", CERT)];
    let both = by_params(Some("x-api-key"), true);
    assert_eq!(only(&ingress("api", &login, &gateway()), &both).0, Code::AlbOpenRule);
    let other = only(&conditions(TOKEN), &by_params(Some("x-other"), false));
    assert_eq!(other, (Code::AlbOpenConditionPartial, AT_CONDITIONS.to_owned()));
}

#[test]
fn case_1_a_field_that_is_not_spelt_exactly() {
    for field in ["\"HTTP-Header\"", "\"http_header\"", "\"http-header \"", "\"\"", "null"] {
        let text = TOKEN.replace("\"http-header\"", field);
        let expected = (Code::AlbOpenConditionIgnored, AT_CONDITIONS.to_owned());
        assert_eq!(only(&conditions(&text), &[]), expected, "{field}");
    }
    let text = TOKEN.replace("\"field\"", "\"fields\"");
    assert_eq!(only(&conditions(&text), &[]).0, Code::AlbOpenConditionIgnored);
}

#[test]
fn case_2_no_condition_at_all() {
    for text in ["[]", "null", "[{}]", "[null]"] {
        assert_eq!(only(&conditions(text), &[]).0, Code::AlbOpenConditionsEmpty, "{text}");
    }
}

#[test]
fn case_3_a_key_that_is_given_twice() {
    let text = TOKEN.replace("}}]", "},\"Field\":\"HTTP-Header\"}]");
    assert_eq!(only(&conditions(&text), &[]).0, Code::AlbOpenDuplicateKey);
}

#[test]
fn case_4_one_condition_counts_and_the_other_does_not() {
    let tenant = r#"{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"x-tenant","values":["a"]}}"#;
    let ignored = TOKEN.replace("http-header\"", "HTTP-HEADER\"");
    let text = ignored.replace("[{\"field", &format!("[{tenant},{{\"field"));
    assert_eq!(only(&conditions(&text), &[]).0, Code::AlbOpenConditionPartial);
    let host = TOKEN.replace(
        "\"http-header\"",
        "\"host-header\",\"hostHeaderConfig\":{\"values\":[\"m.example.com\"]}",
    );
    assert_eq!(only(&conditions(&host), &[]).0, Code::AlbOpenConditionPartial);
    let harmless = TOKEN.replace("}}]", "}},{}]");
    assert_eq!(found(&conditions(&harmless), &[]), []);
}

#[test]
fn case_5_conditions_that_bind_to_nothing() {
    for name in ["GW", "gw.80", "istio-system.gw"] {
        let key = format!("conditions.{name}");
        let (code, field) = only(&ingress("api", &[(&key, TOKEN)], &gateway()), &[]);
        assert_eq!(code, Code::AlbOpenConditionsUnbound);
        assert_eq!(field, format!("metadata.annotations[alb.ingress.kubernetes.io/{key}]"));
    }
    let broken = ingress("api", &[("conditions.other", "[{not json")], &gateway());
    assert_eq!(only(&broken, &[]).0, Code::AlbOpenConditionsUnbound);
    let service = format!(
        "kind: Service\nmetadata:\n  name: gw\n  namespace: istio-system\n  annotations:\n    \
         alb.ingress.kubernetes.io/conditions.gw: '{TOKEN}'\nspec:\n  type: NodePort\n  ports: \
         [{{port: 80}}]\n"
    );
    let findings = found(&(ingress("api", &[], &gateway()) + &service), &[]);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].code, Code::AlbOpenConditionsUnbound);
    assert_eq!(findings[0].resource.as_ref().unwrap().kind, "Service");
}

#[test]
fn case_6_conditions_named_after_the_service_of_an_action() {
    let action = r#"{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"gw","servicePort":80}]}}"#;
    let of = |key: &str| {
        let annotations = [("actions.to-gw", action), (key, TOKEN)];
        ingress("api", &annotations, &rules(&[("/*", "to-gw", "use-annotation")]))
    };
    assert_eq!(only(&of("conditions.gw"), &[]).0, Code::AlbOpenActionConditions);
    assert_eq!(found(&of("conditions.to-gw"), &[]), []);
}

#[test]
fn case_7_the_default_backend() {
    let spec = gateway() + "\n  defaultBackend: {service: {name: gw, port: {number: 80}}}";
    let open = ingress("api", &[("conditions.gw", TOKEN)], &spec);
    let expected = (Code::AlbOpenDefaultBackend, "spec.defaultBackend".to_owned());
    assert_eq!(only(&open, &[]), expected);
    let deny =
        gateway() + "\n  defaultBackend: {service: {name: deny, port: {name: use-annotation}}}";
    let annotations = [
        ("conditions.gw", TOKEN),
        ("actions.deny", r#"{"type":"fixed-response","fixedResponseConfig":{"statusCode":"403"}}"#),
    ];
    assert_eq!(found(&ingress("api", &annotations, &deny), &[]), []);
}

#[test]
fn case_8_another_path_or_service() {
    let spec = rules(&[("/v1/*", "gw", "80"), ("/v2/*", "other", "80")]);
    let open = ingress("api", &[("conditions.gw", TOKEN)], &spec);
    let expected = (Code::AlbOpenOtherPath, "spec.rules[0].http.paths[1]".to_owned());
    assert_eq!(only(&open, &[]), expected);
    let message = &found(&open, &[])[0].message;
    assert!(message.contains("/v2/"), "{message}");
}

#[test]
fn case_9_a_member_of_the_group_and_another_load_balancer() {
    let member = |name: &str, more: &[(&'static str, &'static str)]| {
        let mut annotations = vec![("group.name", "kubeflow")];
        annotations.extend(more);
        ingress(name, &annotations, &gateway())
    };
    let open = member("ui", &[]) + &member("api", &[("conditions.gw", TOKEN)]);
    assert_eq!(only(&open, &[]).0, Code::AlbOpenGroupMember);
    let hijack = member("evil", &[("group.order", "-1000")])
        .replace("namespace: istio-system", "namespace: team-a")
        + &member("api", &[("conditions.gw", TOKEN)]);
    let findings = found(&hijack, &[]);
    assert_eq!(findings[0].code, Code::AlbOpenGroupMember);
    assert!(findings[0].message.contains("another namespace"));
    let apart = ingress("ui", &[], &gateway()) + &conditions(TOKEN);
    let findings = found(&apart, &[]);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].code, Code::AlbOpenSeparateLoadBalancer);
    assert_eq!(findings[0].resource.as_ref().unwrap().name, "ui");
    let unrelated = ingress("ui", &[], &rules(&[("/*", "site", "80")])) + &conditions(TOKEN);
    assert_eq!(found(&unrelated, &[]), []);
}

#[test]
fn case_10_the_ports_of_each_member() {
    let ui = [("group.name", "kubeflow"), ("certificate-arn", CERT)];
    let api = [("group.name", "kubeflow"), ("conditions.gw", TOKEN)];
    let open = ingress("ui", &ui, &gateway()) + &ingress("api", &api, &gateway());
    assert_eq!(only(&open, &[]).0, Code::AlbOpenMemberPorts);
}

#[test]
fn case_11_a_login_that_is_not_there() {
    let login = [("auth-type", "cognito"), ("auth-idp-cognito", POOL), ("certificate-arn", CERT)];
    let with = |more: &[(&'static str, &'static str)]| {
        let mut annotations = login.to_vec();
        annotations.extend(more);
        ingress("api", &annotations, &gateway())
    };
    let twin = with(&[("listen-ports", r#"[{"HTTP":80},{"HTTPS":443}]"#)]);
    assert_eq!(only(&twin, &[]).0, Code::AlbOpenHttpListener);
    let redirected =
        with(&[("listen-ports", r#"[{"HTTP":80},{"HTTPS":443}]"#), ("ssl-redirect", "443")]);
    assert_eq!(found(&redirected, &[]), []);
    let allow = with(&[("auth-on-unauthenticated-request", "allow")]);
    assert_eq!(only(&allow, &[]).0, Code::AlbOpenUnauthenticatedAllowed);
    let off = ingress("api", &login[1..], &gateway());
    assert_eq!(only(&off, &[]).0, Code::AlbOpenLoginOff);
    let service = "kind: Service\nmetadata:\n  name: gw\n  namespace: istio-system\n  \
                   annotations: {alb.ingress.kubernetes.io/auth-type: none}\nspec:\n  type: \
                   NodePort\n  ports: [{port: 80}]\n";
    let findings = found(&(with(&[]) + service), &[]);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].code, Code::AlbOpenLoginOff);
    assert_eq!(findings[0].resource.as_ref().unwrap().kind, "Service");
    let jwt = r#"{"jwksEndpoint":"j","issuer":"i"}"#;
    let plain = ingress("api", &[("jwt-validation", jwt)], &gateway());
    assert_eq!(only(&plain, &[]).0, Code::AlbOpenHttpListener);
}

#[test]
fn case_12_a_value_that_anyone_can_give() {
    for values in [
        r#""values":["*"]"#,
        r#""values":["q8Zr2kLm9xWv4tYp","?*"]"#,
        r#""regexValues":[".*"]"#,
        r#""regexValues":["^[A-Za-z0-9]{32}$"]"#,
    ] {
        let text = TOKEN.replace(r#""values":["q8Zr2kLm9xWv4tYp"]"#, values);
        assert_eq!(only(&conditions(&text), &[]).0, Code::AlbOpenAnyValue, "{values}");
    }
}

#[test]
fn case_13_conditions_that_only_widen() {
    let path = r#"[{"field":"path-pattern","pathPatternConfig":{"values":["/v1/*"]}}]"#;
    assert_eq!(only(&conditions(path), &[]).0, Code::AlbOpenConditionWidens);
    let client = r#"[{"field":"source-ip","sourceIPConfig":{"values":["0.0.0.0/0"]}}]"#;
    assert_eq!(only(&conditions(client), &[]).0, Code::AlbOpenConditionWidens);
    let required = by_params(Some("x-api-key"), false);
    assert_eq!(only(&conditions(path), &required).0, Code::AlbOpenConditionWidens);
    // A host condition on a rule without host does restrict it.
    let host = r#"[{"field":"host-header","hostHeaderConfig":{"values":["m.example.com"]}}]"#;
    assert_eq!(found(&conditions(host), &[]), []);
}

#[test]
fn a_misspelt_annotation_asks_too() {
    for key in ["condition.gw", "Conditions.gw", "ingress.kubernetes.io/conditions.gw"] {
        let open = ingress("api", &[(key, TOKEN)], &gateway());
        assert_eq!(only(&open, &[]).0, Code::AlbOpenAnnotationMisspelt, "{key}");
    }
    let open = ingress("api", &[("jwt-validations", "{}"), ("certificate-arn", CERT)], &gateway());
    let findings = found(&open, &[]);
    assert_eq!(findings[0].code, Code::AlbOpenAnnotationMisspelt);
    assert!(findings[0].message.contains("use alb.ingress.kubernetes.io/jwt-validation:"));
}

#[test]
fn a_rule_behind_one_that_takes_everything_is_not_open() {
    let deny = r#"{"type":"fixed-response","fixedResponseConfig":{"statusCode":"403"}}"#;
    let of = |first: &str| {
        let spec = rules(&[
            (first, "deny", "use-annotation"),
            ("/v1/*", "other", "80"),
            ("/*", "gw", "80"),
        ]);
        ingress("api", &[("actions.deny", deny), ("conditions.gw", TOKEN)], &spec)
    };
    assert_eq!(found(&of("/*"), &[]), []);
    assert_eq!(found(&of("/v1*"), &[]), []);
    assert_eq!(only(&of("/v1/models/*"), &[]).0, Code::AlbOpenOtherPath);
}

#[test]
fn a_login_stands_for_a_token_in_a_mixed_group() {
    let ui = [
        ("group.name", "kubeflow"),
        ("group.order", "2"),
        ("certificate-arn", CERT),
        ("auth-type", "cognito"),
        ("auth-idp-cognito", POOL),
    ];
    let api = [("group.name", "kubeflow"), ("certificate-arn", CERT), ("conditions.gw", TOKEN)];
    let sound = ingress("ui", &ui, &gateway()) + &ingress("api", &api, &gateway());
    assert_eq!(found(&sound, &[]), []);
}

#[test]
fn an_absent_service_is_open_all_the_same() {
    let spec = gateway() + "\n  defaultBackend: {service: {name: nope, port: {number: 80}}}";
    let manifests = ingress("api", &[("conditions.gw", TOKEN)], &spec);
    assert_eq!(only(&manifests, &[]).0, Code::AlbOpenDefaultBackend);
    let service = "kind: Service\nmetadata: {name: gw, namespace: istio-system}\nspec: {type: \
                   NodePort, ports: [{port: 80}]}\n";
    let findings = found(&(manifests.clone() + service), &[]);
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].code, findings[0].severity), (Code::AlbAbsentService, Severity::Error));
    // Never so for the backend that something is asked of.
    let wrong = ingress(
        "api",
        &[("conditions.gw", "[]")],
        &rules(&[("/v1/*", "site", "80"), ("/*", "gw", "80")]),
    );
    let site = service.replace("name: gw", "name: site");
    let findings = found(&(wrong + &site), &[]);
    assert!(findings.iter().all(|finding| finding.severity == Severity::Error), "{findings:#?}");
}

#[test]
fn findings_come_in_the_same_order_and_hold_no_token() {
    let manifests = ingress("ui", &[("group.name", "g")], &gateway())
        + &ingress(
            "api",
            &[("group.name", "g"), ("conditions.gw", TOKEN), ("conditions.x", TOKEN)],
            &gateway(),
        );
    let objects = objects(&manifests);
    let first = check(&objects, &[], &Options::default());
    assert_eq!(first, check(&objects, &[], &Options::default()));
    assert!(first.iter().any(|finding| finding.severity == Severity::Error));
    assert!(!format!("{first:?}").contains("q8Zr2"));
    let (balancers, _) = load_balancers(&objects, &Options::default());
    assert!(!format!("{:?}", balancers[0].model).contains("q8Zr2"));
}

#[test]
fn many_open_rules_take_bounded_time() {
    let hosts: Vec<String> = (0..2_000)
        .map(|number| {
            format!(
                "  - host: h{number}.example.com\n    http: {{paths: [{{path: '/*', pathType: \
                 ImplementationSpecific, backend: {{service: {{name: open, port: {{number: \
                 80}}}}}}}}]}}"
            )
        })
        .collect();
    let spec = format!("{}\nspec:\n  rules:\n{}", "", hosts.join("\n"));
    let manifests = ingress("api", &[("conditions.gw", TOKEN)], &spec);
    let findings = found(&manifests, &[]);
    assert!(!findings.is_empty());
}
