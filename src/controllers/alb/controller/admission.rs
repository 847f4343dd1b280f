//! What the API server and the controller's webhook refuse.
//!
//! Sources: `pkg/apis/networking/validation/validation.go` of Kubernetes 1.36,
//! `webhooks/networking/ingress_validator.go` of the controller, v3.5. What can't be decoded at
//! all (an annotation that is a number or a list) is for the reader of the manifests to refuse.

use std::collections::BTreeSet;
use std::fmt;

use super::annotations::{self, Annotations, go_quote};
use super::conditions::RuleCondition;
use super::error::BuildError;
use super::group::{self, Unmanaged};
use super::objects::{BackendRef, HttpPath, Ingress, Objects};
use crate::controllers::alb::{Options, Version};
use crate::go::json::GoSlice;

/// Why the API server refuses an object, in its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.field, self.reason)
    }
}

impl FieldError {
    /// Whether it is that the class is given twice, differently.
    #[must_use]
    pub(crate) fn is_of_class_annotation(&self) -> bool {
        self.field == class_field()
    }
}

fn class_field() -> String {
    format!("annotations.{}", annotations::CLASS)
}

/// What kube-apiserver refuses when an Ingress is created, field by field.
#[must_use]
pub fn api_server(ingress: &Ingress) -> Vec<FieldError> {
    let mut refusals = Refusals(Vec::new());
    let meta = &ingress.metadata;
    if meta.name.is_empty() {
        refusals.required("metadata.name", "name or generateName is required");
    } else {
        refusals.each("metadata.name", &meta.name, subdomain(&meta.name));
    }
    let mut size = 0_usize;
    for (key, value) in &meta.annotations {
        size += key.len() + value.len();
        refusals.each("metadata.annotations", key, qualified_name(&key.to_ascii_lowercase()));
    }
    if size > 256 * 1024 {
        refusals.add("metadata.annotations", "Too long: may not be more than 262144 bytes".into());
    }
    spec(ingress, &mut refusals);
    if let (Some(class), Some(name)) =
        (meta.annotations.get(annotations::CLASS), &ingress.spec.ingress_class_name)
        && class != name
    {
        refusals.invalid(
            &class_field(),
            class,
            "must match `ingressClassName` when both are specified",
        );
    }
    refusals.0
}

struct Refusals(Vec<FieldError>);

impl Refusals {
    fn add(&mut self, field: &str, reason: String) {
        self.0.push(FieldError { field: field.to_owned(), reason });
    }
    fn invalid(&mut self, field: &str, value: &str, words: &str) {
        self.add(field, format!("Invalid value: {}: {words}", go_quote(value)));
    }
    fn each(&mut self, field: &str, value: &str, words: Vec<String>) {
        for words in words {
            self.invalid(field, value, &words);
        }
    }
    fn required(&mut self, field: &str, words: &str) {
        let words = if words.is_empty() { String::new() } else { format!(": {words}") };
        self.add(field, format!("Required value{words}"));
    }
}

fn spec(ingress: &Ingress, refusals: &mut Refusals) {
    let spec = &ingress.spec;
    if spec.rules.is_empty() && spec.default_backend.is_none() {
        let words = "Invalid value: null: either `defaultBackend` or `rules` must be specified";
        refusals.add("spec", words.to_owned());
    }
    if let Some(backend) = &spec.default_backend {
        check_backend(backend, "spec.defaultBackend", refusals);
    }
    for (index, rule) in spec.rules.iter().enumerate() {
        let field = format!("spec.rules[{index}]");
        if !rule.host.is_empty() {
            let host = format!("{field}.host");
            if is_ip(&rule.host) {
                refusals.invalid(&host, &rule.host, "must be a DNS name, not an IP address");
            }
            refusals.each(&host, &rule.host, host_name(&rule.host));
        }
        let Some(http) = &rule.http else { continue };
        if http.paths.is_empty() {
            refusals.required(&format!("{field}.http.paths"), "");
        }
        for (index, path) in http.paths.iter().enumerate() {
            check_path(path, &format!("{field}.http.paths[{index}]"), refusals);
        }
    }
    for (index, tls) in spec.tls.iter().enumerate() {
        for (number, host) in tls.hosts.iter().enumerate() {
            refusals.each(&format!("spec.tls[{index}].hosts[{number}]"), host, host_name(host));
        }
        if !tls.secret_name.is_empty() {
            let field = format!("spec.tls[{index}].secretName");
            refusals.each(&field, &tls.secret_name, subdomain(&tls.secret_name));
        }
    }
    if let Some(name) = &spec.ingress_class_name {
        refusals.each("spec.ingressClassName", name, subdomain(name));
    }
}

fn check_path(path: &HttpPath, field: &str, refusals: &mut Refusals) {
    let Some(kind) = &path.path_type else {
        return refusals.required(&format!("{field}.pathType"), "pathType must be specified");
    };
    let at = format!("{field}.path");
    let text = path.path.as_str();
    match kind.as_str() {
        "Exact" | "Prefix" => {
            if !text.starts_with('/') {
                refusals.invalid(&at, text, "must be an absolute path");
            }
            for sequence in ["//", "/./", "/../", "%2f", "%2F"] {
                if text.contains(sequence) {
                    refusals.invalid(&at, text, &format!("must not contain '{sequence}'"));
                }
            }
            for suffix in ["/..", "/."] {
                if text.ends_with(suffix) {
                    refusals.invalid(&at, text, &format!("cannot end with '{suffix}'"));
                }
            }
        }
        "ImplementationSpecific" => {
            if !text.is_empty() && !text.starts_with('/') {
                refusals.invalid(&at, text, "must be an absolute path");
            }
        }
        other => refusals.add(
            &format!("{field}.pathType"),
            format!(
                "Unsupported value: {}: supported values: \"Exact\", \
                 \"ImplementationSpecific\", \"Prefix\"",
                go_quote(other)
            ),
        ),
    }
    check_backend(&path.backend, &format!("{field}.backend"), refusals);
}

fn check_backend(backend: &BackendRef, field: &str, refusals: &mut Refusals) {
    match (&backend.service, &backend.resource) {
        (Some(_), Some(_)) => {
            refusals.invalid(field, "", "cannot set both resource and service backends");
        }
        (None, None) => refusals.invalid(field, "", "resource or service backend is required"),
        (None, Some(resource)) => {
            if let Some(group) = &resource.api_group {
                refusals.each(&format!("{field}.resource.apiGroup"), group, subdomain(group));
            }
            if resource.kind.is_empty() {
                refusals.required(&format!("{field}.resource.kind"), "");
            }
            if resource.name.is_empty() {
                refusals.required(&format!("{field}.resource.name"), "");
            }
        }
        (Some(service), None) => {
            let name = format!("{field}.service.name");
            if service.name.is_empty() {
                refusals.required(&name, "");
            } else {
                refusals.each(&name, &service.name, label(&service.name));
            }
            let port = &service.port;
            match (port.name.is_empty(), port.number) {
                (true, 0) => refusals.required(field, "port name or number is required"),
                (false, 0) => {
                    let at = format!("{field}.service.port.name");
                    refusals.each(&at, &port.name, port_name(&port.name));
                }
                (true, 1..=65535) => {}
                (true, number) => refusals.add(
                    &format!("{field}.service.port.number"),
                    format!("Invalid value: {number}: must be between 1 and 65535, inclusive"),
                ),
                (false, _) => {
                    refusals.invalid(field, "", "cannot set both port name & port number");
                }
            }
        }
    }
}

fn host_name(host: &str) -> Vec<String> {
    if host.contains('*') { wildcard(host) } else { subdomain(host) }
}

fn is_ip(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let v4 = parts.len() == 4
        && parts.iter().all(|part| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_digit())
                && part.parse::<u32>().is_ok_and(|number| number < 256)
        });
    v4 || text.parse::<std::net::Ipv6Addr>().is_ok()
}

const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN: &str = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const SUBDOMAIN_WORDS: &str = "a lowercase RFC 1123 subdomain must consist of lower case \
                               alphanumeric characters, '-' or '.', and must start and end with \
                               an alphanumeric character";

fn is_label(text: &str) -> bool {
    let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.first().is_some_and(alphanumeric)
        && bytes.last().is_some_and(alphanumeric)
        && bytes.iter().all(|byte| alphanumeric(byte) || *byte == b'-')
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

fn too_long(text: &str, most: usize) -> Option<String> {
    (text.len() > most).then(|| format!("must be no more than {most} characters"))
}

/// What is wrong with a DNS subdomain, in the API server's words.
pub(crate) fn subdomain(text: &str) -> Vec<String> {
    let mut words: Vec<String> = too_long(text, 253).into_iter().collect();
    if !is_subdomain(text) {
        words.push(format!(
            "{SUBDOMAIN_WORDS} (e.g. 'example.com', regex used for validation is '{SUBDOMAIN}')"
        ));
    }
    words
}

fn wildcard(text: &str) -> Vec<String> {
    let mut words: Vec<String> = too_long(text, 253).into_iter().collect();
    if !text.strip_prefix("*.").is_some_and(is_subdomain) {
        words.push(format!(
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS \
             subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and \
             end with an alphanumeric character (e.g. '*.example.com', regex used for validation \
             is '\\*\\.{SUBDOMAIN}')"
        ));
    }
    words
}

fn label(text: &str) -> Vec<String> {
    let mut words: Vec<String> = too_long(text, 63).into_iter().collect();
    if !is_label(text) {
        words.push(if is_subdomain(text) {
            "must not contain dots".to_owned()
        } else {
            format!(
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or \
                 '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or \
                 '123-abc', regex used for validation is '{LABEL}')"
            )
        });
    }
    words
}

fn port_name(text: &str) -> Vec<String> {
    let mut words: Vec<String> = too_long(text, 15).into_iter().collect();
    if !text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    {
        words.push(
            "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".to_owned(),
        );
    }
    if !text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        words.push("must contain at least one letter (a-z)".to_owned());
    }
    if text.contains("--") {
        words.push("must not contain consecutive hyphens".to_owned());
    }
    if text.starts_with('-') || text.ends_with('-') {
        words.push("must not begin or end with a hyphen".to_owned());
    }
    words
}

/// What is wrong with an annotation's key, in the API server's words.
pub(crate) fn qualified_name(key: &str) -> Vec<String> {
    const WORDS: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start \
                         and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  \
                         or '123-abc', regex used for validation is \
                         '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    let parts: Vec<&str> = key.split('/').collect();
    let mut words = Vec::new();
    let name = match parts.as_slice() {
        [name] => *name,
        [prefix, name] => {
            if prefix.is_empty() {
                words.push("prefix part must be non-empty".to_owned());
            } else {
                words.extend(
                    subdomain(prefix).into_iter().map(|words| format!("prefix part {words}")),
                );
            }
            *name
        }
        _ => {
            return vec![format!(
                "a valid label key {WORDS} with an optional DNS subdomain prefix and '/' (e.g. \
                 'example.com/MyName')"
            )];
        }
    };
    if name.is_empty() {
        words.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        words.push("name part must be no more than 63 bytes".to_owned());
    }
    let bytes = name.as_bytes();
    let fits = bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if !fits {
        words.push(format!("name part {WORDS}"));
    }
    words
}

/// What the controller's webhook refuses when an Ingress is created. Version 2.4.7 has a webhook
/// that looks at the class alone.
///
/// # Errors
/// The webhook's words.
pub fn webhook(ingress: &Ingress, objects: &Objects, options: &Options) -> Result<(), BuildError> {
    match group::managed_class(ingress, objects, options) {
        Err(Unmanaged::OtherClass | Unmanaged::InvalidGroup(_)) => return Ok(()),
        Err(reason @ (Unmanaged::AbsentClass(_) | Unmanaged::InvalidClass(_))) => {
            return Err(BuildError::new(reason.to_string()));
        }
        Ok(_) => {}
    }
    if options.version == Version::V2_4_7 {
        return Ok(());
    }
    let annotations = Annotations::of(&ingress.metadata.annotations);
    let paths = ingress.spec.rules.iter().filter_map(|rule| rule.http.as_ref());
    let mut read: BTreeSet<&str> = BTreeSet::new();
    for path in paths.flat_map(|http| &http.paths) {
        let Some(service) = &path.backend.service else {
            return Err(BuildError::new(
                "panic: runtime error: invalid memory address or nil pointer dereference",
            ));
        };
        if !read.insert(&service.name) {
            continue;
        }
        let mut conditions: GoSlice<RuleCondition> = GoSlice::default();
        annotations.json(&format!("conditions.{}", service.name), &mut conditions)?;
        if let Some(words) = conditions.iter().find_map(|condition| condition.validate().err()) {
            return Err(BuildError::new(format!(
                "ignoring Ingress {} since invalid {}/conditions.{} annotation: {words}",
                ingress.key(),
                annotations::PREFIX,
                service.name
            )));
        }
    }
    Ok(())
}
