//! The listeners of a load balancer: the ports of its members, merged.
//!
//! Source: `pkg/ingress/model_build_listener.go`, `mergeListenPortConfigs` in
//! `model_builder.go`, `pkg/certs/cert_discovery.go`, v3.5.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::actions::RedirectConfig;
use super::backend;
use super::builder::{Builder, conflicting_values};
use super::error::BuildError;
use super::listen_ports::listen_ports;
use super::model::{Action, Listener, Origin, Protocol};
use super::mutual_auth::{self, MutualAuth};
use super::rules;

/// The policy of an HTTPS listener that names none.
const SSL_POLICY: &str = "ELBSecurityPolicy-2016-08";

/// A port as its members want it.
pub(crate) struct MergedPort {
    pub(crate) protocol: Protocol,
    random: bool,
    certificates: Vec<String>,
    certificates_to_discover: bool,
    ssl_policy: Option<String>,
    members: Vec<usize>,
}

/// A port as one member wants it.
struct PortConfig {
    member: usize,
    protocol: Protocol,
    random: bool,
    inbound: BTreeSet<String>,
    prefix_lists: BTreeSet<String>,
    certificates: Vec<String>,
    certificates_to_discover: bool,
    ssl_policy: Option<String>,
    mutual_auth: Option<MutualAuth>,
}

/// The ports of all members.
///
/// # Errors
/// A broken annotation of a member, or members that don't agree.
pub(crate) fn merged_ports(builder: &Builder<'_>) -> Result<BTreeMap<i32, MergedPort>, BuildError> {
    let mut by_port: BTreeMap<i32, Vec<PortConfig>> = BTreeMap::new();
    for (index, member) in builder.members.iter().enumerate() {
        let configs =
            ports_of(builder, index).map_err(|error| error.of_ingress(&member.ingress.key()))?;
        for (port, config) in configs {
            by_port.entry(port).or_default().push(config);
        }
    }
    by_port
        .into_iter()
        .map(|(port, configs)| {
            let merged = merge(builder, configs).map_err(|error| {
                error.within(&format!("failed to merge listenPort config for port: {port}"))
            })?;
            Ok((port, merged))
        })
        .collect()
}

fn ports_of(builder: &Builder<'_>, member: usize) -> Result<Vec<(i32, PortConfig)>, BuildError> {
    let annotations = builder.annotations(member);
    let params = builder.params(member);
    let explicit = params
        .map(|params| params.certificate_arn.clone())
        .filter(|arns| !arns.is_empty())
        .or_else(|| annotations.list("certificate-arn"))
        .unwrap_or_default();
    let ssl_policy = params
        .map(|params| params.ssl_policy.clone())
        .filter(|policy| !policy.is_empty())
        .or_else(|| annotations.text("ssl-policy").map(str::to_owned));
    let inbound = inbound_cidrs(builder, member)?;
    let mutual_auth = mutual_auth::read(annotations)?;
    let ports = listen_ports(annotations, !explicit.is_empty())?;
    let mut certificates = explicit;
    let mut to_discover = false;
    if certificates.is_empty() && ports.protocols.values().any(|&found| found == Protocol::Https) {
        (certificates, to_discover) = discover(builder, member)?;
    }
    Ok(ports
        .protocols
        .iter()
        .map(|(&port, &protocol)| {
            let https = protocol == Protocol::Https;
            let config = PortConfig {
                member,
                protocol,
                random: ports.random.contains(&port),
                inbound: inbound.clone(),
                prefix_lists: annotations
                    .list("security-group-prefix-lists")
                    .unwrap_or_default()
                    .into_iter()
                    .collect(),
                certificates: if https { certificates.clone() } else { Vec::new() },
                certificates_to_discover: https && to_discover,
                ssl_policy: ssl_policy.clone().filter(|_| https),
                mutual_auth: mutual_auth.get(&port).filter(|_| https).cloned(),
            };
            (port, config)
        })
        .collect())
}

fn inbound_cidrs(builder: &Builder<'_>, member: usize) -> Result<BTreeSet<String>, BuildError> {
    let of_params = builder
        .params(member)
        .map(|params| params.inbound_cidrs.clone())
        .filter(|cidrs| !cidrs.is_empty());
    let by_params = of_params.is_some();
    let cidrs =
        of_params.or_else(|| builder.annotations(member).list("inbound-cidrs")).unwrap_or_default();
    if let Some(invalid) = cidrs.iter().find(|cidr| !is_cidr(cidr)) {
        let error = if by_params {
            let error = BuildError::new("invalid CIDR in IngressClassParams InboundCIDR ");
            error.quoting(invalid).saying(": ")
        } else {
            let key = builder.members[member].ingress.key();
            BuildError::new(format!("invalid inbound-cidrs settings on Ingress: {key}: "))
                .of_annotation("inbound-cidrs")
        };
        return Err(error.saying("invalid CIDR address: ").quoting(invalid));
    }
    Ok(cidrs.into_iter().collect())
}

/// What Go's `net.ParseCIDR` takes.
pub(crate) fn is_cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let most = if address.is_ipv4() { 32 } else { 128 };
    !length.is_empty()
        && length.bytes().all(|byte| byte.is_ascii_digit())
        && length.parse::<u32>().is_ok_and(|length| length <= most)
}

/// The certificates whose names cover the hosts of an Ingress, and whether there may be others
/// that are not known here.
fn discover(builder: &Builder<'_>, member: usize) -> Result<(Vec<String>, bool), BuildError> {
    let spec = &builder.members[member].ingress.spec;
    let hosts: BTreeSet<&str> = spec
        .rules
        .iter()
        .map(|rule| rule.host.as_str())
        .filter(|host| !host.is_empty())
        .chain(spec.tls.iter().flat_map(|tls| tls.hosts.iter().map(String::as_str)))
        .collect();
    let Some(known) = &builder.objects.certificates else {
        return Ok((Vec::new(), !hosts.is_empty()));
    };
    let mut found = BTreeSet::new();
    for host in hosts {
        let before = found.len();
        let mut any = false;
        for certificate in known {
            if certificate.domains.iter().any(|domain| covers(domain, host)) {
                any = true;
                found.insert(certificate.arn.clone());
            }
        }
        if !any && found.len() == before {
            return Err(BuildError::new(format!("no certificate found for host: {host}")));
        }
    }
    Ok((found.into_iter().collect(), false))
}

/// A `*.` replaces exactly one label; letters are compared with case.
fn covers(domain: &str, host: &str) -> bool {
    match domain.strip_prefix("*.") {
        None => domain == host,
        Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest == parent),
    }
}

fn merge(builder: &Builder<'_>, configs: Vec<PortConfig>) -> Result<MergedPort, BuildError> {
    let key = |config: &PortConfig| builder.members[config.member].ingress.key();
    let mut ssl_policy: Option<(&PortConfig, &String)> = None;
    let mut inbound: Option<&PortConfig> = None;
    let mut prefix_lists: Option<&PortConfig> = None;
    let mut mutual_auth: Option<&PortConfig> = None;
    for config in &configs {
        let first = &configs[0];
        if first.protocol != config.protocol {
            return Err(BuildError::new(format!(
                "conflicting protocol, {}: {} | {}: {}",
                key(first),
                first.protocol,
                key(config),
                config.protocol
            )));
        }
        if !config.inbound.is_empty() {
            let existing = *inbound.get_or_insert(config);
            if existing.inbound != config.inbound {
                return Err(BuildError::new(format!(
                    "conflicting inbound-cidrs, {}: {} | {}: {}",
                    key(existing),
                    by_family(&existing.inbound),
                    key(config),
                    by_family(&config.inbound)
                ))
                .of_annotation("inbound-cidrs"));
            }
        }
        if !config.prefix_lists.is_empty() {
            let existing = *prefix_lists.get_or_insert(config);
            if existing.prefix_lists != config.prefix_lists {
                let words = format!("conflicting inbound-prefix-lists, {}: ", key(existing));
                let error = BuildError::new(words)
                    .quoting(&as_list(existing.prefix_lists.iter()))
                    .saying(format!(" | {}: ", key(config)))
                    .quoting(&as_list(config.prefix_lists.iter()));
                return Err(error.of_annotation("security-group-prefix-lists"));
            }
        }
        if let Some(policy) = &config.ssl_policy {
            let (provider, existing) = *ssl_policy.get_or_insert((config, policy));
            if existing != policy {
                let error = BuildError::new(format!("conflicting sslPolicy, {}: ", key(provider)))
                    .quoting(existing)
                    .saying(format!(" | {}: ", key(config)))
                    .quoting(policy);
                return Err(error.of_annotation("ssl-policy"));
            }
        }
        if config.mutual_auth.is_some() {
            let existing = *mutual_auth.get_or_insert(config);
            if existing.mutual_auth != config.mutual_auth {
                return Err(BuildError::new(format!(
                    "conflicting mTLS Attributes, {} | {}",
                    key(existing),
                    key(config)
                )));
            }
        }
    }
    let protocol = configs.first().map_or(Protocol::Http, |config| config.protocol);
    Ok(MergedPort {
        protocol,
        random: configs.iter().any(|config| config.random),
        certificates: merged_certificates(&configs),
        certificates_to_discover: configs.iter().any(|config| config.certificates_to_discover),
        ssl_policy: match ssl_policy {
            Some((_, policy)) => Some(policy.clone()),
            None => (protocol == Protocol::Https).then(|| SSL_POLICY.to_owned()),
        },
        members: configs.iter().map(|config| config.member).collect(),
    })
}

/// The listener's default, which is the first certificate of any member, and all others once.
fn merged_certificates(configs: &[PortConfig]) -> Vec<String> {
    let default_member = configs.iter().position(|config| !config.certificates.is_empty());
    let mut certificates: Vec<String> = default_member
        .and_then(|index| configs[index].certificates.first().cloned())
        .into_iter()
        .collect();
    let mut seen = BTreeSet::new();
    for (index, config) in configs.iter().enumerate() {
        for (position, certificate) in config.certificates.iter().enumerate() {
            let is_default = Some(index) == default_member && position == 0;
            if !is_default && seen.insert(certificate.clone()) {
                certificates.push(certificate.clone());
            }
        }
    }
    certificates
}

fn as_list<'a>(items: impl Iterator<Item = &'a String>) -> String {
    format!("[{}]", items.cloned().collect::<Vec<_>>().join(" "))
}

fn by_family(cidrs: &BTreeSet<String>) -> String {
    let v4 = as_list(cidrs.iter().filter(|cidr| !cidr.contains(':')));
    let v6 = as_list(cidrs.iter().filter(|cidr| cidr.contains(':')));
    format!("{v4}, {v6}")
}

/// Builds one listener with its rules.
///
/// # Errors
/// The controller's reason.
pub(crate) fn build(
    builder: &Builder<'_>,
    port: i32,
    merged: &MergedPort,
) -> Result<Listener, BuildError> {
    let (default_actions, default_origin) = default_actions(builder, merged)?;
    builder.tags(&merged.members)?;
    let attributes = attributes(builder, port, merged)?;
    let redirected = builder.ssl_redirect.is_some() && merged.protocol == Protocol::Http;
    let rules = if redirected {
        Vec::new()
    } else {
        rules::rules(builder, port, merged.protocol, &merged.members)?
    };
    Ok(Listener {
        port,
        protocol: merged.protocol,
        random: merged.random,
        certificates: merged.certificates.clone(),
        certificates_to_discover: merged.certificates_to_discover,
        ssl_policy: merged.ssl_policy.clone(),
        attributes,
        default_actions,
        default_origin,
        members: merged.members.clone(),
        rules,
    })
}

fn default_actions(
    builder: &Builder<'_>,
    merged: &MergedPort,
) -> Result<(Vec<Action>, Option<Origin>), BuildError> {
    if let Some(port) = builder.ssl_redirect.filter(|_| merged.protocol == Protocol::Http) {
        let redirect = Action::Redirect(RedirectConfig {
            port: Some(port.to_string()),
            protocol: Some("HTTPS".to_owned()),
            status_code: "HTTP_301".to_owned(),
            ..RedirectConfig::default()
        });
        return Ok((vec![redirect], None));
    }
    let mut with_default = merged.members.iter().filter_map(|&member| {
        let backend = builder.members[member].ingress.spec.default_backend.as_ref()?;
        Some((member, backend))
    });
    let Some((member, reference)) = with_default.next() else {
        let not_found = Action::FixedResponse {
            content_type: Some("text/plain".to_owned()),
            message_body: None,
            status_code: "404".to_owned(),
        };
        return Ok((vec![not_found], None));
    };
    let others: Vec<String> =
        with_default.map(|(other, _)| builder.members[other].ingress.key()).collect();
    let ingress = builder.members[member].ingress;
    if !others.is_empty() {
        return Err(BuildError::new(format!(
            "multiple ingress defined default backend: [{} {}]",
            ingress.key(),
            others.join(" ")
        )));
    }
    let built = backend::build(ingress, reference, builder.objects, builder.options)?;
    let actions = rules::actions(builder, merged.protocol, member, &built)?;
    Ok((actions, Some(rules::origin(member, None, reference))))
}

fn attributes(
    builder: &Builder<'_>,
    port: i32,
    merged: &MergedPort,
) -> Result<BTreeMap<String, String>, BuildError> {
    let protocol = merged.protocol.to_string();
    let of_class: BTreeMap<String, String> = merged
        .members
        .first()
        .and_then(|&member| builder.params(member))
        .and_then(|params| {
            params
                .listeners
                .iter()
                .find(|listener| listener.protocol == protocol && listener.port == port)
        })
        .into_iter()
        .flat_map(|listener| &listener.listener_attributes)
        .map(|attribute| (attribute.key.clone(), attribute.value.clone()))
        .collect();
    let mut attributes: BTreeMap<String, String> = BTreeMap::new();
    for &member in &merged.members {
        let suffix = format!("listener-attributes.{protocol}-{port}");
        let ingress = builder.members[member].ingress;
        for (name, value) in builder.annotations(member).map(&suffix)?.unwrap_or_default() {
            if let Some(existing) = attributes.get(&name)
                && *existing != value
                && !of_class.contains_key(&name)
            {
                let words = "conflicting listener attributes ";
                let error = conflicting_values(words, &name, existing, &value);
                return Err(error.saying(format!(" for ingress {}", ingress.key())));
            }
            attributes.insert(name, value);
        }
    }
    attributes.extend(of_class);
    Ok(attributes)
}
