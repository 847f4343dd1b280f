//! What is wrong with one Ingress, before its load balancer is looked at.

use std::collections::BTreeSet;

use crate::controllers::alb::actions::ActionConfig;
use crate::controllers::alb::admission;
use crate::controllers::alb::annotations::{self, Annotations};
use crate::controllers::alb::backend::{self, USE_ANNOTATION};
use crate::controllers::alb::class::IngressClassParamsSpec;
use crate::controllers::alb::group::classify;
use crate::controllers::alb::listen_ports::listen_ports;
use crate::controllers::alb::objects::{Ingress, Objects};
use crate::controllers::alb::{Options, Unmanaged};
use crate::finding::Finding;
use crate::serving::ingress::diags;
use crate::serving::ingress::proof::requirements::{ConditionsText, rule_backends};
use crate::serving::ingress::proof::spelling::{self, KeyKind};
use crate::values::{elb_attribute, placeholder};

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
    ports(ingress, &mut findings);
    let class = classify(ingress, objects, options).ok().and_then(|member| member.params);
    logs(ingress, class.map(|params| &params.spec), &mut findings);
    unauthenticated(ingress, &mut findings);
    dead_actions(ingress, &mut findings);
    idle_conditions(ingress, &mut findings);
    unknown_suffixes(ingress, &mut findings);
    for (index, rule) in ingress.spec.rules.iter().enumerate() {
        if rule.http.is_none() {
            findings.push(diags::RuleWithoutPaths { ingress, rule: index }.into());
        }
    }
    (findings, refused)
}

/// The finding for an Ingress that the controller does not manage: its group is none, or what
/// parameters require of it is required of nobody.
pub(crate) fn unmanaged(
    ingress: &Ingress,
    reason: &Unmanaged,
    is_required: bool,
    options: &Options,
) -> Option<Finding> {
    if let Unmanaged::InvalidGroup(words) = reason {
        return Some(diags::InvalidGroupName { ingress, words }.into());
    }
    if !is_required || names_our_class(ingress, options) {
        return None;
    }
    Some(diags::NotManaged { ingress, reason, class: &options.ingress_class }.into())
}

/// Whether an Ingress names this controller's class in one index and another class in the other.
pub(crate) fn names_our_class(ingress: &Ingress, options: &Options) -> bool {
    let annotation = ingress.metadata.annotations.get(annotations::CLASS);
    let name = ingress.spec.ingress_class_name.as_ref();
    annotation.is_some()
        && name.is_some()
        && [annotation, name].contains(&Some(&options.ingress_class))
}

fn variables(ingress: &Ingress, findings: &mut Vec<Finding>) {
    let conditions = annotations::key("conditions.");
    for (key, text) in &ingress.metadata.annotations {
        // A word that a guide prints to be replaced may be a token, which is weighed by itself.
        let is_word = || !key.starts_with(&conditions) && placeholder::is_word(text);
        if key.starts_with(annotations::PREFIX) && (placeholder::is_in(text) || is_word()) {
            findings.push(diags::UnresolvedVariable { ingress, key }.into());
        }
    }
}

fn classes(ingress: &Ingress, findings: &mut Vec<Finding>) {
    let annotation = ingress.metadata.annotations.get(annotations::CLASS);
    let (Some(class), Some(name)) = (annotation, &ingress.spec.ingress_class_name) else { return };
    findings.push(if class == name {
        diags::ClassTwice { ingress }.into()
    } else {
        diags::ClassConflict { ingress, annotation: class, name }.into()
    });
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
        findings.push(diags::RefusedByApiServer { ingress, error }.into());
    }
    if let Err(error) = admission::webhook(ingress, objects, options) {
        refused = true;
        let annotations = Annotations::of(&ingress.metadata.annotations);
        let names: BTreeSet<&str> = rule_backends(ingress).collect();
        let backend =
            names.into_iter().find(|name| backend::conditions(annotations, name).is_err());
        findings.push(diags::RefusedByWebhook { ingress, error, backend }.into());
    }
    refused
}

fn attributes(ingress: &Ingress, findings: &mut Vec<Finding>) {
    let annotations = Annotations::of(&ingress.metadata.annotations);
    let Ok(Some(given)) = annotations.map("load-balancer-attributes") else { return };
    let known: Vec<&'static str> = elb_attribute::names().collect();
    for (name, value) in &given {
        let glued = |text: &str| text.contains(['\n', ';']);
        if glued(name) || glued(value) {
            findings.push(diags::AttributesGlued { ingress }.into());
            return;
        }
        if !known.contains(&name.as_str()) {
            findings.push(diags::UnknownAttribute { ingress, name, known: &known }.into());
        } else if name.ends_with(".enabled") && !matches!(value.as_str(), "true" | "false") {
            findings.push(diags::AttributeValue { ingress, name, value }.into());
        }
    }
}

fn certificates(ingress: &Ingress, findings: &mut Vec<Finding>) {
    let annotations = Annotations::of(&ingress.metadata.annotations);
    let glued = |arn: &String| arn.contains(|letter: char| letter.is_whitespace() || letter == ';');
    if annotations.list("certificate-arn").is_some_and(|arns| arns.iter().any(glued)) {
        findings.push(diags::CertificatesGlued { ingress }.into());
    }
}

/// Ports of which the controller takes the later of two protocols.
fn ports(ingress: &Ingress, findings: &mut Vec<Finding>) {
    let annotations = Annotations::of(&ingress.metadata.annotations);
    // The controller's own refusal is reported with the load balancer.
    let replaced = listen_ports(annotations, true).unwrap_or_default().replaced;
    let found = replaced.into_iter();
    findings.extend(
        found.map(|port| Finding::from(diags::RandomListener { ingress, port, is_random: false })),
    );
}

/// Logs without a bucket, which Elastic Load Balancing refuses (`LoadBalancerAttribute` of its API: the bucket "is required if
/// logs are enabled").
fn logs(ingress: &Ingress, class: Option<&IngressClassParamsSpec>, findings: &mut Vec<Finding>) {
    let annotations = Annotations::of(&ingress.metadata.annotations);
    let Ok(Some(given)) = annotations.map("load-balancer-attributes") else { return };
    for (name, value) in &given {
        let Some(logs) = name.strip_suffix(".s3.enabled").filter(|_| value == "true") else {
            continue;
        };
        let bucket = format!("{logs}.s3.bucket");
        let of_class = class.into_iter().flat_map(|class| &class.load_balancer_attributes);
        if !given.contains_key(&bucket) && !of_class.into_iter().any(|one| one.key == bucket) {
            findings.push(diags::BucketMissing { ingress, name, bucket: &bucket }.into());
        }
    }
}

fn unauthenticated(ingress: &Ingress, findings: &mut Vec<Finding>) {
    let annotations = Annotations::of(&ingress.metadata.annotations);
    if let Some(text) = annotations.text(diags::OnUnauthenticated::SUFFIX)
        && !matches!(text, "authenticate" | "deny" | "allow")
    {
        findings.push(diags::OnUnauthenticated { ingress }.into());
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
            findings.push(diags::DeadAction { ingress, name }.into());
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
            findings.push(diags::RedirectToItself { ingress, name }.into());
        }
        if annotations.text(&suffix).is_none() {
            findings.push(diags::MissingAction { ingress, name }.into());
        }
    }
}

/// Conditions that the controller never reads or ignores, whether or not that opens anything.
fn idle_conditions(ingress: &Ingress, findings: &mut Vec<Finding>) {
    let backends: BTreeSet<&str> = rule_backends(ingress).collect();
    for (key, text) in &ingress.metadata.annotations {
        let Some(found) = spelling::requirement(key).filter(|found| !found.misspelt) else {
            continue;
        };
        let KeyKind::Conditions(name) = found.kind else { continue };
        if !backends.contains(name) {
            findings.push(diags::ConditionsUnbound { ingress, name }.into());
            continue;
        }
        let elements = ConditionsText::of(text).elements.unwrap_or_default();
        if elements.iter().any(|element| !element.counts()) {
            findings.push(diags::ConditionIgnored { ingress, name }.into());
        }
    }
}

fn unknown_suffixes(ingress: &Ingress, findings: &mut Vec<Finding>) {
    for key in ingress.metadata.annotations.keys() {
        let Some((prefix, suffix)) = key.split_once('/') else { continue };
        if prefix != annotations::PREFIX || spelling::requirement(key).is_some() {
            continue;
        }
        if let Some(known) = spelling::nearest(suffix) {
            findings.push(diags::UnknownAnnotation { ingress, suffix, known }.into());
        }
    }
}
