//! The names of the certificate in front of `KServe`: which ones cover every host, whether a real
//! certificate has them, and how AWS Controllers for Kubernetes request one.
//!
//! A name of a certificate covers one host, or with `*.` in front every host of exactly one more
//! label; that is where it differs from a DNS wildcard, which reaches any number of labels.

mod ack;
mod coverage;
mod describe;
pub(crate) mod diags;
mod facts;
mod limits;
mod names;
mod pem;
mod quotas;

pub(crate) use ack::{AckCertificate, AckResource};
pub use coverage::KnownNames;
pub use facts::{CertificateFacts, CertificateName, KnownCertificate};
pub(crate) use limits::check;
pub use names::{CertificateGroup, CoveredName, Need, grouped, names_for};
pub(crate) use quotas::CERTIFICATES_QUOTA;
pub use quotas::MOST_NAMES;
