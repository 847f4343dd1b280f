//! The annotations about the load balancer itself, written from checked settings.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde_json::Value;

use super::diags::WrongBalancer;
use super::settings::Balancer;
use super::written::annotation;
use crate::controllers::alb::annotations::{Annotations, key};
use crate::controllers::alb::class::IngressClassParamsSpec;
use crate::finding::{Finding, key_path};

/// The annotations, in the order in which they are added.
pub(super) fn wanted(ingress: &Value, balancer: &Balancer, want: &mut impl FnMut(&str, String)) {
    if let Some(group) = &balancer.group {
        want("group.name", group.to_string());
    }
    if let Some(order) = balancer.order {
        want("group.order", order.to_string());
    }
    if let Some(port) = balancer.ssl_redirect {
        want("ssl-redirect", port.to_string());
    }
    if let Some(policy) = &balancer.ssl_policy {
        want("ssl-policy", policy.to_string());
    }
    for (suffix, list) in [
        ("inbound-cidrs", joined(&balancer.inbound_cidrs)),
        ("security-groups", joined(&balancer.security_groups)),
        ("subnets", joined(&balancer.subnets)),
    ] {
        if !list.is_empty() {
            want(suffix, list);
        }
    }
    if let Some(manages) = balancer.manage_rules {
        want("manage-backend-security-group-rules", manages.to_string());
    }
    if let Some(acl) = &balancer.web_acl {
        want("wafv2-acl-arn", acl.to_string());
    }
    let health = [
        ("healthcheck-port", balancer.health_port.as_ref().map(ToString::to_string)),
        ("healthcheck-path", balancer.health_path.as_ref().map(ToString::to_string)),
        ("success-codes", balancer.success_codes.as_ref().map(ToString::to_string)),
    ];
    for (suffix, given) in health {
        if let Some(text) = given {
            want(suffix, text);
        }
    }
    for (suffix, given) in
        [("load-balancer-attributes", &balancer.attributes), ("tags", &balancer.tags)]
    {
        if let Some(text) = with_pairs(ingress, suffix, given) {
            want(suffix, text);
        }
    }
}

fn joined<T: Display>(entries: &[T]) -> String {
    let texts: Vec<String> = entries.iter().map(ToString::to_string).collect();
    texts.join(",")
}

/// A map with these pairs set and its others as they are; `None` where it has them all. A text that the
/// controller cannot read is replaced.
fn with_pairs(ingress: &Value, suffix: &str, given: &BTreeMap<String, String>) -> Option<String> {
    if given.is_empty() {
        return None;
    }
    let text = annotation(ingress, suffix).unwrap_or_default();
    let current = BTreeMap::from([(key(suffix), text.to_owned())]);
    let mut pairs = Annotations::of(&current).map(suffix).ok().flatten().unwrap_or_default();
    if given.iter().all(|(name, value)| pairs.get(name) == Some(value)) {
        return None;
    }
    pairs.extend(given.clone());
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
    Some(pairs.join(","))
}

/// A comma that belongs to a name or a value, as the controller reads it since v2.14.1
/// (`pkg/annotations/parser.go`, `splitKeyValuePairs`).
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(',', "\\,")
}

/// The parameters that have no effect on an Ingress as it is, with the parameters of its class.
#[must_use]
pub(crate) fn without_effect(
    ingress: &Value,
    balancer: &Balancer,
    class: Option<&IngressClassParamsSpec>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let of_class = class.is_some_and(|class| class.group.is_some());
    let has_group =
        of_class || balancer.group.is_some() || annotation(ingress, "group.name").is_some();
    if balancer.order.is_some() && !has_group {
        let field = key_path("metadata.annotations", &key("group.order"));
        findings.push(Finding::from(WrongBalancer::OrderWithoutGroup).field(field));
    }
    let has_groups =
        !balancer.security_groups.is_empty() || annotation(ingress, "security-groups").is_some();
    if balancer.manage_rules.is_some() && !has_groups {
        let field = key_path("metadata.annotations", &key("manage-backend-security-group-rules"));
        findings.push(Finding::from(WrongBalancer::RulesWithoutGroups).field(field));
    }
    let kind = class.and_then(|class| class.ip_address_type.as_deref());
    let is_dual =
        kind.or(annotation(ingress, "ip-address-type")).is_some_and(|kind| kind != "ipv4");
    let cidrs = balancer.inbound_cidrs.iter().map(|cidr| cidr.as_str());
    if let Some(address) = cidrs.clone().find(|cidr| cidr.contains(':') && !is_dual) {
        let field = key_path("metadata.annotations", &key("inbound-cidrs"));
        findings.push(Finding::from(WrongBalancer::Ipv6(address)).field(field));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pairs_that_are_there_already_stay_as_they_are_written() {
        let ingress = |text: &str| json!({ "metadata": { "annotations": { "alb.ingress.kubernetes.io/tags": text } } });
        let given = BTreeMap::from([("team".to_owned(), "models".to_owned())]);
        let with = |text: &str| with_pairs(&ingress(text), "tags", &given);
        assert_eq!(with("team = models , a=1"), None);
        assert_eq!(with("team=x, a=1\\,2"), Some("a=1\\,2,team=models".to_owned()));
        assert_eq!(with(""), Some("team=models".to_owned()));
        // The controller reads back what was written.
        let written = with("a=1\\,2,b=\\\\").unwrap();
        let map = BTreeMap::from([(key("tags"), written)]);
        let read = Annotations::of(&map).map("tags").unwrap().unwrap();
        assert_eq!((read["a"].as_str(), read["b"].as_str()), ("1,2", "\\"));
    }
}
