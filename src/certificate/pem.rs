//! The names and dates of a certificate in PEM.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// What a certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PemCertificate {
    /// The DNS names among its subject alternative names, as they are written.
    pub(super) names: Vec<String>,
    /// When it starts to be valid, in UTC.
    pub(super) not_before: String,
    /// When it ends to be valid, in UTC.
    pub(super) not_after: String,
}

/// Why a text gives no certificate. No part of the text is told: it may be a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum PemError {
    #[error(
        "the text holds a private key, which no configuration should; give the certificate alone, and replace the key"
    )]
    PrivateKey,
    #[error("the text has no -----BEGIN CERTIFICATE----- block; give the certificate in PEM")]
    NoBlock,
    #[error(
        "the first CERTIFICATE block has no -----END CERTIFICATE----- line; give the whole block"
    )]
    NoEnd,
    #[error("the first CERTIFICATE block is no Base64; give it as the file has it")]
    Base64,
    #[error("the first CERTIFICATE block is no X.509 certificate: {0}")]
    Certificate(String),
    #[error(
        "the certificate has no DNS name among its subject alternative names, and no client takes the common name; have it issued with them"
    )]
    NoNames,
}

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Reads the first certificate of a text, which in a chain is the server's own.
pub(super) fn read(text: &str) -> Result<PemCertificate, PemError> {
    if text.contains("PRIVATE KEY-----") {
        return Err(PemError::PrivateKey);
    }
    let (_, block) = text.split_once(BEGIN).ok_or(PemError::NoBlock)?;
    let (block, _) = block.split_once(END).ok_or(PemError::NoEnd)?;
    let letters: String = block.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let der = STANDARD.decode(letters).map_err(|_| PemError::Base64)?;
    let refused = |error: x509_cert::der::Error| PemError::Certificate(error.to_string());
    let certificate = Certificate::from_der(&der).map_err(refused)?;
    let body = certificate.tbs_certificate();
    let validity = body.validity();
    let alternative = body.get_extension::<SubjectAltName>().map_err(refused)?;
    let names: Vec<String> = alternative
        .into_iter()
        .flat_map(|(_, names)| names.0)
        .filter_map(|name| match name {
            GeneralName::DnsName(name) => Some(name.as_str().to_owned()),
            _ => None,
        })
        .collect();
    if names.is_empty() {
        return Err(PemError::NoNames);
    }
    Ok(PemCertificate {
        names,
        not_before: validity.not_before.to_date_time().to_string(),
        not_after: validity.not_after.to_date_time().to_string(),
    })
}
