//! `set-ingress-params` over parameters and Ingresses that nobody thought of: it never panics, shows
//! no token, and either refuses or sets an Ingress in which every backend requires the token.

mod inputs;

use crate::cases::command::fn_on_stdin;
use crate::cases::resource_list;
use inputs::{ARNS, Form, in_form, ingress, params, text};
pub(crate) use inputs::{entry, jwt, provider, text_like, token_of};
use krm_package::Package;
use proptest::prelude::*;
use serde_json::{Value, json};

/// What the annotations of the load balancer itself say, where parameters are given.
fn assert_set(params: &Value, ingress: &Value) -> Result<(), TestCaseError> {
    let annotation = |suffix: &str| {
        ingress["metadata"]["annotations"][format!("alb.ingress.kubernetes.io/{suffix}")]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    for (pointer, suffix) in [
        ("/group/name", "group.name"),
        ("/group/order", "group.order"),
        ("/sslRedirect", "ssl-redirect"),
        ("/wafAclArn", "wafv2-acl-arn"),
        ("/sslPolicy", "ssl-policy"),
    ] {
        if let Some(value) = params.pointer(pointer).filter(|value| !value.is_null()) {
            prop_assert_eq!(text(value), annotation(suffix), "{}", suffix);
        }
    }
    for (field, suffix) in [
        ("inboundCidrs", "inbound-cidrs"),
        ("securityGroups", "security-groups"),
        ("subnets", "subnets"),
    ] {
        if let Some(list) = params[field].as_array() {
            let texts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            prop_assert_eq!(texts.join(","), annotation(suffix), "{}", suffix);
        }
    }
    for (field, suffix) in
        [("loadBalancerAttributes", "load-balancer-attributes"), ("tags", "tags")]
    {
        for (name, value) in params[field].as_object().into_iter().flatten() {
            let pair = format!("{name}={}", value.as_str().unwrap_or_default());
            let text = annotation(suffix);
            prop_assert!(text.split(',').any(|known| known == pair), "{pair} in {text}");
        }
    }
    Ok(())
}

/// The overlay that an Ingress with `jwt-validation` has.
fn annotation_of_overlay(ingress: &Value) -> Option<&'static str> {
    let key = "alb.ingress.kubernetes.io/jwt-validation";
    ingress["metadata"]["annotations"][key].is_string().then_some("jwt")
}

/// The load balancer validates tokens of the issuer, and requires each list that the parameters have and
/// something that tells clients apart: not every token of the issuer is let in.
pub(crate) fn assert_validated(jwt: &Value, ingress: &Value) -> Result<(), TestCaseError> {
    let key = "alb.ingress.kubernetes.io/jwt-validation";
    let text = ingress["metadata"]["annotations"][key].as_str().unwrap_or_default();
    let written: Value = serde_json::from_str(text).unwrap();
    let issuer = written["issuer"].as_str().unwrap_or_default();
    match jwt["userPoolArn"].as_str() {
        Some(arn) => prop_assert!(arn.ends_with(issuer.rsplit('/').next().unwrap()), "{text}"),
        None => prop_assert_eq!(&written["issuer"], &jwt["issuer"]),
    }
    let keys = written["jwksEndpoint"].as_str().unwrap_or_default();
    prop_assert!(keys.starts_with("https://"), "{text}");
    let claims = written["additionalClaims"].as_array().cloned().unwrap_or_default();
    prop_assert!(claims.len() <= 10, "{text}");
    let mut telling = 0;
    for (field, claim) in [
        ("clientIds", "client_id"),
        ("audiences", "aud"),
        ("authorizedParties", "azp"),
        ("scopes", "scope"),
    ] {
        let given = jwt[field].as_array().filter(|list| !list.is_empty());
        let own = claims.iter().find(|one| one["name"] == claim);
        prop_assert_eq!(own.map(|one| one["values"].as_array().unwrap()), given, "{}", field);
        telling += usize::from(given.is_some());
    }
    prop_assert!(telling > 0, "every token of the issuer is let in: {text}");
    Ok(())
}

pub(crate) fn objects(list: &str) -> Vec<Value> {
    let package = Package::resource_list(list).unwrap();
    package.items().map(|(_, node)| node.value().unwrap()).collect()
}

pub(crate) fn results(list: &str) -> String {
    let package = Package::resource_list(list).unwrap();
    package
        .list_field("results")
        .map(|results| results.value().unwrap().to_string())
        .unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn refused_or_set(
        params in params(),
        ingress in ingress(),
        form in proptest::sample::select(vec![Form::Typed, Form::ConfigMap, Form::FromConfigMap, Form::FromSecret]),
    ) {
        let (config, object) = in_form(&params, form);
        let items: Vec<Value> = std::iter::once(ingress.clone()).chain(object.clone()).collect();
        let list = resource_list(Some(&config), &items).to_string();
        let answer = fn_on_stdin("set-ingress-params", None, &list, &[]);

        // JSON may have raw control characters, and YAML may not.
        if answer.stderr.contains("(bad-input)") {
            prop_assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
            return Ok(());
        }

        // No token is told.
        let told = format!("{}\n{}", answer.stderr, results(&answer.stdout));
        for token in params["httpHeaderValues"].as_array().into_iter().flatten().map(token_of) {
            let token = token.as_str().map_or_else(|| token.to_string(), str::to_owned);
            let quoted = Value::from(token.as_str()).to_string();
            prop_assert!(!told.contains(token.trim()), "{token:?} in {told}");
            prop_assert!(!told.contains(quoted.trim_matches('"')), "{token:?} in {told}");
        }

        if answer.code != 0 {
            prop_assert_eq!(answer.code, 1);
            prop_assert!(answer.stderr.contains("[error]"));
            prop_assert_eq!(objects(&answer.stdout), items);
            return Ok(());
        }

        // Every backend asks for the token.
        let after = objects(&answer.stdout);
        let overlay = params["overlay"].as_str();
        let asks = overlay == Some("api") || (overlay.is_none() && params.get("httpHeaderValues").is_some_and(|v| !v.is_null()) && params.get("cognito").is_none() && params.get("oidc").is_none() && params.get("jwt").is_none());
        if asks {
            let values = params["httpHeaderValues"].as_array().unwrap();
            let values = Value::Array(values.iter().map(token_of).cloned().collect());
            let warned = told.matches("(token-previous)").count();
            let previous = params["httpHeaderValues"].as_array().unwrap().iter().filter(|one| one.is_object());
            prop_assert_eq!(warned, previous.count());
            let rules = after[0]["spec"]["rules"].as_array().cloned().unwrap_or_default();
            prop_assert!(!rules.is_empty());
            for path in rules.iter().flat_map(|rule| rule["http"]["paths"].as_array().unwrap()) {
                let name = path["backend"]["service"]["name"].as_str().unwrap();
                let key = format!("alb.ingress.kubernetes.io/conditions.{name}");
                let text = after[0]["metadata"]["annotations"][&key].as_str().unwrap_or_default();
                let conditions: Vec<Value> = serde_json::from_str(text).unwrap();
                let ours = conditions.last().unwrap();
                prop_assert_eq!(&ours["field"], "http-header");
                prop_assert_eq!(&ours["httpHeaderConfig"]["values"], &values);
            }
        }
        assert_set(&params, &after[0])?;
        let overlay_is = |word: &str| annotation_of_overlay(&after[0]) == Some(word);
        if overlay == Some("jwt") {
            prop_assert!(overlay_is("jwt"));
        }
        if overlay_is("jwt") {
            assert_validated(&params["jwt"], &after[0])?;
        }
        let names_provider = params["oidc"].is_object();
        if overlay == Some("oidc") || (overlay.is_none() && names_provider && params["cognito"].is_null() && params["jwt"].is_null()) {
            let annotation = |suffix: &str| {
                let key = format!("alb.ingress.kubernetes.io/{suffix}");
                after[0]["metadata"]["annotations"][key].as_str().unwrap_or_default().to_owned()
            };
            prop_assert_eq!(annotation("auth-type"), "oidc");
            let written: Value = serde_json::from_str(&annotation("auth-idp-oidc")).unwrap();
            prop_assert_eq!(&written, &params["oidc"]);
        }
        if let Some(hosts) = params["hosts"].as_array() {
            for rule in after[0]["spec"]["rules"].as_array().unwrap() {
                prop_assert!(hosts.contains(&rule["host"]), "{rule}");
            }
        }

        // The next run, which gets the objects alone, changes nothing.
        let again = resource_list(Some(&config), &after).to_string();
        let second = fn_on_stdin("set-ingress-params", None, &again, &[]);
        prop_assert_eq!(second.code, 0, "{}", second.stderr);
        prop_assert_eq!(objects(&second.stdout), after);
    }

    /// Any text at all as a value, in the one place where it is read as JSON.
    #[test]
    fn any_text_as_header_values(text in "\\PC{0,60}") {
        let config = json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": { "name": "x" },
            "data": { "overlay": "api", "certArn": ARNS[0], "httpHeaderValues": text },
        });
        let list = resource_list(Some(&config), &[]).to_string();
        let answer = fn_on_stdin("set-ingress-params", None, &list, &[]);
        prop_assert_eq!(answer.code, 1);
        if text.trim().len() > 8 {
            prop_assert!(!answer.stderr.contains(text.trim()), "{}", answer.stderr);
        }
    }
}
