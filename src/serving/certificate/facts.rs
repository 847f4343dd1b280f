//! What is known of a real certificate.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::diags::{NotIssued, Unreadable, Validity};
use super::{describe, pem};
use crate::finding::{Code, Finding};
use crate::runtime::{Checked, Reading};
use crate::values::arn::{CertificateArn, Region};
use crate::values::dns_name::WildcardName;

/// The settings of a certificate in a configuration, kept as they were written.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct CertificateFacts {
    /// Its ARN, which says the region and nothing of its names.
    #[schemars(
        example = &"arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    )]
    pub arn: Option<Checked<CertificateArn>>,
    /// Its names.
    #[schemars(with = "Vec<String>", example = &["*.staging.platform.example.com"])]
    pub domains: Vec<Checked<CertificateName>>,
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
        let mut reading = Reading::of(field);
        let mut known = Known {
            arn: reading.field(Code::CertificateArnInvalid, "arn", self.arn.as_ref()),
            names: None,
        };
        let domains = reading.list(Code::CertificateNameInvalid, "domains", &self.domains);
        if !domains.is_empty() {
            known.names = Some(domains.into_iter().map(|CertificateName(name)| name).collect());
        }
        if let Some(text) = &self.pem {
            known.add_pem(text, &mut reading);
        }
        if let Some(value) = &self.describe {
            known.add_description(value, &mut reading);
        }
        findings.extend(reading.findings);
        let Known { names, arn } = known;
        KnownCertificate {
            label: arn.as_ref().map_or_else(|| field.to_owned(), ToString::to_string),
            field: field.to_owned(),
            names,
            region: arn.as_ref().and_then(CertificateArn::region).cloned(),
            arn,
        }
    }
}

/// A name of a certificate. Certificates are not case-sensitive; what is read is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateName(WildcardName);

impl fmt::Display for CertificateName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl FromStr for CertificateName {
    type Err = <WildcardName as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.to_ascii_lowercase().parse().map(Self)
    }
}

/// What is known so far.
struct Known {
    names: Option<Vec<WildcardName>>,
    arn: Option<CertificateArn>,
}

impl Known {
    /// Names of other kinds (`_acme.example.com`, an address) cover no host of ours.
    fn add_names<'t>(&mut self, texts: impl Iterator<Item = &'t String>) {
        let names = texts.filter_map(|text| text.parse::<CertificateName>().ok());
        self.names.get_or_insert_default().extend(names.map(|CertificateName(name)| name));
    }

    fn add_pem(&mut self, text: &str, reading: &mut Reading<Code>) {
        match pem::read(text) {
            Ok(certificate) => {
                self.add_names(certificate.names.iter());
                let (from, to) = (&certificate.not_before, &certificate.not_after);
                reading.report("pem", Validity { from, to });
            }
            Err(error) => reading.report("pem", Unreadable::Text(error.to_string())),
        }
    }

    fn add_description(&mut self, value: &Value, reading: &mut Reading<Code>) {
        let field = "describe";
        let described = match describe::read(value) {
            Ok(described) => described,
            Err(message) => return reading.report(field, Unreadable::Text(message)),
        };
        self.add_names(described.names());
        if let Some(text) = &described.certificate_arn {
            self.add_arn(text, field, reading);
        }
        if let (Some(from), Some(to)) = (&described.not_before, &described.not_after) {
            let (from, to) = (describe::date(from), describe::date(to));
            reading.report(field, Validity { from: &from, to: &to });
        }
        if let Some(status) = described.status.filter(|status| status != "ISSUED") {
            let is_final = DEAD.contains(&status.as_str());
            reading.report(field, NotIssued { status: &status, is_final });
        }
    }

    fn add_arn(&mut self, text: &str, field: &str, reading: &mut Reading<Code>) {
        let arn = Checked::of(text);
        let arn = reading.field(Code::CertificateArnInvalid, field, Some(&arn));
        match (arn, &self.arn) {
            (Some(arn), Some(known)) if arn != *known => {
                reading.report(field, Unreadable::OtherArn { arn: &arn, known });
            }
            (Some(arn), _) => self.arn = Some(arn),
            (None, _) => {}
        }
    }
}
