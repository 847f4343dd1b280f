//! What `aws acm describe-certificate` prints.

use serde::Deserialize;
use serde_json::Value;

use crate::k8s::empty_if_null;

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    certificate: Described,
}

/// The fields of `CertificateDetail` that matter here.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Described {
    pub(super) certificate_arn: Option<String>,
    pub(super) domain_name: Option<String>,
    #[serde(deserialize_with = "empty_if_null")]
    pub(super) subject_alternative_names: Vec<String>,
    pub(super) status: Option<String>,
    /// A date, or seconds since 1970: the two versions of the command differ.
    pub(super) not_before: Option<Value>,
    pub(super) not_after: Option<Value>,
}

/// Reads the JSON, as a text or as it stands in the configuration; with or without the
/// `Certificate` around the fields.
pub(super) fn read(given: &Value) -> Result<Described, String> {
    let parsed;
    let value = match given {
        Value::String(text) => {
            parsed = serde_json::from_str::<Value>(text).map_err(|error| {
                format!(
                    "describe is no JSON from line {}, column {}; give what aws acm describe-certificate prints",
                    error.line(),
                    error.column()
                )
            })?;
            &parsed
        }
        other => other,
    };
    let read = if value.get("Certificate").is_some() {
        Output::deserialize(value).map(|output| output.certificate)
    } else {
        Described::deserialize(value)
    };
    let described = read.map_err(|error| {
        format!("describe is not what aws acm describe-certificate prints: {error}")
    })?;
    if described.domain_name.is_none() && described.subject_alternative_names.is_empty() {
        return Err(
            "describe has neither DomainName nor SubjectAlternativeNames; give what aws acm describe-certificate prints"
                .to_owned(),
        );
    }
    Ok(described)
}

impl Described {
    /// Its names, the subject's first.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.domain_name.iter().chain(&self.subject_alternative_names)
    }
}

/// A date as it was printed.
pub(super) fn date(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => format!("{other} (seconds since 1970)"),
    }
}
