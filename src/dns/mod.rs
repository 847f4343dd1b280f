//! The DNS records in front of `KServe`: which names there are, where they lead, and how
//! external-dns and AWS Controllers for Kubernetes are told.

mod elb_name;

pub use elb_name::{ElbName, ElbNameError};
