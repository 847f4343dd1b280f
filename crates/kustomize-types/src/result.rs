//! One thing that a function has to say about what it read.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::null::texts;

/// How much a result weighs. It is not what fails a run: only the function's exit code is, in
/// kustomize as in kpt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The function failed because of it.
    Error,
    /// To be looked at.
    Warning,
    /// To be known.
    Info,
}

impl Severity {
    /// `error`, `warning` or `info`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// An entry of `results` in a [`ResourceList`](crate::ResourceList), as the KRM Functions
/// Specification says. kpt shows it; kustomize shows none.
///
/// `Display` gives the line that kpt prints (`fn/framework/result.go` of kyaml): a missing
/// severity shows as `info`, though the specification says that it is `error`.
///
/// ```
/// use kustomize_types::result::{Field, FunctionResult, ResourceRef, Severity};
///
/// let result = FunctionResult {
///     severity: Some(Severity::Error),
///     resource_ref: Some(ResourceRef {
///         api_version: "networking.k8s.io/v1".into(),
///         kind: "Ingress".into(),
///         namespace: Some("istio-system".into()),
///         name: "istio-ingress".into(),
///     }),
///     field: Some(Field::at("spec.rules[0].host")),
///     ..FunctionResult::new("the rule has no host")
/// };
/// assert_eq!(
///     result.to_string(),
///     "[error] networking.k8s.io/v1/Ingress/istio-system/istio-ingress spec.rules[0].host: the rule has no host"
/// );
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionResult {
    /// What a person reads. Required.
    pub message: String,
    /// How much it weighs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// The resource that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_ref: Option<ResourceRef>,
    /// The field of the resource that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Field>,
    /// The file that holds the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<File>,
    /// Anything that a program may want to know, such as the id of a rule.
    #[serde(default, deserialize_with = "texts", skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl FunctionResult {
    /// A result that has a message only.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }
}

impl fmt::Display for FunctionResult {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "[{}]", self.severity.unwrap_or(Severity::Info))?;
        if let Some(resource) = &self.resource_ref {
            write!(out, " {resource}")?;
        }
        if let Some(field) = &self.field {
            write!(out, " {}", field.path)?;
        }
        write!(out, ": {}", self.message)
    }
}

/// A reference to a resource. The specification requires all but the namespace; a host also takes
/// less, so a missing part is read as empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceRef {
    /// Group and version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub api_version: String,
    /// The kind.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// The namespace, if the resource has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
}

impl fmt::Display for ResourceRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let namespace = self.namespace.as_deref().unwrap_or_default();
        let parts = [self.api_version.as_str(), &self.kind, namespace, &self.name];
        let mut separator = "";
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            write!(out, "{separator}{part}")?;
            separator = "/";
        }
        Ok(())
    }
}

/// A field of a resource, and what to write there instead.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// The path, such as `spec.template.spec.containers[3].resources.limits.cpu`.
    pub path: String,
    /// What is there, of any type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_value: Option<Value>,
    /// What should be there, of any type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed_value: Option<Value>,
}

impl Field {
    /// A field without its values.
    #[must_use]
    pub fn at(path: impl Into<String>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }
}

/// A file of the package, and where in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct File {
    /// The path from the package's root, with slashes.
    pub path: String,
    /// Which document of the file, from 0. kpt fails a step whose index is not a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_as_written() {
        let text = "message: wrong
severity: warning
resourceRef:
  apiVersion: v1
  kind: ConfigMap
  namespace: a
  name: b
field:
  path: data.x
  currentValue: 1
  proposedValue:
  - a
file:
  path: a/b.yaml
  index: 2
tags:
  code: some-rule
";
        let result: FunctionResult = serde_yaml::from_str(text).unwrap();
        assert_eq!(result.severity, Some(Severity::Warning));
        assert_eq!(serde_yaml::to_string(&result).unwrap(), text);
        assert_eq!(result.to_string(), "[warning] v1/ConfigMap/a/b data.x: wrong");
    }

    #[test]
    fn prints_what_there_is() {
        for (yaml, line) in [
            ("message: m", "[info]: m"),
            ("{message: m, severity: error, resourceRef: {kind: A, name: b}}", "[error] A/b: m"),
            ("{message: m, field: {path: x}}", "[info] x: m"),
        ] {
            let result: FunctionResult = serde_yaml::from_str(yaml).unwrap();
            assert_eq!(result.to_string(), line);
        }
    }

    #[test]
    fn refuses_what_kpt_fails_on() {
        for (yaml, part) in [
            ("severity: error", "missing field `message`"),
            ("{message: m, severity: fatal}", "unknown variant `fatal`"),
            ("{message: m, file: {path: a, index: first}}", "invalid type: string \"first\""),
            ("{message: m, field: {currentValue: 1}}", "missing field `path`"),
        ] {
            let error = serde_yaml::from_str::<FunctionResult>(yaml).unwrap_err().to_string();
            assert!(error.contains(part), "{yaml}: {error}");
        }
    }
}
