//! `serving-endpoint` over configurations that nobody thought of: it never panics, tells no token, and either
//! refuses or sets an Ingress that lets nobody in without what its provider requires.

use crate::cases::command::fn_on_stdin;
use crate::cases::resource_list;
use crate::set_ingress_params_properties::{
    assert_validated, entry, jwt, objects, provider, results, text_like, token_of,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// What its author may have written, and what is right but for one field.
fn endpoint() -> BoxedStrategy<Value> {
    prop_oneof![2 => anything(), 1 => nearly_right()].boxed()
}

fn nearly_right() -> BoxedStrategy<Value> {
    let provider = proptest::sample::select(vec!["cognito", "dex", "jwt", "oidc"]);
    let tokens = prop::option::weighted(0.2, prop::collection::vec("[a-z0-9]{24,32}", 1..3));
    (provider, tokens, anything(), any::<prop::sample::Index>())
        .prop_map(|(provider, tokens, other, place)| {
            let pool = "arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_abcdef123";
            let endpoint = |path: &str| format!("https://login.example.com/{path}");
            let mut spec = json!({
                "authProvider": provider,
                "domain": "platform.example.com",
                "certificate": { "arn": ARN },
                "ingress": { "scheme": "internet-facing" },
            });
            let own = match provider {
                "cognito" => json!({
                    "userPoolArn": pool,
                    "userPoolClientId": "1example23456789",
                    "userPoolDomain": "auth.example.com",
                }),
                "jwt" => json!({ "userPoolArn": pool, "clientIds": ["client2"] }),
                "oidc" => json!({
                    "issuer": "https://login.example.com",
                    "authorizationEndpoint": endpoint("authorize"),
                    "tokenEndpoint": endpoint("token"),
                    "userInfoEndpoint": endpoint("userinfo"),
                    "secretName": "oidc-client",
                }),
                _ => Value::Null,
            };
            if !own.is_null() {
                spec[provider] = own;
            }
            if let Some(tokens) = tokens {
                spec["ingress"]["tokens"] = tokens.into();
            }
            let mut config = other;
            let fields =
                ["", "", "", "authProvider", "domain", "cognito", "oidc", "jwt", "ingress"];
            let field = fields[place.index(fields.len())];
            if let Some(value) = config["spec"].get(field) {
                spec[field] = value.clone();
            }
            config["spec"] = spec;
            config
        })
        .boxed()
}

const ARN: &str =
    "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012";

fn anything() -> BoxedStrategy<Value> {
    let of = |strategy: BoxedStrategy<Value>| prop::option::weighted(0.8, strategy);
    (
        of(text_like(&["cognito", "dex", "jwt", "oidc", "oidc", "jwt"])),
        of(text_like(&["platform.example.com"])),
        of(text_like(&[ARN])),
        prop::option::weighted(0.3, prop::collection::vec(entry(), 0..4)),
        prop::option::weighted(0.3, text_like(&["auth.example.com"])),
        provider(),
        jwt(),
        prop::option::weighted(0.5, text_like(&["istio-ingress"])),
    )
        .prop_map(|(auth, domain, arn, tokens, pool, oidc, jwt, target)| {
            let cognito = pool.map(|domain| json!({
                "userPoolArn": "arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_abcdef123",
                "userPoolClientId": "1example23456789",
                "userPoolDomain": domain,
            }));
            let mut ingress = json!({ "scheme": "internet-facing" });
            if let Some(tokens) = tokens {
                ingress["tokens"] = tokens.into();
            }
            if let Some(target) = target {
                ingress["target"] = json!({ "name": target });
            }
            let fields = [
                ("authProvider", auth),
                ("domain", domain),
                ("certificate", arn.map(|arn| json!({ "arn": arn }))),
                ("ingress", Some(ingress)),
                ("cognito", cognito),
                ("oidc", oidc),
                ("jwt", jwt),
            ];
            let spec: serde_json::Map<String, Value> = fields
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                .collect();
            json!({
                "apiVersion": "fn.kserve-aws.dev/v1alpha1",
                "kind": "ServingEndpoint",
                "metadata": { "name": "endpoint" },
                "spec": spec,
            })
        })
        .boxed()
}

/// The guide's Ingress, and a model.
fn package() -> Vec<Value> {
    vec![
        json!({
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {
                "name": "istio-ingress",
                "namespace": "istio-system",
                "annotations": {
                    "kubernetes.io/ingress.class": "alb",
                    "alb.ingress.kubernetes.io/target-type": "ip",
                },
            },
            "spec": { "rules": [{ "http": { "paths": [{
                "path": "/*",
                "pathType": "ImplementationSpecific",
                "backend": { "service": { "name": "istio-ingressgateway", "port": { "number": 80 } } },
            }] } }] },
        }),
        json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": { "name": "istio-ingressgateway", "namespace": "istio-system" },
            "spec": {
                "selector": { "istio": "ingressgateway" },
                "ports": [{ "name": "http2", "port": 80, "targetPort": 8080 }],
            },
        }),
        json!({
            "apiVersion": "serving.kserve.io/v1beta1",
            "kind": "InferenceService",
            "metadata": { "name": "iris", "namespace": "staging" },
            "spec": { "predictor": { "model": { "modelFormat": { "name": "sklearn" }, "protocolVersion": "v1" } } },
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn refused_or_guarded(config in endpoint()) {
        let items = package();
        let list = resource_list(Some(&config), &items).to_string();
        let answer = fn_on_stdin("serving-endpoint", None, &list, &[]);
        // JSON may have raw control characters, and YAML may not.
        if answer.stderr.contains("(bad-input)") {
            prop_assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
            return Ok(());
        }
        let spec = &config["spec"];
        let told = format!("{}\n{}", answer.stderr, results(&answer.stdout));
        for token in spec["ingress"]["tokens"].as_array().into_iter().flatten().map(token_of) {
            let token = token.as_str().map_or_else(|| token.to_string(), str::to_owned);
            prop_assert!(!told.contains(token.trim()), "{token:?} in {told}");
        }
        if answer.code != 0 {
            prop_assert_eq!(answer.code, 1);
            prop_assert!(answer.stderr.contains("[error]"));
            prop_assert_eq!(objects(&answer.stdout), items);
            return Ok(());
        }
        let after = objects(&answer.stdout);
        let annotation = |suffix: &str| {
            let key = format!("alb.ingress.kubernetes.io/{suffix}");
            after[0]["metadata"]["annotations"][key].as_str().map(str::to_owned)
        };
        let conditions = annotation("conditions.istio-ingressgateway").unwrap_or_default();
        let by_token = spec["ingress"]["tokens"].is_array();
        prop_assert_eq!(conditions.contains("http-header"), by_token, "{}", conditions);
        match spec["authProvider"].as_str() {
            _ if by_token => {}
            Some("jwt") => assert_validated(&spec["jwt"], &after[0])?,
            Some("oidc") => {
                prop_assert_eq!(annotation("auth-type"), Some("oidc".to_owned()));
                let written = annotation("auth-idp-oidc").unwrap_or_default();
                let written: Value = serde_json::from_str(&written).unwrap();
                prop_assert_eq!(&written, &spec["oidc"]);
            }
            Some("cognito") => prop_assert_eq!(annotation("auth-type"), Some("cognito".to_owned())),
            other => prop_assert!(false, "{other:?} passes without tokens"),
        }
        prop_assert!(!annotation("listen-ports").unwrap_or_default().contains("HTTP\""));

        let again = resource_list(Some(&config), &after).to_string();
        let second = fn_on_stdin("serving-endpoint", None, &again, &[]);
        prop_assert_eq!(second.code, 0, "{}", second.stderr);
        prop_assert_eq!(objects(&second.stdout), after);
    }
}

/// The property says something: enough configurations pass, with each provider.
#[test]
fn every_provider_is_set() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut passed = std::collections::BTreeMap::<String, u32>::new();
    for _ in 0..300 {
        let config = endpoint().new_tree(&mut runner).unwrap().current();
        let list = resource_list(Some(&config), &package()).to_string();
        if fn_on_stdin("serving-endpoint", None, &list, &[]).code == 0 {
            let by_token = config["spec"]["ingress"]["tokens"].is_array();
            let provider = config["spec"]["authProvider"].as_str().unwrap_or_default();
            let by = if by_token { "tokens" } else { provider };
            *passed.entry(by.to_owned()).or_default() += 1;
        }
    }
    for by in ["tokens", "cognito", "jwt", "oidc"] {
        assert!(passed.get(by).is_some_and(|count| *count >= 5), "{by}: {passed:?}");
    }
}
