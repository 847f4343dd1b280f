//! What is known of a real certificate.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::diags::{NotIssued, Unreadable, Validity};
use super::{describe, pem};
use crate::finding::Finding;
use crate::values::arn::{CertificateArn, Region};
use crate::values::dns_name::WildcardName;

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
    /// Where it is stated: a field of the configuration.
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
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Reads what is stated; `field` is where. Dates are reported and not judged, for a function has no clock.
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
    fn report(&mut self, key: &str, finding: impl Into<Finding>) {
        self.findings.push(finding.into().field(format!("{}.{key}", self.field)));
    }

    fn arn(&mut self, text: &str, key: &str) {
        match text.parse::<CertificateArn>() {
            Ok(arn) => match self.arn.clone() {
                Some(known) if known != arn => {
                    self.report(key, Unreadable::OtherArn { arn, known });
                }
                _ => self.arn = Some(arn),
            },
            Err(error) => self.report(key, Unreadable::Arn(error)),
        }
    }

    /// Certificates are not case-sensitive; what is read is.
    fn domain(&mut self, text: &str, key: &str) {
        match text.to_ascii_lowercase().parse() {
            Ok(name) => self.names.get_or_insert_default().push(name),
            Err(error) => self.report(key, Unreadable::Name(error)),
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
                let (from, to) = (&certificate.not_before, &certificate.not_after);
                self.report("pem", Validity { from, to });
            }
            Err(error) => self.report("pem", Unreadable::Text(error.to_string())),
        }
    }

    fn describe(&mut self, value: &Value) {
        let described = match describe::read(value) {
            Ok(described) => described,
            Err(message) => return self.report("describe", Unreadable::Text(message)),
        };
        self.real_names(described.names());
        if let Some(arn) = &described.certificate_arn {
            self.arn(arn, "describe");
        }
        if let (Some(from), Some(to)) = (&described.not_before, &described.not_after) {
            let (from, to) = (describe::date(from), describe::date(to));
            self.report("describe", Validity { from: &from, to: &to });
        }
        if let Some(status) = described.status.filter(|status| status != "ISSUED") {
            let is_final = DEAD.contains(&status.as_str());
            self.report("describe", NotIssued { status: &status, is_final });
        }
    }
}
