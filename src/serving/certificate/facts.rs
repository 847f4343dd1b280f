//! What is known of a real certificate.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{describe, pem};
use crate::finding::{Code, Finding};
use crate::values::arn::{CertificateArn, Region};
use crate::values::dns_name::WildcardName;
use krm_package::text::excerpt::Excerpt;

/// What a configuration says of a certificate, kept as it was written.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct CertificateFacts {
    /// Its ARN, which says the region and nothing of its names.
    #[schemars(
        with = "Option<CertificateArn>",
        example = &"arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    )]
    pub arn: Option<String>,
    /// Its names.
    #[schemars(example = &["*.staging.platform.example.com"])]
    pub domains: Vec<String>,
    /// The certificate in PEM; of a chain, the first is read. Never a key.
    pub pem: Option<String>,
    /// What `aws acm describe-certificate` prints, as text or as it is.
    pub describe: Option<Value>,
}

/// A certificate, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCertificate {
    /// What a message calls it.
    pub label: String,
    /// Where it is told: a field of the configuration.
    pub field: String,
    /// Its names; `None` where only its ARN is known.
    pub names: Option<Vec<WildcardName>>,
    /// Its ARN, where it is known.
    pub arn: Option<CertificateArn>,
    /// Its region, where its ARN or its object says it.
    pub region: Option<Region>,
}

/// The states of a certificate that a listener can't serve (`CertificateStatus` of ACM).
const DEAD: [&str; 5] = ["INACTIVE", "EXPIRED", "VALIDATION_TIMED_OUT", "REVOKED", "FAILED"];

impl CertificateFacts {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Reads what is said; `field` is where. Dates are told and not judged, for there is no clock.
    pub fn read(&self, field: &str, findings: &mut Vec<Finding>) -> KnownCertificate {
        let mut reading = Reading { field, findings, names: None, arn: None };
        if let Some(text) = &self.arn {
            reading.arn(text, "arn");
        }
        for (place, text) in self.domains.iter().enumerate() {
            reading.domain(text, &format!("domains[{place}]"));
        }
        if let Some(text) = &self.pem {
            reading.pem(text);
        }
        if let Some(value) = &self.describe {
            reading.describe(value);
        }
        let Reading { names, arn, .. } = reading;
        KnownCertificate {
            label: arn.as_ref().map_or_else(|| field.to_owned(), ToString::to_string),
            field: field.to_owned(),
            names,
            region: arn.as_ref().and_then(CertificateArn::region).cloned(),
            arn,
        }
    }
}

struct Reading<'a> {
    field: &'a str,
    findings: &'a mut Vec<Finding>,
    names: Option<Vec<WildcardName>>,
    arn: Option<CertificateArn>,
}

impl Reading<'_> {
    fn error(&mut self, code: Code, key: &str, message: impl ToString) {
        let finding = Finding::error(code, message.to_string());
        self.findings.push(finding.field(format!("{}.{key}", self.field)));
    }

    fn arn(&mut self, text: &str, key: &str) {
        match text.parse::<CertificateArn>() {
            Ok(arn) => match &self.arn {
                Some(known) if *known != arn => {
                    let message = format!(
                        "{arn} is another certificate than {known}; describe one certificate at a time, and list several under certificates"
                    );
                    self.error(Code::CertificateUnreadable, key, message);
                }
                _ => self.arn = Some(arn),
            },
            Err(error) => self.error(Code::CertificateArnInvalid, key, error),
        }
    }

    /// Certificates are not case-sensitive; what is read is.
    fn domain(&mut self, text: &str, key: &str) {
        match text.to_ascii_lowercase().parse() {
            Ok(name) => self.names.get_or_insert_default().push(name),
            Err(error) => self.error(Code::CertificateNameInvalid, key, error),
        }
    }

    /// Names of other kinds (`_acme.example.com`, an address) cover no host of ours.
    fn real_names<'t>(&mut self, texts: impl Iterator<Item = &'t String>) {
        let names = texts.filter_map(|text| text.to_ascii_lowercase().parse().ok());
        self.names.get_or_insert_default().extend(names);
    }

    fn pem(&mut self, text: &str) {
        match pem::read(text) {
            Ok(certificate) => {
                self.real_names(certificate.names.iter());
                self.validity(&certificate.not_before, &certificate.not_after, "pem");
            }
            Err(error) => self.error(Code::CertificateUnreadable, "pem", error),
        }
    }

    fn describe(&mut self, value: &Value) {
        let described = match describe::read(value) {
            Ok(described) => described,
            Err(message) => {
                return self.error(Code::CertificateUnreadable, "describe", message);
            }
        };
        self.real_names(described.names());
        if let Some(arn) = &described.certificate_arn {
            self.arn(arn, "describe");
        }
        if let (Some(from), Some(to)) = (&described.not_before, &described.not_after) {
            self.validity(&describe::date(from), &describe::date(to), "describe");
        }
        let Some(status) = described.status.filter(|status| status != "ISSUED") else {
            return;
        };
        let shown = Excerpt::new(&status);
        if DEAD.contains(&status.as_str()) {
            let message = format!(
                "ACM says that the certificate is {shown}, and serves none that is; name an issued one"
            );
            self.error(Code::CertificateStatus, "describe", message);
        } else {
            let message = format!(
                "ACM says that the certificate is {shown}; a listener takes it once it is ISSUED"
            );
            let finding = Finding::warning(Code::CertificateStatus, message);
            self.findings.push(finding.field(format!("{}.describe", self.field)));
        }
    }

    fn validity(&mut self, from: &str, to: &str, key: &str) {
        let message = format!(
            "the certificate is valid from {from} to {to}; whether that is now is not judged here"
        );
        let finding = Finding::info(Code::CertificateValidity, message);
        self.findings.push(finding.field(format!("{}.{key}", self.field)));
    }
}
