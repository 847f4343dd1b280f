//! Conditions that mean to restrict a rule and don't.

use super::guard;
use super::openings::{Opening, at};
use super::scene::Scene;
use crate::controllers::alb::annotations;
use crate::controllers::alb::model::{Condition, Rule};
use crate::controllers::alb::pattern::Pattern;
use crate::finding::{Code, Severity};

/// Conditions that mean to restrict and restrict nothing, where no token is asked for.
pub(crate) fn that_restrict_nothing(scene: &Scene<'_>) -> Vec<Opening> {
    let mut openings = Vec::new();
    for listener in &scene.model.listeners {
        for rule in listener.rules.iter().filter(|rule| guard::forwards(&rule.actions)) {
            let Some(words) = restricts_nothing(scene, rule) else { continue };
            let key = annotations::key(&format!("conditions.{}", rule.origin.backend));
            openings.push(Opening {
                code: Code::AlbOpenConditionWidens,
                severity: Severity::Error,
                resource: scene.members[rule.origin.member].reference(),
                field: at(&key),
                message: words.to_owned(),
            });
        }
    }
    openings
}

fn restricts_nothing(scene: &Scene<'_>, rule: &Rule) -> Option<&'static str> {
    let meaning = scene.bound_meaning(&rule.origin)?;
    let elements = meaning.elements.as_ref()?;
    let spec = &scene.members[rule.origin.member].spec;
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
                return Some(
                    "source-ip with 0.0.0.0/0 lets every client through; write the ranges, or \
                     remove the condition",
                );
            }
            "host-header" => {
                let wild = element.condition.host_header.as_ref().is_some_and(|config| {
                    config.values.iter().any(|value| Pattern::without_case(value).is_wild())
                });
                if wild {
                    return Some(if own_host.is_empty() {
                        "a host-header condition of * restricts nothing; write the hosts, or \
                         remove the condition"
                    } else {
                        "the hosts of a condition are added to the rule's host, so * opens every \
                         host; remove the condition"
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
                    return Some(
                        "the paths of a condition are added to the rule's path, which takes every \
                         path already, so it narrows nothing; write the path in the rule",
                    );
                }
            }
            _ => {}
        }
    }
    None
}
