//! What is wrong with one Ingress, before its load balancer is looked at.

use std::collections::BTreeSet;

use crate::controllers::alb::actions::ActionConfig;
use crate::controllers::alb::admission;
use crate::controllers::alb::annotations::{self, Annotations};
use crate::controllers::alb::backend::{self, USE_ANNOTATION};
use crate::controllers::alb::objects::{Ingress, Objects};
use crate::controllers::alb::{Options, Unmanaged};
use crate::finding::{Code, Finding};
use crate::serving::ingress::proof::asks::{Meaning, rule_backends};
use crate::serving::ingress::proof::spelling::{self, Asking};

/// The findings of one Ingress, and whether it is refused before the controller sees it.
pub(crate) fn ingress(
    ingress: &Ingress,
    objects: &Objects,
    options: &Options,
) -> (Vec<Finding>, bool) {
    let mut findings = Vec::new();
    variables(ingress, &mut findings);
    classes(ingress, &mut findings);
    let refused = refusals(ingress, objects, options, &mut findings);
    attributes(ingress, &mut findings);
    certificates(ingress, &mut findings);
    unauthenticated(ingress, &mut findings);
    dead_actions(ingress, &mut findings);
    idle_conditions(ingress, &mut findings);
    unknown_suffixes(ingress, &mut findings);
    for (index, rule) in ingress.spec.rules.iter().enumerate() {
        if rule.http.is_none() {
            let words = "a rule without http makes no rule of the load balancer; give it paths, \
                         or remove it";
            findings.push(
                Finding::warning(Code::AlbRuleIgnored, words)
                    .on(&ingress.reference())
                    .field(format!("spec.rules[{index}]")),
            );
        }
    }
    (findings, refused)
}

/// The finding for an Ingress that the controller does not manage: its group is none, or what
/// parameters ask of it is asked of nobody.
pub(crate) fn unmanaged(
    ingress: &Ingress,
    reason: &Unmanaged,
    is_asked: bool,
    options: &Options,
) -> Option<Finding> {
    if let Unmanaged::InvalidGroup(words) = reason {
        let words = format!(
            "the controller never makes a load balancer of this Ingress, and says so only in an \
             event: {words}"
        );
        return Some(on(ingress, Finding::error(Code::AlbGroupName, words), "group.name"));
    }
    if !is_asked || names_our_class(ingress, options) {
        return None;
    }
    let words = format!(
        "the AWS Load Balancer Controller passes this Ingress over ({reason}), and no other reads \
         what is set here; give it the class {}",
        options.ingress_class
    );
    let finding = Finding::error(Code::AlbNotManaged, words).on(&ingress.reference());
    Some(if ingress.metadata.annotations.contains_key(annotations::CLASS) {
        finding.field(format!("metadata.annotations[{}]", annotations::CLASS))
    } else {
        finding.field("spec.ingressClassName")
    })
}

/// Whether an Ingress names this controller's class in one place and another class in the other.
pub(crate) fn names_our_class(ingress: &Ingress, options: &Options) -> bool {
    let annotation = ingress.metadata.annotations.get(annotations::CLASS);
    let name = ingress.spec.ingress_class_name.as_ref();
    annotation.is_some()
        && name.is_some()
        && [annotation, name].contains(&Some(&options.ingress_class))
}

fn on(ingress: &Ingress, finding: Finding, suffix: &str) -> Finding {
    finding
        .on(&ingress.reference())
        .field(format!("metadata.annotations[{}]", annotations::key(suffix)))
}

fn variables(ingress: &Ingress, findings: &mut Vec<Finding>) {
    for (key, text) in &ingress.metadata.annotations {
        if key.starts_with(annotations::PREFIX) && has_variable(text) {
            let words = "a $(…) reference was never filled in; give its value";
            findings.push(
                Finding::error(Code::AlbUnresolvedVariable, words)
                    .on(&ingress.reference())
                    .field(format!("metadata.annotations[{key}]")),
            );
        }
    }
}

/// Whether a text holds `$(NAME)`.
fn has_variable(text: &str) -> bool {
    text.match_indices("$(").any(|(at, _)| {
        let rest = &text[at + 2..];
        let end = rest
            .find(|letter: char| !(letter.is_ascii_alphanumeric() || "_-.".contains(letter)))
            .unwrap_or(rest.len());
        end > 0 && rest[end..].starts_with(')')
    })
}

fn classes(ingress: &Ingress, findings: &mut Vec<Finding>) {
    let annotation = ingress.metadata.annotations.get(annotations::CLASS);
    let (Some(class), Some(name)) = (annotation, &ingress.spec.ingress_class_name) else { return };
    let finding = if class == name {
        Finding::warning(
            Code::AlbIngressClassTwice,
            "the class is given by annotation and by spec.ingressClassName, which Kubernetes up to \
             1.26 refuses, and IngressClassParams are not read; remove the annotation",
        )
    } else {
        Finding::error(
            Code::AlbIngressClassConflict,
            format!(
                "the annotation says class {class} and spec.ingressClassName {name}; give one of \
                 them"
            ),
        )
    };
    let field = format!("metadata.annotations[{}]", annotations::CLASS);
    findings.push(finding.on(&ingress.reference()).field(field));
}

fn refusals(
    ingress: &Ingress,
    objects: &Objects,
    options: &Options,
    findings: &mut Vec<Finding>,
) -> bool {
    let mut refused = false;
    for error in admission::api_server(ingress) {
        refused = true;
        // Two classes that differ have a finding of their own.
        if error.is_of_class_annotation() {
            continue;
        }
        let admission::FieldError { field, reason } = error;
        findings.push(
            Finding::error(
                Code::AlbRefusedByApiServer,
                format!("the API server refuses this Ingress: {reason}"),
            )
            .on(&ingress.reference())
            .field(field),
        );
    }
    if let Err(error) = admission::webhook(ingress, objects, options) {
        refused = true;
        let finding = Finding::error(
            Code::AlbRefusedByWebhook,
            format!("the controller's webhook refuses this Ingress: {error}"),
        );
        let annotations = Annotations::of(&ingress.metadata.annotations);
        let names: BTreeSet<&str> = rule_backends(ingress).collect();
        let broken = names.into_iter().find(|name| backend::conditions(annotations, name).is_err());
        findings.push(match broken {
            Some(name) => on(ingress, finding, &format!("conditions.{name}")),
            None => finding.on(&ingress.reference()).field("spec"),
        });
    }
    refused
}

/// The load balancer attributes that AWS knows for an application load balancer.
const ATTRIBUTES: [&str; 22] = [
    "deletion_protection.enabled",
    "load_balancing.cross_zone.enabled",
    "access_logs.s3.enabled",
    "access_logs.s3.bucket",
    "access_logs.s3.prefix",
    "ipv6.deny_all_igw_traffic",
    "idle_timeout.timeout_seconds",
    "client_keep_alive.seconds",
    "connection_logs.s3.enabled",
    "connection_logs.s3.bucket",
    "connection_logs.s3.prefix",
    "health_check_logs.s3.enabled",
    "health_check_logs.s3.bucket",
    "health_check_logs.s3.prefix",
    "routing.http.desync_mitigation_mode",
    "routing.http.drop_invalid_header_fields.enabled",
    "routing.http.preserve_host_header.enabled",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
    "routing.http.xff_client_port.enabled",
    "routing.http.xff_header_processing.mode",
    "routing.http2.enabled",
    "waf.fail_open.enabled",
];

fn attributes(ingress: &Ingress, findings: &mut Vec<Finding>) {
    const SUFFIX: &str = "load-balancer-attributes";
    let annotations = Annotations::of(&ingress.metadata.annotations);
    let Ok(Some(given)) = annotations.map(SUFFIX) else { return };
    for (name, value) in &given {
        let glued = |text: &str| text.contains(['\n', ';']);
        if glued(name) || glued(value) {
            let words = "only a comma separates attributes: a newline or a semicolon makes one of \
                         several, and the others are off; write commas";
            findings.push(on(ingress, Finding::error(Code::AlbAttributesGlued, words), SUFFIX));
            return;
        }
        if !ATTRIBUTES.contains(&name.as_str()) {
            let words = format!(
                "AWS knows no attribute {name} of an application load balancer; look up its name"
            );
            findings.push(on(ingress, Finding::warning(Code::AlbAttributeUnknown, words), SUFFIX));
        } else if name.ends_with(".enabled") && !matches!(value.as_str(), "true" | "false") {
            let words = format!("{name} is \"{value}\"; write true or false");
            findings.push(on(ingress, Finding::warning(Code::AlbAttributeValue, words), SUFFIX));
        }
    }
}

fn certificates(ingress: &Ingress, findings: &mut Vec<Finding>) {
    const SUFFIX: &str = "certificate-arn";
    let annotations = Annotations::of(&ingress.metadata.annotations);
    let glued = |arn: &String| arn.contains(|letter: char| letter.is_whitespace() || letter == ';');
    if annotations.list(SUFFIX).is_some_and(|arns| arns.iter().any(glued)) {
        let words = "only a comma separates certificates: white space or a semicolon makes one ARN \
                     of several; write commas";
        findings.push(on(ingress, Finding::error(Code::AlbCertificatesGlued, words), SUFFIX));
    }
}

fn unauthenticated(ingress: &Ingress, findings: &mut Vec<Finding>) {
    const SUFFIX: &str = "auth-on-unauthenticated-request";
    let annotations = Annotations::of(&ingress.metadata.annotations);
    if let Some(text) = annotations.text(SUFFIX)
        && !matches!(text, "authenticate" | "deny" | "allow")
    {
        let words = "AWS knows authenticate, deny and allow, in lower case; write authenticate";
        findings.push(on(ingress, Finding::error(Code::AlbOnUnauthenticated, words), SUFFIX));
    }
}

fn dead_actions(ingress: &Ingress, findings: &mut Vec<Finding>) {
    let rules = ingress.spec.rules.iter().filter_map(|rule| rule.http.as_ref());
    let used: BTreeSet<&str> = rules
        .flat_map(|http| &http.paths)
        .map(|path| &path.backend)
        .chain(&ingress.spec.default_backend)
        .filter_map(|backend| backend.service.as_ref())
        .filter(|service| service.port.name == USE_ANNOTATION)
        .map(|service| service.name.as_str())
        .collect();
    let prefix = annotations::key("actions.");
    for key in ingress.metadata.annotations.keys() {
        let Some(name) = key.strip_prefix(&prefix) else { continue };
        if !used.contains(name) {
            let words = format!(
                "no backend named {name} has the port name {USE_ANNOTATION}, so this action is \
                 never read; remove it"
            );
            let suffix = format!("actions.{name}");
            findings.push(on(ingress, Finding::warning(Code::AlbDeadAction, words), &suffix));
        }
    }
    for name in used {
        let suffix = format!("actions.{name}");
        let annotations = Annotations::of(&ingress.metadata.annotations);
        let mut action = ActionConfig::default();
        let to_itself = annotations.json(&suffix, &mut action).is_ok_and(|given| given)
            && action.redirect.is_some_and(|to| {
                let parts = [to.host, to.path, to.port, to.protocol, to.query];
                parts.iter().all(Option::is_none)
            });
        if to_itself {
            let words = "a redirect that changes nothing makes no rule; give it a protocol, port, \
                         host, path or query";
            findings.push(on(ingress, Finding::warning(Code::AlbRuleIgnored, words), &suffix));
        }
        if annotations.text(&suffix).is_none() {
            let words = format!("the backend {name} has no action, and answers 503; add {suffix}");
            findings.push(on(ingress, Finding::warning(Code::AlbMissingAction, words), &suffix));
        }
    }
}

/// Conditions that the controller never reads or passes over, whether or not that opens anything.
fn idle_conditions(ingress: &Ingress, findings: &mut Vec<Finding>) {
    let backends: BTreeSet<&str> = rule_backends(ingress).collect();
    for (key, text) in &ingress.metadata.annotations {
        let Some(meant) = spelling::asking(key).filter(|meant| !meant.misspelt) else { continue };
        let Asking::Conditions(name) = meant.what else { continue };
        let suffix = format!("conditions.{name}");
        if !backends.contains(name) {
            let words = format!(
                "no rule of this Ingress has a backend named exactly {name}, so these conditions \
                 are never read; name them after a backend, or remove them"
            );
            findings.push(on(
                ingress,
                Finding::warning(Code::AlbConditionsUnbound, words),
                &suffix,
            ));
            continue;
        }
        let elements = Meaning::of(text).elements.unwrap_or_default();
        if elements.iter().any(|element| !element.counts()) {
            let words = "the controller passes over a condition whose field it does not know; \
                         write one of its fields in lower case, or remove the condition";
            findings.push(on(ingress, Finding::warning(Code::AlbConditionIgnored, words), &suffix));
        }
    }
}

fn unknown_suffixes(ingress: &Ingress, findings: &mut Vec<Finding>) {
    for key in ingress.metadata.annotations.keys() {
        let Some((prefix, suffix)) = key.split_once('/') else { continue };
        if prefix != annotations::PREFIX || spelling::asking(key).is_some() {
            continue;
        }
        if let Some(known) = spelling::nearest(suffix) {
            let words = format!("the controller does not know this annotation; write {known}");
            findings.push(on(ingress, Finding::warning(Code::AlbUnknownAnnotation, words), suffix));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_recognized() {
        assert!(has_variable("$(certARN)"));
        assert!(has_variable("{\"a\":\"$(x.y-z)\"}"));
        assert!(!has_variable("$()"));
        assert!(!has_variable("a$(b|c)d"));
        assert!(!has_variable("$"));
    }
}
