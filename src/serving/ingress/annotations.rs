//! What the controller reads of an Ingress, written from checked settings.

use json_patch::{Patch, PatchOperation};
use serde_json::{Map, Value, json};

use super::balancer_annotations;
use super::diags::{EveryHost, HostAdded, HostNotListed};
use super::params::Overlay;
use super::settings::{Protection, Settings};
use super::written::annotation;
use crate::controllers::alb::actions::ActionConfig;
use crate::controllers::alb::annotations;
use crate::controllers::alb::auth::JwtConfig;
use crate::controllers::alb::backend::USE_ANNOTATION;
use crate::controllers::alb::conditions::{self, RuleCondition};
use crate::controllers::alb::pattern::Pattern;
use crate::finding::Finding;
use crate::go::json;
use krm_package::operation::{add, replace};

/// The class that the controller serves.
pub(crate) const ALB_CLASS: &str = "alb";

/// The operations that set an Ingress, given as its JSON value; empty where all is set. The annotations with these
/// suffixes are left to its class.
#[must_use]
pub(crate) fn edits(ingress: &Value, settings: &Settings, of_class: &[&str]) -> Patch {
    let of_class: Vec<String> = of_class.iter().map(|suffix| annotations::key(suffix)).collect();
    let mut wanted = wanted(ingress, settings);
    wanted.retain(|(key, _)| !of_class.contains(key));
    let mut operations = set_annotations(ingress, &wanted);
    operations.extend(bind_hosts(ingress, settings));
    Patch(operations)
}

/// The annotations, in the order in which they are added.
fn wanted(ingress: &Value, settings: &Settings) -> Vec<(String, String)> {
    let mut wanted = Vec::new();
    let mut want = |name: &str, text: String| wanted.push((annotations::key(name), text));
    if !settings.certificates().is_empty() {
        let arns: Vec<String> = settings.certificates().iter().map(ToString::to_string).collect();
        want("certificate-arn", arns.join(","));
    }
    let redirect = settings.balancer().ssl_redirect;
    let ports = listen_ports(annotation(ingress, "listen-ports"), settings.overlay(), redirect);
    if let Some(ports) = ports {
        want("listen-ports", ports);
    }
    if let Some(scheme) = settings.scheme() {
        want("scheme", scheme.as_str().to_owned());
    }
    balancer_annotations::wanted(ingress, settings.balancer(), &mut want);
    match settings.protection() {
        Protection::Open => {}
        Protection::Token { header, tokens } => {
            let values: Vec<&str> = tokens.iter().map(|token| token.expose()).collect();
            let condition = json!({
                "field": "http-header",
                "httpHeaderConfig": { "httpHeaderName": header.as_str(), "values": values },
            });
            for service in backend_services(ingress) {
                let name = format!("conditions.{service}");
                let mut conditions = other_conditions(annotation(ingress, &name), header.as_str());
                conditions.push(condition.clone());
                want(&name, Value::Array(conditions).to_string());
            }
        }
        Protection::Login { user_pool, client, domain } => {
            want("auth-type", "cognito".to_owned());
            let pool = json!({
                "userPoolARN": user_pool.to_string(),
                "userPoolClientID": client.as_str(),
                "userPoolDomain": domain.as_str(),
            });
            want("auth-idp-cognito", pool.to_string());
        }
        Protection::Oidc(provider) => {
            want("auth-type", "oidc".to_owned());
            let provider = json!({
                "issuer": provider.issuer,
                "authorizationEndpoint": provider.authorization_endpoint,
                "tokenEndpoint": provider.token_endpoint,
                "userInfoEndpoint": provider.user_info_endpoint,
                "secretName": provider.secret_name,
            });
            want("auth-idp-oidc", provider.to_string());
        }
        Protection::Jwt(jwt) => want("jwt-validation", jwt_validation(jwt).to_string()),
    }
    let session = settings.session();
    if let Some(scope) = &session.scope {
        want("auth-scope", scope.to_string());
    }
    if let Some(seconds) = session.timeout {
        want("auth-session-timeout", seconds.to_string());
    }
    if let Some(what) = session.on_unauthenticated {
        want("auth-on-unauthenticated-request", what.as_str().to_owned());
    }
    wanted
}

/// The tokens that are validated, as `jwt-validation` has them.
fn jwt_validation(jwt: &JwtConfig) -> Value {
    let claims = jwt.additional_claims.iter().map(|claim| {
        let values: Vec<&str> = claim.values.iter().map(String::as_str).collect();
        json!({ "format": claim.format.0, "name": claim.name, "values": values })
    });
    json!({
        "jwksEndpoint": jwt.jwks_endpoint,
        "issuer": jwt.issuer,
        "additionalClaims": claims.collect::<Vec<_>>(),
    })
}

/// The ports to write; `None` where those of the Ingress serve the overlay already. A redirect needs an HTTP
/// listener that it starts from.
fn listen_ports(current: Option<&str>, overlay: Overlay, redirect: Option<u16>) -> Option<String> {
    let protocol = if overlay == Overlay::Base { "HTTP" } else { "HTTPS" };
    let current =
        current.and_then(|text| serde_json::from_str::<Vec<Map<String, Value>>>(text).ok());
    let listens = |protocol: &str| current.iter().flatten().any(|port| port.contains_key(protocol));
    let is_served = listens(protocol);
    if is_served && (redirect.is_none() || listens("HTTP")) {
        return None;
    }
    let port = if protocol == "HTTP" { 80 } else { redirect.unwrap_or(443) };
    let mut ports = if redirect.is_some() { vec![json!({ "HTTP": 80 })] } else { Vec::new() };
    match current.filter(|_| is_served) {
        Some(current) => ports.extend(current.into_iter().map(Value::Object)),
        None => ports.push(json!({ protocol: port })),
    }
    Some(Value::Array(ports).to_string())
}

/// The backends of the rules that send requests on, each once, in order.
///
/// The controller binds conditions by this name, literally
/// (`pkg/ingress/enhanced_backend_builder.go`).
#[must_use]
pub(crate) fn backend_services(ingress: &Value) -> Vec<String> {
    let rules = ingress.pointer("/spec/rules").and_then(Value::as_array).into_iter().flatten();
    let paths = rules.filter_map(|rule| rule.pointer("/http/paths")?.as_array()).flatten();
    let mut services = Vec::new();
    for path in paths {
        let name = path.pointer("/backend/service/name").and_then(Value::as_str);
        let port = path.pointer("/backend/service/port/name").and_then(Value::as_str);
        if port == Some(USE_ANNOTATION) && name.is_some_and(|name| !forwards(ingress, name)) {
            continue;
        }
        if let Some(name) = name.filter(|name| !services.iter().any(|known| known == name)) {
            services.push(name.to_owned());
        }
    }
    services
}

/// Whether an action sends requests on: a redirect and a fixed response need no token. One that
/// cannot be read is taken to.
fn forwards(ingress: &Value, name: &str) -> bool {
    let mut action = ActionConfig::default();
    let text = annotation(ingress, &format!("actions.{name}")).unwrap_or_default();
    json::unmarshal(text, &mut action).is_err()
        || !matches!(action.kind.0.as_str(), "redirect" | "fixed-response")
}

/// The conditions beside ours: they restrict who may pass, so they stay. A list that the controller
/// could not read in full protects nothing and is replaced.
fn other_conditions(current: Option<&str>, header: &str) -> Vec<Value> {
    let Some(text) = current else { return Vec::new() };
    // As they are written, with what the controller reads of each.
    let (Ok(written), Ok(conditions)) =
        (serde_json::from_str::<Vec<Value>>(text), conditions::read(text))
    else {
        return Vec::new();
    };
    let is_ours = |condition: &RuleCondition| {
        condition.header().is_some_and(|name| name.eq_ignore_ascii_case(header))
    };
    written
        .into_iter()
        .zip(conditions)
        .filter(|(_, condition)| condition.counts() && !is_ours(condition))
        .map(|(written, _)| written)
        .collect()
}

fn set_annotations(ingress: &Value, wanted: &[(String, String)]) -> Vec<PatchOperation> {
    let current = ingress.pointer("/metadata/annotations").and_then(Value::as_object);
    let missing = wanted.iter().filter(|(name, text)| {
        current.and_then(|all| all.get(name)).and_then(Value::as_str) != Some(text)
    });
    if current.is_none() {
        let all: Map<String, Value> =
            missing.map(|(name, text)| (name.clone(), text.clone().into())).collect();
        return if all.is_empty() {
            Vec::new()
        } else {
            vec![add(&["metadata", "annotations"], all)]
        };
    }
    missing.map(|(name, text)| add(&["metadata", "annotations", name], text.clone())).collect()
}

/// Binds every rule to a host: the controller makes no host condition of a rule without one.
///
/// A rule without host becomes one for each host; a host that no rule has yet gets the paths of the
/// first rule.
fn bind_hosts(ingress: &Value, settings: &Settings) -> Vec<PatchOperation> {
    let hosts: Vec<String> = settings.hosts().iter().map(ToString::to_string).collect();
    let Some(rules) = ingress.pointer("/spec/rules").and_then(Value::as_array) else {
        return Vec::new();
    };
    let Some((first_host, more_hosts)) = hosts.split_first() else {
        return Vec::new();
    };
    let host_of = |rule: &Value| {
        rule.get("host").and_then(Value::as_str).filter(|host| !host.is_empty()).map(str::to_owned)
    };
    let with_host = |rule: &Value, host: &str| {
        let mut bound = Map::from_iter([("host".to_owned(), Value::from(host))]);
        let fields = rule.as_object().into_iter().flatten().filter(|(key, _)| *key != "host");
        bound.extend(fields.map(|(key, value)| (key.clone(), value.clone())));
        add(&["spec", "rules", "-"], bound)
    };
    let mut operations = Vec::new();
    let mut copies = Vec::new();
    for (place, rule) in rules.iter().enumerate().filter(|(_, rule)| host_of(rule).is_none()) {
        let place = place.to_string();
        let path = ["spec", "rules", place.as_str(), "host"];
        operations.push(if rule.get("host").is_some() {
            replace(&path, first_host.as_str())
        } else {
            add(&path, first_host.as_str())
        });
        copies.extend(more_hosts.iter().map(|host| with_host(rule, host)));
    }
    if operations.is_empty() {
        let known: Vec<String> = rules.iter().filter_map(host_of).collect();
        let new = hosts.iter().filter(|host| !known.contains(host));
        copies.extend(
            rules
                .first()
                .into_iter()
                .flat_map(|rule| new.clone().map(|host| with_host(rule, host))),
        );
    }
    operations.extend(copies);
    operations
}

/// What takes requests for a host that the settings do not list: rules, conditions on the host, which
/// the controller adds to that of the rule, and a default backend.
#[must_use]
pub(crate) fn hosts_outside(ingress: &Value, settings: &Settings) -> Vec<Finding> {
    if settings.hosts().is_empty() {
        return Vec::new();
    }
    let mut findings = hosts_of_rules(ingress, settings);
    for service in backend_services(ingress) {
        let name = format!("conditions.{service}");
        if let Some(host) = annotation(ingress, &name).and_then(|text| widened(text, settings)) {
            let field = format!("metadata.annotations[{}]", annotations::key(&name));
            findings.push(Finding::from(HostAdded(host)).field(field));
        }
    }
    let default = ingress.pointer("/spec/defaultBackend/service/name").and_then(Value::as_str);
    // Where a token or a login is required, the proof refuses it anyway.
    let is_open = *settings.protection() == Protection::Open;
    if is_open && default.is_some_and(|name| !is_answered(ingress, name)) {
        findings.push(EveryHost.into());
    }
    findings
}

/// Whether the default backend is an action that sends no request on.
fn is_answered(ingress: &Value, name: &str) -> bool {
    let port = ingress.pointer("/spec/defaultBackend/service/port/name").and_then(Value::as_str);
    port == Some(USE_ANNOTATION) && !forwards(ingress, name)
}

/// A host that conditions add and the settings do not list; an expression may add any.
fn widened(text: &str, settings: &Settings) -> Option<String> {
    let conditions = conditions::read(text).ok()?;
    let hosts = conditions.iter().filter(|condition| condition.field.0 == "host-header");
    hosts.filter_map(|condition| condition.host_header.as_ref()).find_map(|config| {
        if let Some(expression) = config.regex_values.first() {
            return Some(expression.clone());
        }
        let is_listed = |host: &&String| {
            let host = Pattern::without_case(host);
            settings
                .hosts()
                .iter()
                .any(|listed| Pattern::without_case(&listed.to_string()).covers(&host))
        };
        config.values.iter().find(|host| !is_listed(host)).cloned()
    })
}

fn hosts_of_rules(ingress: &Value, settings: &Settings) -> Vec<Finding> {
    let rules = ingress.pointer("/spec/rules").and_then(Value::as_array);
    let hosts = rules.into_iter().flatten().enumerate().filter_map(|(place, rule)| {
        let host = rule.get("host")?.as_str().filter(|host| !host.is_empty())?;
        let is_listed = settings.hosts().iter().any(|listed| listed.to_string() == host);
        (!is_listed).then_some((place, host))
    });
    hosts
        .map(|(place, host)| {
            Finding::from(HostNotListed(host)).field(format!("spec.rules[{place}].host"))
        })
        .collect()
}
