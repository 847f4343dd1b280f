//! The DNS records in front of `KServe`: which names there are, where they lead, and how
//! external-dns and AWS Controllers for Kubernetes are told.

mod canonical_zone;
mod claims;
mod elb_name;
mod hostname_annotations;
mod record_set;
mod records;

pub(crate) use claims::ingress_lead;
pub use claims::{Claim, Claims, Lead};
pub use elb_name::{ElbName, ElbNameError};
pub use hostname_annotations::{AnnotationPrefixes, HostnameAnnotations};
pub use record_set::{Answer, HostedZone, RecordKind, RecordSets, dns_endpoint};
pub use records::{Record, records_for};
