//! The rules of a listener: their order, conditions and actions.
//!
//! Source: `pkg/ingress/model_build_listener_rules.go` and `model_build_actions.go`, v3.5.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::actions::TransformConfig;
use super::annotations::Annotations;
use super::auth::{AuthConfig, AuthType};
use super::backend::{self, Backend, USE_ANNOTATION};
use super::builder::Builder;
use super::conditions::RuleCondition;
use super::error::{BuildError, BuildErrorKind};
use super::model::{
    Action, Condition, Origin, Patterns, Protocol, Rule, Session, Target, TargetGroup, Transform,
};
use super::objects::{BackendRef, HttpPath, Ingress, IngressRule};
use super::optimize;
use super::target_group;

/// Every rule repeats the conditions of its backend: a bound on what that takes, far beyond AWS's.
const MOST_CONDITION_BYTES: usize = 64 * 1024 * 1024;

/// The backends that were built already, by member, name and port: their annotations are read
/// once, not once for every path.
type Backends = BTreeMap<(usize, String, String, i32), Known>;

struct Known {
    backend: Backend,
    routed: Option<(Vec<Action>, Vec<Transform>)>,
}

/// The rules of one listener.
///
/// # Errors
/// The controller's reason, with the Ingress that is to blame.
pub(crate) fn rules(
    builder: &Builder<'_>,
    port: i32,
    protocol: Protocol,
    members: &[usize],
) -> Result<Vec<Rule>, BuildError> {
    let mut rules = Vec::new();
    let mut backends = Backends::new();
    let mut size = 0_usize;
    for &member in members {
        let ingress = builder.members[member].ingress;
        for (rule_index, rule) in ingress.spec.rules.iter().enumerate() {
            let Some(http) = &rule.http else { continue };
            for path_index in sorted_paths(&http.paths)? {
                let path = &http.paths[path_index];
                let origin = origin(member, Some((rule_index, path_index)), &path.backend);
                let built = rule_of(builder, protocol, rule, path, origin, &mut backends)
                    .map_err(|error| error.of_ingress(&ingress.key()))?;
                size += built.conditions.iter().map(Condition::size).sum::<usize>();
                if size > MOST_CONDITION_BYTES {
                    return Err(BuildError::new(
                        "the conditions of one listener take more than 64 MiB here; AWS takes 100 \
                         rules with five values each",
                    ));
                }
                rules.push(built);
            }
        }
    }
    let mut rules = optimize::optimize(port, protocol, rules);
    for (index, rule) in rules.iter_mut().enumerate() {
        rule.priority = index + 1;
    }
    Ok(rules)
}

fn rule_of(
    builder: &Builder<'_>,
    protocol: Protocol,
    rule: &IngressRule,
    path: &HttpPath,
    origin: Origin,
    backends: &mut Backends,
) -> Result<Rule, BuildError> {
    let member = origin.member;
    let ingress = builder.members[member].ingress;
    let port = path.backend.service.as_ref().map(|service| &service.port);
    let key = (
        member,
        origin.backend.clone(),
        port.map(|port| port.name.clone()).unwrap_or_default(),
        port.map(|port| port.number).unwrap_or_default(),
    );
    let known = match backends.entry(key) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(place) => {
            let backend = backend::build(ingress, &path.backend, builder.objects, builder.options)?;
            place.insert(Known { backend, routed: None })
        }
    };
    let conditions = conditions(ingress, rule, path, &known.backend.conditions)?;
    let (actions, transforms) = match &known.routed {
        Some(routed) => routed.clone(),
        None => {
            let actions = actions(builder, protocol, member, &known.backend)?;
            let transforms = transforms(&known.backend.transforms)?;
            known.routed.insert((actions, transforms)).clone()
        }
    };
    builder.tags_of(member)?;
    Ok(Rule { priority: 0, conditions, actions, transforms, origin })
}

/// Where a backend is.
pub(crate) fn origin(member: usize, path: Option<(usize, usize)>, backend: &BackendRef) -> Origin {
    let service = backend.service.as_ref();
    Origin {
        member,
        path,
        backend: service.map(|service| service.name.clone()).unwrap_or_default(),
        uses_annotation: service.is_some_and(|service| service.port.name == USE_ANNOTATION),
    }
}

/// The order of a rule's paths: exact ones, prefixes by length, then the others as they are.
fn sorted_paths(paths: &[HttpPath]) -> Result<Vec<usize>, BuildError> {
    let mut exact = Vec::new();
    let mut prefix = Vec::new();
    let mut other = Vec::new();
    for (index, path) in paths.iter().enumerate() {
        match path.path_type.as_deref() {
            Some("Exact") => exact.push(index),
            Some("Prefix") => prefix.push(index),
            Some("ImplementationSpecific") | None => other.push(index),
            Some(_) => {
                return Err(BuildError::new(format!("unknown pathType for path {}", path.path)));
            }
        }
    }
    prefix.sort_by_key(|&index| std::cmp::Reverse(paths[index].path.len()));
    exact.extend(prefix);
    exact.extend(other);
    Ok(exact)
}

/// Merges the host and path of a rule with those of its conditions, each into one list of
/// alternatives, after the other conditions in their order.
fn conditions(
    ingress: &Ingress,
    rule: &IngressRule,
    path: &HttpPath,
    given: &[RuleCondition],
) -> Result<Vec<Condition>, BuildError> {
    let mut hosts = Vec::new();
    let mut host_regex = Vec::new();
    let mut paths = Vec::new();
    let mut path_regex = Vec::new();
    if !rule.host.is_empty() {
        hosts.push(rule.host.clone());
    }
    if !path.path.is_empty() {
        match path_patterns(ingress, path)? {
            Patterns::Values(values) => paths.extend(values),
            Patterns::Regex(values) => path_regex.extend(values),
        }
    }
    let mut conditions = Vec::new();
    for condition in given {
        match condition.field.0.as_str() {
            "host-header" => {
                if let Some(config) = &condition.host_header {
                    hosts.extend(config.values.iter().cloned());
                    host_regex.extend(config.regex_values.iter().cloned());
                }
            }
            "path-pattern" => {
                if let Some(config) = &condition.path_pattern {
                    paths.extend(config.values.iter().cloned());
                    path_regex.extend(config.regex_values.iter().cloned());
                }
            }
            _ => conditions.extend(of_other_field(condition)),
        }
    }
    let both = |what: &str, values: &[String], regex: &[String]| {
        BuildError::new(format!(
            "{what} condition must specify exactly one of Values and RegexValues, got both Values \
             [{}] and RegexValues [{}]",
            values.join(" "),
            regex.join(" ")
        ))
    };
    if !hosts.is_empty() && !host_regex.is_empty() {
        return Err(both("host", &hosts, &host_regex));
    }
    if !paths.is_empty() && !path_regex.is_empty() {
        return Err(both("path", &paths, &path_regex));
    }
    if !hosts.is_empty() {
        conditions.push(Condition::HostHeader(Patterns::Values(hosts)));
    }
    if !host_regex.is_empty() {
        conditions.push(Condition::HostHeader(Patterns::Regex(host_regex)));
    }
    if !paths.is_empty() {
        conditions.push(Condition::PathPattern(Patterns::Values(paths)));
    }
    if !path_regex.is_empty() {
        conditions.push(Condition::PathPattern(Patterns::Regex(path_regex)));
    }
    if conditions.is_empty() {
        conditions.push(Condition::PathPattern(Patterns::Values(vec!["/*".to_owned()])));
    }
    Ok(conditions)
}

fn of_other_field(condition: &RuleCondition) -> Option<Condition> {
    match condition.field.0.as_str() {
        "http-header" => condition.http_header.as_ref().map(|config| Condition::HttpHeader {
            name: config.name.clone(),
            values: config.values.to_vec(),
            regex: config.regex_values.to_vec(),
        }),
        "http-request-method" => {
            condition.method.as_ref().map(|config| Condition::Method(config.values.to_vec()))
        }
        "query-string" => condition.query_string.as_ref().map(|config| {
            let pairs = config.values.iter();
            Condition::QueryString(
                pairs.map(|pair| (pair.key.clone(), pair.value.clone())).collect(),
            )
        }),
        "source-ip" => {
            condition.source_ip.as_ref().map(|config| Condition::SourceIp(config.values.to_vec()))
        }
        _ => None,
    }
}

fn path_patterns(ingress: &Ingress, path: &HttpPath) -> Result<Patterns, BuildError> {
    let text = path.path.as_str();
    let wild = text.contains(['*', '?']);
    match path.path_type.as_deref() {
        None | Some("ImplementationSpecific") => {
            let annotations = Annotations::of(&ingress.metadata.annotations);
            if annotations.boolean("use-regex-path-match")?.unwrap_or_default() {
                let mut letters = text.chars();
                letters.next();
                return Ok(Patterns::Regex(vec![letters.as_str().to_owned()]));
            }
            Ok(Patterns::Values(vec![text.to_owned()]))
        }
        Some("Exact") if wild => {
            Err(BuildError::new(format!("exact path shouldn't contain wildcards: {text}")))
        }
        Some("Exact") => Ok(Patterns::Values(vec![text.to_owned()])),
        Some("Prefix") if text == "/" => Ok(Patterns::Values(vec!["/*".to_owned()])),
        Some("Prefix") if wild => {
            Err(BuildError::new(format!("prefix path shouldn't contain wildcards: {text}")))
        }
        Some("Prefix") => {
            let stem = text.strip_suffix('/').unwrap_or(text);
            Ok(Patterns::Values(vec![stem.to_owned(), format!("{stem}/*")]))
        }
        Some(other) => Err(BuildError::new(format!("unsupported pathType: {other}"))),
    }
}

/// The actions of a backend; a login only on HTTPS.
///
/// # Errors
/// The controller's reason.
pub(crate) fn actions(
    builder: &Builder<'_>,
    protocol: Protocol,
    member: usize,
    backend: &Backend,
) -> Result<Vec<Action>, BuildError> {
    let mut actions = Vec::new();
    if protocol == Protocol::Https {
        let namespace = builder.members[member].ingress.namespace();
        actions.extend(login(builder, namespace, &backend.auth)?);
        if let Some(jwt) = &backend.jwt {
            if !actions.is_empty() {
                return Err(BuildError::new(
                    "authentication and jwt validation can't both be configured",
                )
                .of_kind(BuildErrorKind::LoginAndJwt));
            }
            actions.push(Action::ValidateJwt(jwt.clone()));
        }
    }
    actions.push(routing(builder, member, backend)?);
    Ok(actions)
}

fn login(
    builder: &Builder<'_>,
    namespace: &str,
    auth: &AuthConfig,
) -> Result<Option<Action>, BuildError> {
    let session = Session {
        on_unauthenticated_request: auth.on_unauthenticated_request.clone(),
        scope: auth.scope.clone(),
        cookie: auth.session_cookie.clone(),
        timeout: auth.session_timeout,
    };
    match auth.kind {
        AuthType::None => Ok(None),
        AuthType::Cognito => match &auth.cognito {
            None => Err(BuildError::new("missing IDPConfigCognito")),
            Some(pool) => Ok(Some(Action::AuthenticateCognito { pool: pool.clone(), session })),
        },
        AuthType::Oidc => {
            let Some(provider) = &auth.oidc else {
                return Err(BuildError::new("missing IDPConfigOIDC"));
            };
            builder.require_oidc_secret(namespace, &provider.secret_name)?;
            Ok(Some(Action::AuthenticateOidc { provider: provider.clone(), session }))
        }
    }
}

fn routing(builder: &Builder<'_>, member: usize, backend: &Backend) -> Result<Action, BuildError> {
    let action = &backend.action;
    match action.kind.0.as_str() {
        "fixed-response" => match &action.fixed_response {
            None => Err(BuildError::new("missing FixedResponseConfig")),
            Some(config) => Ok(Action::FixedResponse {
                content_type: config.content_type.clone(),
                message_body: config.message_body.clone(),
                status_code: config.status_code.clone(),
            }),
        },
        "redirect" => match &action.redirect {
            None => Err(BuildError::new("missing RedirectConfig")),
            Some(config) => Ok(Action::Redirect(config.clone())),
        },
        "forward" => {
            let Some(config) = &action.forward else {
                return Err(BuildError::new("missing ForwardConfig"));
            };
            let mut targets = Vec::new();
            for tuple in config.target_groups.iter() {
                let group = if let Some(arn) = &tuple.target_group_arn {
                    TargetGroup::Arn(arn.clone())
                } else if let Some(name) = &tuple.target_group_name {
                    TargetGroup::Name(name.clone())
                } else {
                    target_group::build(
                        builder,
                        member,
                        tuple.service_name.as_deref().unwrap_or_default(),
                        &tuple.service_port.clone().unwrap_or_default(),
                    )?
                };
                targets.push(Target { group, weight: tuple.weight });
            }
            let stickiness =
                config.stickiness.as_ref().map(|sticky| (sticky.enabled, sticky.duration_seconds));
            Ok(Action::Forward { targets, stickiness })
        }
        unknown => Err(BuildError::new("unknown action type: ").quoting(unknown)),
    }
}

fn transforms(given: &[TransformConfig]) -> Result<Vec<Transform>, BuildError> {
    given
        .iter()
        .map(|transform| {
            let rewrites = |config: &Option<super::actions::RewriteConfigs>| {
                config.as_ref().map(|config| config.rewrites.to_vec())
            };
            match transform.kind.0.as_str() {
                "host-header-rewrite" => rewrites(&transform.host_header_rewrite)
                    .map(Transform::HostHeader)
                    .ok_or_else(|| BuildError::new("missing hostHeaderRewriteConfig")),
                "url-rewrite" => rewrites(&transform.url_rewrite)
                    .map(Transform::Url)
                    .ok_or_else(|| BuildError::new("missing urlRewriteConfig")),
                unknown => Err(BuildError::new("unknown transform type: ").quoting(unknown)),
            }
        })
        .collect()
}
