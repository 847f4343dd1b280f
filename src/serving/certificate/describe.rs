//! What `aws acm describe-certificate` prints.

use serde_json::Value;

/// The fields of `CertificateDetail` that matter here.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Described {
    pub(super) certificate_arn: Option<String>,
    pub(super) domain_name: Option<String>,
    pub(super) subject_alternative_names: Vec<String>,
    pub(super) status: Option<String>,
    /// A date, or seconds since 1970: the two versions of the command differ.
    pub(super) not_before: Option<Value>,
    pub(super) not_after: Option<Value>,
}

/// Reads the JSON, as a text or as it is in the configuration; with or without the
/// `Certificate` around the fields.
pub(super) fn read(given: &Value) -> Result<Described, String> {
    let parsed;
    let value = match given {
        Value::String(text) => {
            parsed = serde_json::from_str::<Value>(text).map_err(|error| {
                format!(
                    "describe is not valid JSON at line {}, column {}; set it to the output of aws acm describe-certificate",
                    error.line(),
                    error.column()
                )
            })?;
            &parsed
        }
        other => other,
    };
    let fields = value.get("Certificate").unwrap_or(value);
    let names = fields.get("SubjectAlternativeNames").filter(|names| !names.is_null());
    let names = match names {
        None => Vec::new(),
        Some(names) => names
            .as_array()
            .and_then(|names| names.iter().map(|name| Some(name.as_str()?.to_owned())).collect())
            .ok_or_else(|| wrong("SubjectAlternativeNames", "list of strings"))?,
    };
    let date = |key| fields.get(key).filter(|date| !date.is_null()).cloned();
    let described = Described {
        certificate_arn: text(fields, "CertificateArn")?,
        domain_name: text(fields, "DomainName")?,
        subject_alternative_names: names,
        status: text(fields, "Status")?,
        not_before: date("NotBefore"),
        not_after: date("NotAfter"),
    };
    if described.domain_name.is_none() && described.subject_alternative_names.is_empty() {
        return Err(
            "describe has neither DomainName nor SubjectAlternativeNames; set it to the output of aws acm describe-certificate"
                .to_owned(),
        );
    }
    Ok(described)
}

fn text(fields: &Value, key: &str) -> Result<Option<String>, String> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(wrong(key, "string")),
    }
}

fn wrong(key: &str, expected: &str) -> String {
    format!(
        "{key} in describe is not a {expected}; set describe to the output of aws acm describe-certificate"
    )
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
