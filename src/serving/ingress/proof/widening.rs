//! Conditions that mean to restrict a rule and don't.

use super::context::LoadBalancerContext;
use super::guard;
use crate::controllers::alb::model::{Condition, Rule};
use crate::controllers::alb::pattern::Pattern;
use crate::finding::Finding;
use crate::serving::ingress::diags::{IdleCondition, RestrictsNothing};

/// Conditions that mean to restrict and restrict nothing, where no credential is required.
pub(crate) fn that_restrict_nothing(context: &LoadBalancerContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for listener in &context.model.listeners {
        for rule in listener.rules.iter().filter(|rule| guard::forwards(&rule.actions)) {
            let Some(condition) = restricts_nothing(context, rule) else { continue };
            let ingress = context.members[rule.origin.member].reference();
            let backend = &rule.origin.backend;
            findings.push(RestrictsNothing { ingress, backend, condition }.into());
        }
    }
    findings
}

fn restricts_nothing(context: &LoadBalancerContext<'_>, rule: &Rule) -> Option<IdleCondition> {
    let conditions = context.bound_conditions(&rule.origin)?;
    let elements = conditions.elements.as_ref()?;
    let spec = &context.members[rule.origin.member].spec;
    let (rule_index, path_index) = rule.origin.path?;
    let own_host = spec.rules[rule_index].host.as_str();
    let narrows = rule.conditions.iter().any(|condition| match condition {
        Condition::HttpHeader { .. } | Condition::Method(_) | Condition::QueryString(_) => true,
        Condition::SourceIp(ranges) => !ranges.iter().any(|range| range == "0.0.0.0/0"),
        _ => false,
    });
    if narrows {
        return None;
    }
    for element in elements {
        match element.condition.field.0.as_str() {
            "source-ip" => {
                return Some(IdleCondition::EveryAddress);
            }
            "host-header" => {
                let wild = element.condition.host_header.as_ref().is_some_and(|config| {
                    config.values.iter().any(|value| Pattern::without_case(value).is_wild())
                });
                if wild {
                    return Some(if own_host.is_empty() {
                        IdleCondition::EveryHost
                    } else {
                        IdleCondition::MoreHosts
                    });
                }
            }
            "path-pattern" => {
                let own = spec.rules[rule_index].http.as_ref()?.paths.get(path_index)?;
                let all = matches!(own.path.as_str(), "/*" | "*")
                    || (own.path == "/" && own.path_type.as_deref() == Some("Prefix"));
                let narrower = element
                    .condition
                    .path_pattern
                    .as_ref()
                    .is_some_and(|config| config.values.iter().any(|value| value != &own.path));
                if all && narrower {
                    return Some(IdleCondition::MorePaths);
                }
            }
            _ => {}
        }
    }
    None
}
