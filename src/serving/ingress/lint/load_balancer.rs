//! What is wrong with a load balancer as a whole.

use std::collections::BTreeSet;

use super::regions;
use super::tokens::{self, Weakness};
use crate::controllers::alb::annotations::Annotations;
use crate::controllers::alb::conditions::HeaderValue;
use crate::controllers::alb::listen_ports::listen_ports;
use crate::controllers::alb::model::{Condition, Listener, Model, Protocol, Rule};
use crate::controllers::alb::objects::{Ingress, Objects};
use crate::controllers::alb::regex;
use crate::controllers::alb::{BuildError, LoadBalancer};
use crate::finding::Finding;
use crate::serving::ingress::diags::{self, TokenWeakness};
use crate::serving::ingress::proof::ParamsRequirement;
use crate::serving::ingress::proof::requirements;
use crate::serving::ingress::proof::{can_be_token, guard};

/// The findings of one load balancer. `refused` are the Ingresses that are refused before the
/// controller sees them: that they stop the build is not said again. Tokens that parameters
/// `asked` for were checked where they were given.
pub(crate) fn load_balancer(
    balancer: &LoadBalancer<'_>,
    objects: &Objects,
    refused: &BTreeSet<String>,
    by_params: &[ParamsRequirement],
) -> Vec<Finding> {
    let members: Vec<&Ingress> = balancer.members.iter().map(|member| member.ingress).collect();
    let mut findings = regions::differ(&balancer.members, objects);
    findings.extend(backend_rules(&members));
    match &balancer.model {
        Err(error) => {
            let known = error.ingress().is_some_and(|key| refused.contains(key));
            if !known {
                findings.push(not_built(balancer, &members, error));
            }
        }
        Ok(model) => of_model(model, &members, by_params, &mut findings),
    }
    findings
}

/// Security groups on one member are those of the whole group, and so is the setting of any member
/// (`pkg/ingress/model_build_load_balancer.go`, `buildLoadBalancerSecurityGroups`, `model_builder.go`,
/// `buildManageSecurityGroupRulesFlag`, and `model_build_target_group.go`, `buildTargetGroupBindingNetworking`: without
/// a group of the controller's a target group binding opens nothing; v3.5).
fn backend_rules(members: &[&Ingress]) -> Option<Finding> {
    let list = |ingress: &Ingress, suffix: &str| {
        Annotations::of(&ingress.metadata.annotations).list(suffix).unwrap_or_default()
    };
    let is_decided = members
        .iter()
        .any(|ingress| !list(ingress, "manage-backend-security-group-rules").is_empty());
    let ingress = *members.iter().find(|ingress| !list(ingress, "security-groups").is_empty())?;
    (!is_decided).then(|| diags::BackendRulesMissing { ingress }.into())
}

fn not_built(balancer: &LoadBalancer<'_>, members: &[&Ingress], error: &BuildError) -> Finding {
    let blamed = error
        .ingress()
        .and_then(|key| members.iter().find(|ingress| ingress.key() == key))
        .or(members.first());
    let group = (members.len() > 1).then_some(&balancer.id);
    diags::NotBuilt { group, ingress: blamed.copied(), error }.into()
}

fn of_model(
    model: &Model,
    members: &[&Ingress],
    by_params: &[ParamsRequirement],
    findings: &mut Vec<Finding>,
) {
    ports(model, members, findings);
    let mut seen: BTreeSet<(usize, String)> = BTreeSet::new();
    for listener in &model.listeners {
        for rule in &listener.rules {
            // A rule is on every listener of its Ingress: once is enough.
            if seen.insert((rule.origin.member, rule.origin.field())) {
                let ingress = members[rule.origin.member];
                count(rule, ingress, findings);
                headers(rule, ingress, model, by_params, findings);
            }
        }
    }
    for (index, ingress) in members.iter().enumerate() {
        of_member(model, index, ingress, findings);
    }
}

fn ports(model: &Model, members: &[&Ingress], findings: &mut Vec<Finding>) {
    for (index, ingress) in members.iter().enumerate() {
        let has_any = model.listeners.iter().any(|listener| listener.members.contains(&index));
        if !has_any {
            findings.push(diags::NoListener { ingress }.into());
        }
    }
    for listener in &model.listeners {
        let Some(&first) = listener.members.first() else { continue };
        let ingress = members[first];
        if listener.random {
            let annotations =
                |index: &usize| Annotations::of(&members[*index].metadata.annotations);
            let blamed = listener.members.iter().find(|index| {
                listen_ports(annotations(index), true)
                    .is_ok_and(|ports| ports.random.contains(&listener.port))
            });
            let ingress = blamed.map_or(ingress, |&index| members[index]);
            let port = listener.port;
            findings.push(diags::RandomListener { ingress, port, is_random: true }.into());
        }
        if listener.protocol == Protocol::Https && listener.certificates.is_empty() {
            findings.push(if listener.certificates_to_discover {
                diags::CertificateDiscovered { ingress, listener }.into()
            } else {
                diags::CertificateMissing { ingress, listener }.into()
            });
        }
    }
}

fn count(rule: &Rule, ingress: &Ingress, findings: &mut Vec<Finding>) {
    let values: usize = rule.conditions.iter().map(Condition::len).sum();
    if values > 5 {
        let field = rule.origin.field();
        findings.push(diags::TooManyConditionValues { ingress, field, values }.into());
    }
}

fn headers(
    rule: &Rule,
    ingress: &Ingress,
    model: &Model,
    by_params: &[ParamsRequirement],
    findings: &mut Vec<Finding>,
) {
    let requires_token = |name: &str, by_params: &ParamsRequirement| {
        let header = by_params.token_header.as_deref();
        by_params.ingress == ingress.key()
            && header.is_some_and(|own| own.eq_ignore_ascii_case(name))
    };
    let backend = rule.origin.backend.as_str();
    let mut has_token = false;
    for condition in &rule.conditions {
        let Condition::HttpHeader { name: header, values, regex } = condition else { continue };
        let is_required = by_params.iter().any(|by_params| requires_token(header, by_params));
        // A condition on any other header routes.
        let is_token = is_required || can_be_token(header, values.iter().chain(regex));
        has_token |= is_token && guard::binds(values, regex);
        findings.extend(header_name(header, backend, ingress, model));
        if let Some(why) = values.iter().chain(regex).find_map(tokens::refused_value) {
            findings.push(diags::ConditionValue { ingress, backend, header, why }.into());
        }
        if regex.iter().any(|value| regex::is_never_closed(value.expose())) {
            findings.push(diags::BrokenExpression { ingress, backend, header }.into());
        }
        if is_token && !is_required {
            findings.extend(weak(header, values, backend, ingress));
        }
    }
    if has_token && guard::requires_login(&rule.actions) {
        findings.push(diags::LoginAndToken { ingress, backend }.into());
    }
    let any_host =
        !rule.conditions.iter().any(|condition| matches!(condition, Condition::HostHeader(_)));
    if has_token && any_host && guard::forwards(&rule.actions) {
        let rule = rule.origin.path.map(|(index, _)| index);
        findings.push(diags::HostlessRule { ingress, rule }.into());
    }
}

fn header_name(name: &str, backend: &str, ingress: &Ingress, model: &Model) -> Option<Finding> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let refused = if name.is_empty() {
        Some("is empty")
    } else if name.len() > 40 {
        Some("is longer than 40 characters")
    } else if name.eq_ignore_ascii_case("host") {
        Some("Host requires a host-header condition")
    } else if !name.bytes().all(is_token) {
        Some("has a character that is not valid in a header name")
    } else {
        None
    };
    if let Some(why) = refused {
        return Some(diags::HeaderNameRefused { ingress, backend, name, why }.into());
    }
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return None;
    }
    let drops = model.attributes.get(diags::DROP_INVALID).is_some_and(|value| value == "true");
    Some(if drops {
        diags::HeaderDropped { ingress, backend, name }.into()
    } else {
        diags::HeaderDroppable { ingress, backend, name }.into()
    })
}

fn weak<'a>(
    header: &'a str,
    values: &[HeaderValue],
    backend: &'a str,
    ingress: &'a Ingress,
) -> impl Iterator<Item = Finding> {
    let Weakness { placeholders, short, same_but_for_case, wildcards } = tokens::weakness(values);
    let counted = [
        (TokenWeakness::Placeholder, placeholders),
        (TokenWeakness::Short, short),
        (TokenWeakness::SameButForCase, same_but_for_case),
        (TokenWeakness::Wildcard, wildcards),
    ];
    counted.into_iter().filter(|(_, count)| *count > 0).map(move |(weakness, count)| {
        diags::WeakTokens { ingress, backend, header, weakness, count }.into()
    })
}

fn of_member(model: &Model, index: usize, ingress: &Ingress, findings: &mut Vec<Finding>) {
    let listeners: Vec<&Listener> =
        model.listeners.iter().filter(|listener| listener.members.contains(&index)).collect();
    let has_https = listeners.iter().any(|listener| listener.protocol == Protocol::Https);
    if listeners.is_empty() {
        return;
    }
    let annotations = Annotations::of(&ingress.metadata.annotations);
    if !has_https {
        if annotations.list("certificate-arn").is_some_and(|arns| !arns.is_empty()) {
            findings.push(diags::CertificateUnused { ingress }.into());
        } else if !ingress.spec.tls.is_empty() {
            findings.push(diags::TlsUnused { ingress }.into());
        }
    }
    let of_member = |listener: &&&Listener| {
        listener.rules.iter().any(|rule| rule.origin.member == index)
            || listener.default_origin.as_ref().is_some_and(|origin| origin.member == index)
    };
    if listeners.iter().any(|listener| of_member(&listener)) {
        return;
    }
    let has_paths = requirements::rule_backends(ingress).next().is_some();
    findings.push(if has_paths && !has_https {
        diags::RulesRemoved { ingress }.into()
    } else {
        diags::NoRules { ingress }.into()
    });
}
