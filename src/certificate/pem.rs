//! The names and dates of a certificate in PEM.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use x509_cert::der::asn1::{AnyRef, ObjectIdentifier};
use x509_cert::der::{Decode, Error, Reader, SliceReader, Tag, Tagged};
use x509_cert::ext::Extension;
use x509_cert::time::Validity;

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
    let read = fields(&der).map_err(|error| PemError::Certificate(error.to_string()))?;
    if read.names.is_empty() {
        return Err(PemError::NoNames);
    }
    Ok(read)
}

const SUBJECT_ALTERNATIVE_NAMES: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
/// `[3]` of a `TBSCertificate`, `[2]` of a `GeneralName` (RFC 5280, 4.1 and 4.2.1.6).
const EXTENSIONS: u32 = 3;
const DNS_NAME: u32 = 2;

/// Reads the two fields that count here. The others are passed over: to read them as well is most of
/// what an X.509 reader is.
fn fields(der: &[u8]) -> Result<PemCertificate, Error> {
    let certificate = AnyRef::from_der(der)?;
    let body: AnyRef<'_> = inside(certificate)?.decode()?;
    let mut body = inside(body)?;
    let mut read =
        PemCertificate { names: Vec::new(), not_before: String::new(), not_after: String::new() };
    // Serial number, signature algorithm and issuer come first, and before them perhaps a version.
    let mut place = 0;
    while !body.is_finished() {
        let field: AnyRef<'_> = body.decode()?;
        match context(field.tag()) {
            Some(EXTENSIONS) => read.names = names(field.value())?,
            Some(_) => {}
            None => {
                place += 1;
                if place == 4 {
                    let validity: Validity = field.decode_as()?;
                    read.not_before = validity.not_before.to_date_time().to_string();
                    read.not_after = validity.not_after.to_date_time().to_string();
                }
            }
        }
    }
    if place < 4 {
        return Err(Error::incomplete(SliceReader::new(der)?.input_len()));
    }
    Ok(read)
}

fn names(extensions: &[u8]) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    let mut extensions = inside(AnyRef::from_der(extensions)?)?;
    while !extensions.is_finished() {
        let extension: Extension = extensions.decode()?;
        if extension.extn_id != SUBJECT_ALTERNATIVE_NAMES {
            continue;
        }
        let mut names = inside(AnyRef::from_der(extension.extn_value.as_bytes())?)?;
        while !names.is_finished() {
            let name: AnyRef<'_> = names.decode()?;
            if context(name.tag()) == Some(DNS_NAME) {
                found.push(String::from_utf8_lossy(name.value()).into_owned());
            }
        }
    }
    Ok(found)
}

/// What is in a sequence.
fn inside(sequence: AnyRef<'_>) -> Result<SliceReader<'_>, Error> {
    sequence.tag().assert_eq(Tag::Sequence)?;
    SliceReader::new(sequence.value())
}

fn context(tag: Tag) -> Option<u32> {
    tag.is_context_specific().then(|| tag.number().value())
}
