//! Our model in the shape of the controller's answers.

use kserve_aws::controllers::alb::LoadBalancer;
use kserve_aws::controllers::alb::conditions::HeaderValue;
use kserve_aws::controllers::alb::model::{
    Action, Condition, Listener, Model, Patterns, Rule, Session, Target, TargetGroup, Transform,
};
use kserve_aws::controllers::alb::objects::IntOrString;
use kserve_aws::controllers::alb::request::{self, Request};
use serde_json::{Map, Value, json};

/// Our model, and in which order its Ingresses are.
pub(crate) fn of_balancer(balancer: &LoadBalancer<'_>) -> Value {
    let members: Vec<String> = balancer.members.iter().map(|member| member.ingress.key()).collect();
    let mut ours = match &balancer.model {
        Err(error) => json!({ "error": error.controller_words().expose() }),
        Ok(model) => {
            let mut ours = of_model(model);
            if model.name.is_none() {
                ours["loadBalancerName"] = Value::Null;
            }
            ours
        }
    };
    if !members.is_empty() {
        ours["memberOrder"] = json!(members);
    }
    ours
}

/// Theirs, as far as ours says something: names that the controller derives from the cluster's, and the
/// values of secrets, are left out.
pub(crate) fn of_answer(theirs: &Value, ours: &Value) -> Value {
    let mut theirs = theirs.clone();
    if let Some(object) = theirs.as_object_mut() {
        object.remove("stage");
        if ours.get("memberOrder").is_none() {
            object.remove("memberOrder");
        }
    }
    hide_secrets(&mut theirs);
    if ours.get("loadBalancerName").is_some_and(Value::is_null) {
        theirs["loadBalancerName"] = Value::Null;
    }
    theirs
}

fn hide_secrets(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.remove("clientID");
            object.remove("clientSecret");
            object.values_mut().for_each(hide_secrets);
        }
        Value::Array(items) => items.iter_mut().for_each(hide_secrets),
        _ => {}
    }
}

fn of_model(model: &Model) -> Value {
    let attributes: Vec<Value> =
        model.attributes.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
    let listeners: Vec<Value> = model.listeners.iter().map(of_listener).collect();
    let mut value = json!({
        "scheme": model.scheme,
        "ipAddressType": model.ip_address_type,
        "loadBalancerName": model.name,
        "loadBalancerAttributes": attributes,
        "listeners": listeners,
    });
    if !model.tags.is_empty() {
        value["tags"] = json!(model.tags);
    }
    value
}

fn of_listener(listener: &Listener) -> Value {
    let mut value = json!({
        "port": listener.port,
        "protocol": listener.protocol.to_string(),
        "certificates": listener.certificates,
        "defaultActions": listener.default_actions.iter().map(of_action).collect::<Vec<_>>(),
        "rules": listener.rules.iter().map(of_rule).collect::<Vec<_>>(),
    });
    if let Some(policy) = &listener.ssl_policy {
        value["sslPolicy"] = json!(policy);
    }
    value
}

fn of_rule(rule: &Rule) -> Value {
    json!({
        "priority": rule.priority,
        "conditions": rule.conditions.iter().map(of_condition).collect::<Vec<_>>(),
        "actions": rule.actions.iter().map(of_action).collect::<Vec<_>>(),
        "transforms": rule.transforms.iter().map(of_transform).collect::<Vec<_>>(),
    })
}

fn of_patterns(patterns: &Patterns) -> Value {
    match patterns {
        Patterns::Values(values) => json!({ "values": values }),
        Patterns::Regex(values) => json!({ "regexValues": values }),
    }
}

fn exposed(values: &[HeaderValue]) -> Vec<&str> {
    values.iter().map(HeaderValue::expose).collect()
}

fn of_condition(condition: &Condition) -> Value {
    match condition {
        Condition::HttpHeader { name, values, regex } => {
            let mut config = json!({ "httpHeaderName": name });
            if !values.is_empty() {
                config["values"] = json!(exposed(values));
            }
            if !regex.is_empty() {
                config["regexValues"] = json!(exposed(regex));
            }
            json!({ "field": "http-header", "httpHeaderConfig": config })
        }
        Condition::HostHeader(patterns) => {
            json!({ "field": "host-header", "hostHeaderConfig": of_patterns(patterns) })
        }
        Condition::PathPattern(patterns) => {
            json!({ "field": "path-pattern", "pathPatternConfig": of_patterns(patterns) })
        }
        Condition::Method(values) => json!({
            "field": "http-request-method",
            "httpRequestMethodConfig": { "values": values },
        }),
        Condition::QueryString(pairs) => {
            let values: Vec<Value> = pairs
                .iter()
                .map(|(key, value)| {
                    let mut pair = json!({ "value": value.expose() });
                    if let Some(key) = key {
                        pair["key"] = json!(key);
                    }
                    pair
                })
                .collect();
            json!({ "field": "query-string", "queryStringConfig": { "values": values } })
        }
        Condition::SourceIp(values) => {
            json!({ "field": "source-ip", "sourceIPConfig": { "values": values } })
        }
    }
}

fn given(pairs: &[(&str, &Option<String>)]) -> Map<String, Value> {
    pairs
        .iter()
        .filter_map(|(key, value)| Some(((*key).to_owned(), json!(value.as_ref()?))))
        .collect()
}

fn with_session(mut config: Value, session: &Session) -> Value {
    config["onUnauthenticatedRequest"] = json!(session.on_unauthenticated_request);
    config["scope"] = json!(session.scope);
    config["sessionCookieName"] = json!(session.cookie);
    config["sessionTimeout"] = json!(session.timeout);
    config
}

fn of_action(action: &Action) -> Value {
    match action {
        Action::Forward { targets, stickiness } => {
            let backends = if targets.is_empty() {
                Value::Null
            } else {
                targets.iter().map(of_target).collect()
            };
            let mut config = json!({ "backends": backends });
            if let Some((enabled, seconds)) = stickiness {
                let mut sticky = Map::new();
                if let Some(enabled) = enabled {
                    sticky.insert("enabled".to_owned(), json!(enabled));
                }
                if let Some(seconds) = seconds {
                    sticky.insert("durationSeconds".to_owned(), json!(seconds));
                }
                config["targetGroupStickinessConfig"] = Value::Object(sticky);
            }
            json!({ "type": "forward", "forwardConfig": config })
        }
        Action::FixedResponse { content_type, message_body, status_code } => {
            let mut config = given(&[("contentType", content_type), ("messageBody", message_body)]);
            config.insert("statusCode".to_owned(), json!(status_code));
            json!({ "type": "fixed-response", "fixedResponseConfig": config })
        }
        Action::Redirect(redirect) => {
            let mut config = given(&[
                ("host", &redirect.host),
                ("path", &redirect.path),
                ("port", &redirect.port),
                ("protocol", &redirect.protocol),
                ("query", &redirect.query),
            ]);
            config.insert("statusCode".to_owned(), json!(redirect.status_code));
            json!({ "type": "redirect", "redirectConfig": config })
        }
        Action::AuthenticateCognito { pool, session } => {
            let mut config = json!({
                "userPoolARN": pool.user_pool_arn,
                "userPoolClientID": pool.user_pool_client_id,
                "userPoolDomain": pool.user_pool_domain,
            });
            if !pool.extra_params.is_empty() {
                config["authenticationRequestExtraParams"] = json!(pool.extra_params);
            }
            json!({
                "type": "authenticate-cognito",
                "authenticateCognitoConfig": with_session(config, session),
            })
        }
        Action::AuthenticateOidc { provider, session } => {
            let mut config = json!({
                "issuer": provider.issuer,
                "authorizationEndpoint": provider.authorization_endpoint,
                "tokenEndpoint": provider.token_endpoint,
                "userInfoEndpoint": provider.user_info_endpoint,
            });
            if !provider.extra_params.is_empty() {
                config["authenticationRequestExtraParams"] = json!(provider.extra_params);
            }
            json!({
                "type": "authenticate-oidc",
                "authenticateOIDCConfig": with_session(config, session),
            })
        }
        Action::ValidateJwt(config) => {
            let mut value =
                json!({ "jwksEndpoint": config.jwks_endpoint, "issuer": config.issuer });
            if !config.additional_claims.is_empty() {
                value["additionalClaims"] = config
                    .additional_claims
                    .iter()
                    .map(|claim| {
                        json!({
                            "format": claim.format.0,
                            "name": claim.name,
                            "values": claim.values.to_vec(),
                        })
                    })
                    .collect();
            }
            json!({ "type": "jwt-validation", "jwtValidationConfig": value })
        }
    }
}

fn of_target(target: &Target) -> Value {
    let mut value = match &target.group {
        TargetGroup::Arn(arn) => json!({ "targetGroupARN": arn }),
        TargetGroup::Name(name) => json!({ "targetGroupName": name }),
        TargetGroup::Service {
            namespace,
            name,
            port,
            target_type,
            protocol,
            health_check_path,
            ..
        } => json!({
            "namespace": namespace,
            "service": name,
            "port": match port {
                IntOrString::Int(number) => json!(number),
                IntOrString::Text(name) => json!(name),
            },
            "targetType": target_type,
            "protocol": protocol,
            "healthCheckPath": health_check_path,
        }),
    };
    if let Some(weight) = target.weight {
        value["weight"] = json!(weight);
    }
    value
}

fn of_transform(transform: &Transform) -> Value {
    let (kind, config, rewrites) = match transform {
        Transform::HostHeader(rewrites) => {
            ("host-header-rewrite", "hostHeaderRewriteConfig", rewrites)
        }
        Transform::Url(rewrites) => ("url-rewrite", "urlRewriteConfig", rewrites),
    };
    let rewrites: Vec<Value> = rewrites
        .iter()
        .map(|rewrite| json!({ "regex": rewrite.regex, "replace": rewrite.replace }))
        .collect();
    json!({ "type": kind, config: { "rewrites": rewrites } })
}

/// What each listener does with the probe's three requests.
pub(crate) fn probe(model: &Model) -> Value {
    let mut answers = Map::new();
    for listener in &model.listeners {
        let mut of_listener = Map::new();
        for (name, token) in
            [("no header", None), ("token1", Some("token1")), ("wrong", Some("wrong"))]
        {
            let request = Request {
                host: "m.staging.example.com".to_owned(),
                path: "/v1/models/m:predict".to_owned(),
                method: "POST".to_owned(),
                headers: token
                    .map(|token| ("x-api-key".to_owned(), token.to_owned()))
                    .into_iter()
                    .collect(),
                query: Vec::new(),
                source: "203.0.113.9".parse().ok(),
            };
            let (rule, actions) = request::take(listener, &request);
            let said = actions.iter().map(say).collect::<Vec<_>>().join(" then ");
            let said = if rule.is_none() { format!("default: {said}") } else { said };
            of_listener.insert(name.to_owned(), Value::String(said));
        }
        answers.insert(listener.to_string(), Value::Object(of_listener));
    }
    Value::Object(answers)
}

fn say(action: &Action) -> String {
    match action {
        Action::Forward { targets, .. } => {
            let targets: Vec<String> = targets
                .iter()
                .map(|target| match &target.group {
                    TargetGroup::Arn(name) | TargetGroup::Name(name) => name.clone(),
                    TargetGroup::Service { namespace, name, port, .. } => {
                        format!("{namespace}/{name}:{port}")
                    }
                })
                .collect();
            format!("forward {}", targets.join("+"))
        }
        Action::FixedResponse { status_code, .. } => format!("fixed {status_code}"),
        Action::Redirect(redirect) => {
            let text = |given: &Option<String>| given.clone().unwrap_or_else(|| "None".to_owned());
            format!("redirect {}:{}", text(&redirect.protocol), text(&redirect.port))
        }
        Action::AuthenticateCognito { session, .. } => {
            format!("auth-cognito({})", session.on_unauthenticated_request)
        }
        Action::AuthenticateOidc { .. } => "auth-oidc".to_owned(),
        Action::ValidateJwt(_) => "jwt-validation".to_owned(),
    }
}
