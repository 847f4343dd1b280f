//! What is wrong with a load balancer as a whole.

use std::collections::BTreeSet;

use super::tokens::{self, Weakness};
use crate::controllers::alb::annotations::{self, Annotations};
use crate::controllers::alb::conditions::HeaderValue;
use crate::controllers::alb::listen_ports::listen_ports;
use crate::controllers::alb::model::{Condition, Listener, Model, Protocol, Rule};
use crate::controllers::alb::objects::Ingress;
use crate::controllers::alb::regex;
use crate::controllers::alb::{BuildError, BuildErrorKind, LoadBalancer};
use crate::finding::{Code, Finding};
use crate::serving::ingress::proof::Asked;
use crate::serving::ingress::proof::asks;
use crate::serving::ingress::proof::guard;

const DROP_INVALID: &str = "routing.http.drop_invalid_header_fields.enabled";

/// The findings of one load balancer. `refused` are the Ingresses that are refused before the
/// controller sees them: that they stop the build is not said again. Tokens that parameters
/// `asked` for were weighed where they were given.
pub(crate) fn load_balancer(
    balancer: &LoadBalancer<'_>,
    refused: &BTreeSet<String>,
    asked: &[Asked],
) -> Vec<Finding> {
    let members: Vec<&Ingress> = balancer.members.iter().map(|member| member.ingress).collect();
    let mut findings = Vec::new();
    match &balancer.model {
        Err(error) => {
            let known = error.ingress().is_some_and(|key| refused.contains(key));
            if !known {
                findings.push(not_built(balancer, &members, error));
            }
        }
        Ok(model) => of_model(model, &members, asked, &mut findings),
    }
    findings
}

fn on(ingress: &Ingress, finding: Finding, suffix: &str) -> Finding {
    finding
        .on(&ingress.reference())
        .field(format!("metadata.annotations[{}]", annotations::key(suffix)))
}

fn not_built(balancer: &LoadBalancer<'_>, members: &[&Ingress], error: &BuildError) -> Finding {
    let blamed = error
        .ingress()
        .and_then(|key| members.iter().find(|ingress| ingress.key() == key))
        .or(members.first());
    let words = error.to_string();
    let others = if members.len() > 1 {
        format!(", and with it every member of the group {}", balancer.id)
    } else {
        String::new()
    };
    let code = match error.kind() {
        BuildErrorKind::Scheme => Code::AlbScheme,
        BuildErrorKind::Other => Code::AlbNotBuilt,
    };
    let finding = Finding::error(
        code,
        format!("the controller can't build the load balancer{others}: {words}"),
    );
    let Some(ingress) = blamed else { return finding };
    // The annotation of a Service is not the Ingress's, and a scheme may be the class's.
    let of_ingress = |suffix: &&str| {
        error.kind() == BuildErrorKind::Scheme
            || ingress.metadata.annotations.contains_key(&annotations::key(suffix))
    };
    match error.annotation().filter(of_ingress) {
        Some(suffix) => on(ingress, finding, suffix),
        None => finding.on(&ingress.reference()).field("metadata.annotations"),
    }
}

fn of_model(model: &Model, members: &[&Ingress], asked: &[Asked], findings: &mut Vec<Finding>) {
    ports(model, members, findings);
    let mut seen: BTreeSet<(usize, String)> = BTreeSet::new();
    for listener in &model.listeners {
        for rule in &listener.rules {
            // A rule stands on every listener of its Ingress: once is enough.
            if seen.insert((rule.origin.member, rule.origin.field())) {
                let ingress = members[rule.origin.member];
                count(rule, ingress, findings);
                headers(rule, ingress, model, asked, findings);
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
            let words = "listen-ports names no port, so the load balancer has no listener; write \
                         [{\"HTTPS\":443}]";
            findings.push(on(ingress, Finding::error(Code::AlbNoListener, words), "listen-ports"));
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
            let words = format!(
                "one object gives port {} both HTTP and HTTPS, and the controller takes one of \
                 them at random; write each protocol with a port of its own",
                listener.port
            );
            findings.push(on(
                ingress,
                Finding::error(Code::AlbRandomListener, words),
                "listen-ports",
            ));
        }
        if listener.protocol == Protocol::Https && listener.certificates.is_empty() {
            let finding = if listener.certificates_to_discover {
                Finding::warning(
                    Code::AlbHttpsWithoutCertificate,
                    format!(
                        "{listener} has no certificate-arn: the controller looks in the account \
                         for certificates of the hosts, and fails without; write certificate-arn"
                    ),
                )
            } else {
                Finding::error(
                    Code::AlbHttpsWithoutCertificate,
                    format!(
                        "{listener} has no certificate, and AWS refuses it; write certificate-arn"
                    ),
                )
            };
            findings.push(on(ingress, finding, "certificate-arn"));
        }
    }
}

fn count(rule: &Rule, ingress: &Ingress, findings: &mut Vec<Finding>) {
    let values: usize = rule.conditions.iter().map(Condition::len).sum();
    if values > 5 {
        let words = format!(
            "the rule has {values} condition values (hosts, paths and tokens together), and AWS \
             takes five; give fewer tokens, or leave out the path"
        );
        findings.push(
            Finding::error(Code::AlbTooManyConditionValues, words)
                .on(&ingress.reference())
                .field(rule.origin.field()),
        );
    }
}

fn headers(
    rule: &Rule,
    ingress: &Ingress,
    model: &Model,
    asked: &[Asked],
    findings: &mut Vec<Finding>,
) {
    let asks_for = |name: &str, asked: &Asked| {
        let header = asked.token_header.as_deref();
        asked.ingress == ingress.key() && header.is_some_and(|own| own.eq_ignore_ascii_case(name))
    };
    let suffix = format!("conditions.{}", rule.origin.backend);
    let mut has_token = false;
    for condition in &rule.conditions {
        let Condition::HttpHeader { name, values, regex } = condition else { continue };
        has_token |= guard::binds(values, regex);
        if let Some(finding) = header_name(name, model) {
            findings.push(on(ingress, finding, &suffix));
        }
        if let Some(why) = values.iter().chain(regex).find_map(tokens::refused_value) {
            let words = format!(
                "a value for {name} is {why}, and AWS refuses the rule; write 1 to \
                                 128 printable letters"
            );
            findings.push(on(ingress, Finding::error(Code::AlbConditionValue, words), &suffix));
        }
        if regex.iter().any(|value| regex::is_never_closed(value.expose())) {
            let words = format!(
                "an expression for {name} has a class or a group that is never closed, and AWS \
                 refuses the rule; write the tokens as values"
            );
            findings.push(on(ingress, Finding::error(Code::AlbConditionValue, words), &suffix));
        }
        if !asked.iter().any(|asked| asks_for(name, asked)) {
            weak(name, values, ingress, &suffix, findings);
        }
    }
    let any_host =
        !rule.conditions.iter().any(|condition| matches!(condition, Condition::HostHeader(_)));
    if has_token && any_host && guard::forwards(&rule.actions) {
        let words = "the rule has no host: a token opens every host behind the gateway; give the \
                     rule a host";
        findings.push(
            Finding::warning(Code::AlbHostlessRule, words).on(&ingress.reference()).field(
                rule.origin.path.map_or_else(
                    || "spec.defaultBackend".to_owned(),
                    |(index, _)| format!("spec.rules[{index}].host"),
                ),
            ),
        );
    }
}

fn header_name(name: &str, model: &Model) -> Option<Finding> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let refused = if name.is_empty() {
        Some("is empty")
    } else if name.len() > 40 {
        Some("is longer than 40 letters")
    } else if name.eq_ignore_ascii_case("host") {
        Some("is Host, for which there is the host-header condition")
    } else if !name.bytes().all(is_token) {
        Some("holds a letter that no header's name can have")
    } else {
        None
    };
    if let Some(why) = refused {
        return Some(Finding::error(
            Code::AlbHeaderName,
            format!("the header's name \"{name}\" {why}; write 1 to 40 of A-Z, a-z, 0-9 and -"),
        ));
    }
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return None;
    }
    let drops = model.attributes.get(DROP_INVALID).is_some_and(|value| value == "true");
    Some(if drops {
        Finding::error(
            Code::AlbHeaderName,
            format!(
                "{DROP_INVALID} drops the header {name} before any rule sees it, so no token gets \
                 in; write a name of A-Z, a-z, 0-9 and - alone"
            ),
        )
    } else {
        Finding::warning(
            Code::AlbHeaderName,
            format!(
                "the header {name} is dropped as soon as {DROP_INVALID} is on; write a name of \
                 A-Z, a-z, 0-9 and - alone"
            ),
        )
    })
}

fn weak(
    name: &str,
    values: &[HeaderValue],
    ingress: &Ingress,
    suffix: &str,
    findings: &mut Vec<Finding>,
) {
    let Weakness { placeholders, short, same_but_for_case, wildcards } = tokens::weakness(values);
    let said = [
        (
            placeholders,
            Code::AlbPlaceholderToken,
            "looks like an example's; write a random one",
            "look like an example's; write random ones",
        ),
        (
            short,
            Code::AlbShortToken,
            "has fewer than 16 letters; write a longer one",
            "have fewer than 16 letters; write longer ones",
        ),
        (
            same_but_for_case,
            Code::AlbTokenCase,
            "differs from another only in case, which AWS does not compare; leave it out",
            "differ from another only in case, which AWS does not compare; leave them out",
        ),
        (
            wildcards,
            Code::AlbTokenWildcard,
            "has a wildcard; write the whole token",
            "have a wildcard; write whole tokens",
        ),
    ];
    for (number, code, one, many) in said {
        let words = match number {
            0 => continue,
            1 => format!("one of the values for {name} {one}"),
            _ => format!("{number} of the values for {name} {many}"),
        };
        findings.push(on(ingress, Finding::warning(code, words), suffix));
    }
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
            let words = "listen-ports has no HTTPS port, so the certificate is not used and all is \
                         plain; write [{\"HTTPS\":443}]";
            findings.push(on(ingress, Finding::warning(Code::AlbPlainHttp, words), "listen-ports"));
        } else if !ingress.spec.tls.is_empty() {
            let words = "spec.tls alone makes no HTTPS listener; write certificate-arn or \
                         listen-ports [{\"HTTPS\":443}]";
            findings.push(
                Finding::warning(Code::AlbPlainHttp, words)
                    .on(&ingress.reference())
                    .field("spec.tls"),
            );
        }
    }
    let of_member = |listener: &&&Listener| {
        listener.rules.iter().any(|rule| rule.origin.member == index)
            || listener.default_origin.as_ref().is_some_and(|origin| origin.member == index)
    };
    if listeners.iter().any(|listener| of_member(&listener)) {
        return;
    }
    let has_paths = asks::rule_backends(ingress).next().is_some();
    let finding = if has_paths && !has_https {
        Finding::warning(
            Code::AlbRulesRemoved,
            "ssl-redirect of the group removes every rule of this Ingress, which has no HTTPS \
             listener; give it the listen-ports and certificate-arn of the others",
        )
    } else {
        Finding::warning(
            Code::AlbNoRules,
            "this Ingress makes no rule of the load balancer; give it rules with paths",
        )
    };
    findings.push(finding.on(&ingress.reference()).field("spec.rules"));
}
