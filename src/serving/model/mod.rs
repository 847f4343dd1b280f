//! The serving model of a package: its objects read for `KServe`'s model, and what the model has to
//! say put into words.

mod asked;
mod diags;
mod namespaces;
mod public_host;
mod read;

pub use asked::{contradicting_domain, left_out_namespaces, misspelt_hosts};
pub use diags::Findings;
pub(crate) use diags::NotServed;
pub(crate) use namespaces::misspelt_namespaces;
pub use public_host::{PublicHost, hosts_to_come, of_namespace, public_hosts};
pub use read::{add_item, serving_items};
