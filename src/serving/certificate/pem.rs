//! The names and dates of a certificate in PEM.

use x509_cert::Certificate;
use x509_cert::der::{DecodePem, Error, ErrorKind};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::time::Time;

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

/// Why a text gives no certificate. No part of the text is quoted: it may be a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum PemError {
    #[error("the text holds a private key; set the certificate alone, and replace the key")]
    PrivateKey,
    #[error("the text has no -----BEGIN CERTIFICATE----- block; set the certificate in PEM format")]
    NoBlock,
    #[error(
        "the first CERTIFICATE block has no -----END CERTIFICATE----- line; set the whole block"
    )]
    NoEnd,
    #[error("the first CERTIFICATE block cannot be read: {0}; copy it unchanged from the file")]
    Block(String),
    #[error("the first CERTIFICATE block is not an X.509 certificate: {0}")]
    Certificate(String),
    #[error(
        "the certificate has no DNS name among its subject alternative names, and clients ignore the common name; have it issued with DNS names"
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
    // An editor may have set the lines in.
    let lines: Vec<&str> = block.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let read = certificate(&format!("{BEGIN}\n{}\n{END}\n", lines.join("\n")))?;
    if read.names.is_empty() {
        return Err(PemError::NoNames);
    }
    Ok(read)
}

/// Reads a block, all of it: what is damaged anywhere is not a certificate.
fn certificate(block: &str) -> Result<PemCertificate, PemError> {
    let unreadable = |error: Error| match error.kind() {
        ErrorKind::Pem(error) => PemError::Block(error.to_string()),
        _ => PemError::Certificate(error.to_string()),
    };
    let certificate = Certificate::from_pem(block).map_err(unreadable)?;
    let body = certificate.tbs_certificate();
    let names = body.get_extension::<SubjectAltName>().map_err(unreadable)?;
    let names = names.into_iter().flat_map(|(_, names)| names.0);
    let date = |time: Time| time.to_date_time().to_string();
    Ok(PemCertificate {
        names: names
            .filter_map(|name| match name {
                GeneralName::DnsName(name) => Some(name.to_string()),
                _ => None,
            })
            .collect(),
        not_before: date(body.validity().not_before),
        not_after: date(body.validity().not_after),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The certificate of a fixture.
    fn pem() -> String {
        let config = include_str!("../../../fixtures/plan-certificate/pem/config.yaml");
        let lines = config.lines().skip_while(|line| !line.contains(BEGIN)).map(str::trim);
        lines.map(|line| format!("{line}\n")).collect()
    }

    #[test]
    fn the_first_block_is_read_as_files_and_editors_have_it() {
        let pem = pem();
        let read = read(&pem).unwrap();
        assert_eq!(read.names, ["*.platform.example.com", "*.staging.platform.example.com"]);
        assert_eq!(read.not_before, "2026-11-23T08:20:21Z");
        for text in [
            pem.replace('\n', "\r\n"),
            pem.replace('\n', "\n    "),
            pem.replacen('\n', "\n\n", 1),
            format!("Certificate:\n    Data:\n{pem}"),
            format!("{pem}{BEGIN}\nthe issuer's\n{END}\n"),
        ] {
            assert_eq!(super::read(&text), Ok(read.clone()), "{text}");
        }
    }

    /// Whichever byte of it changes, what is read is an error, or names and dates; and a length or a
    /// tag that is wrong anywhere is an error.
    #[test]
    fn damage_is_told() {
        let pem = pem();
        let places: Vec<usize> = pem
            .char_indices()
            .filter(|(place, c)| {
                c.is_ascii_alphanumeric()
                    && (BEGIN.len()..pem.len() - END.len() - 1).contains(place)
            })
            .map(|(place, _)| place)
            .collect();
        let mut refused = 0;
        for &place in &places {
            let mut damaged = pem.clone();
            let other = if &pem[place..=place] == "A" { "B" } else { "A" };
            damaged.replace_range(place..=place, other);
            refused += usize::from(super::read(&damaged).is_err());
        }
        assert!(refused > places.len() / 10, "{refused} of {}", places.len());
        let cut = format!("{}{END}\n", &pem[..pem.len() - END.len() - 30]);
        assert!(matches!(super::read(&cut), Err(PemError::Block(_) | PemError::Certificate(_))));
    }
}
