//! What the API server and the controller's webhook refuse.
//!
//! Sources: `pkg/apis/networking/validation/validation.go` of Kubernetes 1.36,
//! `webhooks/networking/ingress_validator.go` of the controller, v3.5. What cannot be decoded at
//! all (an annotation that is a number or a list) is for the reader of the manifests to refuse.

mod names;
mod webhook;

use std::fmt;

use self::names::{host_name, is_ip, label, port_name};
pub(crate) use self::names::{qualified_name, subdomain};
pub use self::webhook::webhook;
use super::annotations::{self, go_quote};
use super::objects::{BackendRef, HttpPath, Ingress};

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
