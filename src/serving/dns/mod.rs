//! The DNS records in front of `KServe`: which names there are, where they lead, and how
//! external-dns and AWS Controllers for Kubernetes are told.

mod canonical_zone;
mod claims;
mod hostname_annotations;
mod marks;
mod record_set;
mod records;

pub(crate) use claims::{Claim, Claims};
pub(crate) use hostname_annotations::{AnnotationPrefixes, HostnameAnnotations};
pub(crate) use record_set::{HostedZone, RecordKind, RecordSets, dns_endpoint};
pub use records::{Record, records_for};
